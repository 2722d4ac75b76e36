package fault

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"poligon/internal/scenario"
)

// readWhat reads the keys that say what a fault does: those that are left.
func (f *Fault) readWhat(n scenario.Node, m *scenario.Map) {
	if v, ok := m.Take("status", ""); ok {
		f.status = int(v.Whole(200, 599))
	}
	f.readAnswerOfStatus(m)
	if v, ok := m.Take("delay", ""); ok {
		f.delay = readSpan(v)
	}
	if v, ok := m.Take("slow", ""); ok {
		f.slow = readWait(v)
	}
	if v, ok := m.Take("answer", ""); ok {
		if f.answer = kind(v.OneOf("answer", kinds)); m.Has("status") {
			v.Mistake("keep one of them", "status: and answer: are both given")
		}
	}
	if m.Done() && n.IsMap() && !slices.ContainsFunc([]string{"status", "delay", "slow", "answer"}, m.Has) {
		n.Mistake("add status:, answer:, delay: or slow:", "the fault does nothing")
	}
}

// readAnswerOfStatus reads the keys that go with a status alone.
func (f *Fault) readAnswerOfStatus(m *scenario.Map) {
	take := func(key string) (scenario.Node, bool) {
		v, ok := m.Take(key, "")
		if ok && !m.Has("status") {
			v.Mistake("add status:, or remove it", "%s: goes with status: alone", key)
		}
		return v, ok
	}
	if v, ok := take("headers"); ok {
		f.headers = readHeaders(v)
	}
	if v, ok := take("body"); ok {
		f.readBody(v)
	}
	if v, ok := take("accepted"); ok {
		f.accepted = v.OneOf("value", []string{"true", "false"}) == "true"
	}
}

// readBody reads a body as it stands, which may be empty.
func (f *Fault) readBody(n scenario.Node) {
	switch {
	case !n.IsText():
		n.Mistake(`put it in quotes, as in body: '{"code": 1}'`, "expected a text, found a structure")
	case bodiless(f.status):
		n.Mistake("remove it, or choose another status", "an answer with status %d has no body", f.status)
	default:
		text := n.PlainText()
		f.body = &text
	}
}

var (
	headerNames  = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	headerValues = regexp.MustCompile(`^[ -~]*$`)
)

func readHeaders(n scenario.Node) map[string]string {
	list, entries := map[string]string{}, n.Map().All()
	if n.IsMap() && len(entries) == 0 {
		n.Mistake(`name one, as in {Retry-After: "2"}`, "there are no headers")
	}
	for _, e := range entries {
		given := e.Key.Text()
		name, value := http.CanonicalHeaderKey(given), e.Value.Text()
		switch _, twice := list[name]; {
		case given == "":
		case !headerNames.MatchString(given):
			e.Key.Mistake("write it as Retry-After", "%q is not the name of a header", given)
		case name == "Content-Length" || name == "Transfer-Encoding" || name == "Connection":
			e.Key.Mistake("remove it; answer: truncated and answer: reset break the transport", "header %s follows from the answer", name)
		case strings.HasPrefix(name, "X-Poligon-"):
			e.Key.Mistake("remove it", "header %s is Poligon's own", name)
		case twice:
			e.Key.Mistake("remove one of them", "header %s is given twice", name)
		case !headerValues.MatchString(value):
			e.Value.Mistake("write it in ASCII, on one line", "a header cannot hold this value")
		default:
			list[name] = value
		}
	}
	return list
}
