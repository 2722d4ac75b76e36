package scenario

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Node is a value in a scenario file, with its place. Reading a value of the wrong kind notes a mistake at that place and
// gives the zero value, so that a reader goes on and all mistakes of a file are found in one go.
type Node struct {
	file *file
	node ast.Node
	at   *token.Token
}

// Mistake notes that something is wrong at this place; hint, which may be empty, says how to mend it.
func (n Node) Mistake(hint, format string, args ...any) {
	n.file.mistake(n.at, hint, fmt.Sprintf(format, args...))
}

// IsMap says whether the value is a mapping.
func (n Node) IsMap() bool {
	_, ok := n.node.(*ast.MappingNode)
	return ok
}

// IsList says whether the value is a list.
func (n Node) IsList() bool {
	_, ok := n.node.(*ast.SequenceNode)
	return ok
}

// Map reads a mapping.
func (n Node) Map() *Map {
	m := &Map{node: n}
	mapping, ok := n.node.(*ast.MappingNode)
	if !ok {
		if n.node != nil {
			n.Mistake("write key: value pairs", "expected a mapping, found %s", kind(n.node))
		}
		return m
	}
	seen := map[string]*token.Token{}
	for _, v := range mapping.Values {
		at := v.Key.GetToken()
		if _, merge := v.Key.(*ast.MergeKeyNode); merge {
			n.file.mistake(at, "write the keys out; a scenario reads as it stands", "merge keys are not supported")
			continue
		}
		if first, twice := seen[at.Value]; twice {
			n.file.mistake(at, "remove one of them", fmt.Sprintf("key %q is already given on line %d", at.Value, first.Position.Line))
			continue
		}
		seen[at.Value] = at
		m.entries = append(m.entries, Entry{Key: Node{n.file, v.Key, at}, Value: n.file.value(v.Value, at)})
	}
	return m
}

// List reads a list.
func (n Node) List() []Node {
	seq, ok := n.node.(*ast.SequenceNode)
	if !ok {
		n.Mistake("begin each item with a dash", "expected a list, found %s", kind(n.node))
		return nil
	}
	list := make([]Node, len(seq.Values))
	for i, v := range seq.Values {
		list[i] = n.file.value(v, seq.GetToken())
	}
	return list
}

// Text reads a scalar as the text that stands in the file: 0012 stays 0012. An empty text is a mistake.
func (n Node) Text() string {
	s, ok := n.scalar()
	if !ok {
		n.Mistake("", "expected a text, found %s", kind(n.node))
		return ""
	}
	if s = strings.TrimSpace(s); s == "" {
		n.Mistake("", "the text is empty")
	}
	return s
}

// Flag reads true or false.
func (n Node) Flag() bool {
	b, ok := n.node.(*ast.BoolNode)
	if !ok {
		n.Mistake("write true or false", "expected true or false, found %s", n.found())
		return false
	}
	return b.Value
}

// Whole reads a whole number from low to high.
func (n Node) Whole(low, high int64) int64 {
	i, ok := n.node.(*ast.IntegerNode)
	if !ok {
		n.Mistake("", "expected a whole number, found %s", n.found())
		return low
	}
	v, err := strconv.ParseInt(strings.ReplaceAll(fmt.Sprint(i.Value), "_", ""), 10, 64)
	if err != nil || v < low || v > high {
		n.Mistake("", "%s is not a whole number from %d to %d", n.found(), low, high)
		return low
	}
	return v
}

var decimals = regexp.MustCompile(`^\d{1,12}(\.\d{1,2})?$`)

// Money reads an amount of roubles, with at most two decimals, as it stands in the file.
func (n Node) Money() string {
	s, ok := n.scalar()
	if !ok || !decimals.MatchString(s) {
		n.Mistake("write it as 7072 or 7072.50", "expected an amount, found %s", n.found())
		return "0"
	}
	return s
}

var durations = regexp.MustCompile(`^(\d+(\.\d+)?(ms|s|m|h|d))+$`)

// Duration reads a duration such as 500ms, 4s, 2m30s or 1d.
func (n Node) Duration() time.Duration {
	s, _ := n.scalar()
	d, err := ParseDuration(s)
	if err != nil {
		n.Mistake("write it as 500ms, 4s, 2m30s, 1h or 1d", "expected a duration, found %s", n.found())
	}
	return d
}

// ParseDuration reads what Go reads as a duration, without a sign and with d for a day of 24 hours.
func ParseDuration(s string) (time.Duration, error) {
	if !durations.MatchString(s) && s != "0" {
		return 0, fmt.Errorf("%q is not a duration: write it as 500ms, 4s, 2m30s, 1h or 1d", s)
	}
	var days float64
	if whole, rest, ok := strings.Cut(s, "d"); ok {
		days, _ = strconv.ParseFloat(whole, 64)
		s = rest + "0s"
	}
	d, err := time.ParseDuration(s)
	total := float64(d) + days*float64(24*time.Hour)
	if err != nil || total > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q is longer than a duration can be", s)
	}
	return d + time.Duration(days*float64(24*time.Hour)), nil
}

// OneOf reads one of the choices; what names them in the mistake ("status").
func (n Node) OneOf(what string, choices []string) string {
	s, ok := n.scalar()
	for _, c := range choices {
		if ok && s == c {
			return s
		}
	}
	n.Mistake(didYouMean(s, choices), "unknown %s %s", what, n.found())
	return ""
}

// scalar is the source text of a scalar that is not null.
func (n Node) scalar() (string, bool) {
	switch v := n.node.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return v.GetToken().Value, true
	}
	return "", false
}

// found is the value as a mistake quotes it.
func (n Node) found() string {
	if s, ok := n.scalar(); ok {
		if r := []rune(s); len(r) > 60 {
			s = string(r[:60]) + "…"
		}
		return strconv.Quote(s)
	}
	return kind(n.node)
}

func kind(n ast.Node) string {
	switch n.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.MappingNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		return "a text"
	case *ast.BoolNode:
		return "true or false"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	}
	return "something else"
}

// Map is a mapping being read: take the keys that are known, then say Done. The zero value is an empty one.
type Map struct {
	node    Node
	entries []Entry
	taken   map[string]bool
}

// Entry is a key with its value.
type Entry struct{ Key, Value Node }

// Node is the mapping itself, to note a mistake that belongs to no single key.
func (m *Map) Node() Node { return m.node }

// All are all entries in the order of the file, for a mapping whose keys are names that the author gives.
func (m *Map) All() []Entry { return m.entries }

// Take gives the value of a key; ok is false when it is absent. A key without a value is a mistake and counts as absent.
func (m *Map) Take(key string) (value Node, ok bool) {
	m.know(key)
	for _, e := range m.entries {
		if e.Key.at.Value != key {
			continue
		}
		if _, null := e.Value.node.(*ast.NullNode); null || e.Value.node == nil {
			e.Key.Mistake("give it a value or remove the key", "key %q has no value", key)
			return Node{}, false
		}
		return e.Value, true
	}
	return Node{}, false
}

// Need is Take for a key that must be there.
func (m *Map) Need(key string) (value Node, ok bool) {
	for _, e := range m.entries {
		if e.Key.at.Value == key {
			return m.Take(key)
		}
	}
	m.know(key)
	m.node.Mistake("add "+key+":", "key %q is missing", key)
	return Node{}, false
}

func (m *Map) know(key string) {
	if m.taken == nil {
		m.taken = map[string]bool{}
	}
	m.taken[key] = true
}

// Done notes every key that nobody took as a mistake.
func (m *Map) Done() {
	known := make([]string, 0, len(m.taken))
	for key := range m.taken {
		known = append(known, key)
	}
	for _, e := range m.entries {
		if key := e.Key.at.Value; !m.taken[key] {
			e.Key.Mistake(didYouMean(key, known), "unknown key %q", key)
		}
	}
}
