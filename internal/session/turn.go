package session

import (
	"iter"

	"poligon/internal/partner"
)

// Begin begins an exchange or an act of the session; the run holds what is known of it. It is over with Finish or, if nothing
// came of it, with Abandon.
func (s *Session) Begin(run *partner.Run) {
	run.Began = s.now()
	s.held.Add(1)
	s.used.Store(run.Began.UnixNano())
	s.fill(run)
	run.Kept = s.Journal()
	run.Kept.Arrive()
}

var _ partner.Session = (*Session)(nil)

// Enter implements partner.Session.
func (s *Session) Enter(run *partner.Run) error {
	s.turn.Lock()
	e := &run.Exchange
	e.Real = s.now()
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
		if !e.Act {
			run.Faults = s.faults.due(run)
		}
		run.Kept.Decide(e)
	}
	if run.Held() {
		s.turn.Unlock()
		return partner.ErrHeld
	}
	return nil
}

// Leave implements partner.Session.
func (s *Session) Leave(*partner.Run) { s.turn.Unlock() }

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
	e := &run.Exchange
	ended := s.now()
	e.Took = ended.Sub(run.Began)
	e.Subjects, e.Before, e.After = run.Note.Subjects, run.Note.Before, run.Note.After
	e.Mistakes, e.Access = run.Note.Mistakes, run.Note.Access
	if run.Note.Scenario != nil {
		e.Scenario = run.Note.Scenario.Name
	}
	run.Kept.End(e)
	s.used.Store(ended.UnixNano())
	s.held.Add(-1)
}

// Abandon ends a request that was never decided.
func (s *Session) Abandon(run *partner.Run) {
	if run.Entered() {
		s.Finish(run)
		return
	}
	run.Kept.Abandon()
	s.held.Add(-1)
}

// Earlier implements partner.Session.
func (s *Session) Earlier(operation string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for e := range s.Journal().Latest(operation) {
			if e.Request.Size == int64(len(e.Request.Body)) && !yield(e.Request.Body) {
				return
			}
		}
	}
}
