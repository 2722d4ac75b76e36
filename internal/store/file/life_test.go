package file

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"poligon/internal/store"
)

var (
	first  = store.Key{Table: store.Head, Name: "first"}
	second = store.Key{Table: store.Subjects, Name: "second"}
)

func values(data string) store.Change {
	return store.Change{Put: []store.Value{{Key: first, Data: []byte(data)}, {Key: second, Data: []byte(data)}}}
}

func mustCommit(t *testing.T, s *Store, record string, have store.Version, c store.Change) store.Version {
	t.Helper()
	v, err := s.Commit(t.Context(), record, have, c)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// holds checks that a record is at a version, with both values the same.
func holds(t *testing.T, s *Store, record string, at store.Version, data string) {
	t.Helper()
	v, got, err := s.Read(t.Context(), record, first, second)
	if err != nil || v != at || string(got[0]) != data || string(got[1]) != data {
		t.Errorf("%q is at %d with %.20q, %.20q, %v; want %d with %.20q", record, v, got[0], got[1], err, at, data)
	}
}

func TestAnotherProcessHoldsTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "poligon.db")
	opened(t, path, Options{})
	if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), path+" is in use by another process") {
		t.Errorf("a second one opens it: %v", err)
	}
}

func TestWhatIsNoFileOfOurs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(other, []byte(strings.Repeat("Dear all, ", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{other, dir, filepath.Join(dir, "none", "poligon.db")} {
		if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if data, err := os.ReadFile(other); err != nil || !strings.HasPrefix(string(data), "Dear all, Dear all") {
		t.Errorf("the other's file was changed: %.20q, %v", data, err)
	}
}

func TestNewerFormat(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "poligon.db")
	s := opened(t, path, Options{})
	err := s.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(metaBucket)).Put([]byte(formatKey), number(Format+1))
	})
	if err = errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it is refused again: the first did nothing
		if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("has format %d", Format+1)) {
			t.Errorf("opened: %v", err)
		}
	}
}

func TestReopen(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{"synced": {}, "async": {Async: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "poligon.db")
			s := opened(t, path, o)
			a := mustCommit(t, s, "a", 0, values("of a"))
			mustCommit(t, s, "b", 0, values("of b"))
			last := mustCommit(t, s, "c", 0, values("of c"))
			if err := errors.Join(s.Delete(t.Context(), "b"), s.Delete(t.Context(), "c"), s.Close(), s.Close()); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Commit(t.Context(), "a", a, values("late")); !errors.Is(err, store.ErrAway) {
				t.Errorf("committed to what is closed: %v", err)
			}
			if _, _, err := s.Read(t.Context(), "a", first); !errors.Is(err, store.ErrAway) {
				t.Errorf("read from what is closed: %v", err)
			}
			s = opened(t, path, o)
			holds(t, s, "a", a, "of a")
			if v, _, err := s.Read(t.Context(), "b"); v != 0 || err != nil {
				t.Errorf("b is at %d, %v", v, err)
			}
			if v := mustCommit(t, s, "c", 0, values("again")); v <= last {
				t.Errorf("version %d after %d", v, last)
			}
		})
	}
}

// A record that is not kept any longer is there while the file is open, and forgotten when it is opened again.
func TestExpiry(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "poligon.db")
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	o := Options{Now: func() time.Time { return now }}
	s := opened(t, path, o)
	kept := func(data string, d time.Duration) store.Change {
		c := values(data)
		c.Keep = d
		return c
	}
	versions := map[string]store.Version{}
	for record, d := range map[string]time.Duration{"hour": time.Hour, "day": 24 * time.Hour, "ever": 0, "first hour, then ever": time.Hour, "hour from later on": time.Hour} {
		versions[record] = mustCommit(t, s, record, 0, kept(record, d))
	}
	now = now.Add(50 * time.Minute)
	versions["first hour, then ever"] = mustCommit(t, s, "first hour, then ever", versions["first hour, then ever"], kept("first hour, then ever", 0))
	versions["hour from later on"] = mustCommit(t, s, "hour from later on", versions["hour from later on"], kept("hour from later on", time.Hour))
	for _, step := range []struct {
		after time.Duration
		gone  string
	}{{0, ""}, {10 * time.Minute, ""}, {time.Second, "hour"}, {time.Hour, "hour from later on"}, {24 * time.Hour, "day"}, {1e5 * time.Hour, ""}} {
		now = now.Add(step.after)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = opened(t, path, o)
		if step.gone != "" {
			if v, _, err := s.Read(t.Context(), step.gone, first); v != 0 || err != nil {
				t.Errorf("%q is at %d, %v", step.gone, v, err)
			}
			delete(versions, step.gone)
		}
		for record, v := range versions {
			holds(t, s, record, v, record)
		}
		if list, err := s.Records(t.Context()); err != nil || len(list) != len(versions) {
			t.Errorf("%q, %v; want %d", list, err, len(versions))
		}
	}
}

// A name that the file cannot hold is refused by itself, and nothing else with it.
func TestNameTooLong(t *testing.T) {
	t.Parallel()
	s := opened(t, filepath.Join(t.TempDir(), "poligon.db"), Options{})
	long := store.Key{Table: store.Subjects, Name: strings.Repeat("x", longest)}
	v := mustCommit(t, s, "a", 0, store.Change{Put: []store.Value{{Key: long, Data: []byte("fits")}}})
	if _, got, err := s.Read(t.Context(), "a", long); err != nil || string(got[0]) != "fits" {
		t.Errorf("%q, %v", got, err)
	}
	long.Name += "x"
	if _, err := s.Commit(t.Context(), "a", v, store.Change{Put: []store.Value{{Key: first}, {Key: long}}}); !errors.Is(err, store.ErrAway) || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a name of %d bytes: %v", len(long.Name), err)
	}
	if at, got, err := s.Read(t.Context(), "a", first, long); at != v || got[0] != nil || got[1] != nil || err != nil {
		t.Errorf("at %d: %q, %v", at, got, err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// fullVar has the test's own program, started once more, be the process whose disk is full.
const fullVar = "POLIGON_TEST_FULL"

// The disk is full, as a limit of the size of files has it, and then it is not. In a process of its own, for the limit is of a process.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	if path := os.Getenv(fullVar); path != "" {
		full(t, path)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestDiskFull$", "-test.v")
	cmd.Env = append(os.Environ(), fullVar+"="+filepath.Join(t.TempDir(), "poligon.db"))
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "full after") {
		t.Errorf("%v\n%s", err, out)
	} else {
		t.Logf("%s", out)
	}
}

// limit has no file grow beyond so many bytes.
func limit(t *testing.T, size uint64) (restore func()) {
	t.Helper()
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			t.Error(err)
		}
	}
}

func full(t *testing.T, path string) {
	s := opened(t, path, Options{})
	at := mustCommit(t, s, "a", 0, values("before"))
	restore := limit(t, 1<<20)
	data, n := "", 0
	for ; ; n++ {
		next := fmt.Sprintf("%05d%s", n, strings.Repeat("-", 1500))
		v, err := s.Commit(t.Context(), "a", at, store.Change{Put: []store.Value{
			{Key: first, Data: []byte(next)}, {Key: store.Key{Table: store.Journal, Name: store.Place(uint64(n))}, Data: []byte(next)}, {Key: second, Data: []byte(next)}}})
		if err != nil {
			if !errors.Is(err, store.ErrAway) {
				t.Errorf("no away: %v", err)
			}
			t.Logf("full after %d commits: %v", n, err)
			break
		}
		at, data = v, next
	}
	for range 3 { // nothing half, and what was there can be read
		holds(t, s, "a", at, data)
		if count, err := s.Count(t.Context(), "a", store.Journal); count != n || err != nil {
			t.Errorf("%d exchanges, %v; want %d", count, err, n)
		}
		if _, err := s.Commit(t.Context(), "b", 0, values(strings.Repeat("much", 1<<18))); !errors.Is(err, store.ErrAway) {
			t.Errorf("committed: %v", err)
		}
		if err := s.Ready(t.Context()); !errors.Is(err, store.ErrAway) {
			t.Errorf("ready: %v", err)
		}
	}
	restore()
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	at = mustCommit(t, s, "a", at, values("after"))
	b := mustCommit(t, s, "b", 0, values(strings.Repeat("much", 1<<18)))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = opened(t, path, Options{})
	holds(t, s, "a", at, "after")
	holds(t, s, "b", b, strings.Repeat("much", 1<<18))
	err := s.db.View(func(tx *bbolt.Tx) (err error) {
		for e := range tx.Check() {
			err = errors.Join(err, e)
		}
		return err
	})
	if err != nil {
		t.Errorf("the file is not sound: %v", err)
	}
}
