package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"poligon/internal/journal"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/store"
)

// Default is the session of a request that names none.
const Default = "default"

// MaxSessions is how many sessions may exist unless the server says otherwise, so that a client that makes up a name for each
// request cannot exhaust the server. A new one is refused; a live one is never thrown out.
const MaxSessions = 10_000

// What a journal keeps unless somebody says otherwise.
const (
	JournalEntries = 1000
	JournalBytes   = 4 << 20
)

// What can be wrong with a request for a session.
var (
	ErrUnknown = errors.New("there is no session of this name")
	ErrExists  = errors.New("the session exists with another configuration")
	ErrFull    = errors.New("there are too many sessions")
	ErrExpired = errors.New("the session has expired")
	ErrBound   = errors.New("the credentials belong to another session")
)

// Registry is all sessions of a server.
type Registry struct {
	Defaults Config // of a session that is created by its first use
	Max      int    // how many sessions may exist
	// Owing is told of a session that may have something to send (Session.Claim); nil where nobody sends. Set it before there are any.
	Owing     func(*Session)
	Store     store.Store // what keeps the sessions; nil where they live in this process alone. See Over
	id        string      // of this process, among those that share the store
	libraries libraries
	library   atomic.Pointer[scenario.Library]
	changing  sync.Mutex // held while the library is changed
	apis      map[string]partner.API
	senders   map[string]partner.Sender // those of them that send by themselves
	now       func() time.Time

	mu       sync.RWMutex
	sessions map[string]*Session
	bound    map[string]string    // sessions by the credentials that belong to them
	gone     map[string]time.Time // expired sessions, by when they were last used
	swept    time.Time            // real
}

// maxGone bounds how many expired sessions are remembered.
const maxGone = 100_000

// NewRegistry returns a registry without sessions. Now is the real clock.
func NewRegistry(lib *scenario.Library, apis []partner.API, defaults Config, now func() time.Time) *Registry {
	if defaults.Journal == (journal.Limits{}) {
		defaults.Journal = journal.Limits{Entries: JournalEntries, Bytes: JournalBytes}
	}
	r := &Registry{Defaults: defaults, Max: MaxSessions, apis: map[string]partner.API{}, senders: map[string]partner.Sender{}, now: now,
		sessions: map[string]*Session{}, bound: map[string]string{}, gone: map[string]time.Time{}}
	r.library.Store(lib)
	for _, api := range apis {
		r.apis[api.Part().API] = api
		if sender, ok := api.(partner.Sender); ok {
			r.senders[api.Part().API] = sender
		}
	}
	return r
}

// Use gives the session of a name for a request to a partner API, and creates it with the defaults when there is none. One that
// has expired is ErrExpired: a client that comes back must not meet an empty session unawares.
func (r *Registry) Use(name string) (*Session, error) {
	if r.Store != nil {
		return r.useKept(name)
	}
	r.mu.RLock()
	s := r.sessions[name]
	r.mu.RUnlock()
	if s != nil && !s.expired(r.now()) {
		return s, nil
	}
	if err := CheckName(name); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sweep(false)
	if s := r.live(name); s != nil {
		return s, nil
	}
	if at, gone := r.gone[name]; gone && name != Default {
		return nil, expiredError(name, at)
	}
	s, err := r.create(name, r.Defaults, nil)
	if err == nil {
		r.bind(s)
		slog.Info("session created by its first use", "session", name, "scenario", s.plays.Load().scenario.Name, "seed", s.seed)
	}
	return s, err
}

// Put creates a session. One that exists with an equal configuration is given as it is; with another it is ErrExists.
func (r *Registry) Put(name string, config Config) (s *Session, created bool, err error) {
	if r.Store != nil {
		return r.putKept(name, config)
	}
	if err := CheckName(name); err != nil {
		return nil, false, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sweep(false)
	if s := r.live(name); s != nil {
		if s.origin != nil || !s.config.Equal(config) {
			return s, false, ErrExists
		}
		s.used.Store(r.now().UnixNano())
		return s, false, nil
	}
	if s, err = r.create(name, config, nil); err != nil {
		return nil, false, err
	}
	r.bind(s)
	return s, true, nil
}

// Fork creates sessions that begin where a snapshot stands; if one of them cannot be created, none is. They are made before anybody
// has to wait for it.
func (r *Registry) Fork(snap *Snapshot, config Config, names ...string) (list []*Session, err error) {
	config.Scenario, config.Seed, config.Start, config.Speed = snap.Scenario, snap.Seed, snap.Start, snap.Speed
	if r.Store != nil {
		return r.forkKept(snap, config, names)
	}
	if err := r.free(names); err != nil {
		return nil, err
	}
	if err := snap.tell(r.Library()); err != nil {
		return nil, err
	}
	for _, name := range names {
		s, err := newSession(name, config, snap, r)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, s := range list {
		err := r.admit(s)
		if err != nil {
			for _, made := range list[:i] {
				r.remove(made)
			}
			return nil, err
		}
	}
	for _, s := range list {
		r.bind(s)
	}
	return list, nil
}

// free says whether sessions of these names could be created now.
func (r *Registry) free(names []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sweep(false)
	for _, name := range names {
		if err := CheckName(name); err != nil {
			return err
		}
		if r.live(name) != nil {
			return fmt.Errorf("%w: %q", ErrExists, name)
		}
	}
	return nil
}

// live is the session of a name, if there is one that has not expired. It is called with the lock held.
func (r *Registry) live(name string) *Session {
	s := r.sessions[name]
	if s != nil && s.expired(r.now()) {
		r.expire(s)
		return nil
	}
	return s
}

// create is called with the lock held. When the session is there to stay, bind follows.
func (r *Registry) create(name string, config Config, from *Snapshot) (*Session, error) {
	s, err := newSession(name, config, from, r)
	if err != nil {
		return nil, err
	}
	if err := r.admit(s); err != nil {
		return nil, err
	}
	return s, nil
}

// admit takes a new session in, if there is room for it. It is called with the lock held.
func (r *Registry) admit(s *Session) error {
	if r.live(s.name) != nil {
		return fmt.Errorf("%w: %q", ErrExists, s.name)
	}
	if len(r.sessions) >= r.Max && s.name != Default { // who names no session is never turned away
		if r.sweep(true); len(r.sessions) >= r.Max {
			return fmt.Errorf("%w: %d; delete some, give them a ttl, or start the server with a higher --max-sessions", ErrFull, len(r.sessions))
		}
	}
	for _, key := range s.config.credentials() {
		if other, taken := r.bound[key]; taken && r.live(other) != nil {
			return fmt.Errorf("%w: %s belongs to session %q", ErrBound, key, other)
		}
	}
	r.sessions[s.name] = s
	s.followOrKeep(context.Background(), r.Library(), nil) // they may have changed while it was made
	return nil
}

// bind has a new session's credentials choose it; an expired one of its name is not remembered any more. It is called with the
// lock held.
func (r *Registry) bind(s *Session) {
	if _, was := r.gone[s.name]; was {
		r.unbind(s.name)
	}
	for _, key := range s.config.credentials() {
		r.bound[key] = s.name
	}
	if s.origin != nil {
		s.owe(nil)
	}
}

// unbind releases the credentials of a session that there is no more. It is called with the lock held.
func (r *Registry) unbind(name string) {
	delete(r.gone, name)
	maps.DeleteFunc(r.bound, func(_, of string) bool { return of == name })
}

// remove is called with the lock held.
func (r *Registry) remove(s *Session) {
	delete(r.sessions, s.name)
	close(s.gone)
}

// expire forgets a session that nobody used. Its credentials lead to it still, so that who comes with them is told too. It is
// called with the lock held.
func (r *Registry) expire(s *Session) {
	r.remove(s)
	if len(r.gone) >= maxGone {
		clear(r.gone)
		maps.DeleteFunc(r.bound, func(_, of string) bool { return r.sessions[of] == nil })
	}
	r.gone[s.name] = time.Unix(0, s.used.Load())
	slog.Info("session expired", "session", s.name, "ttl", s.config.TTL)
}

// sweepEvery is how often, in real time, expired sessions are looked for where nothing depends on it.
const sweepEvery = time.Second

// sweep forgets the sessions that have expired. It is called with the lock held.
func (r *Registry) sweep(now bool) {
	real := r.now()
	if !now && real.Sub(r.swept) < sweepEvery {
		return
	}
	r.swept = real
	for _, s := range r.sessions {
		if s.expired(real) {
			r.expire(s)
		}
	}
}

// Find gives the session of a name, or ErrUnknown or ErrExpired. The default session is there for whoever asks.
func (r *Registry) Find(name string) (*Session, error) {
	if name == Default {
		s, err := r.Use(name)
		if err == nil && s.kept != nil {
			s, err = r.findKept(name, true)
		}
		return s, err
	}
	if r.Store != nil {
		return r.findKept(name, true)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sweep(false)
	if s := r.live(name); s != nil {
		return s, nil
	}
	if at, gone := r.gone[name]; gone {
		return nil, expiredError(name, at)
	}
	return nil, ErrUnknown
}

// Delete forgets a session and its subjects.
func (r *Registry) Delete(name string) error {
	if r.Store != nil {
		return r.deleteKept(name)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sweep(false)
	s := r.sessions[name]
	_, gone := r.gone[name]
	switch {
	case s != nil:
		r.remove(s)
	case !gone:
		return ErrUnknown
	}
	r.unbind(name)
	return nil
}

// All are all sessions in the order of their names. The error is the store's.
func (r *Registry) All() ([]*Session, error) {
	if r.Store != nil {
		return r.allKept()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sweep(true)
	list := make([]*Session, 0, len(r.sessions))
	for _, name := range slices.Sorted(maps.Keys(r.sessions)) {
		list = append(list, r.sessions[name])
	}
	return list, nil
}

// Count is how many sessions there are.
func (r *Registry) Count() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.sessions)
}

// APIs are the partner APIs by name.
func (r *Registry) APIs() map[string]partner.API { return r.apis }

// Snapshot is the session of a name at this moment.
func (r *Registry) Snapshot(ctx context.Context, name string) (*Snapshot, Config, error) {
	s, err := r.Find(name)
	if err != nil {
		return nil, Config{}, err
	}
	snap, err := s.Snapshot(ctx)
	return snap, s.config, err
}

// Journals are the sizes of all journals together.
func (r *Registry) Journals() (sum journal.Stats) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, s := range r.sessions {
		one := s.Journal().Stats()
		sum.Entries += one.Entries
		sum.Bytes += one.Bytes
		sum.Dropped += one.Dropped
	}
	return sum
}
