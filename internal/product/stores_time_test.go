package product_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"poligon/internal/simulator"
	"poligon/internal/store"
	"poligon/internal/store/file"
	"poligon/internal/store/plain"
)

// replica is a server over a store, with a host's clock of its own.
func replica(t *testing.T, s store.Store, real *realClock, wait func(context.Context, time.Duration) error) *product {
	t.Helper()
	k, err := usual()
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(simulated(t, simulator.Config{Access: k.access, Defaults: realTime, MaxBody: maxBody, Version: "test", Store: s, Now: real.now, Wait: wait}, k))
	t.Cleanup(ts.Close)
	return &product{url: ts.URL, client: ts.Client(), real: real}
}

// at is the simulated instant of a look at our calculation.
func (s *play) at(t *testing.T) time.Time {
	t.Helper()
	a := s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
	at, err := time.Parse(time.RFC3339Nano, a.header.Get("X-Poligon-Time"))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// jumping is what a host's clock does; the sessions live for a day.
var jumping = []time.Duration{5 * time.Minute, -10 * time.Hour, time.Minute, 9 * time.Hour, -48 * time.Hour, time.Second, -time.Nanosecond, 23 * time.Hour}

const livesADay = `{"clock": {"mode": "real", "start": "2026-01-15T09:00:00Z"}, "ttl": "24h"}`

// The host's clock jumps while the server runs, and between two of its lives: simulated time never goes back, no session expires by it,
// and an advance moves the time however far the host's clock is behind.
func TestHostClockJumps(t *testing.T) {
	t.Parallel()
	path, real := filepath.Join(t.TempDir(), "db"), &realClock{}
	var s *play
	var last time.Time
	for life := range 3 {
		kept, err := file.Open(path, file.Options{Async: true, Now: real.now})
		if err != nil {
			t.Fatal(err)
		}
		p := replica(t, kept, real, nil)
		if s == nil {
			s = p.play(t, livesADay)
		}
		s = &play{p, s.name}
		for _, d := range jumping {
			now := s.at(t)
			if now.Before(last) {
				t.Errorf("life %d, before a jump of %s: it was %s and is %s", life, d, last, now)
			}
			s.admin(t, "POST", "/clock/advance", `{"by": "1s"}`).want(t, 200)
			if last = s.at(t); last.Before(now.Add(time.Second)) {
				t.Errorf("life %d: an advance from %s led to %s", life, now, last)
			}
			real.pass(d)
		}
		if err := kept.Close(); err != nil {
			t.Fatal(err)
		}
		real.pass(-100 * time.Hour)
	}
}

// The clocks of two hosts differ: whoever answers, simulated time never goes back.
func TestHostClocksDiffer(t *testing.T) {
	t.Parallel()
	kept, ahead, behind := &plain.Store{Others: true}, &realClock{}, &realClock{}
	ahead.pass(time.Hour)
	first := replica(t, kept, ahead, nil).play(t, livesADay)
	second := &play{replica(t, kept, behind, nil), first.name}
	var last time.Time
	for i := range 20 {
		s := []*play{first, second}[i%2]
		if now := s.at(t); now.Before(last) {
			t.Errorf("it was %s and is %s", last, now)
		} else {
			last = now
		}
		ahead.pass(time.Second)
		behind.pass(time.Second)
	}
}

// A replica ends while it answers late, and never comes back: what it was answering does not run for ever. One that was only slow doubles
// nothing.
func TestReplicaEndsWhileItAnswers(t *testing.T) {
	t.Parallel()
	kept, real, release := &plain.Store{Others: true}, &realClock{}, make(chan struct{})
	first := replica(t, kept, real, func(context.Context, time.Duration) error { <-release; return nil }).play(t, livesADay)
	second := &play{replica(t, kept, real, nil), first.name}
	answered := make(chan answer, 1)
	go func() {
		c := call{method: "GET", path: "/osago/calculate/status?request_id=" + ours}
		c.header = map[string]string{"X-Poligon-Fault": "{delay: 10m}"}
		answered <- first.do(t, c)
	}()
	var now []string
	for len(now) == 0 {
		now = second.exchanges(t)
	}
	for _, c := range []struct {
		passes time.Duration
		want   string
	}{
		{0, "1 running true, status 0, []"},
		{10 * time.Minute, "1 running true, status 0, []"},
		{3 * time.Minute, "1 running false, status 0, [the server ended before it was answered]"},
	} {
		real.pass(c.passes)
		if got := second.exchanges(t); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s later: %q", c.passes, got)
		}
	}
	close(release)
	(<-answered).want(t, 200)
	want := []string{"1 running false, status 0, [the server ended before it was answered]"}
	for _, s := range []*play{first, second} {
		if got := s.exchanges(t); !slices.Equal(got, want) {
			t.Errorf("when it was answered after all: %q", got)
		}
	}
}

// exchanges are the exchanges of the journal, a line each.
func (s *play) exchanges(t *testing.T) (list []string) {
	t.Helper()
	var page struct {
		Exchanges []struct {
			Number  int
			Running bool
			Answer  struct{ Status int }
			Faults  []string
		}
	}
	s.admin(t, "GET", "/journal", "").want(t, 200).decode(t, &page)
	for _, e := range page.Exchanges {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%d running %t, status %d, %v", e.Number, e.Running, e.Answer.Status, e.Faults)))
	}
	return list
}
