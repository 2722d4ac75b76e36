package bordereau

import (
	"fmt"
	"strings"
	"time"

	"poligon/internal/scenario"
)

// readFlights reads the schedule: flight numbers, or their beginnings, with what is said about them.
func (b *rulebook) readFlights(n scenario.Node) (s schedule) {
	s.exact = map[string]*flight{}
	for _, e := range n.Map().All() {
		e.Key.Looks(`^\s*(`+strings.Trim(b.rules[ruleFlightNumber].Pattern, "^$")+"|"+beginningForm+`)\s*$`, "S7-155", "SU-*", "*")
		key := e.Key.Text()
		f := readFlight(e.Value)
		f.key = key
		beginning, isBeginning := strings.CutSuffix(key, "*")
		switch pattern := b.rules[ruleFlightNumber].pattern; {
		case strings.Contains(key, "*"):
			if !isBeginning || !pattern.MatchString(completed(beginning)) {
				e.Key.Mistake(`write the beginning and one star at the end, as in "SU-*"; "*" stands for all`, "%q is not the beginning of a flight number", key)
			}
			if s.beginnings == nil {
				s.beginnings = map[string]*flight{}
			}
			s.beginnings[beginning] = f
			s.longest = max(s.longest, len(beginning))
		default:
			if key != "" && !pattern.MatchString(key) {
				e.Key.Mistake("write it as S7-155: two capital Latin letters or digits, a dash, one to four digits", "%q is not a flight number", key)
			}
			s.exact[key] = f
		}
	}
	return s
}

// completed is a flight number that begins so, if there is one.
func completed(beginning string) string {
	const number = "AA-1"
	return beginning + number[min(len(beginning), len(number)):]
}

// beginningForm is how the beginning of a flight number is written.
const beginningForm = `([A-Z0-9]{0,2}|[A-Z0-9]{2}-[0-9]{0,4})\*`

// departureForm is how a departure, or a day without one, is written.
const departureForm = `^\s*(([0-9]{4}-[0-9]{2}-[0-9]{2} )?[0-9]{1,2}:[0-9]{2} (Z|[+-][0-9]{2}:[0-9]{2})|[0-9]{4}-[0-9]{2}-[0-9]{2} cancelled)\s*$`

// readFlight reads one departure, a list of them, or what has become of the flight.
func readFlight(n scenario.Node) *flight {
	f := &flight{}
	switch {
	case n.Is(flightCancelled):
		f.cancelled = true
		return f
	case n.Is(flightUnknown):
		f.unknown = true
		return f
	}
	items := []scenario.Node{n}
	if n.IsList() {
		if items = n.List(); len(items) == 0 {
			n.Mistake("give a departure, or remove the flight: one that is not listed is not checked", "the flight has no departure")
		}
	}
	for _, item := range items {
		f.readDeparture(item)
	}
	return f
}

// readDeparture reads a departure, or a day without one.
func (f *flight) readDeparture(n scenario.Node) {
	n.Looks(departureForm, "20:00 +03:00", "2026-04-09 20:00 +03:00", "2026-04-09 cancelled")
	text := n.Text()
	switch text {
	case "":
		return
	case flightCancelled, flightUnknown:
		n.Mistake(fmt.Sprintf("write %s alone for the whole flight, or 2026-04-09 cancelled for one day", text), "%s is about the whole flight, and stands among departures", text)
		return
	}
	if day, isOff := strings.CutSuffix(text, " "+flightCancelled); isOff {
		if _, err := parseDate(time.DateOnly, day); err != nil {
			n.Mistake("write the day as in 2026-04-09 cancelled", "%q is not a day of the calendar", day)
			return
		}
		if f.off == nil {
			f.off = map[string]bool{}
		}
		f.off[day] = true
		f.daysOff = append(f.daysOff, dayOff{day, n})
		return
	}
	if at, err := parseDate(dailyLayout, text); err == nil {
		f.departures = append(f.departures, departure{at, true, n})
		return
	}
	at, err := parseDate(datedLayout, text)
	if err != nil {
		hint := `write "20:00 +03:00" for every day, "2026-04-09 20:00 +03:00" for one, or "2026-04-09 cancelled" for a day without`
		if near := scenario.Nearest(text, []string{flightCancelled, flightUnknown}); near != "" {
			hint = "did you mean " + near + "?"
		}
		n.Mistake(hint, "%q is not a departure", text)
		return
	}
	f.departures = append(f.departures, departure{at, false, n})
}
