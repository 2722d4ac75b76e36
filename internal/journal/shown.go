package journal

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Shown is an exchange as the admin API shows it.
type Shown struct {
	Number      uint64       `json:"number"`
	Act         bool         `json:"act,omitempty"`
	API         string       `json:"api,omitempty"`
	Operation   string       `json:"operation,omitempty"`
	RealTime    time.Time    `json:"real_time"`
	SessionTime time.Time    `json:"session_time"`
	TookMS      float64      `json:"took_ms"`
	Request     ShownRequest `json:"request"`
	Answer      *ShownAnswer `json:"answer,omitempty"` // none while it runs
	Running     bool         `json:"running,omitempty"`
	Subjects    []string     `json:"subjects,omitempty"`
	Scenario    string       `json:"scenario,omitempty"`
	Before      string       `json:"status_before,omitempty"`
	After       string       `json:"status_after,omitempty"`
	Reason      string       `json:"reason,omitempty"`
	Mistakes    []string     `json:"mistakes,omitempty"`
	Faults      []string     `json:"faults,omitempty"`
	Out         *ShownOut    `json:"out,omitempty"` // of a request that the session sent
}

// ShownOut is what is particular of a request that the session sent.
type ShownOut struct {
	To      string `json:"to,omitempty"` // where it went: http://127.0.0.1:8080; empty when it was not sent
	OfferID string `json:"offer_id"`
	Attempt int    `json:"attempt"`
	Copy    bool   `json:"duplicate,omitempty"`
	Outcome string `json:"outcome"`
}

// ShownRequest is a request as the admin API shows it.
type ShownRequest struct {
	Method  string       `json:"method"`
	Target  string       `json:"target"`
	Host    string       `json:"host,omitempty"`
	Headers []ShownField `json:"headers,omitempty"`
	ShownBody
	Withheld bool `json:"withheld,omitempty"` // the body is not JSON, and might hold personal data or credentials
}

// ShownAnswer is an answer as the admin API shows it.
type ShownAnswer struct {
	Status  int          `json:"status"`
	Headers []ShownField `json:"headers,omitempty"`
	ShownBody
	Withheld bool `json:"withheld,omitempty"` // the body is a document, which names people
}

// ShownField is one line of a header.
type ShownField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ShownBody is a body: as text if it is UTF-8, else in base64.
type ShownBody struct {
	Body   string `json:"body,omitempty"`
	Base64 []byte `json:"body_base64,omitempty"`
	Size   int64  `json:"size"`          // as it was on the wire, in bytes
	Cut    bool   `json:"cut,omitempty"` // the journal did not keep all of it
}

// Show is an exchange as the admin API shows it under a mask.
func Show(e Exchange, m Mask) Shown {
	request, hid := m.body(e.Request.Body)
	answer, more := m.body(e.Answer.Body)
	withheld := m.withheld(e.Request.Body)
	if withheld {
		request = nil
	}
	erase := eraser(append(hid, more...))
	s := Shown{Number: e.Number, Act: e.Act, API: e.API, Operation: e.Operation, RealTime: e.Real, SessionTime: e.At,
		TookMS: float64(e.Took) / float64(time.Millisecond), Running: e.Running, Subjects: e.Subjects, Scenario: e.Scenario,
		Before: e.Before, After: e.After, Reason: erase.Replace(e.Reason), Mistakes: erased(e.Mistakes, erase), Faults: e.Faults}
	s.Request = ShownRequest{Method: e.Request.Method, Target: target(e.Request.Target), Host: e.Request.Host,
		Headers: fields(e.Request.Header, erase), ShownBody: shownBody(request, e.Request.Size, len(e.Request.Body)), Withheld: withheld}
	if o := e.Out; o != nil {
		s.Out = &ShownOut{OfferID: o.Offer, Attempt: o.Attempt, Copy: o.Copy, Outcome: o.Outcome}
		if !e.unsent() {
			s.Out.To = o.Base(e.Request)
		}
	}
	if !e.Running {
		withheld := m.withheldAnswer(e.Answer.Body) || e.Out != nil && m.withheld(e.Answer.Body)
		if withheld {
			answer = nil
		}
		s.Answer = &ShownAnswer{e.Answer.Status, fields(e.Answer.Header, erase), shownBody(answer, e.Answer.Size, len(e.Answer.Body)), withheld}
	}
	return s
}

func shownBody(b []byte, size int64, kept int) ShownBody {
	s := ShownBody{Size: size, Cut: size > int64(kept)}
	if utf8.Valid(b) {
		s.Body = string(b)
	} else {
		s.Base64 = b
	}
	return s
}

func fields(header []Field, erase *strings.Replacer) (list []ShownField) {
	for _, f := range header {
		value := masked
		if !SecretHeader(f.Name) {
			if value = erase.Replace(f.Value); linkWithSecrets(value) {
				value = target(value)
			}
		}
		list = append(list, ShownField{f.Name, value})
	}
	return list
}

func erased(list []string, erase *strings.Replacer) (shown []string) {
	for _, s := range list {
		shown = append(shown, erase.Replace(s))
	}
	return shown
}
