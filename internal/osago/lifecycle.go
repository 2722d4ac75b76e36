package osago

import "slices"

// The documents list the statuses and say which are final; the order in which they follow is inferred (contract facts A15),
// and so is every row here.

// event is something that happens to an offer in its lifecycle.
type event struct {
	name string // as a person fires it; empty for what happens to an offer because of another one
	from []OfferStatus
	to   OfferStatus
	all  bool // where no offer is named, it happens to every one that can take it
}

// events are the lifecycle of an offer: a status follows another when a row leads from the one to the other.
//
// A new link after PAYMENT_CANCELLED and PAYMENT_LINK_FAILED is inferred from their names alone: neither is among the final
// statuses of seed 000. REJECTED is not either, so that it can still be closed. An offer that is paid does not time out.
var events = []event{
	{name: "sent", from: []OfferStatus{Created}, to: PreCalcSent},
	{name: "calculating", from: []OfferStatus{PreCalcSent}, to: PreCalcInProgress},
	{name: "calculated", from: []OfferStatus{PreCalcInProgress}, to: PreCalcReady},
	{name: "confirmed", from: []OfferStatus{PreCalcReady}, to: Approved},
	{name: "rejected", from: []OfferStatus{PreCalcInProgress, PreCalcReady}, to: Rejected},
	{name: "payment_ready", from: []OfferStatus{Approved, PaymentCancelled, PaymentLinkFailed}, to: PaymentReady},
	{name: "payment_link_failed", from: []OfferStatus{Approved}, to: PaymentLinkFailed},
	{name: "paid", from: []OfferStatus{PaymentReady}, to: PaymentCompleted},
	{name: "payment_cancelled", from: []OfferStatus{PaymentReady}, to: PaymentCancelled},
	{name: "issued", from: []OfferStatus{PaymentCompleted}, to: ClosedPaid},
	{name: "timed_out", from: []OfferStatus{Created, PreCalcSent, PreCalcInProgress, PreCalcReady, Approved, Rejected, PaymentReady,
		PaymentLinkFailed, PaymentCancelled}, to: ClosedTimeout, all: true},
	{name: "failed", from: []OfferStatus{Created, PreCalcSent, PreCalcInProgress, PreCalcReady, Approved, Rejected, PaymentReady,
		PaymentLinkFailed, PaymentCompleted, PaymentCancelled}, to: OfferError, all: true},
	{from: []OfferStatus{Created, PreCalcSent, PreCalcInProgress, PreCalcReady, Approved, PaymentReady, PaymentLinkFailed,
		PaymentCancelled}, to: ClosedOtherOffer}, // when another offer of the calculation is paid
}

// calculationFollows are the statuses that may come after a calculation's status while its offers keep their lifecycle. It is a
// draft again when the offers that were being calculated are gone and the others have not begun. CALCULATION_ERROR comes from a
// script that states it.
var calculationFollows = map[CalculationStatus][]CalculationStatus{
	Draft:                  {InProgress, NoCalculationAvailable, CalculationError},
	InProgress:             {Draft, CalculationReady, Paid, NoCalculationAvailable, CalculationError},
	CalculationReady:       {Paid, NoCalculationAvailable, CalculationError},
	Paid:                   {Closed, NoCalculationAvailable, CalculationError},
	Closed:                 nil,
	NoCalculationAvailable: nil,
	CalculationError:       nil,
}

// eventNames are the events that a person can fire, in the order of the lifecycle.
func eventNames() (names []string) {
	for _, e := range events {
		if e.name != "" {
			names = append(names, e.name)
		}
	}
	return names
}

// eventNamed is the event of a name; ok is false when there is none.
func eventNamed(name string) (e event, ok bool) {
	i := slices.IndexFunc(events, func(e event) bool { return e.name == name })
	if i < 0 || name == "" {
		return e, false
	}
	return events[i], true
}

// takes says whether the event can happen to an offer in a status.
func (e event) takes(s OfferStatus) bool { return slices.Contains(e.from, s) }

// follows says whether a status may come after another.
func follows(from, to OfferStatus) bool {
	return slices.ContainsFunc(events, func(e event) bool { return e.to == to && e.takes(from) })
}

// waits are the names of the events that an offer in one of the statuses can take.
func waits(any ...OfferStatus) (names []string) {
	names = []string{} // none is a list too, as JSON writes it
	for _, e := range events {
		if e.name != "" && slices.ContainsFunc(any, e.takes) {
			names = append(names, e.name)
		}
	}
	return names
}
