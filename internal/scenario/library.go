package scenario

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
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
	scenarios map[string]*Scenario
	magic     map[magicKey]*Scenario
}

type magicKey struct{ api, field, value string }

// ErrUnknown says that there is no scenario of a name.
var ErrUnknown = errors.New("unknown scenario")

// Load reads every *.yaml of the sources. A file of a later source replaces the one of the same name in an earlier. The error
// is a Mistakes with all that is wrong in all files.
func Load(parts []Part, sources ...Source) (*Library, error) {
	lib := &Library{scenarios: map[string]*Scenario{}, magic: map[magicKey]*Scenario{}}
	var mistakes Mistakes
	for _, source := range sources {
		list, err := fs.Glob(source.Files, "*.y*ml")
		if err == nil && len(list) == 0 {
			_, err = fs.ReadDir(source.Files, ".")
		}
		if err != nil {
			mistakes = append(mistakes, Mistake{File: source.Name, Message: "cannot be read: " + err.Error()})
			continue
		}
		if len(list) == 0 {
			mistakes = append(mistakes, Mistake{File: source.Name, Message: "no scenario files", Hint: "put *.yaml files there"})
		}
		for _, name := range list {
			text, err := fs.ReadFile(source.Files, name)
			if err != nil {
				mistakes = append(mistakes, Mistake{File: path.Join(source.Name, name), Message: "cannot be read: " + err.Error()})
				continue
			}
			s, f := read(path.Join(source.Name, name), text, parts)
			mistakes = append(mistakes, f.mistakes...)
			lib.scenarios[s.Name] = s
		}
	}
	mistakes = append(mistakes, lib.index(parts)...)
	return lib, mistakes.err()
}

// index finds the magic values, and what only all files together can have wrong.
func (l *Library) index(parts []Part) (mistakes Mistakes) {
	for _, s := range l.All() {
		for _, m := range s.Magic {
			key := magicKey{m.API, m.Field, strings.ToLower(m.Value)}
			if other, taken := l.magic[key]; taken {
				before := len(m.node.file.mistakes)
				m.node.Mistake("a magic value chooses one scenario; use another value", "magic value %q is already taken by scenario %s", m.Value, other.Name)
				mistakes = append(mistakes, m.node.file.mistakes[before:]...)
				continue
			}
			l.magic[key] = s
		}
	}
	d, ok := l.scenarios[Default]
	for _, part := range parts {
		if ok && d.scripts[part.API] == nil {
			mistakes = append(mistakes, Mistake{File: Default + ".yaml", Message: fmt.Sprintf("section %q is missing", part.API),
				Hint: "the default scenario stands in for what others leave out, so it has a section for every partner API"})
		}
	}
	if !ok {
		mistakes = append(mistakes, Mistake{File: Default + ".yaml", Message: "there is no default scenario"})
	}
	return mistakes
}

// Find gives the scenario of a name, or an error that wraps ErrUnknown and suggests the nearest name.
func (l *Library) Find(name string) (*Scenario, error) {
	if s, ok := l.scenarios[name]; ok {
		return s, nil
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

// ByMagic is the scenario that a magic value chooses, nil when it is none. The case of the value does not count.
func (l *Library) ByMagic(api, field, value string) *Scenario {
	return l.magic[magicKey{api, field, strings.ToLower(value)}]
}

// Script is a scenario's script for an API: its own, or the default scenario's.
func (l *Library) Script(s *Scenario, api string) any {
	if script := s.scripts[api]; script != nil {
		return script
	}
	return l.scenarios[Default].scripts[api]
}
