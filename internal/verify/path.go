package verify

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// step is a part of a path: a member's name, an item's index from 0, or any item.
type step struct {
	name  string
	index int
	kind  byte // '.' a member, '[' an item, '*' any item
}

const maxSteps = 64

var errPath = errors.New("not a path")

// parsePath reads a path such as risks[0].policyNumber, offers[*].status, [0].id or ["odd.name"].value.
func parsePath(path string) (steps []step, err error) {
	for rest := path; rest != ""; {
		var s step
		if rest[0] == '[' {
			s, rest, err = parseBracket(rest[1:])
		} else {
			if len(steps) > 0 {
				var dot bool
				if rest, dot = strings.CutPrefix(rest, "."); !dot {
					return nil, fmt.Errorf("%w: a dot or a bracket is missing before %q", errPath, rest)
				}
			}
			s, rest, err = parseName(rest)
		}
		if err != nil {
			return nil, err
		}
		if steps = append(steps, s); len(steps) > maxSteps {
			return nil, fmt.Errorf("%w: more than %d steps", errPath, maxSteps)
		}
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("%w: it is empty", errPath)
	}
	return steps, nil
}

func parseName(path string) (s step, rest string, err error) {
	end := strings.IndexAny(path, ".[]")
	if end < 0 {
		end = len(path)
	}
	switch {
	case end == 0:
		return s, "", fmt.Errorf("%w: a name is missing before %q", errPath, path)
	case end < len(path) && path[end] == ']':
		return s, "", fmt.Errorf("%w: ] without [", errPath)
	case path[:end] == "$":
		return s, "", fmt.Errorf("%w: it begins with $, which stands for nothing here", errPath)
	}
	return step{name: path[:end], kind: '.'}, path[end:], nil
}

// parseBracket reads what is behind a bracket: a number, a star or a quoted name.
func parseBracket(path string) (s step, rest string, err error) {
	if quoted, err := strconv.QuotedPrefix(path); err == nil && path[0] == '"' {
		name, _ := strconv.Unquote(quoted)
		rest, ok := strings.CutPrefix(path[len(quoted):], "]")
		if !ok {
			return s, "", fmt.Errorf("%w: ] is missing after %s", errPath, quoted)
		}
		return step{name: name, kind: '.'}, rest, nil
	}
	inside, rest, ok := strings.Cut(path, "]")
	if !ok {
		return s, "", fmt.Errorf("%w: [ without ]", errPath)
	}
	if inside == "*" {
		return step{kind: '*'}, rest, nil
	}
	index, err := strconv.ParseUint(inside, 10, 31)
	if err != nil {
		return s, "", fmt.Errorf("%w: [%s] is not an index from 0, [*] or a name in quotes", errPath, inside)
	}
	return step{index: int(index), kind: '['}, rest, nil
}

// place is a value and the path to it.
type place struct {
	path string
	value
}

// walk finds the values at a path; unsure when there may be more in what was not read.
func walk(at place, steps []step) (found []place, unsure bool) {
	if len(steps) == 0 {
		return []place{at}, false
	}
	s, rest := steps[0], steps[1:]
	if at.kind == 0 {
		return nil, true
	}
	switch {
	case s.kind == '.' && at.kind == '{':
		member, has := at.members[s.name]
		if !has {
			return nil, at.open
		}
		return walk(place{memberPath(at.path, s.name), member}, rest)
	case s.kind == '[' && at.kind == '[':
		if s.index >= len(at.items) {
			return nil, at.open
		}
		return walk(place{itemPath(at.path, s.index), at.items[s.index]}, rest)
	case s.kind == '*' && at.kind == '[':
		unsure = at.open
		for i, item := range at.items {
			some, more := walk(place{itemPath(at.path, i), item}, rest)
			found, unsure = append(found, some...), unsure || more
		}
	}
	return found, unsure
}

func memberPath(path, name string) string {
	if strings.ContainsAny(name, ".[]\" \t\n") || name == "" {
		return path + "[" + strconv.Quote(name) + "]"
	}
	return path + "." + name
}

func itemPath(path string, index int) string { return path + "[" + strconv.Itoa(index) + "]" }
