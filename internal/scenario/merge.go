package scenario

import (
	"slices"
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
	seen, distinct int
	item           form
	size           size
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
		f.list.seen++
		if p.distinct {
			f.list.distinct++
		}
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
		name := t.name + t.what + "\n" + joinKeys(t.choices)
		if !slices.Contains(names, name) {
			names, a.texts = append(names, name), append(a.texts, t)
		}
	}
	a.name = joinKeys(names)
	if !slices.ContainsFunc(f.texts, func(b textAlternative) bool { return a.name == b.name }) {
		f.texts = append(f.texts, a)
	}
}
