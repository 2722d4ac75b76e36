package bordereau

import (
	"time"

	"poligon/internal/scenario"
)

// departure is when a flight leaves: at a time of every day, or on one day alone.
type departure struct {
	at    time.Time // with the offset of the airport; of a daily departure only the time of day counts
	daily bool
}

const (
	dailyLayout = "15:04 Z07:00"
	datedLayout = "2006-01-02 15:04 Z07:00"
)

// readFlights reads the schedule: flight numbers with their departures.
func (b *rulebook) readFlights(n scenario.Node) map[string][]departure {
	flights := map[string][]departure{}
	for _, e := range n.Map().All() {
		number := e.Key.Text()
		if number != "" && !b.rules["flight-number-format"].pattern.MatchString(number) {
			e.Key.Mistake("write it as S7-155: two capital Latin letters or digits, a dash, one to four digits", "%q is not a flight number", number)
		}
		flights[number] = readDepartures(e.Value)
	}
	return flights
}

// readDepartures reads one departure or a list of them.
func readDepartures(n scenario.Node) (list []departure) {
	items := []scenario.Node{n}
	if n.IsList() {
		if items = n.List(); len(items) == 0 {
			n.Mistake("give a departure, or remove the flight: one that is not listed is not checked", "the flight has no departure")
		}
	}
	for _, item := range items {
		if d, ok := readDeparture(item); ok {
			list = append(list, d)
		}
	}
	return list
}

func readDeparture(n scenario.Node) (d departure, ok bool) {
	text := n.Text()
	if text == "" {
		return d, false
	}
	if at, err := parseDate(dailyLayout, text); err == nil {
		return departure{at, true}, true
	}
	at, err := parseDate(datedLayout, text)
	if err != nil {
		n.Mistake(`write "20:00 +03:00" for every day, or "2026-04-09 20:00 +03:00" for one`, "%q is not a departure", text)
	}
	return departure{at, false}, err == nil
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
