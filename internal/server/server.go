// Package server puts the partner APIs, the sessions and the admin API behind one listener.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"poligon/internal/admin"
	"poligon/internal/delivery"
	"poligon/internal/journal"
	"poligon/internal/partner"
	"poligon/internal/session"
	"poligon/internal/store"
)

// Config is what a server serves.
type Config struct {
	APIs     []partner.API
	Registry *session.Registry
	Admin    []byte // the admin contract
	Version  string
	MaxBody  int64       // bytes of a request's body
	Headers  Headers     // of answers of simulated APIs
	Guard    Guard       // of the admin API
	Limits   Limits      // of connections
	TLS      *tls.Config // nil for none
	Mask     journal.Mask
	Hashes   map[string]string // SHA-256 of the partner APIs' contracts
	Flags    map[string]string // flags that answers depend on
	// Wait waits for a real duration, or until the context ends.
	Wait func(context.Context, time.Duration) error
	// Delivery sends what sessions owe to others; nil where nothing is sent.
	Delivery *delivery.Sender
	// Recorded is what was found out about the sign or the credentials of the next request; nil unless this is a replay.
	Recorded func() *journal.Access
}

// Headers says which headers of its own the server adds to the answers of simulated APIs.
type Headers string

// All of them, or none but the label of a fault.
const (
	HeadersOn  Headers = "on"
	HeadersOff Headers = "off"
)

// Server is the handler of all requests and the listener's life.
type Server struct {
	config       Config
	admin        *admin.API
	partners     []route
	operations   map[string]string // operationIds by method and path
	operationIDs []string
	metrics      *metrics
	stopping     atomic.Bool
	life         context.Context // ends when the server begins to stop
	stop         context.CancelFunc
}

// route is the beginning of a path and who answers below it.
type route struct {
	prefix string
	name   string // of the API
	api    partner.API
}

// New returns a server that is ready to serve.
func New(config Config) (*Server, error) {
	s := &Server{config: config, operations: map[string]string{}, metrics: newMetrics(config.Registry)}
	s.life, s.stop = context.WithCancel(context.Background())
	for _, api := range config.APIs {
		for _, prefix := range api.Prefixes() {
			s.partners = append(s.partners, route{prefix, api.Part().API, api})
		}
		maps.Copy(s.operations, api.Operations())
	}
	s.operationIDs = slices.Sorted(maps.Values(s.operations))
	var err error
	var deliver func(context.Context, *session.Session)
	if config.Delivery != nil {
		deliver = config.Delivery.Flush
	}
	s.admin, err = admin.New(admin.Config{Deliver: deliver, Contract: config.Admin, Registry: config.Registry, Version: config.Version, Operations: s.operationIDs,
		Hashes: config.Hashes, Server: config.Flags, Mask: config.Mask, Metrics: s.metrics, Ready: func() bool { return !s.stopping.Load() }, Stopping: s.life.Done(), Wait: config.Wait})
	return s, err
}

// Operations are the operationIds of the partner APIs, sorted.
func (s *Server) Operations() []string { return s.operationIDs }

// operation is the operationId of a method and a path; empty when no contract has them.
func (s *Server) operation(method, path string) string {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	return s.operations[method+" "+path]
}

// rouseEvery is how often, in real time, sessions are looked at that other servers of the same store may have left with something to send.
const rouseEvery = 10 * time.Second

// rouse has what sessions of a store owe be sent, though nobody uses them here: what was owed when a server ended.
func (s *Server) rouse() {
	for {
		list, err := s.config.Registry.All()
		if err != nil {
			slog.Warn("what sessions owe cannot be looked for", "error", err)
		}
		for _, one := range list {
			s.config.Delivery.Wake(one)
		}
		if err == nil && !s.config.Registry.Store.Shared() || s.config.Wait(s.life, rouseEvery) != nil {
			return
		}
	}
}

// Serve serves a listener until the context ends, then lets running requests finish for a bounded time.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	limits := s.config.Limits.orUsual()
	open := newSlots(l, limits.Connections)
	srv := limits.listener(s, open)
	if s.config.Delivery != nil && s.config.Registry.Store != nil {
		go s.rouse()
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(secured(open, s.config.TLS)) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	s.stop()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), limits.Drain)
	defer cancel()
	if s.config.Delivery != nil { // before the listener closes: it may be what is called
		s.config.Delivery.Close(stop)
	}
	if err := srv.Shutdown(stop); err != nil {
		slog.Warn("requests were still running and are cut off", "after", limits.Drain)
		_ = srv.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// secured is a listener that speaks TLS, where there is a configuration of it.
func secured(l net.Listener, config *tls.Config) net.Listener {
	if config == nil {
		return l
	}
	return tls.NewListener(l, config)
}

// ServeHTTP answers any request: of the admin API, or of a partner API in a session.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.rescue(w, r)
	if r.Body != nil && r.Body != http.NoBody {
		body, rest := bounded(w, r, s.config.MaxBody)
		if rest != nil {
			defer drain(rest, r.Header)
		}
		r = r.WithContext(r.Context()) // a copy: net/http looks for the body it knows when the answer goes out
		r.Body = body
	}
	if !s.config.Guard.admits(w, r) {
		return
	}
	for _, prefix := range admin.Prefixes {
		if strings.HasPrefix(r.URL.Path, prefix) {
			s.admin.ServeHTTP(w, r)
			return
		}
	}
	at, mistake := s.locate(r)
	if mistake != nil && !errors.Is(mistake, store.ErrAway) {
		own(w)
		admin.WriteProblem(w, http.StatusBadRequest, mistake.Error(), "")
		return
	}
	for _, route := range s.partners {
		if strings.HasPrefix(at.path, route.prefix) {
			if mistake != nil {
				s.away(w, r, route.api, mistake)
				return
			}
			s.play(w, r, at, route.name, route.api)
			return
		}
	}
	own(w)
	admin.WriteProblem(w, http.StatusNotFound, "no partner API has the path "+at.path,
		"the partner APIs are at their documented paths, such as /osago/calculate/status and /api/v2/importBordereau, and in a session below /s/{session}")
}

// rescue answers a request whose handler panicked: a fault of ours, logged with its stack, never shown.
func (s *Server) rescue(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	slog.Error("internal error", "method", r.Method, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
	admin.WriteProblem(w, http.StatusInternalServerError, "internal error", "the server's log says more")
}
