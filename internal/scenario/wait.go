package scenario

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Range is a time that is drawn: any from Low to High. Where both are the same it is that time.
type Range struct{ Low, High time.Duration }

// IsRange says whether the value is written as a range is: 2s..5s.
func (n Node) IsRange() bool {
	if p := n.probe(); p != nil {
		return p.isRange()
	}
	return strings.Contains(n.PlainText(), "..")
}

// Range reads a duration, or a range such as 2s..5s; ok is false after a mistake.
func (n Node) Range() (r Range, ok bool) {
	if p := n.probe(); p != nil {
		return Range{time.Second, time.Second}, p.text(rangeForm(), "1s") != ""
	}
	low, high, isRange := strings.Cut(n.PlainText(), "..")
	if !isRange {
		if ends := dashed.FindStringSubmatch(low); ends != nil {
			n.Mistake("write a range as "+ends[1]+cmp.Or(ends[2], ends[4])+".."+ends[3]+ends[4], "%s is not a duration", quote(low))
			return Range{}, false
		}
		r.Low, ok = n.Duration()
		r.High = r.Low
		return r, ok
	}
	for _, end := range []struct {
		text string
		to   *time.Duration
	}{{low, &r.Low}, {high, &r.High}} {
		d, problem, _ := parseDuration(strings.TrimSpace(end.text))
		if problem != "" {
			n.Mistake("write a range as 2s..5s", "%s", problem)
			return Range{}, false
		}
		*end.to = d
	}
	if r.Low >= r.High {
		n.Mistake("write the shorter first, as in 2s..5s", "the range %s is empty", n.PlainText())
		return Range{}, false
	}
	return r, true
}

// dashed is a range as other languages have it: 2s-5s, 2-5s.
var dashed = regexp.MustCompile(`^(\d+)([a-z]*)\s*[-–—]\s*(\d+)([a-z]+)$`)

func (r Range) String() string {
	if r.Low == r.High {
		return Words(r.Low)
	}
	return Words(r.Low) + ".." + Words(r.High)
}

// Words is a duration as a scenario has it: 500ms, 2m30s, 1d.
func Words(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return "0s"
	case d < time.Millisecond:
		return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', -1, 64) + "ms"
	case d >= day && d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d >= day:
		return fmt.Sprintf("%dd%s", d/day, Words(d%day))
	}
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-len("0s")]
		}
	}
	return text
}

var shares = regexp.MustCompile(`^(100|\d{1,2}(\.\d{1,2})?)%$`)

// Share reads a percentage from 0.01% to 100%, with at most two decimals, as ten thousandths; 0 after a mistake.
func (n Node) Share() int {
	if p := n.probe(); p != nil {
		p.text(shareForm(), "")
		return 1
	}
	text := n.Text()
	if text == "" {
		return 0
	}
	if !shares.MatchString(text) {
		n.Mistake("write it as 5% or 0.25%", "%s is not a share from 0.01%% to 100%%", quote(text))
		return 0
	}
	percent, _ := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	share := int(math.Round(percent * 100))
	if share == 0 {
		n.Mistake("write at least 0.01%, or remove it", "a share of %s is none", text)
	}
	return share
}
