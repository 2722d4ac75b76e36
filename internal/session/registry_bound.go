package session

import (
	"context"
	"errors"
	"fmt"

	"poligon/internal/store"
)

// credentials are what a request may carry that chooses the session.
func (c Config) credentials() (keys []string) {
	for _, code := range c.Partners {
		keys = append(keys, PartnerKey(code))
	}
	for _, user := range c.Users {
		keys = append(keys, UserKey(user))
	}
	return keys
}

// PartnerKey is the credential of a partner code.
func PartnerKey(code string) string { return "partner " + code }

// UserKey is the credential of an HTTP Basic user.
func UserKey(user string) string { return "user " + user }

// Bound is the name of the session that a credential belongs to; empty when it is none's. The error is the store's.
func (r *Registry) Bound(key string) (string, error) {
	if r.Store != nil {
		return r.boundKept(key)
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.bound[key], nil
}

// HasBound says whether any session may be chosen by credentials.
func (r *Registry) HasBound() bool {
	if r.Store != nil {
		return true
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.bound) > 0
}

func boundKey(credential string) string { return "bound/" + credential }

// boundNames are the values of the registry's record that say whose credentials are.
func boundNames(credentials []string) []string {
	names := make([]string, len(credentials))
	for i, one := range credentials {
		names[i] = boundKey(one)
	}
	return names
}

// bindKept has credentials choose a session that choose no other.
func (r *Registry) bindKept(ctx context.Context, name string, config Config) error {
	keys := config.credentials()
	if len(keys) == 0 {
		return nil
	}
	names := boundNames(keys)
	return r.amend(ctx, names, func(values [][]byte) (*store.Change, error) {
		c := &store.Change{}
		for i, v := range values {
			if other := string(v); v != nil && other != name {
				if _, err := r.findKept(other, true); err == nil {
					return nil, fmt.Errorf("%w: %s belongs to session %q", ErrBound, keys[i], other)
				} else if !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrExpired) {
					return nil, err
				}
			}
			c.Put = append(c.Put, store.Value{Key: headKey(names[i]), Data: []byte(name)})
		}
		return c, nil
	})
}

// unbindKept releases a session's credentials.
func (r *Registry) unbindKept(ctx context.Context, name string, config Config) error {
	keys := config.credentials()
	if len(keys) == 0 {
		return nil
	}
	names := boundNames(keys)
	return r.amend(ctx, names, func(values [][]byte) (*store.Change, error) {
		c := &store.Change{}
		for i, v := range values {
			if string(v) == name {
				c.Drop = append(c.Drop, headKey(names[i]))
			}
		}
		if len(c.Drop) == 0 {
			return nil, nil
		}
		return c, nil
	})
}

// boundKept is Bound.
func (r *Registry) boundKept(key string) (string, error) {
	ctx, cancel := storeContext()
	defer cancel()
	_, values, err := r.Store.Read(ctx, registryRecord, headKey(boundKey(key)))
	if err != nil {
		return "", err
	}
	return string(values[0]), nil
}
