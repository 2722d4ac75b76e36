package bordereau

import (
	"slices"
	"strings"

	"poligon/internal/scenario"
)

// script is the bordereau section of a scenario.
type script struct {
	flights  schedule
	requests []requestPlan
	records  []plan
	key      []field           // what makes two risks of a partner the same one
	messages map[string]string // texts that differ from the catalogue's, by code
	parts    parts
	nodes    nodes
}

// nodes are places in the file that the checks speak about.
type nodes struct {
	flights, records scenario.Node
	messages         map[string]scenario.Node // by code
}

// readScript reads the section; an absent key has the default meaning: every flight departs as stated, every good record is
// imported, and two risks of one policy and flight are the same.
func (b *rulebook) readScript(n scenario.Node) any {
	s := &script{key: []field{policyNumber, flightNumber}}
	m := n.Map()
	if flights, ok := m.Take("flights", "when flights depart, by their numbers; a flight that is not listed is not checked"); ok {
		s.nodes.flights = flights
		s.flights = b.readFlights(flights)
	}
	if requests, ok := m.Take("requests", "requests that are refused as a whole; the first that fits counts"); ok {
		for _, item := range requests.List() {
			s.requests = append(s.requests, b.readRequestPlan(item))
		}
	}
	if records, ok := m.Take("records", "errors that records get besides those that they really have; all that fit add up"); ok {
		s.nodes.records = records
		for _, item := range records.List() {
			s.records = append(s.records, b.readPlan(item))
		}
	}
	if key, ok := m.Take("same_risk", "the fields by which two risks of a partner are the same one; policyNumber and flightNumber without it"); ok {
		s.key = nil
		for _, name := range readNames(key, readField) {
			f, _ := fieldOf([]byte(name))
			s.key = append(s.key, f)
		}
	}
	if messages, ok := m.Take("messages", "texts of errors by their codes, instead of the catalogue's"); ok {
		s.messages, s.nodes.messages = map[string]string{}, map[string]scenario.Node{}
		for _, e := range messages.Map().All() {
			code := e.Key.OneOf("error code", b.codes)
			s.messages[code], s.nodes.messages[code] = e.Value.Text(), e.Key
		}
	}
	m.Done()
	s.parts = s.count()
	return s
}

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

// about is what error codes are about: records, or requests as a whole.
type about struct {
	codes []string
	wrong string // what is said about another code of the catalogue
	hint  string
}

// readCode reads a code of the catalogue that is about the right thing.
func (b *rulebook) readCode(n scenario.Node, right about) string {
	if n.IsText() {
		if text := n.PlainText(); slices.Contains(b.codes, text) && !slices.Contains(right.codes, text) {
			n.Mistake(right.hint, right.wrong, text)
			return ""
		}
	}
	return n.OneOf("error code", right.codes)
}

// sortCodes parts the codes that a risk can have from those of a request as a whole.
func (b *rulebook) sortCodes() {
	risks, requests := &b.aboutRisks, &b.aboutRequests
	for _, c := range b.codes {
		if strings.HasPrefix(c, "WRONG_REQUEST_") || c == internal {
			requests.codes = append(requests.codes, c)
		} else {
			risks.codes = append(risks.codes, c)
		}
	}
	risks.wrong = "%s is about a request as a whole, not about a record"
	risks.hint = "choose a code of a risk, such as " + risks.codes[0] + ", or plan it under requests:"
	requests.wrong = "%s is about a record, not about a request as a whole"
	requests.hint = "choose a code of a request, such as " + internal + ", or plan it under records:"
}
