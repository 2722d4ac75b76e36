package clock

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var real0 = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func TestAt(t *testing.T) {
	t.Parallel()
	sim0 := time.Date(2018, 4, 9, 17, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		speed  float64
		passed time.Duration
		want   time.Duration
	}{
		"frozen stands still":         {0, time.Hour, 0},
		"real is one to one":          {1, 90 * time.Second, 90 * time.Second},
		"a minute a second":           {60, time.Second, time.Minute},
		"half speed":                  {0.5, time.Second, 500 * time.Millisecond},
		"a host clock jumping back":   {1, -time.Hour, 0},
		"a nanosecond is not lost":    {1, 1, 1},
		"a year at a minute a second": {60, 365 * 24 * time.Hour, 60 * 365 * 24 * time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := New(real0, sim0, tt.speed)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.At(real0.Add(tt.passed)).Sub(sim0); got != tt.want {
				t.Errorf("passed %s, want %s", got, tt.want)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	c, _ := New(real0, real0, 0)
	if _, err := c.Advance(real0, -1); err == nil {
		t.Error("going back by a nanosecond was allowed")
	}
	if _, err := c.To(real0, real0.Add(-1)); err == nil {
		t.Error("going back to an earlier instant was allowed")
	}
	if _, err := New(real0, real0, -1); err == nil {
		t.Error("a negative speed was allowed")
	}
	if _, err := New(real0, end().Add(1), 0); err == nil {
		t.Error("the year 10000 was allowed")
	}
}

func TestTheEndOfTimeIsReachedNotPassed(t *testing.T) {
	t.Parallel()
	c, _ := New(real0, real0, MaxSpeed)
	if got := c.At(real0.Add(1 << 62)); got.After(end()) || got.Before(real0) {
		t.Errorf("the clock shows %s", got)
	}
}

// Whatever is done to a clock, and however the host's clock jumps, simulated time never goes back.
func TestNeverGoesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		real, sim := real0, real0
		c, _ := New(real, sim, 1)
		for range rapid.IntRange(1, 20).Draw(t, "moves") {
			real = real.Add(time.Duration(rapid.Int64Range(-1e9, 1e12).Draw(t, "real passes")))
			before := c.At(real)
			switch rapid.IntRange(0, 2).Draw(t, "move") {
			case 0:
				c, _ = c.Advance(real, time.Duration(rapid.Int64Range(-1e9, 1e15).Draw(t, "by")))
			case 1:
				c, _ = c.To(real, sim.Add(time.Duration(rapid.Int64Range(0, 1e16).Draw(t, "to"))))
			case 2:
				c, _ = New(real, c.At(real), rapid.Float64Range(0, 1000).Draw(t, "speed"))
			}
			if after := c.At(real); after.Before(before) {
				t.Fatalf("went back from %s to %s", before, after)
			}
		}
	})
}

// Until is how long it takes: then the clock shows the instant, and not much earlier; frozen it never does.
func TestUntil(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		speed := rapid.SampledFrom([]float64{0, 0.5, 1, 60, 7.3, MaxSpeed}).Draw(t, "speed")
		c, err := New(real0, real0, speed)
		if err != nil {
			t.Fatal(err)
		}
		passed := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "passed"))
		ahead := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(1000*time.Hour)).Draw(t, "ahead"))
		now := real0.Add(passed)
		target := c.At(now).Add(ahead)
		d := c.Until(now, target)
		switch {
		case ahead <= 0:
			if d != 0 {
				t.Fatalf("it shows it already: %s", d)
			}
		case speed == 0:
			if d >= 0 {
				t.Fatalf("frozen: %s", d)
			}
		default:
			const near = time.Microsecond // of the rounding of floats, by the clock
			if at := c.At(now.Add(d + 1)); at.Before(target.Add(-near)) {
				t.Fatalf("after %s it shows %s, not %s", d, at, target)
			}
			if at := c.At(now.Add(d - 1)); d > 0 && at.After(target.Add(near)) {
				t.Fatalf("before %s it shows %s already, not %s", d, at, target)
			}
		}
	})
	c, _ := New(real0, real0, 1e-9)
	if d := c.Until(real0, real0.Add(1<<62)); d != 1<<63-1 {
		t.Errorf("longer than a duration can be: %s", d)
	}
}
