package osago

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"poligon/internal/contract"
	"poligon/internal/scenario"
)

// condition is that a field of a calculation's request has a value, or one of a kind. Case does not count, nor does it whether a
// letter is Latin or the Cyrillic one that looks like it: plates are typed either way (contract facts A18).
type condition struct {
	path    string // of the field: vehicle.car_number; of a list's items any
	pattern scenario.Pattern
}

// readConditions reads fields with their values.
func (r scriptReader) readConditions(n scenario.Node) (list []condition) {
	entries := n.Map().All()
	if n.IsMap() && len(entries) == 0 {
		n.Mistake("name a field, as in {vehicle.car_number: А123ВС777}", "the condition is empty")
	}
	for _, e := range entries {
		path := e.Key.PlainText()
		if r.paths != nil {
			path = e.Key.OneOf("field of a calculation request", byDepth(r.paths))
		}
		list = append(list, condition{path, e.Value.Pattern(true)})
		checkValues(e.Value, path, r.paths[path])
	}
	return list
}

// byDepth are the paths of fields, those of the request itself first.
func byDepth(paths map[string][]string) []string {
	return slices.SortedFunc(maps.Keys(paths), func(a, b string) int {
		return cmp.Or(strings.Count(a, ".")-strings.Count(b, "."), strings.Compare(a, b))
	})
}

// checkValues notes values that a field of the request cannot have, where the contract lists those that it can.
func checkValues(n scenario.Node, path string, known []string) {
	values := []scenario.Node{n}
	if n.IsList() {
		values = n.List()
	}
	for _, v := range values {
		text := v.PlainText()
		if text == "" || len(known) == 0 || slices.ContainsFunc(known, scenario.PatternOf(text, true).Matches) {
			continue
		}
		v.Mistake("write "+strings.Join(known, ", or "), "no request has %s %.60q", path, text)
	}
}

// fits says whether a calculation of an id, with the request that started it, is one that the story is for. A calculation that was
// started by a look has no request: its id alone can fit.
func (s *story) fits(id string, request any) bool {
	return !slices.ContainsFunc(s.when, func(c condition) bool {
		if c.path == requestID {
			return !c.pattern.Matches(id)
		}
		return !slices.ContainsFunc(valuesAt(request, c.path), c.pattern.Matches)
	})
}

// choose is the story of a calculation. Request is the body that starts it, as it was decoded; nil for a look.
func (s *script) choose(id string, request any) *story {
	for _, one := range s.stories[1:] {
		if one.fits(id, request) {
			return one
		}
	}
	return s.stories[0]
}

// named is the story of a name, the first when there is none: the scenario was rewritten since.
func (s *script) named(name string) *story {
	for _, one := range s.stories {
		if one.name == name {
			return one
		}
	}
	return s.stories[0]
}

// valuesAt are the texts of the values at a path, through every item of a list on the way.
func valuesAt(value any, path string) (texts []string) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			texts = append(texts, valuesAt(item, path)...)
		}
	case map[string]any:
		key, rest, deeper := strings.Cut(path, ".")
		if inner, ok := v[key]; ok && deeper {
			return valuesAt(inner, rest)
		} else if ok {
			return valuesAt(inner, "")
		}
	case string:
		return leaf(path, v)
	case json.Number:
		return leaf(path, v.String())
	case bool:
		if v {
			return leaf(path, "true")
		}
		return leaf(path, "false")
	}
	return texts
}

func leaf(path, text string) []string {
	if path != "" {
		return nil
	}
	return []string{text}
}

// checkMagic notes a magic value that no request can carry.
func checkMagic(field string, n scenario.Node) {
	if field != requestID {
		return
	}
	n.Looks(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`, "00000000-0000-4000-8000-000000000001")
	if text := n.PlainText(); text != "" && !contract.IsUUID(text) {
		n.Mistake("write it as 00000000-0000-4000-8000-000000000001", "%.60q is no request_id, so no request carries it", text)
	}
}
