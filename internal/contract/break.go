package contract

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxTries bounds how many places are tried until one breaks the contract, for each means checking the whole body.
const maxTries = 64

// unknown is what stands for a value, or a field, that no contract has.
const unknown = "POLIGON_UNKNOWN"

// change replaces the bytes of a body from one offset to another.
type change struct {
	from, to int
	text     string
	where    jsontext.Pointer
}

func (c change) of(body []byte) []byte {
	return slices.Concat(body[:c.from], []byte(c.text), body[c.to:])
}

// Break changes a JSON body in one place so that it is not what the contract promises as the answer of an operation with a
// status. How is unknown-enum, missing-field, extra-field, wrong-type or null-field; pick, given a count n, is a number in [0, n)
// that chooses the place, of which where is the JSON pointer. Every byte outside that place stays. When nothing can be broken
// so, ok is false.
//
// An extra field is one that the contract does not declare; it seldom forbids such a field.
func (d *Document) Break(operation string, status int, body []byte, how string, pick func(n int) int) (broken []byte, where string, ok bool) {
	promised := d.answer(operation, status)
	root, err := parseJSON(body)
	if promised == nil || err != nil {
		return body, "", false
	}
	s := search{body: body, how: how}
	s.walk(root, []*schema{promised})
	if len(s.found) == 0 {
		return body, "", false
	}
	whole := &Schema{promised}
	before := whole.Violations(decoded(body))
	first := pick(len(s.found))
	for i := range min(len(s.found), maxTries) {
		c := s.found[(first+i)%len(s.found)]
		broken := c.of(body)
		if how == "extra-field" || isNew(whole.Violations(decoded(broken)), before) {
			return broken, string(c.where), true
		}
	}
	return body, "", false
}

// isNew says whether one of the violations was not there before.
func isNew(after, before []Violation) bool {
	return slices.ContainsFunc(after, func(v Violation) bool { return !slices.Contains(before, v) })
}

func decoded(text []byte) (value any) {
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	if dec.Decode(&value) != nil {
		return nil
	}
	return value
}

// answer is the schema of a JSON answer, nil when the contract tells of none.
func (d *Document) answer(operation string, status int) *schema {
	for _, op := range d.doc.Operations {
		if op.ID != operation {
			continue
		}
		for _, key := range []string{strconv.Itoa(status), strconv.Itoa(status/100) + "XX", "default"} {
			if answer, told := op.Answers[key]; told {
				return answer
			}
		}
	}
	return nil
}

// search looks for the places of a body that can be broken in one way.
type search struct {
	body  []byte
	how   string
	found []change
}

// walk looks at a value, of which the contract says what the schemas say together.
func (s *search) walk(v *value, schemas []*schema) {
	schemas = s.flatten(v, schemas)
	s.breakValue(v, schemas)
	switch v.kind {
	case '{':
		s.breakObject(v, schemas)
		for _, m := range v.members {
			s.walk(m.value, properties(schemas, m.name))
		}
	case '[':
		var items []*schema
		for _, schema := range schemas {
			items = appendRef(items, schema.Items)
		}
		for _, item := range v.items {
			s.walk(item, items)
		}
	}
}

// flatten adds to schemas those that they are made of; of alternatives those that the value keeps.
func (s *search) flatten(v *value, schemas []*schema) (list []*schema) {
	for _, one := range schemas {
		list = append(list, one)
		parts := slices.Clone(one.AllOf)
		for _, part := range slices.Concat(one.OneOf, one.AnyOf) {
			if keeps(part, decoded(s.body[v.from:v.to])) {
				parts = append(parts, part)
			}
		}
		list = append(list, s.flatten(v, parts)...)
	}
	return list
}

// properties are what the schemas say about a field.
func properties(schemas []*schema, name string) (list []*schema) {
	for _, schema := range schemas {
		if ref, declared := schema.Properties[name]; declared {
			list = appendRef(list, ref)
		} else {
			list = appendRef(list, schema.Additional)
		}
	}
	return list
}

func appendRef(list []*schema, s *schema) []*schema {
	if s == nil {
		return list
	}
	return append(list, s)
}

// breakValue finds how the value itself can be broken.
func (s *search) breakValue(v *value, schemas []*schema) {
	text := ""
	for _, schema := range schemas {
		switch {
		case s.how == "unknown-enum" && len(schema.Enum) > 0 && v.kind == '"':
			text = strconv.Quote(unknown)
		case s.how == "unknown-enum" && len(schema.Enum) > 0 && v.kind == '0':
			text = "987654321"
		case s.how == "wrong-type" && schema.Type != "" && v.where != "":
			text = otherType(v.kind)
		case s.how == "null-field" && schema.Type != "" && v.isField && v.kind != 'n':
			text = "null"
		}
	}
	if text != "" {
		s.found = append(s.found, change{v.from, v.to, text, v.where})
	}
}

// otherType is a value of another type than the kind of value.
func otherType(kind jsontext.Kind) string {
	switch kind {
	case '"':
		return "12345"
	case '{':
		return "[]"
	case '[':
		return "{}"
	}
	return strconv.Quote(unknown)
}

// breakObject finds which fields can be taken from an object, and whether one can be added.
func (s *search) breakObject(v *value, schemas []*schema) {
	declares, isMap := false, false
	for _, schema := range schemas {
		declares = declares || len(schema.Properties) > 0
		isMap = isMap || schema.Additional != nil
	}
	if s.how == "extra-field" && declares && !isMap {
		text := strconv.Quote(unknown) + `: "a field that the contract does not declare"`
		at := v.to - 1 // of the closing brace
		if n := len(v.members); n > 0 {
			at, text = v.members[n-1].value.to, ", "+text
		}
		s.found = append(s.found, change{at, at, text, v.where.AppendToken(unknown)})
	}
	for i, m := range v.members {
		if s.how == "missing-field" && slices.ContainsFunc(schemas, func(schema *schema) bool { return slices.Contains(schema.Required, m.name) }) {
			s.found = append(s.found, v.without(i))
		}
	}
}

// without takes a member from an object, with its comma.
func (v *value) without(i int) change {
	c := change{from: v.members[i].from, to: v.members[i].value.to, where: v.members[i].value.where}
	switch {
	case i+1 < len(v.members):
		c.to = v.members[i+1].from
	case i > 0:
		c.from = v.members[i-1].value.to
	}
	return c
}
