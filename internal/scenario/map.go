package scenario

import (
	"cmp"
	"slices"
	"strings"
)

// Map is a mapping being read: take the keys that are known, then say Done. The zero value is an empty one.
type Map struct {
	node    Node
	entries []Entry
	known   []string
	missing []string
	cures   map[string]string // by keys, where there is more to say than usual
}

// Entry is a key with its value.
type Entry struct{ Key, Value Node }

// All are all entries in the order of the file, for a mapping whose keys are names that the author gives.
func (m *Map) All() []Entry {
	if p := m.node.probe(); p != nil {
		return p.all()
	}
	return m.entries
}

// Node is the mapping as a value.
func (m *Map) Node() Node { return m.node }

// Take gives the value of a key; ok is false when it is absent. A key without a value is a mistake and counts as absent; so
// does one whose value could not be read. Doc says what the key means, for the schema that editors read.
func (m *Map) Take(key, doc string) (value Node, ok bool) {
	if p := m.node.probe(); p != nil {
		return p.take(key, doc, false)
	}
	m.know(key)
	for _, e := range m.entries {
		if e.Key.node.text != key {
			continue
		}
		if e.Value.isNull() {
			e.Key.Mistake(cmp.Or(m.cures[key], "give it a value or remove the key"), "key %s has no value", quote(key))
			return Node{}, false
		}
		return e.Value, !e.Value.is(broken)
	}
	return Node{}, false
}

// know notes that keys are known, each once.
func (m *Map) know(keys ...string) {
	for _, key := range keys {
		if !slices.Contains(m.known, key) {
			m.known = append(m.known, key)
		}
	}
}

// Cure says how a key is mended that is not known here, or has no value, where there is more to say than usual.
func (m *Map) Cure(key, cure string) {
	if m.cures == nil {
		m.cures = map[string]string{}
	}
	m.cures[key] = cure
}

// Need is Take for a key that must be there. Done says so when it is not.
func (m *Map) Need(key, doc string) (value Node, ok bool) {
	if p := m.node.probe(); p != nil {
		return p.take(key, doc, true)
	}
	if !m.Has(key) && m.isWhole() {
		m.missing = append(m.missing, key)
	}
	return m.Take(key, doc)
}

// isWhole says whether all keys of the mapping are known, so that one can be missing.
func (m *Map) isWhole() bool { return m.node.is(mapping) && !m.node.node.torn }

// Has says whether a key is there, with or without a value.
func (m *Map) Has(key string) bool {
	if p := m.node.probe(); p != nil {
		return p.has(key)
	}
	for _, e := range m.entries {
		if e.Key.node.text == key {
			return true
		}
	}
	return false
}

// Done notes every key that nobody took as a mistake, and every needed one that is missing, unless it is only misspelt. It says
// whether all keys are known.
func (m *Map) Done() bool {
	if p := m.node.probe(); p != nil {
		p.fields.done = true
		return true
	}
	good := true
	for _, e := range m.entries {
		key := e.Key.node.text
		if slices.Contains(m.known, key) {
			continue
		}
		hint := m.cures[key]
		if hint == "" {
			hint = keyHint(e, m.known)
		}
		e.Key.Mistake(hint, "unknown key %s", quote(key))
		near := Nearest(key, m.known)
		m.missing = slices.DeleteFunc(m.missing, func(missing string) bool { return missing == near })
		good = false
	}
	for _, key := range m.missing {
		m.node.Mistake("add "+key+":", "key %s is missing", quote(key))
	}
	return good
}

// keyHint is how an unknown key is mended. Within braces YAML takes a:b, and what follows a comma, for keys without a colon.
func keyHint(e Entry, known []string) string {
	key := e.Key.node.text
	rest := e.Key.file.lines[e.Key.node.at.line-1][e.Key.node.at.column-1:]
	rest = rest[min(len([]rune(key)), len(rest)):]
	switch {
	case !e.Key.node.plain || strings.HasPrefix(strings.TrimLeft(string(rest), " "), ":"):
		return didYouMean(key, known)
	case strings.Contains(key, ":"):
		return spaceBehindColon
	}
	return didYouMean(key, known) + "; a text that holds a comma needs quotes"
}
