package scenario_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"poligon/internal/scenario"
)

// FuzzRead: whatever the bytes, the reader comes back, every mistake has a place in the file and a cure, they are in order, and
// the same bytes give the same.
func FuzzRead(f *testing.F) {
	for _, list := range [][]broken{brokenYAML, brokenStories} {
		for _, c := range list {
			if len(c.text) < 4096 {
				f.Add([]byte(c.text))
			}
		}
	}
	files, _ := filepath.Glob("../../scenarios/*.yaml")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(head + "trains:\n  name: x\n  colour: RED\n  price: 12.50\n  seats: 3\n  wait: 1d2h\n  stops: [a, {at: b}]\n  fares: {a: '1'}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := scenario.Read("fuzz.yaml", text, fakeParts)
		if err != nil {
			checkMistakes(t, string(text), err)
			checkShown(t, err)
		} else if s.Title == "" || s.Story == "" {
			t.Errorf("no mistakes, and no title or story: %+v", s)
		}
		if _, again := scenario.Read("fuzz.yaml", text, fakeParts); (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
			t.Errorf("read again: %v\nbefore: %v", again, err)
		}
	})
}

// checkShown: what a terminal gets is UTF-8 in lines, and obeys no command of the file.
func checkShown(t *testing.T, err error) {
	t.Helper()
	shown := err.Error()
	if !utf8.ValidString(shown) || strings.ContainsFunc(shown, func(r rune) bool { return r < ' ' && r != '\n' }) {
		t.Errorf("not to be shown: %q", shown)
	}
	var list scenario.Mistakes
	errors.As(err, &list)
	for _, m := range list {
		if m.Line > 0 && !strings.Contains(m.Error(), "^") {
			t.Errorf("no caret: %q", m.Error())
		}
	}
}
