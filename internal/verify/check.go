package verify

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// Mistake is something in a request that cannot be meant.
type Mistake struct {
	Pointer string // JSON pointer into the request
	Message string
	Hint    string // the cure
}

const maxExpectations = 100

var (
	statusText = regexp.MustCompile(`^[1-5](xx|[0-9][0-9])$`)
	methodText = regexp.MustCompile(`^[A-Z]+$`)
)

// Check finds the mistakes of a request. Where the session's operations are given, an operation is one of them: an expectation
// about a name that never comes would pass when it says never.
func (r Request) Check(operations ...string) []Mistake {
	b := &builder{operations: operations}
	switch n := len(r.Expectations); {
	case n == 0:
		b.mistake("/expectations", "there are no expectations", `add one, as {"operation": "importBordereau"}`)
	case n > maxExpectations:
		b.mistake("/expectations", fmt.Sprintf("there are %d expectations", n), fmt.Sprintf("ask at most %d at once", maxExpectations))
	}
	for i, e := range r.Expectations {
		b.expectation("/expectations/"+strconv.Itoa(i), e)
	}
	if w := r.Within; w != nil && (w.Real == "") == (w.Session == "") {
		b.mistake("/within", "within wants one of real and session", `say {"real": "2s"} or {"session": "3m"}`)
	}
	return b.mistakes
}

// builder makes criteria of expectations, and notes what it cannot read.
type builder struct {
	operations []string // known ones; none when they are not known
	criteria   []criterion
	mistakes   []Mistake
}

func (b *builder) mistake(pointer, message, hint string) {
	b.mistakes = append(b.mistakes, Mistake{pointer, message, hint})
}

func (b *builder) want(c criterion) { b.criteria = append(b.criteria, c) }

// expectation makes the criteria, those that are dear to judge behind the others.
func (b *builder) expectation(at string, e Expectation) {
	b.operation(at, e.Operation)
	b.target(at, e)
	b.outcome(at, e)
	for _, part := range []struct {
		of   side
		body *Body
	}{{ofRequest, e.Request}, {ofAnswer, e.Answer}} {
		if part.body != nil {
			b.body(at+"/"+part.of.String(), part.of, part.body)
		}
	}
	b.count(at+"/count", e.Count)
}

func (b *builder) operation(at, name string) {
	if name == "" {
		return
	}
	b.want(fact{"operation", name, func(s *seen) string { return s.Operation }, equal})
	if len(b.operations) == 0 || slices.Contains(b.operations, name) {
		return
	}
	best := slices.MinFunc(b.operations, func(one, other string) int { return distance(name, one) - distance(name, other) })
	hint := "the operations are " + strings.Join(slices.Sorted(slices.Values(b.operations)), ", ")
	if distance(name, best) <= len(name)/3 {
		hint = "did you mean " + best + "?"
	}
	b.mistake(at+"/operation", fmt.Sprintf("there is no operation %q", name), hint)
}

func (b *builder) target(at string, e Expectation) {
	if e.Method != "" {
		b.want(fact{"method", e.Method, func(s *seen) string { return s.Request.Method }, equal})
		if !methodText.MatchString(e.Method) {
			b.mistake(at+"/method", fmt.Sprintf("%q is not a method", e.Method), "write it in capital letters, as POST")
		}
	}
	if e.Path != "" {
		b.want(fact{"path", e.Path, (*seen).path, samePath})
		if !strings.HasPrefix(e.Path, "/") || strings.Contains(e.Path, "?") {
			b.mistake(at+"/path", fmt.Sprintf("%q is not a path", e.Path), "begin it with /, and put the query in query")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Query)) {
		b.want(ofText{"query", name, b.pattern(at+"/query/"+escape(name), e.Query[name]), (*seen).values})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Header)) {
		b.want(ofText{"header", name, b.pattern(at+"/header/"+escape(name), e.Header[name]), (*seen).header})
	}
	if e.Subject != "" {
		b.want(ofSubject{e.Subject})
	}
}

func (b *builder) outcome(at string, e Expectation) {
	if e.Status != "" {
		b.want(ofStatus{e.Status})
		if !statusText.MatchString(string(e.Status)) {
			b.mistake(at+"/status", fmt.Sprintf("%q is not a status of HTTP", e.Status), `write 200, or "4xx" for a class`)
		}
	}
	if e.Refused != nil {
		b.want(ofRefusal{*e.Refused})
	}
	if e.Fault != "" {
		b.want(ofFault{e.Fault})
	}
	if e.Seen != "" {
		b.want(ofSeen{e.Seen})
	}
}

func (b *builder) pattern(at string, p Pattern) matcher {
	if (p.Matches == nil) == (p.Present == nil) && p.Exact == nil {
		b.mistake(at, "an empty pattern", `write the exact text, {"matches": "…"} or {"present": false}`)
	}
	m := matcher{exact: p.Exact, present: p.Present}
	if p.Matches != nil {
		m.matches = b.expression(at+"/matches", *p.Matches)
	}
	return m
}

// mostInstructions bounds what a regular expression compiles to: the time that it takes is that times the length of the text.
const mostInstructions = 500

func (b *builder) expression(at, text string) *regexp.Regexp {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err == nil {
		program, err := syntax.Compile(parsed.Simplify())
		if err != nil || len(program.Inst) > mostInstructions {
			b.mistake(at, "the regular expression is too large", "repeat less within it, such as .* for .{1,30}")
			return nil
		}
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		b.mistake(at, err.Error(), "write a regular expression of RE2: https://github.com/google/re2/wiki/Syntax")
	}
	return compiled
}

func (b *builder) body(at string, of side, body *Body) {
	if body.JSON == nil && len(body.Paths) == 0 && body.Matches == "" {
		b.mistake(at, "an empty body", `say json, paths or matches`)
	}
	if body.Matches != "" {
		b.want(ofWords{of, b.expression(at+"/matches", body.Matches)})
	}
	for _, path := range slices.Sorted(maps.Keys(body.Paths)) {
		b.path(at+"/paths/"+escape(path), ofPath{of: of, path: path}, body.Paths[path])
	}
	if body.JSON != nil {
		b.want(ofSubset{of, b.value(at+"/json", body.JSON)})
	}
}

func (b *builder) path(at string, c ofPath, raw json.RawMessage) {
	var err error
	if c.steps, err = parsePath(c.path); err != nil {
		b.mistake(at, err.Error(), "write a path as risks[0].policyNumber, offers[*].status or [\"odd.name\"]")
	}
	if p, ok := readPattern(raw); ok {
		m := b.pattern(at, Pattern{Matches: p.Matches, Present: p.Present})
		c.pattern = &m
	} else {
		c.want = b.value(at, raw)
	}
	b.want(c)
}

func (b *builder) value(at string, raw json.RawMessage) value {
	v, err := parse(raw, false)
	switch {
	case err != nil:
		b.mistake(at, "not JSON", "write a value of JSON")
	case v.unread():
		b.mistake(at, fmt.Sprintf("nested more than %d deep", maxDepth), "ask for what is inside by its path")
	}
	return v
}

func (b *builder) count(at string, c *Count) {
	if c == nil {
		return
	}
	given, least := 0, c.AtLeast != nil || c.AtMost != nil
	for _, is := range []bool{c.Exactly != nil, least, c.Never} {
		if is {
			given++
		}
	}
	low, high := c.bounds()
	switch {
	case given == 0:
		b.mistake(at, "an empty count", "say exactly, at_least, at_most or never")
	case given > 1:
		b.mistake(at, "the count says two things", "say exactly, or never, or at_least and at_most")
	case low < 0 || c.Exactly != nil && high < 0 || c.AtMost != nil && high < 0:
		b.mistake(at, "the count is below zero", "count from 0")
	case high >= 0 && low > high:
		b.mistake(at, fmt.Sprintf("at_least %d is more than at_most %d", low, high), "put at_least below at_most")
	}
}

// escape makes a name a part of a JSON pointer.
func escape(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

// distance is how many letters are to be put in, taken out or changed to make one name the other; the case does not count.
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
