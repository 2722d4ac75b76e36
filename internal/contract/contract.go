// Package contract reads an OpenAPI document so that the simulator can hold requests, and tests can hold answers, against
// what it promises. It reads what `go generate ./openapi` makes of the YAML, and holds values against it as kin-openapi does, which
// tests alone use: that library takes ten times as long to load.
package contract

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	jsonv2 "github.com/go-json-experiment/json"
)

// Document is a contract. It does not change.
type Document struct{ doc document }

// Load reads a contract as it was made of an OpenAPI document. A keyword that nothing here knows is an error.
func Load(text []byte) (*Document, error) {
	d := &Document{}
	if err := jsonv2.Unmarshal(text, &d.doc, jsonv2.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("reading the contract: %w", err)
	}
	if missing := d.doc.resolve(); missing != "" {
		return nil, fmt.Errorf("the contract has no schema %s", missing)
	}
	return d, nil
}

// Schema is one of the document's named schemas. A name it does not have is an error.
func (d *Document) Schema(name string) (*Schema, error) {
	s := d.doc.Schemas[name]
	if s == nil {
		return nil, fmt.Errorf("the contract has no schema %s", name)
	}
	return &Schema{s}, nil
}

// Schema is what the contract says about a value.
type Schema struct{ schema *schema }

// Violation is one way in which a value breaks its schema.
type Violation struct {
	Path    string // of the offending value: owner.addresses[0].type; empty for the value as a whole
	Message string
	Rule    string // the schema's keyword that is broken: required, type, enum, format, minimum, …; empty where that is not known
	Want    string // what it asks for: string, "taxi, personal", date, 1900
	Given   string // the JSON type of the offending value: number; empty for a field that is missing
}

// Violations are all ways in which a decoded JSON value (maps, slices, json.Number or float64, …) breaks the schema, in no
// particular order; none when it keeps it.
func (s *Schema) Violations(value any) []Violation {
	var v visitor
	v.visit(s.schema, value)
	return violations(v.found)
}

// instants is the form of RFC 3339, which time.Parse alone holds loosely: it takes an hour of one digit, a fraction behind a
// comma and an offset of 24 hours.
var instants = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // compiled when it is first needed
	return regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
})

// IsUUID says whether s is a UUID in its canonical form: 32 hex digits in five groups. Their case does not count.
func IsUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			return false
		}
	}
	return true
}

func violations(list []failure) (found []Violation) {
	for i := range list {
		found = append(append(found, broken(&list[i])), besides(&list[i])...)
	}
	return found
}

// Dotted writes a path as people do: owner.addresses[0].type.
func Dotted(pointer []string) string {
	var b strings.Builder
	for _, part := range pointer {
		if _, err := strconv.Atoi(part); err == nil {
			b.WriteString("[" + part + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(part)
	}
	return b.String()
}

// Enum is the schema's enumeration of texts, in the document's order.
func (s *Schema) Enum() []string {
	var list []string
	for _, v := range s.schema.Enum {
		if text, ok := v.(string); ok {
			list = append(list, text)
		}
	}
	return list
}

// Extension decodes the extension of a name (x-…) into target. An absent extension leaves target as it is.
func (s *Schema) Extension(name string, target any) error {
	return extension(s.schema, name, target)
}

func extension(s *schema, name string, target any) error {
	value, ok := s.Extensions[name]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(value, target); err != nil {
		return fmt.Errorf("extension %s: %w", name, err)
	}
	return nil
}

// Kind is the JSON type of a field.
type Kind string

// The kinds of fields.
const (
	Text   Kind = "string"
	Number Kind = "number"
	Flag   Kind = "boolean"
)

// Field is what the contract says about one scalar property of an object. Limits that it does not state are nil, or 0 for
// MinLength.
type Field struct {
	Name         string
	Kind         Kind
	Required     bool
	Nullable     bool
	MinLength    int // in characters
	MaxLength    *int
	Pattern      *Pattern
	Minimum      *float64
	ExclusiveMin bool
	Maximum      *float64
	Enum         []float64 // of a number
	Extensions   map[string]string
}

// Fields are the scalar properties of an object schema by name, with those extensions whose value is a text.
func (s *Schema) Fields() (map[string]Field, error) {
	fields := make(map[string]Field, len(s.schema.Properties))
	for name, ref := range s.schema.Properties {
		f, err := field(name, ref)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
		fields[name] = f
	}
	for _, name := range s.schema.Required {
		f := fields[name]
		f.Required = true
		fields[name] = f
	}
	return fields, nil
}

// Paths are the paths of all scalar values within the schema, owner.first_name, each with the texts that it can have; none where
// there is no such list. A list's items have the path of the list.
func (s *Schema) Paths() map[string][]string {
	found := map[string][]string{}
	paths(s.schema, "", 0, found)
	return found
}

// paths finds the paths of a schema's values. Nothing in a contract of ours is deeper than a few objects.
func paths(s *schema, at string, depth int, found map[string][]string) {
	const deepest = 10
	switch {
	case depth > deepest:
	case s.Items != nil:
		paths(s.Items, at, depth+1, found)
	case len(s.Properties) > 0:
		for name, ref := range s.Properties {
			paths(ref, strings.TrimPrefix(at+"."+name, "."), depth+1, found)
		}
	case at != "" && s.Type == "boolean":
		found[at] = []string{"true", "false"}
	case at != "":
		found[at] = (&Schema{schema: s}).Enum()
	}
	for _, part := range s.AllOf {
		paths(part, at, depth+1, found)
	}
}

func field(name string, s *schema) (Field, error) {
	f := Field{Name: name, Nullable: s.Nullable, MinLength: s.MinLength, MaxLength: s.MaxLength, Minimum: s.Minimum, Maximum: s.Maximum,
		ExclusiveMin: s.ExclusiveMin, Extensions: map[string]string{}}
	for _, kind := range []Kind{Text, Number, Flag} {
		if s.Type == string(kind) {
			f.Kind = kind
		}
	}
	if f.Kind == "" {
		return f, fmt.Errorf("type %q is not a scalar", s.Type)
	}
	if s.pattern != nil {
		f.Pattern = s.pattern()
	}
	for _, v := range s.Enum {
		n, ok := v.(float64)
		if !ok {
			return f, fmt.Errorf("enum value %v is not a number", v)
		}
		f.Enum = append(f.Enum, n)
	}
	for name, value := range s.Extensions {
		if value[0] != '"' {
			continue
		}
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return f, err
		}
		f.Extensions[name] = text
	}
	return f, nil
}
