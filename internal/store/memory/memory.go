// Package memory keeps the logs of one session in this process. Nothing outlives it.
package memory

import (
	"context"
	"hash/maphash"
	"iter"

	"poligon/internal/sim"
)

// shards is how many locks share the subjects, so that two of them seldom wait for each other.
const shards = 32

// Log is a sim.Log in memory. A subject of one event costs its key, its encoded event and about fifteen bytes. Use New.
type Log struct {
	seed   maphash.Seed
	shards [shards]shard
}

// New returns an empty log.
func New() *Log { return &Log{seed: maphash.MakeSeed()} }

// Read implements sim.Log.
func (l *Log) Read(_ context.Context, s sim.Subject) ([]sim.Event, error) {
	var buf [64]byte
	key, hash, sh := l.find(buf[:0], s)
	sh.mu.RLock()
	r, ok := sh.find(hash, key)
	sh.mu.RUnlock()
	if !ok {
		return nil, nil
	}
	return sim.Events(r.events)
}

// Append implements sim.Log.
func (l *Log) Append(_ context.Context, s sim.Subject, have int, add []sim.Event) error {
	var buf [64]byte
	key, hash, sh := l.find(buf[:0], s)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	old, _ := sh.find(hash, key)
	if old.count != have {
		return sim.ErrMoved
	}
	if len(old.events) > mostEvents { // it is large, with room behind it
		sh.keepLarge(hash, key, record{appended(old.events, add), have + len(add)})
		return nil
	}
	var first [256]byte
	sh.keep(hash, key, record{appended(append(first[:0], old.events...), add), have + len(add)})
	return nil
}

func appended(b []byte, add []sim.Event) []byte {
	for _, e := range add {
		b = sim.AppendEvent(b, e)
	}
	return b
}

// All implements sim.Log. No lock is held while a subject is yielded.
func (l *Log) All(context.Context) iter.Seq2[sim.Subject, []sim.Event] {
	return func(yield func(sim.Subject, []sim.Event) bool) {
		for i := range l.shards {
			for _, one := range l.shards[i].list() {
				list, err := sim.Events(one.events)
				if err != nil {
					panic("memory: " + err.Error()) // what Append encoded does not decode: a defect of this package
				}
				if !yield(subject(string(one.key)), list) {
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
		n += sh.packed + len(sh.large)
		sh.mu.RUnlock()
	}
	return n, nil
}

// entry is a subject's key with its events. Neither changes any more.
type entry struct{ key, events []byte }

func (sh *shard) list() []entry {
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	list := make([]entry, 0, sh.packed+len(sh.large))
	sh.all(func(key, events []byte) { list = append(list, entry{key, events}) })
	return list
}

// find writes the subject's key behind buf (length of the API's name, the name, the ID), hashes it and picks its shard.
func (l *Log) find(buf []byte, s sim.Subject) (key []byte, hash uint64, sh *shard) {
	key = append(append(append(buf, byte(len(s.API))), s.API...), s.ID...)
	hash = maphash.Bytes(l.seed, key)
	return key, hash, &l.shards[hash%shards]
}

// subject undoes find.
func subject(key string) sim.Subject {
	n := 1 + int(key[0])
	return sim.Subject{API: key[1:n], ID: key[n:]}
}
