package session

import (
	"errors"
	"log/slog"
	"time"
)

// Hold keeps the session from expiring until it is released; its ttl counts from then. What others do to it that share its store is seen
// meanwhile.
func (s *Session) Hold() (release func()) {
	s.held.Add(1)
	over := make(chan struct{})
	if s.kept != nil && s.kept.store.Shared() {
		go s.stayFresh(over)
	}
	return func() {
		close(over)
		s.used.Store(s.now().UnixNano())
		s.held.Add(-1)
	}
}

// freshness is how often, in real time, a session is read again that somebody looks at for longer.
const freshness = 50 * time.Millisecond

// stayFresh reads the session again and again. That somebody uses it is told to the store as often as its ttl needs.
func (s *Session) stayFresh(over <-chan struct{}) {
	tick := time.NewTicker(freshness)
	defer tick.Stop()
	told := s.now()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		err := s.Fresh()
		if errors.Is(err, ErrUnknown) {
			s.home.dropKept(s)
			return
		}
		if ttl := s.config.TTL; ttl > 0 && s.now().Sub(told) > ttl/4 {
			told = s.now()
			err = errors.Join(err, s.useNow())
		}
		if err != nil {
			slog.Debug("a session cannot be looked at", "session", s.name, "error", err)
		}
	}
}
