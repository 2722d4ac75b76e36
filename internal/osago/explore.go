package osago

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"poligon/internal/scenario"
)

// What a client does by the documents (contract facts A3): it polls no more often than once a second and for no longer than three
// minutes, until the calculation is one of these.
const (
	pollEvery = time.Second
	pollFor   = 3 * time.Minute
)

// pollEnds says whether a client stops polling at a status.
func pollEnds(s CalculationStatus) bool {
	return s == CalculationReady || s == NoCalculationAvailable || s == CalculationError
}

// Bounds of the exploration of one story, so that a check takes no time worth speaking of.
const (
	maxWorlds   = 2000    // of one offer, and of all offers together
	maxHappened = 50_000  // in all of them together
	maxScript   = 500_000 // in all stories of a script
)

// coming is an event that is going to happen in a world.
type coming struct {
	at    time.Duration
	offer int
	event string
}

// walk is a course through one world.
type walk struct {
	world  *world
	c      *course
	alone  bool // a single offer, whose client polls on
	asked  int  // how much had happened when it was last asked whether events come; none before
	events []coming
	polls  int
	pace   pace // at the step where it is
	odd    bool // whether it ever polled in another way than the documents say
	path   []happening
	left   int // how many happenings were left out of the middle of the path
	began  CalculationStatus
	limit  int
	known  standings // of a single offer
	timed  bool      // whether it matters for it when it comes to a step
	pruned bool      // whether it came to where another walk has gone on
	told   watcher   // told of everything that happens, before it does
}

// standing is all of a walk of one offer on which it depends how the walk goes on.
type standing struct {
	item, polls int
	open, next  int           // the first way that is open, and the step that begins by itself
	wait        time.Duration // after which it does
	status      OfferStatus
	odd         bool
	now         time.Duration // where steps have instants of their own, or polls may be over
}

// standings are those from which walks have gone on, with the choices by which they came there.
type standings map[standing]uint64

// leads says whether another walk has gone on from there, so that nothing new can come of it.
func (s standings) leads(at standing, w *world) bool {
	by := uint64(14695981039346656037) // FNV-1a of the choices so far
	for _, c := range w.choices[:w.at] {
		by = (by ^ uint64(c+1)) * 1099511628211
	}
	first, known := s[at]
	if !known {
		s[at] = by
	}
	return known && first != by
}

// standing is where the walk of one offer is.
func (k *walk) standing() standing {
	r := &k.c.tracks[0]
	at := standing{item: r.item, polls: r.polls, open: none, next: r.next, wait: r.due - k.c.now, status: k.c.offers[0].status, odd: k.odd}
	if len(r.open) > 0 {
		at.open = r.open[0].item
	}
	if k.timed {
		at.now = k.c.now
	}
	return at
}

// isTimed says whether it matters for a track when it comes to a step.
func (t *track) isTimed() bool {
	return slices.ContainsFunc(t.items, func(it item) bool { return it.wait.kind == afterStart || it.wait.kind == polled })
}

// watcher is told how a walk goes: as it begins (may be nil), of everything that happens, before it does, and when it has ended.
type watcher struct {
	start func(*walk)
	seen  func(*walk, happening)
	ended func(*walk)
}

// pace is how a client polls, where a poll races something else.
type pace int

const (
	unasked    pace = iota
	documented      // once a second
	eager           // before whatever else comes
	slow            // after whatever else comes
)

// run goes through the world to its end.
func (k *walk) run(s *story) {
	k.asked = none
	k.c = s.begin(k.world)
	if k.began = k.c.whole; k.told.start != nil {
		k.told.start(k)
	}
	k.c.watch = func(h happening) {
		k.told.seen(k, h)
		k.path = append(k.path, h)
	}
	for len(k.path) < k.limit {
		if k.alone && k.asked != len(k.path) {
			k.pace = unasked // who was slow once may be eager the next time
			if k.known.leads(k.standing(), k.world) {
				k.pruned = true
				return
			}
		}
		k.ask()
		at, _ := k.c.due()
		event := k.soonest()
		poll := k.nextPoll()
		switch {
		case at <= event && at <= poll && at != never:
			k.c.to(at)
		case event <= poll && event != never:
			k.c.to(event)
			k.fire()
		case poll != never:
			k.c.to(poll)
			k.polls++
			k.c.meet(&act{at: poll, poll: true, offer: whole})
		default:
			return
		}
	}
}

// nextPoll is when the client polls next, as far as the story waits for it: once a second or, where polls race something else, as the
// world has it.
func (k *walk) nextPoll() time.Duration {
	if !k.c.polls() || !k.alone && pollEnds(k.c.whole) {
		return never
	}
	at := max(time.Duration(k.polls+1)*pollEvery, k.c.now.Truncate(pollEvery)+pollEvery)
	if due, _ := k.c.due(); due != never {
		if k.pace == unasked {
			k.pace = documented + pace(k.world.choose(3))
			k.odd = k.odd || k.pace != documented
		}
		switch k.pace {
		case slow:
			return never
		case eager:
			at = min(at, k.c.now+(due-k.c.now)/2)
		}
	}
	if at > pollFor {
		return never
	}
	return at
}

// ask chooses, each time that something has happened, whether an event comes that the story waits for: soon, or just before
// something else does.
func (k *walk) ask() {
	if k.asked == len(k.path) || len(k.events) > 0 {
		return
	}
	k.asked = len(k.path)
	can := k.awaited()
	if len(can) == 0 {
		return
	}
	due, _ := k.c.due()
	times := []time.Duration{time.Second}
	if due == never {
		if poll := k.nextPoll(); poll-k.c.now <= time.Second && k.alone { // which would always come first
			times = append(times, (poll-k.c.now)/2)
		}
	} else if due-k.c.now < 2*time.Second {
		times = []time.Duration{(due - k.c.now) / 2}
	} else if k.alone { // together it is asked again once that has happened
		times = append(times, due-k.c.now-time.Millisecond)
	}
	if chosen := k.world.choose(len(can)*len(times) + 1); chosen > 0 {
		one := can[(chosen-1)/len(times)]
		one.at = k.c.now + times[(chosen-1)%len(times)]
		k.events = append(k.events, one)
	}
}

// awaited are the events that the story waits for and that can happen now, each at every offer it can happen to.
func (k *walk) awaited() []coming {
	var can []coming
	add := func(r *runner, offers ...int) {
		for _, w := range r.open {
			wait := r.track.items[w.item].wait
			if wait.kind != onEvent {
				continue
			}
			e, _ := eventNamed(wait.event)
			for _, i := range offers {
				if one := (coming{offer: i, event: e.name}); k.takes(e, i) && !slices.Contains(can, one) {
					can = append(can, one)
				}
			}
		}
	}
	for i := range k.c.tracks {
		add(&k.c.tracks[i], i, whole)
	}
	if k.c.says.track != nil && k.c.stated != byAct {
		for i := range k.c.tracks {
			add(&k.c.says, i)
		}
	}
	return can
}

// takes says whether an event can happen now: to an offer or, where it happens to all, to several of them at once.
func (k *walk) takes(e event, offer int) bool {
	if offer != whole {
		return e.takes(k.c.offers[offer].status)
	}
	can := 0
	for i := range k.c.offers {
		if e.takes(k.c.offers[i].status) {
			can++
		}
	}
	return e.all && can > 1
}

func (k *walk) soonest() time.Duration {
	at := never
	for _, e := range k.events {
		at = min(at, e.at)
	}
	return at
}

// fire has the soonest event happen, if it still can.
func (k *walk) fire() {
	at := k.soonest()
	i := slices.IndexFunc(k.events, func(e coming) bool { return e.at == at })
	one := k.events[i]
	k.events = slices.Delete(k.events, i, i+1)
	if e, _ := eventNamed(one.event); k.takes(e, one.offer) {
		k.c.meet(&act{at: at, offer: one.offer, word: one.event})
	}
}

// mostTold is how many steps of a way are told: the first and the last of a long one.
const mostTold = 16

// tell is the walk so far, and what happens last, as steps that a person can follow.
func (k *walk) tell(last ...happening) (steps []string) {
	path := append(slices.Clone(k.path), last...)
	left := k.left
	if len(path) > mostTold {
		left += len(path) - mostTold
		path = append(path[:mostTold/2:mostTold/2], path[len(path)-mostTold/2:]...)
	}
	for i, h := range path {
		if left > 0 && i == mostTold/2 {
			steps = append(steps, fmt.Sprintf("… %d more", left))
		}
		steps = append(steps, k.words(h))
	}
	return steps
}

// way is tell of the walk as it is.
func (k *walk) way() []string { return k.tell() }

// brief is the walk as it is now, to be told later.
func (k *walk) brief() *walk {
	kept := *k
	kept.path = slices.Clone(k.path)
	if n := len(k.path); n > mostTold {
		kept.left += n - mostTold
		kept.path = append(kept.path[:mostTold/2:mostTold/2], k.path[n-mostTold/2:]...)
	}
	return &kept
}

// asDocumented says whether the client of this walk polls as the documents say.
func (k *walk) asDocumented() bool { return !k.odd }

// words are a happening in words: "4s: offer alfa becomes APPROVED, after 2s..5s (line 12)".
func (k *walk) words(h happening) string {
	text := scenario.Words(h.at) + ": "
	if h.item == none {
		of := "all offers"
		if h.act.offer != whole {
			of = "offer " + k.c.story.offers[h.act.offer].key
		}
		return text + "event " + h.act.word + " of " + of
	}
	it := &k.c.runner(h.offer).track.items[h.item]
	who := "the calculation"
	if h.offer != whole {
		who = "offer " + k.c.story.offers[h.offer].key
	}
	return text + who + " becomes " + it.status + ", " + it.wait.String() + fmt.Sprintf(" (line %d)", it.node.Line())
}

// alone is a story of one of the offers, to look at all that can become of it.
func (s *story) alone(i int) *story {
	return &story{script: s.script, name: s.name, offers: s.offers[i : i+1 : i+1], partner: s.partner}
}

// explore goes through the worlds of a story, as many as there are or the bounds allow. It says whether it saw all.
func explore(s *story, alone bool, budget *int, told watcher) (all bool) {
	w := &world{long: map[*track]bool{}, kept: map[question]int{}, ranges: alone && s.offers[0].track.ordersByRange() || !alone && s.ranges() <= fewRanges}
	known, timed, bound := standings{}, alone && s.offers[0].track.isTimed(), *budget
	var path []happening
	for n := range maxWorlds {
		k := &walk{world: w, alone: alone, known: known, timed: timed, told: told, limit: *budget, path: path[:0]}
		k.run(s)
		path = k.path
		if *budget -= len(k.path) + 1; *budget <= 0 {
			return false
		}
		if !k.pruned {
			told.ended(k)
		}
		if !w.next(!alone && (n >= maxWorlds/2 || *budget < bound/2)) {
			return true
		}
	}
	return false
}

// fewRanges are so few that the times of all offers together can be chosen one by one.
const fewRanges = 6

// ranges are how many steps of the offers take a time that is drawn.
func (s *story) ranges() (n int) {
	for i := range s.offers {
		for _, it := range s.offers[i].track.items {
			if it.wait.time.Low != it.wait.time.High {
				n++
			}
		}
	}
	return n
}

// ordersByRange says whether the time that a range takes can change what comes of the track: where branches are raced for, or
// steps have instants of their own.
func (t *track) ordersByRange() bool {
	return slices.ContainsFunc(t.items, func(it item) bool {
		return it.wait.kind == afterStart || !it.drawn && len(it.ways) > 1
	})
}

// list is words with commas, and an or before the last.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
