package file

import (
	"path/filepath"
	"testing"

	"poligon/internal/store"
	"poligon/internal/store/storetest"
)

// opened is a store of a file, closed at the end of the test.
func opened(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(path, o)
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

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{"synced": {}, "async": {Async: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T) store.Store { return opened(t, filepath.Join(t.TempDir(), "poligon.db"), o) })
		})
	}
}

func BenchmarkStore(b *testing.B) {
	for name, o := range map[string]Options{"synced": {}, "async": {Async: true}} {
		b.Run(name, func(b *testing.B) { storetest.Bench(b, opened(b, filepath.Join(b.TempDir(), "poligon.db"), o)) })
	}
}
