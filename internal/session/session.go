// Package session is a scenario being played under a name, isolated from all others: its clock, its seed and the logs of its
// subjects.
package session

import (
	"context"
	"fmt"
	"iter"
	"regexp"
	"sync"
	"time"

	"poligon/internal/clock"
	"poligon/internal/dice"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/sim"
	"poligon/internal/store/memory"
)

// Config is how a session begins. It is comparable: two sessions of equal configurations begin equally, but for the real
// instant at which a clock without a start begins.
type Config struct {
	Scenario string // empty when nobody chose one
	Seed     uint64 // 0 for the scenario's own
	Speed    float64
	Start    time.Time // simulated, UTC; zero for the real instant at which the session begins
}

// fallbackSeed is the seed of a session when neither it nor its scenario gives one, so that every run can be repeated.
const fallbackSeed = 1

// Session is one session. Its methods may be called at once from many goroutines.
type Session struct {
	name   string
	config Config
	played *scenario.Scenario
	seed   uint64
	now    func() time.Time // real

	mu    sync.RWMutex // guards what a move of the clock or a reset changes
	clock clock.Clock
	start time.Time
	log   sim.Log
}

var sessionNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// CheckName says what is wrong with a session name.
func CheckName(name string) error {
	if !sessionNames.MatchString(name) {
		return fmt.Errorf("%q is not a session name: use 1 to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit", name)
	}
	return nil
}

func newSession(name string, config Config, lib *scenario.Library, now func() time.Time) (*Session, error) {
	s := &Session{name: name, config: config, now: now}
	chosen := config.Scenario
	if chosen == "" {
		chosen = scenario.Default
	}
	var err error
	if s.played, err = lib.Find(chosen); err != nil {
		return nil, err
	}
	s.seed = fallbackSeed
	for _, seed := range []uint64{s.played.Seed, config.Seed} {
		if seed != 0 {
			s.seed = seed
		}
	}
	return s, s.Reset()
}

// Reset forgets all subjects and sets the clock back to its start.
func (s *Session) Reset() error {
	real := s.now()
	start := s.config.Start
	if start.IsZero() {
		start = real
	}
	c, err := clock.New(real, start, s.config.Speed)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock, s.start, s.log = c, c.At(real), memory.New()
	return nil
}

// Run is the session as a request at this moment sees it. Chosen is nil when nobody chose the scenario.
func (s *Session) Run(lib *scenario.Library, base string) *partner.Run {
	s.mu.RLock()
	defer s.mu.RUnlock()
	run := &partner.Run{Base: base, Now: s.clock.At(s.now()), Dice: dice.New(s.seed), Log: s.log, Library: lib}
	if s.config.Scenario != "" {
		run.Chosen = s.played
	}
	return run
}

// State is what a session shows of itself.
type State struct {
	Name     string
	Scenario string
	Chosen   bool // whether somebody chose the scenario
	Seed     uint64
	Mode     string // of the clock: frozen, real or scaled
	Speed    float64
	Start    time.Time // simulated
	Now      time.Time // simulated
}

// State is the session as it is now.
func (s *Session) State() State {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return State{Name: s.name, Scenario: s.played.Name, Chosen: s.config.Scenario != "", Seed: s.seed, Mode: s.clock.Mode(),
		Speed: s.clock.Speed(), Start: s.start, Now: s.clock.At(s.now())}
}

// Subjects is how many calculations and imported risks the session holds.
func (s *Session) Subjects(ctx context.Context) (int, error) {
	s.mu.RLock()
	log := s.log
	s.mu.RUnlock()
	return log.Count(ctx)
}

// ErrNothingToCome says that no subject of the session will ever change by itself.
var ErrNothingToCome = fmt.Errorf("no subject of this session will change by itself any more")

// Move moves the clock on to what target says, given the instant it shows; it answers the instants before and after.
func (s *Session) Move(target func(now time.Time, log sim.Log) (time.Time, error)) (before, after time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	real := s.now()
	before = s.clock.At(real)
	to, err := target(before, s.log)
	if err != nil {
		return before, before, err
	}
	c, err := s.clock.To(real, to)
	if err != nil {
		return before, before, err
	}
	s.clock = c
	return before, c.At(real), nil
}

// By is a target for Move: later by d.
func By(d time.Duration) func(time.Time, sim.Log) (time.Time, error) {
	return func(now time.Time, _ sim.Log) (time.Time, error) { return now.Add(d), nil }
}

// To is a target for Move: an instant.
func To(t time.Time) func(time.Time, sim.Log) (time.Time, error) {
	return func(time.Time, sim.Log) (time.Time, error) { return t, nil }
}

// next is a target for Move: the first change of any subject.
func next(ctx context.Context, lib *scenario.Library, seed uint64, apis map[string]partner.API) func(time.Time, sim.Log) (time.Time, error) {
	return func(now time.Time, log sim.Log) (first time.Time, err error) {
		run := &partner.Run{Now: now, Dice: dice.New(seed), Log: log, Library: lib}
		for at := range changes(log.All(ctx), run, apis) {
			if first.IsZero() || at.Before(first) {
				first = at
			}
		}
		if first.IsZero() {
			return first, ErrNothingToCome
		}
		return first, nil
	}
}

func changes(subjects iter.Seq2[sim.Subject, []sim.Event], run *partner.Run, apis map[string]partner.API) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		for subject, events := range subjects {
			if api := apis[subject.API]; api != nil {
				if at, ok := api.Next(run, subject, events); ok && !yield(at) {
					return
				}
			}
		}
	}
}

// BaseURL is where a session's partner APIs are on the server at an origin: the origin itself for the default session.
func BaseURL(origin, name string) string {
	if name == Default {
		return origin
	}
	return origin + "/s/" + name
}
