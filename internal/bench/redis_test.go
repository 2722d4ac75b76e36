package bench

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"poligon/internal/bordereau"
	"poligon/internal/journal"
	"poligon/internal/session"
	"poligon/internal/simulator"
	"poligon/internal/store"
	"poligon/internal/store/file"
	"poligon/internal/store/redis"
)

// BenchmarkPollKept polls over stores, each connection in a session of its own. POLIGON_TEST_REDIS is the URL of a Redis; without it there is
// only the file. A round trip is a PING by the client that the store uses, as many at once as there are connections.
func BenchmarkPollKept(b *testing.B) {
	b.Run("file/async", func(b *testing.B) { pollKept(b, openFile(b, true)) })
	b.Run("file/synced", func(b *testing.B) { pollKept(b, openFile(b, false)) })
	url := os.Getenv("POLIGON_TEST_REDIS")
	if url == "" {
		b.Skip("POLIGON_TEST_REDIS names no Redis")
	}
	b.Run("redis/roundtrip", func(b *testing.B) { roundTrips(b, url) })
	b.Run("redis/poligon", func(b *testing.B) {
		s, err := redis.Open(b.Context(), url+"?prefix=bench"+strconv.FormatInt(time.Now().UnixNano(), 36))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = s.Close() })
		pollKept(b, s)
	})
}

func openFile(b *testing.B, async bool) store.Store {
	b.Helper()
	s, err := file.Open(b.TempDir()+"/poligon.db", file.Options{Async: async})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

func pollKept(b *testing.B, s store.Store) {
	sim, err := simulator.New(simulator.Config{Access: bordereau.Access{Passwords: map[string]string{"demo": "secret"}}, Store: s,
		Defaults: session.Config{Speed: 1, Journal: journal.Limits{Entries: session.JournalEntries, Bytes: session.JournalBytes}}, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	over(b, sim.Server, func(i int) []byte {
		return []byte(fmt.Sprintf("GET /s/c%d/osago/calculate/status?request_id=123e4567-e89b-12d3-a456-42661417%04d HTTP/1.1\r\nHost: localhost\r\n\r\n", i, i))
	})
}

// roundTrips pings as many times at once as there are connections.
func roundTrips(b *testing.B, url string) {
	o, err := goredis.ParseURL(url)
	if err != nil {
		b.Fatal(err)
	}
	c := goredis.NewClient(o)
	defer func() { _ = c.Close() }()
	b.SetParallelism(connections / 2)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := c.Ping(b.Context()).Err(); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
