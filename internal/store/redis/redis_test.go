package redis

import (
	"fmt"
	"net/url"
	"strings"
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
