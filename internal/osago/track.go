package osago

import (
	"strconv"
	"time"

	"poligon/internal/scenario"
	"poligon/internal/timeline"
)

// none is an item that there is not.
const none = -1

// track is the life of an offer, or of the calculation, as a story tells it: items, each with what comes behind it.
type track struct {
	items  []item
	start  int             // the first item
	places []string        // of the steps in the scenario file, as the numbers of steps count them
	idle   []scenario.Node // repetitions that take no time
	base   int             // how many steps of other tracks of the script come before its own
	// fixed are the steps by the instants at which they begin, where nothing is drawn or waited for; nil otherwise.
	fixed *timeline.Timeline[int]
}

// item is a step of a track, or a place where it parts.
type item struct {
	ways   []way // where the track goes on: the step itself, the branches of which one is drawn, or those of which the first to begin is taken
	drawn  bool  // whether one of the ways is drawn
	next   int   // the item behind it; none at the end
	wait   wait  // of a step
	status string
	text   string // what the partner says of an offer, instead of what it says by itself
	number int    // the step's place among those that the file gives the track
	path   string // the same for people: 3, or 4.2 for the second branch of the fourth item
	node   scenario.Node
	mark
}

// mark is what a story says of a step beside what the step is, so that a check of the story knows that it is meant.
type mark struct {
	misbehaves bool // the lifecycle does not allow the step
	stays      bool // the track may end here
}

// way is one way on.
type way struct {
	share int // in ten thousandths, where one is drawn
	item  int
}

// wait is what a step waits for.
type wait struct {
	kind  waitKind
	time  scenario.Range
	polls int    // since the step before began
	event string // of the lifecycle
}

type waitKind int

const (
	atOnce     waitKind = iota
	afterStep           // time since the step before began
	afterStart          // time since the calculation began
	polled              // so many polls
	onEvent
)

func (w wait) String() string {
	switch w.kind {
	case afterStep:
		return "after " + w.time.String()
	case afterStart:
		return "at " + w.time.String()
	case polled:
		return "poll " + strconv.Itoa(w.polls)
	case onEvent:
		return "on " + w.event
	}
	return "at once"
}

// fix finds out when every step begins, where that is known beforehand.
func (t *track) fix() {
	var steps []timeline.Step[int]
	var begins time.Duration
	for at := t.start; at != none; at = t.items[at].next {
		it := &t.items[at]
		if len(it.ways) != 1 || it.wait.kind >= polled || it.wait.time.Low != it.wait.time.High {
			return
		}
		switch it.wait.kind {
		case afterStep:
			begins += it.wait.time.Low
		case afterStart:
			begins = max(begins, it.wait.time.Low)
		}
		steps = append(steps, timeline.Step[int]{After: begins, Value: at})
	}
	if fixed, err := timeline.New(steps...); err == nil {
		t.fixed = &fixed
	}
}

// at is the step of a fixed track that is in force at an offset.
func (t *track) at(offset time.Duration) *item {
	now, _ := t.fixed.At(offset)
	return &t.items[now.Value]
}
