package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// failure is a keyword of a schema that a value breaks.
type failure struct {
	path   []string // of the value, the innermost first
	schema *schema
	field  string // the keyword
	reason string
	value  any
}

// visitor holds values against schemas as kin-openapi does with all its errors asked for, in the same order and with the same words: a test
// holds one against the other.
type visitor struct{ found []failure }

// fail notes a failure of the value that is being looked at.
func (v *visitor) fail(s *schema, value any, field, reason string) {
	v.found = append(v.found, failure{schema: s, field: field, reason: reason, value: value})
}

// within visits a value that has a name, or an index, within another one.
func (v *visitor) within(name string, s *schema, value any) {
	n := len(v.found)
	v.visit(s, value)
	for i := range v.found[n:] {
		v.found[n+i].path = append(v.found[n+i].path, name)
	}
}

// keeps says whether a value keeps a schema.
func keeps(s *schema, value any) bool {
	var v visitor
	v.visit(s, value)
	return len(v.found) == 0
}

func (v *visitor) visit(s *schema, value any) {
	if value == nil && s.Nullable || value != nil && !s.says() {
		return
	}
	if !v.alternatives(s, value) || !v.enum(s, value) {
		return
	}
	switch value := value.(type) {
	case nil:
		v.fail(s, nil, "nullable", "Value is not nullable")
	case bool:
		v.typed(s, value, "boolean")
	case json.Number:
		f, err := value.Float64()
		if err != nil {
			v.fail(s, value, "type", "cannot convert json.Number to float64")
			return
		}
		v.number(s, f)
	case float64:
		v.number(s, value)
	case string:
		v.text(s, value)
	case []any:
		v.array(s, value)
	case map[string]any:
		v.object(s, value)
	default:
		v.fail(s, value, "type", fmt.Sprintf("unhandled value of type %T", value))
	}
}

// alternatives holds a value against what a schema is made of. It says whether to go on with what the schema says itself.
func (v *visitor) alternatives(s *schema, value any) (more bool) {
	if len(s.OneOf) > 0 && !v.oneOf(s, value) {
		return false
	}
	if len(s.AnyOf) > 0 && !slices.ContainsFunc(s.AnyOf, func(one *schema) bool { return keeps(one, value) }) {
		v.fail(s, value, "anyOf", `doesn't match any schema from "anyOf"`)
		return false
	}
	for _, one := range s.AllOf {
		if !keeps(one, value) {
			v.fail(s, value, "allOf", `doesn't match all schemas from "allOf"`)
			return false
		}
	}
	return value != nil || len(s.OneOf)+len(s.AnyOf)+len(s.AllOf) == 0
}

// oneOf says whether a value keeps one of the alternatives and no other.
func (v *visitor) oneOf(s *schema, value any) bool {
	chosen, ok := v.discriminated(s, value)
	if !ok {
		return false
	}
	var matched []int
	for i, one := range s.OneOf {
		if (chosen == nil || chosen == one) && keeps(one, value) {
			matched = append(matched, i)
		}
	}
	switch {
	case len(matched) > 1:
		v.fail(s, value, "oneOf", fmt.Sprintf(`value matches more than one schema from "oneOf" (matches schemas at indices %v)`, matched))
	case len(matched) == 0:
		v.fail(s, value, "oneOf", `value doesn't match any schema from "oneOf"`)
	}
	return len(matched) == 1
}

// discriminated is the alternative that a field of the value chooses; nil where the schema has no such field, or the value is no object.
func (v *visitor) discriminated(s *schema, value any) (chosen *schema, ok bool) {
	object, isObject := value.(map[string]any)
	if s.Discriminator == nil || !isObject {
		return nil, true
	}
	name := s.Discriminator.Property
	says, there := object[name]
	if !there {
		v.fail(s, nil, "discriminator", fmt.Sprintf("input does not contain the discriminator property %q", name))
		return nil, false
	}
	text, isText := says.(string)
	if !isText {
		v.fail(s, says, "discriminator", fmt.Sprintf("value of discriminator property %q is not a string", name))
		return nil, false
	}
	if chosen = s.Discriminator.Mapping[text]; chosen == nil {
		v.fail(s, says, "discriminator", fmt.Sprintf("discriminator property %q has invalid value", name))
	}
	return chosen, chosen != nil
}

func (v *visitor) enum(s *schema, value any) bool {
	if len(s.Enum) == 0 || slices.ContainsFunc(s.Enum, func(one any) bool { return equal(one, value) }) {
		return true
	}
	allowed, _ := json.Marshal(s.Enum) // it came from JSON
	v.fail(s, value, "enum", "value is not one of the allowed values "+string(allowed))
	return false
}

// equal says whether two JSON values are the same, whichever way their numbers are held.
func equal(a, b any) bool {
	if x, ok := float(a); ok {
		y, ok := float(b)
		return ok && x == y
	}
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, equal)
	}
	return reflect.DeepEqual(a, b)
}

func float(value any) (float64, bool) {
	switch value := value.(type) {
	case json.Number:
		f, err := value.Float64()
		return f, err == nil
	case float64:
		return value, true
	}
	return 0, false
}

// typed says whether a schema takes values of a type.
func (v *visitor) typed(s *schema, value any, kind string) bool {
	if s.Type == "" || s.Type == kind {
		return true
	}
	article := "a"
	if strings.ContainsRune("aoi", rune(s.Type[0])) {
		article = "an"
	}
	v.fail(s, value, "type", "value must be "+article+" "+s.Type)
	return false
}

// Bounds of a 64-bit integer. The upper one has no float of its own: it rounds to the next, which is taken.
const minInt64, maxInt64 = -1 << 63, 1 << 63

func (v *visitor) number(s *schema, value float64) {
	if s.Type == "integer" {
		if value != float64(int64(value)) && value > minInt64 && value < maxInt64 {
			v.fail(s, value, "type", "value must be an integer")
		}
		if s.Format == "int64" && (value < minInt64 || value > maxInt64) {
			v.fail(s, value, "format", `integer doesn't match the format "int64" (value should be between -9223372036854775808 and 9223372036854775807)`)
		}
	} else if !v.typed(s, value, "number") {
		return
	}
	if s.ExclusiveMin && s.Minimum != nil && value <= *s.Minimum {
		v.fail(s, value, "exclusiveMinimum", fmt.Sprintf("number must be more than %g", *s.Minimum))
	}
	if s.Minimum != nil && value < *s.Minimum {
		v.fail(s, value, "minimum", fmt.Sprintf("number must be at least %g", *s.Minimum))
	}
	if s.Maximum != nil && value > *s.Maximum {
		v.fail(s, value, "maximum", fmt.Sprintf("number must be at most %g", *s.Maximum))
	}
}

func (v *visitor) text(s *schema, value string) {
	if !v.typed(s, value, "string") {
		return
	}
	if s.MinLength > 0 || s.MaxLength != nil {
		length := len([]rune(value))
		if length < s.MinLength {
			v.fail(s, value, "minLength", fmt.Sprintf("minimum string length is %d", s.MinLength))
		}
		if s.MaxLength != nil && length > *s.MaxLength {
			v.fail(s, value, "maxLength", fmt.Sprintf("maximum string length is %d", *s.MaxLength))
		}
	}
	if s.pattern != nil && !s.pattern().MatchString(value) {
		v.fail(s, value, "pattern", `string doesn't match the regular expression "`+s.Pattern+`"`)
	}
	if wrong := formatted(s.Format, value); wrong != "" {
		v.fail(s, value, "format", fmt.Sprintf("string doesn't match the format %q (%s)", s.Format, wrong))
	}
}

// formatted says how a text breaks a format. Those are held strictly: days and instants of the calendar, UUIDs in their canonical form.
func formatted(format, s string) (wrong string) {
	switch format {
	case "date":
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return "not a day of the calendar such as 1980-06-12"
		}
	case "date-time":
		if _, err := time.Parse(time.RFC3339, s); err != nil || !instants().MatchString(s) {
			return "not an instant such as 2026-01-15T09:00:00Z"
		}
	case "uuid":
		if !IsUUID(s) {
			return "not a UUID such as 123e4567-e89b-12d3-a456-426614174000"
		}
	}
	return ""
}

func (v *visitor) array(s *schema, list []any) {
	if !v.typed(s, list, "array") {
		return
	}
	if len(list) < s.MinItems {
		v.fail(s, list, "minItems", fmt.Sprintf("minimum number of items is %d", s.MinItems))
	}
	if s.MaxItems != nil && len(list) > *s.MaxItems {
		v.fail(s, list, "maxItems", fmt.Sprintf("maximum number of items is %d", *s.MaxItems))
	}
	if s.UniqueItems && !unique(list) {
		v.fail(s, list, "uniqueItems", "duplicate items found")
	}
	if s.Items == nil {
		return
	}
	for i, item := range list {
		v.within(strconv.Itoa(i), s.Items, item)
	}
}

// unique says whether no item of a list comes twice. As in kin-openapi, 1 and 1.0 are two where numbers are kept as they were written.
func unique(list []any) bool {
	seen := make(map[string]bool, len(list))
	for _, item := range list {
		text, _ := json.Marshal(item) // it came from JSON
		if seen[string(text)] {
			return false
		}
		seen[string(text)] = true
	}
	return true
}

func (v *visitor) object(s *schema, object map[string]any) {
	if !v.typed(s, object, "object") {
		return
	}
	if len(object) < s.MinProperties {
		v.fail(s, object, "minProperties", fmt.Sprintf("there must be at least %d properties", s.MinProperties))
	}
	if s.MaxProperties != nil && len(object) > *s.MaxProperties {
		v.fail(s, object, "maxProperties", fmt.Sprintf("there must be at most %d properties", *s.MaxProperties))
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		switch property := s.Properties[name]; {
		case property != nil:
			v.within(name, property, object[name])
		case s.Closed:
			v.fail(s, object, "properties", fmt.Sprintf("property %q is unsupported", name))
		case s.Additional != nil:
			v.within(name, s.Additional, object[name])
		}
	}
	for _, name := range s.Required {
		if _, there := object[name]; !there {
			v.fail(s, object, "required", fmt.Sprintf("property %q is missing", name))
			v.found[len(v.found)-1].path = []string{name}
		}
	}
}
