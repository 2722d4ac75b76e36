// Package scenario reads stories: one YAML file each, read strictly, every mistake with its line and its cure.
//
// What a story says about one partner API is that API's script. This package knows none of the APIs; it is given a Part for
// each, which reads the script from its section.
package scenario

import (
	"fmt"
	"math"
	"path"
	"regexp"
	"strings"
)

// Part is one partner API's share of the format: the section named after the API.
type Part struct {
	API         string
	MagicFields []string         // the request fields whose magic values may choose a scenario
	Read        func(n Node) any // reads the section into the API's script; mistakes are noted on the node
}

// Scenario is one story. It does not change.
type Scenario struct {
	Name    string // the file's name without .yaml
	Title   string
	Story   string // what happens, and what a client learns
	Seed    uint64 // 0 when the file gives none
	Magic   []Magic
	Source  []byte // the file
	scripts map[string]any
}

// Magic is a value that chooses the scenario for the subject that carries it, where nobody chose one otherwise.
type Magic struct {
	API, Field, Value, Why string
	node                   Node
}

var names = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Read reads a file. The error, if any, is a Mistakes with all that is wrong.
func Read(filename string, text []byte, parts []Part) (*Scenario, error) {
	s, f := read(filename, text, parts)
	return s, f.mistakes.err()
}

func read(filename string, text []byte, parts []Part) (*Scenario, *file) {
	s := &Scenario{Source: text, scripts: map[string]any{}}
	f, root, ok := parse(filename, text)
	s.Name = strings.TrimSuffix(strings.TrimSuffix(path.Base(filename), ".yaml"), ".yml")
	if !names.MatchString(s.Name) {
		f.mistake(nil, "use small letters, digits and dashes, such as all-rejected.yaml", fmt.Sprintf("%q is not a scenario name", s.Name))
	}
	if !ok {
		return s, f
	}
	m := root.Map()
	if n, ok := m.Need("title"); ok {
		s.Title = n.Text()
	}
	if n, ok := m.Need("story"); ok {
		s.Story = strings.Join(strings.Fields(n.Text()), " ")
	}
	if n, ok := m.Take("seed"); ok {
		s.Seed = uint64(n.Whole(1, math.MaxInt64))
	}
	for _, part := range parts {
		if n, ok := m.Take(part.API); ok {
			s.scripts[part.API] = part.Read(n)
		}
	}
	s.readMagic(m, parts)
	m.Done()
	return s, f
}

// readMagic reads the list of magic values: {osago.request_id: …, why: …}.
func (s *Scenario) readMagic(m *Map, parts []Part) {
	list, ok := m.Take("magic")
	if !ok {
		return
	}
	for _, item := range list.List() {
		entry, found := item.Map(), false
		for _, part := range parts {
			for _, field := range part.MagicFields {
				n, ok := entry.Take(part.API + "." + field)
				if !ok {
					continue
				}
				if found {
					n.Mistake("begin a new item for it", "one magic value an item")
				}
				found = true
				why, _ := entry.Need("why")
				magic := Magic{API: part.API, Field: field, Value: n.Text(), node: n}
				if why.node != nil {
					magic.Why = why.Text()
				}
				s.Magic = append(s.Magic, magic)
			}
		}
		entry.Done()
		if !found && len(entry.All()) > 0 {
			item.Mistake("name a field, such as osago.request_id", "no magic value")
		}
	}
}
