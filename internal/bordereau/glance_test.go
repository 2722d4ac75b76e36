package bordereau

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestGlanceIsTheCalendar holds what is seen at a glance against the calendar: what is good at first sight is a date.
func TestGlanceIsTheCalendar(t *testing.T) {
	t.Parallel()
	for name, g := range glances {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := 0
			rapid.Check(t, func(t *rapid.T) {
				s := nearDate(t, name)
				if !g.good(s) {
					return
				}
				good++
				if _, err := parseDate(calendars[name], s); err != nil {
					t.Fatalf("%q is good at a glance: %v", s, err)
				}
			})
			if good == 0 {
				t.Error("nothing was good at a glance")
			}
		})
	}
}

// nearDate draws a text that is a date, or nearly.
func nearDate(t *rapid.T, calendar string) string {
	n := func(name string, high int) int { return rapid.IntRange(0, high).Draw(t, name) }
	year, month, day := n("year", 9999), n("month", 13), n("day", 32)
	s := fmt.Sprintf("%04d-%02d-%02d", year, month, day)
	switch calendar {
	case "dd.MM.yyyy":
		s = fmt.Sprintf("%02d.%02d.%04d", day, month, year)
	case "yyyy-MM-dd HH:mm XXX":
		zone := rapid.SampledFrom([]string{"Z", "+", "-", "Z00:00"}).Draw(t, "sign")
		if len(zone) == 1 && zone != "Z" {
			zone = fmt.Sprintf("%s%02d:%02d", zone, n("zone", 25), n("minutes", 61))
		}
		s += fmt.Sprintf(" %02d:%02d %s", n("hour", 25), n("minute", 61), zone)
	}
	if rapid.IntRange(0, 3).Draw(t, "change") == 0 {
		at := n("at", len(s)-1)
		s = s[:at] + rapid.SampledFrom([]string{"", "0", "9", ":", "-", "Z", "+", " ", "\xff", "/"}).Draw(t, "with") + s[at+1:]
	}
	return s
}
