// Package arch holds the tree to its plan: who may import whom.
package arch

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// levels are the packages by level: a package imports only packages of lower levels. What is not listed must be added here.
var levels = map[string]int{
	"internal/certificate":             0,
	"internal/clock":                   0,
	"internal/timeline":                0,
	"internal/dice":                    0,
	"internal/journal":                 0,
	"internal/plate":                   0,
	"openapi":                          0,
	"scenarios":                        0,
	"internal/sim":                     1,
	"internal/vehicles":                1,
	"internal/contract":                1,
	"internal/payout":                  0,
	"internal/document":                1,
	"internal/picture":                 1,
	"internal/store":                   1,
	"internal/store/plain":             2,
	"internal/store/file":              2,
	"internal/store/redis":             2,
	"internal/store/memory":            2,
	"internal/store/storetest":         3,
	"internal/store/redistest":         1,
	"internal/verify":                  2,
	"internal/scenario":                3,
	"internal/fault":                   4,
	"internal/partner":                 5,
	"internal/osago/internal/wire":     5,
	"internal/bordereau/internal/wire": 5,
	"internal/osago":                   6,
	"internal/bordereau":               6,
	"internal/generate":                6,
	"internal/session":                 7,
	"internal/delivery":                8,
	"internal/admin/internal/wire":     8,
	"internal/admin":                   9,
	"internal/server":                  10,
	"internal/simulator":               11,
	"internal/cli":                     12,
	"cmd/poligon":                      13,
	"internal/arch":                    14,
	"internal/bench":                   14,
	"internal/bench/plan":              14,
	"internal/bench/bare":              14,
	"internal/product":                 14,
	"internal/crash":                   14,
}

// sole are libraries that one package alone may import.
var sole = map[string]string{
	"github.com/getkin/kin-openapi/openapi3": "", // of tests alone: it takes long to load
	"go.yaml.in/yaml/v4":                     "internal/scenario",
	"github.com/spf13/cobra":                 "internal/cli",
	"math/rand":                              "",
	"math/rand/v2":                           "",
}

// world are packages of the standard library by which a package would depend on the world around it.
var world = map[string][]string{
	"os":        {"internal/cli", "cmd/poligon", "internal/bench/bare", "internal/store/redistest"}, // the last two of tests
	"os/signal": {"cmd/poligon"},
	"os/exec":   {"internal/store/redistest"}, // of tests
	"plugin":    nil,
	"io/ioutil": nil,
	"syscall":   {"cmd/poligon", "internal/store/redistest"},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) (list []pkg) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "poligon/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "poligon/")
		level, ok := levels[name]
		if !ok {
			t.Errorf("%s has no level", name)
			continue
		}
		for _, imported := range p.Imports {
			if other, ours := strings.CutPrefix(imported, "poligon/"); ours && levels[other] >= level {
				t.Errorf("%s (level %d) imports %s (level %d)", name, level, other, levels[other])
			}
			if user, ok := sole[imported]; ok && user != name {
				t.Errorf("%s imports %s, which only %q may", name, imported, user)
			}
			if users, ok := world[imported]; ok && !slices.Contains(users, name) {
				t.Errorf("%s imports %s, which only %q may", name, imported, users)
			}
		}
	}
}
