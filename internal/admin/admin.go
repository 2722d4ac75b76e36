// Package admin is the API by which a test suite, the command line and a person drive the simulator. What it promises is in
// openapi/admin.
package admin

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strings"

	"poligon/internal/admin/internal/wire"
	"poligon/internal/contract"
	"poligon/internal/partner"
	"poligon/internal/session"
)

// API is the admin API over a server's sessions.
type API struct {
	mux *http.ServeMux
}

// Prefixes are the beginnings of the paths that belong to the admin API.
var Prefixes = []string{"/__admin", "/livez", "/readyz"}

// New returns the API that the contract describes. Ready says whether the server takes requests.
func New(contractText []byte, registry *session.Registry, version string, ready func() bool) (*API, error) {
	doc, err := contract.Load(contractText)
	if err != nil {
		return nil, err
	}
	checks, err := newBodies(doc)
	if err != nil {
		return nil, err
	}
	a := &API{mux: http.NewServeMux()}
	strict := wire.NewStrictHandlerWithOptions(&handler{registry, version, ready}, nil, wire.StrictHTTPServerOptions{
		RequestErrorHandlerFunc:  badRequest,
		ResponseErrorHandlerFunc: failed,
	})
	wire.HandlerWithOptions(strict, wire.StdHTTPServerOptions{BaseRouter: a.mux, ErrorHandlerFunc: badRequest,
		Middlewares: []wire.MiddlewareFunc{checks.middleware}})
	return a, nil
}

type originKey struct{}

// ServeHTTP answers an admin request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path.Clean(r.URL.Path) != r.URL.Path { // the mux would redirect it
		notFound(w, r)
		return
	}
	if _, pattern := a.mux.Handler(r); pattern == "" {
		a.refuse(w, r)
		return
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
