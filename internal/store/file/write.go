package file

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"poligon/internal/store"
)

// most is how many commits are written together.
const most = 512

var errClosed = errors.New("it is closed")

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, record string, have store.Version, c store.Change) (store.Version, error) {
	return s.wait(ctx, &commit{record: record, have: have, change: c, done: make(chan struct{})})
}

// Delete implements store.Store.
func (s *Store) Delete(ctx context.Context, record string) error {
	_, err := s.wait(ctx, &commit{record: record, deletes: true, done: make(chan struct{})})
	return err
}

// longest is how many bytes a name may have.
const longest = bbolt.MaxKeySize - 1

// fits says whether bbolt takes a commit: one that it does not take would take those along that are written with it.
func (c *commit) fits() error {
	for _, v := range c.change.Put {
		if len(v.Name) > longest {
			return fmt.Errorf("a name of %d bytes; it takes at most %d", len(v.Name), longest)
		}
	}
	if len(c.record) > longest {
		return fmt.Errorf("a record's name of %d bytes; it takes at most %d", len(c.record), longest)
	}
	return nil
}

// wait has a commit be written, and waits until it is.
func (s *Store) wait(ctx context.Context, c *commit) (store.Version, error) {
	if err := errors.Join(ctx.Err(), c.fits()); err != nil {
		return 0, away(err)
	}
	s.mu.RLock()
	if s.closed {
		s.mu.RUnlock()
		return 0, away(errClosed)
	}
	select {
	case s.queue <- c:
		s.mu.RUnlock()
	case <-ctx.Done():
		s.mu.RUnlock()
		return 0, away(ctx.Err())
	}
	<-c.done // also when the context is over meanwhile: what is to be written is the caller's until it is
	return c.gave, c.err
}

// write writes commits until the queue ends: all that wait at once, in one transaction.
func (s *Store) write() {
	defer close(s.ended)
	for first := range s.queue {
		batch := []*commit{first}
	more:
		for len(batch) < most {
			select {
			case c, ok := <-s.queue:
				if !ok {
					break more
				}
				batch = append(batch, c)
			default:
				break more
			}
		}
		s.writeAll(batch)
	}
}

// writeAll writes commits in one transaction: all of them that are for the version that their record is at, or none.
func (s *Store) writeAll(batch []*commit) {
	err := s.db.Update(func(tx *bbolt.Tx) error {
		all := tx.Bucket([]byte(recordsBucket))
		for _, c := range batch {
			c.err = nil
			if err := s.apply(all, c); errors.Is(err, store.ErrMoved) {
				c.err = err
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	s.note(err)
	for _, c := range batch {
		if err != nil {
			c.gave, c.err = 0, away(err)
		}
		close(c.done)
	}
}

// apply makes one commit within a transaction.
func (s *Store) apply(all *bbolt.Bucket, c *commit) (err error) {
	r := all.Bucket(recordName(c.record))
	if c.deletes {
		if r == nil {
			return nil
		}
		return all.DeleteBucket(recordName(c.record))
	}
	at := store.Version(0)
	if r != nil {
		at = store.Version(binary.BigEndian.Uint64(r.Get([]byte(versionKey))))
	}
	if at != c.have {
		return store.ErrMoved
	}
	if r == nil {
		if r, err = all.CreateBucket(recordName(c.record)); err != nil {
			return err
		}
	}
	next, err := all.NextSequence() // of the file: no version is given twice
	if err != nil {
		return err
	}
	c.gave = store.Version(next)
	return errors.Join(r.Put([]byte(versionKey), number(next)), s.keep(r, c.change), apply(r, c.change))
}

// keep notes until when a record is to be kept.
func (s *Store) keep(r *bbolt.Bucket, c store.Change) error {
	if c.Keep == 0 {
		return r.Delete([]byte(untilKey))
	}
	return r.Put([]byte(untilKey), number(uint64(s.now().Add(c.Keep).UnixNano()))) //nolint:gosec // read the same way
}

// apply makes a change.
func apply(r *bbolt.Bucket, c store.Change) error {
	var tables [store.Tables]*bbolt.Bucket
	var counts, were [store.Tables]int
	for t := range store.Tables {
		tables[t] = r.Bucket(tableBucket(t))
		counts[t] = counted(r, t)
		were[t] = counts[t]
	}
	for _, t := range c.Clear {
		if tables[t] != nil {
			if err := r.DeleteBucket(tableBucket(t)); err != nil {
				return err
			}
			tables[t], counts[t] = nil, 0
		}
	}
	for _, k := range c.Drop {
		if t := tables[k.Table]; t != nil && t.Get(valueName(k.Name)) != nil {
			if err := t.Delete(valueName(k.Name)); err != nil {
				return err
			}
			counts[k.Table]--
		}
	}
	for _, v := range inOrder(c.Put) {
		t := tables[v.Table]
		if t == nil {
			var err error
			if t, err = r.CreateBucket(tableBucket(v.Table)); err != nil {
				return err
			}
			tables[v.Table] = t
		}
		name := valueName(v.Name)
		if t.Get(name) == nil {
			counts[v.Table]++
		}
		if err := t.Put(name, v.Data); err != nil {
			return err
		}
	}
	return recount(r, were, counts)
}

// recount notes how many values each table has, where that is not as it was.
func recount(r *bbolt.Bucket, were, counts [store.Tables]int) error {
	for t := range store.Tables {
		if counts[t] == were[t] {
			continue
		}
		if err := r.Put(countKey(t), number(uint64(counts[t]))); err != nil { //nolint:gosec // never negative
			return err
		}
	}
	return nil
}

// few is how many values are put in any order: bbolt keeps what a transaction adds in one place until its end, and moves half of it for
// each value that comes out of order.
const few = 100

// inOrder are values by table and name; of two of a name the last stays last.
func inOrder(list []store.Value) []store.Value {
	if len(list) < few {
		return list
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b store.Value) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), strings.Compare(a.Name, b.Name))
	})
	return list
}
