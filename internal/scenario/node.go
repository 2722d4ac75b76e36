package scenario

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Node is a value in a scenario file, with its place. Reading a value of the wrong kind notes a mistake at that place and
// gives the zero value, so that a reader goes on and all mistakes of a file are found in one go. The zero Node stands for a
// value that is missing: it reads as zero values, and nothing more is said about it.
type Node struct {
	file *file
	node *node
}

// Mistake notes that something is wrong at this place; hint, which may be empty, says how to mend it.
func (n Node) Mistake(hint, format string, args ...any) {
	if p := n.probe(); p != nil {
		p.wrong = true
	}
	if n.file != nil {
		n.file.mistake(n.node.at, hint, fmt.Sprintf(format, args...))
	}
}

// Find notes what a check of the whole story found at this place; hint, which may be empty, says how to mend it.
func (n Node) Find(found Finding, hint, format string, args ...any) {
	if n.file != nil {
		n.file.finding(n.node.at, found, hint, fmt.Sprintf(format, args...))
	}
}

// Line is the line that the value stands on, from 1; 0 for a value that is missing.
func (n Node) Line() int {
	if n.file == nil {
		return 0
	}
	return n.node.at.line
}

// expected notes that the value is not what it should be. Where the file itself is broken that was said already.
func (n Node) expected(hint, what string) {
	if !n.is(broken) {
		n.Mistake(hint, "expected %s, found %s", what, n.found())
	}
}

func (n Node) is(k kind) bool {
	return n.node != nil && n.node.kind == k || n.node == nil && k == broken
}

// IsMap says whether the value is a mapping.
func (n Node) IsMap() bool { return n.isKind(mapping, mapKind) }

// IsList says whether the value is a list.
func (n Node) IsList() bool { return n.isKind(sequence, listKind) }

// IsText says whether the value is a text, a number or true or false; null is none of them.
func (n Node) IsText() bool { return n.isKind(scalar, textKind) && !n.isNull() }

func (n Node) isKind(k kind, asked kinds) bool {
	if p := n.probe(); p != nil {
		return p.is(asked)
	}
	return n.is(k)
}

// Map reads a mapping. Of a value that is none, no key is missing: that would be noise.
func (n Node) Map() *Map {
	if p := n.probe(); p != nil {
		return p.asMap()
	}
	m := &Map{node: n}
	if !n.IsMap() {
		hint := "write key: value"
		if n.IsList() {
			hint = "write key: value, without dashes or brackets"
		}
		n.expected(hint, "a mapping")
		return m
	}
	seen := map[string]int{}
	for _, e := range n.node.entries {
		key := e.key.text
		if line, twice := seen[key]; twice {
			n.file.mistake(e.key.at, "remove one of them", fmt.Sprintf("key %s is already given on line %d", quote(key), line))
			continue
		}
		seen[key] = e.key.at.line
		m.entries = append(m.entries, Entry{Key: Node{n.file, e.key}, Value: Node{n.file, e.value}})
	}
	return m
}

// List reads a list.
func (n Node) List() []Node {
	if p := n.probe(); p != nil {
		return p.list()
	}
	if !n.IsList() {
		n.expected("begin each item with a dash, or put the items in [ ]", "a list")
		return nil
	}
	list := make([]Node, len(n.node.items))
	for i, item := range n.node.items {
		list[i] = Node{n.file, item}
	}
	return list
}

// Text reads a scalar as the text that stands in the file: 0012 stays 0012. An empty text is a mistake and is read as "".
func (n Node) Text() string {
	if p := n.probe(); p != nil {
		return p.text(textForm(), "", "text")
	}
	if !n.IsText() {
		n.expected("write a text; one that begins with [ or { needs quotes", "a text")
		return ""
	}
	s := strings.TrimSpace(n.node.text)
	if s == "" {
		n.Mistake("write it, or remove the key", "the text is empty")
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }); i >= 0 {
		n.Mistake("remove it", "the text holds the control character %U", []rune(s[i:])[0])
	}
	return s
}

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// Whole reads a whole number from low to high.
func (n Node) Whole(low, high int64) int64 {
	if p := n.probe(); p != nil {
		p.text(wholeForm(low, high), "")
		return low
	}
	if !n.IsText() || !wholeNumber.MatchString(n.node.text) {
		n.expected(fmt.Sprintf("write a number such as %d, in digits alone", max(low, 1)), "a whole number")
		return low
	}
	if !n.node.plain {
		n.Mistake("write it without quotes", "expected a whole number, found a text in quotes")
		return low
	}
	v, err := strconv.ParseInt(n.node.text, 10, 64)
	if err != nil || v < low || v > high {
		n.Mistake(fmt.Sprintf("write a number from %d to %d", low, high), "%s is out of range", shorten(n.node.text))
		return low
	}
	return v
}

// Flag reads true or false.
func (n Node) Flag() bool {
	if p := n.probe(); p != nil {
		return p.text(flagForm(), "false", "true") == "true"
	}
	switch {
	case n.IsText() && n.node.plain && n.node.text == "true":
		return true
	case !n.IsText() || !n.node.plain || n.node.text != "false":
		n.expected("write true or false, without quotes", "true or false")
	}
	return false
}

var amount = regexp.MustCompile(`^(0|[1-9]\d{0,11})(\.\d{1,2})?$`)

// Money reads an amount of roubles, with at most two decimals, as it stands in the file.
func (n Node) Money() string {
	if p := n.probe(); p != nil {
		p.text(moneyForm(), "")
		return "0"
	}
	if !n.IsText() || !amount.MatchString(n.node.text) {
		n.expected("write it as 7072 or 7072.50", "an amount of roubles")
		return "0"
	}
	return n.node.text
}

// Duration reads a duration such as 500ms, 4s, 2m30s or 1d; ok is false after a mistake.
func (n Node) Duration() (d time.Duration, ok bool) {
	if p := n.probe(); p != nil {
		return time.Second, p.text(durationForm(), "1s") != ""
	}
	if !n.IsText() {
		n.expected("write it as 500ms, 4s, 2m30s, 1h or 1d", "a duration")
		return 0, false
	}
	d, problem, hint := parseDuration(n.node.text)
	if problem != "" {
		n.Mistake(hint, "%s", problem)
	}
	return d, problem == ""
}

// OneOf reads one of the choices, "" after a mistake; what names them in the mistake ("offer status").
func (n Node) OneOf(what string, choices []string) string {
	if p := n.probe(); p != nil {
		return p.oneOf(what, choices)
	}
	if !n.IsText() {
		n.expected("known: "+strings.Join(choices, ", "), "one "+what)
		return ""
	}
	for _, c := range choices {
		if n.node.text == c {
			return c
		}
	}
	n.Mistake(didYouMean(n.node.text, choices), "unknown %s %s", what, n.found())
	return ""
}

// isNull says whether there is no value, in any of YAML's spellings.
func (n Node) isNull() bool {
	if n.is(scalar) && n.node.plain {
		switch n.node.text {
		case "", "~", "null", "Null", "NULL":
			return true
		}
	}
	return n.is(null)
}

// found is the value as a mistake names it.
func (n Node) found() string {
	switch {
	case n.isNull():
		return "nothing"
	case n.IsMap():
		return "a mapping"
	case n.IsList():
		return "a list"
	}
	return quote(n.node.text)
}

// PlainText is the text of a scalar exactly as it was given, "" of anything else. It notes no mistake.
func (n Node) PlainText() string {
	if p := n.probe(); p != nil {
		return p.plain()
	}
	if !n.IsText() {
		return ""
	}
	return n.node.text
}
