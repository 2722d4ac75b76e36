package fault

import (
	"fmt"
	"math"
	"slices"

	"poligon/internal/scenario"
)

// Part is the section of a scenario that holds faults. Its script is a []Fault, in the order of the file. When operations is nil,
// any name is one.
func Part(operations []string) scenario.Part {
	operations = slices.Sorted(slices.Values(operations)) // nil of none
	return scenario.Part{API: Section, Own: true, Doc: "failures made on purpose: docs/faults.md", Read: func(n scenario.Node) any {
		items := n.List()
		if n.IsList() && len(items) == 0 {
			n.Mistake("write a fault, or remove the key", "the list is empty")
		}
		list := make([]Fault, len(items))
		for i, item := range items {
			list[i] = Read(item, operations)
		}
		return list
	}}
}

// maxBytes bounds the text of one fault.
const maxBytes = 64 << 10

// Parse reads one fault from YAML or JSON. Source stands before its mistakes as a file's name does. With needOn it is a fault like
// that of a scenario; otherwise it is a request's own, and says nothing about which requests it strikes. When operations is nil,
// any name is one. The error, if any, is a scenario.Mistakes with all that is wrong.
func Parse(text []byte, source string, operations []string, needOn bool) (f Fault, err error) {
	if len(text) > maxBytes {
		return Fault{}, scenario.Mistakes{{File: source, Message: fmt.Sprintf("the fault has more than %d bytes", maxBytes), Hint: "shorten its body"}}
	}
	err = scenario.ReadValue(source, text, func(n scenario.Node) {
		if needOn {
			f = Read(n, operations)
		} else {
			f = readOwn(n)
		}
	})
	if err != nil {
		return Fault{}, err
	}
	return f, nil
}

// readOwn reads a request's own fault.
func readOwn(n scenario.Node) (f Fault) {
	m := n.Map()
	for _, e := range m.All() {
		switch key := e.Key.PlainText(); key {
		case "on", "subject", "first", "every", "after", "share":
			m.Take(key, "")
			e.Key.Mistake("remove it", "a request's own fault strikes that request and takes no %s:", key)
		}
	}
	f.readWhat(m)
	return f
}

// Read reads one fault of a list. When operations is nil, any name is one.
func Read(n scenario.Node, operations []string) (f Fault) {
	m := n.Map()
	if on, ok := m.Need("on", `the operations that fail: one, a list, or "*" for all`); ok {
		f.on = readOn(on, operations)
	}
	f.readWhen(n, m)
	f.readWhat(m)
	return f
}

func readOn(n scenario.Node, operations []string) (list []string) {
	if n.Is(everyOperation) {
		return []string{everyOperation}
	}
	items := []scenario.Node{n}
	if n.IsList() {
		if items = n.List(); len(items) == 0 {
			n.Mistake(`name at least one, or write on: "*"`, "the list is empty")
		}
		n.Distinct()
	}
	for _, item := range items {
		name := readOperation(item, operations)
		switch {
		case name == "":
		case slices.Contains(list, name):
			item.Mistake("remove one of them", "%s is named twice", name)
		default:
			list = append(list, name)
		}
	}
	return list
}

func readOperation(n scenario.Node, operations []string) string {
	switch {
	case n.PlainText() == everyOperation:
		n.Mistake(`write on: "*" alone, without a list`, `"*" stands for all operations`)
		return ""
	case operations == nil:
		return n.Text()
	}
	return n.OneOf("operation", operations)
}

func (f *Fault) readWhen(n scenario.Node, m *scenario.Map) {
	if v, ok := m.Take("subject", "the id that the requests are about: a request_id or a policyNumber"); ok {
		f.subject = v.Text()
	}
	f.first, f.every, f.after = readCount(m, "first", "no request behind the first so many fails"),
		readCount(m, "every", "one in so many fails"), readCount(m, "after", "the first so many do not fail")
	if v, ok := m.Take("share", "so many of the requests, drawn by the seed"); ok {
		f.share = v.Share()
	}
	step := max(f.every, 1)
	if f.first > 0 && f.first/step*step <= f.after || f.first > 0 && f.first < step {
		n.Mistake("first:, every: and after: all count from the first request and must all fit", "the fault strikes no request")
	}
}

func readCount(m *scenario.Map, key, doc string) int {
	if v, ok := m.Take(key, doc); ok {
		return int(v.Whole(1, math.MaxInt32))
	}
	return 0
}
