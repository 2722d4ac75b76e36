package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"poligon/internal/clock"
	"poligon/internal/journal"
)

// keptState is what most turns change of a session, as a store keeps it.
type keptState struct {
	Life    string              `json:"life"` // that it goes with, by its lifeID
	Number  uint64              `json:"number"`
	Real    time.Time           `json:"real"` // of the last turn: time never goes back, whichever host's clock it is read from
	Clock   keptClock           `json:"clock"`
	Start   time.Time           `json:"start"`
	Added   int                 `json:"faults_added,omitempty"`
	Faults  []SnapshotFault     `json:"faults,omitempty"`
	Used    int64               `json:"used"` // real, in nanoseconds since 1970
	Partial bool                `json:"partial,omitempty"`
	Touched map[string][]uint64 `json:"touched,omitempty"`
	Journal journal.Marks       `json:"journal"`
	Began   int64               `json:"journal_began"` // tells one journal from the next
	Running [][]byte            `json:"running,omitempty"`
	Late    map[uint64]int64    `json:"late,omitempty"` // of those that run, in nanoseconds
	Claim   *keptClaim          `json:"claim,omitempty"`
}

type keptClock struct {
	Real  time.Time `json:"real"`
	Now   time.Time `json:"now"`
	Speed float64   `json:"speed"`
	Thaw  float64   `json:"thaw"`
}

// keptClaim says that a request is being sent, by whom, and until when nobody else sends.
type keptClaim struct {
	By    string    `json:"by"`
	Until time.Time `json:"until"` // real
}

// keptLife is what seldom changes of a session, as a store keeps it.
type keptLife struct {
	Config   Config             `json:"config"`
	Seed     uint64             `json:"seed"`
	Origin   *Snapshot          `json:"origin,omitempty"`
	Zero     *Snapshot          `json:"zero"`
	ZeroReal time.Time          `json:"zero_real"`
	ZeroBase string             `json:"zero_base"` // the hash of a library
	Base     string             `json:"base"`
	Scenario string             `json:"scenario,omitempty"` // empty when nobody chose one
	Stories  []SnapshotScenario `json:"scenarios,omitempty"`
	Gone     *time.Time         `json:"gone,omitempty"` // of a session that has expired, when it was last used; the rest is empty then, but the config
}

func readValue(b []byte, into any, name string) error {
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("the store's %s of a session cannot be read: %w", name, err)
	}
	return nil
}

// encodeState is the state after the turn, with an exchange that ends with it, and so does not run any more; nil for none.
func (s *Session) encodeState(life string, ending *journal.Ending, ends uint64) ([]byte, error) {
	j := s.Journal()
	real, anchor, speed := s.clock.Line()
	st := keptState{Life: life, Number: s.number, Real: s.real, Clock: keptClock{real, anchor, speed, s.thaw}, Start: s.start,
		Added: s.faults.added, Faults: s.faults.saved(), Used: s.used.Load(), Partial: s.partial, Touched: s.touches(),
		Began: s.began, Claim: s.outbox.claim}
	if st.Journal = j.Marks(); ending != nil {
		st.Journal = ending.Marks
	}
	if j.Running() {
		for _, b := range j.Runs() {
			if e, err := journal.Decode(b); err == nil && e.Number != ends {
				st.Running = append(st.Running, b)
				if late := s.kept.late[e.Number]; late > 0 {
					if st.Late == nil {
						st.Late = map[uint64]int64{}
					}
					st.Late[e.Number] = int64(late)
				}
			}
		}
	}
	return json.Marshal(&st)
}

// restore takes over a state. What the store has of the life is there already.
func (s *Session) restore(st *keptState) error {
	c, err := clock.New(st.Clock.Real, st.Clock.Now, st.Clock.Speed)
	if err != nil {
		return fmt.Errorf("the store's clock of session %s: %w", s.name, err)
	}
	s.clock, s.thaw, s.start, s.real = c, st.Clock.Thaw, st.Start, st.Real
	s.number, s.partial = st.Number, st.Partial
	s.faults = (&Snapshot{Added: st.Added, Faults: st.Faults}).faults(s.plays.Load().library)
	s.outbox.claim = st.Claim
	clear(s.kept.late)
	for number, late := range st.Late {
		s.kept.late[number] = time.Duration(late)
	}
	if st.Used > s.used.Load() {
		s.used.Store(st.Used)
	}
	if st.Began != s.began || s.Journal() == nil {
		s.began = st.Began
		s.beginJournal()
		s.touched.Clear()
	}
	s.touch(st.Touched)
	return nil
}

// saved are the faults with their counts.
func (f *faults) saved() (list []SnapshotFault) {
	if len(f.list) == 0 && len(f.told) == 0 {
		return nil
	}
	for _, one := range f.all("") {
		saved := SnapshotFault{ID: one.ID, Met: one.Met, Applied: one.Applied}
		if !strings.Contains(one.ID, "/") {
			saved.Fault = one.Fault.JSON()
		}
		list = append(list, saved)
	}
	return list
}

// encodeLife is the life after the turn.
func (s *Session) encodeLife(ctx context.Context) (b []byte, err error) {
	plays := s.plays.Load()
	life := keptLife{Config: s.config, Seed: s.seed, Origin: s.origin, Zero: s.zero, ZeroReal: s.zeroReal, Scenario: plays.name()}
	if life.Base, err = s.home.keepLibrary(ctx, plays.base); err != nil {
		return nil, err
	}
	if life.ZeroBase, err = s.home.keepLibrary(ctx, s.zeroBase); err != nil {
		return nil, err
	}
	for _, one := range plays.library.Earlier() {
		life.Stories = append(life.Stories, SnapshotScenario{Name: one.Name, Source: string(one.Source), Earlier: true})
	}
	for _, one := range plays.own {
		life.Stories = append(life.Stories, SnapshotScenario{Name: one.Name, Source: string(one.Source)})
	}
	return json.Marshal(&life)
}

// lifeID tells one life from another: a hash of what the store has.
func lifeID(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// reloadLife takes over what the store has of the session's life.
func (s *Session) reloadLife(ctx context.Context) error {
	_, values, err := s.kept.store.Read(ctx, s.kept.record, headKey(lifeName))
	switch {
	case err != nil:
		return err
	case values[0] == nil:
		s.kept.missing.Store(true)
		return ErrUnknown
	}
	var life keptLife
	if err := readValue(values[0], &life, lifeName); err != nil {
		return err
	}
	if life.Gone != nil {
		s.kept.missing.Store(true)
		return ErrUnknown
	}
	if err := s.restoreLife(ctx, &life); err != nil {
		return err
	}
	s.kept.life = lifeID(values[0])
	return nil
}

// restoreLife takes over a life.
func (s *Session) restoreLife(ctx context.Context, life *keptLife) error {
	base, err := s.home.libraryOf(ctx, life.Base)
	if err != nil {
		return err
	}
	zeroBase, err := s.home.libraryOf(ctx, life.ZeroBase)
	if err != nil {
		return err
	}
	told := Snapshot{Scenarios: life.Stories}
	if err := told.tell(base); err != nil {
		return err
	}
	if life.Origin != nil {
		if err := life.Origin.tell(base); err != nil {
			return err
		}
	}
	plays, err := play(base, told.own, told.earlier, life.Scenario)
	if err != nil {
		return err
	}
	s.plays.Store(plays)
	s.config, s.seed, s.origin = life.Config, life.Seed, life.Origin
	s.zero, s.zeroReal, s.zeroBase = life.Zero, life.ZeroReal, zeroBase
	return nil
}

// label names a script of a scenario in a store; empty when no scenario of the library has it.
func (s *Session) label(api string, script any) string {
	lib := s.plays.Load().library
	for _, one := range lib.Versions() {
		if lib.Script(one, api) == script {
			return api + "/" + strconv.FormatUint(one.Version(), 16)
		}
	}
	return ""
}

// touches are the parts of scripts that clients have met, by their labels.
func (s *Session) touches() map[string][]uint64 {
	var list map[string][]uint64
	for _, known := range s.touched.Range {
		t := known.(*touches)
		if t.label == "" {
			continue
		}
		bits := make([]uint64, len(t.bits))
		for i := range t.bits {
			bits[i] = t.bits[i].Load()
		}
		if list == nil {
			list = map[string][]uint64{}
		}
		list[t.label] = bits
	}
	return list
}

// touch takes over parts that clients have met.
func (s *Session) touch(list map[string][]uint64) {
	lib := s.plays.Load().library
	for label, bits := range list {
		api, hex, _ := strings.Cut(label, "/")
		version, err := strconv.ParseUint(hex, 16, 64)
		told := lib.Told(version)
		if err != nil || told == nil || s.home.apis[api] == nil {
			continue
		}
		t := s.touchesOf(api, lib.Script(told, api))
		for i := range min(len(bits), len(t.bits)) {
			t.bits[i].Or(bits[i])
		}
	}
}
