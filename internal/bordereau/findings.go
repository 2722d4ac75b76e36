package bordereau

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"poligon/internal/scenario"
)

// Rules that a check holds a script to.
const (
	neverMatches  = "never-matches"  // no request or record can fit
	hidden        = "hidden"         // something before it always counts
	repeated      = "repeated"       // it says again what is said already
	refusedAnyway = "refused-anyway" // the records that fit are refused for the same field whatever the scenario says
	messageUnused = "message-unused" // nothing gives the code
)

// check notes what is wrong with a script although every word of it can be read.
func (b *rulebook) check(given any) {
	s := given.(*script)
	for _, f := range s.flights.all() {
		f.check(b)
	}
	s.checkRequests()
	known, most := map[string]int{}, s.longest() // lines by what plans say
	for i := range s.records {
		p := &s.records[i]
		p.checkPlaces(most)
		for j := range p.where {
			b.checkCondition(&p.where[j])
		}
		p.checkRepeated(known)
	}
	s.checkMessages(b)
}

// warn notes something that does not keep a story from being played.
func warn(n scenario.Node, rule, hint, format string, args ...any) {
	n.Find(scenario.Finding{Rule: rule, Warning: true}, hint, format, args...)
}

// length is how many records a request can have that is not refused as a whole.
type length struct {
	records int
	why     string // "a request has at most 20000"
}

// longest is the longest request that no plan of requests refuses.
func (s *script) longest() length {
	most := length{maxRisks, fmt.Sprintf("a request has at most %d", maxRisks)}
	for i, p := range s.requests {
		if p.always() && p.where == nil && p.partner == nil && p.moreThan >= 0 && p.moreThan < most.records {
			most = length{p.moreThan, fmt.Sprintf("requests[%d] on line %d refuses those with more than %d", i, p.node.Line(), p.moreThan)}
		}
	}
	return most
}

// checkPlaces looks for positions that no record has, or none that every: takes.
func (p *plan) checkPlaces(most length) {
	if p.said == nil {
		if p.every > most.records {
			p.period.Find(scenario.Finding{Rule: neverMatches}, fmt.Sprintf("write a number up to %d", most.records),
				"no record is the %dth: %s", p.every, most.why)
		}
		return
	}
	p.checkOverlaps()
	every := max(p.every, 1)
	taken := func(s span) bool { return (min(s.high, most.records)/every)*every >= s.low }
	found := scenario.Finding{Rule: neverMatches, Warning: slices.ContainsFunc(p.said, taken)}
	for _, s := range p.said {
		switch {
		case taken(s):
		case s.low > most.records:
			s.node.Find(found, fmt.Sprintf("write a place up to %d", most.records), "no record has the place %s: %s", s, most.why)
		case every > most.records:
			s.node.Find(found, fmt.Sprintf("write every: with a number up to %d", most.records), "no record is the %dth: %s", every, most.why)
		default:
			next := (s.high/every + 1) * every
			if next > most.records {
				next -= every
			}
			found.Steps = []string{
				fmt.Sprintf("every: %d takes %s", every, multiples(every, most.records)),
				fmt.Sprintf("position: %s is none of them, record %d would be", s, next),
			}
			s.node.Find(found, fmt.Sprintf("write position: %d, or remove one of the two", next), "no record is at place %s and one of every %d", s, every)
		}
	}
}

// multiples are the records that every: takes.
func multiples(every, most int) string {
	switch most / every {
	case 1:
		return fmt.Sprintf("record %d alone", every)
	case 2:
		return fmt.Sprintf("records %d and %d alone", every, 2*every)
	}
	return fmt.Sprintf("records %d, %d, %d and so on", every, 2*every, 3*every)
}

func (s span) String() string {
	if s.low == s.high {
		return fmt.Sprint(s.low)
	}
	return fmt.Sprintf("%d..%d", s.low, s.high)
}

// checkOverlaps looks for places that are named twice.
func (p *plan) checkOverlaps() {
	list := slices.Clone(p.said)
	slices.SortStableFunc(list, func(s, t span) int { return s.low - t.low })
	farthest := list[0]
	for _, s := range list[1:] {
		if s.low <= farthest.high {
			warn(s.node, repeated, "name each place once", "place %s is in %s too", s, farthest)
		}
		if s.high > farthest.high {
			farthest = s
		}
	}
}

// checkRepeated looks for a plan that says what an earlier one says. Two shares are drawn apart, so they add up.
func (p *plan) checkRepeated(known map[string]int) {
	if 0 < p.share && p.share < everything {
		return
	}
	codes := slices.Clone(p.codes)
	slices.Sort(codes)
	said := fmt.Sprintf("%v %d %s %v", p.positions, max(p.every, 1), conditionWords(p.where), codes)
	if line, twice := known[said]; twice {
		warn(p.node, repeated, "remove one of them", "the plan is the one on line %d again", line)
		return
	}
	known[said] = p.node.Line()
}

// conditionWords tells conditions apart.
func conditionWords(list []condition) string {
	var b strings.Builder
	for i := range list {
		fmt.Fprintf(&b, "%d=%#v ", list[i].field, list[i].want)
	}
	return b.String()
}

// checkCondition looks for texts that are named twice, and for a condition that only records fulfil which are refused for the
// same field anyway.
func (b *rulebook) checkCondition(c *condition) {
	texts, exact := c.want.Exact()
	if !exact {
		return
	}
	if len(texts) > len(c.texts) {
		warn(c.node, repeated, "name each value once", "a value of %s is named twice", fieldNames[c.field])
	}
	k := &b.checks[c.field]
	if k.ignoredWhere != fieldCount || len(texts) == 0 || slices.ContainsFunc(texts, k.passes) {
		return
	}
	c.node.Find(scenario.Finding{Rule: refusedAnyway, Warning: true, Steps: []string{
		fmt.Sprintf("a record comes with %s %q", fieldNames[c.field], texts[0]),
		fmt.Sprintf("it gets %s whatever the scenario says: %s", k.code, k.wrong),
	}}, "write a value that the contract takes", "the contract takes no such %s, so these records get %s without the plan", fieldNames[c.field], k.code)
}

// passes says whether some value that is written so keeps what the contract says about the field.
func (c *check) passes(text string) bool {
	quoted, err := jsontext.AppendQuote(nil, text)
	if err == nil && c.keeps(value{kind: '"', raw: quoted}) {
		return true
	}
	v := value{raw: []byte(text)}
	v.kind = kindOf(v.raw)
	return v.kind != 0 && v.kind != '"' && c.keeps(v)
}

// checkMessages looks for texts of codes that nothing in the section gives. All other codes of the catalogue the contract gives.
func (s *script) checkMessages(b *rulebook) {
	given := map[string]bool{}
	for _, f := range s.flights.all() {
		if f.cancelled || len(f.daysOff) > 0 {
			given[b.rules[ruleFlightStatus].Code] = true
		}
		if len(f.departures) > 0 {
			given[b.rules[ruleDepartureTime].Code] = true
		}
	}
	for i := range s.records {
		for _, code := range s.records[i].codes {
			given[code] = true
		}
	}
	for _, rule := range []string{ruleFlightStatus, ruleDepartureTime} {
		code := b.rules[rule].Code
		if n, ok := s.nodes.messages[code]; ok && !given[code] {
			warn(n, messageUnused, "say under flights: or records: when it comes, or remove the text", "nothing in the section gives %s", code)
		}
	}
}
