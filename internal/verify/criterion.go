package verify

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"poligon/internal/journal"
)

// criterion is one thing that an expectation asks of an exchange.
type criterion interface {
	// judge says whether an exchange has it.
	judge(*seen) ruling
	// explain says how an exchange that has it not differs.
	explain(*seen, *differ)
}

// seen is an exchange that is being looked at.
type seen struct {
	*journal.Exchange
	query     url.Values
	documents [2]*document // of the request and of the answer
}

func see(e *journal.Exchange) *seen { return &seen{Exchange: e} }

// document is a body as JSON.
type document struct {
	value
	err error
}

// path is the target's path, and whether a query follows.
func (s *seen) path() string {
	path, _, _ := strings.Cut(s.Request.Target, "?")
	return path
}

func (s *seen) values(name string) []string {
	if s.query == nil {
		_, query, _ := strings.Cut(s.Request.Target, "?")
		s.query, _ = url.ParseQuery(query) // what can be read of it
	}
	return s.query[name]
}

func (s *seen) header(name string) (values []string) {
	for _, f := range s.Request.Header {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// side is one of an exchange's two bodies.
type side int

const (
	ofRequest side = iota
	ofAnswer
)

func (s side) String() string {
	if s == ofAnswer {
		return "answer"
	}
	return "request"
}

// body is a body, and whether the journal cut it.
func (s *seen) body(of side) (body []byte, cut bool) {
	body, size := s.Request.Body, s.Request.Size
	if of == ofAnswer {
		body, size = s.Answer.Body, s.Answer.Size
	}
	return body, size > int64(len(body))
}

func (s *seen) document(of side) *document {
	kept := &s.documents[of]
	if *kept == nil {
		v, err := parse(s.body(of))
		*kept = &document{v, err}
	}
	return *kept
}

// fact is a criterion on one plain value of an exchange.
type fact struct {
	where, want string
	actual      func(*seen) string
	same        func(want, actual string) bool
}

func (f fact) judge(s *seen) ruling { return rule(f.same(f.want, f.actual(s))) }

func (f fact) explain(s *seen, d *differ) {
	d.texts(f.where, f.want, f.actual(s), false)
}

func equal(want, actual string) bool { return want == actual }

func samePath(want, actual string) bool {
	decoded, err := url.PathUnescape(actual)
	return want == actual || err == nil && want == decoded
}

// ofText is a criterion on the values of a query parameter or a header.
type ofText struct {
	where, name string
	pattern     matcher
	actual      func(s *seen, name string) []string
}

func (c ofText) judge(s *seen) ruling {
	values := c.actual(s, c.name)
	if c.pattern.present != nil {
		return rule(*c.pattern.present == (len(values) > 0))
	}
	return rule(slices.ContainsFunc(values, c.pattern.fits))
}

func (c ofText) explain(s *seen, d *differ) {
	values, where, masked := c.actual(s, c.name), c.where+"."+c.name, d.isPersonal(c.name)
	switch {
	case len(values) == 0:
		d.add(Difference{Where: where, Expected: c.pattern.String(), Actual: "not sent"})
	case len(values) == 1 && c.pattern.exact != nil:
		d.texts(where, *c.pattern.exact, values[0], masked)
	default:
		shown := make([]string, 0, mostShown)
		for _, v := range values[:min(len(values), mostShown)] {
			shown = append(shown, hide(quoted(v, 0), masked))
		}
		d.add(Difference{Where: where, Expected: c.pattern.String(), Actual: strings.Join(shown, ", ")})
	}
}

// ofSubject is a criterion on what an exchange was about.
type ofSubject struct{ want string }

func (c ofSubject) judge(s *seen) ruling {
	same := func(actual string) bool {
		return actual == c.want || isUUID(c.want) && strings.EqualFold(c.want, actual)
	}
	if slices.ContainsFunc(s.Subjects, same) {
		return yes
	}
	if s.Running {
		return unknown // a subject may still come of it
	}
	return no
}

func (c ofSubject) explain(s *seen, d *differ) {
	if len(s.Subjects) == 1 {
		d.texts("subject", c.want, s.Subjects[0], false)
		return
	}
	actual := "none"
	if n := len(s.Subjects); n > 0 {
		actual = fmt.Sprintf("none of its %d subjects", n)
	}
	d.add(Difference{Where: "subject", Expected: quoted(c.want, 0), Actual: actual})
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (s[i] == '-') ||
			!dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(s[i])) {
			return false
		}
	}
	return true
}

// ofStatus is a criterion on the status of HTTP.
type ofStatus struct{ want Status }

func (c ofStatus) judge(s *seen) ruling {
	if s.Running {
		return unknown
	}
	if class, isClass := strings.CutSuffix(string(c.want), "xx"); isClass {
		return rule(strconv.Itoa(s.Answer.Status/100) == class)
	}
	return rule(strconv.Itoa(s.Answer.Status) == string(c.want))
}

func (c ofStatus) explain(s *seen, d *differ) {
	actual := "no answer went out"
	if s.Answer.Status != 0 {
		actual = strconv.Itoa(s.Answer.Status)
	}
	d.add(Difference{Where: "status", Expected: string(c.want), Actual: actual})
}
