package cli

import (
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"

	"poligon/internal/bordereau"
	"poligon/internal/simulator"
	"poligon/scenarios"
)

const (
	schemaFile = "../../scenarios/scenario.schema.json"
	modeline   = "# yaml-language-server: $schema=scenario.schema.json\n"
)

// TestSchema holds scenarios/scenario.schema.json to the readers: it is generated from them.
func TestSchema(t *testing.T) {
	t.Parallel()
	want := generatedSchema(t)
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is not what the readers say: run make generate", schemaFile)
	}
	if again, err := newSchema(); err != nil || string(again) != string(want) {
		t.Error("the schema differs from one time to the next")
	}
}

func newSchema() ([]byte, error) {
	apis, err := simulator.APIs(bordereau.Access{}, false)
	if err != nil {
		return nil, err
	}
	return schemaOf(apis)
}

var onceSchema = sync.OnceValues(newSchema)

func generatedSchema(t testing.TB) []byte {
	t.Helper()
	text, err := onceSchema()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestModelines: an editor finds the schema of every embedded scenario by the file's first line.
func TestModelines(t *testing.T) {
	t.Parallel()
	list, err := fs.Glob(scenarios.Files, "*.yaml")
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	for _, name := range list {
		text, err := fs.ReadFile(scenarios.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), modeline) {
			t.Errorf("%s does not begin with %s", name, modeline)
		}
	}
}
