package picture

import (
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// words is a duration as a scenario has it: 500ms, 4s, 2m30s, 1h, 2d12h.
func words(d time.Duration) string {
	days := ""
	if d >= day {
		days = strconv.FormatInt(int64(d/day), 10) + "d"
		if d %= day; d == 0 {
			return days
		}
	}
	if d > 0 && d < time.Millisecond {
		return days + strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', -1, 64) + "ms"
	}
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-len("0s")]
		}
	}
	return days + text
}
