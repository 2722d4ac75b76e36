package osago

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"poligon/internal/contract"
	"poligon/internal/dice"
	"poligon/internal/osago/internal/wire"
	"poligon/internal/scenario"
)

// The rules that a story is held to, as findings name them.
const (
	ruleLifecycle   = "lifecycle"
	ruleNever       = "never-happens"
	ruleHangs       = "hangs"
	ruleNeverFinal  = "never-final"
	ruleNeverPolled = "never-polled"
	ruleInstant     = "same-instant"
	rulePaidWithout = "paid-without-offer"
	ruleTwoPaid     = "two-paid"
	ruleZeroLoop    = "zero-loop"
	ruleContract    = "breaks-contract"
	ruleHidden      = "hidden"
	ruleNoMatch     = "never-matches"
	rulePool        = "pool-without-upsale"
	ruleBounded     = "not-all-seen"
)

// checker holds a script to the rules: it goes through all that can become of its stories.
type checker struct {
	offer    *contract.Schema // of an answer
	told     map[toldOf]bool
	answered map[[2]string]bool // of the story: by offer and status
	plain    *sync.Map          // the statuses in which offers that show nothing of their own were found to keep the contract
	left     int                // how much of the script may still be looked at
}

// check notes what is wrong with a script, on the nodes of its steps.
func (a *API) check(given any) {
	s := given.(*script)
	c := &checker{offer: a.offer, plain: &a.plain, told: map[toldOf]bool{}, left: maxScript}
	for i, one := range s.stories {
		c.story(one)
		c.hidden(s.stories[:i], one)
	}
}

// toldOf is what was found already: a rule that is broken at a place.
type toldOf struct {
	rule string
	at   scenario.Node
}

// find notes a finding, once for each rule and place. The way there, which may be nil, is asked for when it is told.
func (c *checker) find(n scenario.Node, found scenario.Finding, way func() []string, hint, format string, args ...any) {
	key := toldOf{found.Rule, n}
	if c.told[key] {
		return
	}
	c.told[key] = true
	if way != nil {
		found.Steps = way()
	}
	n.Find(found, hint, format, args...)
}

func (c *checker) story(s *story) {
	c.answered = map[[2]string]bool{}
	for i := range s.offers {
		c.track(s, i)
		c.shown(&s.offers[i])
	}
	if s.stated != nil {
		c.loops(s.stated)
	}
	met, open, unpolled := map[*item]bool{}, map[*item]opening{}, map[*item]opening{}
	all := c.explore(s, false, maxHappened/4*10/(10+len(s.offers)), watcher{c.start, func(k *walk, h happening) {
		c.together(k, h)
		k.offered(&k.c.says, open)
		if h.item != none {
			met[&k.c.runner(h.offer).track.items[h.item]] = true
		}
	}, func(k *walk) {
		c.ended(s, k)
		k.offered(&k.c.says, open)
		for i := range k.c.tracks {
			if k.asDocumented() && pollEnds(k.c.whole) && k.c.tracks[i].counts() {
				k.offered(&k.c.tracks[i], unpolled)
			}
		}
	}})
	if all {
		c.neverPolled(met, unpolled)
	}
	if s.stated != nil && all {
		c.begun(s.stated, met)
		c.never(s.stated, s.fixed, met, open)
	}
}

// explore goes through the worlds of a story, within a bound of its own and what is left of the script's.
func (c *checker) explore(s *story, alone bool, bound int, told watcher) (all bool) {
	budget := min(bound, c.left)
	had := budget
	all = explore(s, alone, &budget, told)
	c.left -= had - max(budget, 0)
	return all
}

// track looks at all that can become of one offer by itself.
func (c *checker) track(s *story, i int) {
	t := s.offers[i].track
	c.loops(t)
	met, open := map[*item]bool{}, map[*item]opening{}
	all := c.explore(s.alone(i), true, maxHappened, watcher{nil, func(k *walk, h happening) {
		if h.item == none {
			return
		}
		it := &t.items[h.item]
		met[it] = true
		k.offered(&k.c.tracks[0], open)
		c.follows(k, h, it)
		c.instant(k, h, it)
	}, func(k *walk) {
		c.hangs(k)
		k.offered(&k.c.tracks[0], open)
	}})
	if !all {
		c.find(t.items[0].node, scenario.Finding{Rule: ruleBounded, Warning: true}, nil, "let it part less often, or tell several stories",
			"offer %s can go in more ways than were looked at", s.offers[i].key)
		return
	}
	c.begun(t, met)
	c.never(t, t.isExact(), met, open)
}

// begun marks the steps that a track has at its very start, and finds those that nobody sees because another follows at once.
func (c *checker) begun(t *track, met map[*item]bool) {
	for _, w := range t.items[t.start].ways {
		for it := &t.items[w.item]; ; {
			met[it] = true
			if it.next == none || len(t.items[it.next].ways) != 1 {
				break
			}
			next := &t.items[it.next]
			if next.wait.kind > afterStart || next.wait.time.High > 0 {
				break
			}
			if next.status != it.status {
				c.find(next.node, scenario.Finding{Rule: ruleInstant, Warning: true}, nil, "let the step before last a while, or remove it",
					"nobody ever sees %s: it is %s at the same instant", it.status, next.status)
			}
			it = next
		}
	}
}

// follows finds a step that the lifecycle does not allow after the one before.
func (c *checker) follows(k *walk, h happening, it *item) {
	from, to := k.c.offers[h.offer].status, OfferStatus(it.status)
	if from == to || follows(from, to) || it.misbehaves {
		return
	}
	var next []string
	for _, s := range offerStatuses {
		if follows(from, OfferStatus(s)) {
			next = append(next, s)
		}
	}
	hint := "after " + string(from) + " comes " + list(next)
	if len(next) == 0 {
		hint = string(from) + " is final"
	}
	if before := k.c.runner(h.offer).now(); strings.Count(before.path, ".") > strings.Count(it.path, ".") {
		hint += fmt.Sprintf("; a branch that ends goes on below the either:, so put what belongs to another branch under its then: (this one ends on line %d)", before.node.Line())
	}
	c.find(it.node, scenario.Finding{Rule: ruleLifecycle}, func() []string { return k.tell(h) },
		hint+"; for a partner that breaks the lifecycle add misbehaves: true", "%s does not follow %s", to, from)
}

// instant finds two changes at one instant, whose order in the file alone decides what holds.
func (c *checker) instant(k *walk, h happening, it *item) {
	r := k.c.runner(h.offer)
	if before := r.now(); h.at == r.since && before.status != it.status && it.wait.kind <= afterStart {
		c.find(it.node, scenario.Finding{Rule: ruleInstant, Warning: true}, func() []string { return k.tell(h) }, "let the step before last a while, or remove it",
			"nobody ever sees %s: the offer is %s at the same instant", before.status, it.status)
	}
	if len(r.open) < 2 {
		return
	}
	for _, w := range r.open {
		if w.item != h.item && r.dueOf(w.item, k.world) == h.at && it.wait.kind <= afterStart {
			other := &r.track.items[w.item]
			c.find(other.node, scenario.Finding{Rule: ruleInstant, Warning: true}, func() []string { return k.tell(h) }, "give the branches different times",
				"two branches begin at the same instant, and the upper is taken")
		}
	}
}

// hangs finds an offer that stays for ever where no offer ends.
func (c *checker) hangs(k *walk) {
	r := &k.c.tracks[0]
	now, it := k.c.offers[0].status, r.now()
	if now == Rejected || final(now) || it.stays {
		return
	}
	why := "no step comes behind it"
	hint := "add a step such as {after: 30m, status: CLOSED_TIMEOUT}, or say stays: true if the story ends so"
	if len(r.open) > 0 {
		hint = "put the step that waits and one such as {after: 30m, status: CLOSED_TIMEOUT} below an either:, the steps that follow the first into its then:; or say stays: true if the story ends so"
		var waits []string
		for _, w := range r.open {
			waits = append(waits, r.track.items[w.item].wait.String())
		}
		why = "what it waits for may never come: " + list(waits)
	}
	c.find(it.node, scenario.Finding{Rule: ruleHangs, Warning: true}, k.way,
		hint, "the offer can stay %s for ever: %s", now, why)
}

// final says whether a status is in the documents' third group.
func final(s OfferStatus) bool {
	return s == ClosedPaid || s == ClosedOtherOffer || s == ClosedTimeout || s == OfferError
}

// opening is where a step is open: the walk, and what else is open there.
type opening struct {
	walk *walk
	ways []way
	t    *track
}

// offered notes what is open for a track, and where it is so first.
func (k *walk) offered(r *runner, open map[*item]opening) {
	for _, w := range r.open {
		it := &r.track.items[w.item]
		if _, known := open[it]; !known {
			open[it] = opening{k.brief(), r.open, r.track}
		}
	}
}

// never finds steps that are open somewhere and never come. What stands behind such a step is not told of. It is a mistake where
// that is certain, and a warning where times were tried that do not stand for all: of ranges, of polls, of events. The track is
// exact where there are none of these.
func (c *checker) never(t *track, exact bool, met map[*item]bool, open map[*item]opening) {
	seen := map[int]bool{}
	for it := range met {
		seen[it.number] = true
	}
	for i := range t.items {
		it := &t.items[i]
		at, known := open[it]
		if !known || seen[it.number] {
			continue
		}
		seen[it.number] = true
		certain, hint := exact || at.hides(it), "another branch always begins before it"
		switch it.wait.kind {
		case onEvent:
			e, _ := eventNamed(it.wait.event)
			certain, hint = true, "the lifecycle does not let "+it.wait.event+" happen where the step waits for it; it happens to an offer that is "+e.takers()
		case polled:
			hint = "a client polls once a second, for three minutes at most"
		}
		what := "the step can never happen"
		if !certain {
			what = "no way was found in which the step happens; not every time of a range, a poll or an event was tried"
		}
		c.find(it.node, scenario.Finding{Rule: ruleNever, Warning: !certain}, at.walk.way, hint, "%s", what)
	}
}

// hides says whether another branch certainly begins before a step.
func (o opening) hides(it *item) bool {
	return slices.ContainsFunc(o.ways, func(w way) bool {
		other := &o.t.items[w.item]
		return other != it && other.wait.kind == it.wait.kind && it.wait.kind <= afterStart && other.wait.time.High <= it.wait.time.Low
	})
}

// isExact says whether nothing in the track is drawn in time, polled or waited for.
func (t *track) isExact() bool {
	return !slices.ContainsFunc(t.items, func(it item) bool {
		return it.wait.kind >= polled || it.wait.time.Low != it.wait.time.High
	})
}

// takers are the statuses in which an event can happen, in words.
func (e event) takers() string {
	words := make([]string, len(e.from))
	for i, s := range e.from {
		words[i] = string(s)
	}
	return list(words)
}

// loops finds repetitions that take no time.
func (c *checker) loops(t *track) {
	for _, n := range t.idle {
		c.find(n, scenario.Finding{Rule: ruleZeroLoop}, nil, "let a step of it wait", "the repetition takes no time, so nobody can see it")
	}
}

// shown holds what an offer shows to the contract, at every step.
func (c *checker) shown(o *offer) {
	if pool := o.shows.pool; pool != nil && *pool && !slices.ContainsFunc(o.shows.upsales, isRequired) {
		c.find(o.shows.node, scenario.Finding{Rule: rulePool, Warning: true}, nil, "add upsales: with is_required: true",
			"the offer is in the reinsurance pool, where a cross-sale is compulsory, and has none")
	}
	whose := o.key
	if o.isPlain() { // offers that show nothing of their own answer alike
		whose = ""
	}
	for i := range o.track.items {
		it := &o.track.items[i]
		if key := [2]string{whose, it.status}; len(it.ways) == 1 && !c.answered[key] {
			c.answered[key] = true
			if _, known := c.plain.Load(it.status); known && whose == "" {
				continue
			}
			if c.answer(o, i) && whose == "" {
				c.plain.Store(it.status, true)
			}
		}
	}
}

// isPlain says whether the offer shows nothing but what follows from its status and its price.
func (o *offer) isPlain() bool {
	s := &o.shows
	return o.price == "" && o.stated == nil && s.prolongation == nil && s.extProlongation == nil && s.pool == nil && s.draft == link{} && s.payment == link{} && s.upsales == nil
}

// answer says whether what an offer answers at a step keeps the contract, and finds how it does not.
func (c *checker) answer(o *offer, at int) bool {
	it := &o.track.items[at]
	one := &calculation{text: uuid.Nil.String(), dice: dice.New(1), started: time.Unix(0, 0).UTC(), story: &story{offers: []offer{*o}},
		offers: []present{{OfferStatus(it.status), at}}, life: &course{priced: []bool{true}}}
	text, err := json.Marshal(one.wireOffer(0, drawApplication(one.dice, one.id, one.started), "http://127.0.0.1"))
	var value any
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil {
		c.find(it.node, scenario.Finding{Rule: ruleContract}, nil, "", "the offer cannot be written: %v", err)
		return false
	}
	broken := map[string]string{}
	for _, v := range c.offer.Violations(value) {
		broken[v.Path] = v.Message
	}
	for _, path := range slices.Sorted(maps.Keys(broken)) {
		c.find(it.node, scenario.Finding{Rule: ruleContract}, func() []string {
			return []string{"offer " + o.key + " is " + it.status + " and answers " + string(text)}
		},
			"", "the answer breaks the contract: %s: %s", path, broken[path])
	}
	return len(broken) == 0
}

func isRequired(u wire.UpsaleInfo) bool { return u.IsRequired != nil && *u.IsRequired }
