package generate

import (
	"fmt"
	"strings"
	"time"
)

// flight is a daily flight of the timetable.
type flight struct {
	number  string // carrier and number, S7-155
	departs string // local time with its offset from UTC, 08:05 +03:00
}

// Timetable is the scenario in which the simulator knows when the flights of generated bordereaux depart, so that it refuses
// those that state another time. It is the same for every seed, date and count.
func Timetable() []byte {
	var b strings.Builder
	b.WriteString("title: The timetable of generated bordereaux\n" +
		"story: >\n" +
		"  Every flight of poligon generate bordereau departs daily at its time. A record with another time is refused with\n" +
		"  WRONG_FLIGHT_DEPARTURE_TIME, one of the cancelled flight with WRONG_FLIGHT_STATUS, and their neighbours are imported:\n" +
		"  the client keeps them apart.\n" +
		"bordereau:\n" +
		"  flights:\n")
	for _, f := range timetable() {
		fmt.Fprintf(&b, "    %s: %q\n", f.number, f.departs)
	}
	fmt.Fprintf(&b, "    %s: cancelled\n", cancelled)
	return []byte(b.String())
}

// cancelled is the flight that the timetable has cancelled, on every day.
const cancelled = "UT-999"

// on is the departure on a day, as a risk states it (seed 001, departureDate).
func (f flight) on(date time.Time) string { return iso(date) + " " + f.departs }

// moved is the departure on a day at another time of it: the hour and the minutes of another departure, for people mistake one
// flight for another.
func (f flight) moved(d draws, date time.Time) string {
	_, offset, _ := strings.Cut(f.departs, " ")
	var others []string
	for _, other := range timetable() {
		if clock, _, _ := strings.Cut(other.departs, " "); clock+" "+offset != f.departs {
			others = append(others, clock)
		}
	}
	return iso(date) + " " + pick(d, "other time", others) + " " + offset
}

// timetable are the flights: carriers that exist, numbers and times that we made up.
func timetable() []flight {
	return []flight{
		{"S7-155", "20:00 +03:00"}, {"S7-1022", "07:40 +07:00"}, {"S7-2504", "12:15 +07:00"}, {"S7-3011", "16:50 +08:00"}, {"S7-58", "23:10 +03:00"},
		{"SU-1402", "07:15 +03:00"}, {"SU-26", "09:30 +03:00"}, {"SU-1204", "11:05 +03:00"}, {"SU-1730", "14:25 +03:00"}, {"SU-6", "19:00 +03:00"}, {"SU-1701", "08:55 +10:00"},
		{"U6-77", "06:35 +05:00"}, {"U6-262", "10:20 +05:00"}, {"U6-2968", "21:45 +03:00"}, {"U6-303", "17:30 +05:00"},
		{"UT-371", "08:10 +03:00"}, {"UT-453", "13:05 +05:00"}, {"UT-804", "18:40 +03:00"}, {"UT-595", "22:25 +05:00"},
		{"DP-405", "05:50 +03:00"}, {"DP-6805", "09:45 +03:00"}, {"DP-131", "15:35 +03:00"}, {"DP-867", "23:30 +03:00"},
		{"FV-6201", "08:25 +03:00"}, {"FV-6332", "12:50 +03:00"}, {"FV-5862", "20:35 +10:00"},
		{"N4-115", "04:40 +03:00"}, {"N4-306", "10:55 +03:00"}, {"N4-1824", "22:05 +03:00"},
		{"5N-521", "07:05 +03:00"}, {"5N-216", "11:40 +03:00"}, {"5N-588", "19:20 +03:00"},
		{"WZ-1003", "06:10 +03:00"}, {"WZ-405", "16:15 +03:00"}, {"WZ-311", "21:00 +04:00"},
		{"A4-201", "09:15 +03:00"}, {"A4-512", "14:00 +03:00"}, {"A4-7040", "18:05 +03:00"},
	}
}
