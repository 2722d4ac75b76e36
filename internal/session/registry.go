package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sort"
	"sync"
	"time"

	"poligon/internal/partner"
	"poligon/internal/scenario"
)

// Default is the session of a request that names none.
const Default = "default"

// maxSessions bounds how many sessions may exist, so that a client that makes up a name for each request cannot exhaust the
// server. A new one is refused; a live one is never thrown out.
const maxSessions = 100_000

// What can be wrong with a request for a session.
var (
	ErrUnknown = errors.New("there is no session of this name")
	ErrExists  = errors.New("the session exists with another configuration")
	ErrFull    = errors.New("there are too many sessions")
)

// Registry is all sessions of a server.
type Registry struct {
	Library  *scenario.Library
	Defaults Config // of a session that is created by its first use

	apis     map[string]partner.API
	now      func() time.Time
	mu       sync.RWMutex
	sessions map[string]*Session
}

// NewRegistry returns a registry without sessions. Now is the real clock.
func NewRegistry(lib *scenario.Library, apis []partner.API, defaults Config, now func() time.Time) *Registry {
	r := &Registry{Library: lib, Defaults: defaults, apis: map[string]partner.API{}, now: now, sessions: map[string]*Session{}}
	for _, api := range apis {
		r.apis[api.Part().API] = api
	}
	return r
}

// Use gives the session of a name and creates it with the defaults when there is none.
func (r *Registry) Use(name string) (*Session, error) {
	r.mu.RLock()
	s := r.sessions[name]
	r.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	if err := CheckName(name); err != nil {
		return nil, err
	}
	s, created, err := r.create(name, r.Defaults)
	if errors.Is(err, ErrExists) {
		return s, nil
	}
	if created {
		slog.Info("session created by its first use", "session", name, "scenario", s.played.Name, "seed", s.seed)
	}
	return s, err
}

// Put creates a session. One that exists with an equal configuration is given as it is; with another it is ErrExists.
func (r *Registry) Put(name string, config Config) (s *Session, created bool, err error) {
	if err := CheckName(name); err != nil {
		return nil, false, err
	}
	return r.create(name, config)
}

func (r *Registry) create(name string, config Config) (*Session, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.sessions[name]; s != nil {
		if s.config != config {
			return s, false, ErrExists
		}
		return s, false, nil
	}
	if len(r.sessions) >= maxSessions {
		return nil, false, fmt.Errorf("%w: %d; delete some", ErrFull, len(r.sessions))
	}
	s, err := newSession(name, config, r.Library, r.now)
	if err != nil {
		return nil, false, err
	}
	r.sessions[name] = s
	return s, true, nil
}

// Find gives the session of a name, or ErrUnknown.
func (r *Registry) Find(name string) (*Session, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if s := r.sessions[name]; s != nil {
		return s, nil
	}
	return nil, ErrUnknown
}

// Delete forgets a session and its subjects.
func (r *Registry) Delete(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sessions[name] == nil {
		return ErrUnknown
	}
	delete(r.sessions, name)
	return nil
}

// All are all sessions in the order of their names.
func (r *Registry) All() []*Session {
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := make([]*Session, 0, len(r.sessions))
	for _, s := range r.sessions {
		list = append(list, s)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].name < list[j].name })
	return list
}

// MoveToNext moves a session's clock to the next change of any of its subjects, or answers ErrNothingToCome.
func (r *Registry) MoveToNext(ctx context.Context, s *Session) (before, after time.Time, err error) {
	return s.Move(next(ctx, r.Library, s.seed, r.apis))
}
