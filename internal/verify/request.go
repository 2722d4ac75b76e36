// Package verify says whether what a session saw is what a test expected of it: pass, fail, or, where the journal forgot what
// would have decided it, inconclusive. It is a function of exchanges and expectations; waiting is the caller's.
package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// Request is what a test expects of a session.
type Request struct {
	Expectations []Expectation `json:"expectations"`
	InOrder      bool          `json:"in_order,omitempty"` // of those that want a match at all, each has one later than the one before
	Within       *Within       `json:"within,omitempty"`
}

// Within is how long the caller waits, as 2s or 3m: exactly one of real and session time. Reading it is the caller's.
type Within struct {
	Real    string `json:"real,omitempty"`
	Session string `json:"session,omitempty"`
}

// Expectation is what exchanges it is about, by all criteria that are given, and how many of them there should be.
type Expectation struct {
	Name      string             `json:"name,omitempty"`      // for the report; by default "expectation 2"
	Operation string             `json:"operation,omitempty"` // the contract's operationId; an act of the admin API only matches by it
	Method    string             `json:"method,omitempty"`
	Path      string             `json:"path,omitempty"` // inside the session, without the query
	Query     map[string]Pattern `json:"query,omitempty"`
	Header    map[string]Pattern `json:"header,omitempty"`  // of the request; the case of names does not count
	Subject   string             `json:"subject,omitempty"` // a request_id, a policy number; the case of a UUID does not count
	Request   *Body              `json:"request,omitempty"`
	Answer    *Body              `json:"answer,omitempty"`
	Status    Status             `json:"status,omitempty"`  // of HTTP: 200, or a class as "4xx"
	Seen      string             `json:"seen,omitempty"`    // a status of the subject, or of an offer, that the client was told
	Refused   *bool              `json:"refused,omitempty"` // whether the client was refused, for whatever reason
	Fault     string             `json:"fault,omitempty"`   // part of the words of a fault that was done on purpose
	Count     *Count             `json:"count,omitempty"`   // by default at least 1
}

// Body is what a body should be like, by all of what is given.
type Body struct {
	JSON    json.RawMessage            `json:"json,omitempty"`    // a subset of the body
	Paths   map[string]json.RawMessage `json:"paths,omitempty"`   // path → a subset of the value there, or a Pattern's object
	Matches string                     `json:"matches,omitempty"` // a regular expression found in the body's text
}

// Count is how many exchanges should match.
type Count struct {
	Exactly *int `json:"exactly,omitempty"`
	AtLeast *int `json:"at_least,omitempty"`
	AtMost  *int `json:"at_most,omitempty"`
	Never   bool `json:"never,omitempty"`
}

// Pattern is what a text should be like. In JSON it is the exact text, {"matches": regular expression} or {"present": false}.
type Pattern struct {
	Exact   *string
	Matches *string
	Present *bool
}

// pattern is a Pattern's object.
type pattern struct {
	Matches *string `json:"matches,omitempty"`
	Present *bool   `json:"present,omitempty"`
}

var errPattern = errors.New(`expected a text, {"matches": "…"} or {"present": false}`)

// UnmarshalJSON reads a text or an object.
func (p *Pattern) UnmarshalJSON(b []byte) error {
	*p = Pattern{}
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &p.Exact)
	}
	object, ok := readPattern(b)
	if !ok {
		return errPattern
	}
	p.Matches, p.Present = object.Matches, object.Present
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (p Pattern) MarshalJSON() ([]byte, error) {
	if p.Exact != nil {
		return json.Marshal(*p.Exact)
	}
	return json.Marshal(pattern{p.Matches, p.Present})
}

// readPattern reads an object that is a pattern: exactly one member, and that one a pattern's.
func readPattern(b []byte) (p pattern, ok bool) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	ok = d.Decode(&p) == nil && (p.Matches == nil) != (p.Present == nil)
	return p, ok
}

// Status is a status of HTTP or a class of them: 200 or "4xx".
type Status string

// UnmarshalJSON reads a number or a text.
func (s *Status) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*s = Status(text)
		return nil
	}
	var number int
	err := json.Unmarshal(b, &number)
	*s = Status(strconv.Itoa(number))
	return err
}

// MarshalJSON writes what UnmarshalJSON reads.
func (s Status) MarshalJSON() ([]byte, error) {
	if n, err := strconv.Atoi(string(s)); err == nil {
		return json.Marshal(n)
	}
	return json.Marshal(string(s))
}

// bounds are how many matches are right; an upper bound below zero is none.
func (c *Count) bounds() (low, high int) {
	switch {
	case c == nil:
		return 1, -1
	case c.Never:
		return 0, 0
	case c.Exactly != nil:
		return *c.Exactly, *c.Exactly
	}
	low, high = 0, -1
	if c.AtLeast != nil {
		low = *c.AtLeast
	}
	if c.AtMost != nil {
		high = *c.AtMost
	}
	return low, high
}

func (c *Count) String() string {
	low, high := c.bounds()
	switch {
	case high == 0:
		return "never"
	case low == high:
		return "exactly " + strconv.Itoa(low)
	case high < 0:
		return "at least " + strconv.Itoa(low)
	case low == 0:
		return "at most " + strconv.Itoa(high)
	}
	return "at least " + strconv.Itoa(low) + " and at most " + strconv.Itoa(high)
}
