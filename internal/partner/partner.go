// Package partner is the seam between the simulator and the partner APIs it simulates: what an API brings, and what it sees
// of the session that a request belongs to.
package partner

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"poligon/internal/contract"
	"poligon/internal/picture"
	"poligon/internal/scenario"
	"poligon/internal/sim"
)

// API is one simulated partner API.
type API interface {
	// Part is the API's share of the scenario format.
	Part() scenario.Part
	// Prefixes are the beginnings of the paths that belong to the API.
	Prefixes() []string
	// Contract is what the API promises.
	Contract() *contract.Document
	// Operations are the contract's operationIds by method and path: "GET /osago/calculate/status".
	Operations() map[string]string
	// ServeHTTP answers a request whose context carries a Run.
	http.Handler
	// Refuse answers a request with a status of an error, in the documented body: what a fault says in the API's place.
	Refuse(w http.ResponseWriter, r *http.Request, status int)
	// Next is the first instant after the moment's now at which the subject's answers change by themselves; false when
	// they never do.
	Next(*Run, sim.Subject, []sim.Event) (time.Time, bool)
	// Changes are all changes of the subject that come by themselves after one instant and not after another, in order.
	Changes(run *Run, s sim.Subject, events []sim.Event, after, until time.Time) []Change
	// Check says what keeps a subject that comes from a file from being played on.
	Check(run *Run, s sim.Subject, events []sim.Event) error
	// Version is the version of the scenario that a subject plays to its end, whatever is played now; 0 where that does not matter.
	Version(events []sim.Event) uint64
	// Touchable are the parts of a script that a client can touch, by their places in a scenario file, in the order in which
	// Run.Touch counts them.
	Touchable(script any) []string
	// Picture draws a script: what its lanes or its records are. The name, the title and the story are left to the caller.
	Picture(script any, v View) (picture.Picture, error)
}

// View is what a picture of a script supposes about what the script leaves open.
type View struct {
	Seed   uint64
	Story  string        // which of several stories of the script; empty for the first
	Events time.Duration // how long after a story began to wait for an event the event comes; 0 when it never does
	Polls  time.Duration // how often a client polls; 0 when it never does
}

// ErrUnknownStory says that a script has no story of a name.
var ErrUnknownStory = errors.New("unknown story")

// Machine is an API whose subjects have statuses that a person can look into and act on.
type Machine interface {
	API
	// Statuses are the documented statuses of a subject or, with part, of a part of it.
	Statuses(part bool) []string
	// Subject is the subject of an id.
	Subject(id string) sim.Subject
	// Explain says where the subject of an id stands; ErrUnknownSubject when there is none.
	Explain(ctx context.Context, run *Run, id string) (Explanation, error)
	// Act has something happen to the subject of an id. What the lifecycle does not allow is a *NotAllowed.
	Act(ctx context.Context, run *Run, id string, act Act) (Explanation, error)
}

// Change is one change of a status.
type Change struct {
	At      time.Time `json:"at"`                 // simulated
	Subject string    `json:"subject"`            // as people write it: a request_id
	Part    string    `json:"offer_id,omitempty"` // empty for the subject as a whole
	From    string    `json:"from"`
	To      string    `json:"to"`
	Cause   string    `json:"cause"` // "step 3 of offers.alfa"
}

// Explanation is where a subject stands at an instant.
type Explanation struct {
	ID       string    `json:"request_id"`
	API      string    `json:"api"`
	Scenario string    `json:"scenario"`
	Started  time.Time `json:"started"` // simulated
	By       uint64    `json:"by"`      // the number of the exchange that started it
	Forced   bool      `json:"forced"`  // whether a status was ever forced
	Now      time.Time `json:"now"`     // simulated
	Whole    State     `json:"calculation"`
	Parts    []State   `json:"offers"`
	Happened []Change  `json:"happened"` // what has changed so far, in order
	Choices  []Choice  `json:"choices,omitempty"`
	Sales    []Sale    `json:"sales,omitempty"`
	Reports  []Report  `json:"reports,omitempty"` // that the partner made of its sales, in order
	Owes     *Report   `json:"next_report,omitempty"`
}

// Report is an attempt of the simulated partner to tell of a sale.
type Report struct {
	Part    string    `json:"offer_id"`
	Attempt int       `json:"attempt"`             // from 1
	Copy    bool      `json:"duplicate,omitempty"` // made once more though it was accepted
	At      time.Time `json:"at"`                  // when its outcome was known or, of the next one, when it is due; simulated
	By      uint64    `json:"by,omitempty"`        // the number of the exchange
	Outcome string    `json:"outcome,omitempty"`   // accepted, failed, refused, lost
	Status  int       `json:"status,omitempty"`    // of the answer, if there was one
}

// Choice is what the marketplace confirmed a part with last.
type Choice struct {
	Part    string         `json:"offer_id"`
	At      time.Time      `json:"at"` // simulated
	By      uint64         `json:"by"` // the number of the exchange
	Upsales []ChosenUpsale `json:"upsales"`
}

// ChosenUpsale is one option of a cross-sale.
type ChosenUpsale struct {
	Upsale string `json:"upsale_id"`
	Option string `json:"option_id"`
}

// Sale is the sale of a part as the partner told the marketplace of it.
type Sale struct {
	Part    string      `json:"offer_id"`
	At      time.Time   `json:"at"` // when it was noted, simulated
	By      uint64      `json:"by"` // the number of the exchange
	Amount  json.Number `json:"amount"`
	Upsaled bool        `json:"is_upsaled"`
	Warning string      `json:"warning,omitempty"` // where it was told of late
}

// State is where a subject or a part of it stands.
type State struct {
	Part   string    `json:"offer_id,omitempty"` // empty for the whole
	Label  string    `json:"label,omitempty"`    // "alfa, АльфаСтрахование"
	Status string    `json:"status"`
	Since  time.Time `json:"since"`            // simulated
	Cause  string    `json:"cause"`            // what brought it there: "step 3 of offers.alfa", "event paid"
	By     uint64    `json:"by,omitempty"`     // the number of the act behind it; 0 for a step
	Next   *Change   `json:"next,omitempty"`   // what comes by itself; nil when nothing will
	Waits  []string  `json:"waits_for"`        // the events that the lifecycle allows now
	Awaits []string  `json:"awaits,omitempty"` // what the story waits for besides time: "PAYMENT_COMPLETED on paid"
	Price  string    `json:"price,omitempty"`  // what an offer costs and how it comes about: "7072.5 = tb 6896 × kt 1.8 × …"
}

// Act is something that a person has happen to a subject. Exactly one of Fire and Force is given.
type Act struct {
	Fire  string // an event of the lifecycle: paid
	Force string // a status, whatever the lifecycle says
	Part  string // the offer's id; empty for the whole, or for the only offer that can take it
	Exact bool   // whether Part is the id of a part and nothing else
}

// With returns a context that carries the run.
func With(ctx context.Context, r *Run) context.Context { return context.WithValue(ctx, key{}, r) }

// From is the run that the context carries.
func From(ctx context.Context) *Run { return ctx.Value(key{}).(*Run) }

type key struct{}

// Origin is the server as the client of a request reached it: http://127.0.0.1:8080.
func Origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
