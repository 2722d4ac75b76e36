package fault

import (
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"
)

// pieces is into how many parts a slow body is cut.
const pieces = 20

// unbuffered is the size of a body, in bytes, above which net/http would send it in chunks if it were not told the length. For a
// shorter one it finds the length itself, which spares the hot path a header.
const unbuffered = 1 << 10

// Pace is when an answer goes out.
type Pace struct {
	Wait func(time.Duration) error // waits; an error says that the client is gone
	Last func()                    // is called right before the client can see the end of the answer
}

// Send writes an answer as planned. When the client is gone, sending stops and gives the error that says so.
// Where the transport does not let a connection be broken in another way, Send panics with http.ErrAbortHandler.
func Send(w http.ResponseWriter, a Answer, p Plan, pace Pace) error {
	if p.Delay > 0 {
		if err := pace.Wait(p.Delay); err != nil {
			return err
		}
	}
	if p.Reset {
		pace.Last()
		return hangUp(w, resetConn)
	}
	body := a.Body
	if bodiless(a.Status) {
		body = nil
	}
	maps.Copy(w.Header(), a.Header)
	if !bodiless(a.Status) && (len(body) > unbuffered || p.Slow > 0 || p.Keep >= 0) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.Status)
	cut := p.Keep >= 0 && p.Keep < len(body)
	if cut {
		body = body[:p.Keep]
	}
	if err := drip(w, body, p.Slow, pace); err != nil {
		return err
	}
	if cut {
		if err := flush(w); err != nil {
			return err
		}
		return hangUp(w, closeConn)
	}
	return nil
}

// drip writes a body over a time: the headers at once, the last piece at the end.
func drip(w http.ResponseWriter, body []byte, slow time.Duration, pace Pace) error {
	if slow <= 0 {
		pace.Last()
		if len(body) == 0 {
			return nil
		}
		_, err := w.Write(body)
		return err
	}
	if err := flush(w); err != nil {
		return err
	}
	n := max(min(pieces, len(body)), 1)
	for i := range n {
		if err := pace.Wait(slow / time.Duration(n)); err != nil {
			return err
		}
		if i == n-1 {
			pace.Last()
		}
		if _, err := w.Write(body[len(body)*i/n : len(body)*(i+1)/n]); err != nil {
			return err
		}
		if err := flush(w); err != nil {
			return err
		}
	}
	return nil
}

// flush sends what was written; where nothing can be flushed, it is sent at the end.
func flush(w http.ResponseWriter) error {
	if err := http.NewResponseController(w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// hangUp takes the connection from the server and ends it.
func hangUp(w http.ResponseWriter, end func(net.Conn) error) error {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return end(conn)
}

// resetConn closes a connection so that the other side sees a reset, where the transport has one.
func resetConn(conn net.Conn) error {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the close is a polite one
	}
	return conn.Close()
}

func closeConn(conn net.Conn) error { return conn.Close() }
