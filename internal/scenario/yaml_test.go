package scenario

import (
	"fmt"
	"strings"
	"testing"
)

// tree is a node on one line: texts in quotes, no value as ~.
func tree(n *node) string {
	var b strings.Builder
	switch n.kind {
	case null:
		return "~"
	case scalar:
		return fmt.Sprintf("%q", n.text)
	case mapping:
		for _, e := range n.entries {
			fmt.Fprintf(&b, " %s: %s", tree(e.key), tree(e.value))
		}
		return "{" + b.String() + " }"
	case sequence:
		for _, item := range n.items {
			b.WriteString(" " + tree(item))
		}
		return "[" + b.String() + " ]"
	}
	return "BROKEN"
}

// documents are what a story may be written in, and what is kept of it.
var documents = []struct{ name, text, want string }{
	{"no value", "a:\nb: ~\nc: null\nd: \"null\"\ne: ''\n", `{ "a": ~ "b": ~ "c": ~ "d": "null" "e": "" }`},
	{"no item", "a:\n  -\n  - b\n  -\n", `{ "a": [ ~ "b" ~ ] }`},
	{"what stands in the file", "a: 0012\nb: 1_000\nc: 0x1F\nd: 1e3\ne: -7.50\nf: yes\ng: 2026-04-09\nh: 20:00 +03:00\ni: .inf\nj: True\n",
		`{ "a": "0012" "b": "1_000" "c": "0x1F" "d": "1e3" "e": "-7.50" "f": "yes" "g": "2026-04-09" "h": "20:00 +03:00" "i": ".inf" "j": "True" }`},
	{"keys that are no texts", "1: a\ntrue: b\n1.50: c\n", `{ "1": "a" "true": "b" "1.50": "c" }`},
	{"a list in the column of its key", "a:\n- b\n- c: d\n  e: f\ng: h\n", `{ "a": [ "b" { "c": "d" "e": "f" } ] "g": "h" }`},
	{"comments", "# one\na: b # two\n  # three\n\nc: d#e\nf:   # four\n  g: h\n# five", `{ "a": "b" "c": "d#e" "f": { "g": "h" } }`},
	{"marks of the document", "# one\n---\na: b\n...\n", `{ "a": "b" }`},
	{"a file of Windows", "\ufeffa: b\r\nc: |\r\n  d\r\n  e\r\n", `{ "a": "b" "c": "d\ne" }`},
	{"brackets", "a: {b: c, d: [e, 'f, g', ], }\nh: {}\ni: []\n", `{ "a": { "b": "c" "d": [ "e" "f, g" ] } "h": { } "i": [ ] }`},
	{"JSON", "{\"a\":\"b\",\"c\":[1,2],\"d\":{\"e\":null}}\n", `{ "a": "b" "c": [ "1" "2" ] "d": { "e": ~ } }`},
	{"quotes", `a: 'it''s: # no comment'` + "\n" + `b: "c\"\\\t\u0436"` + "\n", `{ "a": "it's: # no comment" "b": "c\"\\\tж" }`},
	{"texts over lines", "a: b\n  c\n\n  d\ne: >-\n  f\n  g\nh: |\n  i\n\n  # j\nk: l\n", `{ "a": "b c\nd" "e": "f g" "h": "i\n\n# j\n" "k": "l" }`},
	{"Cyrillic", "название: {страховщик: ВСК, «цена»: 7072}\n", `{ "название": { "страховщик": "ВСК" "«цена»": "7072" } }`},
	{"the same key twice", "a: 1\na: 2\n", `{ "a": "1" "a": "2" }`},
	{"a list alone", "- a\n- - b\n", `[ "a" [ "b" ] ]`},
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, c := range documents {
		f, root, ok := parse("x.yaml", []byte(c.text))
		if !ok || len(f.mistakes) > 0 {
			t.Errorf("%s: %v", c.name, f.mistakes)
		} else if got := tree(root.node); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
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

// TestPlaces: every node stands where its first letter does, whatever letters, spaces and line ends are before it.
func TestPlaces(t *testing.T) {
	t.Parallel()
	text := "\ufeffключ:   'v'   # c\r\nm:   \r\n  - {«a»: 1, b: [x,  y]}\r\n  - - deep\r\n  -   d: >-\r\n        text\r\n      e: plain\r\n        goes on\r\n\r\n\r\nlast: z"
	_, root, ok := parse("x.yaml", []byte(text))
	if !ok {
		t.Fatal("not read")
	}
	var got []string
	each(root.node, func(n *node) { got = append(got, fmt.Sprintf("%d:%d %s", n.at.line, n.at.column, n.text)) })
	want := []string{"1:1 ", "1:1 ключ", "1:9 v", "2:1 m", "3:3 ", "3:5 ", "3:6 «a»", "3:11 1", "3:14 b", "3:17 ", "3:18 x", "3:22 y",
		"4:5 ", "4:7 deep", "5:7 ", "5:7 d", "5:10 text", "7:7 e", "7:10 plain goes on", "11:1 last", "11:7 z"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestPlacesOfNothing: what is not there has a place within the file too.
func TestPlacesOfNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a:\n", "a:", "a: # c\n\n\n", "- \n-\n", "a: {b: , c}", "a:\n  -\n\n", "? a\n", "a: |", "a: ''"} {
		f, root, ok := parse("x.yaml", []byte(text))
		if !ok {
			t.Errorf("%q: %v", text, f.mistakes)
			continue
		}
		each(root.node, func(n *node) {
			if n.at.line < 1 || n.at.line > len(f.lines) || n.at.column < 1 || n.at.column > len(f.lines[n.at.line-1])+1 {
				t.Errorf("%q: %v", text, n.at)
			}
		})
	}
}
