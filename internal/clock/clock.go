// Package clock is a session's clock: a straight line from real time to simulated time.
//
// A Clock is a value. It does not tick; asked with a real instant it answers the simulated one. Moving it or changing
// its speed returns another value that starts where the old one stood, so that simulated time never goes back.
package clock

import (
	"fmt"
	"math"
	"time"
)

// MaxSpeed is the highest speed a clock may have: about eleven simulated days in a real second.
const MaxSpeed = 1e6

// end is the last instant a clock can show: what RFC 3339 can still write.
func end() time.Time { return time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC) }

// Clock maps real instants to simulated ones. The zero value is frozen at the zero time.
type Clock struct {
	real  time.Time
	sim   time.Time
	speed float64
}

// New returns a clock that shows sim at the real instant and then runs at speed (simulated seconds in a real one):
// 0 is frozen, 1 is real time. Speeds outside [0, MaxSpeed] and instants after the year 9999 are refused.
func New(real, sim time.Time, speed float64) (Clock, error) {
	if math.IsNaN(speed) || speed < 0 || speed > MaxSpeed {
		return Clock{}, fmt.Errorf("clock speed %v is outside 0 to %v", speed, int(MaxSpeed))
	}
	sim = sim.UTC().Round(0)
	if sim.Year() < 1 || sim.After(end()) {
		return Clock{}, fmt.Errorf("clock instant %s is outside the years 1 to 9999", sim)
	}
	return Clock{real: real, sim: sim, speed: speed}, nil
}

// At is the simulated instant, in UTC, at a real one. Before the anchor (a host clock that jumped back) it stands still.
func (c Clock) At(real time.Time) time.Time {
	passed := real.Sub(c.real)
	if passed <= 0 || c.speed == 0 {
		return c.sim
	}
	t := c.sim.Add(scale(passed, c.speed))
	if t.After(end()) || t.Before(c.sim) {
		return end()
	}
	return t
}

// Until is how long it is from a real instant until the clock shows t, in real time: 0 when it does already, negative when it never will
// as it runs now.
func (c Clock) Until(real, t time.Time) time.Duration {
	left := t.Sub(c.At(real))
	switch {
	case left <= 0:
		return 0
	case c.speed == 0:
		return -1
	}
	if f := math.Ceil(float64(left) / c.speed); f < math.MaxInt64 {
		return time.Duration(f)
	}
	return math.MaxInt64
}

// Line is what New makes the same clock of.
func (c Clock) Line() (real, sim time.Time, speed float64) { return c.real, c.sim, c.speed }

// Speed is how many simulated seconds pass in a real one.
func (c Clock) Speed() float64 { return c.speed }

// Mode names the speed: frozen, real or scaled.
func (c Clock) Mode() string {
	switch c.speed {
	case 0:
		return "frozen"
	case 1:
		return "real"
	}
	return "scaled"
}

// Advance returns the clock moved on by d. A negative d is refused: time never goes back.
func (c Clock) Advance(real time.Time, d time.Duration) (Clock, error) {
	if d < 0 {
		return c, fmt.Errorf("cannot advance by %s: simulated time never goes back", d)
	}
	return c.To(real, c.At(real).Add(d))
}

// To returns the clock moved on to the simulated instant t, which must not lie before what it shows now.
func (c Clock) To(real, t time.Time) (Clock, error) {
	now := c.At(real)
	if t.Before(now) {
		return c, fmt.Errorf("cannot advance to %s: the clock already shows %s and simulated time never goes back",
			t.UTC().Format(time.RFC3339Nano), now.Format(time.RFC3339Nano))
	}
	return New(real, t, c.speed)
}

// Speeding returns the clock as it shows the same instant and runs at another speed from then on.
func (c Clock) Speeding(real time.Time, speed float64) (Clock, error) {
	return New(real, c.At(real), speed)
}

// scale multiplies a duration by a speed, exact for the whole speeds that people use, saturating on overflow.
func scale(d time.Duration, speed float64) time.Duration {
	if speed == 1 {
		return d
	}
	if f := float64(d) * speed; f < math.MaxInt64 {
		return time.Duration(f)
	}
	return math.MaxInt64
}
