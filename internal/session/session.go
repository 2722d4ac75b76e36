// Package session is a scenario being played under a name, isolated from all others: its clock, its seed, the logs of its
// subjects, its faults, and its journal.
//
// A session is a machine that decides one thing at a time. Whatever reads or changes it, a request to a partner API or an act of
// the admin API, takes a turn (Enter, Leave), gets the next number and the instant that the clock shows, and decides. So the
// order of the numbers is the order in which things happened, and playing them again in that order gives the same answers.
// Reading a body, checking it and sending an answer happen outside the turn.
package session

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"poligon/internal/clock"
	"poligon/internal/dice"
	"poligon/internal/journal"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/sim"
	"poligon/internal/store/memory"
)

// Config is how a session begins.
type Config struct {
	Scenario string // empty when nobody chose one
	Seed     uint64 // 0 for the scenario's own
	Speed    float64
	Start    time.Time // simulated, UTC; zero for the real instant at which the session begins
	TTL      time.Duration
	Labels   map[string]string
	Journal  journal.Limits
	Partners []string // partner codes whose requests belong to the session, wherever they go
	Users    []string // HTTP Basic users, likewise
}

// Equal says whether two sessions of these configurations begin equally, but for the real instant at which a clock without a
// start begins.
func (c Config) Equal(d Config) bool {
	return c.Scenario == d.Scenario && c.Seed == d.Seed && c.Speed == d.Speed && c.Start.Equal(d.Start) && c.TTL == d.TTL &&
		c.Journal == d.Journal && maps.Equal(c.Labels, d.Labels) && slices.Equal(c.Partners, d.Partners) && slices.Equal(c.Users, d.Users)
}

// fallbackSeed is the seed of a session when neither it nor its scenario gives one, so that every run can be repeated.
const fallbackSeed = 1

// Session is one session. Its methods may be called at once from many goroutines.
type Session struct {
	name    string
	config  Config
	seed    uint64
	origin  *origin // what it began with, and goes back to when it is reset; nil for nothing
	home    *Registry
	held    atomic.Int64 // how many use it now: requests that run, verifications that wait, streams
	used    atomic.Int64 // the real instant of the last request, in nanoseconds since 1970
	journal atomic.Pointer[journal.Journal]
	touched sync.Map // *touches by script
	plays   atomic.Pointer[playing]
	gone    chan struct{}

	changing sync.Mutex // held while it goes over to other scenarios, outside of the turn
	turn     sync.Mutex // held while something decides; guards what follows
	clock    clock.Clock
	thaw     float64 // the speed to resume with
	start    time.Time
	log      sim.Log
	number   uint64
	faults   faults
	outbox   outbox

	zero     *Snapshot // how it began when it was last reset as a whole
	zeroReal time.Time
	zeroBase *scenario.Library // the server's then
	partial  bool              // whether the journal was reset without the rest since

	kept  *kept     // the store's side; nil for a session that lives in this process alone
	real  time.Time // of the latest turn of a session that is kept
	began int64     // tells the journal of a session that is kept from those before it
}

var sessionNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// CheckName says what is wrong with a session name.
func CheckName(name string) error {
	if !sessionNames.MatchString(name) {
		return fmt.Errorf("%q is not a session name: use 1 to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit", name)
	}
	return nil
}

// newSession returns a session that begins as configured or, with an origin, where that stands.
func newSession(name string, config Config, from *origin, home *Registry) (*Session, error) {
	s := &Session{name: name, config: config, home: home, origin: from, gone: make(chan struct{})}
	first, err := s.first(home.Library())
	if err != nil {
		return nil, err
	}
	s.plays.Store(first)
	s.seed = fallbackSeed
	for _, seed := range []uint64{first.scenario.Seed, config.Seed} {
		if seed != 0 {
			s.seed = seed
		}
	}
	if from != nil {
		s.number = from.Number
	}
	if home.Store != nil {
		s.kept = &kept{store: home.Store, record: name, log: newKeptLog(home.Store, name), late: map[uint64]time.Duration{}}
		s.log = s.kept.log
	}
	s.used.Store(s.now().UnixNano())
	s.journal.Store(journal.New(config.Journal))
	return s, s.begin(context.Background(), s.now(), Everything())
}

// first is what the session begins with, over a library of the server's.
func (s *Session) first(base *scenario.Library) (*playing, error) {
	if s.origin == nil {
		return play(base, nil, nil, s.config.Scenario)
	}
	return play(base, s.origin.own, s.origin.earlier, s.config.Scenario)
}

// Parts of a session that a reset may be limited to.
type Parts struct{ Subjects, Clock, Journal, Faults bool }

// Everything resets a session as a whole.
func Everything() Parts { return Parts{true, true, true, true} }

// begin sets parts of the session to how it began, at a real instant: that of the act, so that a replay begins there too.
func (s *Session) begin(ctx context.Context, real time.Time, parts Parts) error {
	from := s.origin
	if from == nil {
		from = &origin{Start: s.config.Start, Speed: s.config.Speed}
	}
	if parts.Clock {
		start := from.Start
		if start.IsZero() {
			start = real.UTC()
		}
		at := start
		if !from.Now.IsZero() {
			at = from.Now
		}
		c, err := clock.New(real, at, from.Speed)
		if err != nil {
			return err
		}
		s.clock, s.start, s.thaw = c, start, max(from.Speed, from.Thaw)
		if s.thaw == 0 {
			s.thaw = 1
		}
	}
	if parts.Subjects {
		if s.kept == nil {
			s.log = memory.New()
		} else {
			s.kept.log.clear()
		}
		if err := from.fill(ctx, s.log); err != nil {
			return err
		}
		s.touched.Clear()
		s.oweAnew()
	}
	if parts.Faults {
		s.faults = from.faults(s.plays.Load().library)
	}
	if parts.Journal {
		s.beginJournal()
		s.partial, s.began = parts != Everything(), max(real.UnixNano(), s.began+1)
		if s.kept != nil {
			s.kept.wiped = true
		}
	}
	if parts != Everything() {
		return nil
	}
	return s.mark(ctx, real)
}

// beginJournal has the session go over to a new journal.
func (s *Session) beginJournal() {
	next := journal.New(s.config.Journal)
	if before := s.journal.Swap(next); before != nil {
		before.Succeed(next)
	}
}

// mark notes that the session begins here.
func (s *Session) mark(ctx context.Context, real time.Time) (err error) {
	s.zeroReal, s.zeroBase = real, s.plays.Load().base
	if s.zero, err = s.snapshotAt(ctx, real); err == nil && s.origin == nil {
		s.zero.Session = "" // it was not forked
		if s.config.Start.IsZero() {
			s.zero.Start, s.zero.Now = time.Time{}, time.Time{} // it begins at the real instant
		}
	}
	s.changed()
	return err
}

// changed notes, within a turn, that what seldom changes has.
func (s *Session) changed() {
	if s.kept != nil {
		s.kept.anew = true
	}
}

// Reset sets parts of the session to how it began, in the turn of an act.
func (s *Session) Reset(ctx context.Context, run *partner.Run, parts Parts) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	if err := s.Enter(run); err != nil {
		return err
	}
	defer s.Leave(run)
	if parts == Everything() {
		if err := s.beginPlaying(); err != nil {
			return err
		}
	}
	return s.begin(ctx, run.Exchange.Real, parts)
}

// beginPlaying has the session play what it began with, over the server's scenarios of now; over those that it has, where they do not
// go together with these.
func (s *Session) beginPlaying() error {
	now := s.plays.Load()
	first, err := s.first(s.home.Library())
	if err != nil {
		first, err = s.first(now.base)
	}
	if errors.Is(err, scenario.ErrUnknown) { // it was taken away: who chose it keeps it
		first, err = play(s.home.Library(), nil, now.library.Versions(), s.config.Scenario)
	}
	if err == nil {
		s.plays.Store(first)
		s.changed()
	}
	return err
}

// State is what a session shows of itself.
type State struct {
	Name     string
	Config   Config
	Scenario string
	Chosen   bool // whether somebody chose the scenario
	Seed     uint64
	Mode     string // of the clock: frozen, real or scaled
	Speed    float64
	Start    time.Time // simulated
	Now      time.Time // simulated
	Expires  time.Time // real; zero when it never does
	Forked   string    // the session it was forked from or the snapshot's
	Number   uint64    // of the last exchange or act
	Journal  journal.Stats
}

// State is the session as it is now.
func (s *Session) State() State {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.state(s.reading())
}

// state is State within a turn, at a real instant.
func (s *Session) state(real time.Time) State {
	plays := s.plays.Load()
	st := State{Name: s.name, Config: s.config, Scenario: plays.scenario.Name, Chosen: plays.chosen, Seed: s.seed, Mode: s.clock.Mode(),
		Speed: s.clock.Speed(), Start: s.start, Now: s.clock.At(real), Number: s.number, Journal: s.Journal().Stats()}
	if s.config.TTL > 0 {
		st.Expires = time.Unix(0, s.used.Load()).UTC().Add(s.config.TTL)
	}
	if s.origin != nil {
		st.Forked = s.origin.Session
	}
	return st
}

func (s *Session) now() time.Time { return s.home.now() }

// Name is the session's name.
func (s *Session) Name() string { return s.name }

// Labels are the session's labels.
func (s *Session) Labels() map[string]string { return s.config.Labels }

// Journal is the session's journal as it is since the last reset.
func (s *Session) Journal() *journal.Journal { return s.journal.Load() }

// Gone is closed when the session is deleted or expires.
func (s *Session) Gone() <-chan struct{} { return s.gone }

// Subjects is how many calculations and imported risks the session holds.
func (s *Session) Subjects(ctx context.Context) (int, error) {
	s.turn.Lock()
	log := s.looking()
	s.turn.Unlock()
	return log.Count(ctx)
}

// looking is the session's log for a look outside of a turn.
func (s *Session) looking() sim.Log {
	if s.kept == nil {
		return s.log
	}
	return &keptLog{store: s.kept.store, record: s.kept.record}
}

// expired says whether the session has not been used for its TTL.
func (s *Session) expired(real time.Time) bool {
	return s.config.TTL > 0 && s.held.Load() == 0 && real.UnixNano()-s.used.Load() >= int64(s.config.TTL)
}

// Look has a look at the session that decides nothing and takes no number: an explanation, a list of changes. It looks again when
// the session goes over to other scenarios meanwhile, for a subject may have begun with them.
func (s *Session) Look(look func(*partner.Run) error) error {
	for {
		run := s.view()
		err := look(run)
		if log, ok := run.Log.(*keptLog); ok && log.failed != nil {
			return log.failed
		}
		if run.Library == s.plays.Load().library {
			return err
		}
	}
}

// view is the session as it is at this moment.
func (s *Session) view() *partner.Run {
	s.turn.Lock()
	defer s.turn.Unlock()
	run := &partner.Run{}
	s.fill(run)
	run.Log = s.looking()
	run.Now = s.clock.At(s.reading())
	return run
}

// fill gives a run what it sees of the session and what never changes.
func (s *Session) fill(run *partner.Run) {
	run.Dice, run.Session = dice.New(s.seed), s
	s.plays.Load().fill(run)
}

// fill gives a run the scenarios.
func (p *playing) fill(run *partner.Run) {
	run.Library, run.Chosen = p.library, nil
	if p.chosen {
		run.Chosen = p.scenario
	}
}

// BaseURL is where a session's partner APIs are on the server at an origin: the origin itself for the default session.
func BaseURL(origin, name string) string {
	return origin + Prefix(name)
}

// Prefix is what stands before the paths of a session's partner APIs: nothing for the default session.
func Prefix(name string) string {
	if name == Default {
		return ""
	}
	return "/s/" + name
}
