package scenario

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
)

// Default is the scenario that a session plays when nobody chose one, and whose scripts stand in for the sections that
// another scenario leaves out.
const Default = "default"

// Source is a folder of scenario files; Name stands before their names in mistakes.
type Source struct {
	Name  string
	Files fs.FS
}

// Library is all scenarios that can be played. It does not change.
type Library struct {
	parts     []Part
	scenarios map[string]*Scenario
	magic     map[magicKey]*Scenario
	hashes    map[uint64]bool // of the magic values, so that most values of requests need no look at them
	own       map[string]bool // the parts that nothing stands in for

	versions map[uint64]*Scenario // those that can be played, and earlier ones
	earlier  []*Scenario          // those alone, the oldest first
}

type magicKey struct{ api, field, value string }

// key is what finds the value; its case does not count.
func (m Magic) key() magicKey { return magicKey{m.API, m.Field, Fold(m.Value)} }

// ErrUnknown says that there is no scenario of a name.
var ErrUnknown = errors.New("unknown scenario")

// Load reads every *.yaml of the sources. A file of a later source replaces the one of the same name in an earlier. The error
// is a Mistakes with all that is wrong in all files.
func Load(parts []Part, sources ...Source) (*Library, error) {
	lib := &Library{parts: parts, scenarios: map[string]*Scenario{}, own: map[string]bool{}}
	for _, part := range parts {
		lib.own[part.API] = part.Own
	}
	var mistakes Mistakes
	for _, source := range sources {
		mistakes = append(mistakes, lib.load(source, parts)...)
	}
	return lib, append(mistakes, lib.whole()...).err()
}

// whole finds the versions and the magic values, and says what is wrong with the scenarios together.
func (l *Library) whole() (mistakes Mistakes) {
	if d := l.scenarios[Default]; d == nil {
		mistakes = append(mistakes, Mistake{File: Default + ".yaml", Message: "there is no default scenario",
			Hint: "it is what plays when nobody chose a scenario"})
	} else if d.good {
		mistakes = append(mistakes, d.incomplete(l.parts)...)
	}
	return append(mistakes, l.index()...)
}

// Warnings are what the checks found in all scenarios that does not keep them from being played.
func (l *Library) Warnings() (list Mistakes) {
	for _, s := range l.All() {
		list = append(list, s.Warnings...)
	}
	return list
}

// load reads the files of one source.
func (l *Library) load(source Source, parts []Part) (mistakes Mistakes) {
	list, err := fs.Glob(source.Files, "*.[yY]*[mM][lL]")
	if err == nil && len(list) == 0 {
		_, err = fs.ReadDir(source.Files, ".")
	}
	switch {
	case err != nil:
		return Mistakes{{File: source.Name, Message: "cannot be read: " + err.Error()}}
	case len(list) == 0:
		return Mistakes{{File: source.Name, Message: "no scenario files", Hint: "put *.yaml files there"}}
	}
	files := map[string]string{} // by scenario
	for i, one := range source.readAll(list, parts) {
		mistakes = append(mistakes, one.mistakes...)
		if one.scenario == nil {
			continue
		}
		if other, twice := files[one.scenario.Name]; twice {
			mistakes = append(mistakes, Mistake{File: path.Join(source.Name, list[i]), Message: fmt.Sprintf("scenario %s is already told by %s", one.scenario.Name, other), Hint: "remove one of them"})
		}
		files[one.scenario.Name] = list[i]
		l.scenarios[one.scenario.Name] = one.scenario
	}
	return mistakes
}

// outcome is what came of reading a file; the scenario is nil of one that could not be read at all.
type outcome struct {
	scenario *Scenario
	mistakes Mistakes
}

// readAll reads and checks files, on as many processors as there are. What comes of each is in its place.
func (source Source) readAll(names []string, parts []Part) []outcome {
	list := make([]outcome, len(names))
	var next atomic.Int64
	var readers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(names)) {
		readers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(names); i = int(next.Add(1)) - 1 {
				list[i] = source.read(names[i], parts)
			}
		})
	}
	readers.Wait()
	return list
}

func (source Source) read(name string, parts []Part) (one outcome) {
	where := path.Join(source.Name, name)
	text, err := readFile(source.Files, name)
	if err != nil {
		return outcome{mistakes: Mistakes{{File: where, Message: "cannot be read: " + err.Error()}}}
	}
	one.scenario, one.mistakes = read(where, text, parts)
	return one
}

// readFile reads a file, of a very long one no more than shows that it is too long.
func readFile(files fs.FS, name string) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, maxBytes+1))
}

// incomplete are the sections that the default scenario does not have.
func (s *Scenario) incomplete(parts []Part) (mistakes Mistakes) {
	for _, part := range parts {
		if s.scripts[part.API] == nil && !part.Own {
			mistakes = append(mistakes, Mistake{File: s.file, Message: fmt.Sprintf("section %s: is missing", part.API),
				Hint: "the default scenario stands in for what others leave out, so it has a section for every partner API"})
		}
	}
	return mistakes
}

// index finds the versions and the magic values; two scenarios with the same one are a mistake in the later.
func (l *Library) index() (mistakes Mistakes) {
	l.magic, l.hashes, l.versions = map[magicKey]*Scenario{}, map[uint64]bool{}, map[uint64]*Scenario{}
	for _, s := range l.All() {
		l.versions[s.version] = s
		for _, m := range s.Magic {
			other, taken := l.magic[m.key()]
			if !taken {
				l.magic[m.key()], l.magic[magicKey{m.API, m.Field, ""}] = s, s // no value is empty
				l.hashes[foldHash(m.API, m.Field, m.Value)] = true
				continue
			}
			lines := strings.Split(strings.ReplaceAll(string(s.Source), "\r\n", "\n"), "\n")
			mistakes = append(mistakes, Mistake{File: s.file, Line: m.at.line, Column: m.at.column, Text: lines[m.at.line-1],
				Message: fmt.Sprintf("magic value %s is already taken by scenario %s", quote(m.Value), other.Name),
				Hint:    "a magic value chooses one scenario; use another value"})
		}
	}
	return mistakes
}

// Find gives the scenario of a name, or an error that wraps ErrUnknown and suggests the nearest name. One that was taken away is
// found as it last was, as long as the library finds it by its version.
func (l *Library) Find(name string) (*Scenario, error) {
	if s, ok := l.scenarios[name]; ok {
		return s, nil
	}
	for _, s := range slices.Backward(l.earlier) {
		if s.Name == name {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%w %q: %s", ErrUnknown, name, didYouMean(name, l.Names()))
}

// Names are the names of all scenarios, sorted.
func (l *Library) Names() []string {
	list := make([]string, 0, len(l.scenarios))
	for name := range l.scenarios {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}

// All are all scenarios in the order of their names.
func (l *Library) All() []*Scenario {
	var list []*Scenario
	for _, name := range l.Names() {
		list = append(list, l.scenarios[name])
	}
	return list
}

// HasMagic says whether any scenario has a magic value of a field.
func (l *Library) HasMagic(api, field string) bool { return l.magic[magicKey{api, field, ""}] != nil }

// ByMagic is the scenario that a magic value chooses, nil when it is none. The case of the value does not count.
func (l *Library) ByMagic(api, field, value string) *Scenario {
	if value == "" || !l.hashes[foldHash(api, field, value)] {
		return nil
	}
	return l.magic[Magic{API: api, Field: field, Value: value}.key()]
}

// Script is a scenario's script for an API: its own, or the default scenario's. For a part that is a scenario's Own it is nil
// when the scenario has none.
func (l *Library) Script(s *Scenario, api string) any {
	return l.Teller(s, api).scripts[api]
}
