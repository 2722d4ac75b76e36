package osago

import (
	"fmt"
	"time"

	"poligon/internal/scenario"
	"poligon/internal/timeline"
)

// script is the osago section of a scenario.
type script struct {
	partner    party // who answers: an insurer or an aggregator
	unknownIDs bool  // whether a look at an unknown request_id starts its calculation
	stated     timeline.Timeline[CalculationStatus]
	offers     []offer
}

// party is an insurer or an aggregator.
type party struct {
	code int
	name string
}

// offer is one offer's part of the script.
type offer struct {
	key     string // its name in the file
	insurer party
	price   string // as the scenario states it; empty when it follows from the coefficients
	steps   timeline.Timeline[step]
}

// step is what an offer is from an offset on.
type step struct {
	status  OfferStatus
	message string
}

const maxOffers = 100

// readScript reads the section.
func readScript(n scenario.Node) any {
	s, m := &script{unknownIDs: true}, n.Map()
	if p, ok := m.Take("partner"); ok {
		s.partner = readParty(p, 1)
	}
	if u, ok := m.Take("unknown_ids"); ok {
		s.unknownIDs = u.OneOf("treatment of unknown ids", []string{"start", "not_found"}) != "not_found"
	}
	if c, ok := m.Take("calculation"); ok {
		s.stated = readSteps(c, func(n scenario.Node, _ *scenario.Map) CalculationStatus {
			return CalculationStatus(n.OneOf("calculation status", calculationStatuses))
		})
	}
	if offers, ok := m.Need("offers"); ok {
		entries := offers.Map().All()
		if len(entries) > maxOffers {
			offers.Mistake("", "%d offers are more than %d", len(entries), maxOffers)
		}
		for i, e := range entries {
			s.offers = append(s.offers, readOffer(e, i+1))
		}
	}
	m.Done()
	if s.partner.name == "" && len(s.offers) == 1 {
		s.partner = s.offers[0].insurer
	} else if s.partner.name == "" {
		s.partner = party{1, "Полигон"}
	}
	return s
}

// readParty reads a name alone, or {code, name}. The code is the place in the file when none is given.
func readParty(n scenario.Node, place int) party {
	if !n.IsMap() {
		return party{place, n.Text()}
	}
	p, m := party{code: place}, n.Map()
	if c, ok := m.Take("code"); ok {
		p.code = int(c.Whole(0, 1<<31-1))
	}
	if name, ok := m.Need("name"); ok {
		p.name = name.Text()
	}
	m.Done()
	return p
}

func readOffer(e scenario.Entry, place int) offer {
	o, m := offer{key: e.Key.Text()}, e.Value.Map()
	if n, ok := m.Need("insurer"); ok {
		o.insurer = readParty(n, place)
	}
	if n, ok := m.Take("price"); ok {
		o.price = n.Money()
	}
	if n, ok := m.Need("steps"); ok {
		o.steps = readSteps(n, func(n scenario.Node, m *scenario.Map) step {
			st := step{status: OfferStatus(n.OneOf("offer status", offerStatuses))}
			if message, ok := m.Take("message"); ok {
				st.message = message.Text()
			}
			return st
		})
	}
	m.Done()
	return o
}

// readSteps reads a list of steps. A step is a status alone, or {after: how long the step before lasts, status}, or {at: the
// time since the start, status}. The first step begins at once.
func readSteps[T any](n scenario.Node, value func(status scenario.Node, m *scenario.Map) T) timeline.Timeline[T] {
	var steps []timeline.Step[T]
	var offset time.Duration
	for i, item := range n.List() {
		var v T
		if item.IsMap() {
			m := item.Map()
			begins, waits := readWait(m, offset)
			if !waits && i > 0 {
				item.Mistake("add after: or at:", "the step does not say when it begins")
			}
			if i == 0 && begins > 0 {
				item.Mistake("let it begin with a step without after: or at:, such as CREATED", "the first step begins at once")
			}
			if offset = begins; i == 0 {
				offset = 0
			}
			if status, ok := m.Need("status"); ok {
				v = value(status, m)
			}
			m.Done()
		} else {
			if i > 0 {
				item.Mistake("write {after: 1s, status: …}", "the step does not say when it begins")
			}
			v = value(item, &scenario.Map{})
		}
		steps = append(steps, timeline.Step[T]{After: offset, Value: v})
	}
	if len(steps) == 0 {
		n.Mistake("", "there are no steps")
		return timeline.Timeline[T]{}
	}
	t, err := timeline.New(steps...)
	if err != nil {
		n.Mistake("", "%v", err)
	}
	return t
}

// readWait reads when a step begins, as an offset from the start; before is where the step before it began.
func readWait(m *scenario.Map, before time.Duration) (offset time.Duration, ok bool) {
	after, isAfter := m.Take("after")
	at, isAt := m.Take("at")
	switch {
	case isAfter && isAt:
		at.Mistake("keep one of them", "a step begins after: the one before or at: a time since the start, not both")
	case isAfter:
		return before + after.Duration(), true
	case isAt:
		if offset = at.Duration(); offset < before {
			at.Mistake(fmt.Sprintf("the step before begins at %s", before), "the step begins before the one above it")
			offset = before
		}
		return offset, true
	}
	return before, isAfter || isAt
}
