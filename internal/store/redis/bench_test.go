package redis

import (
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"poligon/internal/store"
)

// BenchmarkCommit commits as a poll does, sixteen records at once, beside as many round trips of a PING.
func BenchmarkCommit(b *testing.B) {
	url := os.Getenv("POLIGON_TEST_REDIS")
	if url == "" {
		b.Skip("POLIGON_TEST_REDIS names no Redis")
	}
	s, err := Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	state, entry := make([]byte, 400), make([]byte, 700)
	run := func(b *testing.B, do func(record string, have *store.Version, n uint64) error) {
		b.SetParallelism(8)
		var records atomic.Int64
		b.RunParallel(func(pb *testing.PB) {
			record, have, n := "bench"+strconv.FormatInt(records.Add(1), 10), store.Version(0), uint64(0)
			_ = s.Delete(b.Context(), record)
			for pb.Next() {
				n++
				if err := do(record, &have, n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	commit := func(record string, have *store.Version, n uint64) (err error) {
		c := store.Change{Put: []store.Value{{Key: store.Key{Table: store.Journal, Name: store.Place(n)}, Data: entry}, {Key: store.Key{Table: store.Head, Name: "state"}, Data: state}}}
		if n > 100 {
			c.Drop = []store.Key{{Table: store.Journal, Name: store.Place(n - 100)}}
		}
		*have, err = s.Commit(b.Context(), record, *have, c)
		return err
	}
	b.Run("ping", func(b *testing.B) {
		run(b, func(string, *store.Version, uint64) error { return s.client.Ping(b.Context()).Err() })
	})
	b.Run("commit", func(b *testing.B) { run(b, commit) })
	queue := s.queue
	s.queue = nil
	b.Run("alone", func(b *testing.B) { run(b, commit) })
	s.queue = queue
}
