package session

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"poligon/internal/fault"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/sim"
	"poligon/internal/store"
)

// SnapshotFormat is the version of the form of snapshots and bundles that this program writes and reads.
const SnapshotFormat = 1

// Snapshot is a session at a moment, without its journal: what a file keeps of it, and what a fork begins with.
type Snapshot struct {
	Format   int       `json:"format"`
	Session  string    `json:"session"`
	Scenario string    `json:"scenario,omitempty"` // empty when nobody chose one
	Seed     uint64    `json:"seed"`
	Number   uint64    `json:"number"` // of its last exchange or act
	Start    time.Time `json:"start"`  // simulated
	Now      time.Time `json:"now"`    // simulated
	Speed    float64   `json:"speed"`
	Thaw     float64   `json:"resume_speed"`
	Added    int       `json:"faults_added"`
	// Scenarios are those that the session has for itself, the chosen one, and the versions that its subjects have begun with.
	Scenarios []SnapshotScenario `json:"scenarios,omitempty"`
	Faults    []SnapshotFault    `json:"faults,omitempty"`
	Subjects  []SnapshotLog      `json:"subjects"`

	told         bool // whether the scenarios are read already
	own, earlier []*scenario.Scenario
}

// SnapshotScenario is a scenario of a session's own.
type SnapshotScenario struct {
	Name    string `json:"name"`
	Source  string `json:"source"`
	Earlier bool   `json:"earlier,omitempty"` // a server that has a scenario of this name plays its own from now on
}

// SnapshotFault is a fault with its counts.
type SnapshotFault struct {
	ID      string          `json:"id"`
	Fault   json.RawMessage `json:"fault,omitempty"` // none for one that a scenario tells
	Met     int             `json:"met"`
	Applied int             `json:"applied"`
}

// SnapshotLog is a subject with its events.
type SnapshotLog struct {
	API    string          `json:"api"`
	ID     []byte          `json:"id"`
	Events []SnapshotEvent `json:"events"`
}

// SnapshotEvent is an event.
type SnapshotEvent struct {
	At   time.Time `json:"at"`
	By   uint64    `json:"by"`
	Name string    `json:"name"`
	Data []byte    `json:"data,omitempty"`
}

// origin is a snapshot that a session begins with.
type origin = Snapshot

// Snapshot is the session at this moment.
func (s *Session) Snapshot(ctx context.Context) (*Snapshot, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	for range attempts {
		if err := s.upToDate(true); err != nil {
			return nil, err
		}
		snap, err := s.snapshotAt(ctx, s.reading())
		if err != nil || s.kept == nil {
			return snap, err
		}
		if still, err := s.kept.still(ctx); err != nil || still {
			return snap, err
		}
	}
	return nil, store.ErrMoved
}

// snapshotAt is Snapshot within a turn, at a real instant.
func (s *Session) snapshotAt(ctx context.Context, real time.Time) (*Snapshot, error) {
	snap := &Snapshot{Format: SnapshotFormat, Session: s.name, Scenario: s.plays.Load().name(), Seed: s.seed, Number: s.number,
		Start: s.start, Now: s.clock.At(real), Speed: s.clock.Speed(), Thaw: s.thaw, Added: s.faults.added, Faults: s.faults.saved(), Subjects: []SnapshotLog{}}
	used := map[uint64]bool{} // versions that subjects have begun with
	for subject, events := range s.log.All(ctx) {
		log := SnapshotLog{API: subject.API, ID: []byte(subject.ID), Events: make([]SnapshotEvent, len(events))}
		for i, e := range events {
			log.Events[i] = SnapshotEvent(e)
		}
		snap.Subjects = append(snap.Subjects, log)
		if api := s.home.apis[subject.API]; api != nil {
			used[api.Version(events)] = true
		}
	}
	if s.kept != nil && s.kept.log.failed != nil {
		return nil, s.kept.log.failed
	}
	snap.keep(s.plays.Load(), s.home.Library(), used)
	slices.SortFunc(snap.Subjects, func(a, b SnapshotLog) int {
		return strings.Compare(a.API+"\x00"+string(a.ID), b.API+"\x00"+string(b.ID))
	})
	return snap, ctx.Err()
}

// fill puts the snapshot's subjects into an empty log.
func (snap *Snapshot) fill(ctx context.Context, log sim.Log) error {
	for _, l := range snap.Subjects {
		if len(l.Events) == 0 {
			continue
		}
		if err := log.Append(ctx, sim.Subject{API: l.API, ID: string(l.ID)}, 0, l.events()); err != nil {
			return fmt.Errorf("restoring a subject of %s: %w", l.API, err)
		}
	}
	return nil
}

// faults are the snapshot's faults in force again. The snapshot was checked.
func (snap *Snapshot) faults(lib *scenario.Library) faults {
	f := faults{added: snap.Added}
	for _, saved := range snap.Faults {
		name, _, told := strings.Cut(saved.ID, "/")
		if !told {
			one, _ := fault.Parse(saved.Fault, "snapshot", nil, true)
			f.list = append(f.list, &Standing{ID: saved.ID, Fault: one, Met: saved.Met, Applied: saved.Applied})
			continue
		}
		played, err := lib.Find(name)
		if err != nil {
			continue
		}
		for _, standing := range f.of(played) {
			if standing.ID == saved.ID {
				standing.Met, standing.Applied = saved.Met, saved.Applied
			}
		}
	}
	return f
}

// Check says what is wrong with a snapshot that came from outside.
func (r *Registry) Check(snap *Snapshot, operations []string) error {
	if snap.Format != SnapshotFormat {
		return fmt.Errorf("the snapshot has format %d, this Poligon reads format %d", snap.Format, SnapshotFormat)
	}
	if snap.Now.Before(snap.Start) {
		return fmt.Errorf("the snapshot's now %s lies before its start %s", snap.Now, snap.Start)
	}
	if snap.Number > 1<<53 || len(snap.Faults) > maxFaults {
		return fmt.Errorf("the snapshot has the number %d and %d faults; at most %d and %d are taken", snap.Number, len(snap.Faults), uint64(1)<<53, maxFaults)
	}
	for _, f := range snap.Faults {
		if strings.Contains(f.ID, "/") {
			continue
		}
		if _, err := fault.Parse(f.Fault, "fault "+f.ID, operations, true); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	if err := snap.tell(r.Library()); err != nil {
		return err
	}
	plays, err := play(r.Library(), snap.own, snap.earlier, snap.Scenario)
	if err != nil {
		return err
	}
	run := &partner.Run{Library: plays.library, Now: snap.Now}
	for _, l := range snap.Subjects {
		key, api := l.API+"\x00"+string(l.ID), r.apis[l.API]
		switch {
		case api == nil:
			return fmt.Errorf("the snapshot holds a subject of %q, which is no partner API here", l.API)
		case seen[key]:
			return fmt.Errorf("the snapshot holds a subject of %s twice", l.API)
		}
		seen[key] = true
		if err := api.Check(run, sim.Subject{API: l.API, ID: string(l.ID)}, l.events()); err != nil {
			return fmt.Errorf("the snapshot cannot be played on: %w", err)
		}
	}
	return nil
}

// keep has the snapshot keep the scenarios that the server does not have for every session, and those without which it could not be
// played on when the server has others: the one that is chosen, and the versions that subjects have begun with.
func (snap *Snapshot) keep(p *playing, base *scenario.Library, used map[uint64]bool) {
	snap.told, snap.own = true, p.own
	if p.base != base { // it could not follow
		list, _ := base.Changes(p.base)
		for _, s := range list {
			if !slices.ContainsFunc(snap.own, func(o *scenario.Scenario) bool { return o.Name == s.Name }) {
				snap.own = append(slices.Clip(snap.own), s)
			}
		}
	}
	for _, s := range p.library.Versions() {
		last := p.chosen && s == p.scenario // so that it is found by its name
		if !last && used[s.Version()] {
			snap.earlier = append(snap.earlier, s)
		}
	}
	if p.chosen {
		snap.earlier = append(snap.earlier, p.scenario)
	}
	for _, s := range snap.earlier {
		if !slices.Contains(snap.own, s) {
			snap.Scenarios = append(snap.Scenarios, SnapshotScenario{Name: s.Name, Source: string(s.Source), Earlier: true})
		}
	}
	for _, s := range snap.own {
		snap.Scenarios = append(snap.Scenarios, SnapshotScenario{Name: s.Name, Source: string(s.Source)})
	}
}

// tell reads the scenarios of a snapshot that came from outside.
func (snap *Snapshot) tell(lib *scenario.Library) error {
	if snap.told {
		return nil
	}
	if len(snap.Scenarios) > maxVersions {
		return fmt.Errorf("the snapshot has %d versions of scenarios; at most %d are taken", len(snap.Scenarios), maxVersions)
	}
	snap.own, snap.earlier = nil, nil
	for _, saved := range snap.Scenarios {
		s, err := lib.Read(saved.Name+".yaml", []byte(saved.Source))
		switch {
		case err != nil:
			return fmt.Errorf("the snapshot's scenario %s cannot be played\n%w", saved.Name, err)
		case s.Name != saved.Name:
			return fmt.Errorf("%q is not a scenario name", saved.Name)
		case saved.Earlier:
			snap.earlier = append(snap.earlier, s)
		default:
			snap.own = append(snap.own, s)
		}
	}
	snap.told = true
	return nil
}

func (l SnapshotLog) events() []sim.Event {
	events := make([]sim.Event, len(l.Events))
	for i, e := range l.Events {
		events[i] = sim.Event(e)
	}
	return events
}
