package scenario

import (
	"fmt"
	"regexp"
	"time"
)

// Longest is the most that a duration can be: far more than a story needs, and so little that a sum of many fits.
const Longest = 100 * 365 * 24 * time.Hour

const tooLong = "write at most 36500d"

var duration = regexp.MustCompile(`^(?:(\d+(?:\.\d+)?)d)?((?:\d+(?:\.\d+)?h)?(?:\d+(?:\.\d+)?m)?(?:\d+(?:\.\d+)?s)?(?:\d+(?:\.\d+)?ms)?)$`)

// ParseDuration reads a duration: numbers with the units d (24 hours), h, m, s and ms, each at most once and the largest
// first, without a sign and without spaces. 0 needs no unit.
func ParseDuration(s string) (time.Duration, error) {
	d, problem, hint := parseDuration(s)
	if problem != "" {
		return 0, fmt.Errorf("%s: %s", problem, hint)
	}
	return d, nil
}

func parseDuration(s string) (total time.Duration, problem, hint string) {
	match := duration.FindStringSubmatch(s)
	switch {
	case s == "0":
		return 0, "", ""
	case s == "" || match == nil:
		return 0, quote(s) + " is not a duration", "write it as 500ms, 4s, 2m30s, 1h or 1d"
	}
	clock := match[2]
	if match[1] != "" { // package time knows no days: they are 24 times as many hours
		d, err := time.ParseDuration(match[1] + "h")
		if err != nil || d > Longest/24 {
			return 0, quote(s) + " is longer than a duration can be", tooLong
		}
		total = 24 * d
	}
	if clock != "" {
		d, err := time.ParseDuration(clock)
		if err != nil || d > Longest-total {
			return 0, quote(s) + " is longer than a duration can be", tooLong
		}
		total += d
	}
	return total, "", ""
}
