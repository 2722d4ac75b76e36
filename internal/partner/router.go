package partner

import (
	"net/http"
	"slices"
	"strings"
)

// Router serves the paths of a contract that has no path parameters. Unlike http.ServeMux it never redirects and never
// answers in words of its own: what the contract does not have goes to NotFound, or to WrongMethod with the Allow header set.
type Router struct {
	NotFound    http.Handler
	WrongMethod http.Handler
	routes      map[string]map[string]http.HandlerFunc // by path and method
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

// ServeHTTP implements http.Handler. HEAD is served as GET.
func (rt *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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

// Reason tells the person behind a client, in a response header, why the simulator refused; the body stays the partner's own.
func Reason(w http.ResponseWriter, why string) {
	w.Header().Set("X-Poligon-Reason", strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, why))
}
