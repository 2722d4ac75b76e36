package scenario

import (
	"strconv"
	"strings"
)

// write makes a schema of a form.
func (w *writer) write(f *form) *schema {
	var list []*schema
	for _, name := range f.refs {
		list = append(list, reference(name))
	}
	if f.keys != nil {
		list = append(list, w.writeMap(f.keys)...)
	}
	for _, t := range f.texts {
		list = append(list, w.writeTexts(t.texts))
	}
	if f.list != nil {
		list = append(list, &schema{Type: "array", MinItems: f.list.size.least(), UniqueItems: f.list.distinct == f.list.seen, Items: w.write(&f.list.item)})
	}
	if types := typesOf(f.loose); len(types) > 0 {
		list = append(list, &schema{Type: types})
	}
	s := &schema{}
	switch len(list) {
	case 0:
	case 1:
		s = list[0]
	default:
		s.AnyOf = list
	}
	s.Description = f.doc
	return s
}

func reference(name string) *schema { return &schema{Ref: "#/definitions/" + name} }

func typesOf(k kinds) (list []string) {
	if k&mapKind != 0 {
		list = append(list, "object")
	}
	if k&listKind != 0 {
		list = append(list, "array")
	}
	if k&textKind != 0 {
		list = append(list, "string", "number", "boolean")
	}
	return list
}

func (w *writer) writeTexts(texts []text) *schema {
	var list []*schema
	for _, t := range texts {
		if t.schema == nil {
			list = append(list, w.writeChoices(t.what, t.choices))
			continue
		}
		one := *t.schema
		list = append(list, &one)
	}
	if len(list) == 1 {
		return list[0]
	}
	return &schema{AllOf: list}
}

// writeChoices names choices that have descriptions, so that these are written once.
func (w *writer) writeChoices(what string, choices []string) *schema {
	s := &schema{Enum: choiceValues(choices)}
	described := false
	for _, c := range choices {
		text := w.describe(what, c)
		described = described || text != ""
		s.Descriptions = append(s.Descriptions, text)
	}
	if !described || len(s.Enum) != len(choices) {
		s.Descriptions = nil
		return s
	}
	s.Markdown = s.Descriptions
	return w.define(what, s)
}

// define gives a schema a name.
func (w *writer) define(what string, s *schema) *schema {
	mine, _ := encode(s)
	first := strings.ReplaceAll(what, " ", "-")
	name := first
	for i, m := 2, w.defined.find(name); m != nil; i, m = i+1, w.defined.find(name) {
		if theirs, _ := encode(m.value); string(theirs) == string(mine) {
			return reference(name)
		}
		name = first + "-" + strconv.Itoa(i)
	}
	w.defined = append(w.defined, member{name, s})
	return reference(name)
}

// writeMap makes schemas of a mapping: one for each of its variants.
func (w *writer) writeMap(m *mapForm) (list []*schema) {
	variants := m.few()
	for _, v := range variants {
		list = append(list, w.writeVariant(m, v, len(variants) > 1))
	}
	return list
}

// writeVariant makes a schema of a variant. Where there are others, a key that is never there, whatever else is, leads to one of
// them; and so does the absence of a key that always is.
func (w *writer) writeVariant(m *mapForm, v *variant, others bool) *schema {
	s := &schema{Type: "object"}
	for _, key := range v.known {
		if others && v.present[key] == 0 {
			continue
		}
		s.Properties = append(s.Properties, member{key, w.write(&m.keyForm(key).form)})
		if v.needed[key] == v.seen || others && v.present[key] == v.seen {
			s.Required = append(s.Required, key)
		}
	}
	closed := v.done == v.seen && !m.open
	switch {
	case closed:
		s.Additional = false
	case m.named && !m.open:
		s.MinProperties = m.size.least()
		w.writeNamed(m, s)
	}
	for _, r := range v.order {
		if v.rules[r] == v.seen {
			s.rule(r)
		}
	}
	return s
}

// writeNamed writes the entries of a mapping whose keys are the author's. Where these are choices they stand as keys, so that an
// editor offers them.
func (w *writer) writeNamed(m *mapForm, s *schema) {
	s.Additional = w.write(&m.value)
	if len(m.key.texts) != 1 || len(m.key.texts[0].texts) != 1 {
		return
	}
	t := m.key.texts[0].texts[0]
	if t.choices == nil {
		if t.rank > rankPlain {
			s.PropertyNames = &schema{MinLength: t.schema.MinLength, Pattern: t.schema.Pattern}
		}
		return
	}
	s.Additional = false
	value := w.define(t.what+" value", w.write(&m.value))
	for _, c := range t.choices {
		s.Properties = append(s.Properties, member{c, &schema{Ref: value.Ref, Description: w.describe(t.what, c)}})
	}
}

// rule writes what keys have to do with each other.
func (s *schema) rule(r keyRule) {
	keys := splitKeys(r.keys)
	switch r.kind {
	case apart:
		d := s.dependency(keys[0])
		d.Properties = append(d.Properties, member{keys[1], false})
	case together:
		d := s.dependency(keys[0])
		d.Required = append(d.Required, keys[1])
	case needOne:
		one := &schema{}
		for _, key := range keys {
			one.AnyOf = append(one.AnyOf, &schema{Required: []string{key}})
		}
		s.AllOf = append(s.AllOf, one)
	}
}

// dependency is what holds where a key is there.
func (s *schema) dependency(key string) *schema {
	if s.Dependencies.find(key) == nil {
		s.Dependencies = append(s.Dependencies, member{key, &schema{}})
	}
	return s.Dependencies.find(key).value.(*schema)
}
