package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"poligon/internal/store"
)

// What a poll commits, in bytes: an exchange of the journal, the state, the events of a subject.
const (
	exchangeSize = 1500
	stateSize    = 400
	eventsSize   = 60
	journalSize  = 1000 // exchanges that a session keeps
)

// Bench measures how long a store takes to read and to commit what one poll does, with as many sessions at once.
func Bench(b *testing.B, s store.Store) {
	for _, parallel := range []int{1, 32} {
		b.Run(fmt.Sprintf("read/parallel=%d", parallel), func(b *testing.B) {
			together(b, parallel, func(session string) func() error {
				_, err := s.Commit(b.Context(), session, 0, turn(0))
				if err != nil {
					return func() error { return err }
				}
				return func() error {
					_, _, err := s.Read(b.Context(), session, head("state"))
					return err
				}
			})
		})
		b.Run(fmt.Sprintf("commit/parallel=%d", parallel), func(b *testing.B) {
			together(b, parallel, func(session string) func() error {
				at, n := store.Version(0), 0
				return func() (err error) {
					at, err = s.Commit(b.Context(), session, at, turn(n))
					n++
					return err
				}
			})
		})
	}
}

// sessions numbers them: each has a record that none had.
var sessions atomic.Int64 //nolint:gochecknoglobals // of benchmarks

// together does b.N things from so many goroutines, each with a session of its own.
func together(b *testing.B, parallel int, begin func(session string) func() error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	do := make([]func() error, parallel)
	for i := range do {
		do[i] = begin(fmt.Sprintf("bench-%d", sessions.Add(1)))
	}
	ended := make(chan error)
	b.ResetTimer()
	for i := range do {
		go func() {
			var err error
			for left.Add(-1) >= 0 && err == nil {
				err = do[i]()
			}
			ended <- err
		}()
	}
	var err error
	for range do {
		err = errors.Join(err, <-ended)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// turn is what the n-th poll of a session commits.
func turn(n int) store.Change {
	return store.Change{Put: []store.Value{
		{Key: store.Key{Table: store.Journal, Name: store.Place(uint64(n % journalSize))}, Data: make([]byte, exchangeSize)}, //nolint:gosec // never negative
		{Key: head("state"), Data: make([]byte, stateSize)}, {Key: subject(fmt.Sprint("osago\x00", n%journalSize)), Data: make([]byte, eventsSize)}}}
}
