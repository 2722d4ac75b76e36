package partner

import "net/http"

// Routes take routes, as generated code adds them.
type Routes interface {
	HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request))
	http.Handler
}

// Quick has a handler look at the requests of a pattern before the one that generated code made: it says whether it has answered. One
// for a request that comes often, in a form that is read at a glance, spares it what generated code does for any form.
type Quick struct {
	Routes
	Pattern string
	Answers func(http.ResponseWriter, *http.Request) bool
}

// HandleFunc implements Routes.
func (q Quick) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	if pattern != q.Pattern {
		q.Routes.HandleFunc(pattern, h)
		return
	}
	q.Routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if !q.Answers(w, r) {
			h(w, r)
		}
	})
}
