package scenario

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of one file, far above what a person writes, so that no file can exhaust the reader or the one who reads its mistakes.
const (
	maxBytes    = 1 << 20
	maxDepth    = 50
	maxMistakes = 100
)

// place is where something stands in a file: a line and a column in characters, from 1. The zero value is the file as a whole.
type place struct{ line, column int }

// file is a scenario file being read: its lines and the mistakes found so far.
type file struct {
	name     string
	lines    [][]rune
	mistakes Mistakes
}

// parse reads text as one YAML document that tells a story. Every mistake is noted in the file; ok is false when there is
// nothing to go on with.
func parse(name string, text []byte) (f *file, root Node, ok bool) {
	f, root, ok = load(name, text)
	if ok && (root.node == nil || root.isNull()) {
		f.mistake(place{}, "begin with title: and story:", "the file is empty")
		return f, root, false
	}
	return f, root, ok && !root.is(broken)
}

// load reads text as one YAML document, whose root is without a node when there are only comments.
func load(name string, text []byte) (f *file, root Node, ok bool) {
	f = &file{name: name}
	if len(text) > maxBytes {
		f.mistake(place{}, "split it: one story a file", fmt.Sprintf("the file has more than %d bytes", maxBytes))
		return f, root, false
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	text = bytes.TrimSuffix(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n"))
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		f.lines = append(f.lines, []rune(string(line)))
		if at := invalid(line); at >= 0 && len(f.mistakes) == 0 {
			f.mistake(place{len(f.lines), at + 1}, "save it as UTF-8", "the file is not UTF-8")
		}
	}
	if len(f.mistakes) > 0 || !f.isPlain() {
		return f, root, false
	}
	return f, Node{f, f.document(text)}, true
}

// invalid is the index, in characters, of the first byte of a line that is not UTF-8, or -1.
func invalid(line []byte) int {
	if utf8.Valid(line) {
		return -1
	}
	for i := 0; ; i++ {
		r, size := utf8.DecodeRune(line)
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		line = line[size:]
	}
}

// isPlain notes the first character of each line that no scenario needs: with a tab nobody sees how far a line is indented,
// and other control characters are invisible.
func (f *file) isPlain() bool {
	for i, line := range f.lines {
		for j, r := range line {
			if r >= ' ' && r != 0x7f && (r < 0x80 || r >= 0xa0) {
				continue
			}
			if r == '\t' {
				f.mistake(place{i + 1, j + 1}, `write spaces; within a text in double quotes a tab is \t`, "the line holds a tab")
			} else {
				f.mistake(place{i + 1, j + 1}, "save the file as plain text in UTF-8", fmt.Sprintf("the line holds the control character %U", r))
			}
			break
		}
	}
	return len(f.mistakes) == 0
}

// mistake notes a mistake at a place.
func (f *file) mistake(at place, hint, message string) {
	f.mistakes = append(f.mistakes, Mistake{File: f.name, Line: at.line, Column: at.column, Message: message, Hint: hint})
}

// finding notes what a check of the story found at a place.
func (f *file) finding(at place, found Finding, hint, message string) {
	f.mistakes = append(f.mistakes, Mistake{File: f.name, Line: at.line, Column: at.column, Message: message, Hint: hint, Finding: found})
}

// found are the mistakes with their lines, in order; of very many the first.
func (f *file) found() Mistakes {
	f.mistakes.sort()
	shown := f.mistakes[:min(len(f.mistakes), maxMistakes)]
	for i := range shown {
		switch m := &shown[i]; {
		case i > 0 && m.Line == shown[i-1].Line:
			m.Text = shown[i-1].Text // a long line is kept once
		case m.Line > 0:
			m.Text = string(f.lines[m.Line-1])
		}
	}
	if n := len(f.mistakes); n > len(shown) {
		more := Mistake{File: f.name, Message: fmt.Sprintf("%d mistakes, of which the first %d are shown", n, maxMistakes),
			Hint: "mend these and read the file again"}
		return append(Mistakes{more}, shown...)
	}
	return shown
}

// shorten is a text, of a long one the beginning.
func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// quote is a text as a message quotes it: as it stands in the file, if it can be shown.
func quote(s string) string {
	if s = shorten(s); strings.ContainsFunc(s, unicode.IsControl) {
		return strconv.Quote(s)
	}
	return `"` + s + `"`
}
