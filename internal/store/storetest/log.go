package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/sim"
)

// RunLog is the conformance suite of sim.Log. It checks the logs that open returns, a fresh and empty one each time.
func RunLog(t *testing.T, open func() sim.Log) {
	t.Run("unknown subjects have no events", func(t *testing.T) { t.Parallel(); unknownSubject(t, open()) })
	t.Run("exactly one of many equal appends wins", func(t *testing.T) { t.Parallel(); raceOfAppends(t, open()) })
	t.Run("behaves as a plain map of slices", func(t *testing.T) { t.Parallel(); modelOfLog(t, open) })
	t.Run("decisions are never lost", func(t *testing.T) { t.Parallel(); counter(t, open()) })
}

func unknownSubject(t *testing.T, log sim.Log) {
	events, err := log.Read(context.Background(), sim.Subject{API: "a", ID: "x"})
	if err != nil || len(events) != 0 {
		t.Errorf("read %v, %v", events, err)
	}
	if err := log.Append(context.Background(), sim.Subject{API: "a", ID: "x"}, 1, one("e")); !errors.Is(err, sim.ErrMoved) {
		t.Errorf("appending after one event to a subject that has none: %v", err)
	}
}

func raceOfAppends(t *testing.T, log sim.Log) {
	var wins atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if log.Append(context.Background(), sim.Subject{API: "a", ID: "x"}, 0, one("e")) == nil {
				wins.Add(1)
			}
		})
	}
	wg.Wait()
	if wins.Load() != 1 {
		t.Errorf("%d appends won", wins.Load())
	}
}

// counter has many deciders add to few subjects: each decision sees all before it.
func counter(t *testing.T, log sim.Log) {
	const deciders, each = 8, 50
	var wg sync.WaitGroup
	for range deciders {
		wg.Go(func() {
			for i := range each {
				s := sim.Subject{API: "a", ID: fmt.Sprint(i % 3)}
				_, err := sim.Decide(context.Background(), log, s, sim.Moment{}, func(m sim.Moment) (int, []sim.Event) {
					return 0, one(fmt.Sprint(len(m.Events)))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	total := 0
	for s, events := range log.All(context.Background()) {
		for i, e := range events {
			if e.Name != fmt.Sprint(i) {
				t.Errorf("event %d of %v is %q", i, s, e.Name)
			}
		}
		total += len(events)
	}
	if total != deciders*each {
		t.Errorf("%d events, want %d", total, deciders*each)
	}
}

// modelOfLog runs random operations against the log and against a map of slices.
func modelOfLog(t *testing.T, open func() sim.Log) {
	rapid.Check(t, func(t *rapid.T) {
		log, want := open(), map[sim.Subject][]sim.Event{}
		subjects := rapid.Custom(func(t *rapid.T) sim.Subject {
			return sim.Subject{API: rapid.SampledFrom([]string{"", "a", "ab"}).Draw(t, "api"), ID: rapid.SampledFrom([]string{"", "b", "\x00\xff"}).Draw(t, "id")}
		})
		for range rapid.IntRange(0, 30).Draw(t, "operations") {
			s := subjects.Draw(t, "subject")
			have := rapid.IntRange(0, 4).Draw(t, "have")
			add := []sim.Event{{
				At:   time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "second"), rapid.Int64Range(0, 999_999_999).Draw(t, "nano")).UTC(),
				Name: rapid.String().Draw(t, "name"), Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
			}}
			err := log.Append(context.Background(), s, have, add)
			if moved := errors.Is(err, sim.ErrMoved); moved != (have != len(want[s])) || err != nil && !moved {
				t.Fatalf("append after %d to %d events: %v", have, len(want[s]), err)
			}
			if err == nil {
				want[s] = append(want[s], add...)
			}
			got, err := log.Read(context.Background(), s)
			if err != nil || !equal(got, want[s]) {
				t.Fatalf("read %v, %v, want %v", got, err, want[s])
			}
		}
		seen := 0
		for s, events := range log.All(context.Background()) {
			seen++
			if !equal(events, want[s]) {
				t.Fatalf("all: %v has %v, want %v", s, events, want[s])
			}
		}
		if n, err := log.Count(context.Background()); err != nil || n != len(want) {
			t.Fatalf("count: %d, %v, want %d", n, err, len(want))
		}
		if seen != len(want) {
			t.Fatalf("all: %d subjects, want %d", seen, len(want))
		}
	})
}

func equal(a, b []sim.Event) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].At.Equal(b[i].At) || a[i].Name != b[i].Name || !bytes.Equal(a[i].Data, b[i].Data) {
			return false
		}
	}
	return true
}

func one(name string) []sim.Event { return []sim.Event{{Name: name}} }
