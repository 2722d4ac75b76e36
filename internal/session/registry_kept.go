package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"poligon/internal/scenario"
	"poligon/internal/store"
)

// A registry over a store has the sessions in memory that this process has used, as copies; which sessions there are, which credentials
// choose them and what the server's scenarios are, the store says.

// registryRecord is the store's record of what belongs to no session. No session has such a name.
const registryRecord = "@registry"

// Values of the registry's record.
const (
	bootName = "boot" // the hash of the scenarios that the server started with that started last
	nowName  = "now"  // the hash of the scenarios that it plays now
)

// Over puts the registry over a store, before it has any session. The store's scenarios are played if they come from the same files as
// those of this server; else those of this server are, here and by whoever shares the store.
func (r *Registry) Over(s store.Store, id string) error {
	r.Store, r.id = s, id
	r.libraries = libraries{hashes: map[*scenario.Library]string{}, known: map[string]*scenario.Library{}, stored: map[string]bool{}}
	ctx, cancel := storeContext()
	defer cancel()
	mine, err := r.keepLibrary(ctx, r.Library())
	if err != nil {
		return err
	}
	return r.amend(ctx, []string{bootName, nowName}, func(values [][]byte) (*store.Change, error) {
		if string(values[0]) != mine {
			return &store.Change{Put: []store.Value{{Key: headKey(bootName), Data: []byte(mine)}, {Key: headKey(nowName), Data: []byte(mine)}}}, nil
		}
		return nil, r.adopt(ctx, string(values[1]))
	})
}

// amend changes the registry's record: change says how, given values of its head, and is asked again when somebody else was faster; nil
// changes nothing.
func (r *Registry) amend(ctx context.Context, names []string, change func(values [][]byte) (*store.Change, error)) error {
	keys := make([]store.Key, len(names))
	for i, name := range names {
		keys[i] = headKey(name)
	}
	for range attempts {
		version, values, err := r.Store.Read(ctx, registryRecord, keys...)
		if err != nil {
			return err
		}
		c, err := change(values)
		if err != nil || c == nil {
			return err
		}
		if _, err = r.Store.Commit(ctx, registryRecord, version, *c); !errors.Is(err, store.ErrMoved) {
			return err
		}
	}
	return store.ErrMoved
}

// cached is the copy of a session that this process has; nil for none.
func (r *Registry) cached(name string) *Session {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.sessions[name]
}

// expiredError says when a session was last used that is no more.
func expiredError(name string, used time.Time) error {
	return fmt.Errorf("%w: session %q was last used at %s", ErrExpired, name, used.UTC().Format(time.RFC3339))
}

// load reads a session from the store. The error is ErrUnknown, ErrExpired or the store's.
func (r *Registry) load(name string) (*Session, error) {
	ctx, cancel := storeContext()
	defer cancel()
	_, values, err := r.Store.Read(ctx, name, headKey(lifeName))
	switch {
	case err != nil:
		return nil, err
	case values[0] == nil:
		return nil, ErrUnknown
	}
	var life keptLife
	if err := readValue(values[0], &life, lifeName); err != nil {
		return nil, err
	}
	if life.Gone != nil {
		return nil, expiredError(name, *life.Gone)
	}
	s := &Session{name: name, home: r, gone: make(chan struct{})}
	s.kept = &kept{store: r.Store, record: name, log: newKeptLog(r.Store, name), late: map[uint64]time.Duration{}, stale: true}
	s.log = s.kept.log
	if err := s.reload(ctx); err != nil {
		return nil, err
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	s.endLost(!s.kept.store.Shared())
	return s, nil
}

// findKept is the session of a name as the store has it; fresh, as it has it now.
func (r *Registry) findKept(name string, fresh bool) (*Session, error) {
	s := r.cached(name)
	if s != nil && (fresh || s.kept.missing.Load() || s.expired(r.now())) {
		err := s.Fresh()
		if errors.Is(err, ErrUnknown) {
			r.dropKept(s)
			s = nil
		} else if err != nil {
			return nil, err
		}
	}
	if s == nil {
		var err error
		if s, err = r.load(name); err != nil {
			return nil, err
		}
		s = r.admitKept(s)
		s.followOrKeep(context.Background(), r.Library(), nil)
	}
	if s.expired(r.now()) {
		return nil, r.expireKept(s)
	}
	return s, nil
}

// Fresh brings the session to where the store has it now.
func (s *Session) Fresh() error {
	s.turn.Lock()
	defer s.turn.Unlock()
	if err := s.upToDate(true); err != nil {
		return err
	}
	s.endLost(false)
	return s.upToDate(false)
}

// admitKept takes a copy in; where there is one already, that is it.
func (r *Registry) admitKept(s *Session) *Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	if other := r.sessions[s.name]; other != nil {
		return other
	}
	r.sessions[s.name] = s
	return s
}

// dropKept forgets a copy of what the store does not have any more.
func (r *Registry) dropKept(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sessions[s.name] == s {
		r.remove(s)
	}
}

// useKept is Use.
func (r *Registry) useKept(name string) (*Session, error) {
	for range attempts {
		s, err := r.findKept(name, false)
		if err == nil || !errors.Is(err, ErrUnknown) && (!errors.Is(err, ErrExpired) || name != Default) {
			return s, err
		}
		if s, err = r.createKept(name, r.Defaults, nil); !errors.Is(err, store.ErrMoved) {
			if err == nil {
				slog.Info("session created by its first use", "session", name, "scenario", s.Playing().Name, "seed", s.seed)
			}
			return s, err
		}
	}
	return nil, store.ErrMoved
}

// createKept has the store keep a new session. The error is store.ErrMoved when there is one of this name meanwhile.
func (r *Registry) createKept(name string, config Config, from *Snapshot) (*Session, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	ctx, cancel := storeContext()
	defer cancel()
	if err := r.roomKept(ctx, name); err != nil {
		return nil, err
	}
	if err := r.Refresh(ctx); err != nil {
		return nil, err
	}
	version, values, err := r.Store.Read(ctx, name, headKey(lifeName))
	if err != nil {
		return nil, err
	}
	if version != 0 {
		var life keptLife
		if err := readValue(values[0], &life, lifeName); err != nil {
			return nil, err
		}
		if life.Gone == nil {
			return nil, store.ErrMoved
		}
		if err := r.unbindKept(ctx, name, life.Config); err != nil {
			return nil, err
		}
	}
	s, err := newSession(name, config, from, r)
	if err != nil {
		return nil, err
	}
	s.kept.version = version
	if err := r.bindKept(ctx, name, config); err != nil {
		return nil, err
	}
	if err := s.commit(); err != nil {
		_ = r.unbindKept(ctx, name, config)
		return nil, err
	}
	if s.origin != nil {
		s.owe(nil)
	}
	return r.admitKept(s), nil
}

// roomKept says whether there is room for one more session.
func (r *Registry) roomKept(ctx context.Context, name string) error {
	if name == Default {
		return nil
	}
	names, err := r.Store.Records(ctx)
	if err != nil || len(names)-1 < r.Max {
		return err
	}
	live, err := r.allKept() // without those that have expired
	if err != nil || len(live) < r.Max {
		return err
	}
	return fmt.Errorf("%w: %d; delete some, give them a ttl, or start the server with a higher --max-sessions", ErrFull, len(live))
}

// putKept is Put.
func (r *Registry) putKept(name string, config Config) (s *Session, created bool, err error) {
	for range attempts {
		s, err = r.findKept(name, true)
		switch {
		case err == nil && (s.origin != nil || !s.config.Equal(config)):
			return s, false, ErrExists
		case err == nil:
			return s, false, s.useNow()
		case !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrExpired):
			return nil, false, err
		}
		if s, err = r.createKept(name, config, nil); !errors.Is(err, store.ErrMoved) {
			return s, err == nil, err
		}
	}
	return nil, false, err
}

// useNow has the store know that the session was used.
func (s *Session) useNow() error {
	s.used.Store(s.now().UnixNano())
	if s.config.TTL == 0 {
		return nil
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	for range attempts {
		if err := s.upToDate(true); err != nil {
			return err
		}
		if err := s.commit(); !errors.Is(err, store.ErrMoved) {
			return err
		}
	}
	return store.ErrMoved
}

// forkKept is Fork.
func (r *Registry) forkKept(snap *Snapshot, config Config, names []string) (list []*Session, err error) {
	defer func() {
		if err != nil {
			for _, made := range list {
				_ = r.deleteKept(made.name)
			}
			list = nil
		}
	}()
	for _, name := range names {
		if err := CheckName(name); err != nil {
			return list, err
		}
		_, err := r.findKept(name, true)
		if err == nil {
			return list, fmt.Errorf("%w: %q", ErrExists, name)
		}
		if !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrExpired) {
			return list, err
		}
	}
	if err := snap.tell(r.Library()); err != nil {
		return list, err
	}
	for _, name := range names {
		s, err := r.createKept(name, config, snap)
		if errors.Is(err, store.ErrMoved) {
			err = fmt.Errorf("%w: %q", ErrExists, name)
		}
		if err != nil {
			return list, err
		}
		list = append(list, s)
	}
	return list, nil
}

// deleteKept is Delete.
func (r *Registry) deleteKept(name string) error {
	ctx, cancel := storeContext()
	defer cancel()
	version, values, err := r.Store.Read(ctx, name, headKey(lifeName))
	if err != nil {
		return err
	}
	if s := r.cached(name); s != nil {
		defer r.dropKept(s)
	}
	if version == 0 {
		return ErrUnknown
	}
	var life keptLife
	if err := readValue(values[0], &life, lifeName); err != nil {
		return err
	}
	if err := r.unbindKept(ctx, name, life.Config); err != nil {
		return err
	}
	return r.Store.Delete(ctx, name)
}

// expireKept forgets a session that nobody used, unless somebody has meanwhile; who comes back is told by what is left of it.
func (r *Registry) expireKept(s *Session) error {
	used := time.Unix(0, s.used.Load())
	life, err := json.Marshal(&keptLife{Config: Config{Partners: s.config.Partners, Users: s.config.Users}, Gone: &used})
	if err != nil {
		return err
	}
	ctx, cancel := storeContext()
	defer cancel()
	s.turn.Lock()
	version := s.kept.version
	s.turn.Unlock()
	_, err = r.Store.Commit(ctx, s.name, version, store.Change{Clear: []store.Table{store.Head, store.Subjects, store.Journal},
		Put: []store.Value{{Key: headKey(lifeName), Data: life}}, Keep: grace})
	if err != nil && !errors.Is(err, store.ErrMoved) {
		return err
	}
	r.dropKept(s)
	slog.Info("session expired", "session", s.name, "ttl", s.config.TTL)
	return expiredError(s.name, used)
}

// allKept is All.
func (r *Registry) allKept() (list []*Session, err error) {
	ctx, cancel := storeContext()
	defer cancel()
	names, err := r.Store.Records(ctx)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.HasPrefix(name, "@") {
			continue
		}
		s, err := r.findKept(name, true)
		switch {
		case err == nil:
			list = append(list, s)
		case !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrExpired):
			return nil, err
		}
	}
	return list, nil
}
