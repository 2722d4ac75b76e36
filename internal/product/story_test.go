package product_test

import (
	"strings"
	"testing"
	"time"
)

// stories are what a client sees of each embedded scenario: since when, the calculation's status, the offers' statuses in
// their order. They are written by hand from the scenario files and from the rule of contract facts A15.
var stories = map[string]string{
	"insurer-happy-path": `
		0s    DRAFT                            CREATED
		1s    PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_SENT
		2s    PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS
		5s    CALCULATION_READY                PRE_CALC_READY
		7s    CALCULATION_READY                APPROVED
		10s   CALCULATION_READY                PAYMENT_READY
		90s   PAID                             PAYMENT_COMPLETED
		120s  CLOSED                           CLOSED_PAID`,
	"aggregator-three-offers": `
		0s    DRAFT                            CREATED               CREATED               CREATED
		1s    PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_SENT         PRE_CALC_SENT         CREATED
		2s    PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS  PRE_CALC_SENT         PRE_CALC_SENT
		3s    PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS  PRE_CALC_IN_PROGRESS  PRE_CALC_SENT
		4s    PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_READY        PRE_CALC_IN_PROGRESS  PRE_CALC_IN_PROGRESS
		6s    PARTNER_CALCULATION_IN_PROGRESS  APPROVED              PRE_CALC_READY        PRE_CALC_IN_PROGRESS
		7s    PARTNER_CALCULATION_IN_PROGRESS  APPROVED              APPROVED              PRE_CALC_IN_PROGRESS
		8s    PARTNER_CALCULATION_IN_PROGRESS  PAYMENT_READY         APPROVED              PRE_CALC_IN_PROGRESS
		9s    CALCULATION_READY                PAYMENT_READY         APPROVED              PRE_CALC_READY
		10s   CALCULATION_READY                PAYMENT_READY         PAYMENT_READY         PRE_CALC_READY
		12s   CALCULATION_READY                PAYMENT_READY         PAYMENT_READY         APPROVED
		15s   CALCULATION_READY                PAYMENT_READY         PAYMENT_READY         PAYMENT_READY
		90s   PAID                             CLOSED_OTHER_OFFER    PAYMENT_COMPLETED     CLOSED_OTHER_OFFER
		120s  CLOSED                           CLOSED_OTHER_OFFER    CLOSED_PAID           CLOSED_OTHER_OFFER`,
	"all-rejected": `
		0s   DRAFT                            CREATED               CREATED               CREATED
		1s   PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_SENT         PRE_CALC_SENT         CREATED
		2s   PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS  PRE_CALC_SENT         PRE_CALC_SENT
		3s   PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS  PRE_CALC_IN_PROGRESS  PRE_CALC_SENT
		4s   PARTNER_CALCULATION_IN_PROGRESS  REJECTED              PRE_CALC_IN_PROGRESS  PRE_CALC_IN_PROGRESS
		7s   PARTNER_CALCULATION_IN_PROGRESS  REJECTED              REJECTED              PRE_CALC_IN_PROGRESS
		12s  NO_CALCULATION_AVAILABLE         REJECTED              REJECTED              REJECTED`,
	"calculation-error": `
		0s  DRAFT                            CREATED
		1s  PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_SENT
		2s  PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS
		5s  CALCULATION_ERROR                OFFER_ERROR`,
	"payment-link-failed": `
		0s  DRAFT                            CREATED
		1s  PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_SENT
		2s  PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS
		4s  CALCULATION_READY                PRE_CALC_READY
		6s  CALCULATION_READY                APPROVED
		9s  CALCULATION_READY                PAYMENT_LINK_FAILED`,
	"payment-cancelled-then-paid": `
		0s    DRAFT                            CREATED
		1s    PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_SENT
		2s    PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS
		4s    CALCULATION_READY                PRE_CALC_READY
		6s    CALCULATION_READY                APPROVED
		8s    CALCULATION_READY                PAYMENT_READY
		60s   CALCULATION_READY                PAYMENT_CANCELLED
		90s   CALCULATION_READY                PAYMENT_READY
		120s  PAID                             PAYMENT_COMPLETED
		150s  CLOSED                           CLOSED_PAID`,
	"closed-by-timeout": `
		0s    DRAFT                            CREATED               CREATED
		1s    PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_SENT         PRE_CALC_SENT
		2s    PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS  PRE_CALC_SENT
		3s    PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS  PRE_CALC_IN_PROGRESS
		4s    PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_READY        PRE_CALC_IN_PROGRESS
		5s    CALCULATION_READY                PRE_CALC_READY        PRE_CALC_READY
		6s    CALCULATION_READY                APPROVED              PRE_CALC_READY
		7s    CALCULATION_READY                APPROVED              APPROVED
		8s    CALCULATION_READY                PAYMENT_READY         APPROVED
		9s    CALCULATION_READY                PAYMENT_READY         PAYMENT_READY
		120s  CALCULATION_READY                CLOSED_TIMEOUT        PAYMENT_READY
		180s  NO_CALCULATION_AVAILABLE         CLOSED_TIMEOUT        CLOSED_TIMEOUT`,
	"slow-partner": `
		0s    DRAFT                            CREATED
		5s    PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_SENT
		20s   PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS
		170s  CALCULATION_READY                PRE_CALC_READY
		175s  CALCULATION_READY                APPROVED
		178s  CALCULATION_READY                PAYMENT_READY`,
	"busy-partner": `
		0s   DRAFT                            CREATED
		1s   PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_SENT
		2s   PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS
		5s   CALCULATION_READY                PRE_CALC_READY
		7s   CALCULATION_READY                APPROVED
		10s  CALCULATION_READY                PAYMENT_READY`,
	"default":              defaultStory,
	"clean-import":         defaultStory, // those without a section of their own
	"mixed-import":         defaultStory,
	"wrong-departure-time": defaultStory,
}

const defaultStory = `
		0s     DRAFT                            CREATED               CREATED               CREATED
		1s     PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_SENT         PRE_CALC_SENT         CREATED
		2s     PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS  PRE_CALC_SENT         PRE_CALC_SENT
		3s     PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_IN_PROGRESS  PRE_CALC_IN_PROGRESS  PRE_CALC_IN_PROGRESS
		4s     PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_READY        PRE_CALC_IN_PROGRESS  PRE_CALC_IN_PROGRESS
		5s     PARTNER_CALCULATION_IN_PROGRESS  PRE_CALC_READY        PRE_CALC_READY        PRE_CALC_IN_PROGRESS
		6s     CALCULATION_READY                PRE_CALC_READY        PRE_CALC_READY        PRE_CALC_READY
		7s     CALCULATION_READY                APPROVED              APPROVED              PRE_CALC_READY
		8s     CALCULATION_READY                APPROVED              APPROVED              APPROVED
		9s     CALCULATION_READY                PAYMENT_READY         APPROVED              APPROVED
		10s    CALCULATION_READY                PAYMENT_READY         PAYMENT_READY         APPROVED
		11s    CALCULATION_READY                PAYMENT_READY         PAYMENT_READY         PAYMENT_READY
		1800s  NO_CALCULATION_AVAILABLE         CLOSED_TIMEOUT        CLOSED_TIMEOUT        CLOSED_TIMEOUT`

// chapter is what a client sees from an offset on: the statuses, the calculation's first.
type chapter struct {
	at       time.Duration
	statuses string
}

func chapters(t *testing.T, story string) (list []chapter) {
	t.Helper()
	for line := range strings.Lines(strings.TrimSpace(story)) {
		fields := strings.Fields(line)
		at, err := time.ParseDuration(fields[0])
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, chapter{at, strings.Join(fields[1:], " ")})
	}
	return list
}
