package osago

import (
	"fmt"
	"slices"
	"time"

	"poligon/internal/partner"
	"poligon/internal/picture"
	"poligon/internal/scenario"
)

// pollsFor is how long a client polls (contract facts A3).
const pollsFor = 3 * time.Minute

// play is a story being played to its end, by a client that polls and by events that come when a track waits for them.
type play struct {
	*course
	view     partner.View
	fate     *witness
	patience time.Duration // how long the client polls
	polled   time.Duration // when it polled last
	polling  bool

	lanes    [][]picture.Span // of the offers, the last of the whole
	seen     int              // the turns that are in the lanes
	acts     []act            // as a log would have them
	supposed []string         // the events, in words
	declined map[awaited]bool // those that the lifecycle does not let happen
	passed   []passage
}

// awaited is an event that a track waits for.
type awaited struct {
	at     time.Duration
	offer  int // or whole
	item   int // that it brings
	event  string
	status string // of the offer
}

// passage is a step that a track came to, from the item where it could have gone another way.
type passage struct{ offer, from, item int }

// witness is a fate that remembers what was drawn.
type witness struct {
	fate
	draws []draw
}

type draw struct {
	track *track
	item  int
	way   int           // which was drawn, where ways are
	wait  time.Duration // otherwise
}

// wait implements fate.
func (w *witness) wait(t *track, item int) time.Duration {
	d := w.fate.wait(t, item)
	w.draws = append(w.draws, draw{track: t, item: item, wait: d})
	return d
}

// way implements fate.
func (w *witness) way(t *track, item int) int {
	way := w.fate.way(t, item)
	w.draws = append(w.draws, draw{track: t, item: item, way: way})
	return way
}

func newPlay(s *story, v partner.View, f fate, patience time.Duration) *play {
	w := &witness{fate: f}
	p := &play{course: s.begin(w), view: v, fate: w, patience: patience, polling: v.Polls > 0, declined: map[awaited]bool{},
		lanes: make([][]picture.Span, len(s.offers)+1)}
	p.watch = func(h happening) { p.pass(h.offer, h.item) }
	p.look()
	return p
}

// run plays the story until nothing happens any more.
func (p *play) run() {
	for {
		due, _ := p.due()
		poll, next := never, p.awaits()
		if p.polling && p.polled+p.view.Polls <= p.patience {
			poll = p.polled + p.view.Polls
		}
		switch at := min(due, next.at, poll); at {
		case never:
			return
		case due:
			p.to(at)
		case next.at:
			p.to(at)
			p.suppose(next)
		default:
			p.to(at)
			p.ask(at)
		}
		p.look()
	}
}

// ask has the client poll, for the last time if it sees that the calculation is decided (contract facts A3).
func (p *play) ask(at time.Duration) {
	p.polled = at
	if p.polls() {
		p.meets(act{at: at, poll: true, offer: whole})
	}
	p.polling = p.whole != CalculationReady && p.whole != NoCalculationAvailable && p.whole != CalculationError
}

// meets has an act happen and keeps it.
func (p *play) meets(a act) {
	p.acts = append(p.acts, a)
	p.meet(&a)
}

// awaits is the event that comes first; never when none does.
func (p *play) awaits() awaited {
	first := awaited{at: never}
	if p.view.Events <= 0 {
		return first
	}
	for _, offer := range p.order() {
		r := p.runner(offer)
		for _, w := range r.open {
			if it := &r.track.items[w.item]; it.wait.kind == onEvent && r.since <= scenario.Longest {
				a := awaited{max(r.since+p.view.Events, p.now), offer, w.item, it.wait.event, p.statusOf(offer)}
				if !p.declined[a.timeless()] && a.at < first.at {
					first = a
				}
			}
		}
	}
	return first
}

func (a awaited) timeless() awaited { a.at = 0; return a }

// order are the tracks: the offers', then the stated one if there is one.
func (p *play) order() (list []int) {
	for i := range p.tracks {
		list = append(list, i)
	}
	if p.says.track != nil {
		list = append(list, whole)
	}
	return list
}

func (p *play) statusOf(offer int) string {
	if offer == whole {
		return string(p.whole)
	}
	return string(p.offers[offer].status)
}

// suppose has an event happen, if it can: to the offer that waits for it, or for the calculation to the first offer that can take it.
func (p *play) suppose(a awaited) {
	c := &calculation{text: exampleID, story: p.story, offers: p.offers}
	to := a.offer
	if e, _ := eventNamed(a.event); to == whole && !e.all {
		to = slices.IndexFunc(p.offers, func(now present) bool { return e.takes(now.status) })
	}
	chosen, err := c.chooseEvent(a.event, to)
	if err != nil {
		p.declined[a.timeless()] = true
		return
	}
	chosen.at = p.now
	p.meets(chosen)
	p.supposed = append(p.supposed, fmt.Sprintf("supposed: event %s for %s at %s, %s after the wait for it began", a.event, p.nameOf(chosen.offer),
		scenario.Words(p.now), scenario.Words(p.view.Events)))
}

// pass notes that a track is about to come to a step.
func (p *play) pass(offer, item int) {
	if item != none {
		p.passed = append(p.passed, passage{offer, p.runner(offer).from, item})
	}
}
