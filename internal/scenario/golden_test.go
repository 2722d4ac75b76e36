package scenario_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"poligon/internal/scenario"
)

var update = flag.Bool("update", false, "write the golden files anew")

// broken is a file with mistakes; its name is broken.yaml when none is given.
type broken struct{ name, file, text string }

// testMistakes reads every case and holds what is said about it to the section of its name in a golden file.
func testMistakes(t *testing.T, golden string, cases []broken) {
	t.Helper()
	want := sections(t, golden)
	var all strings.Builder
	for _, c := range cases {
		if c.file == "" {
			c.file = "broken.yaml"
		}
		_, err := scenario.Read(c.file, []byte(c.text), fakeParts)
		fmt.Fprintf(&all, "=== %s\n%v\n", c.name, err)
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkMistakes(t, c.text, err)
			if got := fmt.Sprint(err); !*update && got != want[c.name] {
				t.Errorf("got:\n%s\nwant:\n%s", got, want[c.name])
			}
		})
	}
	if *update {
		if err := os.WriteFile(golden, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if len(want) != len(cases) {
		t.Errorf("%s has %d sections for %d cases; run with -update", golden, len(want), len(cases))
	}
}

// checkMistakes says what a mistake of any file lacks: a file, a place in it, a cure, the order of the lines.
func checkMistakes(t *testing.T, text string, err error) {
	t.Helper()
	var list scenario.Mistakes
	if !errors.As(err, &list) || len(list) == 0 {
		t.Fatalf("no mistakes but %v in\n%s", err, text)
	}
	lines := strings.Count(text, "\n") + 1
	for i, m := range list {
		switch {
		case m.File == "" || m.Message == "" || m.Hint == "":
			t.Errorf("a file, a message and a hint are needed: %+v", m)
		case m.Line < 0 || m.Line > lines || (m.Line == 0) != (m.Column == 0) || m.Column < 0 || m.Column > len([]rune(m.Text))+1:
			t.Errorf("there is no such place: %+v", m)
		case i > 0 && (m.Line < list[i-1].Line || m.Line == list[i-1].Line && m.Column < list[i-1].Column):
			t.Errorf("mistake %d is out of order: %v", i+1, list)
		}
	}
}

// sections are the parts of a golden file by their names.
func sections(t *testing.T, golden string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(golden)
	if err != nil && !*update {
		t.Fatal(err)
	}
	list := map[string]string{}
	for _, section := range strings.Split("\n"+string(text), "\n=== ")[1:] {
		name, body, _ := strings.Cut(section, "\n")
		list[name] = strings.TrimSuffix(body, "\n")
	}
	return list
}
