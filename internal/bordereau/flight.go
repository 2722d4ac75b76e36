package bordereau

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"poligon/internal/partner"
	"poligon/internal/payout"
	"poligon/internal/sim"
)

// FlightEvent is what became of a flight: it departed, or was cancelled, so many hours after its schedule. The last event of a
// flight counts.
type FlightEvent struct {
	FlightNumber string          `json:"flight_number"`
	Date         string          `json:"date,omitempty"` // the local date of the departure, 2018-04-09; empty for any
	DelayHours   decimal.Decimal `json:"delay_hours"`
	Cancelled    bool            `json:"cancelled"`
}

// RiskPayout is what an imported risk pays.
type RiskPayout struct {
	PartnerCode  string     `json:"partner_code"`
	PolicyNumber string     `json:"policy_number"`
	FlightNumber string     `json:"flight_number"`
	UUID         string     `json:"uuid"`
	Payout       FlightPaid `json:"payout"`
}

// FlightPaid is what a policy pays for what became of its flight.
type FlightPaid struct {
	Currency   string          `json:"currency"`
	Departure  time.Time       `json:"departure"` // as scheduled: the one that the risk states
	DelayHours decimal.Decimal `json:"delay_hours"`
	Cancelled  bool            `json:"cancelled"`
	payout.Payout
	Note string `json:"note,omitempty"`
}

// FlightPayouts are what the risks of a flight pay.
type FlightPayouts struct {
	FlightNumber string       `json:"flight_number"`
	Risks        []RiskPayout `json:"risks"` // in the order of partner, policy and id
}

// happened is the event of a flight's log. Its data is a FlightEvent as JSON.
const happened = "happened"

// flightMark begins the id of a flight's log. A risk's begins with the length of a partner's code, which is never 0.
const flightMark = "\x00"

func flightSubject(number string) sim.Subject { return sim.Subject{API: Name, ID: flightMark + number} }

// isFlight says whether a log is a flight's.
func isFlight(s sim.Subject) bool { return len(s.ID) > 0 && s.ID[:1] == flightMark }

// Happen has something become of a flight, and says what its imported risks pay then. Risks that are imported later count too.
func (a *API) Happen(ctx context.Context, run *partner.Run, e FlightEvent) (FlightPayouts, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return FlightPayouts{}, err
	}
	run.Note.Subjects = []string{e.FlightNumber}
	if err := run.Session.Enter(run); err != nil {
		return FlightPayouts{}, err
	}
	defer run.Session.Leave(run)
	rule := func(m sim.Moment) (struct{}, []sim.Event) {
		return struct{}{}, []sim.Event{{At: m.Now, By: m.Number, Name: happened, Data: data}}
	}
	if _, err := sim.Decide(ctx, run.Log, flightSubject(e.FlightNumber), run.Moment(), rule); err != nil {
		return FlightPayouts{}, err
	}
	return payouts(ctx, run, e)
}

// payouts are what the risks pay that an event concerns.
func payouts(ctx context.Context, run *partner.Run, e FlightEvent) (FlightPayouts, error) {
	list := FlightPayouts{FlightNumber: e.FlightNumber, Risks: []RiskPayout{}}
	for s, events := range run.Log.All(ctx) {
		if s.API != Name || isFlight(s) || len(events) == 0 {
			continue
		}
		r := readEvent(events[len(events)-1])
		if departs, _ := r.departs(); !e.concerns(r, departs) {
			continue
		}
		list.Risks = append(list.Risks, RiskPayout{PartnerCode: partnerOf(s.ID), PolicyNumber: r.at(policyNumber).plain(),
			FlightNumber: e.FlightNumber, UUID: newID(run.Dice, s.ID).String(), Payout: r.paid(e)})
	}
	slices.SortFunc(list.Risks, func(p, q RiskPayout) int {
		return slices.Compare([]string{p.PartnerCode, p.PolicyNumber, p.UUID}, []string{q.PartnerCode, q.PolicyNumber, q.UUID})
	})
	return list, ctx.Err()
}

// concerns says whether the event is one of the flight of a risk.
func (e FlightEvent) concerns(r *risk, departs time.Time) bool {
	return r.at(flightNumber).plain() == e.FlightNumber && (e.Date == "" || departs.Format(time.DateOnly) == e.Date)
}

// departs is the departure that a risk states.
func (r *risk) departs() (time.Time, error) {
	return parseDate(datedLayout, r.at(departureDate).text())
}

// paidFor is what a risk pays for what became of its flight so far; nil when nothing did.
func paidFor(ctx context.Context, run *partner.Run, r *risk) (*FlightPaid, error) {
	events, err := run.Log.Read(ctx, flightSubject(r.at(flightNumber).plain()))
	if err != nil {
		return nil, err
	}
	departs, _ := r.departs()
	for _, event := range slices.Backward(events) {
		var e FlightEvent
		if err := json.Unmarshal(event.Data, &e); err != nil {
			return nil, err
		}
		if e.concerns(r, departs) {
			paid := r.paid(e)
			return &paid, nil
		}
	}
	return nil, nil
}

// paid is what a risk pays for what became of its flight.
func (r *risk) paid(e FlightEvent) FlightPaid {
	departs, _ := r.departs()
	paid := FlightPaid{Currency: r.at(currency).plain(), Departure: departs, DelayHours: e.DelayHours, Cancelled: e.Cancelled,
		Payout: payout.Of(r.terms(), payout.Flight{Departure: departs, Hours: e.DelayHours, Cancelled: e.Cancelled})}
	if r.at(ignoreDepartureTime).isTrue() {
		paid.Note = "ignoreDepartureTime is true, so the time of departure is not known; the stated one is taken"
	}
	return paid
}

// terms are what an imported risk says about payment.
func (r *risk) terms() payout.Terms {
	of := func(f field) decimal.Decimal { return r.at(f).exact() }
	sum := of(insuranceSum)
	t := payout.Terms{Sum: sum, NotifyAfter: of(delayTimeHours), FirstAfter: of(firstCountHours), Every: of(repeatedCountHours),
		First:  payout.Amount(sum, of(firstCountPercent), of(firstCountSum)),
		Next:   payout.Amount(sum, of(repeatedCountPercent), of(repeatedCountSum)),
		Cancel: of(cancelSum), AtOnce: r.at(paymentType).is(1)}
	if r.at(limitSumPerFlight).filled() {
		limit := of(limitSumPerFlight)
		t.Limit = &limit
	}
	return t
}

// RiskPayouts are what the risks of an import's body pay for what became of their flights: the same rules without a server. Risks
// that are wrong by themselves are left out; skipped says which, by their positions from 1.
func (a *API) RiskPayouts(body []byte, e FlightEvent) (list FlightPayouts, skipped []int, err error) {
	risks, err := readRisks(body)
	if err != nil {
		return list, nil, err
	}
	list = FlightPayouts{FlightNumber: e.FlightNumber, Risks: []RiskPayout{}}
	for i := range risks {
		r := &risks[i]
		departs, _ := r.departs()
		switch {
		case len(a.book.flaws(r)) > 0:
			skipped = append(skipped, i+1)
		case e.FlightNumber == "" || e.concerns(r, departs):
			list.Risks = append(list.Risks, RiskPayout{PolicyNumber: r.at(policyNumber).plain(), FlightNumber: r.at(flightNumber).plain(), Payout: r.paid(e)})
		}
	}
	if len(risks) == 0 {
		return list, nil, errors.New("the body has no risks")
	}
	return list, skipped, nil
}

// checkFlight says what keeps a flight's log that comes from a file from being used.
func checkFlight(s sim.Subject, events []sim.Event) error {
	for _, event := range events {
		var e FlightEvent
		err := json.Unmarshal(event.Data, &e)
		if err != nil || event.Name != happened || flightSubject(e.FlightNumber) != s || e.DelayHours.IsNegative() ||
			e.DelayHours.GreaterThan(decimal.NewFromInt(payout.MaxHours)) {
			return fmt.Errorf("event %q of a flight is none that this Poligon knows, or its data is no event of that flight", event.Name)
		}
	}
	return nil
}
