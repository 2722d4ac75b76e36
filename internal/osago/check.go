package osago

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
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
	told     map[string]bool
	answered map[[3]string]bool // of the story: by offer, status and text
}

// check notes what is wrong with a script, on the nodes of its steps.
func (a *API) check(given any) {
	s := given.(*script)
	c := &checker{offer: a.offer, told: map[string]bool{}}
	for i, one := range s.stories {
		c.story(one)
		c.hidden(s.stories[:i], one)
	}
}

// find notes a finding, once for each rule and place.
func (c *checker) find(n scenario.Node, found scenario.Finding, hint, format string, args ...any) {
	key := found.Rule + fmt.Sprint(n)
	if !c.told[key] {
		c.told[key] = true
		n.Find(found, hint, format, args...)
	}
}

func (c *checker) story(s *story) {
	c.answered = map[[3]string]bool{}
	for i := range s.offers {
		c.track(s, i)
		c.shown(&s.offers[i])
	}
	if s.stated != nil {
		c.loops(s.stated)
	}
	met, open, unpolled := map[*item]bool{}, map[*item]*walk{}, map[*item]*walk{}
	budget := maxHappened
	all := explore(s, false, &budget, func(k *walk, h happening) {
		c.together(k, h)
		k.offered(&k.c.says, open)
		if h.item != none {
			met[&k.c.runner(h.offer).track.items[h.item]] = true
		}
	}, func(k *walk) {
		c.ended(s, k)
		k.offered(&k.c.says, open)
		for i := range k.c.tracks {
			if pollEnds(k.c.whole) && k.c.tracks[i].counts() {
				k.offered(&k.c.tracks[i], unpolled)
			}
		}
	})
	if all {
		c.neverPolled(met, unpolled)
	}
	if s.stated != nil && all {
		c.begun(s.stated, met)
		c.never(s.stated, met, open)
	}
}

// track looks at all that can become of one offer by itself.
func (c *checker) track(s *story, i int) {
	t := s.offers[i].track
	c.loops(t)
	met, open := map[*item]bool{}, map[*item]*walk{}
	budget := maxHappened / 5 // of its own, so that one offer does not take another's
	all := explore(s.alone(i), true, &budget, func(k *walk, h happening) {
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
	})
	if !all {
		c.find(t.items[0].node, scenario.Finding{Rule: ruleBounded, Warning: true}, "let it part less often, or tell several stories",
			"offer %s can go in more ways than were looked at", s.offers[i].key)
		return
	}
	c.begun(t, met)
	c.never(t, met, open)
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
				c.find(next.node, scenario.Finding{Rule: ruleInstant, Warning: true}, "let the step before last a while, or remove it",
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
	c.find(it.node, scenario.Finding{Rule: ruleLifecycle, Steps: k.tell(h)},
		hint+"; for a partner that breaks the lifecycle add misbehaves: true", "%s does not follow %s", to, from)
}

// instant finds two changes at one instant, whose order in the file alone decides what holds.
func (c *checker) instant(k *walk, h happening, it *item) {
	r := k.c.runner(h.offer)
	if before := r.now(); h.at == r.since && before.status != it.status && it.wait.kind <= afterStart {
		c.find(it.node, scenario.Finding{Rule: ruleInstant, Warning: true, Steps: k.tell(h)}, "let the step before last a while, or remove it",
			"nobody ever sees %s: the offer is %s at the same instant", before.status, it.status)
	}
	if len(r.open) < 2 {
		return
	}
	for _, w := range r.open {
		if w.item != h.item && r.dueOf(w.item, k.world) == h.at && it.wait.kind <= afterStart {
			other := &r.track.items[w.item]
			c.find(other.node, scenario.Finding{Rule: ruleInstant, Warning: true, Steps: k.tell(h)}, "give the branches different times",
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
	if len(r.open) > 0 {
		var waits []string
		for _, w := range r.open {
			waits = append(waits, r.track.items[w.item].wait.String())
		}
		why = "what it waits for may never come: " + list(waits)
	}
	c.find(it.node, scenario.Finding{Rule: ruleHangs, Warning: true, Steps: k.tell()},
		"add a step such as {after: 30m, status: CLOSED_TIMEOUT}, or say stays: true if the story ends so", "the offer can stay %s for ever: %s", now, why)
}

// final says whether a status is in the documents' third group.
func final(s OfferStatus) bool {
	return s == ClosedPaid || s == ClosedOtherOffer || s == ClosedTimeout || s == OfferError
}

// offered notes what is open for a track, with the walk in which it is.
func (k *walk) offered(r *runner, open map[*item]*walk) {
	for _, w := range r.open {
		if it := &r.track.items[w.item]; open[it] == nil {
			kept := *k
			kept.path = slices.Clone(k.path)
			open[it] = &kept
		}
	}
}

// never finds steps that are open somewhere and never come. What stands behind such a step is not told of.
func (c *checker) never(t *track, met map[*item]bool, open map[*item]*walk) {
	seen := map[int]bool{}
	for it := range met {
		seen[it.number] = true
	}
	for i := range t.items {
		it := &t.items[i]
		k := open[it]
		if k == nil || seen[it.number] {
			continue
		}
		seen[it.number] = true
		hint := "another branch always begins before it"
		switch it.wait.kind {
		case onEvent:
			hint = "the lifecycle does not let " + it.wait.event + " happen where the step waits for it"
			if e, ok := eventNamed(it.wait.event); ok {
				hint += "; it happens to an offer that is " + e.takers()
			}
		case polled:
			hint = "a client polls once a second, for three minutes at most"
		}
		c.find(it.node, scenario.Finding{Rule: ruleNever, Steps: k.tell()}, hint, "the step can never happen")
	}
}

// takers are the statuses in which an event can happen, in words.
func (e event) takers() string {
	words := make([]string, len(e.from))
	for i, s := range e.from {
		words[i] = string(s)
	}
	return list(words)
}

// loops finds steps that repeat without taking time.
func (c *checker) loops(t *track) {
	again := map[int]int{}
	idle := map[int]bool{}
	for i := range t.items {
		it := &t.items[i]
		if len(it.ways) != 1 {
			continue
		}
		again[it.number]++
		idle[it.number] = it.wait.kind == atOnce || it.wait.kind == afterStep && it.wait.time.High == 0
	}
	for i := range t.items {
		it := &t.items[i]
		if len(it.ways) == 1 && again[it.number] > 1 && !slices.ContainsFunc(t.items, func(o item) bool {
			return len(o.ways) == 1 && again[o.number] > 1 && !idle[o.number]
		}) {
			c.find(it.node, scenario.Finding{Rule: ruleZeroLoop}, "let a step of it wait", "the repetition takes no time, so nobody can see it")
			return
		}
	}
}

// shown holds what an offer shows to the contract, at every step.
func (c *checker) shown(o *offer) {
	if pool := o.shows.pool; pool != nil && *pool && !slices.ContainsFunc(o.shows.upsales, isRequired) {
		c.find(o.shows.node, scenario.Finding{Rule: rulePool, Warning: true}, "add upsales: with is_required: true",
			"the offer is in the reinsurance pool, where a cross-sale is compulsory, and has none")
	}
	whose := o.key
	if o.isPlain() { // offers that show nothing of their own answer alike
		whose = ""
	}
	for i := range o.track.items {
		it := &o.track.items[i]
		if key := [3]string{whose, it.status, it.text}; len(it.ways) == 1 && !c.answered[key] {
			c.answered[key] = true
			c.answer(o, i)
		}
	}
}

// isPlain says whether the offer shows nothing but what follows from its status and its price.
func (o *offer) isPlain() bool {
	s := &o.shows
	return o.price == "" && o.stated == nil && s.prolongation == nil && s.extProlongation == nil && s.pool == nil && s.draft == link{} && s.payment == link{} && s.upsales == nil
}

func (c *checker) answer(o *offer, at int) {
	it := &o.track.items[at]
	one := &calculation{text: uuid.Nil.String(), dice: dice.New(1), started: time.Unix(0, 0).UTC(), story: &story{offers: []offer{*o}},
		offers: []present{{OfferStatus(it.status), at}}, life: &course{priced: []bool{true}}}
	text, err := json.Marshal(one.wireOffer(0, drawApplication(one.dice, one.id, one.started), "http://127.0.0.1"))
	var value any
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil {
		c.find(it.node, scenario.Finding{Rule: ruleContract}, "", "the offer cannot be written: %v", err)
		return
	}
	broken := map[string]string{}
	for _, v := range c.offer.Violations(value) {
		broken[v.Path] = v.Message
	}
	for _, path := range slices.Sorted(maps.Keys(broken)) {
		c.find(it.node, scenario.Finding{Rule: ruleContract, Steps: []string{"offer " + o.key + " is " + it.status + " and answers " + string(text)}},
			"", "the answer breaks the contract: %s: %s", path, broken[path])
	}
}

func isRequired(u wire.UpsaleInfo) bool { return u.IsRequired != nil && *u.IsRequired }
