package partner

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
)

// Router serves the paths of a contract that has no path parameters. Unlike http.ServeMux it never redirects and never
// answers in words of its own: what the contract does not have goes to NotFound, or to WrongMethod with the Allow header set.
type Router struct {
	NotFound    http.Handler
	WrongMethod http.Handler
	Failed      func(http.ResponseWriter, *http.Request, error) // answers a fault of ours, in the partner's body
	routes      map[string]map[string]http.HandlerFunc          // by path and method
}

// HandleFunc adds a route; the pattern is a method and a path, "GET /osago/calculate", as generated code writes it.
func (rt *Router) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok || strings.ContainsAny(path, "{}") {
		panic("partner: not a method and a fixed path: " + pattern)
	}
	if rt.routes == nil {
		rt.routes = map[string]map[string]http.HandlerFunc{}
	}
	if rt.routes[path] == nil {
		rt.routes[path] = map[string]http.HandlerFunc{}
	}
	rt.routes[path][method] = h
}

// Paths are the paths that the router serves, sorted.
func (rt *Router) Paths() []string { return slices.Sorted(maps.Keys(rt.routes)) }

// ServeHTTP implements http.Handler. HEAD is served as GET.
func (rt *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer rt.rescue(w, r)
	methods := rt.routes[r.URL.Path]
	if methods == nil {
		rt.NotFound.ServeHTTP(w, r)
		return
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if h := methods[method]; h != nil {
		h(w, r)
		return
	}
	allowed := make([]string, 0, len(methods))
	for m := range methods {
		allowed = append(allowed, m)
	}
	slices.Sort(allowed)
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	rt.WrongMethod.ServeHTTP(w, r)
}

// rescue answers a request whose handler panicked.
func (rt *Router) rescue(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	rt.Failed(w, r, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
}

// ReasonHeader tells the person behind a client why the simulator refused; the body stays the partner's own.
const ReasonHeader = "X-Poligon-Reason"

const maxReason = 1000 // bytes

// Reason tells why a client is refused. The answer goes through the server, which puts it into the journal as it is, and into
// the ReasonHeader as far as a header can hold it.
func Reason(w http.ResponseWriter, why string) {
	if server, ok := w.(interface{ Reason(why string) }); ok {
		server.Reason(why)
		return
	}
	SetReason(w.Header(), why)
}

// SetReason sets the ReasonHeader, in Latin letters; the journal has the text as it is.
func SetReason(h http.Header, why string) {
	why = latin(why)
	if len(why) > maxReason {
		why = why[:maxReason] + "..."
	}
	h.Set(ReasonHeader, strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, why))
}
