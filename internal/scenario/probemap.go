package scenario

import "slices"

// fields is what a reader asked of a mapping.
type fields struct {
	list  []*field
	rules []keyRule
	key   *probe // of an entry whose key is the author's, with its value
	value *probe
	done  bool // the reader knows all keys
	open  bool // it takes keys that nobody knows beforehand
}

// field is a key that a reader knows.
type field struct {
	key, doc string
	value    *probe // nil where it was not there
	known    bool   // taken, rather than asked about
	needed   bool
	optional bool // its absence was thought of
}

// keyRule is what keys have to do with each other.
type keyRule struct {
	kind ruleKind
	keys string // joined, so that rules can be compared
}

type ruleKind int

const (
	apart    ruleKind = iota // the first is not beside the second
	needOne                  // one of them is there
	together                 // the first goes with the second
)

// asMap reads the value as a mapping.
func (p *probe) asMap() *Map {
	if !p.as(mapKind) {
		return &Map{}
	}
	if p.fields == nil {
		p.fields = &fields{}
	}
	return &Map{node: p.node()}
}

func (p *probe) field(key string) *field {
	for _, f := range p.fields.list {
		if f.key == key {
			return f
		}
	}
	f := &field{key: key}
	p.fields.list = append(p.fields.list, f)
	return f
}

func (p *probe) thereIs(key string) string { return p.path + "/" + key + " is there" }

// has says whether a key is there.
func (p *probe) has(key string) bool {
	if p.isDeep() {
		return false
	}
	p.field(key).optional = true
	return p.run.ask(p.thereIs(key), yes, no) == yes
}

// take gives the value of a key.
func (p *probe) take(key, doc string, needed bool) (Node, bool) {
	if key == "" { // whatever the author wrote
		p.fields.open = true
		return Node{}, false
	}
	f := p.field(key)
	f.known, f.needed = true, f.needed || needed
	if f.doc == "" {
		f.doc = doc
	}
	absent := p.isDeep()
	if needed {
		absent = absent || p.run.answers[p.thereIs(key)] == no
	} else {
		absent = absent || !p.has(key)
	}
	if absent {
		return Node{}, false
	}
	if f.value == nil {
		f.value = p.child(key, f.doc, anyKind)
	}
	return f.value.node(), true
}

// all is one entry with a key that the author gives.
func (p *probe) all() []Entry {
	if p.empty = p.isDeep() || p.ask("has entries", yes, no) == no; p.empty {
		return nil
	}
	if p.fields.key == nil {
		p.fields.key, p.fields.value = p.child("{key}", "", textKind), p.child("{value}", "", anyKind)
	}
	return []Entry{{p.fields.key.node(), p.fields.value.node()}}
}

func (p *probe) rule(kind ruleKind, keys ...string) {
	r := keyRule{kind, joinKeys(keys)}
	if !slices.Contains(p.fields.rules, r) {
		p.fields.rules = append(p.fields.rules, r)
	}
}

// exclude says of every two of the keys that they are not there together.
func (p *probe) exclude(keys []string) {
	for i, key := range keys {
		for _, other := range keys[:i] {
			p.rule(apart, other, key)
		}
	}
}

// atMostOne gives the first of the keys that is there.
func (p *probe) atMostOne(keys []string) string {
	p.exclude(keys)
	for _, key := range keys {
		p.field(key).known = true
	}
	for _, key := range keys {
		if p.has(key) {
			return key
		}
	}
	return ""
}
