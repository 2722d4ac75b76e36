package contract

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"
)

// pair is a schema as the library reads it and as the simulator does.
type pair struct {
	where string
	kin   *openapi3.Schema
	ours  *schema
}

// pairs are the named schemas of the contracts, and those of bodies, answers and queries.
func pairs(t testing.TB) (list []pair) {
	t.Helper()
	for _, name := range append(names, "keywords") {
		kin := parsed(t, []byte(keywordsContract))
		if name != "keywords" {
			kin = read(t, name)
		}
		ours, err := Load(made(t, name, kin))
		if err != nil {
			t.Fatal(err)
		}
		for key, ref := range kin.Components.Schemas {
			list = append(list, pair{name + " " + key, ref.Value, ours.doc.Schemas[key]})
		}
		for _, op := range ours.doc.Operations {
			list = append(list, pairsOf(op, kin.Paths.Value(op.Path).GetOperation(op.Method), kin.Paths.Value(op.Path).Parameters)...)
		}
	}
	slices.SortFunc(list, func(a, b pair) int { return strings.Compare(a.where, b.where) })
	return list
}

func pairsOf(op operation, kin *openapi3.Operation, shared openapi3.Parameters) (list []pair) {
	if op.Body != nil {
		list = append(list, pair{op.ID + " body", kin.RequestBody.Value.Content["application/json"].Schema.Value, op.Body.Schema})
	}
	for status, s := range op.Answers {
		if s != nil {
			list = append(list, pair{op.ID + " " + status, kin.Responses.Value(status).Value.Content.Get("application/json").Schema.Value, s})
		}
	}
	for name, s := range op.Query {
		for _, ref := range slices.Concat(shared, kin.Parameters) {
			if ref.Value.In == openapi3.ParameterInQuery && ref.Value.Name == name {
				list = append(list, pair{op.ID + " ?" + name, ref.Value.Schema.Value, s})
			}
		}
	}
	return list
}

// TestVerdictsAreTheLibrarys holds random values, near to what each schema asks for, against it as the simulator does and as kin-openapi
// does: the same violations in the same words.
func TestVerdictsAreTheLibrarys(t *testing.T) {
	t.Parallel()
	list := pairs(t)
	if len(list) < 150 {
		t.Fatalf("only %d schemas", len(list))
	}
	for _, p := range list {
		t.Run(p.where, rapid.MakeCheck(func(t *rapid.T) {
			value := near(t, p.ours, 0)
			got, want := (&Schema{p.ours}).Violations(value), libraryViolations(p.kin, value)
			if !slices.Equal(got, want) {
				text, _ := json.Marshal(value)
				t.Fatalf("%s\ngot  %q\nwant %q", text, got, want)
			}
		}))
	}
}

// keywordsContract has what a keyword says that the contracts have nowhere, or nowhere alone.
const keywordsContract = `
openapi: 3.0.3
info: {title: keywords, version: "1"}
paths: {}
components:
  schemas:
    Several: {oneOf: [{type: integer, minimum: 1}, {type: number, maximum: 5}, {type: object, required: [a]}]}
    Any: {anyOf: [{type: integer}, {type: array, maxItems: 2, items: {}}, {type: object, properties: {a: {type: integer}}}], nullable: true}
    Sets: {type: object, anyOf: [{required: [a]}, {required: [b, status]}], properties: {a: {type: string}, b: {type: integer}}}
    Within: {type: object, required: [x], properties: {x: {$ref: "#/components/schemas/Sets"}, list: {type: array, items: {$ref: "#/components/schemas/Sets"}}}}
    All: {allOf: [{type: object, required: [a]}, {type: object, additionalProperties: false, properties: {a: {nullable: true}, b: {}}}]}
    Enums: {enum: [a, 1, 2.5, null, [1, b], {a: 1}]}
    Unique: {type: array, uniqueItems: true, minItems: 1, maxItems: 2, items: {}}
    Numbers: {type: integer, format: int64, exclusiveMinimum: true, minimum: -9.3e18, maximum: 9.3e18}
    Map: {type: object, minProperties: 1, maxProperties: 2, additionalProperties: {type: string, minLength: 1, maxLength: 2}}
    Tree: {type: object, properties: {a: {$ref: "#/components/schemas/Tree"}, b: {type: array, items: {$ref: "#/components/schemas/Tree"}}}}
    Anything: {}
    Nothing: {oneOf: [{type: string, nullable: true}, {type: integer}]}
    Text: {type: string, nullable: true, pattern: "^[a-c]+$", minLength: 2}
`

// odd are values that a schema seldom asks for.
var odd = []any{nil, true, false, "", "x", "1980-06-12", "1980-02-30", "2026-01-15T09:00:00Z", "2026-01-15T9:00:00,5Z", "123e4567-e89b-12d3-a456-426614174000",
	"Ёж Ъ", "А123БВ777", strings.Repeat("я", 300), "\xff", json.Number("0"), json.Number("1"), json.Number("1.0"), json.Number("-1"), json.Number("1e400"), json.Number("1e30"),
	json.Number("9223372036854775807"), json.Number("-9223372036854775809"), json.Number("0.1"), 2.0, 2.5, 1e19, -1e19, 100.0, 1e300,
	[]any{}, []any{"a", "a"}, []any{nil, json.Number("1"), 1.0}, map[string]any{}, map[string]any{"status": "success"}, map[string]any{"status": 1.0, "x": nil}}

// near draws a value that a schema takes, or nearly.
func near(t *rapid.T, s *schema, depth int) any {
	n := rapid.IntRange(0, 29).Draw(t, "odd")
	if n == 0 {
		return nil
	}
	if s == nil || depth > 6 || n < 4 {
		return rapid.SampledFrom(odd).Draw(t, "value")
	}
	if len(s.Enum) > 0 {
		return rapid.SampledFrom(s.Enum).Draw(t, "enum")
	}
	if parts := slices.Concat(s.AllOf, s.OneOf, s.AnyOf); len(parts) > 0 && len(s.Properties) == 0 {
		return near(t, rapid.SampledFrom(parts).Draw(t, "part"), depth+1)
	}
	switch s.Type {
	case "object":
		return nearObject(t, s, depth)
	case "array":
		list := []any{}
		most := 4
		if s.MaxItems != nil {
			most = min(*s.MaxItems+1, 60)
		}
		for range rapid.SampledFrom([]int{0, 1, 2, 3, most}).Draw(t, "items") {
			list = append(list, near(t, s.Items, depth+1))
		}
		return list
	case "integer", "number":
		limits := []float64{0, 1, 2.5, 1e6}
		for _, at := range []*float64{s.Minimum, s.Maximum} {
			if at != nil {
				limits = append(limits, *at, *at-1, *at+1, *at+0.5)
			}
		}
		return rapid.SampledFrom(limits).Draw(t, "number")
	case "string":
		return nearText(t, s)
	case "boolean":
		return rapid.Bool().Draw(t, "flag")
	}
	return rapid.SampledFrom(odd).Draw(t, "value")
}

func nearObject(t *rapid.T, s *schema, depth int) any {
	object := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		always := slices.Contains(s.Required, name)
		if n := rapid.IntRange(0, 19).Draw(t, name); n < 8 || always && n > 0 {
			object[name] = near(t, s.Properties[name], depth+1)
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "more") {
		object[rapid.SampledFrom([]string{"a", "b", "Ж", "status", "0"}).Draw(t, "name")] = near(t, s.Additional, depth+1)
	}
	return object
}

func nearText(t *rapid.T, s *schema) string {
	switch {
	case s.Format == "uuid":
		return "123e4567-e89b-12d3-a456-426614174000"
	case s.Format == "date":
		return time.Date(1980, time.Month(rapid.IntRange(1, 12).Draw(t, "month")), 29, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case s.Format == "date-time":
		return rapid.SampledFrom([]string{"2026-01-15T09:00:00Z", "2026-01-15T09:00:00.5+03:00", "2026-01-15T24:00:00Z", "2026-01-15T09:00:00+24:00"}).Draw(t, "instant")
	case s.Pattern != "" && rapid.Bool().Draw(t, "matches"):
		return rapid.StringMatching(s.Pattern).Draw(t, "text")
	}
	least := s.MinLength
	return strings.Repeat(rapid.SampledFrom([]string{"a", "ё", "𝄞", "9"}).Draw(t, "letter"), max(0, rapid.IntRange(least-1, least+2).Draw(t, "length")))
}

// libraryViolations are the violations that kin-openapi tells of.
func libraryViolations(s *openapi3.Schema, value any) []Violation {
	formats := map[string]openapi3.StringFormatValidator{}
	for _, format := range []string{"date", "date-time", "uuid"} {
		formats[format] = openapi3.NewCallbackValidator(func(s string) error {
			if wrong := formatted(format, s); wrong != "" {
				return errors.New(wrong)
			}
			return nil
		})
	}
	return libraryErrors(s.VisitJSON(value, openapi3.MultiErrors(), openapi3.WithStringFormatValidators(formats)), nil)
}

func libraryErrors(err error, found []Violation) []Violation {
	switch e := err.(type) {
	case openapi3.MultiError:
		for _, one := range e {
			found = libraryErrors(one, found)
		}
	case *openapi3.SchemaError:
		sets := ""
		if e.SchemaField == "anyOf" {
			sets = librarySets(e.Schema)
		}
		found = append(found, libraryViolation(e, sets))
		if sets != "" { // the library stops there
			rest := *e.Schema
			rest.AnyOf = nil
			for _, v := range libraryViolations(&rest, e.Value) {
				at := Dotted(e.JSONPointer())
				if v.Path != "" && !strings.HasPrefix(v.Path, "[") && at != "" {
					at += "."
				}
				v.Path = at + v.Path
				found = append(found, v)
			}
		}
	}
	return found
}

func libraryViolation(e *openapi3.SchemaError, sets string) Violation {
	v := Violation{Path: Dotted(e.JSONPointer()), Message: e.Reason, Rule: e.SchemaField, Given: typeOf(e.Value)}
	if v.Rule == "nullable" {
		v.Rule = "type"
	}
	switch {
	case v.Rule == "required":
		v.Given = ""
	case v.Rule == "type":
		v.Want = strings.Join(e.Schema.Type.Slice(), ", ")
	case v.Rule == "enum":
		var texts []string
		for _, one := range e.Schema.Enum {
			if text, ok := one.(string); ok {
				texts = append(texts, text)
			}
		}
		v.Want = strings.Join(texts, ", ")
	case v.Rule == "format":
		v.Want = e.Schema.Format
	case v.Rule == "minimum":
		v.Want = decimal(e.Schema.Min)
	case v.Rule == "maximum":
		v.Want = decimal(e.Schema.Max)
	case sets != "":
		v.Want, v.Message = sets, "at least one of these is needed: "+sets
	}
	return v
}

func librarySets(s *openapi3.Schema) string {
	var sets []string
	for _, ref := range s.AnyOf {
		if len(ref.Value.Required) == 0 {
			return ""
		}
		sets = append(sets, strings.Join(ref.Value.Required, " with "))
	}
	return strings.Join(sets, ", ")
}
