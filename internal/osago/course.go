package osago

import (
	"cmp"
	"slices"
	"time"
)

// whole stands where an offer's place in the script would, for the calculation as a whole.
const whole = -1

// present is where an offer stands.
type present struct {
	status OfferStatus
	step   int // its place among the offer's steps; byAct when an act brought the offer here
}

const byAct = -1

// course is the life of a calculation from its start to an offset. Until the first act on it an offer is what its steps say.
// From then on a step counts only if the lifecycle lets it follow; acts count as they were recorded. A step that begins at the
// instant of an act comes before it.
type course struct {
	c      *calculation
	offers []present
	priced []bool // whether the offer ever had a status that shows a price
	acted  []bool // whether an act changed the offer
	count  tally
	stated int               // the stated step that counts; byAct when none does
	forced CalculationStatus // what the whole was forced to be; empty when it was not
	whole  CalculationStatus
	turns  []turn // what changed, in order: the offers as in the script, then the whole
	open   int    // the first turn that later ones of the same instant may still change
}

// turn is a change of an offer or the whole.
type turn struct {
	at       time.Duration // since the start
	offer    int           // or whole
	from, to string
	cause    cause
}

// cause is what brings a change: an act, a step of an offer, or a stated step of the whole.
type cause struct {
	act   *act
	offer int // or whole
	step  int
}

// happening is a step that begins, or an act.
type happening struct {
	at time.Duration
	cause
}

// follow is the calculation's course up to an offset, as far as it is known now: acts may be added to it.
func (c *calculation) follow(until time.Duration) *course {
	f := c.begin()
	list := c.happenings(until)
	for i, h := range list {
		if i > 0 && (h.act != nil || list[i-1].act != nil || h.at != list[i-1].at) {
			f.close()
		}
		f.apply(h)
	}
	f.close()
	return f
}

// begin is the course at the start.
func (c *calculation) begin() *course {
	n := len(c.script.offers)
	f := &course{c: c, offers: make([]present, n), priced: make([]bool, n), acted: make([]bool, n), stated: byAct}
	for i := range c.script.offers {
		for _, s := range c.script.offers[i].steps.Steps() {
			f.priced[i] = f.priced[i] || s.After == 0 && pricedStatuses[s.Value.status]
		}
		first, _ := c.script.offers[i].steps.At(0)
		f.offers[i] = present{first.Value.status, first.Value.number}
		f.count[first.Value.status.phase()]++
	}
	f.whole = derive(f.count)
	if first, ok := c.script.stated.At(0); ok {
		f.stated, f.whole = first.Value.number, first.Value.status
	}
	return f
}

// happenings are what happens after the start and not after an offset, in order; at one instant the offers' steps as in the
// script, then the stated ones, then acts.
func (c *calculation) happenings(until time.Duration) (list []happening) {
	add := func(at time.Duration, why cause) {
		if at <= until {
			list = append(list, happening{at, why})
		}
	}
	for i := range c.script.offers {
		for k, s := range c.script.offers[i].steps.Steps() {
			if s.After > 0 {
				add(s.After, cause{offer: i, step: k})
			}
		}
	}
	for k, s := range c.script.stated.Steps() {
		if s.After > 0 {
			add(s.After, cause{offer: whole, step: k})
		}
	}
	for i := range c.acts {
		add(c.acts[i].at, cause{act: &c.acts[i], offer: c.acts[i].offer})
	}
	slices.SortStableFunc(list, func(a, b happening) int { return cmp.Compare(a.at, b.at) })
	return list
}

func (f *course) apply(h happening) {
	switch {
	case h.act != nil && h.act.force && h.act.offer == whole:
		f.forced, f.stated = CalculationStatus(h.act.word), byAct
	case h.act != nil && h.act.force:
		f.set(h.act.offer, OfferStatus(h.act.word), byAct, h)
	case h.act != nil:
		f.fire(h)
	case h.offer == whole && f.stated != byAct:
		f.stated = h.step
	case h.offer != whole:
		to, from := f.c.script.offers[h.offer].steps.Steps()[h.step].Value.status, f.offers[h.offer].status
		if !f.acted[h.offer] || to == from || follows(from, to) {
			f.set(h.offer, to, h.step, h)
		}
	}
	now := f.status()
	f.turn(whole, string(f.whole), string(now), h)
	f.whole = now
}

// fire has an event happen to its offer, or to all that can take it. Where one is paid, the others that could still be had
// close.
func (f *course) fire(h happening) {
	e, _ := eventNamed(h.act.word)
	f.stated = byAct
	for i := range f.offers {
		switch now := f.offers[i].status; {
		case i == h.act.offer, h.act.offer == whole && e.takes(now):
			f.set(i, e.to, byAct, h)
		case e.to == PaymentCompleted && follows(now, ClosedOtherOffer):
			f.set(i, ClosedOtherOffer, byAct, h)
		}
	}
}

func (f *course) set(i int, to OfferStatus, step int, h happening) {
	from := f.offers[i].status
	f.offers[i] = present{to, step}
	f.acted[i] = f.acted[i] || h.act != nil
	f.priced[i] = f.priced[i] || pricedStatuses[to]
	f.count[from.phase()]--
	f.count[to.phase()]++
	f.turn(i, string(from), string(to), h)
}

// status is what the whole was forced to be, what the script states while nothing was fired, or what follows from the offers.
func (f *course) status() CalculationStatus {
	switch {
	case f.forced != "":
		return f.forced
	case f.stated != byAct:
		return f.c.script.stated.Steps()[f.stated].Value.status
	}
	return derive(f.count)
}

// turn notes a change. Of several at one instant that nobody can see between only the outcome stays.
func (f *course) turn(offer int, from, to string, h happening) {
	if from == to {
		return
	}
	for i := f.open; i < len(f.turns); i++ {
		if f.turns[i].offer == offer {
			f.turns[i].to, f.turns[i].cause = to, h.cause
			return
		}
	}
	f.turns = append(f.turns, turn{h.at, offer, from, to, h.cause})
}

// close ends an instant, or what belongs to one act in it.
func (f *course) close() {
	tail := slices.DeleteFunc(f.turns[f.open:], func(t turn) bool { return t.from == t.to })
	slices.SortStableFunc(tail, func(a, b turn) int { return cmp.Compare(uint(a.offer), uint(b.offer)) }) // the whole last
	f.turns = f.turns[:f.open+len(tail)]
	f.open = len(f.turns)
}
