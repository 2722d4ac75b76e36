// Package contract reads an OpenAPI document so that the simulator can hold requests, and tests can hold answers, against
// what it promises. It is the only user of the OpenAPI library.
package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// Document is a contract. It does not change.
type Document struct{ doc *openapi3.T }

// Load reads and validates an OpenAPI document.
func Load(text []byte) (*Document, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("reading the contract: %w", err)
	}
	return &Document{doc}, nil
}

// Schema is one of the document's named schemas. A name it does not have is an error.
func (d *Document) Schema(name string) (*Schema, error) {
	ref := d.doc.Components.Schemas[name]
	if ref == nil || ref.Value == nil {
		return nil, fmt.Errorf("the contract has no schema %s", name)
	}
	return &Schema{ref.Value}, nil
}

// Schema is what the contract says about a value.
type Schema struct{ schema *openapi3.Schema }

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
	err := s.schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.WithStringFormatValidators(formats()))
	return violations(err, nil)
}

// instants is the form of RFC 3339, which time.Parse alone holds loosely: it takes an hour of one digit, a fraction behind a
// comma and an offset of 24 hours.
var instants = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// formats are the formats that are held strictly: days and instants of the calendar, UUIDs in their canonical form.
func formats() map[string]openapi3.StringFormatValidator {
	return map[string]openapi3.StringFormatValidator{
		"date": openapi3.NewCallbackValidator(func(s string) error {
			if _, err := time.Parse(time.DateOnly, s); err != nil {
				return errors.New("not a day of the calendar such as 1980-06-12")
			}
			return nil
		}),
		"date-time": openapi3.NewCallbackValidator(func(s string) error {
			if _, err := time.Parse(time.RFC3339, s); err != nil || !instants.MatchString(s) {
				return errors.New("not an instant such as 2026-01-15T09:00:00Z")
			}
			return nil
		}),
		"uuid": openapi3.NewCallbackValidator(func(s string) error {
			if !IsUUID(s) {
				return errors.New("not a UUID such as 123e4567-e89b-12d3-a456-426614174000")
			}
			return nil
		}),
	}
}

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

func violations(err error, found []Violation) []Violation {
	switch e := err.(type) {
	case nil:
		return found
	case openapi3.MultiError:
		for _, one := range e {
			found = violations(one, found)
		}
	case *openapi3.SchemaError:
		found = append(append(found, broken(e)), besides(e)...)
	default:
		found = append(found, Violation{Message: err.Error()})
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

func extension(s *openapi3.Schema, name string, target any) error {
	value, ok := s.Extensions[name]
	if !ok {
		return nil
	}
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, target)
	}
	if err != nil {
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
	Pattern      *regexp.Regexp
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
		f, err := field(name, ref.Value)
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
func paths(s *openapi3.Schema, at string, depth int, found map[string][]string) {
	const deepest = 10
	switch {
	case depth > deepest:
	case s.Items != nil:
		paths(s.Items.Value, at, depth+1, found)
	case len(s.Properties) > 0:
		for name, ref := range s.Properties {
			paths(ref.Value, strings.TrimPrefix(at+"."+name, "."), depth+1, found)
		}
	case at != "" && s.Type.Is(openapi3.TypeBoolean):
		found[at] = []string{"true", "false"}
	case at != "":
		found[at] = (&Schema{schema: s}).Enum()
	}
	for _, part := range s.AllOf {
		paths(part.Value, at, depth+1, found)
	}
}

func field(name string, s *openapi3.Schema) (Field, error) {
	f := Field{Name: name, Nullable: s.Nullable, MinLength: int(s.MinLength), Minimum: s.Min, Maximum: s.Max,
		ExclusiveMin: s.ExclusiveMin.IsTrue(), Extensions: map[string]string{}}
	for _, kind := range []Kind{Text, Number, Flag} {
		if s.Type.Is(string(kind)) {
			f.Kind = kind
		}
	}
	if f.Kind == "" {
		return f, fmt.Errorf("type %v is not a scalar", s.Type)
	}
	if s.MaxLength != nil {
		n := int(*s.MaxLength)
		f.MaxLength = &n
	}
	if s.Pattern != "" {
		p, err := regexp.Compile(s.Pattern)
		if err != nil {
			return f, err
		}
		f.Pattern = p
	}
	for _, v := range s.Enum {
		n, ok := v.(float64)
		if !ok {
			return f, fmt.Errorf("enum value %v is not a number", v)
		}
		f.Enum = append(f.Enum, n)
	}
	for name, value := range s.Extensions {
		if text, ok := value.(string); ok {
			f.Extensions[name] = text
		}
	}
	return f, nil
}
