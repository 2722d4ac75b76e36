// Package scenario reads stories: one YAML file each, read strictly, every mistake with its line and its cure.
//
// What a story says about one partner API is that API's script. This package knows none of the APIs; it is given a Part for
// each, which reads the script from its section.
//
// The YAML itself is read by a library; the package asks more of a file than the library does, and says what is wrong in words
// of the person who wrote it.
package scenario

import (
	"math"
	"path"
	"regexp"
	"strings"
)

// Part is one partner API's share of the format: the section named after the API. A part may also be something else that a
// story tells beside them; it is its Own then.
type Part struct {
	API         string
	Doc         string                     // what the section is about, for the schema that editors read
	MagicFields []string                   // the request fields whose magic values may choose a scenario
	Magic       func(field string, n Node) // notes what is wrong with a magic value, beside being empty; may be nil
	Read        func(n Node) any           // reads the section into the API's script; mistakes are noted on the node
	Check       func(script any)           // notes what is wrong with a script that could be read, on its nodes; may be nil
	Own         bool                       // no other scenario's section stands in for a missing one, and it makes no story by itself
}

// Scenario is one story. It does not change.
type Scenario struct {
	Name   string // the file's name without .yaml
	Title  string
	Story  string // what happens, and what a client learns
	Seed   uint64 // 0 when the file gives none
	Magic  []Magic
	Source []byte // the file

	Warnings Mistakes // what the checks found that does not keep the story from being played
	file     string
	good     bool // no mistake was found in the file itself
	scripts  map[string]any
	version  uint64
}

// Magic is a value that chooses the scenario for the subject that carries it, where nobody chose one otherwise.
type Magic struct {
	API, Field, Value, Why string
	at                     place
}

var names = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Read reads a file. The error, if any, is a Mistakes with all that is wrong.
func Read(filename string, text []byte, parts []Part) (*Scenario, error) {
	s, mistakes := read(filename, text, parts)
	return s, mistakes.err()
}

func read(filename string, text []byte, parts []Part) (*Scenario, Mistakes) {
	s := &Scenario{Source: text, file: filename, scripts: map[string]any{}}
	f, root, ok := parse(filename, text)
	base := path.Base(filename)
	s.Name = strings.TrimSuffix(strings.TrimSuffix(base, ".yaml"), ".yml")
	switch {
	case s.Name == base:
		f.mistake(place{}, "name it like all-rejected.yaml", "a scenario file ends in .yaml")
	case !names.MatchString(s.Name):
		f.mistake(place{}, "use small Latin letters, digits and single dashes, as in all-rejected.yaml", quote(s.Name)+" is not a scenario name")
	}
	s.version = versionOf(s.Name, text)
	if ok {
		s.readAll(root.Map(), parts)
	}
	s.good = len(f.mistakes) == 0
	for _, part := range parts {
		if script := s.scripts[part.API]; s.good && part.Check != nil && script != nil {
			part.Check(script)
		}
	}
	mistakes, warnings := f.found().split()
	s.Warnings = warnings
	return s, mistakes
}

func (s *Scenario) readAll(m *Map, parts []Part) {
	title, _ := m.Need("title", "the story in a line")
	s.Title = oneLine(title.Text())
	story, _ := m.Need("story", "what happens, and what a client learns from it")
	s.Story = oneLine(story.Text())
	if n, ok := m.Take("seed", "what every chance depends on; a session or --seed may give another"); ok {
		s.Seed = uint64(n.Whole(1, math.MaxInt64))
	}
	magic, hasMagic := m.Take("magic", "values of requests that choose this story where nobody chose one")
	sections, hint := []string{}, ""
	for _, part := range parts {
		if n, ok := m.Take(part.API, part.Doc); ok {
			s.scripts[part.API] = part.Read(n)
		}
		if !part.Own {
			sections = append(sections, part.API)
			hint += " or " + part.API + ":"
		}
	}
	if m.Done() {
		m.NeedOne("add a section"+strings.TrimPrefix(hint, " or"), "the story tells nothing about any partner API", sections...)
	}
	if hasMagic {
		for _, item := range magic.List() {
			s.readMagic(item, m, parts)
		}
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// readMagic reads one magic value: {osago.request_id: …, why: …}.
func (s *Scenario) readMagic(item Node, top *Map, parts []Part) {
	m, keys, given := item.Map(), []string{}, 0
	reason, _ := m.Need("why", "why this value")
	why := oneLine(reason.Text())
	for _, part := range parts {
		for _, field := range part.MagicFields {
			key := part.API + "." + field
			keys = append(keys, key)
			if m.Has(key) {
				given++
			}
			n, ok := m.Take(key, "chooses the story for "+part.API+" by this value of the field, in whatever case")
			switch {
			case !ok:
			case given > 1:
				n.Mistake("begin a new item for it", "an item holds one magic value")
			case !top.Has(part.API):
				n.Mistake("add the section, or take the value away", "the value chooses the story for %s, of which it has no section", part.API)
			default:
				if part.Magic != nil {
					part.Magic(field, n)
				}
				s.addMagic(n, Magic{API: part.API, Field: field, Value: n.Text(), Why: why, at: n.node.at})
			}
		}
	}
	m.exclude(keys...)
	if m.Done() {
		m.NeedOne("add "+strings.Join(keys, ": or ")+":", "the item names no magic value", keys...)
	}
}

// addMagic keeps a magic value that the story does not have yet.
func (s *Scenario) addMagic(n Node, magic Magic) {
	if magic.Value == "" { // said already
		return
	}
	for _, other := range s.Magic {
		if other.key() == magic.key() {
			n.Mistake("remove one of them", "magic value %s is already given on line %d", quote(magic.Value), other.at.line)
			return
		}
	}
	s.Magic = append(s.Magic, magic)
}
