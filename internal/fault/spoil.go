package fault

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"poligon/internal/contract"
	"poligon/internal/dice"
)

// Answer is an answer before it is sent.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Plan is how an answer is sent.
type Plan struct {
	Delay time.Duration // before anything is sent
	Slow  time.Duration // over which the body is sent
	Reset bool          // the connection is reset instead
	Keep  int           // bytes of the body after which the connection is closed; negative for all of it
}

// Spoil does to an answer what the fault says. The label says what was done, in ASCII.
func (f Fault) Spoil(a Answer, doc *contract.Document, operation string, die dice.Die) (spoilt Answer, plan Plan, label string) {
	plan = Plan{Delay: f.delay.draw(die), Slow: f.slow, Keep: -1}
	switch f.answer {
	case "":
	case Reset, Lost:
		plan.Reset = true
		label = string(f.answer)
	case Refused:
		label = "refused before it was accepted"
	case Empty:
		a.Body, label = nil, "empty body"
	case Truncated:
		plan.Keep = len(a.Body) / 2
		label = "truncated after " + strconv.Itoa(plan.Keep) + " of " + strconv.Itoa(len(a.Body)) + " bytes"
	case Malformed:
		a.Body, label = malform(a.Body), "malformed JSON"
	case ContentType:
		a.Header.Set("Content-Type", "text/html; charset=utf-8")
		label = "wrong content type"
	default:
		a.Body, label = f.breakContract(a, doc, operation, die)
	}
	if f.status > 0 {
		a.Status = f.status
		for name, values := range f.header {
			a.Header[name] = values
		}
		if f.hasBody {
			a.Body = []byte(f.body)
		}
		label = "status " + strconv.Itoa(f.status)
	}
	for _, slower := range []struct {
		what string
		d    time.Duration
	}{{"delay ", plan.Delay}, {"slow ", plan.Slow}} {
		if slower.d > 0 {
			if label != "" {
				label += ", "
			}
			label += slower.what + slower.d.String()
		}
	}
	return a, plan, ascii(label)
}

// breakContract has the body break the contract in one place.
func (f Fault) breakContract(a Answer, doc *contract.Document, operation string, die dice.Die) ([]byte, string) {
	body, where, ok := doc.Break(operation, a.Status, a.Body, string(f.answer), die.IntN)
	if !ok {
		return a.Body, string(f.answer) + ": nothing to break"
	}
	return body, string(f.answer) + " at " + where
}

// malform has a JSON body not be JSON any more: its last bracket is another one.
func malform(body []byte) []byte {
	out := append([]byte(nil), body...)
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] == '}' || out[i] == ']' {
			out[i] = ','
			return out
		}
	}
	return append(out, '{')
}

func ascii(s string) string {
	out := []byte(s)
	for i, c := range out {
		if c < ' ' || c > '~' {
			out[i] = '?'
		}
	}
	return string(out)
}

// pieces is in how many pieces a slow body is sent.
const pieces = 20

// Send sends an answer as planned. Wait waits for a real time and fails when the client is gone.
func Send(w http.ResponseWriter, a Answer, p Plan, wait func(time.Duration) error) error {
	if p.Delay > 0 {
		if err := wait(p.Delay); err != nil {
			return err
		}
	}
	if p.Reset {
		return reset(w)
	}
	if w.Header() != nil && a.Status != http.StatusNoContent && a.Status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
	body := a.Body
	if p.Keep >= 0 && p.Keep < len(body) {
		body = body[:p.Keep]
	}
	if err := write(w, body, p.Slow, wait); err != nil {
		return err
	}
	if len(body) < len(a.Body) {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // net/http closes the connection in the middle
	}
	return nil
}

func write(w http.ResponseWriter, body []byte, slow time.Duration, wait func(time.Duration) error) error {
	if slow <= 0 || len(body) == 0 {
		_, err := w.Write(body)
		return err
	}
	n := min(pieces, len(body))
	for i := range n {
		if err := wait(slow / time.Duration(n)); err != nil {
			return err
		}
		if _, err := w.Write(body[i*len(body)/n : (i+1)*len(body)/n]); err != nil {
			return err
		}
		if err := http.NewResponseController(w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
	}
	return nil
}

// reset closes the connection so that the client sees it reset.
func reset(w http.ResponseWriter) error {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // what cannot be hijacked is at least closed
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	return conn.Close()
}
