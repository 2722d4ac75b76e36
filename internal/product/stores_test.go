package product_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	"poligon/internal/simulator"
	"poligon/internal/store/file"
	"poligon/internal/store/plain"
	"poligon/internal/store/redis"
)

// storeOf is where the tests' servers keep their sessions: POLIGON_TEST_STORE is empty for memory, plain for a store of one server, and
// replicas for two servers over one store that answer in turns.
func storeOf() string { return os.Getenv("POLIGON_TEST_STORE") }

// ofOneServer skips a test of what each of several servers knows for itself alone: what is under way there, and its metrics.
func ofOneServer(t *testing.T) {
	t.Helper()
	if storeOf() == "replicas" {
		t.Skip("docs/stores.md: each server knows this of itself alone")
	}
}

// serving is the handler of a simulator, or of two over one store.
func serving(t *testing.T, c simulator.Config, k kit) http.Handler {
	t.Helper()
	switch storeOf() {
	case "plain":
		c.Store = &plain.Store{}
	case "file":
		s, err := file.Open(filepath.Join(t.TempDir(), "poligon.db"), file.Options{Async: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		c.Store = s
	case "redis":
		s, err := redis.Open(t.Context(), os.Getenv("POLIGON_TEST_REDIS")+"?prefix="+url.QueryEscape(t.Name()+strconv.FormatUint(rand.Uint64(), 36)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		c.Store = s
	case "replicas":
		c.Store = &plain.Store{Others: true}
		first, second := simulated(t, c, k), simulated(t, c, k)
		var n atomic.Uint64
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1)%2 == 0 {
				first.ServeHTTP(w, r)
				return
			}
			second.ServeHTTP(w, r)
		})
	}
	return simulated(t, c, k)
}

func simulated(t *testing.T, c simulator.Config, k kit) http.Handler {
	t.Helper()
	sim, err := simulator.Over(c, k.apis, k.library)
	if err != nil {
		t.Fatal(err)
	}
	return sim.Server
}
