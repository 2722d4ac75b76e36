package redis

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"poligon/internal/store"
	"poligon/internal/store/redistest"
	"poligon/internal/store/storetest"
)

// stores counts them: each has a prefix of its own.
var stores atomic.Int64

// fresh is a URL with a prefix that none had.
func fresh(u string) string {
	mark := "?"
	if strings.Contains(u, "?") {
		mark = "&"
	}
	return u + mark + "prefix=" + url.QueryEscape(fmt.Sprintf("test-%d", stores.Add(1)))
}

// opened is a store, closed at the end of the test.
func opened(t testing.TB, u string) *Store {
	t.Helper()
	s, err := Open(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func conforms(t *testing.T, u string) {
	t.Helper()
	storetest.Run(t, func(t *testing.T) store.Store { return opened(t, fresh(u)) })
}

func TestConformanceOfOne(t *testing.T) {
	t.Parallel()
	conforms(t, redistest.Start(t, redistest.Options{}).URL())
}

func TestConformanceWithPassword(t *testing.T) {
	t.Parallel()
	conforms(t, redistest.Start(t, redistest.Options{Password: "secret word%"}).URL())
}

func TestConformanceOverTLS(t *testing.T) {
	t.Parallel()
	conforms(t, redistest.Start(t, redistest.Options{TLS: true}).URL()+"?skip_verify=true")
}

func TestConformanceOfCluster(t *testing.T) {
	t.Parallel()
	conforms(t, redistest.StartCluster(t).URL())
}

// What a round trip costs, and what reading and committing cost.
func BenchmarkStore(b *testing.B) {
	s := opened(b, fresh(redistest.Start(b, redistest.Options{}).URL()))
	for _, parallel := range []int{1, 32} {
		b.Run(fmt.Sprintf("ping/parallel=%d", parallel), func(b *testing.B) {
			var group sync.WaitGroup
			var left atomic.Int64
			left.Store(int64(b.N))
			for range parallel {
				group.Go(func() {
					for left.Add(-1) >= 0 {
						if err := s.client.Ping(b.Context()).Err(); err != nil {
							b.Error(err)
						}
					}
				})
			}
			group.Wait()
		})
	}
	storetest.Bench(b, s)
}
