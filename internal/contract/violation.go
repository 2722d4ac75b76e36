package contract

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// broken is a violation as the library tells it. A null where none may be has broken the type.
func broken(e *openapi3.SchemaError) Violation {
	v := Violation{Path: Dotted(e.JSONPointer()), Message: e.Reason, Rule: e.SchemaField, Given: typeOf(e.Value)}
	if e.SchemaField == "nullable" {
		v.Rule = "type"
	}
	if e.Schema == nil {
		return v
	}
	switch v.Rule {
	case "required":
		v.Given = ""
	case "type":
		v.Want = strings.Join(e.Schema.Type.Slice(), ", ")
	case "enum":
		v.Want = strings.Join((&Schema{e.Schema}).Enum(), ", ")
	case "format":
		v.Want = e.Schema.Format
	case "minimum":
		v.Want = decimal(e.Schema.Min)
	case "maximum":
		v.Want = decimal(e.Schema.Max)
	case "anyOf":
		if sets := requiredSets(e.Schema); sets != "" {
			v.Want, v.Message = sets, "at least one of these is needed: "+sets
		}
	}
	return v
}

// besides are the other ways in which an object breaks a schema of which it lacks one of the sets of fields: the library stops there.
func besides(e *openapi3.SchemaError) []Violation {
	if e.SchemaField != "anyOf" || e.Schema == nil || requiredSets(e.Schema) == "" {
		return nil
	}
	rest := *e.Schema
	rest.AnyOf = nil
	found, at := (&Schema{&rest}).Violations(e.Value), Dotted(e.JSONPointer())
	for i, v := range found {
		if v.Path != "" && !strings.HasPrefix(v.Path, "[") && at != "" {
			found[i].Path = at + "." + v.Path
		} else {
			found[i].Path = at + v.Path
		}
	}
	return found
}

// requiredSets are the sets of fields of which the schema asks for one; empty where its alternatives are not of that kind.
func requiredSets(s *openapi3.Schema) string {
	var sets []string
	for _, ref := range s.AnyOf {
		if ref.Value == nil || len(ref.Value.Required) == 0 {
			return ""
		}
		sets = append(sets, strings.Join(ref.Value.Required, " with "))
	}
	return strings.Join(sets, ", ")
}

func decimal(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

// typeOf is the JSON type of a decoded value.
func typeOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64, json.Number:
		return "number"
	case []any:
		return "array"
	}
	return "object"
}
