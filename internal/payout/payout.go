// Package payout computes what a policy against flight delay pays (seed 001): pure rules over exact decimals.
//
// Documented are the hours after which amounts accrue, the amounts, and the limit for a flight. Inferred, because the page is silent:
// that all of it is at most the sum insured, that an amount is rounded half up to kopecks, that an hour that is reached counts, and
// what a cancelled flight pays (see Flight).
package payout

import (
	"time"

	"github.com/shopspring/decimal"
)

// Terms are what a policy says about payment. Hours are counted from the scheduled departure.
type Terms struct {
	Sum         decimal.Decimal  // insuranceSum
	Limit       *decimal.Decimal // limitSumPerFlight; nil for none
	NotifyAfter decimal.Decimal  // delayTimeHours, more than 0
	FirstAfter  decimal.Decimal  // firstCountHours, more than 0
	Every       decimal.Decimal  // repeatedCountHours, more than 0
	First, Next decimal.Decimal  // what accrues first, and each time after; see Amount
	Cancel      decimal.Decimal  // cancelSum; 0 for none
	AtOnce      bool             // paymentType 1: paid after each accrual; otherwise after departure
}

// Amount is what accrues at a time: the fixed sum or, where none is filled in, a percentage of the sum insured (seed 001), rounded
// half up to kopecks (inferred).
func Amount(sum, percent, fixed decimal.Decimal) decimal.Decimal {
	if fixed.IsZero() {
		fixed = sum.Mul(percent).Shift(-2)
	}
	return fixed.Round(2)
}

// Flight is what became of a flight: it departed, or was cancelled, so many hours after its schedule. A cancelled flight pays
// what its delay accrued until then, and the sum for a cancellation (inferred).
type Flight struct {
	Departure time.Time       // as scheduled
	Hours     decimal.Decimal // 0 or more
	Cancelled bool
}

// Reasons of an accrual.
const (
	First     = "first"
	Repeated  = "repeated"
	Cancelled = "cancelled"
)

// Limits that cut an accrual.
const (
	SumInsured     = "insuranceSum"
	LimitPerFlight = "limitSumPerFlight"
)

// Accrual is one amount. A total that has come to its limit cuts it, and is the last.
type Accrual struct {
	Reason string          `json:"reason"`
	Hours  decimal.Decimal `json:"hours"` // after the scheduled departure
	At     time.Time       `json:"at"`
	Amount decimal.Decimal `json:"amount"`
	Total  decimal.Decimal `json:"total"` // with it
	CutBy  string          `json:"cut_by,omitempty"`
	PaidAt time.Time       `json:"paid_at"`
}

// Payout is what a policy pays for a flight.
type Payout struct {
	NotifiedAt *time.Time      `json:"notified_at"` // when the client gets the message about the delay; nil when there is none
	Accruals   []Accrual       `json:"accruals"`    // in their order, the first MaxAccruals of them
	Omitted    int             `json:"omitted"`     // how many more there are
	Total      decimal.Decimal `json:"total"`
}

// MaxAccruals is how many accruals are listed one by one.
const MaxAccruals = 1000

// Of is what a policy of these terms pays for what became of its flight.
func Of(t Terms, f Flight) Payout {
	p := Payout{Accruals: []Accrual{}}
	end := after(f.Departure, f.Hours)
	if f.Cancelled {
		p.NotifiedAt = &end
	}
	if f.Hours.GreaterThanOrEqual(t.NotifyAfter) {
		at := after(f.Departure, t.NotifyAfter)
		p.NotifiedAt = &at
	}
	add := func(reason string, hours, amount decimal.Decimal) (more bool) {
		a := Accrual{Reason: reason, Hours: hours, At: after(f.Departure, hours), Amount: amount, PaidAt: end}
		if t.AtOnce {
			a.PaidAt = a.At
		}
		most, name := t.most()
		if room := most.Sub(p.Total); amount.GreaterThan(room) {
			a.Amount, a.CutBy = room, name
		}
		if !a.Amount.IsPositive() {
			return a.CutBy == ""
		}
		p.Total = p.Total.Add(a.Amount)
		a.Total = p.Total
		p.Accruals = append(p.Accruals, a)
		return a.CutBy == ""
	}
	n := t.reached(f.Hours)
	more := n > 0 && add(First, t.FirstAfter, t.First)
	for i := 1; more && i < n && t.Next.IsPositive(); i++ {
		if len(p.Accruals) == MaxAccruals {
			p.omit(t, n-i)
			break
		}
		more = add(Repeated, t.FirstAfter.Add(t.Every.Mul(decimal.NewFromInt(int64(i)))), t.Next)
	}
	if f.Cancelled {
		add(Cancelled, f.Hours, t.Cancel.Round(2))
	}
	return p
}

// most is the most that is paid, and the field that says so.
func (t Terms) most() (decimal.Decimal, string) {
	if t.Limit != nil && t.Limit.LessThan(t.Sum) {
		return *t.Limit, LimitPerFlight
	}
	return t.Sum, SumInsured
}

// manyAccruals is more accruals than are counted.
const manyAccruals = 1_000_000_000

// reached is how many times something has accrued after so many hours, at most manyAccruals.
func (t Terms) reached(hours decimal.Decimal) int {
	if hours.LessThan(t.FirstAfter) {
		return 0
	}
	times, _ := hours.Sub(t.FirstAfter).QuoRem(t.Every, 0)
	if times.GreaterThanOrEqual(decimal.NewFromInt(manyAccruals)) {
		return manyAccruals
	}
	return int(times.IntPart()) + 1
}

// omit counts accruals into the total without listing them: so many, or as many as there is room for.
func (p *Payout) omit(t Terms, n int) {
	most, _ := t.most()
	full, rest := most.Sub(p.Total).QuoRem(t.Next, 0)
	if full.LessThan(decimal.NewFromInt(int64(n))) {
		p.Omitted = int(full.IntPart())
		if rest.IsPositive() {
			p.Omitted++
		}
		p.Total = most
		return
	}
	p.Omitted = n
	p.Total = p.Total.Add(t.Next.Mul(decimal.NewFromInt(int64(n))))
}

// after is the instant so many hours later, to the nanosecond.
func after(t time.Time, hours decimal.Decimal) time.Time {
	return t.Add(time.Duration(hours.Mul(decimal.NewFromInt(int64(time.Hour))).IntPart()))
}

// MaxHours is the longest delay that is computed: a year.
const MaxHours = 8784
