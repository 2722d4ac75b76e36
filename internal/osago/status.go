package osago

// OfferStatus is the state of one offer (seed 000, OfferStatus).
type OfferStatus string

// The statuses of an offer, in the document's three groups.
const (
	// Creation and calculation.
	Created           OfferStatus = "CREATED"
	PreCalcSent       OfferStatus = "PRE_CALC_SENT"
	PreCalcInProgress OfferStatus = "PRE_CALC_IN_PROGRESS"
	PreCalcReady      OfferStatus = "PRE_CALC_READY"
	Approved          OfferStatus = "APPROVED"
	Rejected          OfferStatus = "REJECTED"
	// Payment.
	PaymentReady      OfferStatus = "PAYMENT_READY"
	PaymentLinkFailed OfferStatus = "PAYMENT_LINK_FAILED"
	PaymentCompleted  OfferStatus = "PAYMENT_COMPLETED"
	PaymentCancelled  OfferStatus = "PAYMENT_CANCELLED"
	// Final.
	ClosedPaid       OfferStatus = "CLOSED_PAID"
	ClosedOtherOffer OfferStatus = "CLOSED_OTHER_OFFER"
	ClosedTimeout    OfferStatus = "CLOSED_TIMEOUT"
	OfferError       OfferStatus = "OFFER_ERROR"
)

var offerStatuses = []string{
	string(Created), string(PreCalcSent), string(PreCalcInProgress), string(PreCalcReady), string(Approved), string(Rejected),
	string(PaymentReady), string(PaymentLinkFailed), string(PaymentCompleted), string(PaymentCancelled),
	string(ClosedPaid), string(ClosedOtherOffer), string(ClosedTimeout), string(OfferError),
}

// CalculationStatus is the state of a whole calculation (seed 000, CalculationStatus).
type CalculationStatus string

// The statuses of a calculation.
const (
	Draft                  CalculationStatus = "DRAFT"
	InProgress             CalculationStatus = "PARTNER_CALCULATION_IN_PROGRESS"
	CalculationReady       CalculationStatus = "CALCULATION_READY"
	Paid                   CalculationStatus = "PAID"
	Closed                 CalculationStatus = "CLOSED"
	NoCalculationAvailable CalculationStatus = "NO_CALCULATION_AVAILABLE"
	CalculationError       CalculationStatus = "CALCULATION_ERROR"
)

var calculationStatuses = []string{
	string(Draft), string(InProgress), string(CalculationReady), string(Paid), string(Closed), string(NoCalculationAvailable),
	string(CalculationError),
}

// phase is what an offer's status means for its calculation.
type phase int

const (
	waiting     phase = iota // not begun
	calculating              // no decision yet
	available                // a client can have it, or could and did not get the link
	paid
	issued
	gone // it will never be had
)

// phase is the status's, a switch and no map because every poll asks.
func (s OfferStatus) phase() phase {
	switch s {
	case Created:
		return waiting
	case PreCalcSent, PreCalcInProgress:
		return calculating
	case PreCalcReady, Approved, PaymentReady, PaymentLinkFailed, PaymentCancelled:
		return available
	case PaymentCompleted:
		return paid
	case ClosedPaid:
		return issued
	}
	return gone // Rejected, ClosedOtherOffer, ClosedTimeout, OfferError
}

// tally is how many offers are in each phase.
type tally [gone + 1]int

// derive is the status that a calculation has by its offers' statuses. The first row that fits holds (contract facts A15,
// inferred):
//
//	an offer is issued (CLOSED_PAID)                              CLOSED
//	an offer is paid (PAYMENT_COMPLETED)                          PAID
//	there is no offer, or every one is gone                       NO_CALCULATION_AVAILABLE
//	every offer that is not gone is still waiting (CREATED)       DRAFT
//	an offer is waiting or calculating                            PARTNER_CALCULATION_IN_PROGRESS
//	otherwise: each is decided and at least one can be had        CALCULATION_READY
//
// CALCULATION_ERROR is never derived: a scenario states it.
func derive(count tally) CalculationStatus {
	switch live := count[waiting] + count[calculating] + count[available] + count[paid] + count[issued]; {
	case count[issued] > 0:
		return Closed
	case count[paid] > 0:
		return Paid
	case live == 0:
		return NoCalculationAvailable
	case count[waiting] == live:
		return Draft
	case count[waiting]+count[calculating] > 0:
		return InProgress
	}
	return CalculationReady
}
