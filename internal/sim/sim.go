// Package sim is the kernel: an answer is a function of a moment and a request, and the events that answering adds are
// appended only if the subject's log is still as it was read. So one rule is right on every store.
package sim

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"poligon/internal/dice"
)

// Subject is what a log belongs to: one calculation, one insured risk. ID is unique within the API and opaque here; it
// may be any bytes.
type Subject struct {
	API string
	ID  string
}

// Event is something that happened to a subject, at a simulated instant in UTC. What Data holds is known to the rules of
// the subject's API alone.
type Event struct {
	At   time.Time
	By   uint64 // the number of the exchange or act that made it, which Decide fills in
	Name string
	Data []byte
}

// Moment is all that an answer may depend on, beside the request: the session's dice, simulated now, and what has
// happened to the subject so far.
type Moment struct {
	Dice   dice.Dice
	Now    time.Time
	Number uint64 // of the exchange or act that is being decided
	Events []Event
}

// Rule decides at a moment: its answer, and the events that answering adds. It is pure: asked again it says the same.
type Rule[A any] func(Moment) (answer A, add []Event)

// ErrMoved says that somebody else appended to the subject's log meanwhile.
var ErrMoved = errors.New("the subject's log has moved on")

// Log keeps the events of one session's subjects. All methods may be called at once from many goroutines.
type Log interface {
	// Read returns the subject's events in order; none for an unknown subject. The slice is the caller's.
	Read(context.Context, Subject) ([]Event, error)
	// Append adds events to a subject that has exactly `have` of them, all or nothing, or returns ErrMoved.
	Append(ctx context.Context, s Subject, have int, add []Event) error
	// All yields every subject with its events, in no order. Subjects that appear while it runs may be missed.
	All(context.Context) iter.Seq2[Subject, []Event]
	// Count is how many subjects have events.
	Count(context.Context) (int, error)
}

// attempts bounds how often Decide starts again. Each attempt is lost only to an append that succeeded elsewhere, and
// rules stop adding once a subject has what it needs, so that the bound is a guard against a broken rule or store.
const attempts = 1000

// Decide reads the subject's log, applies the rule and appends what it adds; if the log has moved on in between, it
// decides again on the new one. The answer returned is the one whose events were appended.
func Decide[A any](ctx context.Context, log Log, s Subject, m Moment, rule Rule[A]) (answer A, err error) {
	for range attempts {
		if m.Events, err = log.Read(ctx, s); err != nil {
			return answer, fmt.Errorf("reading the log of %s: %w", s.API, err)
		}
		a, add := rule(m)
		if len(add) == 0 {
			return a, nil
		}
		for i := range add {
			add[i].By = m.Number
		}
		switch err = log.Append(ctx, s, len(m.Events), add); {
		case err == nil:
			return a, nil
		case !errors.Is(err, ErrMoved):
			return answer, fmt.Errorf("appending to the log of %s: %w", s.API, err)
		}
	}
	return answer, fmt.Errorf("the log of %s moved on %d times: %w", s.API, attempts, err)
}
