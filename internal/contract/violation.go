package contract

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// broken is a failure as a violation. A null where none may be has broken the type.
func broken(e *failure) Violation {
	v := Violation{Path: Dotted(e.pointer()), Message: e.reason, Rule: e.field, Given: typeOf(e.value)}
	if e.field == "nullable" {
		v.Rule = "type"
	}
	switch v.Rule {
	case "required":
		v.Given = ""
	case "type":
		v.Want = e.schema.Type
	case "enum":
		v.Want = strings.Join((&Schema{e.schema}).Enum(), ", ")
	case "format":
		v.Want = e.schema.Format
	case "minimum":
		v.Want = decimal(e.schema.Minimum)
	case "maximum":
		v.Want = decimal(e.schema.Maximum)
	case "anyOf":
		if sets := requiredSets(e.schema); sets != "" {
			v.Want, v.Message = sets, "at least one of these is needed: "+sets
		}
	}
	return v
}

// pointer is the path of the value, the outermost name first.
func (e *failure) pointer() []string {
	path := slices.Clone(e.path)
	slices.Reverse(path)
	return path
}

// besides are the other ways in which an object breaks a schema of which it lacks one of the sets of fields: the check stops there.
func besides(e *failure) []Violation {
	if e.field != "anyOf" || requiredSets(e.schema) == "" {
		return nil
	}
	rest := *e.schema
	rest.AnyOf = nil
	found, at := (&Schema{&rest}).Violations(e.value), Dotted(e.pointer())
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
func requiredSets(s *schema) string {
	var sets []string
	for _, ref := range s.AnyOf {
		if len(ref.Required) == 0 {
			return ""
		}
		sets = append(sets, strings.Join(ref.Required, " with "))
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
