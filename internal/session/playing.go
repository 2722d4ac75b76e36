package session

import (
	"errors"
	"fmt"
	"slices"

	"poligon/internal/scenario"
)

// playing is what a session plays. It does not change; a session goes over to another one, and a subject that has begun stays with
// the version of its scenario that it began with.
type playing struct {
	library  *scenario.Library    // what requests see: base, with own in place; it finds earlier versions
	scenario *scenario.Scenario   // the chosen one, else the default
	chosen   bool                 // whether somebody chose it
	base     *scenario.Library    // the server's
	own      []*scenario.Scenario // those that the session has for itself, each name once
}

// What a session keeps for itself of scenarios, those it plays and earlier versions.
const (
	maxVersions     = 200
	maxVersionBytes = 32 << 20
)

// ErrVersions says that a session cannot keep one more version of a scenario.
var ErrVersions = errors.New("the session keeps too many versions of scenarios")

// play is a playing of a scenario, that of a name or, where it is empty, nobody's choice, with earlier versions. The error may be a
// scenario.Mistakes.
func play(base *scenario.Library, own, earlier []*scenario.Scenario, name string) (*playing, error) {
	lib, err := base.Over(own)
	if err != nil {
		return nil, err
	}
	p := &playing{library: lib.Keeping(earlier), chosen: name != "", base: base, own: own}
	if !p.chosen {
		name = scenario.Default
	}
	p.scenario, err = p.library.Find(name)
	return p, err
}

// name is the name of the chosen scenario, empty where nobody chose one.
func (p *playing) name() string {
	if !p.chosen {
		return ""
	}
	return p.scenario.Name
}

// over is what follows with another library of the server's. With subjects, it finds all versions of before.
func (p *playing) over(base *scenario.Library, subjects bool) (*playing, error) {
	return p.next(base, p.own, p.name(), subjects)
}

// with is what follows with a scenario of the session's own, which it plays then.
func (p *playing) with(own *scenario.Scenario, subjects bool) (*playing, error) {
	list := slices.DeleteFunc(slices.Clone(p.own), func(s *scenario.Scenario) bool { return s.Name == own.Name })
	if s, err := p.base.Find(own.Name); err != nil || s.Version() != own.Version() {
		list = append(list, own)
	}
	return p.next(p.base, list, own.Name, subjects)
}

func (p *playing) next(base *scenario.Library, own []*scenario.Scenario, name string, subjects bool) (*playing, error) {
	var earlier []*scenario.Scenario
	if subjects {
		earlier = p.library.Versions()
	}
	next, err := play(base, own, earlier, name)
	if errors.Is(err, scenario.ErrUnknown) { // it was taken away: who chose it keeps it
		next, err = play(base, own, []*scenario.Scenario{p.scenario}, name)
	}
	if err != nil {
		return nil, err
	}
	return next, next.bounded()
}

// bounded says what is wrong with how many versions are kept.
func (p *playing) bounded() error {
	n, size := 0, 0
	for _, list := range [][]*scenario.Scenario{p.own, p.library.Earlier()} {
		for _, s := range list {
			n, size = n+1, size+len(s.Source)
		}
	}
	if n > maxVersions || size > maxVersionBytes {
		return fmt.Errorf("%w: it would be %d of %d bytes, and at most %d of %d bytes are kept, for calculations that run play the versions that they began with",
			ErrVersions, n, size, maxVersions, maxVersionBytes)
	}
	return nil
}
