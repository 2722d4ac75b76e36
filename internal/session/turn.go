package session

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"poligon/internal/partner"
)

// Begin begins an exchange or an act of the session; the run holds what is known of it. It is over with Finish or, if nothing
// came of it, with Abandon.
func (s *Session) Begin(run *partner.Run) {
	s.open(run)
	s.used.Store(run.Began.UnixNano())
}

// open is Begin of what is no use of the session, so that it may expire.
func (s *Session) open(run *partner.Run) {
	run.Began = s.now()
	s.held.Add(1)
	s.fill(run)
	run.Kept = s.Journal()
	run.Kept.Arrive()
}

var _ partner.Session = (*Session)(nil)

// Enter implements partner.Session.
func (s *Session) Enter(run *partner.Run) error {
	if !run.Holds {
		s.turn.Lock()
		err := s.upToDate(false)
		if err == nil && s.kept != nil {
			s.endLost(false)
			err = s.upToDate(false)
		}
		if err != nil {
			s.lose(run, lost(err))
			return fmt.Errorf("%w: %w", partner.ErrHeld, err)
		}
	}
	if plays := s.plays.Load(); plays.library != run.Library && s.outdated(run, plays) {
		s.turn.Unlock()
		return ErrChanged
	}
	e := &run.Exchange
	e.Real, run.Holds = s.instant(), s.kept != nil
	run.Now, run.Log = s.clock.At(e.Real), s.log
	if !run.Entered() {
		if now := s.Journal(); now != run.Kept { // the session was reset meanwhile: what is decided now belongs to its new life
			run.Kept.Abandon()
			run.Kept = now
			run.Kept.Arrive()
		}
		s.number++
		run.Number = s.number
		e.Number, e.At = run.Number, run.Now
		e.Subjects = run.Note.Subjects
		if run.Note.Scenario != nil {
			e.Scenario = run.Note.Scenario.Name
		}
		if e.Asked() {
			run.Faults = s.faults.due(run)
		}
		run.Kept.Decide(e)
	}
	if run.Held() {
		s.Leave(run)
		return partner.ErrHeld
	}
	return nil
}

// instant is the real instant of a turn. In a session that is kept it never lies before that of an earlier turn.
func (s *Session) instant() time.Time {
	now := s.reading()
	s.real = now
	return now
}

// reading is the real instant as the session's clock has it, within a turn.
func (s *Session) reading() time.Time {
	if now := s.now(); s.kept == nil || now.After(s.real) {
		return now
	}
	return s.real
}

// ErrChanged says that the session has gone over to other scenarios since the request began: it has no turn yet, and is to be answered
// again, so that what is decided after a change is decided by it. A partner API takes it as partner.ErrHeld.
var ErrChanged = fmt.Errorf("%w: the scenarios were changed", partner.ErrHeld)

// outdated says whether a run has to begin again, for it began with other scenarios. An act, and a request of ours, has chosen nothing by them; a request
// whose body is not kept whole cannot be answered again and stays with what it chose.
func (s *Session) outdated(run *partner.Run, plays *playing) bool {
	sent := &run.Exchange.Request
	switch {
	case run.Entered():
		return false
	case !run.Exchange.Asked():
		plays.fill(run)
		return false
	case sent.Size != int64(len(sent.Body)):
		run.Library = plays.library
		return false
	}
	run.Outdated = true
	return true
}

// Again has a run that is outdated begin again.
func (s *Session) Again(run *partner.Run) {
	run.Outdated, run.Note = false, partner.Note{}
	s.fill(run)
}

// Leave implements partner.Session. In a session that is kept, a request keeps its turn until Conclude, and what an act did is committed:
// run.Lost says when it does not stand.
func (s *Session) Leave(run *partner.Run) {
	switch {
	case s.kept == nil:
		s.turn.Unlock()
	case run.Exchange.Act:
		if err := s.commit(); err != nil {
			s.lose(run, err)
			return
		}
		run.Holds = false
		s.turn.Unlock()
	}
}

// Settle gives a request that was refused before anything was decided its turn, so that it has a number and an instant, and its
// faults.
func (s *Session) Settle(run *partner.Run) {
	if run.Entered() {
		return
	}
	if s.Enter(run) == nil {
		s.Leave(run)
	}
}

// Finish ends an exchange: the journal keeps it.
func (s *Session) Finish(run *partner.Run) {
	if run.Ended {
		return
	}
	s.complete(run)
	s.end(run)
	s.released(run)
}

// complete notes what is known of an exchange when it ends.
func (s *Session) complete(run *partner.Run) {
	e := &run.Exchange
	ended := s.now()
	e.Took = ended.Sub(run.Began)
	e.Subjects, e.Before, e.After = run.Note.Subjects, run.Note.Before, run.Note.After
	e.Mistakes, e.Access = run.Note.Mistakes, run.Note.Access
	if run.Note.Scenario != nil {
		e.Scenario = run.Note.Scenario.Name
	}
	s.used.Store(ended.UnixNano())
}

// released notes that an exchange uses the session no longer.
func (s *Session) released(run *partner.Run) {
	s.held.Add(-1)
	s.owe(run.Exchange.Subjects)
}

// close ends what open began.
func (s *Session) close(run *partner.Run) {
	switch {
	case run.Lost != nil || run.Ended:
	case run.Entered():
		s.end(run)
	default:
		run.Kept.Abandon()
	}
	s.held.Add(-1)
}

// Abandon ends a request that was never decided.
func (s *Session) Abandon(run *partner.Run) {
	switch {
	case run.Holds: // it panicked within its turn
		s.kept.forget()
		s.lose(run, errAbandoned)
	case run.Lost != nil:
	case run.Entered():
		s.Finish(run)
		return
	default:
		run.Kept.Abandon()
	}
	s.held.Add(-1)
}

var errAbandoned = errors.New("the turn was abandoned")

// Earlier implements partner.Session.
func (s *Session) Earlier(operation string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if s.kept != nil && s.Fresh() != nil {
			return // what refuses the request will be told when it is decided
		}
		for e := range s.Journal().Latest(operation) {
			if e.Request.Size == int64(len(e.Request.Body)) && !yield(e.Request.Body) {
				return
			}
		}
	}
}
