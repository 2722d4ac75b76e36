// Package journal is what a session keeps of the requests it got and the answers it gave: as they were on the wire, bounded by
// entries and by bytes, and honest about what it forgot.
package journal

import "time"

// Exchange is a request to a session and the answer it got, an act of the admin API that changed the session, or a request that the
// session sent by itself and the answer it got.
type Exchange struct {
	Number    uint64 // its place in the order in which the session decided; from 1
	Act       bool   // an act of the admin API rather than a request to a partner API
	API       string // osago, bordereau; admin for an act
	Operation string // the contract's operationId; empty when no contract has the path and method
	Real      time.Time
	At        time.Time // the session's time when it was decided, UTC
	Took      time.Duration
	Request   Request
	Answer    Answer // the zero value while the exchange runs
	Running   bool   // it is decided and the answer is not out yet
	Subjects  []string
	Scenario  string // what it played; empty when nothing was played
	Before    string // the subject's status before it was decided; empty when there was none
	After     string
	Reason    string   // why the client was refused, in English; empty when it was not
	Mistakes  []string // the mistakes behind a wrong sign, by their ids
	Access    *Access  // what became of the sign or the credentials; nil when none were looked at
	Faults    []string // what was done on purpose, in words
	Out       *Out     // of a request that the session sent; nil for those that came to it
}

// Access is the outcome of looking at a sign or at other credentials: the code that refuses them and why; both empty when they were
// right. A replay takes it from here, for no secret is kept.
type Access struct{ Code, Reason string }

// Out is what there is to know of a request that a session sent beside the request itself: it tells somebody of a sale. Such a request
// gets its number and its instants when its outcome is known.
type Out struct {
	Scheme  string // of the URL whose rest the request has: http or https
	Offer   string // the offer_id
	Start   uint64 // the number of the exchange that began the calculation
	Attempt int    // from 1
	Copy    bool   // whether the attempt was accepted already and is made once more on purpose
	Outcome string // accepted, failed, refused; lost for one that was planned and not sent
}

// Base is the beginning of the URL that the request went to: http://127.0.0.1:8080.
func (o *Out) Base(r Request) string { return o.Scheme + "://" + r.Host }

// Asked says whether a client asked, rather than that somebody acted on the session or the session sent a request.
func (e *Exchange) Asked() bool { return !e.Act && e.Out == nil }

// Request is what the client sent. Real instants and sizes are those of the wire.
type Request struct {
	Method string
	Target string // path and query inside the session, as sent
	Host   string
	Header []Field
	Body   []byte
	Size   int64 // of the body as it came; more than len(Body) when the journal cut it
}

// Answer is what the client got.
type Answer struct {
	Status int
	Header []Field
	Body   []byte
	Size   int64
}

// Field is one line of a header.
type Field struct{ Name, Value string }

// Limits bound a journal. What goes over them is dropped, the oldest first, and counted.
type Limits struct {
	Entries int
	Bytes   int
}
