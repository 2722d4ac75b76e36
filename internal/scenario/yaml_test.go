package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"
	library "github.com/goccy/go-yaml/parser"
)

// tree is a node on one line: texts in quotes, no value as ~.
func tree(n *node) string {
	var b strings.Builder
	switch n.kind {
	case broken:
		return "BROKEN"
	case scalar:
		if !(Node{node: n}).isNull() {
			return fmt.Sprintf("%q", n.text)
		}
		fallthrough
	case null:
		return "~"
	case mapping:
		for _, e := range n.entries {
			fmt.Fprintf(&b, " %s: %s", tree(e.key), tree(e.value))
		}
		return "{" + b.String() + " }"
	case sequence:
		for _, item := range n.items {
			b.WriteString(" " + tree(item))
		}
	}
	return "[" + b.String() + " ]"
}

// libraryTree is the tree that goccy/go-yaml reads.
func libraryTree(n ast.Node) string {
	var b strings.Builder
	switch n := n.(type) {
	case *ast.NullNode:
		return "~"
	case *ast.StringNode:
		return fmt.Sprintf("%q", n.Value)
	case *ast.LiteralNode:
		return fmt.Sprintf("%q", n.Value.Value)
	case *ast.MappingNode:
		for _, v := range n.Values {
			fmt.Fprintf(&b, " %s: %s", libraryTree(v.Key), libraryTree(v.Value))
		}
		return "{" + b.String() + " }"
	case *ast.SequenceNode:
		for _, v := range n.Values {
			b.WriteString(" " + libraryTree(v))
		}
		return "[" + b.String() + " ]"
	}
	return fmt.Sprintf("%q", n.GetToken().Value)
}

var documents = []struct {
	name, text, want string
	alone            bool // goccy/go-yaml v1.19.2 reads it otherwise; yaml.v3 agrees with us
}{
	{"a mapping", "a: 1\nb: two words\n", `{ "a": "1" "b": "two words" }`, false},
	{"a list", "- a\n- b\n", `[ "a" "b" ]`, false},
	{"no value", "a:\nb: ~\nc: null\nd: \"null\"\n", `{ "a": ~ "b": ~ "c": ~ "d": "null" }`, false},
	{"no item", "a:\n  -\n  - b\n  -\n", `{ "a": [ ~ "b" ~ ] }`, false},
	{"numbers as they stand", "a: 0012\nb: 1_000\nc: 0x1F\nd: 1e3\ne: -7.50\n", `{ "a": "0012" "b": "1_000" "c": "0x1F" "d": "1e3" "e": "-7.50" }`, false},
	{"nested", "a:\n  b:\n    c: d\n  e: f\ng: h\n", `{ "a": { "b": { "c": "d" } "e": "f" } "g": "h" }`, false},
	{"a list in the column of its key", "a:\n- b\n- c: d\n  e: f\ng: h\n", `{ "a": [ "b" { "c": "d" "e": "f" } ] "g": "h" }`, false},
	{"lists in lists", "- - a\n  - b\n-   - c\n-\n  - d\n", `[ [ "a" "b" ] [ "c" ] [ "d" ] ]`, false},
	{"comments", "# one\na: b # two\n  # three\n\nc: d#e\nf:   # four\n  g: h\n# five", `{ "a": "b" "c": "d#e" "f": { "g": "h" } }`, false},
	{"a mark before the document", "# one\n---\na: b\n", `{ "a": "b" }`, false},
	{"the mark of Windows", "\ufeffa: b\r\nc:\r\n  - d\r\n", `{ "a": "b" "c": [ "d" ] }`, true},
	{"no end of line", "a: b", `{ "a": "b" }`, false},
	{"spaces at ends of lines", "a: b  \nc:  \n  - d \n", `{ "a": "b" "c": [ "d" ] }`, false},
	{"colons without a space", "a: 20:00 +03:00\nb: http://c:80/d\n\"e:f\": g\nh:i: j\n", `{ "a": "20:00 +03:00" "b": "http://c:80/d" "e:f": "g" "h:i": "j" }`, false},
	{"odd letters within a text", "a: b & c * d ! e % f @ g ` h | i > j [k] {l}, 'm' \"n\"\n", `{ "a": "b & c * d ! e % f @ g ` + "`" + ` h | i > j [k] {l}, 'm' \"n\"" }`, false},
	{"dashes and question marks", "a: -1\nb: -x\nc: ?x\nd: x - y ? z\n", `{ "a": "-1" "b": "-x" "c": "?x" "d": "x - y ? z" }`, false},
	{"braces", "a: {b: c, d: {e: f}, }\ng: {}\n", `{ "a": { "b": "c" "d": { "e": "f" } } "g": { } }`, false},
	{"brackets", "a: [b, [c], {d: e}, 'f, g', ]\nh: []\n", `{ "a": [ "b" [ "c" ] { "d": "e" } "f, g" ] "h": [ ] }`, false},
	{"JSON", "{\"a\":\"b\",\"c\":[1,2],\"d\":{\"e\":null}}\n", `{ "a": "b" "c": [ "1" "2" ] "d": { "e": ~ } }`, false},
	{"braces over lines", "a: {\n  b: c, # one\n\n  d: [e,\n    f\n  ]\n}\ng: h\n", `{ "a": { "b": "c" "d": [ "e" "f" ] } "g": "h" }`, false},
	{"no value in braces", "a: {b: , c: }\n", `{ "a": { "b": ~ "c": ~ } }`, false},
	{"no comment in braces", "a: {b: c#d, e: f}\n", `{ "a": { "b": "c#d" "e": "f" } }`, false},
	{"single quotes", "a: 'it''s: # no comment'\n'b c' : d\n'e''f': g\n", `{ "a": "it's: # no comment" "b c": "d" "e'f": "g" }`, false},
	{"double quotes", `a: "b\"c\\d\te\nf\u0436\x41\U0001F600\/"` + "\n\"g\\\"h\": i\n", `{ "a": "b\"c\\d\te\nfжA😀/" "g\"h": "i" }`, false},
	{"quotes over lines", "a: 'b\n  c\n\n  d'\ne: \"f \\\n   g\\n\n  h\"\n", `{ "a": "b c\nd" "e": "f g\n h" }`, false},
	{"a text over lines", "a: b\n  c\n\n  d\ne: f\n", `{ "a": "b c\nd" "e": "f" }`, false},
	{"lines as they are", "a: |\n  b\n    c\n\n  # d\n\ne: f\n", `{ "a": "b\n  c\n\n# d\n" "e": "f" }`, false},
	{"lines joined", "a: >\n  b\n  c\n\n  d\n   e\n  f\n\ng: h\n", `{ "a": "b c\nd\n e\nf\n" "g": "h" }`, false},
	{"ends of block texts", "a: |-\n  b\n\nc: >+\n  d\n\ne: >-\n  f\n  g\n", `{ "a": "b" "c": "d\n\n" "e": "f g" }`, false},
	{"empty lines above a block text", "a: |\n\n  b\nc: >\n\n\n  d\n", `{ "a": "\nb\n" "c": "\n\nd\n" }`, false},
	{"an empty block text", "a: |\nb: >\n\n   \nc: d\n", `{ "a": "" "b": "" "c": "d" }`, false},
	{"block texts in a list", "- |\n a\n- >-\n b\n c\n", `[ "a\n" "b c" ]`, false},
	{"Cyrillic", "название: {страховщик: ВСК, «цена»: 7072}\n", `{ "название": { "страховщик": "ВСК" "«цена»": "7072" } }`, false},
	{"the same key twice", "a: 1\na: 2\n", `{ "a": "1" "a": "2" }`, false},
	{"an indented document", "  a: b\n  c: d\n", `{ "a": "b" "c": "d" }`, false},
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, c := range documents {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, root, ok := parse("x.yaml", []byte(c.text))
			if !ok || len(f.mistakes) > 0 {
				t.Fatal(f.mistakes)
			}
			if got := tree(root.node); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if read := readByLibrary(t, c.text); (read == c.want) == c.alone {
				t.Errorf("goccy/go-yaml reads %s", read)
			}
		})
	}
}

func readByLibrary(t *testing.T, text string) string {
	t.Helper()
	doc, err := library.ParseBytes([]byte(text), 0, library.AllowDuplicateMapKey())
	if err != nil {
		t.Fatal(err)
	}
	return libraryTree(doc.Docs[0].Body)
}

// TestEmbeddedAsTheLibrary reads every scenario file that comes with Poligon by the library too.
func TestEmbeddedAsTheLibrary(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../scenarios/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, root, ok := parse(name, text)
		if !ok || len(f.mistakes) > 0 {
			t.Fatal(f.mistakes)
		}
		if got, want := tree(root.node), readByLibrary(t, string(text)); got != want {
			t.Errorf("%s: got  %s\nwant %s", name, got, want)
		}
	}
}

// each calls f for every node below one.
func each(n *node, f func(*node)) {
	f(n)
	for _, e := range n.entries {
		each(e.key, f)
		each(e.value, f)
	}
	for _, item := range n.items {
		each(item, f)
	}
}

// TestPlaces: a node stands where its first letter does.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, c := range documents {
		f, root, _ := parse("x.yaml", []byte(c.text))
		each(root.node, func(n *node) {
			line := f.lines[n.at.line-1]
			if n.at.column > len(line) {
				t.Fatalf("%s: %v is behind the line %q", c.name, n.at, string(line))
			}
			here := string(line[n.at.column-1:])
			first, _, _ := strings.Cut(n.text, "\n")
			switch {
			case n.kind == scalar && n.plain:
				word, _, _ := strings.Cut(first, " ")
				if !strings.HasPrefix(here, word) {
					t.Errorf("%s: at %v stands %q, not %q", c.name, n.at, here, first)
				}
			case n.kind == scalar && !strings.ContainsAny(here[:1], `"'|>`):
				t.Errorf("%s: at %v stands %q, no text", c.name, n.at, here)
			}
		})
	}
}

func TestPlaceOfEveryKind(t *testing.T) {
	t.Parallel()
	text := "\ufeffключ:   'v'   # c\r\nm:\r\n  - {a: 1, b: [x,  y]}\r\n  -\r\n  -   d: >-\r\n        text\r\n      e:\r\n"
	_, root, ok := parse("x.yaml", []byte(text))
	if !ok {
		t.Fatal("not read")
	}
	var got []string
	each(root.node, func(n *node) { got = append(got, fmt.Sprintf("%d:%d %s", n.at.line, n.at.column, n.text)) })
	want := []string{"1:1 ", "1:1 ключ", "1:9 v", "2:1 m", "3:3 ", "3:5 ", "3:6 a", "3:9 1", "3:12 b", "3:15 ", "3:16 x", "3:20 y",
		"4:3 ", "5:7 ", "5:7 d", "5:10 text", "7:7 e", "7:7 "}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
