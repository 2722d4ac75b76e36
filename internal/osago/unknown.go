package osago

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"poligon/internal/contract"
	"poligon/internal/scenario"
)

// fields are those that a body of the contract can have, by their paths without places in lists: owner.addresses.house.
type fields map[string]bool

func fieldsOf(s *contract.Schema) fields {
	known := fields{}
	for path := range s.Paths() {
		for at := range path {
			if path[at] == '.' {
				known[path[:at]] = true
			}
		}
		known[path] = true
	}
	return known
}

// unknown warns of the fields of a body that the contract does not have, for one may be misspelt: they are let pass. Empty when there are
// none.
func (f fields) unknown(body any) string {
	var strange []string
	f.visit(body, "", "", &strange)
	slices.Sort(strange)
	return firstFew(strange)
}

// visit looks at a value at a path, with and without places in lists.
func (f fields) visit(value any, at, plain string, strange *[]string) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			place, path := strings.TrimPrefix(at+"."+name, "."), strings.TrimPrefix(plain+"."+name, ".")
			if f[path] {
				f.visit(member, place, path, strange)
				continue
			}
			text := fmt.Sprintf("the field %.100q is unknown", place)
			if near := scenario.Nearest(name, f.below(plain)); near != "" {
				text += ", did you mean " + near + "?"
			}
			*strange = append(*strange, text)
		}
	case []any:
		for i, item := range v {
			f.visit(item, fmt.Sprintf("%s[%d]", at, i), plain, strange)
		}
	}
}

// below are the names of the fields directly below a path.
func (f fields) below(plain string) (names []string) {
	for path := range maps.Keys(f) {
		rest, ok := strings.CutPrefix(path, plain)
		if rest = strings.TrimPrefix(rest, "."); ok && rest != "" && !strings.Contains(rest, ".") && (plain == "" || strings.HasPrefix(path, plain+".")) {
			names = append(names, rest)
		}
	}
	slices.Sort(names)
	return names
}
