package fault

import (
	"math"
	"strings"
	"time"

	"poligon/internal/dice"
	"poligon/internal/scenario"
)

// longest is the most that a fault keeps a client waiting: more than any client waits.
const longest = time.Hour

// span is a time to wait: one, any from low to high, or one drawn around a median. The zero value is none.
type span struct {
	low, high   time.Duration
	median, p99 time.Duration
}

// z99 is how many standard deviations 99 of 100 draws of a normal distribution lie below.
const z99 = 2.3263478740408408

// draw is how long to wait.
func (s span) draw(die dice.Die) time.Duration {
	if s.median == 0 {
		return s.low + time.Duration(math.Round(die.Float()*float64(s.high-s.low)))
	}
	sigma := math.Log(float64(s.p99)/float64(s.median)) / z99
	z := math.Sqrt2 * math.Erfinv(2*die.Float()-1)
	return time.Duration(min(float64(s.median)*math.Exp(sigma*z), float64(longest)))
}

func (s span) isZero() bool { return s == span{} }

// readSpan reads 2s, 2s..5s or {median: 200ms, p99: 2s}.
func readSpan(n scenario.Node) (s span) {
	if n.IsMap() {
		m := n.Map()
		median, _ := m.Need("median", "half of the delays are shorter")
		p99, _ := m.Need("p99", "99 of 100 delays are shorter")
		s.median, s.p99 = readWait(median), readWait(p99)
		if m.Done() && s.median > 0 && s.p99 > 0 && s.median >= s.p99 {
			p99.Mistake("99 of 100 are shorter than it, and half are shorter than the median", "p99 is not longer than the median")
		}
		return s
	}
	if !n.IsRange() {
		s.low = readWait(n)
		s.high = s.low
		return s
	}
	low, high, _ := strings.Cut(n.PlainText(), "..")
	if s.low, s.high = readEnd(n, low), readEnd(n, high); s.low < 0 || s.high < 0 {
		return span{}
	}
	if s.low > s.high || s.high == 0 {
		n.Mistake("write the shorter first, as in 2s..5s", "the range %s is empty", n.PlainText())
	}
	return s
}

// readEnd reads one end of a range, -1 after a mistake.
func readEnd(n scenario.Node, text string) time.Duration {
	d, err := scenario.ParseDuration(text)
	switch {
	case err != nil:
		n.Mistake("write a range as 2s..5s", "%q is not a duration", text)
	case d > longest:
		n.Mistake("write at most 1h", "%s is longer than any client waits", text)
	default:
		return d
	}
	return -1
}

// readWait reads one duration, 0 after a mistake.
func readWait(n scenario.Node) time.Duration {
	d, ok := n.Duration()
	switch {
	case !ok:
	case d == 0:
		n.Mistake("write a longer one, or remove the key", "a wait of %s is none", n.PlainText())
	case d > longest:
		n.Mistake("write at most 1h", "%s is longer than any client waits", n.PlainText())
	default:
		return d
	}
	return 0
}

// String is the span as a scenario has it, {median: …} in words.
func (s span) String() string {
	switch {
	case s.median > 0:
		return "around " + scenario.Words(s.median) + " (p99 " + scenario.Words(s.p99) + ")"
	case s.low == s.high:
		return scenario.Words(s.low)
	}
	return scenario.Words(s.low) + ".." + scenario.Words(s.high)
}
