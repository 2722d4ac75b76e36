package osago

import (
	"slices"

	"github.com/shopspring/decimal"

	"poligon/internal/scenario"
)

// script is the osago section of a scenario.
type script struct {
	unknownIDs bool     // whether a look at an unknown request_id starts its calculation
	repeated   string   // what another body under a request_id that is taken does: refuse, keep or replace
	stories    []*story // the first is played where no other one fits
	places     []string // of all steps, as they are counted
	room       int      // how many steps it may still have, while it is read; those that repeat counted each time
}

// story is how the partner answers one calculation.
type story struct {
	script  *script
	name    string      // empty for the first
	when    []condition // all of which a calculation must fit
	node    scenario.Node
	partner party // who answers: an insurer or an aggregator
	offers  []offer
	stated  *track  // the calculation's own status; nil when it follows from the offers
	sending sending // how it tells of its sales
	endless bool    // whether a client that polls as documented need not see how it ends
	fixed   bool    // whether nothing is drawn or waited for
}

// party is an insurer or an aggregator.
type party struct {
	code int
	name string
}

// offer is one offer's part of a story.
type offer struct {
	key     string // its name in the file
	insurer party
	price   string                     // as the scenario states it; empty when it follows from the coefficients
	stated  map[string]decimal.Decimal // coefficients that the scenario states
	track   *track
	shows   shown
	papers  papers
}

// What another body under a taken request_id does. The documents do not say.
const (
	repeatRefuse  = "refuse"  // it is refused
	repeatKeep    = "keep"    // it is answered as if it were the first one, which stays
	repeatReplace = "replace" // the calculation begins anew with it
)

const (
	maxOffers  = 100
	maxStories = 100
	maxSteps   = 10_000
)

// scriptReader reads the section. The zero value reads any path of a request.
type scriptReader struct {
	paths map[string][]string // of a calculation request's fields, with the texts that each can have; nil when they are not known
}

// read reads the section.
func (r scriptReader) read(n scenario.Node) any {
	s, m := &script{unknownIDs: true, repeated: repeatRefuse, room: maxSteps}, n.Map()
	if u, ok := m.Take("unknown_ids", "what a look at an unknown request_id does: start its calculation, or not_found, the documented 404"); ok {
		s.unknownIDs = u.OneOf("treatment of unknown ids", []string{"start", "not_found"}) != "not_found"
	}
	if r, ok := m.Take("repeated", "what another body under a request_id that is taken does: refuse, the 400; keep, where the first one stays; replace, where the calculation begins anew"); ok {
		s.repeated = r.OneOf("treatment of a repeated request_id", []string{repeatRefuse, repeatKeep, repeatReplace})
	}
	s.stories = append(s.stories, s.readStory(n, m, Name))
	if stories, ok := m.Take("stories", "other stories of the same partner, each for the calculations that fit its when; the first that fits is played"); ok {
		r.readStories(stories, s)
	}
	m.Done()
	if s.room < 0 {
		n.Mistake("tell several scenarios, or repeat less often", "the section has more than %d steps, those that repeat counted each time", maxSteps)
	}
	return s
}

func (r scriptReader) readStories(n scenario.Node, s *script) {
	items := n.List()
	if len(items) > maxStories {
		n.Mistake("tell several scenarios", "%d stories are more than %d", len(items), maxStories)
		return
	}
	for _, item := range items {
		m := item.Map()
		name, _ := m.Need("name", "what the story is called in explanations")
		text := name.Text()
		if slices.ContainsFunc(s.stories, func(o *story) bool { return text != "" && o.name == text }) {
			name.Mistake("give it another name", "there is a story %q above already", text)
		}
		var when []condition
		if w, ok := m.Need("when", "what the request of a calculation must hold, by the path of a field"); ok {
			when = r.readConditions(w)
		}
		one := s.readStory(item, m, Name+".stories."+text)
		one.name, one.when = text, when
		s.stories = append(s.stories, one)
		m.Done()
	}
}

// readStory reads what a section and each of its stories have alike.
func (s *script) readStory(n scenario.Node, m *scenario.Map, place string) *story {
	one := &story{script: s, node: n, fixed: true}
	if p, ok := m.Take("partner", "who answers: a name, or a code and a name; the insurer of the only offer, or else an aggregator of ours"); ok {
		one.partner = readParty(p)
		if one.partner.code < 0 {
			one.partner.code = 1
		}
	}
	if c, ok := m.Take("calculation", "steps of the calculation's own status, when it should not follow from the offers"); ok {
		one.stated = s.readTrack(c, place+".calculation", "calculation status", calculationStatuses, false)
	}
	one.sending = readSending(m)
	if v, ok := m.Take("never_final", "true when a client that polls as documented never sees how the calculation ends, and that is what the story is about"); ok {
		one.endless = v.Flag()
	}
	if offers, ok := m.Need("offers", "the offers by names of your own; {} for a calculation without offers"); ok {
		entries := offers.Map().All()
		if len(entries) > maxOffers {
			offers.Mistake("keep the story small", "%d offers are more than %d", len(entries), maxOffers)
		}
		for _, e := range entries {
			o := one.readOffer(e, place)
			one.add(o.track)
			one.offers = append(one.offers, o)
		}
	}
	if one.stated != nil {
		one.add(one.stated)
	}
	if one.partner.name == "" && len(one.offers) == 1 {
		one.partner = one.offers[0].insurer
	} else if one.partner.name == "" {
		one.partner = party{1, "Полигон"}
	}
	return one
}

// add counts the steps of a track among those of the script.
func (s *story) add(t *track) {
	t.base = len(s.script.places)
	s.script.places = append(s.script.places, t.places...)
	s.fixed = s.fixed && t.fixed != nil
}

// nameOf is what a track is called in questions to the dice.
func (s *story) nameOf(t *track) string {
	for i := range s.offers {
		if s.offers[i].track == t {
			return s.name + "/" + s.offers[i].key
		}
	}
	return s.name
}

// readParty reads a name alone, or {code, name}. The code is negative when none is given.
func readParty(n scenario.Node) party {
	if !n.IsMap() {
		return party{-1, n.Text()}
	}
	p, m := party{code: -1}, n.Map()
	if c, ok := m.Take("code", "the number that a client knows it by"); ok {
		p.code = int(c.Whole(0, 1<<31-1))
	}
	name, _ := m.Need("name", "its name")
	p.name = name.Text()
	m.Done()
	return p
}

// readInsurer reads the insurer of the next offer. Without a code it has that of an earlier offer of the same name, or its
// place in the file. One code for two names is a mistake: a client could not tell them apart.
func (s *story) readInsurer(n scenario.Node) party {
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

func (s *story) readOffer(e scenario.Entry, place string) offer {
	o, m := offer{key: e.Key.Text()}, e.Value.Map()
	insurer, _ := m.Need("insurer", "who makes the offer: a name, or a code and a name")
	o.insurer = s.readInsurer(insurer)
	price, hasPrice := m.Take("price", "the premium in roubles, as 7072 or 7072.50; otherwise the product of the coefficients")
	if hasPrice {
		o.price = price.Money()
	}
	if n, ok := m.Take("coefficients", "coefficients that differ from those that follow from the request"); ok {
		o.stated = readCoefficients(n)
	}
	m.AtMostOne("price", "coefficients")
	o.shows = readShown(m)
	o.papers = readPapers(m)
	o.track = &track{start: none}
	if n, ok := m.Need("steps", "what the offer is, and from when"); ok {
		o.track = s.script.readTrack(n, place+".offers."+o.key+".steps", "offer status", offerStatuses, true)
	}
	m.Done()
	return o
}
