package file_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"poligon/internal/store"
	"poligon/internal/store/file"
)

func open(t *testing.T, path string, o file.Options) *file.Store {
	t.Helper()
	s, err := file.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func value(name string, size int) store.Change {
	return store.Change{Put: []store.Value{{Key: store.Key{Name: name}, Data: make([]byte, size)}}}
}

func TestOneProcessAtATime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f")
	s := open(t, path, file.Options{})
	if _, err := file.Open(path, file.Options{}); err == nil || !strings.Contains(err.Error(), "in use by another process") || !strings.Contains(err.Error(), path) {
		t.Errorf("opened twice: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	if _, err := s.Commit(t.Context(), "r", 0, store.Change{}); !errors.Is(err, store.ErrAway) {
		t.Errorf("commit to a closed store: %v", err)
	}
	if _, _, err := s.Read(t.Context(), "r"); !errors.Is(err, store.ErrAway) {
		t.Errorf("read of a closed store: %v", err)
	}
	open(t, path, file.Options{})
}

func TestWhatIsNoStoreIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := filepath.Join(dir, "good")
	s := open(t, good, file.Options{})
	if _, err := s.Commit(t.Context(), "r", 0, value("a", 200_000)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"text": write("text", []byte(strings.Repeat("not a store\n", 5000))), "short": write("short", []byte("x")), "cut": write("cut", data[:5000]),
		"a directory": dir, "nowhere": filepath.Join(dir, "none", "f"),
	} {
		if _, err := file.Open(path, file.Options{}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s was opened: %v", name, err)
		}
	}
	if s, err := file.Open(write("empty", nil), file.Options{}); err != nil { // as os.CreateTemp leaves it
		t.Errorf("an empty file: %v", err)
	} else {
		_ = s.Close()
	}
}

func TestNewerFormatIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f")
	if err := open(t, path, file.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("poligon")).Put([]byte("format"), []byte{0, 0, 0, 0, 0, 0, 0, 99})
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Open(path, file.Options{}); err == nil || !strings.Contains(err.Error(), "has format 99") {
		t.Errorf("opened: %v", err)
	}
}

func TestWhatExpiredIsGoneAtOpen(t *testing.T) {
	t.Parallel()
	path, now := filepath.Join(t.TempDir(), "f"), time.Unix(1_000_000, 0)
	o := file.Options{Async: true, Now: func() time.Time { return now }}
	s := open(t, path, o)
	versions := map[string]store.Version{}
	for name, keep := range map[string]time.Duration{"hour": time.Hour, "day": 24 * time.Hour, "ever": 0} {
		v, err := s.Commit(t.Context(), name, 0, store.Change{Keep: keep})
		if err != nil {
			t.Fatal(err)
		}
		versions[name] = v
	}
	for _, c := range []struct {
		after time.Duration
		want  []string
	}{{time.Hour - time.Second, []string{"day", "ever", "hour"}}, {2 * time.Second, []string{"day", "ever"}}, {1000 * time.Hour, []string{"ever"}}} {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		now = now.Add(c.after)
		s = open(t, path, o)
		list, err := s.Records(t.Context())
		slices.Sort(list)
		if err != nil || !slices.Equal(list, c.want) {
			t.Errorf("after %v more: %q, %v, want %q", c.after, list, err, c.want)
		}
	}
	if v, err := s.Commit(t.Context(), "hour", 0, store.Change{}); err != nil || v <= versions["hour"] {
		t.Errorf("made again at %d, %v", v, err)
	}
}

// What cannot be written alone, here for bbolt takes no such name, is no matter to what is written with it.
func TestOneBadCommitHurtsNoOther(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "f"), file.Options{Async: true})
	var wg sync.WaitGroup
	for i := range 400 {
		wg.Go(func() {
			name, bad := fmt.Sprint(i), i%7 == 0
			c := value(name, 10)
			if bad {
				c.Put = append(c.Put, value(strings.Repeat("x", 40_000), 1).Put...)
			}
			_, err := s.Commit(context.Background(), name, 0, c)
			if bad != errors.Is(err, store.ErrAway) {
				t.Errorf("commit %d: %v", i, err)
			}
			if n, err := s.Count(context.Background(), name, store.Head); err != nil || n == 0 != bad {
				t.Errorf("commit %d left %d values, %v", i, n, err)
			}
		})
	}
	wg.Wait()
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}
