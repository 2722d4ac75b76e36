package scenario_test

import (
	"testing"
	"testing/fstest"

	"poligon/internal/scenario"
)

func TestReadValue(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{a: x}`:                                 "x",
		"a: x\n":                                 "x",
		"{\t\"a\":\r\n\t\"x\"}":                  "x",
		`{"a": "\ud83d\ude00"}`:                  "😀",
		`{"a": "b\\\uD83D\uDE00\u044f"}`:         `b\😀я`,
		`{"a": "\\ud83d\ude00"}`:                 "", // a lone surrogate is no character
		`{"a": "\\ud83d\\ude00 \/ \\\\ud83d"}`:   `\ud83d\ude00 / \\ud83d`,
		`{"a": "\\\\ud83d\u0041\\ud83d\\udc00"}`: `\\ud83dA\ud83d\udc00`,
	} {
		got := ""
		err := scenario.ReadValue("v", []byte(text), func(n scenario.Node) {
			m := n.Map()
			a, _ := m.Need("a", "")
			got = a.PlainText()
			m.Done()
		})
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s is %q: %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"":       "v:1:1: expected a mapping, found nothing\n    1 | \n      | ^\n  hint: write key: value",
		"{b: x}": "v:1:2: unknown key \"b\"\n    1 | {b: x}\n      |  ^\n  hint: did you mean a?",
	} {
		err := scenario.ReadValue("v", []byte(text), func(n scenario.Node) {
			m := n.Map()
			m.Need("a", "")
			m.Done()
		})
		if err == nil || err.Error() != want {
			t.Errorf("%q: %q", text, err)
		}
	}
}

// A part that is a scenario's own is nobody else's: the default scenario neither needs it nor lends it.
func TestOwnPart(t *testing.T) {
	t.Parallel()
	text := func(n scenario.Node) any { return n.Text() }
	parts := []scenario.Part{{API: "trains", Read: text}, {API: "moods", Own: true, Read: text}}
	files := func(list map[string]string) scenario.Source {
		fs := fstest.MapFS{}
		for name, text := range list {
			fs[name] = &fstest.MapFile{Data: []byte(head + text)}
		}
		return scenario.Source{Name: "s", Files: fs}
	}
	if _, err := scenario.Load(parts, files(map[string]string{"default.yaml": "trains: a\n"})); err != nil {
		t.Errorf("a default without: %v", err)
	}
	lib, err := scenario.Load(parts, files(map[string]string{"default.yaml": "trains: a\nmoods: b\n", "other.yaml": "trains: c\n"}))
	if err != nil {
		t.Fatal(err)
	}
	other, _ := lib.Find("other")
	fallback, _ := lib.Find("default")
	if got := lib.Script(other, "moods"); got != nil {
		t.Errorf("another's part stands in: %v", got)
	}
	if got := lib.Script(fallback, "moods"); got != "b" {
		t.Errorf("its own part is %v", got)
	}
	_, err = scenario.Read("a.yaml", []byte(head+"moods: b\n"), parts)
	if want := "a.yaml:1:1: the story tells nothing about any partner API\n    1 | title: A story\n      | ^\n  hint: add a section trains:"; err == nil || err.Error() != want {
		t.Errorf("a part alone: %v", err)
	}
}
