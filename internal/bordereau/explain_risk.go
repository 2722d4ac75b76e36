package bordereau

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"poligon/internal/journal"
	"poligon/internal/partner"
	"poligon/internal/sim"
)

// RiskExplanation is what is known of one risk: what the session keeps of it, and every request that the journal has of it.
type RiskExplanation struct {
	PartnerCode  string        `json:"partner_code"`
	PolicyNumber string        `json:"policy_number"`
	FlightNumber string        `json:"flight_number"` // empty when it cannot be told
	Kept         *KeptRisk     `json:"kept"`          // null when it was never imported
	Attempts     []RiskAttempt `json:"attempts"`      // in the order of the exchanges
}

// KeptRisk is an imported risk.
type KeptRisk struct {
	UUID   string      `json:"uuid"`
	Events []RiskEvent `json:"events"` // the import, then the updates
	Payout *FlightPaid `json:"payout"` // what it pays; null when nothing became of its flight yet
}

// RiskEvent is one import or update of a risk.
type RiskEvent struct {
	Event string    `json:"event"` // imported, updated
	At    time.Time `json:"at"`    // simulated, UTC
	By    uint64    `json:"by"`    // the number of the exchange
}

// Outcomes of an attempt.
const (
	Accepted       = "accepted"
	Refused        = "refused"         // the risk was
	RequestRefused = "request_refused" // the request as a whole was, and its risks were not looked at
	Unknown        = "unknown"         // Note says why
)

// RiskAttempt is one risk of one request.
type RiskAttempt struct {
	Exchange uint64      `json:"exchange"`           // its number
	At       time.Time   `json:"at"`                 // simulated, UTC
	Scenario string      `json:"scenario,omitempty"` // that the risk played
	Position int         `json:"position"`           // in the request, from 1; 0 when it cannot be told
	Outcome  string      `json:"outcome"`
	UUID     string      `json:"uuid,omitempty"`
	Errors   []RiskError `json:"errors"` // as answered
	Note     string      `json:"note,omitempty"`
}

// RiskError is one error of an answer with all that is behind it.
type RiskError struct {
	Code    string       `json:"code"`
	Message string       `json:"message"`
	Reasons []RiskReason `json:"reasons"`
}

// RiskReason is one thing that gives a risk an error: a rule or a limit of the contract, a scenario, or both.
type RiskReason struct {
	Why        string      `json:"why"`                  // in English
	Rule       string      `json:"rule,omitempty"`       // of the contract, by its key: travel-start; empty for the limits of a field by itself
	Source     string      `json:"source,omitempty"`     // the document behind it: seed 001
	Confidence string      `json:"confidence,omitempty"` // documented, sample, inferred
	Scenario   string      `json:"scenario,omitempty"`   // whose plan or schedule it is
	Place      string      `json:"place,omitempty"`      // in the scenario's file: bordereau.records[2]
	Values     []RiskValue `json:"values,omitempty"`     // that broke it
}

// RiskValue is what a field held.
type RiskValue struct {
	Field string `json:"field"`
	Value string `json:"value"` // the JSON text, shortened when it is long; *** when it is personal; empty when the field was absent
}

// ExplainRisks says what became of the risks of a policy and, when flight is not empty, of that flight alone: what the session
// keeps of them, and what each of the exchanges, imports of the session's journal in its order, did to them and why. Fields
// that are personal are masked; nil for none.
func (a *API) ExplainRisks(ctx context.Context, run *partner.Run, policy, flight string, exchanges []journal.Exchange,
	personal func(field string) bool) ([]RiskExplanation, error) {
	x := &riskExplainer{book: a.book, run: run, policy: policy, flight: flight, personal: personal, found: map[string]*RiskExplanation{}}
	x.kept(ctx)
	for i := range exchanges {
		if e := &exchanges[i]; !e.Act && e.Operation == operation {
			x.exchange(e)
		}
	}
	list := make([]RiskExplanation, 0, len(x.found))
	for _, one := range x.found {
		list = append(list, *one)
	}
	slices.SortFunc(list, func(p, q RiskExplanation) int {
		return cmp.Or(strings.Compare(p.PartnerCode, q.PartnerCode), strings.Compare(p.FlightNumber, q.FlightNumber), p.began().Compare(q.began()))
	})
	return list, cmp.Or(x.failed, ctx.Err())
}

// began is when the risk was first met.
func (e *RiskExplanation) began() time.Time {
	if e.Kept != nil {
		return e.Kept.Events[0].At
	}
	return e.Attempts[0].At
}

// riskExplainer gathers what is known of the risks of a policy.
type riskExplainer struct {
	book           *rulebook
	run            *partner.Run
	policy, flight string
	personal       func(field string) bool
	failed         error                       // what keeps it from being told
	found          map[string]*RiskExplanation // by the risk's identity
}

// of is the explanation of the risk of an identity.
func (x *riskExplainer) of(id, code, flight string) *RiskExplanation {
	e := x.found[id]
	if e == nil {
		e = &RiskExplanation{PartnerCode: code, PolicyNumber: x.policy, FlightNumber: flight, Attempts: []RiskAttempt{}}
		x.found[id] = e
	}
	return e
}

// kept finds the imported risks of the policy.
func (x *riskExplainer) kept(ctx context.Context) {
	for s, events := range x.run.Log.All(ctx) {
		if s.API != Name || isFlight(s) || len(events) == 0 || !x.has(events) {
			continue
		}
		r := readEvent(events[len(events)-1])
		e := x.of(s.ID, partnerOf(s.ID), r.at(flightNumber).plain())
		e.Kept = &KeptRisk{UUID: newID(x.run.Dice, s.ID).String()}
		if e.Kept.Payout, x.failed = paidFor(ctx, x.run, r); x.failed != nil {
			return
		}
		for _, event := range events {
			e.Kept.Events = append(e.Kept.Events, RiskEvent{event.Name, event.At, event.By})
		}
	}
}

// has says whether a risk is of the policy and flight, or once was. Most are passed over without being read.
func (x *riskExplainer) has(events []sim.Event) bool {
	for _, e := range slices.Backward(events) {
		if !bytes.Contains(e.Data, []byte(x.policy)) && bytes.IndexByte(e.Data, '\\') < 0 {
			continue
		}
		if x.wants(readEvent(e)) {
			return true
		}
	}
	return false
}

// wants says whether a risk is of the policy and flight. A number is taken as its digits, for that is one of the mistakes that
// are looked for.
func (x *riskExplainer) wants(r *risk) bool {
	return r.at(policyNumber).plain() == x.policy && (x.flight == "" || r.at(flightNumber).plain() == x.flight)
}

// readEvent is the risk that an event keeps.
func readEvent(e sim.Event) *risk {
	r := &risk{}
	in := reader{e.Data, jsontext.NewDecoder(bytes.NewBuffer(e.Data), jsontext.AllowDuplicateNames(true))}
	_ = in.risk(r) // what was kept was read once
	return r
}

// partnerOf is the partner's code in a risk's identity.
func partnerOf(id string) string {
	size, n := binary.Uvarint([]byte(id[:min(len(id), binary.MaxVarintLen64)]))
	if n <= 0 || size > uint64(len(id)-n) {
		return ""
	}
	return id[n : n+int(size)]
}
