package scenario

import (
	"slices"
	"strings"
)

// form is what a value can be: all that the runs of a reader found of it.
type form struct {
	doc   string
	refs  []string
	texts []textAlternative
	list  *listForm
	keys  *mapForm
	loose kinds // what it may be without being looked at
}

// textAlternative are texts that hold together.
type textAlternative struct {
	name  string // the same alternatives have the same
	texts []text
}

type listForm struct {
	item form
	size size
}

// size is whether a list or a mapping may be empty.
type size struct{ empty, wrongEmpty, full, wrongFull int }

// least is 1 where an empty one is always a mistake, and another one can be none.
func (s size) least() int {
	if s.empty > 0 && s.wrongEmpty == s.empty && s.wrongFull < s.full {
		return 1
	}
	return 0
}

func (s *size) add(p *probe) {
	n, wrong := &s.full, &s.wrongFull
	if p.empty {
		n, wrong = &s.empty, &s.wrongEmpty
	}
	*n++
	if p.wrong {
		*wrong++
	}
}

type mapForm struct {
	seen  int // in how many runs
	done  int
	open  bool
	keys  []*keyForm
	rules []countedRule
	key   form
	value form
	named bool // the author gives keys
	size  size
}

type keyForm struct {
	key    string
	known  bool
	needed int
	form   form
}

type countedRule struct {
	keyRule
	seen int
}

// add adds what one run found.
func (f *form) add(p *probe) {
	if f.doc == "" {
		f.doc = p.doc
	}
	switch {
	case p.ref != "":
		if !slices.Contains(f.refs, p.ref) {
			f.refs = append(f.refs, p.ref)
		}
	case p.fields != nil:
		if f.keys == nil {
			f.keys = &mapForm{}
		}
		f.keys.add(p)
	case p.listed:
		if f.list == nil {
			f.list = &listForm{}
		}
		f.list.size.add(p)
		for _, item := range p.items {
			f.list.item.add(item)
		}
	case len(p.texts) > 0 && p.kinds&textKind != 0:
		f.addTexts(p.texts)
	case !p.wrong && p.kinds != anyKind:
		f.loose |= p.kinds
	}
}

func (f *form) addTexts(texts []text) {
	rank := rankPlain
	for _, t := range texts {
		if t.schema == nil {
			t.rank = rankForm
		}
		rank = max(rank, t.rank)
	}
	var a textAlternative
	var names []string
	for _, t := range texts {
		if t.rank < rank && t.schema != nil {
			continue
		}
		name := t.what + "\n" + strings.Join(t.choices, "\n")
		if t.schema != nil {
			text, _ := encode(t.schema)
			name = string(text)
		}
		if !slices.Contains(names, name) {
			names, a.texts = append(names, name), append(a.texts, t)
		}
	}
	a.name = strings.Join(names, "\n")
	if !slices.ContainsFunc(f.texts, func(b textAlternative) bool { return a.name == b.name }) {
		f.texts = append(f.texts, a)
	}
}

func (m *mapForm) add(p *probe) {
	m.seen++
	if p.fields.done {
		m.done++
	}
	m.open = m.open || p.fields.open
	for _, field := range p.fields.list {
		k := m.key0(field.key)
		k.known = k.known || field.known
		if field.needed && p.fields.done {
			k.needed++
		}
		if k.form.doc == "" {
			k.form.doc = field.doc
		}
		if field.value != nil {
			k.form.add(field.value)
		}
	}
	for _, r := range p.fields.rules {
		m.rule(r)
	}
	if p.fields.key != nil || p.empty {
		m.named = true
		m.size.add(p)
	}
	if p.fields.key != nil {
		m.key.add(p.fields.key)
		m.value.add(p.fields.value)
	}
}

func (m *mapForm) key0(key string) *keyForm {
	for _, k := range m.keys {
		if k.key == key {
			return k
		}
	}
	k := &keyForm{key: key}
	m.keys = append(m.keys, k)
	return k
}

func (m *mapForm) rule(r keyRule) {
	for i := range m.rules {
		if m.rules[i].keyRule == r {
			m.rules[i].seen++
			return
		}
	}
	m.rules = append(m.rules, countedRule{r, 1})
}
