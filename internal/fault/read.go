package fault

import (
	"errors"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"poligon/internal/scenario"
)

// Part is the section of a scenario that tells faults. Operations are the operationIds that the contracts have.
func Part(operations []string) scenario.Part {
	operations = slices.Sorted(slices.Values(operations))
	return scenario.Part{API: Section, Own: true, Read: func(n scenario.Node) any {
		var list []Fault
		for _, item := range n.List() {
			list = append(list, Read(item, operations))
		}
		return list
	}}
}

// maxText bounds a fault that comes in a header or an admin call, in bytes.
const maxText = 64 << 10

// Parse reads one fault from YAML or JSON. Name stands before each mistake. With needOn the fault says which operations it is
// about; without it, it must not: it is about the request that carries it. Without operations every operationId is known.
func Parse(text []byte, name string, operations []string, needOn bool) (f Fault, err error) {
	if len(text) > maxText {
		return f, errors.New(name + ": a fault is shorter than 64 KiB")
	}
	err = scenario.ReadValue(name, text, func(n scenario.Node) { f = read(n, operations, needOn) })
	return f, err
}

// Read reads a fault of a list.
func Read(n scenario.Node, operations []string) Fault { return read(n, operations, true) }

func read(n scenario.Node, operations []string, needOn bool) Fault {
	f, m := Fault{share: -1}, n.Map()
	if needOn {
		if on, ok := m.Need("on"); ok {
			f.on = readOn(on, operations)
		}
		f.readWhen(m)
	}
	f.readWhat(n, m)
	m.Done()
	return f
}

// readOn reads an operationId, a list of them, or "*" for every one.
func readOn(n scenario.Node, operations []string) (on []string) {
	items := []scenario.Node{n}
	if n.IsList() {
		if items = n.List(); len(items) == 0 {
			n.Mistake(`name an operation, or write "*" for every one`, "the list is empty")
		}
	}
	for _, item := range items {
		if item.IsText() && item.Text() == "*" && !n.IsList() {
			return nil
		}
		id := item.Text()
		if len(operations) > 0 {
			id = item.OneOf("operation", operations)
		}
		on = append(on, id)
	}
	return on
}

// maxCount bounds first, every and after.
const maxCount = math.MaxInt32

func (f *Fault) readWhen(m *scenario.Map) {
	if n, ok := m.Take("subject"); ok {
		f.subject = n.Text()
	}
	for key, into := range map[string]*int{"first": &f.first, "every": &f.every, "after": &f.after} {
		if n, ok := m.Take(key); ok {
			*into = int(n.Whole(1, maxCount))
		}
	}
	if n, ok := m.Take("share"); ok {
		f.share = readShare(n)
	}
}

var shares = regexp.MustCompile(`^(100|\d{1,2}(\.\d{1,2})?)%$`)

// readShare reads a percentage, such as 5% or 0.25%, as ten thousandths.
func readShare(n scenario.Node) int {
	text := n.Text()
	if text != "" && !shares.MatchString(text) {
		n.Mistake("write it as 5% or 0.25%", "%q is not a share from 0%% to 100%%", text)
		return 0
	}
	percent, _ := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	return int(math.Round(percent * 100))
}

func (f *Fault) readWhat(n scenario.Node, m *scenario.Map) {
	status, hasStatus := m.Take("status")
	if hasStatus {
		f.status = int(status.Whole(200, 599))
	}
	answer, hasAnswer := m.Take("answer")
	if hasAnswer {
		f.answer = Kind(answer.OneOf("answer", kinds))
	}
	if hasStatus && hasAnswer {
		answer.Mistake("make two faults of them", "status: and answer: are both given")
	}
	for _, key := range []string{"headers", "body", "accepted"} {
		if v, ok := m.Take(key); ok {
			if !hasStatus {
				v.Mistake("add status:", "%s: goes with status: alone", key)
			}
			f.readOwn(key, v)
		}
	}
	delay, hasDelay := m.Take("delay")
	if hasDelay {
		f.delay = readSpan(delay)
	}
	slow, hasSlow := m.Take("slow")
	if hasSlow {
		f.slow = readTime(slow)
	}
	if n.IsMap() && !hasStatus && !hasAnswer && !hasDelay && !hasSlow && !m.Has("status") && !m.Has("answer") && !m.Has("delay") && !m.Has("slow") {
		n.Mistake("add status:, answer:, delay: or slow:", "the fault does nothing")
	}
}

// readOwn reads a part of an answer that the fault gives itself.
func (f *Fault) readOwn(key string, v scenario.Node) {
	switch key {
	case "headers":
		f.header = http.Header{}
		for _, e := range v.Map().All() {
			name, value := e.Key.Text(), e.Value.Text()
			if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
				e.Key.Mistake(`write it as Retry-After: "2", in Latin letters`, "%q is not a header", name)
				continue
			}
			f.header.Add(name, value)
		}
	case "body":
		f.body, f.hasBody = v.Raw(), true
	case "accepted":
		f.accepted = v.OneOf("value", []string{"true", "false"}) == "true"
	}
}

// longest is the longest that a fault keeps a client waiting.
const longest = time.Minute

func readTime(n scenario.Node) time.Duration {
	d, ok := n.Duration()
	if ok && (d > longest || d <= 0) {
		n.Mistake("write a time up to 1m", "%s is no time to keep a client waiting", d)
		return 0
	}
	return d
}

// readSpan reads 2s, 2s..5s, or {median: 200ms, p99: 2s}.
func readSpan(n scenario.Node) (s span) {
	if n.IsMap() {
		m := n.Map()
		median, ok := m.Need("median")
		if ok {
			s.median = readTime(median)
		}
		p99, ok2 := m.Need("p99")
		if ok2 {
			s.p99 = readTime(p99)
		}
		if m.Done() && ok && ok2 && s.p99 <= s.median {
			p99.Mistake("write a time above the median", "one answer in a hundred takes longer than p99:, every second longer than median:")
		}
		return s
	}
	text := ""
	if n.IsText() {
		text = n.Text()
	}
	from, to, isRange := strings.Cut(text, "..")
	if !isRange {
		s.low = readTime(n)
		s.high = s.low
		return s
	}
	var err1, err2 error
	s.low, err1 = scenario.ParseDuration(from)
	s.high, err2 = scenario.ParseDuration(to)
	if err1 != nil || err2 != nil || s.high < s.low || s.high > longest {
		n.Mistake("write it as 2s..5s, up to 1m", "%q is not a range of durations", text)
		return span{}
	}
	return s
}
