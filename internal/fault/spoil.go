package fault

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"poligon/internal/contract"
	"poligon/internal/dice"
	"poligon/internal/scenario"
)

// Answer is what goes to the client.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Plan is how an answer is sent.
type Plan struct {
	Delay time.Duration // before anything is sent
	Slow  time.Duration // from the headers to the end of the body
	Reset bool          // nothing is sent and the connection is reset
	Keep  int           // bytes of the body that are sent before the connection is closed; -1 all
}

// Spoil makes of an answer what the fault says, and says how to send it. The label, for a header, is ASCII and never empty; where
// a contract leaves nothing to break it says so and the answer stays as it is. Headers are changed in place, bodies are not.
//
// The answer with another status that a fault brings has no body unless the fault states one; but an answer that has that status
// already keeps its body and headers: see Own. Doc may be nil. The die is the request's own.
func (f Fault) Spoil(a Answer, doc *contract.Document, operation string, die dice.Die) (spoilt Answer, plan Plan, label string) {
	if a.Header == nil {
		a.Header = http.Header{}
	}
	plan = Plan{Keep: -1, Slow: f.slow}
	own := dice.New(uint64(die)) // for the delay and for the place
	var labels []string
	if !f.delay.isZero() {
		plan.Delay = f.delay.draw(own.Of("delay"))
		labels = append(labels, "delay "+scenario.Words(plan.Delay.Truncate(time.Microsecond)))
	}
	if f.slow > 0 {
		labels = append(labels, "slow "+scenario.Words(f.slow))
	}
	switch {
	case f.status > 0:
		a = f.replace(a, f.status)
		labels = append(labels, "status "+strconv.Itoa(f.status))
	case f.answer == reset || f.answer == lost:
		plan.Reset = true
		labels = append(labels, string(f.answer))
	case f.answer == truncated && len(a.Body) > 0:
		plan.Keep = len(a.Body) / 2
		labels = append(labels, "truncated after "+strconv.Itoa(plan.Keep)+" of "+strconv.Itoa(len(a.Body))+" bytes")
	case f.answer != "":
		var what string
		a, what = f.change(a, doc, operation, own.Of("place"))
		labels = append(labels, what)
	}
	return a, plan, strings.Join(labels, ", ")
}

// replace gives the answer another status, with the headers and the body of the fault.
func (f Fault) replace(a Answer, status int) Answer {
	if a.Status != status || f.body != nil || bodiless(status) {
		a.Status, a.Body = status, nil
		for name := range a.Header {
			if strings.HasPrefix(name, "Content-") {
				delete(a.Header, name)
			}
		}
	}
	if f.body != nil && *f.body != "" {
		a.Body = []byte(*f.body)
		a.Header.Set("Content-Type", "text/plain; charset=utf-8")
		if json.Valid(a.Body) {
			a.Header.Set("Content-Type", "application/json")
		}
	}
	for name, value := range f.headers {
		a.Header.Set(name, value)
	}
	return a
}

// change carries out what answer: does to the answer itself.
func (f Fault) change(a Answer, doc *contract.Document, operation string, die dice.Die) (Answer, string) {
	label := string(f.answer)
	switch f.answer {
	case refused:
		return f.replace(a, statusRefused), label
	case empty:
		a.Body = nil
		return a, label
	case truncated:
		return a, label + ": nothing to cut"
	case malformed:
		a.Body = unparsable(a.Body)
		return a, label
	case contentType:
		a.Header.Set("Content-Type", "text/html; charset=utf-8")
		return a, label
	}
	if doc != nil {
		if broken, where, ok := doc.Break(operation, a.Status, a.Body, label, die.IntN); ok {
			a.Body = broken
			return a, label + " at " + printable(where)
		}
	}
	return a, label + ": nothing to break"
}

// unparsable is a body that is no JSON, and differs from the given one at its end.
func unparsable(body []byte) []byte {
	body = bytes.TrimRight(body, " \t\r\n")
	if n := len(body); n > 0 && !json.Valid(body[:n-1]) {
		return bytes.Clone(body[:n-1])
	}
	return append(bytes.Clone(body), '{')
}

// printable is a text in ASCII that a header can hold.
func printable(s string) string { return strings.Trim(strconv.QuoteToASCII(s), `"`) }
