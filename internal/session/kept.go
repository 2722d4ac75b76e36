package session

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"poligon/internal/journal"
	"poligon/internal/partner"
	"poligon/internal/store"
)

// kept is a session's side of the store that keeps it. What the session has in memory is a copy, as of a version. A turn decides on the
// copy, and what it decided is committed if the record is still at that version: else the copy is brought up to date and whoever took the
// turn takes it again. It is guarded by the session's turn.
//
// The turn of a request is over when its answer is known, so that one commit keeps both; that of an act, when it has acted.
type kept struct {
	store   store.Store
	record  string
	version store.Version // zero: the store does not have it yet
	log     *keptLog
	life    string      // which life the copy has, by its lifeID
	anew    bool        // the turn changed the life
	wiped   bool        // the turn began or cleared the journal anew
	stale   bool        // nobody knows whether the last commit was made
	missing atomic.Bool // the store does not have it any more
	owed    []owedEnd
	late    map[uint64]time.Duration // of exchanges that run, by number: partner.Run's Late, where there is any
}

// owedEnd is an exchange that ended while the store was away: the next commit keeps it.
type owedEnd struct {
	journal *journal.Journal
	e       journal.Exchange
}

// The values of a session's head.
const (
	lifeName  = "life"
	stateName = "state"
)

func headKey(name string) store.Key { return store.Key{Table: store.Head, Name: name} }

func journalKey(place uint64) store.Key {
	return store.Key{Table: store.Journal, Name: store.Place(place)}
}

// grace is how much longer than its ttl a store keeps a session, so that who comes back to one that has expired is told.
const grace = 7 * 24 * time.Hour

// patience is how long a session waits for its store, for one thing.
const patience = 10 * time.Second

func storeContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), patience)
}

// upToDate brings the copy up to date, within a turn: always where others may have changed the record and now is asked for, else where the
// copy is in doubt. An error is store.ErrAway, or ErrUnknown when the session is not there any more.
func (s *Session) upToDate(now bool) error {
	k := s.kept
	switch {
	case k == nil:
		return nil
	case k.missing.Load():
		return ErrUnknown
	case !k.stale && (!now || !k.store.Shared()):
		return nil
	}
	ctx, cancel := storeContext()
	defer cancel()
	return s.reload(ctx)
}

// reload takes over what the store has of the session.
func (s *Session) reload(ctx context.Context) error {
	k := s.kept
	version, values, err := k.store.Read(ctx, k.record, headKey(stateName))
	switch {
	case err != nil:
		return err
	case version == 0 || values[0] == nil:
		k.missing.Store(true)
		return ErrUnknown
	case version == k.version && !k.stale:
		return nil
	}
	var st keptState
	if err := readValue(values[0], &st, stateName); err != nil {
		return err
	}
	if st.Life != k.life {
		if err := s.reloadLife(ctx); err != nil {
			return err
		}
	}
	if err := s.restore(&st); err != nil {
		return err
	}
	if err := s.follows(ctx, &st); err != nil {
		return err
	}
	k.log.undo()
	k.version, k.stale, k.anew, k.wiped = version, false, false, false
	s.oweAnew()
	return nil
}

// still says whether the record is at the version of the copy.
func (k *kept) still(ctx context.Context) (bool, error) {
	if !k.store.Shared() {
		return true, nil
	}
	version, _, err := k.store.Read(ctx, k.record)
	return version == k.version, err
}

// follows brings the journal to where a state has it.
func (s *Session) follows(ctx context.Context, st *keptState) error {
	k, j := s.kept, s.Journal()
	places := j.Missing(st.Journal)
	var entries [][]byte
	for rest := places; len(rest) > 0; {
		n := min(len(rest), journalChunk)
		keys := make([]store.Key, n)
		for i, place := range rest[:n] {
			keys[i] = journalKey(place)
		}
		_, values, err := k.store.Read(ctx, k.record, keys...)
		if err != nil {
			return err
		}
		entries, rest = append(entries, values...), rest[n:]
	}
	return j.Follow(st.Journal, places, entries, st.Running)
}

// journalChunk is how many exchanges are read at once.
const journalChunk = 256

// commit has the store keep what the turn did, with exchanges that end with it. An error is store.ErrMoved or store.ErrAway; the copy is
// what the store has then, or stale.
func (s *Session) commit(ends ...*journal.Exchange) error {
	k := s.kept
	ctx, cancel := storeContext()
	defer cancel()
	err := k.log.failed
	if err == nil {
		err = s.tryCommit(ctx, ends)
	}
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, store.ErrMoved) && !errors.Is(err, store.ErrAway):
		slog.Error("a session cannot be kept", "session", s.name, "error", err)
	}
	k.forget()
	return err
}

// forget has the copy be read again, for what the turn did to it does not stand, or may not.
func (k *kept) forget() {
	if k.stale = true; k.anew {
		k.life = ""
	}
	k.log.undo()
}

// lost is the error with which a turn is lost that did not begin: a session that is gone is looked for again.
func lost(err error) error {
	if errors.Is(err, ErrUnknown) {
		return store.ErrMoved
	}
	return err
}

// tryCommit is commit without what follows a failure. The exchanges of one commit end one after another, so that each finds the journal as
// the one before left it; all but the last are ones that the store was away for, which have their own commits.
func (s *Session) tryCommit(ctx context.Context, ends []*journal.Exchange) error {
	k := s.kept
	c := store.Change{}
	if ttl := s.config.TTL; ttl > 0 {
		c.Keep = ttl + grace
	}
	k.log.change(&c)
	if k.wiped {
		c.Clear = append(c.Clear, store.Journal)
	}
	j := s.Journal()
	var ending *journal.Ending
	without := uint64(0)
	if len(ends) > 0 {
		next := j.Ending(ends[0])
		ending, without = &next, ends[0].Number
		if next.Entry != nil {
			c.Put = append(c.Put, store.Value{Key: journalKey(next.Place), Data: next.Entry})
		}
		for _, place := range next.Drop {
			c.Drop = append(c.Drop, journalKey(place))
		}
	}
	life := k.life
	if k.anew {
		b, err := s.encodeLife(ctx)
		if err != nil {
			return err
		}
		life = lifeID(b)
		c.Put = append(c.Put, store.Value{Key: headKey(lifeName), Data: b})
	}
	state, err := s.encodeState(life, ending, without)
	if err != nil {
		return err
	}
	c.Put = append(c.Put, store.Value{Key: headKey(stateName), Data: state})
	version, err := k.store.Commit(ctx, k.record, k.version, c)
	if err != nil {
		return err
	}
	k.version, k.life, k.anew, k.wiped = version, life, false, false
	k.log.done()
	if ending != nil {
		j.Take(ending)
	}
	return nil
}

// lose ends a run's turn whose decision does not stand.
func (s *Session) lose(run *partner.Run, err error) {
	run.Lost, run.Holds = err, false
	if run.Entered() {
		run.Kept.Undecide(run.Number)
	} else {
		run.Kept.Abandon()
	}
	s.turn.Unlock()
}

// Conclude has the store keep what a request decided, with its answer where that goes out at once; the journal has it then, and nothing is
// left to finish. In memory there is nothing to do. An error is store.ErrMoved when the request is to be played again from its
// beginning, or store.ErrAway when it is refused; either way nothing of it stands, though after the second that is sure only when the
// store is back.
func (s *Session) Conclude(run *partner.Run, answered bool) error {
	switch {
	case run.Lost != nil:
		return run.Lost
	case s.kept == nil || !run.Holds:
		return nil
	}
	if !answered {
		s.kept.late[run.Number] = run.Late
		if err := s.commit(); err != nil {
			s.lose(run, err)
			return err
		}
		run.Holds = false
		s.turn.Unlock()
		return nil
	}
	s.complete(run)
	if err := s.seal(run); err != nil {
		return err
	}
	s.released(run)
	return nil
}

// ClearJournal forgets all exchanges that have ended.
func (s *Session) ClearJournal() error {
	if s.kept == nil {
		s.Journal().Clear()
		return nil
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	for range attempts {
		if err := s.upToDate(true); err != nil {
			return err
		}
		s.Journal().Clear()
		s.kept.wiped = true
		err := s.commit()
		if !errors.Is(err, store.ErrMoved) {
			return err
		}
	}
	return store.ErrMoved
}

// end has the journal keep an exchange, in a turn of its own where the session is kept.
func (s *Session) end(run *partner.Run) {
	if s.kept == nil || run.Kept != s.Journal() { // or it belongs to a life that is over
		run.Kept.End(&run.Exchange)
		return
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	s.endInTurn(run.Kept, run.Exchange)
	for len(s.kept.owed) > 0 {
		first := s.kept.owed[0]
		s.kept.owed = s.kept.owed[1:]
		if !s.endInTurn(first.journal, first.e) {
			return
		}
	}
}

// endInTurn ends an exchange with a commit, however often it takes; where the store is away, it is owed.
func (s *Session) endInTurn(kept *journal.Journal, e journal.Exchange) bool {
	for range attempts {
		if err := s.upToDate(false); err != nil {
			break
		}
		if kept != s.Journal() || !kept.IsRunning(e.Number) {
			return true // the journal began anew meanwhile, or another process took this one for dead
		}
		err := s.commit(&e)
		if err == nil {
			return true
		}
		if !errors.Is(err, store.ErrMoved) {
			break
		}
	}
	if !s.kept.missing.Load() && len(s.kept.owed) < maxOwed {
		s.kept.owed = append(s.kept.owed, owedEnd{kept, e})
	}
	return false
}

// maxOwed bounds the exchanges that wait for their store.
const maxOwed = 10_000

// attempts bounds how often something is decided again because somebody else was faster.
const attempts = 1000
