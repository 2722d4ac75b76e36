package bordereau

import (
	"math"
	"slices"
	"strings"

	"poligon/internal/dice"
	"poligon/internal/scenario"
)

// script is the bordereau section of a scenario.
type script struct {
	flights  map[string][]departure // by flight number; a flight that is not listed is not checked
	records  []plan
	key      []field           // what makes two risks of a partner the same one
	messages map[string]string // texts that differ from the catalogue's, by code
	parts    parts
}

// plan gives errors to the records it meets.
type plan struct {
	position int // 1 is the first of the request; 0 for any
	every    int // every so many of the request; 0 for any
	share    int // in ten thousandths, drawn by the session's dice; negative for any
	where    map[field]string
	codes    []string
}

// readScript reads the section; an absent key has the default meaning: every flight departs as stated, every good record is
// imported, and two risks of one policy and flight are the same.
func (b *rulebook) readScript(n scenario.Node) any {
	s := &script{key: []field{policyNumber, flightNumber}}
	m := n.Map()
	if flights, ok := m.Take("flights", ""); ok {
		s.flights = b.readFlights(flights)
	}
	if records, ok := m.Take("records", ""); ok {
		for _, item := range records.List() {
			s.records = append(s.records, b.readPlan(item))
		}
	}
	if key, ok := m.Take("same_risk", ""); ok {
		s.key = nil
		for _, name := range readNames(key, readField) {
			f, _ := fieldOf([]byte(name))
			s.key = append(s.key, f)
		}
	}
	if messages, ok := m.Take("messages", ""); ok {
		s.messages = map[string]string{}
		for _, e := range messages.Map().All() {
			s.messages[e.Key.OneOf("error code", b.codes)] = e.Value.Text()
		}
	}
	m.Done()
	s.parts = s.count()
	return s
}

func readField(n scenario.Node) string { return n.OneOf("field", fieldNames[:]) }

// readNames reads a list of names, each of which comes once. An empty list is a mistake.
func readNames(n scenario.Node, read func(scenario.Node) string) (names []string) {
	items := n.List()
	if n.IsList() && len(items) == 0 {
		n.Mistake("name at least one, or remove the key", "the list is empty")
	}
	for _, item := range items {
		name := read(item)
		if slices.Contains(names, name) {
			item.Mistake("remove one of them", "%s is named twice", name)
		} else if name != "" {
			names = append(names, name)
		}
	}
	return names
}

func (b *rulebook) readPlan(n scenario.Node) plan {
	p, m := plan{share: -1}, n.Map()
	if when, ok := m.Take("when", ""); ok {
		w := when.Map()
		if v, ok := w.Take("position", ""); ok {
			p.position = int(v.Whole(1, math.MaxInt32))
		}
		if v, ok := w.Take("every", ""); ok {
			p.every = int(v.Whole(1, math.MaxInt32))
		}
		if v, ok := w.Take("share", ""); ok {
			p.share = v.Share()
		}
		if v, ok := w.Take("where", ""); ok {
			p.where = readWhere(v)
		}
		w.Done()
	}
	one, isOne := m.Take("error", "")
	several, isSeveral := m.Take("errors", "")
	switch {
	case isOne && isSeveral:
		several.Mistake("put all codes into errors:", "error: and errors: are both given")
	case isOne:
		p.codes = append(p.codes, b.readCode(one))
	case isSeveral:
		p.codes = readNames(several, b.readCode)
	case n.IsMap() && !m.Has("error") && !m.Has("errors"):
		n.Mistake("add error: with one code, or errors: with a list of them", "the record's plan names no error")
	}
	m.Done()
	return p
}

// readCode reads a code that a risk can have.
func (b *rulebook) readCode(n scenario.Node) string {
	risk := b.riskCodes()
	if n.IsText() {
		if text := n.Text(); slices.Contains(b.codes, text) && !slices.Contains(risk, text) {
			n.Mistake("choose a code of a risk, such as "+risk[0], "%s is about a request as a whole, not about a record", text)
			return ""
		}
	}
	return n.OneOf("error code", risk)
}

// riskCodes are the codes that a risk can have: all of the catalogue but those of a whole request.
func (b *rulebook) riskCodes() (list []string) {
	for _, c := range b.codes {
		if !strings.HasPrefix(c, "WRONG_REQUEST_") && c != internal {
			list = append(list, c)
		}
	}
	return list
}

func readWhere(n scenario.Node) map[field]string {
	where, entries := map[field]string{}, n.Map().All()
	if n.IsMap() && len(entries) == 0 {
		n.Mistake("name a field, as in {policyNumber: POLICY-1}", "the condition is empty")
	}
	for _, e := range entries {
		if f, ok := fieldOf([]byte(readField(e.Key))); ok {
			where[f] = e.Value.Text()
		}
	}
	return where
}

// meets says whether the plan is for the record at a position of its request. The die is the record's own.
func (p *plan) meets(r *risk, position int, die dice.Die) bool {
	switch {
	case p.position > 0 && position != p.position,
		p.every > 0 && position%p.every != 0,
		p.share >= 0 && die.IntN(10_000) >= p.share:
		return false
	}
	for f, want := range p.where {
		if r.values[f].plain() != want {
			return false
		}
	}
	return true
}
