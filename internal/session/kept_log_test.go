package session

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"sync"
	"testing"

	"poligon/internal/sim"
	"poligon/internal/store"
	"poligon/internal/store/file"
	"poligon/internal/store/plain"
	"poligon/internal/store/redis"
	"poligon/internal/store/redistest"
	"poligon/internal/store/storetest"
)

// turnLog is a kept log of which each append is a turn that is committed.
type turnLog struct {
	mu      sync.Mutex
	log     *keptLog
	version store.Version
}

func (l *turnLog) Read(ctx context.Context, s sim.Subject) ([]sim.Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.Read(ctx, s)
}

func (l *turnLog) Append(ctx context.Context, s sim.Subject, have int, add []sim.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.log.Append(ctx, s, have, add); err != nil {
		return err
	}
	var c store.Change
	l.log.change(&c)
	version, err := l.log.store.Commit(ctx, l.log.record, l.version, c)
	if err != nil {
		l.log.undo()
		return err
	}
	l.version = version
	l.log.done()
	return nil
}

// All and Count are of a log that has nothing in memory: they see what is kept.
func (l *turnLog) All(ctx context.Context) iter.Seq2[sim.Subject, []sim.Event] {
	return (&keptLog{store: l.log.store, record: l.log.record}).All(ctx)
}

func (l *turnLog) Count(ctx context.Context) (int, error) {
	return (&keptLog{store: l.log.store, record: l.log.record}).Count(ctx)
}

func TestKeptLogConforms(t *testing.T) {
	t.Parallel()
	over := func(t *testing.T, s store.Store) {
		t.Cleanup(func() { _ = s.Close() })
		var records int
		var mu sync.Mutex
		storetest.RunLog(t, func() sim.Log {
			mu.Lock()
			defer mu.Unlock()
			records++
			return &turnLog{log: newKeptLog(s, string(rune('a'+records)))}
		})
	}
	t.Run("plain", func(t *testing.T) { t.Parallel(); over(t, &plain.Store{}) })
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		s, err := file.Open(filepath.Join(t.TempDir(), "poligon.db"), file.Options{Async: true})
		if err != nil {
			t.Fatal(err)
		}
		over(t, s)
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		s, err := redis.Open(t.Context(), redistest.Start(t, redistest.Options{}).URL())
		if err != nil {
			t.Fatal(err)
		}
		over(t, s)
	})
}

// A turn that is taken back leaves no event, one that forgets all sees none.
func TestKeptLogWithinATurn(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), &plain.Store{}
	l := newKeptLog(s, "a")
	one := sim.Subject{API: "a", ID: "1"}
	has := func(want int) {
		t.Helper()
		events, err := l.Read(ctx, one)
		n, countErr := l.Count(ctx)
		all := 0
		for _, list := range l.All(ctx) {
			all += len(list)
		}
		if err = errors.Join(err, countErr); err != nil || len(events) != want || all != want || n != min(want, 1) {
			t.Errorf("%d events, %d of all, %d subjects, %v; want %d events", len(events), all, n, err, want)
		}
	}
	add := func(have int) {
		t.Helper()
		if err := l.Append(ctx, one, have, []sim.Event{{Name: "e"}}); err != nil {
			t.Error(err)
		}
	}
	version := store.Version(0)
	commit := func() {
		t.Helper()
		var c store.Change
		l.change(&c)
		var err error
		if version, err = s.Commit(ctx, "a", version, c); err != nil {
			t.Error(err)
		}
		l.done()
	}
	add(0)
	has(1)
	l.undo()
	has(0)
	add(0)
	add(1)
	commit()
	has(2)
	add(2)
	has(3)
	l.undo()
	has(2)
	l.clear()
	has(0)
	add(0)
	has(1)
	l.undo()
	has(2)
	l.clear()
	add(0)
	commit()
	has(1)
	s.Away(store.ErrAway)
	l.undo()
	if _, err := l.Read(ctx, one); !errors.Is(err, store.ErrAway) || !errors.Is(l.failed, store.ErrAway) {
		t.Errorf("read: %v; noted: %v", err, l.failed)
	}
	s.Away(nil)
	l.undo()
	has(1)
	looks := &keptLog{store: s, record: "a"}
	if err := looks.Append(ctx, one, 1, []sim.Event{{Name: "e"}}); !errors.Is(err, errLooking) {
		t.Errorf("a look adds: %v", err)
	}
}
