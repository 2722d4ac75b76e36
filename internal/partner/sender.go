package partner

import (
	"context"
	"time"

	"poligon/internal/journal"
	"poligon/internal/scenario"
	"poligon/internal/sim"
)

// Sender is an API whose subjects send requests by themselves.
type Sender interface {
	// Subject is the subject of an id.
	Subject(id string) sim.Subject
	// Sends is the operation of such a request in the journal.
	Sends() string
	// Owes is the next request of a subject, as far as it is known now; false when there is none.
	Owes(run *Run, s sim.Subject, events []sim.Event) (Owed, bool)
	// Sent takes a turn and notes what came of a request, which the run's exchange tells. It says there what that means.
	Sent(ctx context.Context, run *Run) error
}

// Owed is a request that a subject is to send: a GET.
type Owed struct {
	Subject  string // its id, as people write it
	Scenario *scenario.Scenario
	At       time.Time // not before, simulated
	To       string    // a URL; empty where nobody chose one
	Query    string
	Out      journal.Out // without a scheme; with an outcome where it is not to be sent at all
	Faults   []string    // what is done on purpose, in words
}
