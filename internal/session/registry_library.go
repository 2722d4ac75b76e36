package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"poligon/internal/scenario"
	"poligon/internal/store"
)

// libraries are the libraries that this process has met, by the hashes by which the store has them.
type libraries struct {
	mu     sync.Mutex
	hashes map[*scenario.Library]string
	known  map[string]*scenario.Library
	stored map[string]bool
}

// adopt has the registry play the library of a hash.
func (r *Registry) adopt(ctx context.Context, hash string) error {
	lib, err := r.libraryOf(ctx, hash)
	if err == nil {
		r.library.Store(lib)
	}
	return err
}

// Refresh has the registry play what the store says, where others may have changed it.
func (r *Registry) Refresh(ctx context.Context) error {
	if r.Store == nil || !r.Store.Shared() {
		return nil
	}
	_, values, err := r.Store.Read(ctx, registryRecord, headKey(nowName))
	if err != nil || values[0] == nil {
		return err
	}
	return r.adopt(ctx, string(values[0]))
}

// keepNow has the store keep what the server plays from now on, in place of what it played. The error is store.ErrMoved when it plays
// something else already.
func (r *Registry) keepNow(ctx context.Context, before, next *scenario.Library) error {
	if r.Store == nil {
		return nil
	}
	was, err := r.keepLibrary(ctx, before)
	if err != nil {
		return err
	}
	hash, err := r.keepLibrary(ctx, next)
	if err != nil {
		return err
	}
	return r.amend(ctx, []string{nowName}, func(values [][]byte) (*store.Change, error) {
		if string(values[0]) != was {
			return nil, store.ErrMoved
		}
		return &store.Change{Put: []store.Value{{Key: headKey(nowName), Data: []byte(hash)}}}, nil
	})
}

// keepLibrary has the store keep a library, and gives the hash by which it is found.
func (r *Registry) keepLibrary(ctx context.Context, lib *scenario.Library) (string, error) {
	l := &r.libraries
	l.mu.Lock()
	hash := l.hashes[lib]
	stored := l.stored[hash]
	l.mu.Unlock()
	if stored {
		return hash, nil
	}
	text, err := encodeLibrary(lib)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	hash = hex.EncodeToString(sum[:16])
	err = r.amend(ctx, []string{libraryName(hash)}, func(values [][]byte) (*store.Change, error) {
		if values[0] != nil {
			return nil, nil
		}
		return &store.Change{Put: []store.Value{{Key: headKey(libraryName(hash)), Data: text}}}, nil
	})
	if err != nil {
		return "", err
	}
	r.know(hash, lib)
	return hash, nil
}

func libraryName(hash string) string { return "library/" + hash }

// know notes a library that the store has.
func (r *Registry) know(hash string, lib *scenario.Library) {
	l := &r.libraries
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hashes[lib], l.stored[hash] = hash, true
	if l.known[hash] == nil {
		l.known[hash] = lib
	}
}

// libraryOf is the library of a hash.
func (r *Registry) libraryOf(ctx context.Context, hash string) (*scenario.Library, error) {
	l := &r.libraries
	l.mu.Lock()
	lib := l.known[hash]
	l.mu.Unlock()
	if lib != nil {
		return lib, nil
	}
	_, values, err := r.Store.Read(ctx, registryRecord, headKey(libraryName(hash)))
	if err != nil {
		return nil, err
	}
	if values[0] == nil {
		return nil, fmt.Errorf("the store has no scenarios %s, by which a session is played", hash)
	}
	if lib, err = r.decodeLibrary(values[0]); err != nil {
		return nil, fmt.Errorf("the store's scenarios %s cannot be played: %w", hash, err)
	}
	r.know(hash, lib)
	return lib, nil
}

// encodeLibrary is all scenarios of a library.
func encodeLibrary(lib *scenario.Library) ([]byte, error) {
	var list []SnapshotScenario
	for _, one := range lib.All() {
		list = append(list, SnapshotScenario{Name: one.Name, Source: string(one.Source)})
	}
	return json.Marshal(list)
}

// decodeLibrary undoes encodeLibrary.
func (r *Registry) decodeLibrary(text []byte) (*scenario.Library, error) {
	var saved []SnapshotScenario
	if err := readValue(text, &saved, "scenarios"); err != nil {
		return nil, err
	}
	base, has := r.Library(), map[string]bool{}
	list := make([]*scenario.Scenario, len(saved))
	for i, one := range saved {
		told, err := base.Read(one.Name+".yaml", []byte(one.Source))
		if err != nil {
			return nil, err
		}
		list[i], has[one.Name] = told, true
	}
	without := slices.DeleteFunc(base.Names(), func(name string) bool { return has[name] })
	return base.Over(list, without...)
}
