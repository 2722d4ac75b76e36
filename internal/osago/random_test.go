package osago

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"sync"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/dice"
	"poligon/internal/fault"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/sim"
	"poligon/openapi"
	"poligon/scenarios"

	"github.com/google/uuid"
)

// randomTrack is a track of random statuses, of which each lasts at least so long. A wild one has ranges, polls, events and branches.
func randomTrack(t *rapid.T, statuses []string, shortest int64, wild bool) *track {
	tr := &track{}
	n := rapid.IntRange(1, 8).Draw(t, "steps")
	add := func(w wait) int {
		at := len(tr.items)
		status := rapid.SampledFrom(statuses).Draw(t, "status")
		tr.places = append(tr.places, status)
		tr.items = append(tr.items, item{ways: []way{{item: at}}, next: none, wait: w, status: status, number: at, path: strconv.Itoa(at + 1)})
		return at
	}
	open := []int{add(wait{})}
	link := func(to int) {
		for _, i := range open {
			tr.items[i].next = to
		}
	}
	for range n - 1 {
		if !wild || rapid.IntRange(0, 3).Draw(t, "part") > 0 {
			at := add(randomWait(t, shortest, wild))
			link(at)
			open = []int{at}
			continue
		}
		at := len(tr.items)
		tr.items = append(tr.items, item{next: none, drawn: rapid.Bool().Draw(t, "drawn")})
		link(at)
		open = nil
		for range 2 {
			branch := add(randomWait(t, shortest, wild))
			tr.items[at].ways = append(tr.items[at].ways, way{5000, branch})
			open = append(open, branch)
		}
	}
	tr.fix()
	return tr
}

func randomWait(t *rapid.T, shortest int64, wild bool) wait {
	low := rapid.Int64Range(shortest, 6).Draw(t, "wait")
	w := wait{kind: afterStep, time: scenario.Range{Low: time.Duration(low), High: time.Duration(low)}}
	if !wild {
		return w
	}
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		w.time.High += 5
	case 1:
		return wait{kind: polled, polls: rapid.IntRange(1, 3).Draw(t, "polls")}
	case 2:
		return wait{kind: onEvent, event: rapid.SampledFrom(eventNames()).Draw(t, "event")}
	}
	return w
}

// randomStory is a story of up to four offers, which may state the calculation.
func randomStory(t *rapid.T, shortest int64) *story {
	wild := rapid.Bool().Draw(t, "wild")
	s := &story{script: &script{unknownIDs: true}, fixed: true}
	s.script.stories = []*story{s}
	for i := range rapid.IntRange(0, 4).Draw(t, "offers") {
		o := offer{key: string(rune('a' + i)), insurer: party{i, "И"}, track: randomTrack(t, offerStatuses, shortest, wild)}
		s.add(o.track)
		s.offers = append(s.offers, o)
	}
	if rapid.IntRange(0, 3).Draw(t, "stated") == 0 {
		s.stated = randomTrack(t, calculationStatuses, shortest, wild)
		s.add(s.stated)
	}
	return s
}

// randomCalculation is a calculation of a random script at a random offset, without acts.
func randomCalculation(t *rapid.T) *calculation {
	c := &calculation{id: uuid.UUID(dice.New(1).Of("id").UUID()), dice: dice.New(rapid.Uint64().Draw(t, "seed")), story: randomStory(t, 0),
		played: &scenario.Scenario{Name: "random"}, started: start0}
	c.text = c.id.String()
	c.offset = time.Duration(rapid.Int64Range(0, 60).Draw(t, "offset"))
	return c
}

// randomActs has random things happen to a calculation, each as the calculation stands then, and leaves it at the last of them.
func randomActs(t *rapid.T, c *calculation, force bool) {
	c.offset = 0
	for range rapid.IntRange(0, 8).Draw(t, "acts") {
		c.offset += time.Duration(rapid.Int64Range(0, 8).Draw(t, "wait"))
		c.settle()
		if rapid.IntRange(0, 2).Draw(t, "poll") == 0 {
			c.acts = append(c.acts, act{at: c.offset, by: uint64(len(c.acts) + 1), poll: true, offer: whole})
			continue
		}
		var wanted partner.Act
		place := rapid.IntRange(-1, len(c.offers)-1).Draw(t, "offer")
		if place >= 0 {
			wanted.Part = c.offerID(place)
		}
		switch {
		case !force || rapid.Bool().Draw(t, "fire"):
			wanted.Fire = rapid.SampledFrom(eventNames()).Draw(t, "event")
		case place < 0:
			wanted.Force = rapid.SampledFrom(calculationStatuses).Draw(t, "status")
		default:
			wanted.Force = rapid.SampledFrom(offerStatuses).Draw(t, "status")
		}
		chosen, err := c.choose(wanted)
		if no := new(partner.NotAllowed); err != nil && !errors.As(err, &no) {
			t.Fatal(err)
		} else if err == nil {
			chosen.at, chosen.by = c.offset, uint64(len(c.acts)+1)
			c.acts = append(c.acts, chosen)
		}
	}
	c.life = nil
	c.settle()
}

// start0 is when the tests' sessions begin.
var start0 = time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)

// table is a session for tests: one clock, one log.
type table struct {
	turn    sync.Mutex
	now     time.Time
	number  uint64
	log     fakeLog
	library *scenario.Library
	api     *API

	mu      sync.Mutex
	touched map[int]bool
}

// newTable is a session with the embedded scenarios.
func newTable(t interface{ Fatal(...any) }) *table { return newTableOf(t, nil) }

// newTableOf is a session with further scenarios, by the names of their files.
func newTableOf(t interface{ Fatal(...any) }, more fstest.MapFS) *table {
	api, err := New(openapi.OSAGO, false)
	if err != nil {
		t.Fatal(err)
	}
	parts := []scenario.Part{api.Part()}
	for _, other := range scripts[1:] {
		other.Read = func(scenario.Node) any { return other.API }
		parts = append(parts, other)
	}
	sources := []scenario.Source{{Name: "embedded", Files: scenarios.Files}}
	if more != nil {
		sources = append(sources, scenario.Source{Name: "more", Files: more})
	}
	lib, err := scenario.Load(append(parts, fault.Part(nil)), sources...)
	if err != nil {
		t.Fatal(err)
	}
	return &table{now: start0, library: lib, api: api, touched: map[int]bool{}}
}

// run is a request's view of the session, which plays a scenario.
func (s *table) run(played string) *partner.Run {
	run := &partner.Run{Where: partner.Where{Host: "localhost"}, Dice: dice.New(1), Log: &s.log, Library: s.library, Now: s.now, Session: s}
	if played != "" {
		run.Chosen, _ = s.library.Find(played)
	}
	return run
}

func (s *table) Enter(run *partner.Run) error {
	s.turn.Lock()
	s.number++
	run.Now, run.Number = s.now, s.number
	return nil
}

func (s *table) Name() string { return "table" }

func (s *table) Leave(*partner.Run) { s.turn.Unlock() }

func (s *table) Touch(_ string, _ any, part int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touched[part] = true
}

func (s *table) Earlier(string) iter.Seq[[]byte] { return func(func([]byte) bool) {} }

// fakeLog is a sim.Log.
type fakeLog struct {
	mu   sync.Mutex
	logs map[sim.Subject][]sim.Event
}

func (l *fakeLog) Read(_ context.Context, s sim.Subject) ([]sim.Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]sim.Event(nil), l.logs[s]...), nil
}

func (l *fakeLog) Append(_ context.Context, s sim.Subject, have int, add []sim.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.logs[s]) != have {
		return sim.ErrMoved
	}
	if l.logs == nil {
		l.logs = map[sim.Subject][]sim.Event{}
	}
	l.logs[s] = append(l.logs[s], add...)
	return nil
}

func (l *fakeLog) All(context.Context) iter.Seq2[sim.Subject, []sim.Event] { return nil }

func (l *fakeLog) Count(context.Context) (int, error) { return len(l.logs), nil }
