// Package fault makes failures on purpose: which requests fail, and how.
//
// A fault is a value that does not change. It is written with the same keys in a scenario, in a request's header and in a call of
// the admin API. What it does depends on the request, on how many requests met it, and on a die, and on nothing else; the
// package waits and counts for nobody.
package fault

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"poligon/internal/dice"
)

// Section is the name of the section of a scenario that holds faults.
const Section = "faults"

// everyOperation stands in on: for all operations.
const everyOperation = "*"

// Fault is a failure made on purpose: when, and what. It does not change.
type Fault struct {
	// When. All that is given must fit; zero is not given.
	on      []string // operations, or "*" alone; none for a request's own fault
	subject string
	first   int // the first so many of the matching requests
	every   int // one in so many of them
	after   int // those behind the first so many
	share   int // so many in ten thousand of them

	// What.
	status   int // 0 for the status of the answer
	accepted bool
	headers  map[string]string // by canonical name
	body     *string           // nil for the partner's own
	delay    span
	slow     time.Duration
	answer   kind
}

// kind is what an answer is made into.
type kind string

const (
	reset       kind = "reset"        // the connection is reset, and the request not accepted
	refused     kind = "refused"      // refused with 503 before it is accepted
	lost        kind = "lost"         // accepted; then the connection is reset
	empty       kind = "empty"        // the body is empty
	truncated   kind = "truncated"    // the connection is closed in the middle of the body
	malformed   kind = "malformed"    // the body is JSON that does not parse
	contentType kind = "content-type" // the content type is wrong
)

// kinds are all values of answer:. The last five break the contract; package contract knows how.
var kinds = []string{string(reset), string(refused), string(lost), string(empty), string(truncated), string(malformed), string(contentType),
	"unknown-enum", "missing-field", "extra-field", "wrong-type", "null-field"}

// Kinds are what an answer can be made into.
func Kinds() []string { return slices.Clone(kinds) }

// statusRefused is the status of answer: refused.
const statusRefused = http.StatusServiceUnavailable

// Meets says whether a request for an operation, about some subjects, is one that the fault counts. Whether it is due is up to
// Due. A fault without an operation is a request's own and meets everything.
func (f Fault) Meets(operation string, subjects []string) bool {
	on := len(f.on) == 0 || f.on[0] == everyOperation || slices.Contains(f.on, operation)
	return on && (f.subject == "" || slices.ContainsFunc(subjects, func(s string) bool { return strings.EqualFold(s, f.subject) }))
}

// Due says whether the fault strikes the n-th request that it meets, counted from 1. The die is that request's own.
func (f Fault) Due(n int, die dice.Die) bool {
	switch {
	case f.first > 0 && n > f.first,
		f.every > 0 && n%f.every != 0,
		n <= f.after,
		f.share > 0 && die.IntN(10_000) >= f.share:
		return false
	}
	return true
}

// Holds says whether a request that the fault strikes must not be accepted: it leaves no trace at the partner.
func (f Fault) Holds() bool {
	return f.status > 0 && !f.accepted || f.answer == reset || f.answer == refused
}

// Own gives the status with which the partner is to answer in its own words, for a fault that brings a status and no body; ok is
// false for any other. The caller makes that answer, and then calls Spoil.
func (f Fault) Own() (status int, ok bool) {
	switch {
	case f.answer == refused:
		return statusRefused, true
	case f.status > 0 && f.body == nil && !bodiless(f.status):
		return f.status, true
	}
	return 0, false
}

// bodiless says whether an answer of a status has no body.
func bodiless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}
