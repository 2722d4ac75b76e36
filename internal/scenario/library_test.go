package scenario_test

import (
	"errors"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"poligon/internal/scenario"
)

type file struct{ name, text string }

func source(name string, files ...file) scenario.Source {
	fsys := fstest.MapFS{}
	for _, f := range files {
		fsys[f.name] = &fstest.MapFile{Data: []byte(f.text)}
	}
	return scenario.Source{Name: name, Files: fsys}
}

func load(t *testing.T, files ...file) *scenario.Library {
	t.Helper()
	lib, err := scenario.Load(fakeParts, source("stories", files...))
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// fallback is a default scenario with a section for every fake partner API.
var fallback = file{"default.yaml", head + "trains: {name: slow}\nships: {name: sunk}\n"}

func TestLibrary(t *testing.T) {
	t.Parallel()
	lib := load(t, fallback,
		file{"b.yml", "title: B\nstory: x\ntrains: {name: fast}\nmagic:\n  - {trains.ticket: Ticket-Ж, why: x}\n"},
		file{"a.yaml", "title: A\nstory: x\nships: {name: new}\nmagic:\n  - {ships.cabin: T-1, why: x}\n  - {ships.deck: T-1, why: x}\n"},
		file{"notes.txt", "not a scenario"}, file{"folder/c.yaml", "nor this"})
	if got := lib.Names(); !reflect.DeepEqual(got, []string{"a", "b", "default"}) {
		t.Error(got)
	}
	for i, s := range lib.All() {
		if found, err := lib.Find(s.Name); err != nil || found != s || lib.Names()[i] != s.Name {
			t.Error(s.Name, found, err)
		}
	}
	a, _ := lib.Find("a")
	b, _ := lib.Find("b")
	for _, c := range []struct {
		s         *scenario.Scenario
		api, want string
	}{{a, "ships", "new"}, {a, "trains", "slow"}, {b, "trains", "fast"}, {b, "ships", "sunk"}} {
		if got := lib.Script(c.s, c.api).(*journey).name; got != c.want {
			t.Errorf("%s of %s: %s, want %s", c.api, c.s.Name, got, c.want)
		}
	}
	for _, c := range []struct {
		api, field, value string
		want              *scenario.Scenario
	}{{"trains", "ticket", "Ticket-Ж", b}, {"trains", "ticket", "TICKET-ж", b}, {"ships", "cabin", "t-1", a}, {"ships", "deck", "T-1", a},
		{"trains", "ticket", "T-1", nil}, {"ships", "ticket", "Ticket-Ж", nil}, {"trains", "ticket", "", nil}, {"trains", "ticket", " Ticket-Ж", nil}} {
		if got := lib.ByMagic(c.api, c.field, c.value); got != c.want {
			t.Errorf("%s.%s %q: %v", c.api, c.field, c.value, got)
		}
	}
	_, err := lib.Find("defualt")
	if !errors.Is(err, scenario.ErrUnknown) || err.Error() != `unknown scenario "defualt": did you mean default?` {
		t.Error(err)
	}
}

// TestReplace: a file of a later source takes the place of the one of its name, with its magic values.
func TestReplace(t *testing.T) {
	t.Parallel()
	lib, err := scenario.Load(fakeParts,
		source("first", fallback, file{"a.yaml", "title: old\nstory: x\ntrains: {name: old}\nmagic:\n  - {trains.ticket: OLD, why: x}\n  - {trains.ticket: KEPT, why: x}\n"}),
		source("second", file{"a.yml", "title: new\nstory: x\nships: {name: new}\ntrains: {name: newer}\nmagic:\n  - {trains.ticket: KEPT, why: x}\n"}))
	if err != nil {
		t.Fatal(err)
	}
	a, err := lib.Find("a")
	if err != nil || a.Title != "new" || len(lib.All()) != 2 || lib.Script(a, "trains").(*journey).name != "newer" {
		t.Error(a, err)
	}
	if lib.ByMagic("trains", "ticket", "OLD") != nil || lib.ByMagic("trains", "ticket", "KEPT") != a {
		t.Error("the magic values are not those of the new file")
	}
}

func TestMistakesOfLibraries(t *testing.T) {
	t.Parallel()
	good := head + "trains: {name: x}\n"
	withMagic := func(value string) string { return good + "magic:\n  - {trains.ticket: " + value + ", why: x}\n" }
	for _, c := range []struct {
		name    string
		sources []scenario.Source
		want    string
	}{
		{"no default", []scenario.Source{source("s", file{"a.yaml", good})}, "default.yaml: there is no default scenario\n  hint: it is what plays when nobody chose a scenario"},
		{"a section of the default is missing", []scenario.Source{source("s", file{"default.yaml", good})},
			"s/default.yaml: section ships: is missing\n  hint: the default scenario stands in for what others leave out, so it has a section for every partner API"},
		{"a broken default is said once", []scenario.Source{source("s", file{"default.yaml", "{\n"})},
			"s/default.yaml:1:1: not valid YAML: while parsing a flow node: did not find expected node content\n    1 | {\n      | ^\n  hint: close the bracket, or remove the comma that is too much"},
		{"all files at once, in order", []scenario.Source{source("s", file{"b.yaml", "x\n"}, file{"a.yaml", good + "sede: 1\n"}, fallback)},
			"s/a.yaml:4:1: unknown key \"sede\"\n    4 | sede: 1\n      | ^\n  hint: did you mean seed?\n" +
				"s/b.yaml:1:1: expected a mapping, found \"x\"\n    1 | x\n      | ^\n  hint: write key: value"},
		{"magic in two files", []scenario.Source{source("s", fallback, file{"a.yaml", withMagic("T-Ж")}), source("t", file{"b.yaml", strings.ReplaceAll(withMagic("t-ж"), "\n", "\r\n")})},
			"t/b.yaml:5:21: magic value \"t-ж\" is already taken by scenario a\n    5 |   - {trains.ticket: t-ж, why: x}\n      |                     ^\n  hint: a magic value chooses one scenario; use another value"},
		{"two files of one name", []scenario.Source{source("s", fallback, file{"a.yaml", good}, file{"a.yml", good})},
			"s/a.yml: scenario a is already told by a.yaml\n  hint: remove one of them"},
		{"a name in capitals", []scenario.Source{source("s", fallback, file{"A.YAML", good})},
			"s/A.YAML: a scenario file ends in .yaml\n  hint: name it like all-rejected.yaml"},
		{"a folder of the name of a file", []scenario.Source{source("s", fallback, file{"a.yaml/b", ""})}, "s/a.yaml: cannot be read: read a.yaml: invalid argument"},
		{"a file that is too large", []scenario.Source{source("s", fallback, file{"a.yaml", strings.Repeat("#", 1<<20+1)})},
			"s/a.yaml: the file has more than 1048576 bytes\n  hint: split it: one story a file"},
		{"no files", []scenario.Source{source("s", fallback), source("t", file{"notes.txt", ""})}, "t: no scenario files\n  hint: put *.yaml files there"},
		{"no folder", []scenario.Source{source("s", fallback), {Name: "t", Files: missing{}}}, "t: cannot be read: open .: file does not exist"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := scenario.Load(fakeParts, c.sources...)
			var mistakes scenario.Mistakes
			if !errors.As(err, &mistakes) || err.Error() != c.want {
				t.Errorf("got:\n%v\nwant:\n%s", err, c.want)
			}
		})
	}
}

// missing is a folder that is not there.
type missing struct{}

func (missing) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
