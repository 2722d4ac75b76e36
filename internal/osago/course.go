package osago

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// whole stands where an offer's place in the script would, for the calculation as a whole.
const whole = -1

// present is where an offer stands.
type present struct {
	status OfferStatus
	step   int // the item of its track; byAct when an act brought the offer here
}

const byAct = -1

// course is the life of a calculation from its start to an instant: a machine that is moved on by time, by polls and by acts.
//
// Until the first act on it an offer is what its steps say. From then on a step counts only if the lifecycle lets it follow; acts
// count as they were recorded, and an event that an offer waits for brings the step that waits for it. A step that begins at the
// instant of a poll or an act comes before it.
type course struct {
	story  *story
	fate   fate
	tracks []runner // the offers'
	offers []present
	priced []bool       // whether the offer ever had a status that shows a price
	since  []milestones // of each offer
	acted  []bool       // whether an act changed the offer
	count  tally
	says   runner            // the stated steps
	stated int               // the stated step that counts; byAct when none does
	forced CalculationStatus // what the whole was forced to be; empty when it was not
	whole  CalculationStatus
	turns  []turn // what changed, in order: the offers as in the script, then the whole
	open   int    // the first turn that later ones of the same instant may still change
	now    time.Duration
	watch  func(happening) // told of everything that happens, before it does; may be nil
}

// turn is a change of an offer or the whole.
type turn struct {
	at       time.Duration // since the start
	offer    int           // or whole
	from, to string
	cause    cause
}

// cause is what brings a change: an act, a step of an offer, a stated step of the whole, or an act that a step waits for.
type cause struct {
	act   *act // nil when time or a poll brings it
	offer int  // or whole
	item  int  // of the track; none when no step is behind it
}

// happening is a step that begins, or an act.
type happening struct {
	at time.Duration
	cause
}

// follow is the calculation's course up to an offset, as far as it is known now: acts may be added to it.
func (c *calculation) follow(until time.Duration) *course {
	f := c.story.begin(drawn{c.dice, c.text, c.story})
	for i := range c.acts {
		if c.acts[i].at > until {
			break
		}
		f.to(c.acts[i].at)
		f.meet(&c.acts[i])
	}
	f.to(until)
	return f
}

// begin is a course at the start of the story. Steps that begin there are no changes: the last of them is how it begins.
func (s *story) begin(f fate) *course {
	n := len(s.offers)
	c := &course{story: s, fate: f, tracks: make([]runner, n), offers: make([]present, n), priced: make([]bool, n), since: make([]milestones, n), acted: make([]bool, n), stated: byAct}
	atStart := func(r *runner, t *track, came func()) {
		for r.begin(t, f); ; r.take(r.next, 0, f) {
			if came(); r.due > 0 {
				return
			}
		}
	}
	for i := range s.offers {
		r := &c.tracks[i]
		atStart(r, s.offers[i].track, func() { c.reach(i, "", OfferStatus(r.now().status), 0) })
		c.offers[i] = present{OfferStatus(r.now().status), r.item}
		c.count[c.offers[i].status.phase()]++
	}
	c.whole = derive(c.count)
	if s.stated != nil {
		atStart(&c.says, s.stated, func() {})
		c.stated, c.whole = c.says.item, CalculationStatus(c.says.now().status)
	}
	return c
}

// due is when the next step begins by itself, and whose track it is; never when none does.
func (c *course) due() (at time.Duration, offer int) {
	at, offer = never, whole
	for i := range c.tracks {
		if c.tracks[i].due < at {
			at, offer = c.tracks[i].due, i
		}
	}
	if c.says.track != nil && c.says.due < at {
		at, offer = c.says.due, whole
	}
	return at, offer
}

// to moves the course on to an instant: the steps that begin until then, those of one instant as in the script.
func (c *course) to(until time.Duration) {
	for {
		at, offer := c.due()
		if at > until || at == never {
			break
		}
		if at != c.now {
			c.close()
			c.now = at
		}
		c.step(happening{at, cause{offer: offer, item: c.runner(offer).next}})
	}
	c.close()
	c.now = max(c.now, until)
}

func (c *course) runner(offer int) *runner {
	if offer == whole {
		return &c.says
	}
	return &c.tracks[offer]
}

// step has a track come to a step.
func (c *course) step(h happening) {
	c.tell(h)
	r := c.runner(h.offer)
	r.take(h.item, h.at, c.fate)
	switch {
	case h.offer == whole && c.stated != byAct:
		c.stated = h.item
	case h.offer != whole && c.counts(h.offer, h.item):
		c.set(h.offer, OfferStatus(r.now().status), h.item, h)
	}
	c.conclude(h)
}

// conclude finds out what the whole is after something happened.
func (c *course) conclude(h happening) {
	now := c.status()
	c.turn(whole, string(c.whole), string(now), h)
	c.whole = now
}

// meet has a poll or an act come, at the instant to which the course has moved.
func (c *course) meet(a *act) {
	h := happening{a.at, cause{act: a, offer: a.offer, item: none}}
	switch {
	case a.poll:
		c.poll(a.at)
	case a.force && a.offer == whole:
		c.tell(h)
		c.forced, c.stated = CalculationStatus(a.word), byAct
		c.conclude(h)
	case a.force:
		c.tell(h)
		c.set(a.offer, OfferStatus(a.word), byAct, h)
		c.acted[a.offer] = true
		c.conclude(h)
	default:
		c.tell(h)
		c.fire(h)
		c.conclude(h)
	}
	c.close()
}

func (c *course) tell(h happening) {
	if c.watch != nil {
		c.watch(h)
	}
}

// poll counts a poll for every track that waits for it.
func (c *course) poll(at time.Duration) {
	for i := range c.tracks {
		if item := c.pollOf(i); item != none {
			c.step(happening{at, cause{offer: i, item: item}})
		}
	}
	if item := c.pollOf(whole); item != none {
		c.step(happening{at, cause{offer: whole, item: item}})
	}
}

// pollOf counts a poll for one track and gives the step that it brings; none when it brings none.
func (c *course) pollOf(offer int) int {
	if r := c.runner(offer); r.track != nil && r.counts() {
		return r.poll()
	}
	return none
}

// polls says whether a poll may bring a step.
func (c *course) polls() bool {
	for i := range c.tracks {
		if c.tracks[i].counts() {
			return true
		}
	}
	return c.says.track != nil && c.says.counts()
}

// fire has an event happen to its offer, or to all that can take it. An offer whose story waits for the event goes on with that
// step, if it counts; any other becomes what the lifecycle says. Where one is paid, the others that could still be had close.
func (c *course) fire(h happening) {
	e, _ := eventNamed(h.act.word)
	paid := false
	var others []int
	for i := range c.offers {
		switch now := c.offers[i].status; {
		case i == h.act.offer, h.act.offer == whole && e.takes(now):
			c.fireAt(i, e, h)
			paid = paid || c.offers[i].status == PaymentCompleted
		default:
			others = append(others, i)
		}
	}
	for _, i := range others {
		if paid && follows(c.offers[i].status, ClosedOtherOffer) {
			c.set(i, ClosedOtherOffer, byAct, h)
			c.acted[i] = true
		}
	}
	if c.says.track == nil {
		return
	}
	if item := c.says.waiting(e.name); item != none && c.stated != byAct {
		h.offer, h.item = whole, item
		c.tell(h)
		c.says.take(item, h.at, c.fate)
		c.stated = item
	} else {
		c.stated = byAct
	}
}

func (c *course) fireAt(i int, e event, h happening) {
	item := c.tracks[i].waiting(e.name)
	if item == none {
		c.set(i, e.to, byAct, h)
		c.acted[i] = true
		return
	}
	h.offer, h.item = i, item
	c.tell(h)
	c.tracks[i].take(item, h.at, c.fate)
	if c.counts(i, item) {
		c.set(i, OfferStatus(c.tracks[i].now().status), item, h)
		return
	}
	h.item = none
	c.set(i, e.to, byAct, h)
}

// awaits says what the story of an offer, or of the whole, waits for besides time, as far as it can still come.
func (c *course) awaits(offer int) (words []string) {
	r := c.runner(offer)
	for _, w := range r.open {
		it := &r.track.items[w.item]
		switch {
		case offer != whole && !c.counts(offer, w.item):
		case it.wait.kind == polled:
			words = append(words, fmt.Sprintf("%s with poll %d (%d so far)", it.status, it.wait.polls, r.polls))
		case it.wait.kind == onEvent && c.takes(it.wait.event, offer):
			words = append(words, it.status+" on "+it.wait.event)
		}
	}
	return words
}

// takes says whether an event can happen now: to an offer or, for the whole, to any.
func (c *course) takes(name string, offer int) bool {
	e, _ := eventNamed(name)
	for i := range c.offers {
		if (i == offer || offer == whole) && e.takes(c.offers[i].status) {
			return true
		}
	}
	return false
}

// counts says whether a step of an offer counts: always, until an act changed the offer; then if the lifecycle lets it follow.
func (c *course) counts(offer, item int) bool {
	from, to := c.offers[offer].status, OfferStatus(c.tracks[offer].track.items[item].status)
	return !c.acted[offer] || to == from || follows(from, to)
}

func (c *course) set(i int, to OfferStatus, item int, h happening) {
	from := c.offers[i].status
	c.offers[i] = present{to, item}
	c.reach(i, from, to, h.at)
	c.count[from.phase()]--
	c.count[to.phase()]++
	c.turn(i, string(from), string(to), h)
}

// status is what the whole was forced to be, what the script states while nothing was fired, or what follows from the offers.
func (c *course) status() CalculationStatus {
	switch {
	case c.forced != "":
		return c.forced
	case c.stated != byAct:
		return CalculationStatus(c.story.stated.items[c.stated].status)
	}
	return derive(c.count)
}

// turn notes a change. Of several at one instant that nobody can see between only the outcome stays.
func (c *course) turn(offer int, from, to string, h happening) {
	if from == to {
		return
	}
	for i := c.open; i < len(c.turns); i++ {
		if c.turns[i].offer == offer {
			c.turns[i].to, c.turns[i].cause = to, h.cause
			return
		}
	}
	c.turns = append(c.turns, turn{h.at, offer, from, to, h.cause})
}

// close ends an instant, or what belongs to one act in it.
func (c *course) close() {
	tail := slices.DeleteFunc(c.turns[c.open:], func(t turn) bool { return t.from == t.to })
	slices.SortStableFunc(tail, func(a, b turn) int { return cmp.Compare(uint(a.offer), uint(b.offer)) }) // the whole last
	c.turns = c.turns[:c.open+len(tail)]
	c.open = len(c.turns)
}
