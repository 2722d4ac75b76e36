package cli

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"poligon/internal/bordereau"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/simulator"
)

var update = flag.Bool("update", false, "write the generated documents again")

// Where the generated documents of the embedded scenarios stand.
const (
	catalogueFile = "../../scenarios/README.md"
	magicFile     = "../../docs/magic.md"
	pictureFolder = "../../docs/pictures"
)

// TestCatalogue holds the documents of the embedded scenarios to them: the list, a picture each, the magic values.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	apis, lib := embedded(t)
	generated(t, catalogueFile, []byte(catalogue(lib)))
	generated(t, magicFile, []byte(magicPage(apis, lib)))
	for _, s := range lib.All() {
		p, err := pictureOf(apis, s, partner.View{Events: 30 * time.Second, Polls: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		generated(t, filepath.Join(pictureFolder, s.Name+".svg"), p.SVG())
	}
}

// TestCatalogueIsClean: a check warns of nothing in the embedded scenarios.
func TestCatalogueIsClean(t *testing.T) {
	t.Parallel()
	_, lib := embedded(t)
	for _, w := range lib.Warnings() {
		t.Error(w)
	}
}

// TestStoriesTeach: each story says in a few sentences what happens and what a client learns, and a magic value plays it.
func TestStoriesTeach(t *testing.T) {
	t.Parallel()
	_, lib := embedded(t)
	for _, s := range lib.All() {
		if n := strings.Count(s.Story, ". ") + strings.Count(s.Story, "? ") + 1; n < 2 || n > 6 {
			t.Errorf("%s is told in %d sentences", s.Name, n)
		}
		if len(s.Magic) == 0 && s.Name != scenario.Default {
			t.Errorf("%s has no magic value", s.Name)
		}
		for _, m := range s.Magic {
			if m.Why == "" {
				t.Errorf("%s does not say why %s chooses it", s.Name, m.Value)
			}
			if n, ok := strings.CutPrefix(m.Value, "А000АА"); ok && !slices.ContainsFunc(s.Magic, func(o scenario.Magic) bool {
				return o.Value == "00000000-0000-4000-8000-0000000000"+n
			}) {
				t.Errorf("%s has test plate %s, but not the test id", s.Name, n)
			}
		}
	}
}

func embedded(t *testing.T) ([]partner.API, *scenario.Library) {
	t.Helper()
	apis, err := simulator.APIs(bordereau.Access{}, false)
	if err != nil {
		t.Fatal(err)
	}
	lib, err := load(apis, "")
	if err != nil {
		t.Fatal(err)
	}
	return apis, lib
}

// generated holds a file to what it is generated from; with -update it is written again.
func generated(t *testing.T, file string, want []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is not what the scenarios say: run make generate", file)
	}
}

// fewMagic is how many magic values the list of the scenarios shows of one.
const fewMagic = 6

// catalogue is the list of the scenarios, with a picture each.
func catalogue(lib *scenario.Library) string {
	var b strings.Builder
	b.WriteString("# The scenarios that come with Poligon\n\n" +
		"Generated from the files beside it by `make generate`; do not edit. How to write one: [docs/scenarios.md](../docs/scenarios.md). The values that\n" +
		"choose them: [docs/magic.md](../docs/magic.md).\n\n" +
		"Together they show every status of a calculation and of an offer, every change that the lifecycle allows, every error code of the import,\n" +
		"every fault and every rule of cross-sales. A test computes that from what the server answers.\n\n" +
		"| scenario | in a line |\n| --- | --- |\n")
	for _, s := range lib.All() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s |\n", s.Name, s.Name, s.Title)
	}
	b.WriteString("\nA picture supposes a client that polls once a second, and that an event which a story waits for comes after half a minute. Of several\n" +
		"stories it shows the first.\n")
	for _, s := range lib.All() {
		fmt.Fprintf(&b, "\n## %s\n\n**%s.** %s [%s.yaml](%s.yaml)\n", s.Name, s.Title, strings.TrimSpace(s.Story), s.Name, s.Name)
		if len(s.Magic) > 0 {
			b.WriteString("\nChosen by:\n\n")
		}
		for i, m := range s.Magic {
			if i == fewMagic {
				fmt.Fprintf(&b, "* and %d more: [docs/magic.md](../docs/magic.md)\n", len(s.Magic)-fewMagic)
				break
			}
			fmt.Fprintf(&b, "* `%s.%s` `%s`: %s\n", m.API, m.Field, m.Value, m.Why)
		}
		fmt.Fprintf(&b, "\n![%s](../docs/pictures/%s.svg)\n", s.Name, s.Name)
	}
	return b.String()
}

// magicPage lists all magic values, field by field in the order in which they count.
func magicPage(apis []partner.API, lib *scenario.Library) string {
	var b strings.Builder
	b.WriteString("# Magic values\n\n" +
		"Generated from the scenarios by `make generate`; do not edit.\n\n" +
		"A magic value chooses a scenario for the calculation or the risk that carries it, as test cards do with a payment sandbox. It acts where nobody\n" +
		"chose a scenario: neither `--scenario`, nor the session, nor the header `X-Poligon-Scenario`. It acts for its own API alone: the calculation or\n" +
		"the risk plays the scenario, whatever else the session plays. Its case does not count. No two scenarios have the same value.\n\n" +
		"Where a request carries several, the field whose table stands first here counts. A refusal of a whole import is up to its first risk.\n\n" +
		"Test id N and test plate N are a pair: `00000000-0000-4000-8000-0000000000NN` and `А000АА`NN choose the same scenario. No real plate has the\n" +
		"number 000, and `poligon generate` makes none; Latin letters that look the same will do. A `GET` that starts a calculation carries nothing\n" +
		"but its `request_id`.\n\n" +
		"Your own are written under `magic:` in a scenario, see [docs/scenarios.md](scenarios.md#how-a-scenario-is-chosen).\n")
	wire := map[string]string{"osago.request_id": "`request_id`", "osago.car_number": "`vehicle.car_number`", "osago.last_name": "`insurer.last_name`"}
	type row struct{ value, name, why string }
	for _, api := range apis {
		for _, field := range api.Part().MagicFields {
			var rows []row
			for _, s := range lib.All() {
				for _, m := range s.Magic {
					if m.API == api.Part().API && m.Field == field {
						rows = append(rows, row{m.Value, s.Name, m.Why})
					}
				}
			}
			slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.value, b.value) })
			name := api.Part().API + "." + field
			fmt.Fprintf(&b, "\n## %s\n\nThe request's %s.\n\n| value | scenario | why |\n| --- | --- | --- |\n", name, cmp.Or(wire[name], "`risks[]."+field+"`"))
			for _, r := range rows {
				fmt.Fprintf(&b, "| `%s` | [%s](../scenarios/README.md#%s) | %s |\n", r.value, r.name, r.name, r.why)
			}
		}
	}
	return b.String()
}
