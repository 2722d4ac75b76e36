package bordereau

import (
	"maps"
	"slices"
	"strings"
	"time"

	"poligon/internal/scenario"
)

// schedule is what a scenario says about flights. The zero value says nothing: no flight is checked.
type schedule struct {
	exact      map[string]*flight // by number
	beginnings map[string]*flight // of the numbers that begin so and that nothing longer stands for
	longest    int                // of the beginnings, in bytes
}

// flight is what is said about one flight, or about all whose numbers begin alike.
type flight struct {
	key        string      // as the scenario has it: S7-155, SU-*
	departures []departure // none when every stated one is right
	cancelled  bool        // altogether
	unknown    bool        // there is no such flight
	daysOff    []dayOff    // on which it is cancelled
	off        map[string]bool
	part       int // of the script
}

// departure is when a flight leaves: at a time of every day, or on one day alone.
type departure struct {
	at    time.Time // with the offset of the airport; of a daily departure only the time of day counts
	daily bool
	node  scenario.Node
}

// dayOff is a day, as 2026-04-09, on which a flight is cancelled.
type dayOff struct {
	day  string
	node scenario.Node
}

const (
	dailyLayout = "15:04 Z07:00"
	datedLayout = "2006-01-02 15:04 Z07:00"
)

// Words that stand where a departure does.
const (
	flightCancelled = "cancelled"
	flightUnknown   = "unknown"
)

// all are the flights in the order of their keys.
func (s *schedule) all() (list []*flight) {
	for _, number := range slices.Sorted(maps.Keys(s.exact)) {
		list = append(list, s.exact[number])
	}
	for _, beginning := range slices.Sorted(maps.Keys(s.beginnings)) {
		list = append(list, s.beginnings[beginning])
	}
	slices.SortFunc(list, func(f, g *flight) int { return strings.Compare(f.key, g.key) })
	return list
}

// of is what is said about the flight of a number: under the number itself, else under its longest beginning.
func (s *schedule) of(number string) *flight {
	if f := s.exact[number]; f != nil || s.beginnings == nil {
		return f
	}
	for n := min(len(number), s.longest); n >= 0; n-- {
		if f := s.beginnings[number[:n]]; f != nil {
			return f
		}
	}
	return nil
}

// flightOf is what the scenario says about a risk's flight. A number that is wrong by itself, as its flaws say, is that of no
// flight that begins like it.
func (b *rulebook) flightOf(s *schedule, r *risk, flaws []flaw) *flight {
	number := r.at(flightNumber).text()
	if s.beginnings == nil {
		return s.exact[number]
	}
	wrong := b.rules[ruleKnownFlight].Code
	if slices.ContainsFunc(flaws, func(f flaw) bool { return f.code == wrong }) {
		return s.exact[number]
	}
	return s.of(number)
}

// against is the rule that a risk of the flight breaks, and what the scenario does so; nil when it breaks none. A departure that
// cannot be read is wrong otherwise.
func (b *rulebook) against(f *flight, r *risk) (broken *rule, does string) {
	switch {
	case f.unknown:
		return b.rules[ruleKnownFlight], "knows no such flight"
	case f.cancelled:
		return b.rules[ruleFlightStatus], "has the flight cancelled"
	case !b.sound(r, departureDate):
		return nil, ""
	}
	stated, _ := parseDate(b.checks[departureDate].layout, r.at(departureDate).text())
	dateOnly := r.at(ignoreDepartureTime).isTrue()
	for _, day := range f.days(stated, dateOnly) {
		if f.off[day] {
			return b.rules[ruleFlightStatus], "has the flight cancelled on " + day
		}
	}
	if len(f.departures) == 0 || slices.ContainsFunc(f.departures, func(d departure) bool { return d.agrees(stated, dateOnly) }) {
		return nil, ""
	}
	return b.rules[ruleDepartureTime], "has the flight at another time"
}

// days are the days on which a stated departure may be, as they are written: where the flight departs daily, the airport's; else, and
// where the local date alone counts, the one that is stated.
func (f *flight) days(stated time.Time, dateOnly bool) (list []string) {
	if len(f.off) == 0 {
		return nil
	}
	for _, d := range f.departures {
		if d.daily && !dateOnly {
			list = append(list, stated.In(d.at.Location()).Format(time.DateOnly))
		}
	}
	if len(list) == 0 {
		list = append(list, stated.Format(time.DateOnly))
	}
	return list
}

// agrees says whether a stated departure is this one. With dateOnly just the local date counts (seed 001,
// ignoreDepartureTime): any day does for a daily flight.
func (d departure) agrees(stated time.Time, dateOnly bool) bool {
	switch {
	case d.daily && dateOnly:
		return true
	case d.daily:
		local := stated.In(d.at.Location())
		return local.Hour() == d.at.Hour() && local.Minute() == d.at.Minute()
	case dateOnly:
		return stated.Format(time.DateOnly) == d.at.Format(time.DateOnly)
	}
	return stated.Equal(d.at)
}
