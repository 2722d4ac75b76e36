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

// readDepartures reads one departure or a list of them.
func readDepartures(n scenario.Node) (list []departure) {
	items := []scenario.Node{n}
	if n.IsList() {
		items = n.List()
	}
	for _, item := range items {
		text := item.Text()
		if at, err := parseDate(dailyLayout, text); err == nil {
			list = append(list, departure{at, true})
		} else if at, err := parseDate(datedLayout, text); err == nil {
			list = append(list, departure{at, false})
		} else {
			item.Mistake(`write "20:00 +03:00" for every day, or "2026-04-09 20:00 +03:00" for one`, "%q is not a departure", text)
		}
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
