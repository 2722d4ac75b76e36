package osago

import (
	"slices"
	"time"

	"poligon/internal/contract"
	"poligon/internal/scenario"
)

// What is checked of a calculation with all its offers, and of the stories of a script beside each other.

// together looks at all offers and the calculation as they stand when something happens.
func (c *checker) together(k *walk, h happening) {
	if h.item == none {
		return
	}
	it := &k.c.runner(h.offer).track.items[h.item]
	payments := k.c.count[paid] + k.c.count[issued]
	if h.offer == whole {
		if s := CalculationStatus(it.status); (s == Paid || s == Closed) && payments == 0 && !it.misbehaves && !k.paysNow(h.at) {
			c.find(it.node, scenario.Finding{Rule: rulePaidWithout}, func() []string { return k.tell(h) },
				"let an offer be PAYMENT_COMPLETED before it, or add misbehaves: true", "the calculation becomes %s while no offer is paid", s)
		}
		return
	}
	before, now := k.c.offers[h.offer].status.phase(), OfferStatus(it.status).phase()
	if !k.c.counts(h.offer, h.item) {
		return
	}
	if before != paid && before != issued && (now == paid || now == issued) && payments > 0 && !it.misbehaves {
		c.find(it.node, scenario.Finding{Rule: ruleTwoPaid}, func() []string { return k.tell(h) },
			"a customer pays one offer; let the others become CLOSED_OTHER_OFFER, or add misbehaves: true", "a second offer is paid")
	}
}

// neverPolled finds steps that wait for a poll which a client does not make any more.
func (c *checker) neverPolled(met map[*item]bool, unpolled map[*item]opening) {
	for it, at := range unpolled {
		k := at.walk
		if it.wait.kind == polled && !met[it] {
			c.find(it.node, scenario.Finding{Rule: ruleNeverPolled, Warning: true}, k.way,
				"wait for time or an event there, or for polls before", "a client stops polling when the calculation is %s, so this poll never comes", k.c.whole)
		}
	}
}

// paysNow says whether an offer is about to be paid at the same instant.
func (k *walk) paysNow(at time.Duration) bool {
	for i := range k.c.tracks {
		r := &k.c.tracks[i]
		if r.due == at {
			if p := OfferStatus(r.track.items[r.next].status).phase(); p == paid || p == issued {
				return true
			}
		}
	}
	return false
}

// ended looks back at a walk: how the calculation went, and whether a client that polls as documented learns how it ended.
func (c *checker) ended(s *story, k *walk) {
	status, since := CalculationStatus(""), time.Duration(0)
	status = k.began
	var seen bool
	lasts := func(until time.Duration) bool { // whether a poll comes in [since, until)
		first := max((since+pollEvery-1)/pollEvery, 1) * pollEvery
		return pollEnds(status) && first < until && first <= pollFor
	}
	for _, t := range k.c.turns {
		if t.offer != whole {
			continue
		}
		seen = seen || lasts(t.at)
		c.calculationFollows(s, k, t)
		status, since = CalculationStatus(t.to), t.at
	}
	if seen || lasts(never) || s.endless || !k.asDocumented() {
		return
	}
	c.find(s.node, scenario.Finding{Rule: ruleNeverFinal, Warning: true}, k.way,
		"say never_final: true if the story is about that, or let it be CALCULATION_READY, NO_CALCULATION_AVAILABLE or CALCULATION_ERROR for a second or more within three minutes",
		"a client that polls as documented never sees how the calculation ended")
}

// calculationFollows finds a status that does not follow the calculation's one before.
func (c *checker) calculationFollows(s *story, k *walk, t turn) {
	if t.cause.item == none || s.stated == nil || slices.Contains(calculationFollows[CalculationStatus(t.from)], CalculationStatus(t.to)) {
		return
	}
	it := &k.c.runner(t.cause.offer).track.items[t.cause.item]
	if it.misbehaves || t.cause.offer != whole {
		return // what follows from the offers is as they are
	}
	c.find(it.node, scenario.Finding{Rule: ruleLifecycle}, k.way, "for a partner that breaks the lifecycle add misbehaves: true",
		"the calculation becomes %s, which does not follow %s", t.to, t.from)
}

// start looks at the story as it begins: at payments that are there already.
func (c *checker) start(k *walk) {
	var payments []*item
	for i := range k.c.tracks {
		it := k.c.tracks[i].now()
		if p := OfferStatus(it.status).phase(); p == paid || p == issued {
			payments = append(payments, it)
		}
	}
	if len(payments) > 1 && !payments[1].misbehaves {
		c.find(payments[1].node, scenario.Finding{Rule: ruleTwoPaid}, nil, "a customer pays one offer; let the others become CLOSED_OTHER_OFFER, or add misbehaves: true", "two offers are paid from the start")
	}
	if k.c.says.track == nil {
		return
	}
	if it := k.c.says.now(); (k.began == Paid || k.began == Closed) && len(payments) == 0 && !it.misbehaves {
		c.find(it.node, scenario.Finding{Rule: rulePaidWithout}, nil, "let an offer be PAYMENT_COMPLETED before it, or add misbehaves: true",
			"the calculation is %s from the start, and no offer is paid", k.began)
	}
}

// hidden finds a story that is never played, because an earlier one fits whatever it fits, or nothing can.
func (c *checker) hidden(earlier []*story, s *story) {
	for _, cond := range s.when {
		if texts, exact := cond.pattern.Exact(); exact && cond.path == requestID && !slices.ContainsFunc(texts, contract.IsUUID) {
			c.find(s.node, scenario.Finding{Rule: ruleNoMatch}, nil, "write a UUID, or a pattern such as \"0000*\"", "no request_id is %s", list(texts))
		}
	}
	for _, e := range earlier {
		if len(e.when) > 0 && len(s.when) > 0 && e.covers(s) {
			c.find(s.node, scenario.Finding{Rule: ruleHidden}, nil, "put the narrower story first", "story %q is never played: story %q above fits whatever it fits", s.name, e.name)
		}
	}
}

// covers says whether a story fits every calculation that another one fits.
func (s *story) covers(other *story) bool {
	return !slices.ContainsFunc(s.when, func(mine condition) bool {
		return !slices.ContainsFunc(other.when, func(theirs condition) bool {
			return mine.path == theirs.path && mine.pattern.Covers(theirs.pattern)
		})
	})
}
