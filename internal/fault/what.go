package fault

import (
	"net/http"
	"regexp"
	"strings"

	"poligon/internal/scenario"
)

// readWhat reads the keys that say what a fault does: those that are left.
func (f *Fault) readWhat(m *scenario.Map) {
	if v, ok := m.Take("status", "the status of the answer, instead of the right one"); ok {
		f.status = int(v.Whole(200, 599))
	}
	f.readAnswerOfStatus(m)
	if v, ok := m.Take("delay", "how long the answer waits: 2s, any time of 2s..5s, or {median: 200ms, p99: 2s}"); ok {
		f.delay = readSpan(v)
	}
	if v, ok := m.Take("slow", "how long the body takes, piece by piece"); ok {
		f.slow = readWait(v)
	}
	if v, ok := m.Take("answer", "how the right answer is spoilt, or lost"); ok {
		f.answer = kind(v.OneOf("answer", kinds))
	}
	m.AtMostOne("status", "answer")
	if m.Done() {
		m.NeedOne("add status:, answer:, delay: or slow:", "the fault does nothing", "status", "delay", "slow", "answer")
	}
}

// readAnswerOfStatus reads the keys that go with a status alone.
func (f *Fault) readAnswerOfStatus(m *scenario.Map) {
	if v, ok := m.TakeWith("status", "headers", "headers of the answer"); ok {
		f.headers = readHeaders(v)
	}
	if v, ok := m.TakeWith("status", "body", "the body as it stands, instead of the documented one"); ok {
		f.readBody(v)
	}
	if v, ok := m.TakeWith("status", "accepted", "whether the request happens, and only its answer fails"); ok {
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
		e.Key.Looks(headerNames.String(), "Retry-After")
		e.Value.Looks(headerValues.String())
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
