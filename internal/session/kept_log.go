package session

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"poligon/internal/sim"
	"poligon/internal/store"
)

// keptLog is a sim.Log over a record of a store. Within a turn it holds what the turn adds, until the turn is committed or taken back; it
// belongs to the turn then. Without a cache it is good for looks outside of turns, from many goroutines, and takes no events.
type keptLog struct {
	store  store.Store
	record string

	cache   map[sim.Subject][]byte // subjects as of the version that the session is at; nil for a log of looks
	added   map[sim.Subject]grown  // by the turn
	cleared bool                   // the turn forgot all that the store has
	failed  error                  // of the store: what was read is not all that there is
}

// grown is a subject that a turn added to.
type grown struct {
	events []byte // all of them
	count  int
	fresh  bool // the store does not have it
}

var errLooking = errors.New("events are added within a turn alone")

// maxCached is how many subjects of a session are kept in memory, so that most turns need not read.
const maxCached = 1 << 16

func newKeptLog(s store.Store, record string) *keptLog {
	return &keptLog{store: s, record: record, cache: map[sim.Subject][]byte{}, added: map[sim.Subject]grown{}}
}

// subjectKey is the name of a subject in a store: the API's name, a zero byte, the ID.
func subjectKey(s sim.Subject) store.Key {
	return store.Key{Table: store.Subjects, Name: s.API + "\x00" + s.ID}
}

func subjectOf(name string) (sim.Subject, error) {
	api, id, ok := strings.Cut(name, "\x00")
	if !ok {
		return sim.Subject{}, fmt.Errorf("a subject of the store has the name %q: %w", name, sim.ErrCorrupt)
	}
	return sim.Subject{API: api, ID: id}, nil
}

// encoded are the subject's events, encoded; none for an unknown one.
func (l *keptLog) encoded(ctx context.Context, s sim.Subject) ([]byte, error) {
	if g, ok := l.added[s]; ok {
		return g.events, nil
	}
	if l.cleared {
		return nil, nil
	}
	if b, ok := l.cache[s]; ok {
		return b, nil
	}
	_, values, err := l.store.Read(ctx, l.record, subjectKey(s))
	if err != nil {
		l.failed = err
		return nil, err
	}
	l.remember(s, values[0])
	return values[0], nil
}

func (l *keptLog) remember(s sim.Subject, b []byte) {
	if l.cache == nil {
		return
	}
	if len(l.cache) >= maxCached {
		clear(l.cache)
	}
	l.cache[s] = b
}

// Read implements sim.Log.
func (l *keptLog) Read(ctx context.Context, s sim.Subject) ([]sim.Event, error) {
	b, err := l.encoded(ctx, s)
	if err != nil || len(b) == 0 {
		return nil, err
	}
	return sim.Events(b)
}

// Append implements sim.Log.
func (l *keptLog) Append(ctx context.Context, s sim.Subject, have int, add []sim.Event) error {
	if l.added == nil {
		return errLooking
	}
	g, ok := l.added[s]
	if !ok {
		b, err := l.encoded(ctx, s)
		if err != nil {
			return err
		}
		events, err := sim.Events(b)
		if err != nil {
			return err
		}
		g = grown{events: append([]byte(nil), b...), count: len(events), fresh: len(b) == 0}
	}
	if g.count != have {
		return sim.ErrMoved
	}
	for _, e := range add {
		g.events = sim.AppendEvent(g.events, e)
	}
	g.count += len(add)
	l.added[s] = g
	return nil
}

// All implements sim.Log.
func (l *keptLog) All(ctx context.Context) iter.Seq2[sim.Subject, []sim.Event] {
	return func(yield func(sim.Subject, []sim.Event) bool) {
		for s, g := range l.added {
			events, err := sim.Events(g.events)
			if err != nil {
				panic("session: " + err.Error()) // what Append encoded does not decode: a defect of this package
			}
			if !yield(s, events) {
				return
			}
		}
		if l.cleared {
			return
		}
		for v, err := range l.store.Scan(ctx, l.record, store.Subjects) {
			s, events, err := scanned(v, err)
			if err != nil {
				l.failed = err
				return
			}
			if _, newer := l.added[s]; !newer && !yield(s, events) {
				return
			}
		}
	}
}

func scanned(v store.Value, err error) (s sim.Subject, events []sim.Event, _ error) {
	if err != nil {
		return s, nil, err
	}
	if s, err = subjectOf(v.Name); err != nil {
		return s, nil, err
	}
	events, err = sim.Events(v.Data)
	return s, events, err
}

// Count implements sim.Log.
func (l *keptLog) Count(ctx context.Context) (n int, err error) {
	if !l.cleared {
		if n, err = l.store.Count(ctx, l.record, store.Subjects); err != nil {
			l.failed = err
			return 0, err
		}
	}
	for _, g := range l.added {
		if g.fresh || l.cleared {
			n++
		}
	}
	return n, nil
}

// clear forgets all subjects.
func (l *keptLog) clear() {
	l.cleared = true
	clear(l.added)
}

// change puts what the turn did into a change.
func (l *keptLog) change(c *store.Change) {
	if l.cleared {
		c.Clear = append(c.Clear, store.Subjects)
	}
	for s, g := range l.added {
		c.Put = append(c.Put, store.Value{Key: subjectKey(s), Data: g.events})
	}
}

// done is what follows when the change is committed.
func (l *keptLog) done() {
	if l.cleared {
		clear(l.cache)
		l.cleared = false
	}
	for s, g := range l.added {
		l.remember(s, g.events)
	}
	clear(l.added)
}

// undo takes back what the turn did, and forgets what was read.
func (l *keptLog) undo() {
	l.cleared, l.failed = false, nil
	clear(l.added)
	clear(l.cache)
}
