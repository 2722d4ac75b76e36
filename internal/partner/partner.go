// Package partner is the seam between the simulator and the partner APIs it simulates: what an API brings, and what it sees
// of the session that a request belongs to.
package partner

import (
	"context"
	"net/http"
	"time"

	"poligon/internal/dice"
	"poligon/internal/scenario"
	"poligon/internal/sim"
)

// API is one simulated partner API.
type API interface {
	// Part is the API's share of the scenario format.
	Part() scenario.Part
	// Prefixes are the beginnings of the paths that belong to the API.
	Prefixes() []string
	// ServeHTTP answers a request whose context carries a Run.
	http.Handler
	// Next is the first instant after the moment's now at which the subject's answers change by themselves; false when
	// they never do.
	Next(*Run, sim.Subject, []sim.Event) (time.Time, bool)
}

// Run is what a request sees of its session. It is made anew for each request and does not change.
type Run struct {
	Base    string // where the session's partner APIs are, for links: http://127.0.0.1:8080/s/checkout
	Now     time.Time
	Dice    dice.Dice
	Log     sim.Log
	Library *scenario.Library
	Chosen  *scenario.Scenario // by the request, the session or the server's flag; nil when nobody chose
}

// Moment is the run's share of a moment; the subject's events are added by sim.Decide.
func (r *Run) Moment() sim.Moment { return sim.Moment{Dice: r.Dice, Now: r.Now} }

// Scenario is what a subject plays: the chosen scenario; where nobody chose, the one that a magic value of the request asks
// for; else the default.
func (r *Run) Scenario(api, field, value string) *scenario.Scenario {
	if r.Chosen != nil {
		return r.Chosen
	}
	if s := r.Library.ByMagic(api, field, value); s != nil {
		return s
	}
	s, _ := r.Library.Find(scenario.Default) // a library always has it
	return s
}

type key struct{}

// With returns a context that carries the run.
func With(ctx context.Context, r *Run) context.Context { return context.WithValue(ctx, key{}, r) }

// From is the run that the context carries.
func From(ctx context.Context) *Run { return ctx.Value(key{}).(*Run) }

// Origin is the server as the client of a request reached it: http://127.0.0.1:8080.
func Origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
