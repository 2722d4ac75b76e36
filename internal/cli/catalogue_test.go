package cli

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"poligon/internal/bordereau"
	"poligon/internal/simulator"
)

var update = flag.Bool("update", false, "write the generated documents again")

const catalogueFile = "../../scenarios/README.md"

// TestMagicTable holds scenarios/README.md to the embedded scenarios: it is generated from them.
func TestMagicTable(t *testing.T) {
	t.Parallel()
	want := catalogue(t)
	if *update {
		if err := os.WriteFile(catalogueFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(catalogueFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the scenarios say: run make generate", catalogueFile)
	}
}

func catalogue(t *testing.T) string {
	t.Helper()
	apis, err := simulator.APIs(bordereau.Access{}, false)
	if err != nil {
		t.Fatal(err)
	}
	lib, err := load(apis, "")
	if err != nil {
		t.Fatal(err)
	}
	var b, magic strings.Builder
	b.WriteString("# The scenarios that come with Poligon\n\n" +
		"Generated from the files beside it by `make generate`; do not edit. How to write one: [docs/scenarios.md](../docs/scenarios.md).\n\n" +
		"| scenario | what happens, and what a client learns |\n| --- | --- |\n")
	magic.WriteString("\n## Magic values\n\n" +
		"A value that chooses a scenario for the calculation or the risk that carries it, as test cards do with a payment sandbox. It acts where\n" +
		"nobody chose a scenario: neither `--scenario`, nor the session, nor the header `X-Poligon-Scenario`.\n\n" +
		"| field | value | scenario | why |\n| --- | --- | --- | --- |\n")
	for _, s := range lib.All() {
		fmt.Fprintf(&b, "| [%s](%s.yaml) | **%s.** %s |\n", s.Name, s.Name, s.Title, s.Story)
		for _, m := range s.Magic {
			fmt.Fprintf(&magic, "| `%s.%s` | `%s` | %s | %s |\n", m.API, m.Field, m.Value, s.Name, m.Why)
		}
	}
	return b.String() + magic.String()
}
