package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"poligon/internal/partner"
)

// What can be wrong with a move of the clock.
var (
	ErrNothingToCome = errors.New("no subject of this session will change by itself any more")
	ErrNeverReached  = errors.New("the status is not reached")
)

// Target says where to move the clock, given a run whose Now is what the clock shows and whose Log holds the subjects.
type Target func(context.Context, *partner.Run) (time.Time, error)

// By is a target: later by d.
func By(d time.Duration) Target {
	return func(_ context.Context, run *partner.Run) (time.Time, error) {
		if d < 0 {
			return run.Now, fmt.Errorf("cannot advance by %s: simulated time never goes back", d)
		}
		return run.Now.Add(d), nil
	}
}

// To is a target: an instant.
func To(t time.Time) Target {
	return func(context.Context, *partner.Run) (time.Time, error) { return t, nil }
}

// Next is a target: the first change of any subject.
func (r *Registry) Next(ctx context.Context, run *partner.Run) (first time.Time, err error) {
	for subject, events := range run.Log.All(ctx) {
		if api := r.apis[subject.API]; api != nil {
			if at, ok := api.Next(run, subject, events); ok && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
	}
	if first.IsZero() {
		return first, ErrNothingToCome
	}
	return first, nil
}

// horizon is how far Until looks.
const horizon = 100 * 365 * 24 * time.Hour

// Until is a target: the instant at which a subject, or one part of it, reaches a status by itself; now, if it has it already.
func Until(m partner.Machine, id, part, status string) Target {
	return func(ctx context.Context, run *partner.Run) (time.Time, error) {
		now, err := m.Explain(ctx, run, id)
		if err != nil {
			return run.Now, err
		}
		stands, known := now.Whole.Status, part == ""
		for _, p := range now.Parts {
			if p.Part == part && part != "" {
				stands, known = p.Status, true
			}
		}
		if !known {
			return run.Now, fmt.Errorf("%w: the calculation has no offer %q", ErrNeverReached, part)
		}
		if stands == status {
			return run.Now, nil
		}
		subject := m.Subject(id)
		events, err := run.Log.Read(ctx, subject)
		if err != nil {
			return run.Now, err
		}
		way := []string{stands}
		for _, c := range m.Changes(run, subject, events, run.Now, run.Now.Add(horizon)) {
			if c.Part != part {
				continue
			}
			if c.To == status {
				return c.At, nil
			}
			way = append(way, c.To)
		}
		return run.Now, fmt.Errorf("%w: by itself it goes %s and never %s", ErrNeverReached, strings.Join(way, ", "), status)
	}
}

// Moved is a move of the clock, and what changed on the way.
type Moved struct {
	Before, After time.Time
	Changes       []partner.Change // in order; the first MaxChanges of them
	More          int              // how many others there were
	State         State            // of the session after it
}

// MaxChanges is how many changes a move lists.
const MaxChanges = 10_000

// Move moves the clock on to a target, in the turn of an act.
func (s *Session) Move(ctx context.Context, run *partner.Run, target Target) (m Moved, err error) {
	if err := s.Enter(run); err != nil {
		return m, err
	}
	defer s.Leave(run)
	m.Before = run.Now
	to, err := target(ctx, run)
	if err != nil {
		return m, err
	}
	c, err := s.clock.To(run.Exchange.Real, to)
	if err != nil {
		return m, err
	}
	s.clock = c
	m.After, m.State = c.At(run.Exchange.Real), s.state(run.Exchange.Real)
	if m.After.After(m.Before) {
		m.list(s.home.changes(ctx, run, m.Before, m.After))
	}
	return m, nil
}

// changes are all changes of all subjects after one instant and not after another, in no order.
func (r *Registry) changes(ctx context.Context, run *partner.Run, after, until time.Time) (list []partner.Change) {
	for subject, events := range run.Log.All(ctx) {
		if api := r.apis[subject.API]; api != nil {
			list = append(list, api.Changes(run, subject, events, after, until)...)
		}
	}
	return list
}

// list keeps changes in the order of their instants; of those at one instant, by subject, and a subject's own in the order in
// which its API tells them.
func (m *Moved) list(changes []partner.Change) {
	slices.SortStableFunc(changes, func(a, b partner.Change) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.Subject, b.Subject)
	})
	n := min(len(changes), MaxChanges)
	m.Changes, m.More = changes[:n], len(changes)-n
}

// Resume stands for the speed that a clock had before it was frozen.
const Resume = -1.0

// SetSpeed has the clock run at a speed from now on, in the turn of an act: 0 freezes it. It answers the session as it is then.
func (s *Session) SetSpeed(run *partner.Run, speed float64) (State, error) {
	if err := s.Enter(run); err != nil {
		return State{}, err
	}
	defer s.Leave(run)
	if speed == Resume {
		speed = s.thaw
	}
	c, err := s.clock.Speeding(run.Exchange.Real, speed)
	if err != nil {
		return State{}, err
	}
	if s.clock = c; speed > 0 {
		s.thaw = speed
	}
	return s.state(run.Exchange.Real), nil
}
