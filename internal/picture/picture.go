// Package picture draws a story so that a person can see it: as a table for a terminal, as a Mermaid diagram, as an SVG
// image and as JSON. It is pure, the same picture always gives the same bytes, and it knows no partner API: whoever has a
// story says what its lanes are and which kind each status is of.
//
// A picture need not be tidy. Before it is drawn, text loses what cannot be shown, spans are put in the order of time, and
// one that is over as it begins, since another begins at that very instant, is left out: nobody can see it.
package picture

import "time"

// Kind says what a status means for the one who waits. It drives the colour; the text alone carries the meaning.
type Kind string

// Kinds, from the first to the last of a story. Any other is drawn as Waiting.
const (
	Waiting Kind = "waiting" // nothing has begun
	Working Kind = "working" // somebody computes
	Ready   Kind = "ready"   // the one who looks can act
	Good    Kind = "good"    // what was wanted has come
	Bad     Kind = "bad"     // a refusal or a failure
	Ended   Kind = "ended"   // over, and nobody's fault
)

// Picture is a story over simulated time.
type Picture struct {
	Name  string // of the scenario
	Title string // the story in a line
	Story string // what happens
	Lanes []Lane // the whole first, then its parts in the order of the file
	Until time.Duration
	Notes []string // said below, a line each
	Strip *Strip   // what becomes of records; nil when there are none
}

// Lane is what one thing is, over time.
type Lane struct {
	Label string
	Whole bool // the lane stands for all the others, and is drawn heavier
	Spans []Span
}

// Span is a status over [From, To).
type Span struct {
	From, To time.Duration
	Text     string
	Kind     Kind
	// Cause is what brought the status: "event paid", "poll 3", "chance 30%". One that begins with "after " or "at " is
	// the passing of time: it gets no mark, since the axis says it.
	Cause   string
	Message string // what is said beside the status
	Open    bool   // nothing ends it
}

// Strip is the first records of a request, and what becomes of each.
type Strip struct {
	Label string
	Cells []Cell
	Rules []string // why, a line each
}

// Cell is one record of a strip.
type Cell struct {
	Text   string // its number
	Kind   Kind
	Detail string // what is wrong with it; empty when nothing is
}
