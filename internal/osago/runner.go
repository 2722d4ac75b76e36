package osago

import (
	"math"
	"strconv"
	"time"

	"poligon/internal/dice"
	"poligon/internal/scenario"
)

// never is later than every step.
const never = time.Duration(math.MaxInt64)

// fate decides what a story leaves to chance. The same question has the same answer.
type fate interface {
	// wait is how long a step of a track waits.
	wait(t *track, item int) time.Duration
	// way is which way a track goes on where one is drawn.
	way(t *track, item int) int
}

// runner is where a track stands: the last item it came to, since when, and what may come next.
type runner struct {
	track *track
	item  int           // the step it came to last
	since time.Duration // when
	polls int           // since then
	open  []way         // the steps of which the first to begin is next; none at the end
	from  int           // the item that the open ways belong to
	due   time.Duration // when the first of them begins by itself; never when none does
	next  int           // which
}

// begin puts a runner on the first step of a track.
func (r *runner) begin(t *track, f fate) {
	r.track = t
	r.goOn(t.start, f)
	r.take(r.open[0].item, 0, f)
}

// take comes to a step at an instant.
func (r *runner) take(item int, at time.Duration, f fate) {
	r.item, r.since, r.polls = item, at, 0
	r.goOn(r.track.items[item].next, f)
}

// goOn finds out what is open behind a step, and when it begins.
func (r *runner) goOn(next int, f fate) {
	r.open, r.due, r.next, r.from = nil, never, none, next
	if next == none {
		return
	}
	it := &r.track.items[next]
	r.open = it.ways
	if it.drawn {
		chosen := f.way(r.track, next)
		r.open = it.ways[chosen : chosen+1]
	}
	for _, w := range r.open {
		if due := r.dueOf(w.item, f); due < r.due {
			r.due, r.next = due, w.item
		}
	}
}

// dueOf is when an open step begins by itself.
func (r *runner) dueOf(item int, f fate) time.Duration {
	w := &r.track.items[item].wait
	d := w.time.Low
	if w.time.Low != w.time.High {
		d = f.wait(r.track, item)
	}
	switch w.kind {
	case atOnce:
		return r.since
	case afterStep:
		if d > never-r.since {
			return never
		}
		return r.since + d
	case afterStart:
		return max(d, r.since)
	}
	return never
}

// waiting is the open step that an event brings; none when there is none.
func (r *runner) waiting(event string) int {
	for _, w := range r.open {
		if it := &r.track.items[w.item]; it.wait.kind == onEvent && it.wait.event == event {
			return w.item
		}
	}
	return none
}

// counts says whether polls bring an open step.
func (r *runner) counts() bool {
	for _, w := range r.open {
		if r.track.items[w.item].wait.kind == polled {
			return true
		}
	}
	return false
}

// poll counts a poll. It gives the step that the poll brings; none when it brings none.
func (r *runner) poll() int {
	r.polls++
	for _, w := range r.open {
		if it := &r.track.items[w.item]; it.wait.kind == polled && r.polls >= it.wait.polls {
			return w.item
		}
	}
	return none
}

// now is the step that the runner came to.
func (r *runner) now() *item { return &r.track.items[r.item] }

// drawn is the fate that a session's dice give a calculation.
type drawn struct {
	dice  dice.Dice
	id    string // of the calculation
	story *story
}

func (d drawn) of(t *track, item int, what string) dice.Die {
	return d.dice.Of(Name, d.id, d.story.nameOf(t), strconv.Itoa(item), what)
}

// wait implements fate.
func (d drawn) wait(t *track, item int) time.Duration {
	return between(t.items[item].wait.time, d.of(t, item, "wait"))
}

// between draws a time in whole milliseconds, as people read it, where the range has room for them.
func between(r scenario.Range, die dice.Die) time.Duration {
	span := r.High - r.Low
	if span >= time.Millisecond {
		return r.Low + time.Duration(die.Float()*float64(span/time.Millisecond+1))*time.Millisecond
	}
	return r.Low + time.Duration(die.Float()*float64(span))
}

// way implements fate.
func (d drawn) way(t *track, item int) int {
	rest := d.of(t, item, "chance").IntN(10_000)
	ways := t.items[item].ways
	for i, w := range ways {
		if rest -= w.share; rest < 0 {
			return i
		}
	}
	return len(ways) - 1
}
