package scenario

import (
	"bytes"
	"errors"
	"io"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
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
	probe   *probe // what stands here while the schema is made; nil in a file
	torn    bool   // a mapping of which a key could not be read, so that nobody knows which keys it lacks
}

type pair struct{ key, value *node }

// document reads the one document of a file; nil when there is nothing but comments, or when it cannot be read.
func (f *file) document(text []byte) *node {
	loader, err := yaml.NewLoader(bytes.NewReader(text), yaml.WithUniqueKeys(false),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
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
	return f.convert(first.Content[0])
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
func (f *file) convert(n *yaml.Node) *node {
	at := f.placeOf(n.Line, n.Column)
	refuse := func(hint, message string) *node {
		f.mistake(at, hint, message)
		return &node{at: at}
	}
	switch {
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
			out.items = append(out.items, f.convert(item))
		}
	case yaml.MappingNode:
		f.convertMapping(n, out)
	}
	return out
}

func (f *file) convertMapping(n *yaml.Node, out *node) {
	out.kind = mapping
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := f.convert(n.Content[i])
		switch {
		case key.kind == mapping || key.kind == sequence:
			f.mistake(key.at, "write a name before the colon", "a key is a text")
		case key.kind == broken:
		case key.plain && key.text == "<<":
			f.mistake(key.at, "write the keys out; a scenario reads as it stands", "merge keys are not supported")
		default:
			out.entries = append(out.entries, pair{key, f.convert(n.Content[i+1])})
			continue
		}
		out.torn = true
	}
}
