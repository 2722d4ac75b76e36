// Package fault is about failures made on purpose: which request one is due for, and what it does to the answer.
//
// A fault is written the same way in a scenario, in a request's header and in an admin call. It does not change; how often it was
// met is counted by the session.
package fault

import (
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"poligon/internal/dice"
)

// Section is the name of the section of a scenario that holds faults.
const Section = "faults"

// Fault is one failure.
type Fault struct {
	// When: all that are given must fit.
	on      []string // operationIds; empty for every operation
	subject string   // a request_id or policy number; empty for any
	first   int      // the first so many requests; 0 for all
	every   int      // every so many; 0 for each
	after   int      // those behind the first so many
	share   int      // in ten thousandths; negative for no chance

	// What: a status or an answer, or neither; and how slowly.
	status   int
	header   http.Header
	body     string
	hasBody  bool
	accepted bool // with a status: the request takes effect all the same
	answer   Kind
	delay    span
	slow     time.Duration
}

// Kind is what becomes of an answer.
type Kind string

// The kinds: what happens to the connection or the bytes, the two that know whether the request took effect, and those that
// break the contract.
const (
	Reset       Kind = "reset"
	Refused     Kind = "refused"
	Lost        Kind = "lost"
	Empty       Kind = "empty"
	Truncated   Kind = "truncated"
	Malformed   Kind = "malformed"
	ContentType Kind = "content-type"
)

var kinds = []string{string(Reset), string(Refused), string(Lost), string(Empty), string(Truncated), string(Malformed), string(ContentType),
	"unknown-enum", "missing-field", "extra-field", "wrong-type", "null-field"}

// span is how long something takes: at least low, at most high; or, with a p99, log-normal about the median.
type span struct{ low, high, median, p99 time.Duration }

// draw is a duration of the span.
func (s span) draw(die dice.Die) time.Duration {
	switch {
	case s.p99 > 0:
		sigma := math.Log(float64(s.p99)/float64(s.median)) / 2.3263478740408408 // the 99th percentile of the normal distribution
		d := float64(s.median) * math.Exp(sigma*normal(die))
		return time.Duration(min(d, float64(longest)))
	case s.high > s.low:
		return s.low + time.Duration(die.Float()*float64(s.high-s.low))
	}
	return s.low
}

// normal is a draw of the standard normal distribution, within about four deviations.
func normal(die dice.Die) float64 {
	p := min(max(die.Float(), 0.00003), 0.99997)
	return math.Sqrt2 * math.Erfinv(2*p-1)
}

// Meets says whether the fault is about a request.
func (f Fault) Meets(operation string, subjects []string) bool {
	if len(f.on) > 0 && !slices.Contains(f.on, operation) {
		return false
	}
	return f.subject == "" || slices.ContainsFunc(subjects, func(s string) bool { return strings.EqualFold(s, f.subject) })
}

// Due says whether the fault is due for the nth request that it meets, from 1. The die is that request's own.
func (f Fault) Due(n int, die dice.Die) bool {
	return !(f.first > 0 && n > f.first || f.every > 0 && n%f.every != 0 || n <= f.after || f.share >= 0 && die.IntN(10_000) >= f.share)
}

// Holds says whether the fault keeps the request from being accepted.
func (f Fault) Holds() bool {
	return f.answer == Reset || f.answer == Refused || f.status > 0 && !f.accepted
}

// Own is the status that the fault answers with in the partner's place, when it states no body of its own.
func (f Fault) Own() (status int, ok bool) {
	switch {
	case f.answer == Refused:
		return http.StatusServiceUnavailable, true
	case f.status > 0:
		return f.status, true
	}
	return 0, false
}
