package storetest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"poligon/internal/store"
)

// wins is how many of 16 equal commits are made at once.
func wins(t *testing.T, s store.Store, have store.Version) int32 {
	t.Helper()
	var won, started sync.WaitGroup
	var n atomic.Int32
	started.Add(1)
	for i := range 16 {
		won.Go(func() {
			started.Wait()
			_, err := s.Commit(t.Context(), record, have, put(head("winner"), strconv.Itoa(i)))
			if err == nil {
				n.Add(1)
			} else if !errors.Is(err, store.ErrMoved) {
				t.Error(err)
			}
		})
	}
	started.Done()
	won.Wait()
	return n.Load()
}

func race(t *testing.T, s store.Store) {
	for range 5 {
		at, _, err := s.Read(t.Context(), record)
		if err != nil {
			t.Fatal(err)
		}
		if n := wins(t, s, at); n != 1 {
			t.Errorf("%d commits won", n)
		}
	}
}

func raceToCreate(t *testing.T, s store.Store) {
	for range 5 {
		if n := wins(t, s, 0); n != 1 {
			t.Errorf("%d commits won", n)
		}
		if list, err := s.Records(t.Context()); err != nil || len(list) != 1 {
			t.Errorf("records: %q, %v", list, err)
		}
		if err := s.Delete(t.Context(), record); err != nil {
			t.Fatal(err)
		}
	}
}

// deciders add to a counter and to a table, each what it read and one.
func deciders(t *testing.T, s store.Store) {
	const all, each = 8, 25
	var group sync.WaitGroup
	for range all {
		group.Go(func() {
			for range each {
				if err := decide(t.Context(), s); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	at, _, err := s.Read(t.Context(), record)
	if err != nil {
		t.Fatal(err)
	}
	read(t, s, record, at, map[store.Key]string{head("count"): strconv.Itoa(all * each)})
	if places := table(t, s, record, store.Journal); len(places) != all*each {
		t.Errorf("%d places, want %d", len(places), all*each)
	}
}

func decide(ctx context.Context, s store.Store) error {
	for {
		at, values, err := s.Read(ctx, record, head("count"))
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(string(values[0]))
		c := put(head("count"), strconv.Itoa(n+1))
		c.Put = append(c.Put, store.Value{Key: store.Key{Table: store.Journal, Name: store.Place(uint64(n))}}) //nolint:gosec // never negative
		if _, err = s.Commit(ctx, record, at, c); !errors.Is(err, store.ErrMoved) {
			return err
		}
	}
}

// moment has one writer change three values together, and readers look: never are they seen apart, and a version always has the same ones.
func moment(t *testing.T, s store.Store) {
	keys := []store.Key{head("a"), subject("a"), {Table: store.Journal, Name: store.Place(0)}}
	write := func(have store.Version, n int) store.Version {
		c := store.Change{Clear: []store.Table{store.Journal}, Drop: keys[:1]}
		for _, k := range keys {
			c.Put = append(c.Put, store.Value{Key: k, Data: []byte(strconv.Itoa(n))})
		}
		return commit(t, s, record, have, c)
	}
	first := write(0, 0)
	var done atomic.Bool
	var of sync.Map // the value by version
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for !done.Load() {
				v, values, err := s.Read(t.Context(), record, keys...)
				if err != nil {
					t.Error(err)
					return
				}
				one := shown(values[0])
				if was, _ := of.LoadOrStore(v, one); was != one || shown(values[1]) != one || shown(values[2]) != one {
					t.Errorf("version %d: %q, then %q", v, was, values)
					return
				}
			}
		})
	}
	at := first
	for n := 1; n <= 200; n++ {
		at = write(at, n)
	}
	done.Store(true)
	readers.Wait()
}

func ended(t *testing.T, s store.Store) {
	at := commit(t, s, record, 0, put(head("a"), "1"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 {
		away := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, store.ErrAway) {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, _, err := s.Read(ctx, record, head("a"))
		away("read", err)
		_, err = s.Commit(ctx, record, at, put(head("a"), "2"))
		away("commit", err)
		_, err = s.Commit(ctx, "other", 0, put(head("a"), "2"))
		away("create", err)
		_, err = s.Count(ctx, record, store.Head)
		away("count", err)
		_, err = s.Records(ctx)
		away("records", err)
		away("delete", s.Delete(ctx, record))
		err = nil
		for _, last := range s.Scan(ctx, record, store.Head) {
			err = last
		}
		away("scan", err)
	}
	commit(t, s, "last", 0, store.Change{}) // whatever was still under way is made by now
	read(t, s, record, at, map[store.Key]string{head("a"): "1"})
	read(t, s, "other", 0, map[store.Key]string{head("a"): "-"})
	if list, err := s.Records(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("records: %q, %v", list, err)
	}
}
