package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

// The YAML library reads the text; what is kept of it is the part that stories are written in: mappings, lists, texts. What
// YAML has beyond that (anchors, aliases, tags, merge keys, several documents) is a mistake.

type kind int

const (
	broken kind = iota // a mistake was noted in its place
	null
	scalar
	mapping
	sequence
)

// node is a value of the document.
type node struct {
	kind    kind
	at      place
	text    string // of a scalar
	plain   bool   // a scalar without quotes
	entries []pair // of a mapping
	items   []*node
	torn    bool // a mapping of which a key could not be read, so that nobody knows which keys it lacks
}

type pair struct{ key, value *node }

// document reads the one document of a file; nil when there is nothing but comments, or when it cannot be read.
func (f *file) document(text []byte) *node {
	loader, err := yaml.NewLoader(bytes.NewReader(text), yaml.WithUniqueKeys(false))
	var first, second yaml.Node
	if err == nil {
		err = loader.Load(&first)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		if err = loader.Load(&second); err == nil {
			f.mistake(f.placeOf(second.Line, 1), "put the second document into a file of its own", "a scenario file holds one document")
			return &node{}
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		f.syntax(err)
		return &node{}
	}
	if len(first.Content) == 0 {
		return nil
	}
	return f.convert(first.Content[0], 1)
}

// syntax notes what the library could not read, at the place where it stopped.
func (f *file) syntax(err error) {
	var e *yaml.LoadError
	if !errors.As(err, &e) {
		f.mistake(place{}, "", "not valid YAML: "+err.Error())
		return
	}
	message, at := e.Message, e.Mark
	if e.ContextMsg != "" {
		message = e.ContextMsg + ": " + message
	}
	switch begins := e.ContextMark.Line; {
	case begins > 0 && strings.Contains(e.Message, "end of stream"):
		at = e.ContextMark // what is not closed, rather than the end of the file
	case begins > 0 && begins < e.Mark.Line:
		message += fmt.Sprintf(" (it begins on line %d)", begins)
	}
	f.mistake(f.placeOf(at.Line, at.Column), cure(e.Message), "not valid YAML: "+message)
}

// cures are what mends a file by what the library found wrong with it.
var cures = []struct{ found, cure string }{
	{"mapping values are not allowed", "put a text that holds a colon in quotes, or indent the line as its neighbours"},
	{"could not find expected ':'", "write key: value, with a space behind the colon"},
	{"did not find expected ','", "close the bracket, put commas between the values, and put a text that holds , : [ ] { } in quotes"},
	{"did not find expected node content", "close the bracket, or remove the comma that is too much"},
	{"did not find expected key", "indent the line as its neighbours, and close every quote and bracket above it"},
	{"did not find expected '-'", "begin every item of the list with a dash, all in one column"},
	{"unexpected end of stream", "close the quote"},
	{"cannot start any token", "put a text that begins with @ ` or % in quotes"},
	{"escape", `in double quotes write \\ for a backslash, or use single quotes`},
	{"block sequence entries are not allowed", "begin the list on the line below its key"},
	{"unknown anchor", "put a text that begins with * in quotes; anchors and aliases are not supported"},
	{"document start", "let all keys of the story begin in the first column"},
	{"expected comment or line break", "begin the text on the line below"},
}

func cure(found string) string {
	for _, c := range cures {
		if strings.Contains(found, c.found) {
			return c.cure
		}
	}
	return "compare the line with its neighbours"
}

// placeOf is a place of the library within the file: it may point behind the last line.
func (f *file) placeOf(line, column int) place {
	if line < 1 {
		return place{}
	}
	line = min(line, len(f.lines))
	return place{line, max(min(column, len(f.lines[line-1])+1), 1)}
}

// convert keeps what a story needs of a value.
func (f *file) convert(n *yaml.Node, depth int) *node {
	at := f.placeOf(n.Line, n.Column)
	refuse := func(hint, message string) *node {
		f.mistake(at, hint, message)
		return &node{at: at}
	}
	switch {
	case depth > maxDepth:
		return refuse("a story needs a handful; look for brackets or dashes too many", fmt.Sprintf("nested deeper than %d levels", maxDepth))
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return refuse("write the value out; a scenario reads as it stands", "anchors and aliases are not supported")
	case n.Style&yaml.TaggedStyle != 0:
		return refuse("remove the tag", "tags are not supported")
	}
	out := &node{at: at}
	switch n.Kind {
	case yaml.ScalarNode:
		out.kind, out.text, out.plain = scalar, n.Value, n.Style == 0
		if out.plain && n.ShortTag() == "!!null" {
			out.kind = null
		}
	case yaml.SequenceNode:
		out.kind = sequence
		for _, item := range n.Content {
			out.items = append(out.items, f.convert(item, depth+1))
		}
	case yaml.MappingNode:
		out.kind = mapping
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := f.convert(n.Content[i], depth+1)
			out.torn = out.torn || key.kind == broken
			switch {
			case key.kind == mapping || key.kind == sequence:
				out.torn = true
				f.mistake(key.at, "write a name before the colon", "a key is a text")
			case key.kind == broken:
			case key.plain && key.text == "<<":
				out.torn = true
				f.mistake(key.at, "write the keys out; a scenario reads as it stands", "merge keys are not supported")
			default:
				out.entries = append(out.entries, pair{key, f.convert(n.Content[i+1], depth+1)})
			}
		}
	}
	return out
}
