package file_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"

	"poligon/internal/store"
	"poligon/internal/store/file"
)

// A full disk: a commit is refused as a whole, what was there is read, and work goes on when there is room again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skip("no small disk can be mounted here:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	path := filepath.Join(dir, "f")
	s := open(t, path, file.Options{})
	at, n := store.Version(0), 0
	for ; ; n++ {
		next, err := s.Commit(t.Context(), "r", at, value(fmt.Sprint(n), 100_000))
		if err != nil {
			if !errors.Is(err, store.ErrAway) || !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("commit %d: %v", n, err)
			}
			break
		}
		if at = next; n > 100 {
			t.Fatal("the disk does not fill")
		}
	}
	if err := s.Ready(t.Context()); !errors.Is(err, store.ErrAway) && err != nil {
		t.Errorf("ready: %v", err)
	}
	whole := func() {
		t.Helper()
		v, values, err := s.Read(t.Context(), "r", store.Key{Name: "0"}, store.Key{Name: fmt.Sprint(n)})
		if err != nil || v != at || !bytes.Equal(values[0], make([]byte, 100_000)) || values[1] != nil {
			t.Errorf("read at %d, want %d: %v", v, at, err)
		}
		if count, err := s.Count(t.Context(), "r", store.Head); err != nil || count != n {
			t.Errorf("%d values, %v, want %d", count, err, n)
		}
	}
	whole()
	if err := s.Close(); err != nil { // also after a restart
		t.Fatal(err)
	}
	s = open(t, path, file.Options{})
	whole()
	if err := syscall.Mount("none", dir, "tmpfs", syscall.MS_REMOUNT, "size=20m"); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("ready with room: %v", err)
	}
	for range 20 {
		next, err := s.Commit(t.Context(), "r", at, value(fmt.Sprint(n), 100_000))
		if err != nil {
			t.Fatalf("commit with room: %v", err)
		}
		at, n = next, n+1
	}
	whole()
}
