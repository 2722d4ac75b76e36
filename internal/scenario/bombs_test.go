package scenario

import (
	"runtime"
	"strings"
	"testing"
)

// bombs are files of 128 KB, each of which costs some reader of YAML minutes, gigabytes or its stack.
func bombs() map[string]string {
	const n = maxBytes / 8
	fill := func(before, unit, after string) string {
		return before + strings.Repeat(unit, (n-len(before)-len(after))/len(unit)) + after
	}
	indented := func(lines int) string {
		var b strings.Builder
		for i := range lines {
			b.WriteString(strings.Repeat(" ", i) + "a:\n")
		}
		return b.String()
	}
	return map[string]string{
		"brackets":                  fill("", "[", ""),
		"brackets over lines":       fill("a: ", "[\n ", ""),
		"braces":                    fill("", "{a: ", ""),
		"dashes":                    fill("", "- ", "x"),
		"question marks":            fill("", "? ", "x"),
		"colons":                    fill("", ": ", "x"),
		"indentation":               indented(700),
		"lists in keys at a column": fill("", "-\na:\n", ""),
		"keys":                      fill("", "a: 1\n", ""),
		"keys without values":       fill("", "a:\n", ""),
		"keys without colons":       fill("a: 1\n", "b\n", ""),
		"keys in braces":            fill("{", "a: 1,", "}"),
		"keys without values there": fill("{", "a,", "}"),
		"items":                     fill("", "- a\n", ""),
		"empty items":               fill("", "-\n", ""),
		"a long path of keys":       fill(strings.Repeat("k", n/2)+":\n", " a: 1\n", ""),
		"a long line":               fill("a: ", "b", ""),
		"a long line in braces":     fill("a: {b: ", "c", "}"),
		"quotes":                    fill("a: \"", "\\\"", "\""),
		"a quote not closed":        fill("a: '", "b\n ", ""),
		"quotes not closed":         fill("", "a: '\n", ""),
		"tabs":                      fill("a: \"", "\t", "\""),
		"lines":                     fill("", "\n", "a: b"),
		"lines of a text":           fill("a: |\n b", "\n", "c: d"),
		"lines of a text in quotes": fill("a: 'b", "\n", " c'"),
		"joined lines":              fill("a: >\n", " b\n", ""),
		"block texts":               fill("", "a: |\n\n", ""),
		"spaces":                    fill("a: b", " ", ""),
		"smaller":                   fill("a: ", "<", ""),
		"anchors":                   fill("a: ", "&a ", "b"),
		"aliases":                   fill("a: [", "*a,", "]"),
		"tags":                      fill("a: ", "! ", "b"),
		"documents":                 fill("", "---\na\n", ""),
		"marks":                     fill("", "---\n", ""),
		"comments":                  fill("", "#\n", "a: b"),
		"carriage returns":          fill("", "\r\n", "a: b"),
		"zero bytes":                fill("", "\x00\n", ""),
		"not UTF-8":                 fill("", "\xff\n", ""),
	}
}

// TestBombs runs alone, for it measures what the reader allocates.
func TestBombs(t *testing.T) {
	for name, text := range bombs() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, mistakes := read("bomb.yaml", []byte(text), nil)
		runtime.ReadMemStats(&after)
		if len(mistakes) == 0 || len(mistakes) > maxMistakes+1 {
			t.Errorf("%s: %d mistakes", name, len(mistakes))
		}
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 250 { // in all, not at once
			t.Errorf("%s: %d MB for a file of 128 KB", name, mb)
		}
	}
}

// TestManyMistakes: of very many the first are shown, in order, under a line that says so.
func TestManyMistakes(t *testing.T) {
	t.Parallel()
	_, mistakes := read("many.yaml", []byte("title: x\nstory: y\n"+strings.Repeat("a: 1\n", 150)), nil)
	if len(mistakes) != 101 || mistakes[0].Message != "150 mistakes, of which the first 100 are shown" || mistakes[100].Line != 102 {
		t.Errorf("%d: %v", len(mistakes), mistakes)
	}
}

// TestLargest: a file of the largest size that is no bomb is read.
func TestLargest(t *testing.T) {
	t.Parallel()
	text := "title: x\nstory: >\n" + strings.Repeat("  y\n", maxBytes/4)
	text = text[:maxBytes-1] + "\n"
	if _, mistakes := read("large.yaml", []byte(text), nil); len(mistakes) != 1 || mistakes[0].Line != 1 {
		t.Error(mistakes) // it has no section
	}
	if _, mistakes := read("large.yaml", []byte(text+"#"), nil); len(mistakes) != 1 || mistakes[0].Line != 0 {
		t.Error(mistakes)
	}
}
