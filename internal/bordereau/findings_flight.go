package bordereau

import (
	"fmt"
	"time"

	"poligon/internal/scenario"
)

// check looks for departures that say nothing.
func (f *flight) check(b *rulebook) {
	days, daily, dated := map[string]int{}, map[int]departure{}, map[string]int{}
	for _, off := range f.daysOff {
		if line, twice := days[off.day]; twice {
			warn(off.node, repeated, "remove one of them", "%s is cancelled on line %d already", off.day, line)
			continue
		}
		days[off.day] = off.node.Line()
	}
	for _, d := range f.departures {
		if !d.daily {
			continue
		}
		if other, twice := daily[d.minute()]; twice {
			warn(d.node, repeated, "remove one of them", "the flight departs daily at this very time already, see line %d", other.node.Line())
			continue
		}
		daily[d.minute()] = d
	}
	for _, d := range f.departures {
		if d.daily {
			continue
		}
		day := d.at.Format(time.DateOnly)
		key := day + d.at.UTC().Format(time.RFC3339) // with ignoreDepartureTime the local date alone counts
		line, twice := dated[key]
		usual, isDaily := daily[d.minute()]
		off, isOff := days[day]
		switch {
		case twice:
			warn(d.node, repeated, "remove one of them", "the departure is on line %d already", line)
			continue
		case isOff:
			d.node.Find(scenario.Finding{Rule: hidden, Warning: true, Steps: []string{
				fmt.Sprintf("a record states the departure %s", d.at.Format(datedLayout)),
				fmt.Sprintf("it gets %s: the flight is cancelled on %s", b.rules[ruleFlightStatus].Code, day),
			}}, "remove one of them", "nobody departs on %s: the flight is cancelled then, see line %d", day, off)
		case isDaily:
			warn(d.node, hidden, "remove it", "the flight departs daily at this very time, see line %d", usual.node.Line())
		}
		dated[key] = d.node.Line()
	}
}

// minute is the minute of the day of UTC at which the flight departs.
func (d departure) minute() int {
	at := d.at.UTC()
	return at.Hour()*60 + at.Minute()
}
