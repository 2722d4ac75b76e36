package session

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"poligon/internal/fault"
	"poligon/internal/partner"
	"poligon/internal/scenario"
)

// Standing is a fault in force, and how often requests met it.
type Standing struct {
	ID      string // "1" for one that was added; "all-rejected/1" for one of a scenario
	Fault   fault.Fault
	Met     int // requests that it could have been due for
	Applied int // requests that it was due for
}

// faults are a session's: those that were added to it, and those of the scenarios that requests played. They are guarded by the
// session's turn.
type faults struct {
	added int // ever, which numbers them
	list  []*Standing
	told  map[string][]*Standing // by scenario
}

// FaultText is a fault as JSON, with the keys of a scenario's faults.
type FaultText = json.RawMessage

// due are the faults that are due for a request, each with its die.
func (f *faults) due(run *partner.Run) (list []partner.Due) {
	e := &run.Exchange
	list = run.Faults // those that the request asked for itself
	of := run.Note.Scenario
	if of == nil {
		of = run.Default()
	}
	for _, group := range [][]*Standing{f.list, f.of(of)} {
		for _, s := range group {
			if !s.Fault.Meets(e.Operation, e.Subjects) {
				continue
			}
			s.Met++
			die := run.Dice.Of("fault", s.ID, strconv.Itoa(s.Met))
			if !s.Fault.Due(s.Met, die) {
				continue
			}
			s.Applied++
			list = append(list, partner.Due{ID: s.ID, Fault: s.Fault, Die: run.Dice.Of("fault", s.ID, strconv.Itoa(s.Met), "effect")})
		}
	}
	return list
}

// of are the faults that a scenario tells.
func (f *faults) of(s *scenario.Scenario) []*Standing {
	if list, known := f.told[s.Name]; known {
		return list
	}
	told, _ := s.Script(fault.Section).([]fault.Fault)
	list := make([]*Standing, len(told))
	for i, one := range told {
		list[i] = &Standing{ID: fmt.Sprintf("%s/%d", s.Name, i+1), Fault: one}
	}
	if f.told == nil {
		f.told = map[string][]*Standing{}
	}
	f.told[s.Name] = list
	return list
}

// all are all faults in force, those that were added first. Of scenarios they are those of the one of a name, and of all of which requests met
// a fault; which others were played is forgotten.
func (f *faults) all(name string) (list []Standing) {
	list = values(f.list)
	for _, one := range slices.Sorted(maps.Keys(f.told)) {
		if one == name || slices.ContainsFunc(f.told[one], func(s *Standing) bool { return s.Met > 0 }) {
			list = append(list, values(f.told[one])...)
		}
	}
	return list
}

func values(list []*Standing) (all []Standing) {
	for _, s := range list {
		all = append(all, *s)
	}
	return all
}

// ErrNoFault says that no fault of an id was added.
var ErrNoFault = fmt.Errorf("no fault of this id was added to the session")

// Faults are the faults in force.
func (s *Session) Faults() []Standing {
	s.turn.Lock()
	defer s.turn.Unlock()
	plays := s.plays.Load().scenario
	s.faults.of(plays)
	return s.faults.all(plays.Name)
}

// maxFaults bounds how many faults may be added to a session, for each is looked at with every request.
const maxFaults = 1000

// AddFault puts a fault in force, in the turn of an act.
func (s *Session) AddFault(run *partner.Run, f fault.Fault) (Standing, error) {
	if err := s.Enter(run); err != nil {
		return Standing{}, err
	}
	defer s.Leave(run)
	if len(s.faults.list) >= maxFaults {
		return Standing{}, fmt.Errorf("the session has %d faults already; remove some", maxFaults)
	}
	s.faults.added++
	standing := &Standing{ID: strconv.Itoa(s.faults.added), Fault: f}
	s.faults.list = append(s.faults.list, standing)
	return *standing, nil
}

// RemoveFault takes a fault out of force that was added; an empty id takes all of them.
func (s *Session) RemoveFault(run *partner.Run, id string) error {
	if err := s.Enter(run); err != nil {
		return err
	}
	defer s.Leave(run)
	before := len(s.faults.list)
	s.faults.list = slices.DeleteFunc(s.faults.list, func(f *Standing) bool { return id == "" || f.ID == id })
	if id != "" && len(s.faults.list) == before {
		return ErrNoFault
	}
	return nil
}
