// Package admin is the API by which a test suite, the command line and a person drive the simulator. What it promises is in
// openapi/admin.
package admin

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"poligon/internal/admin/internal/wire"
	"poligon/internal/bordereau"
	"poligon/internal/contract"
	"poligon/internal/journal"
	"poligon/internal/partner"
	"poligon/internal/session"
)

// Config is what the admin API is over.
type Config struct {
	Contract   []byte
	Registry   *session.Registry
	Operations []string // operationIds of the partner APIs
	Version    string
	Hashes     map[string]string // SHA-256 of the partner APIs' contracts
	Server     map[string]string // flags that answers depend on
	Mask       journal.Mask
	Metrics    http.Handler
	Ready      func() bool
	Stopping   <-chan struct{} // closed when the server stops
	Wait       func(context.Context, time.Duration) error
	// Deliver has what a session owes to others be sent, and waits for it; nil where nothing is sent.
	Deliver func(context.Context, *session.Session)
}

// deliver waits until a session owes nothing that is due, so that who looks at it sees one moment.
func (c *Config) deliver(ctx context.Context, s *session.Session) {
	if c.Deliver != nil {
		c.Deliver(ctx, s)
	}
}

// API is the admin API over a server's sessions.
type API struct {
	mux     *http.ServeMux
	queries map[string]contract.Query // by the pattern of the route
	h       *handler
}

// Prefixes are the beginnings of the paths that belong to the admin API.
var Prefixes = []string{"/__admin", "/livez", "/readyz", "/metrics"}

// New returns the API that the contract describes.
func New(config Config) (*API, error) {
	doc, err := contract.Load(config.Contract)
	if err != nil {
		return nil, err
	}
	checks := bodies(doc.Bodies())
	a := &API{mux: http.NewServeMux(), queries: doc.Queries(), h: &handler{Config: config, acts: doc.OperationsMarked("x-act")}}
	for _, api := range config.Registry.APIs() {
		if m, ok := api.(partner.Machine); ok {
			a.h.machine = m
		}
		if b, ok := api.(*bordereau.API); ok {
			a.h.bordereau = b
		}
	}
	strict := wire.NewStrictHandlerWithOptions(a.h, nil, wire.StrictHTTPServerOptions{
		RequestErrorHandlerFunc:  badRequest,
		ResponseErrorHandlerFunc: failed,
	})
	wire.HandlerWithOptions(strict, wire.StdHTTPServerOptions{BaseRouter: a.mux, ErrorHandlerFunc: badRequest,
		Middlewares: []wire.MiddlewareFunc{checks.middleware, a.keep, bounded}})
	return a, nil
}

type originKey struct{}

// ServeHTTP answers an admin request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path.Clean(r.URL.Path) != r.URL.Path { // the mux would redirect it
		notFound(w, r)
		return
	}
	_, pattern := a.mux.Handler(r)
	if pattern == "" {
		a.refuse(w, r)
		return
	}
	if p := checkQuery(a.queries[pattern], r); p != nil && strings.HasPrefix(r.URL.Path, "/__admin") { // probes of health send what they like
		write(w, p)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/__admin") {
		if err := a.h.Registry.Refresh(r.Context()); err != nil {
			failed(w, r, err)
			return
		}
	}
	a.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), originKey{}, partner.Origin(r))))
}

// refuse answers a request that no route takes.
func (a *API) refuse(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodPost, http.MethodPut} {
		other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := a.mux.Handler(other); strings.HasPrefix(pattern, method+" ") {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 || slices.Contains(allowed, r.Method) {
		notFound(w, r)
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	WriteProblem(w, http.StatusMethodNotAllowed, r.URL.Path+" does not take "+r.Method, "use "+strings.Join(allowed, " or "))
}

func notFound(w http.ResponseWriter, r *http.Request) {
	WriteProblem(w, http.StatusNotFound, "the admin API has no path "+r.URL.Path, "its contract is openapi/admin/openapi.yaml")
}
