package contract

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
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
	schema := d.answer(operation, status)
	root, err := parseJSON(body)
	if schema == nil || err != nil {
		return body, "", false
	}
	s := search{body: body, how: how}
	s.walk(root, []*openapi3.Schema{schema})
	if len(s.found) == 0 {
		return body, "", false
	}
	whole := &Schema{schema}
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
func (d *Document) answer(operation string, status int) *openapi3.Schema {
	for _, item := range d.doc.Paths.Map() {
		for _, op := range item.Operations() {
			if op.OperationID != operation || op.Responses == nil {
				continue
			}
			ref := op.Responses.Status(status)
			if ref == nil {
				ref = op.Responses.Default()
			}
			if ref == nil || ref.Value == nil {
				return nil
			}
			if media := ref.Value.Content.Get("application/json"); media != nil && media.Schema != nil {
				return media.Schema.Value
			}
			return nil
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
func (s *search) walk(v *value, schemas []*openapi3.Schema) {
	schemas = s.flatten(v, schemas)
	s.breakValue(v, schemas)
	switch v.kind {
	case '{':
		s.breakObject(v, schemas)
		for _, m := range v.members {
			s.walk(m.value, properties(schemas, m.name))
		}
	case '[':
		var items []*openapi3.Schema
		for _, schema := range schemas {
			items = appendRef(items, schema.Items)
		}
		for _, item := range v.items {
			s.walk(item, items)
		}
	}
}

// flatten adds to schemas those that they are made of; of alternatives those that the value keeps.
func (s *search) flatten(v *value, schemas []*openapi3.Schema) (list []*openapi3.Schema) {
	for _, schema := range schemas {
		list = append(list, schema)
		var parts []*openapi3.Schema
		for _, ref := range schema.AllOf {
			parts = appendRef(parts, ref)
		}
		for _, ref := range slices.Concat(schema.OneOf, schema.AnyOf) {
			if ref.Value != nil && len((&Schema{ref.Value}).Violations(decoded(s.body[v.from:v.to]))) == 0 {
				parts = append(parts, ref.Value)
			}
		}
		list = append(list, s.flatten(v, parts)...)
	}
	return list
}

// properties are what the schemas say about a field.
func properties(schemas []*openapi3.Schema, name string) (list []*openapi3.Schema) {
	for _, schema := range schemas {
		if ref, declared := schema.Properties[name]; declared {
			list = appendRef(list, ref)
		} else {
			list = appendRef(list, schema.AdditionalProperties.Schema)
		}
	}
	return list
}

func appendRef(list []*openapi3.Schema, ref *openapi3.SchemaRef) []*openapi3.Schema {
	if ref == nil || ref.Value == nil {
		return list
	}
	return append(list, ref.Value)
}

// breakValue finds how the value itself can be broken.
func (s *search) breakValue(v *value, schemas []*openapi3.Schema) {
	text := ""
	for _, schema := range schemas {
		switch {
		case s.how == "unknown-enum" && len(schema.Enum) > 0 && v.kind == '"':
			text = strconv.Quote(unknown)
		case s.how == "unknown-enum" && len(schema.Enum) > 0 && v.kind == '0':
			text = "987654321"
		case s.how == "wrong-type" && schema.Type != nil && v.where != "":
			text = otherType(v.kind)
		case s.how == "null-field" && schema.Type != nil && v.isField && v.kind != 'n':
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
func (s *search) breakObject(v *value, schemas []*openapi3.Schema) {
	declares, isMap := false, false
	for _, schema := range schemas {
		declares = declares || len(schema.Properties) > 0
		isMap = isMap || schema.AdditionalProperties.Schema != nil
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
		if s.how == "missing-field" && slices.ContainsFunc(schemas, func(schema *openapi3.Schema) bool { return slices.Contains(schema.Required, m.name) }) {
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
