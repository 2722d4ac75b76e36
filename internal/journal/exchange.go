// Package journal is what a session keeps of the requests it got and the answers it gave: as they were on the wire, bounded by
// entries and by bytes, and honest about what it forgot.
package journal

import "time"

// Exchange is a request to a session and the answer it got, or an act of the admin API that changed the session.
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
}

// Access is the outcome of looking at a sign or at other credentials: the code that refuses them and why; both empty when they were
// right. A replay takes it from here, for no secret is kept.
type Access struct{ Code, Reason string }

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
