// Package plain is a store in this process's memory, as simple as can be: what the others are held against, and what tests of everything
// above a store use. It can be told to be away.
package plain

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	"poligon/internal/store"
)

// Store is a store.Store. Its zero value is empty. Nothing ever expires in it.
type Store struct {
	Others bool // whether it says that others share it

	mu      sync.Mutex
	records map[string]*record
	last    store.Version
	away    error
}

type record struct {
	version store.Version
	tables  [store.Tables]map[string][]byte
}

// Away has everything fail with an error, which wraps store.ErrAway, until it is nil again.
func (s *Store) Away(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = err
}

// enter begins an operation.
func (s *Store) enter(ctx context.Context) (leave func(), err error) {
	s.mu.Lock()
	if err := ctx.Err(); err != nil {
		s.mu.Unlock()
		return nil, fmt.Errorf("%w: %w", store.ErrAway, err)
	}
	if s.away != nil {
		defer s.mu.Unlock()
		return nil, s.away
	}
	return s.mu.Unlock, nil
}

// Read implements store.Store.
func (s *Store) Read(ctx context.Context, name string, keys ...store.Key) (store.Version, [][]byte, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return 0, nil, err
	}
	defer leave()
	values := make([][]byte, len(keys))
	r := s.records[name]
	if r == nil {
		return 0, values, nil
	}
	for i, k := range keys {
		values[i] = r.tables[k.Table][k.Name]
	}
	return r.version, values, nil
}

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, name string, have store.Version, c store.Change) (store.Version, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	r := s.records[name]
	if r == nil {
		r = &record{}
	}
	if r.version != have {
		return 0, store.ErrMoved
	}
	if s.records == nil {
		s.records = map[string]*record{}
	}
	s.records[name] = r
	for _, t := range c.Clear {
		r.tables[t] = nil
	}
	for _, k := range c.Drop {
		delete(r.tables[k.Table], k.Name)
	}
	for _, v := range c.Put {
		if r.tables[v.Table] == nil {
			r.tables[v.Table] = map[string][]byte{}
		}
		r.tables[v.Table][v.Name] = append([]byte{}, v.Data...)
	}
	s.last++
	r.version = s.last
	return r.version, nil
}

// Scan implements store.Store.
func (s *Store) Scan(ctx context.Context, name string, t store.Table) iter.Seq2[store.Value, error] {
	return func(yield func(store.Value, error) bool) {
		leave, err := s.enter(ctx)
		if err != nil {
			yield(store.Value{}, err)
			return
		}
		var values map[string][]byte
		if r := s.records[name]; r != nil {
			values = maps.Clone(r.tables[t])
		}
		leave()
		for key, data := range values {
			if !yield(store.Value{Key: store.Key{Table: t, Name: key}, Data: data}, nil) {
				return
			}
		}
	}
}

// Count implements store.Store.
func (s *Store) Count(ctx context.Context, name string, t store.Table) (int, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	if r := s.records[name]; r != nil {
		return len(r.tables[t]), nil
	}
	return 0, nil
}

// Delete implements store.Store.
func (s *Store) Delete(ctx context.Context, name string) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	delete(s.records, name)
	return nil
}

// Records implements store.Store.
func (s *Store) Records(ctx context.Context) ([]string, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return slices.Collect(maps.Keys(s.records)), nil
}

// Shared implements store.Store.
func (s *Store) Shared() bool { return s.Others }

// Ready implements store.Store.
func (s *Store) Ready(ctx context.Context) error {
	leave, err := s.enter(ctx)
	if err == nil {
		leave()
	}
	return err
}

// Close implements store.Store. What was committed is there for who goes on with it.
func (s *Store) Close() error { return nil }
