package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"poligon/internal/store"
	"poligon/internal/store/plain"
)

// both is a store and the plain one, which are told the same.
type both struct {
	s        store.Store
	plain    *plain.Store
	prefix   string // of this check's records
	versions []pair // that were given, of any record
}

// pair is what the two stores call one version.
type pair struct{ s, plain store.Version }

// model runs random operations on some records of a store and of the plain one.
func model(t *testing.T, s store.Store) {
	var checks atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		b := &both{s: s, plain: &plain.Store{}, prefix: fmt.Sprintf("%d-", checks.Add(1)), versions: []pair{{}, {1 << 50, 1 << 50}}}
		t.Repeat(map[string]func(*rapid.T){
			"commit":   b.commit,
			"continue": b.goOn,
			"read":     b.read,
			"table":    b.table,
			"delete":   b.delete,
			"":         b.records,
		})
	})
}

func (b *both) record(t *rapid.T) string {
	return b.prefix + rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "record")
}

func tables() *rapid.Generator[store.Table] {
	return rapid.Map(rapid.IntRange(0, int(store.Tables)-1), func(n int) store.Table { return store.Table(n) }) //nolint:gosec // few
}

func keys() *rapid.Generator[store.Key] {
	return rapid.Custom(func(t *rapid.T) store.Key {
		return store.Key{Table: tables().Draw(t, "table"), Name: rapid.SampledFrom([]string{"", "a", "b", "\x00", "a\x00\xff"}).Draw(t, "name")}
	})
}

func changes() *rapid.Generator[store.Change] {
	return rapid.Custom(func(t *rapid.T) (c store.Change) {
		c.Clear = rapid.SliceOfN(tables(), 0, 2).Draw(t, "clear")
		c.Drop = rapid.SliceOfN(keys(), 0, 3).Draw(t, "drop")
		c.Put = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) store.Value {
			return store.Value{Key: keys().Draw(t, "key"), Data: rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "data")}
		}), 0, 5).Draw(t, "put")
		return c
	})
}

// commit is for any version that was ever given to any record.
func (b *both) commit(t *rapid.T) {
	b.commitAt(t, b.record(t), rapid.SampledFrom(b.versions).Draw(t, "have"))
}

// goOn is for the version that the record is at.
func (b *both) goOn(t *rapid.T) {
	record := b.record(t)
	have, _, err := b.s.Read(context.Background(), record)
	if err != nil {
		t.Fatal(err)
	}
	want, _, _ := b.plain.Read(context.Background(), record)
	b.commitAt(t, record, pair{have, want})
}

func (b *both) commitAt(t *rapid.T, record string, have pair) {
	c := changes().Draw(t, "change")
	v, err := b.s.Commit(context.Background(), record, have.s, c)
	want, wantErr := b.plain.Commit(context.Background(), record, have.plain, c)
	if errors.Is(err, store.ErrMoved) != errors.Is(wantErr, store.ErrMoved) || (err == nil) != (wantErr == nil) {
		t.Fatalf("commit of %v for %v: %v, want %v", c, have, err, wantErr)
	}
	if err != nil {
		return
	}
	if slices.ContainsFunc(b.versions, func(p pair) bool { return p.s == v }) {
		t.Fatalf("version %d is given twice", v)
	}
	b.versions = append(b.versions, pair{v, want})
}

func (b *both) read(t *rapid.T) {
	record, list := b.record(t), rapid.SliceOfN(keys(), 0, 5).Draw(t, "keys")
	v, values, err := b.s.Read(context.Background(), record, list...)
	if err != nil {
		t.Fatal(err)
	}
	wantV, want, _ := b.plain.Read(context.Background(), record, list...)
	if !slices.Contains(b.versions, pair{v, wantV}) || len(values) != len(want) {
		t.Fatalf("version %d with %d values, the plain one %d with %d", v, len(values), wantV, len(want))
	}
	for i := range want {
		if shown(values[i]) != shown(want[i]) {
			t.Fatalf("%v is %q, want %q", list[i], shown(values[i]), shown(want[i]))
		}
	}
}

func (b *both) table(t *rapid.T) {
	record, of := b.record(t), tables().Draw(t, "table")
	got, want := table(t, b.s, record, of), table(t, b.plain, record, of)
	if !maps.Equal(got, want) {
		t.Fatalf("table %d has %v, want %v", of, got, want)
	}
}

func (b *both) delete(t *rapid.T) {
	record := b.record(t)
	if err := errors.Join(b.s.Delete(context.Background(), record), b.plain.Delete(context.Background(), record)); err != nil {
		t.Fatal(err)
	}
}

func (b *both) records(t *rapid.T) {
	list, err := b.s.Records(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	list = slices.DeleteFunc(list, func(name string) bool { return !strings.HasPrefix(name, b.prefix) })
	want, _ := b.plain.Records(context.Background())
	if !slices.Equal(sorted(list), sorted(want)) {
		t.Fatalf("records: %q, want %q", list, want)
	}
}
