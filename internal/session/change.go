package session

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"poligon/internal/journal"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/store"
)

// Playing is the scenario that the session plays.
func (s *Session) Playing() *scenario.Scenario { return s.plays.Load().scenario }

// Nameless is the name of a scenario that is put without one into a session for which none was chosen.
const Nameless = "put"

// PutScenario has the session play the scenario of a file from now on, in the turn of an act. Without a name it takes the place of the
// chosen one. What is wrong with the file, or does not go together with the other scenarios, is a scenario.Mistakes and takes no turn;
// neither does what would be ErrVersions.
func (s *Session) PutScenario(ctx context.Context, run *partner.Run, name string, text []byte) (*scenario.Scenario, error) {
	s.changing.Lock() // before the name is chosen, so that a replay chooses the same
	defer s.changing.Unlock()
	now := s.plays.Load()
	told, err := now.library.Read(cmp.Or(name, now.name(), Nameless)+".yaml", text)
	if err != nil {
		return told, err
	}
	subjects, err := s.Subjects(ctx)
	if err != nil {
		return told, err
	}
	if _, err := now.with(told, subjects > 0); err != nil {
		return told, err
	}
	if err := s.Enter(run); err != nil {
		return told, err
	}
	if err := s.stillPlays(run, now); err != nil {
		return told, err
	}
	defer s.Leave(run)
	return told, s.goOver(ctx, func(subjects bool) (*playing, error) { return now.with(told, subjects) })
}

// stillPlays ends a turn that was made ready for other scenarios than the session has gone over to meanwhile, elsewhere.
func (s *Session) stillPlays(run *partner.Run, now *playing) error {
	if s.kept == nil || s.plays.Load() == now {
		return nil
	}
	s.kept.forget()
	s.lose(run, store.ErrMoved)
	return fmt.Errorf("%w: %w", partner.ErrHeld, store.ErrMoved)
}

// goOver has the session play what follows, within a turn. That it can be played was seen before; a subject that has come meanwhile
// may take it over the bound.
func (s *Session) goOver(ctx context.Context, next func(subjects bool) (*playing, error)) error {
	subjects, err := s.log.Count(ctx)
	if err != nil {
		return err
	}
	was := s.plays.Load()
	p, err := next(subjects > 0)
	if p == nil {
		return err
	}
	for name := range s.faults.told {
		before, _ := was.library.Find(name)
		if after, err := p.library.Find(name); err != nil || after != before {
			delete(s.faults.told, name) // its faults count anew
		}
	}
	s.plays.Store(p)
	s.changed()
	return nil
}

// Changed is what a change of the server's scenarios came to, by their names.
type Changed struct {
	Changed []string `json:"changed"` // those that are new, or told anew
	Removed []string `json:"removed"`
}

// change is Changed as the body of the request that makes it.
type change struct {
	Scenarios []BundleScenario `json:"scenarios"`
	Remove    []string         `json:"remove,omitempty"`
}

// follow has the session go over to the server's scenarios, but for those that it has for itself. It stands in the journal as an act,
// which a replay repeats, unless nothing has happened in the session yet.
func (s *Session) follow(ctx context.Context, base *scenario.Library, known *step) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	for range attempts {
		again, err := s.tryFollow(ctx, base, known)
		if !again {
			return err
		}
	}
	return store.ErrMoved
}

// tryFollow is follow; again says that somebody else was faster.
func (s *Session) tryFollow(ctx context.Context, base *scenario.Library, known *step) (again bool, err error) {
	if s.kept != nil {
		if err := s.Fresh(); err != nil {
			return false, err
		}
	}
	now := s.plays.Load()
	if now.base == base {
		return false, nil
	}
	subjects, err := s.Subjects(ctx)
	if err != nil {
		return false, err
	}
	if _, err := now.over(base, subjects > 0); err != nil {
		return false, err
	}
	if known == nil || known.from != now.base {
		known = &step{now.base, changeAct(now.base.Changes(base))}
	}
	run := &partner.Run{Exchange: known.act}
	s.open(run)
	defer s.close(run)
	if err = s.enterUnlessNew(run); err == nil {
		err = s.stillPlays(run, now)
	}
	if err == nil {
		err = s.goOver(ctx, func(subjects bool) (*playing, error) { return now.over(base, subjects) })
		if err == nil && !run.Entered() {
			err = s.mark(ctx, s.zeroReal)
		}
		s.Leave(run)
	}
	if errors.Is(run.Lost, store.ErrMoved) {
		return true, nil
	}
	return false, errors.Join(err, run.Lost)
}

// step is the change from one library of the server's to another, as an act.
type step struct {
	from *scenario.Library
	act  journal.Exchange
}

// followOrKeep is follow. Where the server's scenarios do not go together with the session's own, it keeps what it has.
func (s *Session) followOrKeep(ctx context.Context, base *scenario.Library, known *step) {
	if err := s.follow(ctx, base, known); err != nil {
		slog.Warn("a session keeps its scenarios until it is reset", "session", s.name, "why", err)
	}
}

// enterUnlessNew has the run take its turn. In a session in which nothing has happened since it began it takes no number.
func (s *Session) enterUnlessNew(run *partner.Run) error {
	s.turn.Lock()
	if err := s.upToDate(false); err != nil {
		s.lose(run, lost(err))
		return err
	}
	if s.number == s.zero.Number {
		return nil
	}
	s.turn.Unlock()
	return s.Enter(run)
}

// changeAct is a change of the server's scenarios as a session's journal keeps it.
func changeAct(list []*scenario.Scenario, without []string) journal.Exchange {
	ask, say := change{Scenarios: []BundleScenario{}, Remove: without}, Changed{Changed: []string{}, Removed: []string{}}
	for _, s := range list {
		ask.Scenarios = append(ask.Scenarios, bundled(s))
		say.Changed = append(say.Changed, s.Name)
	}
	say.Removed = append(say.Removed, without...)
	body, _ := json.Marshal(ask) // texts alone
	answer, _ := json.Marshal(say)
	return journal.Exchange{Act: true, API: "admin", Operation: "changeScenarios",
		Request: journal.Request{Method: http.MethodPost, Target: "/__admin/scenarios", Body: body, Size: int64(len(body))},
		Answer:  journal.Answer{Status: http.StatusOK, Body: answer, Size: int64(len(answer))}}
}

// Library is the server's scenarios.
func (r *Registry) Library() *scenario.Library { return r.library.Load() }

// Change has the server play scenarios from now on in the places of those of the same names, or beside them, and those of some names
// no more. Subjects that have begun stay with what they began with. The error is a scenario.Mistakes when they do not go together
// with the others, and nothing has changed then.
func (r *Registry) Change(ctx context.Context, list []*scenario.Scenario, without []string) (Changed, error) {
	r.changing.Lock()
	defer r.changing.Unlock()
	for range attempts {
		if err := r.Refresh(ctx); err != nil {
			return Changed{}, err
		}
		done, err := r.change(ctx, list, without)
		if !errors.Is(err, store.ErrMoved) {
			return done, err
		}
	}
	return Changed{}, store.ErrMoved
}

// change is one attempt of Change. The error is store.ErrMoved when another server changed them meanwhile.
func (r *Registry) change(ctx context.Context, list []*scenario.Scenario, without []string) (Changed, error) {
	before, done := r.Library(), Changed{Changed: []string{}, Removed: []string{}}
	next, err := before.Over(list, without...)
	if err != nil {
		return done, err
	}
	if name := r.Defaults.Scenario; name != "" {
		if _, err := next.Find(name); err != nil {
			return done, fmt.Errorf("sessions that choose no scenario play %s: %w", name, err)
		}
	}
	more, removed := before.Changes(next)
	if done.Removed = append(done.Removed, removed...); len(more)+len(removed) == 0 {
		return done, nil
	}
	for _, s := range more {
		done.Changed = append(done.Changed, s.Name)
	}
	if err := r.keepNow(ctx, before, next); err != nil {
		return Changed{}, err
	}
	r.library.Store(next)
	known := &step{before, changeAct(more, removed)}
	all, err := r.All()
	if err != nil {
		return done, err
	}
	for _, s := range all {
		if err := r.Refresh(ctx); err != nil { // or a session would go back behind a later change of another server
			return done, err
		}
		s.followOrKeep(ctx, r.Library(), known)
	}
	return done, nil
}
