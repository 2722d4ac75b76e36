// Package memory keeps the logs of one session in this process. Nothing outlives it.
package memory

import (
	"context"
	"iter"
	"slices"
	"sync"

	"poligon/internal/sim"
)

// shards is how many locks share the subjects, so that two of them seldom wait for each other.
const shards = 32

// Log is a sim.Log in memory. A subject costs its encoded events plus about a hundred bytes. Use New.
type Log struct {
	shards [shards]shard
}

// shard maps subjects to their encoded events. Bytes once written never change and appending goes on behind them, so that a
// reader needs the lock only to find them.
type shard struct {
	mu   sync.RWMutex
	logs map[string]record
}

type record struct {
	events []byte
	count  int
}

// New returns an empty log.
func New() *Log { return &Log{} }

// Read implements sim.Log.
func (l *Log) Read(_ context.Context, s sim.Subject) ([]sim.Event, error) {
	var buf [64]byte
	key, sh := l.find(buf[:0], s)
	sh.mu.RLock()
	r, ok := sh.logs[string(key)]
	sh.mu.RUnlock()
	if !ok {
		return nil, nil
	}
	return sim.Events(r.events)
}

// Append implements sim.Log.
func (l *Log) Append(_ context.Context, s sim.Subject, have int, add []sim.Event) error {
	var buf [64]byte
	key, sh := l.find(buf[:0], s)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	old := sh.logs[string(key)]
	if old.count != have {
		return sim.ErrMoved
	}
	if sh.logs == nil {
		sh.logs = make(map[string]record)
	}
	b := old.events
	if b == nil { // most subjects have one event: keep no room behind it
		var first [256]byte
		b = first[:0]
	}
	for _, e := range add {
		b = sim.AppendEvent(b, e)
	}
	if old.events == nil {
		b = slices.Clip(slices.Clone(b))
	}
	sh.logs[string(key)] = record{b, have + len(add)}
	return nil
}

// All implements sim.Log. No lock is held while a subject is yielded.
func (l *Log) All(context.Context) iter.Seq2[sim.Subject, []sim.Event] {
	return func(yield func(sim.Subject, []sim.Event) bool) {
		for i := range l.shards {
			for key, events := range l.shards[i].copy() {
				list, err := sim.Events(events)
				if err != nil {
					panic("memory: " + err.Error()) // what Append encoded does not decode: a defect of this package
				}
				if !yield(subject(key), list) {
					return
				}
			}
		}
	}
}

// Count implements sim.Log.
func (l *Log) Count(context.Context) (n int, _ error) {
	for i := range l.shards {
		sh := &l.shards[i]
		sh.mu.RLock()
		n += len(sh.logs)
		sh.mu.RUnlock()
	}
	return n, nil
}

func (sh *shard) copy() map[string][]byte {
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	logs := make(map[string][]byte, len(sh.logs))
	for key, r := range sh.logs {
		logs[key] = r.events
	}
	return logs
}

// find writes the subject's key behind buf (length of the API's name, the name, the ID) and picks its shard.
func (l *Log) find(buf []byte, s sim.Subject) ([]byte, *shard) {
	buf = append(append(append(buf, byte(len(s.API))), s.API...), s.ID...)
	h := uint32(2166136261)
	for _, c := range buf {
		h = (h ^ uint32(c)) * 16777619
	}
	return buf, &l.shards[h%shards]
}

// subject undoes find.
func subject(key string) sim.Subject {
	n := 1 + int(key[0])
	return sim.Subject{API: key[1:n], ID: key[n:]}
}
