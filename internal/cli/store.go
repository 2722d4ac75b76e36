package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"poligon/internal/store"
	"poligon/internal/store/file"
	"poligon/internal/store/redis"
)

const storeHint = "--store takes memory, file:PATH, or redis://host:6379/0 (rediss:// for TLS); see docs/stores.md"

// storeWait is how long a server that starts waits for its store, in real time.
const storeWait = 10 * time.Second

// openStore opens what keeps the sessions; nil for the memory of this process.
func openStore(ctx context.Context, text string) (store.Store, error) {
	scheme, rest, _ := strings.Cut(text, ":")
	switch {
	case text == "" || text == "memory":
		return nil, nil //nolint:nilnil // none
	case scheme == "file" && rest != "":
		return openFile(rest)
	case scheme == "redis" || scheme == "rediss" || scheme == "unix":
		return openRedis(ctx, text)
	}
	return nil, usage{fmt.Errorf("unknown store %q", scheme), storeHint}
}

// openFile opens a file's store: PATH, or PATH?sync=off.
func openFile(text string) (store.Store, error) {
	path, query, _ := strings.Cut(strings.TrimPrefix(text, "//"), "?")
	q, err := url.ParseQuery(query)
	if err != nil || path == "" {
		return nil, usage{fmt.Errorf("--store file:%s cannot be read", text), storeHint}
	}
	var o file.Options
	for key, values := range q {
		switch v := values[len(values)-1]; {
		case key == "sync" && v == "off":
			o.Async = true
		case key == "sync" && v == "on":
		default:
			return nil, usage{fmt.Errorf("--store file: takes no %s=%s", key, v), "write file:PATH, or file:PATH?sync=off to wait for no disk"}
		}
	}
	s, err := file.Open(path, o)
	if err != nil {
		return nil, usage{fmt.Errorf("--store: %w", err), ""}
	}
	return s, nil
}

func openRedis(ctx context.Context, text string) (store.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	s, err := redis.Open(ctx, text)
	if errors.Is(err, store.ErrAway) {
		return nil, usage{fmt.Errorf("--store: %w", err), "start Redis first, and look whether host, port, password and TLS are right"}
	}
	if err != nil {
		return nil, usage{fmt.Errorf("--store: %w", err), storeHint}
	}
	return s, nil
}

// closeStore ends the use of the store.
func closeStore(s store.Store) {
	if s == nil {
		return
	}
	if err := s.Close(); err != nil {
		slog.Error("the store was not closed well", "error", err)
	}
}
