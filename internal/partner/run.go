package partner

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"poligon/internal/dice"
	"poligon/internal/fault"
	"poligon/internal/journal"
	"poligon/internal/scenario"
	"poligon/internal/sim"
)

// Run is what a request sees of its session. It is made anew for each request and belongs to it.
type Run struct {
	Where   Where
	Dice    dice.Dice
	Log     sim.Log // set by Enter
	Library *scenario.Library
	Chosen  *scenario.Scenario // by the request, the session or the server's flag; nil when nobody chose

	Now    time.Time // simulated; set by Enter
	Number uint64    // of the exchange; set by Enter
	Note   Note      // what the API tells about the request

	Exchange journal.Exchange // what the journal will keep of the request
	Kept     *journal.Journal // where
	Began    time.Time        // real
	Faults   []Due            // what is to be done to the answer on purpose; set by Enter

	// Of a session that is kept by a store: whether the run has its turn still, whether all that is known of it is kept, and why it is lost:
	// what it decided does not stand.
	Holds, Ended bool
	Lost         error

	Late time.Duration // how long after its decision the answer has gone out at the latest, as faults say

	Outdated bool // the session has gone over to other scenarios; set by Enter, which gives no turn then

	// Recorded is what was found out about the sign or the credentials when the request was first played; nil unless this is a replay.
	Recorded *journal.Access
	// Session is the session's side of the run.
	Session Session
}

// Where is where a session's partner APIs are, as the client of a request reached them.
type Where struct {
	Secure bool   // over TLS
	Host   string // with its port
	Prefix string // of their paths: /s/checkout
}

// String is the base URL, for links: http://127.0.0.1:8080/s/checkout.
func (w Where) String() string {
	if w.Secure {
		return "https://" + w.Host + w.Prefix
	}
	return "http://" + w.Host + w.Prefix
}

// Due is a fault that is due for a request, with the die that belongs to it.
type Due struct {
	ID    string
	Fault fault.Fault
	Die   dice.Die
}

// Entered says whether the request has had its turn.
func (r *Run) Entered() bool { return r.Number > 0 }

// Held says whether a fault answers in the API's place.
func (r *Run) Held() bool {
	return slices.ContainsFunc(r.Faults, func(d Due) bool { return d.Fault.Holds() })
}

// Note is what an API tells about a request, for the journal, the headers of the answer and the log.
type Note struct {
	Subjects []string           // what the request is about: request_ids, policy numbers
	Scenario *scenario.Scenario // what it plays; nil when nothing was played
	Before   string             // the subject's status when the request came; empty when there was none
	After    string
	Mistakes []string        // behind a wrong sign, by their ids
	Access   *journal.Access // what became of the sign or the credentials; nil when none were looked at
}

// Session is what a run needs of its session.
type Session interface {
	// Name is the session's name.
	Name() string
	// Enter waits until no other request of the session decides, and gives the run its Now and its Number. It returns an error
	// that wraps ErrHeld when the API is to decide nothing.
	Enter(*Run) error
	// Leave lets others decide.
	Leave(*Run)
	// Touch notes that a client has met a part of a script.
	Touch(api string, script any, part int)
	// Earlier yields the bodies of earlier requests of an operation, the latest first.
	Earlier(operation string) iter.Seq[[]byte]
}

// ErrHeld says that the request is not accepted and the API decides nothing: a fault answers in its place, or it is asked again
// because the scenarios have changed. An API passes it on as an error; what it would answer is not sent.
var ErrHeld = errors.New("the answer is not the partner API's to give")

// ErrUnknownSubject says that nothing of an id was begun in the session.
var ErrUnknownSubject = errors.New("there is nothing of this id in the session")

// NotAllowed says that an act is not allowed as the subject stands.
type NotAllowed struct {
	What    string // "event paid"
	Why     string // "offer 67779421 is CREATED"
	Allowed []string
}

func (e *NotAllowed) Error() string {
	now := "nothing is allowed now"
	if len(e.Allowed) > 0 {
		now = "allowed now: " + strings.Join(e.Allowed, ", ")
	}
	return fmt.Sprintf("%s is not allowed: %s; %s", e.What, e.Why, now)
}

// Moment is the run's share of a moment; the subject's events are added by sim.Decide. It is known between Enter and Leave.
func (r *Run) Moment() sim.Moment { return sim.Moment{Dice: r.Dice, Now: r.Now, Number: r.Number} }

// Scenario is what a subject plays: the chosen scenario; where nobody chose, the one that a magic value of the request asks
// for; else the default.
func (r *Run) Scenario(api, field, value string) *scenario.Scenario {
	if r.Chosen != nil {
		return r.Chosen
	}
	if s := r.Library.ByMagic(api, field, value); s != nil {
		return s
	}
	return r.Default()
}

// Default is what a request plays that asks for nothing else.
func (r *Run) Default() *scenario.Scenario {
	if r.Chosen != nil {
		return r.Chosen
	}
	s, _ := r.Library.Find(scenario.Default) // a library always has it
	return s
}
