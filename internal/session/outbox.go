package session

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"poligon/internal/journal"
	"poligon/internal/partner"
	"poligon/internal/sim"
	"poligon/internal/store"
)

// outbox is what a session's subjects are to send, and when. It is an index over their logs, made anew from them when the session begins
// anew, and kept only where somebody sends (Registry.Owing).
type outbox struct {
	// Guarded by the turn.
	agenda agenda
	busy   bool       // a claim is out, of this process
	claim  *keptClaim // the claim that is out, of whichever process; nil for none, and where the session is not kept

	mu      sync.Mutex
	changed []owing // since they were last looked at
	whole   bool    // whether the session began anew since
}

// owing is a subject with the API whose it is.
type owing struct {
	api     partner.Sender
	subject sim.Subject
}

// agenda says when which subject is to send next, by the session's clock. An entry whose instant is not the subject's any more is stale.
type agenda struct {
	entries entries
	at      map[sim.Subject]time.Time
}

type entry struct {
	owing
	at time.Time
}

// entries are a heap, ordered so that what is due at one instant has one order.
type entries []entry

func (e entries) Len() int      { return len(e) }
func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e entries) Less(i, j int) bool {
	return cmp.Or(e[i].at.Compare(e[j].at), strings.Compare(e[i].subject.ID, e[j].subject.ID)) < 0
}
func (e *entries) Push(x any) { *e = append(*e, x.(entry)) }
func (e *entries) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// set notes when a subject is to send.
func (a *agenda) set(o owing, at time.Time) {
	if a.at == nil {
		a.at = map[sim.Subject]time.Time{}
	}
	if was, ok := a.at[o.subject]; ok && was.Equal(at) {
		return
	}
	a.at[o.subject] = at
	heap.Push(&a.entries, entry{o, at})
}

// first is the earliest entry; false when there is none.
func (a *agenda) first() (entry, bool) {
	for len(a.entries) > 0 {
		e := a.entries[0]
		if at, ok := a.at[e.subject]; ok && at.Equal(e.at) {
			return e, true
		}
		heap.Pop(&a.entries)
	}
	return entry{}, false
}

// owe notes that what the subjects of a run are to send may have changed, and that the clock may have.
func (s *Session) owe(subjects []string) {
	if s.home.Owing == nil {
		return
	}
	s.outbox.mu.Lock()
	for _, api := range s.home.senders {
		for _, id := range subjects {
			s.outbox.changed = append(s.outbox.changed, owing{api, api.Subject(id)})
		}
	}
	s.outbox.mu.Unlock()
	s.home.Owing(s)
}

// oweAnew notes that the session has other subjects than before.
func (s *Session) oweAnew() {
	s.outbox.mu.Lock()
	s.outbox.changed, s.outbox.whole = nil, true
	s.outbox.mu.Unlock()
}

// catchUp brings the agenda up to date, within a turn.
func (s *Session) catchUp(ctx context.Context, run *partner.Run) error {
	s.outbox.mu.Lock()
	list, whole := s.outbox.changed, s.outbox.whole
	s.outbox.changed, s.outbox.whole = nil, false
	s.outbox.mu.Unlock()
	if whole {
		s.outbox.agenda, list = agenda{}, nil
		for subject, events := range s.log.All(ctx) {
			for _, api := range s.home.senders {
				s.plan(run, owing{api, subject}, events)
			}
		}
	}
	slices.SortFunc(list, func(a, b owing) int { return strings.Compare(a.subject.ID, b.subject.ID) })
	for _, o := range slices.Compact(list) {
		events, err := s.log.Read(ctx, o.subject)
		if err != nil {
			return err
		}
		s.plan(run, o, events)
	}
	return nil
}

// plan puts a subject on the agenda, or takes it off.
func (s *Session) plan(run *partner.Run, o owing, events []sim.Event) (owed partner.Owed, ok bool) {
	if owed, ok = o.api.Owes(run, o.subject, events); ok {
		s.outbox.agenda.set(o, owed.At)
	} else {
		delete(s.outbox.agenda.at, o.subject)
	}
	return owed, ok
}

var errNoSender = errors.New("the API sends nothing by itself")

// Claim is a request that is to be sent now, by whoever took it.
type Claim struct {
	partner.Owed
	api   partner.Sender
	began time.Time // real
}

// Claim takes the first request that is due by the session's clock, in a turn, so that nobody else takes it; the session is kept until
// Sent. It is nil when nothing is due, or when one is taken that has no outcome yet: a session sends one at a time, so that what it sends
// has an order. Next is how long it is, in real time, until another one is due; negative when none will be as the clock runs now.
func (s *Session) Claim(ctx context.Context) (claim *Claim, next time.Duration, err error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	for range attempts {
		if err := s.othersClaim(ctx); err != nil {
			return nil, -1, err
		}
		if claim, next, err = s.claim(ctx); claim == nil || s.kept == nil {
			return claim, next, err
		}
		s.outbox.claim = &keptClaim{By: s.home.id, Until: s.now().Add(claimed)}
		if err = s.commit(); err == nil {
			return claim, next, nil
		}
		s.unclaim()
		if !errors.Is(err, store.ErrMoved) {
			return nil, -1, err
		}
	}
	return nil, -1, err
}

// othersClaim brings the session up to date, and waits until no other process has a claim out, within a turn that others may take meanwhile.
func (s *Session) othersClaim(ctx context.Context) error {
	for {
		if err := s.upToDate(true); err != nil {
			return err
		}
		other := s.outbox.claim
		if other == nil || other.By == s.home.id || !s.kept.store.Shared() || !s.now().Before(other.Until) {
			return nil
		}
		s.turn.Unlock()
		select {
		case <-time.After(freshness):
		case <-ctx.Done():
		}
		s.turn.Lock()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// claimed is for how long, in real time, nobody else sends what a process has claimed; longer than any call takes.
const claimed = time.Minute

// unclaim ends this process's claim, within a turn.
func (s *Session) unclaim() {
	s.outbox.busy = false
	s.held.Add(-1)
}

// claim is Claim within a turn.
func (s *Session) claim(ctx context.Context) (claim *Claim, next time.Duration, err error) {
	real := s.reading()
	run := &partner.Run{}
	s.fill(run)
	run.Log, run.Now = s.log, s.clock.At(real)
	if s.outbox.busy {
		return nil, -1, nil
	}
	if err := s.catchUp(ctx, run); err != nil {
		return nil, -1, err
	}
	for {
		e, ok := s.outbox.agenda.first()
		if !ok {
			return nil, -1, nil
		}
		if e.at.After(run.Now) {
			return nil, s.clock.Until(real, e.at), nil
		}
		events, err := s.log.Read(ctx, e.subject)
		if err != nil {
			return nil, -1, err
		}
		owed, ok := s.plan(run, e.owing, events)
		if !ok || owed.At.After(run.Now) {
			continue
		}
		delete(s.outbox.agenda.at, e.subject)
		s.outbox.busy = true
		s.held.Add(1)
		return &Claim{owed, e.api, real}, 0, nil
	}
}

// Sent ends a claim: what came of it is noted and kept in the journal, as one exchange whose number and instants are of now. Nothing of it
// is seen before.
func (s *Session) Sent(ctx context.Context, c *Claim, request journal.Request, answer journal.Answer, reason string) error {
	was := journal.Exchange{API: s.apiOf(c.api), Operation: c.api.Sends(), Request: request, Answer: answer, Reason: reason,
		Subjects: []string{c.Subject}, Faults: c.Faults, Out: &c.Out}
	err := s.note(ctx, was, c.api, c.began)
	s.turn.Lock()
	s.unclaim()
	s.turn.Unlock()
	if err == nil { // otherwise it would be sent over and over: whatever happens to the subject next has it sent again
		s.owe([]string{c.Subject})
	}
	return err
}

// Repeat notes what a request came to that was sent when the session was recorded, and sends nothing.
func (s *Session) Repeat(ctx context.Context, was journal.Exchange) error {
	api, ok := s.home.apis[was.API].(partner.Sender)
	if !ok {
		return errNoSender
	}
	now, out := was, *was.Out
	now.Number, now.Out = 0, &out
	return s.note(ctx, now, api, s.now())
}

// note has a request that was sent take its turn, and the journal keep it.
func (s *Session) note(ctx context.Context, was journal.Exchange, api partner.Sender, began time.Time) (err error) {
	for range attempts {
		out := *was.Out
		run := &partner.Run{Exchange: was}
		run.Exchange.Out = &out
		s.open(run)
		run.Began = began
		err = api.Sent(ctx, run)
		e := &run.Exchange
		e.Took = s.now().Sub(began)
		e.Before, e.After = run.Note.Before, run.Note.After
		if run.Note.Scenario != nil {
			e.Scenario = run.Note.Scenario.Name
		}
		if run.Holds {
			s.outbox.claim = nil
			err = errors.Join(err, s.seal(run))
		}
		s.close(run)
		if !errors.Is(run.Lost, store.ErrMoved) {
			return errors.Join(err, run.Lost)
		}
	}
	return err
}

// seal commits a turn with the exchange that is over with it.
func (s *Session) seal(run *partner.Run) error {
	if err := s.commit(&run.Exchange); err != nil {
		s.lose(run, err)
		return err
	}
	run.Holds, run.Ended = false, true
	s.turn.Unlock()
	return nil
}

// apiOf is the name of an API.
func (s *Session) apiOf(api partner.Sender) string {
	for name, one := range s.home.senders {
		if one == api {
			return name
		}
	}
	return ""
}
