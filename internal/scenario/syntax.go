package scenario

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// syntax notes what the library could not read: in its words, at the place of the slip rather than where the library
// noticed it, and with a cure in words of the person who wrote the file.
func (f *file) syntax(err error) {
	var e *yaml.LoadError
	if !errors.As(err, &e) {
		f.mistake(place{}, "compare the file with the stories that come with Poligon", "not valid YAML: "+err.Error())
		return
	}
	message, at, begins := e.Message, e.Mark, e.ContextMark
	if e.ContextMsg != "" {
		message = e.ContextMsg + ": " + message
	}
	switch {
	case begins.Line < 1:
	case at.Line > len(f.lines), strings.Contains(e.Message, "end of stream"), strings.Contains(e.Message, "could not find expected ':'"):
		at = begins // what is not closed, rather than the end of the file
	case begins.Line < at.Line:
		message += fmt.Sprintf(" (it begins on line %d)", begins.Line)
	}
	where, hint := f.placeOf(at.Line, at.Column), cure(e.Message)
	switch line := f.keyWithoutSpace(where.line); {
	case line > 0 && strings.Contains(hint, "colon"):
		where, hint = place{line, indentation(f.lines[line-1]) + 1}, spaceBehindColon
	case strings.HasPrefix(e.Message, "mapping values") && severalKeys.MatchString(string(f.lines[where.line-1])):
		hint = "put several keys on one line in braces, {after: 1s, status: …}, or each on a line of its own"
	case strings.Contains(hint, "colon") && strings.HasPrefix(strings.TrimSpace(string(f.lines[where.line-1])), "{"):
		hint = "begin the item with a dash, as its neighbours do"
	case strings.Contains(e.Message, "did not find expected key") && indentation(f.lines[where.line-1])+1 < where.column:
		hint = `remove it; or, if it belongs to a text in quotes, write '' for a ' and \" for a " within`
	}
	f.mistake(where, hint, "not valid YAML: "+message)
}

// severalKeys is a line such as "- after: 1s, status: CREATED".
var severalKeys = regexp.MustCompile(`^[ -]*\w+: [^"'{]*, *\w+: `)

const spaceBehindColon = "write key: value, with a space behind the colon"

// cures are what mends a file by what the library found wrong with it.
var cures = []struct{ found, cure string }{
	{"mapping values are not allowed", "put a text that holds a colon in quotes, or indent the line as its neighbours"},
	{"could not find expected ':'", spaceBehindColon},
	{"did not find expected ','", "close the bracket, put commas between the values, and put a text that holds , : [ ] { } in quotes"},
	{"did not find expected node content", "close the bracket, or remove the comma that is too much"},
	{"did not find expected key", "indent the line as its neighbours, and close every quote and bracket above it"},
	{"did not find expected '-'", "begin every item of the list with a dash, all in one column"},
	{"unexpected end of stream", "close the quote"},
	{"cannot start any token", "put a text that begins with @ ` or % in quotes"},
	{"escape", `in double quotes write \\ for a backslash, or use single quotes`},
	{"block sequence entries are not allowed", "begin the list on the line below its key"},
	{"expected alphabetic or numeric character", "put a text that begins with * or & in quotes"},
	{"unknown anchor", "put a text that begins with * in quotes; anchors and aliases are not supported"},
	{"document start", "let all keys of the story begin in the first column"},
	{"expected comment or line break", "begin the text on the line below"},
	{"incompatible YAML document", "remove the line"},
	{"max depth", "a story needs a handful of levels; look for brackets or dashes too many"},
}

func cure(found string) string {
	for _, c := range cures {
		if strings.Contains(found, c.found) {
			return c.cure
		}
	}
	return "compare the line with its neighbours"
}

var withoutSpace = regexp.MustCompile(`^[ -]*[^\s:#'"{\[-][^\s:]*:\S`)

// keyWithoutSpace is the line, the given or the last one with content above it, that begins with a key whose colon has no space
// behind it; 0 when neither does. The library takes such a line for a text and stumbles over the next.
func (f *file) keyWithoutSpace(line int) int {
	for seen := 0; line > 0 && seen < 2; line-- {
		text := string(f.lines[line-1])
		if withoutSpace.MatchString(text) {
			return line
		}
		if strings.TrimSpace(text) != "" {
			seen++
		}
	}
	return 0
}

// indentation is how many spaces and dashes a line begins with.
func indentation(line []rune) int {
	for i, r := range line {
		if r != ' ' && r != '-' {
			return i
		}
	}
	return len(line)
}
