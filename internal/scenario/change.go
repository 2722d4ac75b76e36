package scenario

import (
	"maps"
	"slices"
)

// Read reads the file of a scenario that is to be played with those of the library. The error is a Mistakes with all that is wrong
// in the file; whether it goes together with the others, Over says. What the library has already in this version is given as it is.
func (l *Library) Read(filename string, text []byte) (*Scenario, error) {
	s, mistakes := read(filename, text, l.parts)
	if known := l.versions[s.version]; known != nil && len(mistakes) == 0 {
		return known, nil
	}
	return s, mistakes.err()
}

// Over is the library with scenarios in the places of those of the same names, or beside them, and without those of some names. The
// error is a Mistakes with all by which they do not go together. Earlier versions are not taken along.
func (l *Library) Over(list []*Scenario, without ...string) (*Library, error) {
	next := &Library{parts: l.parts, own: l.own, scenarios: maps.Clone(l.scenarios)}
	for _, name := range without {
		delete(next.scenarios, name)
	}
	for _, s := range list {
		next.scenarios[s.Name] = s
	}
	if len(l.earlier) == 0 && maps.Equal(next.scenarios, l.scenarios) {
		return l, nil
	}
	mistakes := next.whole()
	return next, mistakes.err()
}

// Keeping is the library that also finds earlier versions of scenarios, the oldest first. They are not played by anything new.
func (l *Library) Keeping(list []*Scenario) *Library {
	next := *l
	next.versions, next.earlier = maps.Clone(l.versions), slices.Clone(l.earlier)
	for _, s := range list {
		if next.versions[s.version] == nil {
			next.versions[s.version] = s
			next.earlier = append(next.earlier, s)
		}
	}
	if len(next.earlier) == len(l.earlier) {
		return l
	}
	return &next
}

// Earlier are the earlier versions that the library finds, the oldest first.
func (l *Library) Earlier() []*Scenario { return l.earlier }

// Versions are all versions that the library finds: the earlier ones, the oldest first, and then those that are played.
func (l *Library) Versions() []*Scenario { return slices.Concat(l.earlier, l.All()) }

// Changes are what makes another library of this one: the scenarios that it has not or not in that version, and the names of those
// that the other has not, both in the order of names.
func (l *Library) Changes(to *Library) (list []*Scenario, without []string) {
	for _, s := range to.All() {
		if old := l.scenarios[s.Name]; old == nil || old.version != s.version {
			list = append(list, s)
		}
	}
	for _, name := range l.Names() {
		if to.scenarios[name] == nil {
			without = append(without, name)
		}
	}
	return list, without
}
