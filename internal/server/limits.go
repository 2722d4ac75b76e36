package server

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Limits keep slow, greedy or hostile clients from holding the server for ever. What is 0 is as Usual has it.
type Limits struct {
	Header      time.Duration // from the connection, or the end of the answer before, to the end of a request's header; a TLS handshake too
	Read        time.Duration // to the end of a request's body
	Write       time.Duration // from the end of a request's header to the end of its answer, but for the time that faults and streams take
	Idle        time.Duration // between an answer and the next request
	Drain       time.Duration // that running requests have when the server is told to stop
	HeaderBytes int           // of a request, its first line with them
	Connections int           // at a time; more wait in the system's queue until one ends
}

// Usual are the limits unless somebody says otherwise.
func Usual() Limits {
	return Limits{Header: 10 * time.Second, Read: 2 * time.Minute, Write: 2 * time.Minute, Idle: 2 * time.Minute, Drain: 10 * time.Second,
		HeaderBytes: 64 << 10, Connections: 20_000}
}

// orUsual are the limits with the usual ones in place of what is 0.
func (l Limits) orUsual() Limits {
	usual := Usual()
	for limit, otherwise := range map[*time.Duration]time.Duration{&l.Header: usual.Header, &l.Read: usual.Read, &l.Write: usual.Write, &l.Idle: usual.Idle, &l.Drain: usual.Drain} {
		if *limit == 0 {
			*limit = otherwise
		}
	}
	if l.HeaderBytes == 0 {
		l.HeaderBytes = usual.HeaderBytes
	}
	if l.Connections == 0 {
		l.Connections = usual.Connections
	}
	return l
}

// slack is what net/http reads of a header beyond its limit, in bytes.
const slack = 4 << 10

// listener is a listener's life within the limits. HTTP/1.1 alone is spoken, over TLS too: a fault that resets or cuts a connection
// takes it from net/http, which HTTP/2 does not let go of, and there it would strike all the requests that share the connection.
func (l Limits) listener(handler http.Handler, slots *slots) *http.Server {
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	return &http.Server{Handler: handler, ReadHeaderTimeout: l.Header, ReadTimeout: l.Read, WriteTimeout: l.Write, IdleTimeout: l.Idle,
		MaxHeaderBytes: max(l.HeaderBytes-slack, 1), Protocols: protocols, ConnState: slots.follow, ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn)}
}

// slots is a listener that takes so many connections at a time. More wait in the system's queue: nobody is thrown out for them.
type slots struct {
	net.Listener
	free   chan struct{} // one in it for each connection that is open
	closed chan struct{}
	once   sync.Once
	full   atomic.Bool // whether it was said that there are too many
}

func newSlots(l net.Listener, most int) *slots {
	return &slots{Listener: l, free: make(chan struct{}, most), closed: make(chan struct{})}
}

// Accept takes a connection once there is a slot for it.
func (s *slots) Accept() (net.Conn, error) {
	select {
	case s.free <- struct{}{}:
	default:
		if !s.full.Swap(true) {
			slog.Warn("there are as many connections as there may be; more wait until one ends", "max-connections", cap(s.free))
		}
		select {
		case s.free <- struct{}{}:
		case <-s.closed:
			return nil, net.ErrClosed
		}
	}
	conn, err := s.Listener.Accept()
	if err != nil {
		<-s.free
	}
	return conn, err
}

// Close takes no more connections.
func (s *slots) Close() error {
	s.once.Do(func() { close(s.closed) })
	return s.Listener.Close()
}

// follow frees the slot of a connection that ends, or that a fault has taken to end it.
func (s *slots) follow(_ net.Conn, state http.ConnState) {
	if state == http.StateClosed || state == http.StateHijacked {
		<-s.free
	}
}

// drained is how much is read of a body that nobody wanted, in bytes.
const drained = 128 << 20

// endless is a body of which nothing is read: it is told to be larger than what is read of any.
type endless struct {
	io.Closer
	limit int64
}

// Read implements io.Reader.
func (e endless) Read([]byte) (int, error) { return 0, &http.MaxBytesError{Limit: e.limit} }

// bounded puts the limit on a request's body; rest is what may be left of it when the answer is there, nil if nobody is to read that.
func bounded(w http.ResponseWriter, r *http.Request, limit int64) (body io.ReadCloser, rest io.Reader) {
	if r.ContentLength > max(drained, limit) {
		return endless{r.Body, limit}, nil
	}
	return http.MaxBytesReader(w, r.Body, limit), r.Body
}

// drain reads what a handler left of a body before the answer goes out. Many clients write their whole request before they
// look for an answer: if the connection closed on them, they would never see why they were refused. A client that expects a
// 100 waits with its body and needs none of that. It takes no longer than a body may.
func drain(body io.Reader, header http.Header) {
	if header.Get("Expect") == "" {
		_, _ = io.Copy(io.Discard, io.LimitReader(body, drained)) // what fails here is the client's connection
	}
}
