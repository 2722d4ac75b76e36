package osago

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"poligon/internal/partner"
)

// lifecycle is, by status, what can be fired and what a status becomes by it: written by hand from contract facts A15.
var lifecycle = map[OfferStatus]string{
	Created:           "sent PRE_CALC_SENT, timed_out CLOSED_TIMEOUT, failed OFFER_ERROR",
	PreCalcSent:       "calculating PRE_CALC_IN_PROGRESS, timed_out CLOSED_TIMEOUT, failed OFFER_ERROR",
	PreCalcInProgress: "calculated PRE_CALC_READY, rejected REJECTED, timed_out CLOSED_TIMEOUT, failed OFFER_ERROR",
	PreCalcReady:      "confirmed APPROVED, rejected REJECTED, timed_out CLOSED_TIMEOUT, failed OFFER_ERROR",
	Approved:          "payment_ready PAYMENT_READY, payment_link_failed PAYMENT_LINK_FAILED, timed_out CLOSED_TIMEOUT, failed OFFER_ERROR",
	Rejected:          "timed_out CLOSED_TIMEOUT, failed OFFER_ERROR",
	PaymentReady:      "paid PAYMENT_COMPLETED, payment_cancelled PAYMENT_CANCELLED, timed_out CLOSED_TIMEOUT, failed OFFER_ERROR",
	PaymentLinkFailed: "payment_ready PAYMENT_READY, timed_out CLOSED_TIMEOUT, failed OFFER_ERROR",
	PaymentCompleted:  "issued CLOSED_PAID, failed OFFER_ERROR",
	PaymentCancelled:  "payment_ready PAYMENT_READY, timed_out CLOSED_TIMEOUT, failed OFFER_ERROR",
	ClosedPaid:        "",
	ClosedOtherOffer:  "",
	ClosedTimeout:     "",
	OfferError:        "",
}

// TestEventsFromEachStatus fires every event at an offer in every status.
func TestEventsFromEachStatus(t *testing.T) {
	t.Parallel()
	for _, status := range offerStatuses {
		from := OfferStatus(status)
		want, ok := lifecycle[from]
		if !ok {
			t.Fatalf("%s is not in the test's table", from)
		}
		var got []string
		for _, name := range eventNames() {
			c := calculationOf(t, "[\""+status+"\"]")
			chosen, err := c.choose(partner.Act{Fire: name, Part: c.offerID(0)})
			if no := new(partner.NotAllowed); errors.As(err, &no) {
				if no.What != "event "+name || no.Why != "offer "+c.offerID(0)+" is "+status || !slices.Equal(no.Allowed, waits(from)) {
					t.Errorf("%s at %s: %v", name, status, no)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			c.acts = []act{chosen}
			c.settle()
			got = append(got, name+" "+string(c.offers[0].status))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %s, want %s", from, strings.Join(got, ", "), want)
		}
	}
}

// calculationOf is a calculation at its start, whose offers a, b … have these steps.
func calculationOf(t *testing.T, steps ...string) *calculation {
	t.Helper()
	text := head + "  offers:\n"
	for i, s := range steps {
		text += "    " + string(rune('a'+i)) + ": {insurer: И, steps: " + s + "}\n"
	}
	c := &calculation{text: "123e4567-e89b-12d3-a456-426614174000", story: readOne(t, text), started: start0}
	c.settle()
	return c
}

// TestStoriesKeepTheLifecycle walks every embedded story from its beginning to its end, but those that break it on purpose.
func TestStoriesKeepTheLifecycle(t *testing.T) {
	t.Parallel()
	s := newTable(t)
	for _, played := range s.library.All() {
		for _, one := range s.library.Script(played, Name).(*script).stories {
			if !misbehaves(one) {
				keepsLifecycle(t, played.Name, one)
			}
		}
	}
	for _, status := range calculationStatuses {
		if _, ok := calculationFollows[CalculationStatus(status)]; !ok {
			t.Errorf("what follows %s is not said", status)
		}
	}
}

// keepsLifecycle walks a story without a client and without anything fired.
func keepsLifecycle(t *testing.T, name string, one *story) {
	t.Helper()
	c := &calculation{story: one, started: start0}
	for _, turn := range c.follow(forever).turns {
		if turn.offer == whole {
			if !slices.Contains(calculationFollows[CalculationStatus(turn.from)], CalculationStatus(turn.to)) {
				t.Errorf("%s: after %s the calculation is %s and %s does not follow", name, turn.at, turn.from, turn.to)
			}
		} else if !follows(OfferStatus(turn.from), OfferStatus(turn.to)) {
			t.Errorf("%s: after %s offer %s is %s and %s does not follow", name, turn.at, one.offers[turn.offer].key, turn.from, turn.to)
		}
	}
}

// TestStepsAfterActs: once something was fired at an offer, its steps count only where the lifecycle lets them follow.
func TestStepsAfterActs(t *testing.T) {
	t.Parallel()
	const pay = "[PAYMENT_READY, {at: 30s, status: CLOSED_TIMEOUT}]"
	fire := func(at time.Duration, offer int, word string) act { return act{at: at, offer: offer, word: word} }
	force := func(at time.Duration, offer int, word string) act {
		return act{at: at, offer: offer, word: word, force: true}
	}
	tests := map[string]struct {
		steps []string
		acts  []act
		at    time.Duration
		want  string
	}{
		"paid does not time out":              {[]string{pay}, []act{fire(10, 0, "paid")}, time.Minute, "PAID: PAYMENT_COMPLETED"},
		"cancelled does":                      {[]string{pay}, []act{fire(10, 0, "payment_cancelled")}, time.Minute, "NO_CALCULATION_AVAILABLE: CLOSED_TIMEOUT"},
		"one paid closes the others":          {[]string{pay, pay, "[REJECTED]", "[CREATED, {at: 1s, status: PRE_CALC_SENT}]"}, []act{fire(10, 1, "paid")}, time.Minute, "PAID: CLOSED_OTHER_OFFER PAYMENT_COMPLETED REJECTED CLOSED_OTHER_OFFER"},
		"another keeps its steps":             {[]string{pay, pay}, []act{fire(10, 1, "payment_cancelled")}, time.Minute, "NO_CALCULATION_AVAILABLE: CLOSED_TIMEOUT CLOSED_TIMEOUT"},
		"the step at the instant comes first": {[]string{"[CREATED, {at: 10s, status: PRE_CALC_SENT}]"}, []act{fire(10*time.Second, 0, "calculating")}, 10 * time.Second, "PARTNER_CALCULATION_IN_PROGRESS: PRE_CALC_IN_PROGRESS"},
		"a step that does not follow":         {[]string{"[CREATED, {at: 5s, status: PRE_CALC_IN_PROGRESS}, {at: 6s, status: PRE_CALC_READY}]"}, []act{force(1, 0, "CREATED")}, time.Minute, "DRAFT: CREATED"},
		"steps at one instant follow in turn": {[]string{"[CREATED, {at: 5s, status: APPROVED}, {after: 0s, status: PAYMENT_READY}]"}, []act{force(1, 0, "PRE_CALC_READY")}, time.Minute, "CALCULATION_READY: PAYMENT_READY"},
		"before an act":                       {[]string{pay}, []act{fire(10*time.Second, 0, "paid")}, 10*time.Second - 1, "CALCULATION_READY: PAYMENT_READY"},
		"all at once":                         {[]string{pay, "[PAYMENT_COMPLETED]", "[CREATED]"}, []act{fire(10, whole, "timed_out")}, 10, "PAID: CLOSED_TIMEOUT PAYMENT_COMPLETED CLOSED_TIMEOUT"},
		"a forced whole stays":                {[]string{pay}, []act{force(10, whole, "CALCULATION_ERROR"), fire(20, 0, "paid")}, time.Minute, "CALCULATION_ERROR: PAYMENT_COMPLETED"},
		"until it is forced anew":             {[]string{pay}, []act{force(10, whole, "CALCULATION_ERROR"), force(20, whole, "DRAFT")}, time.Minute, "DRAFT: CLOSED_TIMEOUT"},
		"a forced offer goes on":              {[]string{pay}, []act{fire(10, 0, "paid"), force(20, 0, "APPROVED")}, time.Minute, "NO_CALCULATION_AVAILABLE: CLOSED_TIMEOUT"},
	}
	for name, tt := range tests {
		c := calculationOf(t, tt.steps...)
		c.acts, c.offset = tt.acts, tt.at
		c.settle()
		if got := stands(c); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// stands is where a settled calculation stands.
func stands(c *calculation) string {
	text := string(c.whole) + ":"
	for _, s := range c.statuses() {
		text += " " + string(s)
	}
	return text
}

// TestStatedUntilFired: a stated status counts until something is fired, whatever is forced on an offer.
func TestStatedUntilFired(t *testing.T) {
	t.Parallel()
	c := calculationOf(t, "[CREATED]")
	c.story = readOne(t, head+"  calculation: [PAID, {at: 5s, status: CLOSED}]\n  offers:\n    a: {insurer: И, steps: [CREATED]}\n")
	for _, tt := range []struct {
		acts []act
		want string
	}{
		{nil, "CLOSED: CREATED"},
		{[]act{{offer: 0, word: "APPROVED", force: true}}, "CLOSED: APPROVED"},
		{[]act{{offer: 0, word: "sent"}}, "PARTNER_CALCULATION_IN_PROGRESS: PRE_CALC_SENT"},
		{[]act{{offer: whole, word: "DRAFT", force: true}, {offer: 0, word: "sent"}}, "DRAFT: PRE_CALC_SENT"},
	} {
		c.acts, c.life, c.offset = tt.acts, nil, time.Minute
		c.settle()
		if got := stands(c); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.acts, got, tt.want)
		}
	}
}

// TestWhatFollowsACalculation fires whatever can be fired at three offers, in every order: no calculation leaves the table, and
// no row of it is there for nothing but for CALCULATION_ERROR, which only a story states.
func TestWhatFollowsACalculation(t *testing.T) {
	t.Parallel()
	type three [3]OfferStatus
	begun := three{Created, Created, Created}
	seen, open, changes := map[three]bool{begun: true}, []three{begun}, map[[2]CalculationStatus]bool{}
	for len(open) > 0 {
		now := open[0]
		open = open[1:]
		for i := range now {
			for _, e := range events {
				if e.name == "" || !e.takes(now[i]) {
					continue
				}
				then := now
				for k := range then {
					if k != i && e.to == PaymentCompleted && follows(now[k], ClosedOtherOffer) {
						then[k] = ClosedOtherOffer
					}
				}
				then[i] = e.to
				from, to := derive(count(now[:])), derive(count(then[:]))
				changes[[2]CalculationStatus{from, to}] = changes[[2]CalculationStatus{from, to}] || from != to
				if !seen[then] {
					seen[then], open = true, append(open, then)
				}
				if from != to && !slices.Contains(calculationFollows[from], to) {
					t.Errorf("%s follows %s: %v, %v", to, from, now, then)
				}
			}
		}
	}
	for from, list := range calculationFollows {
		for _, to := range list {
			if to != CalculationError && !changes[[2]CalculationStatus{from, to}] {
				t.Errorf("nothing brings a calculation from %s to %s", from, to)
			}
		}
	}
}

// misbehaves says whether a story has a step that is marked so.
func misbehaves(s *story) bool {
	marked := func(t *track) bool {
		return t != nil && slices.ContainsFunc(t.items, func(it item) bool { return it.misbehaves })
	}
	return marked(s.stated) || slices.ContainsFunc(s.offers, func(o offer) bool { return marked(o.track) })
}

// The table of docs/scenarios.md is the lifecycle.
func TestLifecycleInDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "### The lifecycle\n")
	table, _, _ = strings.Cut(table, "\n### ")
	word, way := regexp.MustCompile("`([A-Z_]+)`"), regexp.MustCompile("`([A-Z_]+)` \\(`([a-z_]+)`\\)")
	told := map[string]bool{}
	for _, line := range strings.Split(table, "\n") {
		cells := strings.Split(line, " | ")
		if len(cells) != 2 || !strings.HasPrefix(line, "| `") {
			continue
		}
		for _, from := range word.FindAllStringSubmatch(cells[0], -1) {
			told[from[1]] = true
			for _, to := range way.FindAllStringSubmatch(cells[1], -1) {
				told[from[1]+" "+to[2]+" "+to[1]] = true
			}
		}
	}
	anywhere := func(e event) bool { return e.name == "timed_out" || e.name == "failed" || e.name == "" }
	for _, e := range events {
		for _, from := range e.from {
			says := fmt.Sprint(from, " ", e.name, " ", e.to)
			if (!anywhere(e) || from == PaymentCompleted) != told[says] {
				t.Errorf("%s: in the docs %v", says, told[says])
			}
			delete(told, says)
			if e.name == "" && from == Rejected {
				t.Errorf("%s can close for another offer, against the text below the table", from)
			}
		}
	}
	for _, s := range offerStatuses {
		if !told[s] && s != string(Rejected) {
			t.Errorf("%s has no row", s)
		}
		delete(told, s)
	}
	if len(told) > 0 {
		t.Errorf("not so: %v", told)
	}
}
