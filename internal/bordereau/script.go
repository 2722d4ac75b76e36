package bordereau

import (
	"math"
	"strconv"
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
	if flights, ok := m.Take("flights"); ok {
		s.flights = map[string][]departure{}
		for _, e := range flights.Map().All() {
			number := e.Key.Text()
			if !b.rules["flight-number-format"].pattern.MatchString(number) {
				e.Key.Mistake("write it as S7-155: two capital letters or digits, a dash, one to four digits", "%q is not a flight number", number)
			}
			s.flights[number] = readDepartures(e.Value)
		}
	}
	if records, ok := m.Take("records"); ok {
		for _, item := range records.List() {
			s.records = append(s.records, b.readPlan(item))
		}
	}
	if key, ok := m.Take("same_risk"); ok {
		s.key = nil
		for _, item := range key.List() {
			if f, ok := fieldOf([]byte(item.OneOf("field", fieldNames[:]))); ok {
				s.key = append(s.key, f)
			}
		}
		if len(s.key) == 0 {
			key.Mistake("name fields, such as policyNumber", "nothing would tell two risks apart")
		}
	}
	if messages, ok := m.Take("messages"); ok {
		s.messages = map[string]string{}
		for _, e := range messages.Map().All() {
			s.messages[e.Key.OneOf("error code", b.codes)] = e.Value.Text()
		}
	}
	m.Done()
	return s
}

func (b *rulebook) readPlan(n scenario.Node) plan {
	p, m := plan{share: -1}, n.Map()
	if when, ok := m.Take("when"); ok {
		w := when.Map()
		if v, ok := w.Take("position"); ok {
			p.position = int(v.Whole(1, math.MaxInt32))
		}
		if v, ok := w.Take("every"); ok {
			p.every = int(v.Whole(1, math.MaxInt32))
		}
		if v, ok := w.Take("share"); ok {
			p.share = readShare(v)
		}
		if v, ok := w.Take("where"); ok {
			p.where = readWhere(v)
		}
		w.Done()
	}
	one, isOne := m.Take("error")
	if isOne {
		p.codes = append(p.codes, one.OneOf("error code", b.riskCodes()))
	}
	several, isSeveral := m.Take("errors")
	if isSeveral {
		for _, item := range several.List() {
			p.codes = append(p.codes, item.OneOf("error code", b.riskCodes()))
		}
	}
	if isOne == isSeveral {
		n.Mistake("write error: with one code, or errors: with a list of them", "a record's plan names its errors once")
	}
	m.Done()
	return p
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

// readShare reads a percentage, such as 5% or 0.25%, as ten thousandths.
func readShare(n scenario.Node) int {
	text := n.Text()
	percent, ok := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(percent), 64)
	if !ok || err != nil || !(share >= 0 && share <= 100) {
		n.Mistake("write it as 5% or 0.25%", "expected a share from 0%% to 100%%, found %q", text)
		return 0
	}
	return int(math.Round(share * 100))
}

func readWhere(n scenario.Node) map[field]string {
	where := map[field]string{}
	for _, e := range n.Map().All() {
		if f, ok := fieldOf([]byte(e.Key.OneOf("field", fieldNames[:]))); ok {
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
