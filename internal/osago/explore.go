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
	maxWorlds   = 2000   // of one offer, and of all offers together
	maxHappened = 50_000 // in all of them together
)

// world is one way in which a story can go: the choices made so far, and how many there were to choose from.
type world struct {
	choices, from []int
	at            int
	ranges        bool            // whether each range is a choice of its own, between its ends
	long          map[*track]bool // where they are not: which tracks take the long ends
	kept          map[question]int
}

// question is what fate is asked about.
type question struct {
	track *track
	item  int
}

// choose makes a choice of n.
func (w *world) choose(n int) int {
	if n < 2 {
		return 0
	}
	if w.at == len(w.choices) {
		w.choices, w.from = append(w.choices, 0), append(w.from, n)
	}
	w.at++
	return w.choices[w.at-1]
}

// next turns to another world; false when all were seen.
func (w *world) next() bool {
	w.at = 0
	clear(w.kept)
	clear(w.long)
	for i := len(w.choices) - 1; i >= 0; i-- {
		if w.choices[i]++; w.choices[i] < w.from[i] {
			w.choices, w.from = w.choices[:i+1], w.from[:i+1]
			return true
		}
	}
	return false
}

// wait implements fate: a range is one of its ends.
func (w *world) wait(t *track, item int) time.Duration {
	r := t.items[item].wait.time
	q := question{t, item}
	if w.ranges {
		chosen, ok := w.kept[q]
		if !ok {
			chosen = w.choose(2)
			w.kept[q] = chosen
		}
		return []time.Duration{r.Low, r.High}[chosen]
	}
	long, ok := w.long[t]
	if !ok {
		long = w.choose(2) == 0 // the long one first: it shows what never ends
		w.long[t] = long
	}
	if long {
		return r.High
	}
	return r.Low
}

// way implements fate.
func (w *world) way(t *track, item int) int {
	q := question{t, item}
	chosen, ok := w.kept[q]
	if !ok {
		chosen = w.choose(len(t.items[item].ways))
		w.kept[q] = chosen
	}
	return chosen
}

// coming is an event that is going to happen in a world.
type coming struct {
	at    time.Duration
	offer int
	event string
}

// walk is a course through one world.
type walk struct {
	world          *world
	c              *course
	alone          bool // a single offer, whose client polls on
	asked          map[asked]bool
	events         []coming
	polls          int
	hurries, eager bool // whether it was asked how the client polls, and whether it polls before a second is over
	path           []happening
	limit          int
	seen           func(*walk, happening) // told of everything that happens, before it does
}

// asked is what was asked about an event: of a track that waits for it since then, for an offer in a status.
type asked struct {
	who   int
	since time.Duration
	item  int
	offer int
	now   OfferStatus
	event string
}

// run goes through the world to its end.
func (k *walk) run(s *story) {
	k.asked = map[asked]bool{}
	k.c = s.begin(k.world)
	k.c.watch = func(h happening) {
		k.seen(k, h)
		k.path = append(k.path, h)
	}
	for len(k.path) < k.limit {
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

// nextPoll is when the client polls next, as far as the story waits for it: once a second or, where polls race something else and a
// client is looked at that does not wait so long, before that.
func (k *walk) nextPoll() time.Duration {
	at := max(time.Duration(k.polls+1)*pollEvery, k.c.now.Truncate(pollEvery)+pollEvery)
	due, _ := k.c.due()
	if k.alone && k.c.polls() && due < at {
		if !k.hurries {
			k.hurries, k.eager = true, k.world.choose(2) == 1
		}
		if k.eager {
			at = k.c.now + (due-k.c.now)/2
		}
	}
	if at > pollFor || !k.c.polls() || !k.alone && pollEnds(k.c.whole) {
		return never
	}
	return at
}

// ask chooses, for every event that the story has come to wait for, whether it comes.
func (k *walk) ask() {
	for i := range k.c.tracks {
		k.askOf(i, &k.c.tracks[i], []int{i})
	}
	if k.c.says.track != nil && k.c.stated != byAct {
		all := make([]int, len(k.c.tracks))
		for i := range all {
			all[i] = i
		}
		k.askOf(whole, &k.c.says, all)
	}
}

func (k *walk) askOf(who int, r *runner, offers []int) {
	var can []coming
	for _, w := range r.open {
		it := &r.track.items[w.item]
		if it.wait.kind != onEvent {
			continue
		}
		e, _ := eventNamed(it.wait.event)
		for _, i := range offers {
			key := asked{who, r.since, r.item, i, k.c.offers[i].status, e.name}
			if e.takes(k.c.offers[i].status) && !k.asked[key] {
				k.asked[key] = true
				can = append(can, coming{offer: i, event: e.name})
			}
		}
	}
	if len(can) == 0 {
		return
	}
	chosen := k.world.choose(len(can) + 1)
	if chosen == 0 {
		return
	}
	one, soon := can[chosen-1], time.Second
	if at, _ := k.c.due(); at != never && at-k.c.now < 2*soon {
		soon = (at - k.c.now) / 2
	}
	one.at = k.c.now + soon
	k.events = append(k.events, one)
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
	if e, _ := eventNamed(one.event); e.takes(k.c.offers[one.offer].status) {
		k.c.meet(&act{at: at, offer: one.offer, word: one.event})
	}
}

// tell is the walk so far, and what happens last, as steps that a person can follow.
func (k *walk) tell(last ...happening) (steps []string) {
	const most = 16
	for _, h := range append(slices.Clone(k.path), last...) {
		steps = append(steps, k.words(h))
	}
	if len(steps) > most {
		left := fmt.Sprintf("… %d more", len(steps)-most+1)
		steps = append(append(slices.Clone(steps[:most/2]), left), steps[len(steps)-most/2+1:]...)
	}
	return steps
}

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
func explore(s *story, alone bool, budget *int, seen func(*walk, happening), ended func(*walk)) (all bool) {
	w := &world{long: map[*track]bool{}, kept: map[question]int{}, ranges: alone && s.offers[0].track.ordersByRange()}
	for range maxWorlds {
		k := &walk{world: w, alone: alone, seen: seen, limit: *budget}
		k.run(s)
		if *budget -= len(k.path) + 1; *budget <= 0 {
			return false
		}
		ended(k)
		if !w.next() {
			return true
		}
	}
	return false
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
