package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of one file, far above what a person writes, so that no file can exhaust the reader.
const (
	maxBytes = 1 << 20
	maxDepth = 50
)

// file is a scenario file being read: its lines and the mistakes found so far.
type file struct {
	name     string
	lines    []string
	mistakes Mistakes
}

// parse reads text as one YAML document whose top is a mapping. Every mistake is noted in the file.
func parse(name string, text []byte) (f *file, root Node, ok bool) {
	f = &file{name: name, lines: strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")}
	if problem, hint := unreadable(text); problem != "" {
		f.mistake(nil, hint, problem)
		return f, root, false
	}
	doc, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) {
			f.mistake(syntax.GetToken(), "", "not valid YAML: "+syntax.GetMessage())
		} else {
			f.mistake(nil, "", "not valid YAML: "+err.Error())
		}
		return f, root, false
	}
	var docs []ast.Node
	for _, d := range doc.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType {
			docs = append(docs, d.Body)
		}
	}
	switch {
	case len(docs) == 0:
		f.mistake(nil, "begin with title: and story:", "the file is empty")
		return f, root, false
	case len(docs) > 1:
		f.mistake(docs[1].GetToken(), "put the second document into a file of its own", "a scenario file holds one document")
		return f, root, false
	}
	root = f.value(docs[0], docs[0].GetToken())
	return f, root, root.node != nil
}

// unreadable says why text is not even looked at as YAML.
func unreadable(text []byte) (problem, hint string) {
	switch {
	case len(text) > maxBytes:
		return fmt.Sprintf("the file has %d bytes, more than %d", len(text), maxBytes), "split it: one story per file"
	case !utf8.Valid(text):
		return "the file is not UTF-8", "save it as UTF-8"
	case bytes.IndexByte(text, 0) >= 0:
		return "the file holds a zero byte", "save it as plain text"
	case depth(text) > maxDepth:
		return fmt.Sprintf("the file is nested deeper than %d levels", maxDepth), ""
	}
	return "", ""
}

// depth is an upper bound of how deep the document nests: brackets that are open at once, and columns of indentation.
func depth(text []byte) int {
	deepest := 0
	for line := range bytes.Lines(text) {
		open := 0
		indent := len(line) - len(bytes.TrimLeft(line, " -?"))
		for _, c := range line {
			switch c {
			case '[', '{':
				open++
			}
		}
		deepest = max(deepest, open+indent/4)
	}
	return deepest
}

// value is a node without the wrappers YAML can put around one; aliases and tags are mistakes.
func (f *file) value(n ast.Node, at *token.Token) Node {
	if n == nil {
		return Node{f, nil, at}
	}
	place := n.GetToken()
	switch v := n.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		f.mistake(place, "write the value out; a scenario reads as it stands", "anchors and aliases are not supported")
		return Node{f, nil, place}
	case *ast.TagNode:
		f.mistake(place, "remove the tag", "tags are not supported")
		return Node{f, nil, place}
	case *ast.MappingValueNode:
		return Node{f, ast.Mapping(v.Start, false, v), v.Key.GetToken()}
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			place = v.Values[0].Key.GetToken()
		}
	case *ast.NullNode:
		place = at
	}
	return Node{f, n, place}
}

// mistake notes a mistake at a token, or for the whole file when there is none.
func (f *file) mistake(at *token.Token, hint, message string) {
	m := Mistake{File: f.name, Message: message, Hint: hint}
	if at != nil && at.Position != nil && at.Position.Line >= 1 && at.Position.Line <= len(f.lines) {
		m.Line, m.Column = at.Position.Line, max(at.Position.Column, 1)
		m.Text = strings.TrimRight(f.lines[m.Line-1], "\r")
	}
	f.mistakes = append(f.mistakes, m)
}
