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
	stated     timeline.Timeline[step[CalculationStatus]]
	offers     []offer
	statedBase int // how many steps, as a session counts them, come before the stated ones: those of all offers
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
	steps   timeline.Timeline[step[OfferStatus]]
	base    int // how many steps of other offers come before its own
}

// step is what an offer or a calculation is from an offset on.
type step[S comparable] struct {
	status  S
	message string
	number  int // its place in its list
}

const maxOffers = 100

// readScript reads the section.
func readScript(n scenario.Node) any {
	s, m := &script{unknownIDs: true}, n.Map()
	if p, ok := m.Take("partner", ""); ok {
		s.partner = readParty(p)
		if s.partner.code < 0 {
			s.partner.code = 1
		}
	}
	if u, ok := m.Take("unknown_ids", ""); ok {
		s.unknownIDs = u.OneOf("treatment of unknown ids", []string{"start", "not_found"}) != "not_found"
	}
	if c, ok := m.Take("calculation", ""); ok {
		s.stated = readSteps(c, func(n scenario.Node, _ *scenario.Map) step[CalculationStatus] {
			return step[CalculationStatus]{status: CalculationStatus(n.OneOf("calculation status", calculationStatuses))}
		})
	}
	if offers, ok := m.Need("offers", ""); ok {
		entries := offers.Map().All()
		if len(entries) > maxOffers {
			offers.Mistake("keep the story small", "%d offers are more than %d", len(entries), maxOffers)
		}
		for _, e := range entries {
			o := s.readOffer(e)
			o.base = s.statedBase
			s.statedBase += len(o.steps.Steps())
			s.offers = append(s.offers, o)
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

// readParty reads a name alone, or {code, name}. The code is negative when none is given.
func readParty(n scenario.Node) party {
	if !n.IsMap() {
		return party{-1, n.Text()}
	}
	p, m := party{code: -1}, n.Map()
	if c, ok := m.Take("code", ""); ok {
		p.code = int(c.Whole(0, 1<<31-1))
	}
	name, _ := m.Need("name", "")
	p.name = name.Text()
	m.Done()
	return p
}

// readInsurer reads the insurer of the next offer. Without a code it has that of an earlier offer of the same name, or its
// place in the file. One code for two names is a mistake: a client could not tell them apart.
func (s *script) readInsurer(n scenario.Node) party {
	p := readParty(n)
	for _, o := range s.offers {
		if p.code < 0 && p.name == o.insurer.name {
			p.code = o.insurer.code
		}
	}
	if p.code < 0 {
		p.code = len(s.offers) + 1
	}
	for _, o := range s.offers {
		if p.code > 0 && p.code == o.insurer.code && p.name != o.insurer.name && p.name != "" && o.insurer.name != "" { // 0 may be a mistake
			n.Mistake("give it a code of its own, as in {code: 15, name: …}", "code %d belongs to insurer %s", p.code, o.insurer.name)
			break
		}
	}
	return p
}

func (s *script) readOffer(e scenario.Entry) offer {
	o, m := offer{key: e.Key.Text()}, e.Value.Map()
	insurer, _ := m.Need("insurer", "")
	o.insurer = s.readInsurer(insurer)
	if n, ok := m.Take("price", ""); ok {
		o.price = n.Money()
	}
	if n, ok := m.Need("steps", ""); ok {
		o.steps = readSteps(n, func(n scenario.Node, m *scenario.Map) step[OfferStatus] {
			st := step[OfferStatus]{status: OfferStatus(n.OneOf("offer status", offerStatuses))}
			if message, ok := m.Take("message", ""); ok {
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
func readSteps[S comparable](n scenario.Node, value func(status scenario.Node, m *scenario.Map) step[S]) timeline.Timeline[step[S]] {
	var steps []timeline.Step[step[S]]
	var offset time.Duration
	for i, item := range n.List() {
		status, m := item, &scenario.Map{} // a status alone
		if item.IsMap() {
			m = item.Map()
			offset = readWait(m, offset, i == 0)
			status, _ = m.Need("status", "")
		}
		v := value(status, m)
		v.number = i
		steps = append(steps, timeline.Step[step[S]]{After: offset, Value: v})
		if m.Done() && i > 0 && (item.IsMap() || item.IsText()) && !m.Has("after") && !m.Has("at") {
			item.Mistake("write {after: 1s, status: …}", "the step does not say when it begins")
		}
	}
	if n.IsList() && len(steps) == 0 {
		n.Mistake("begin with a status", "there are no steps")
	}
	t, err := timeline.New(steps...)
	if err != nil { // readWait lets no such steps through
		n.Mistake("", "%v", err)
	}
	return t
}

// readWait reads when a step begins, as an offset from the start; before is where the step before it began. After a mistake
// it is there too, so that one slip is told once.
func readWait(m *scenario.Map, before time.Duration, first bool) time.Duration {
	after, isAfter := m.Take("after", "")
	at, isAt := m.Take("at", "")
	wait, offset, ok := at, before, true
	switch {
	case isAfter && isAt:
		at.Mistake("keep one of them", "after: counts from the step before and at: from the start, so a step has one of them")
		ok = false
	case isAfter:
		var d time.Duration
		d, ok = after.Duration()
		wait, offset = after, before+d
	case isAt:
		offset, ok = at.Duration()
	}
	switch {
	case !ok:
		return before
	case first && offset > 0:
		wait.Mistake("put a step without after: or at: above it", "the first step begins at once")
		return 0
	case offset < before:
		at.Mistake(fmt.Sprintf("the step above begins at %s", before), "the step begins before the one above it")
		return before
	case offset > scenario.Longest:
		wait.Mistake("let the story end sooner", "the step begins more than %d days after the start", scenario.Longest/(24*time.Hour))
		return before
	}
	return offset
}
