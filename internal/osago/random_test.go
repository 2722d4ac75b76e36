package osago

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/dice"
	"poligon/internal/fault"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/sim"
	"poligon/internal/timeline"
	"poligon/openapi"
	"poligon/scenarios"

	"github.com/google/uuid"
)

// randomSteps is a timeline of random statuses, of which each lasts at least so long.
func randomSteps[S ~string](t *rapid.T, statuses []string, shortest int64) timeline.Timeline[step[S]] {
	at := time.Duration(0)
	var steps []timeline.Step[step[S]]
	for i := range rapid.IntRange(1, 8).Draw(t, "steps") {
		status := S(rapid.SampledFrom(statuses).Draw(t, "status"))
		steps = append(steps, timeline.Step[step[S]]{After: at, Value: step[S]{status: status, number: i}})
		at += time.Duration(rapid.Int64Range(shortest, 6).Draw(t, "wait"))
	}
	tl, err := timeline.New(steps...)
	if err != nil {
		t.Fatal(err)
	}
	return tl
}

// randomScript is a script of up to four offers, which may state the calculation.
func randomScript(t *rapid.T, shortest int64) *script {
	s := &script{unknownIDs: true}
	for i := range rapid.IntRange(0, 4).Draw(t, "offers") {
		o := offer{key: string(rune('a' + i)), insurer: party{i, "И"}, base: s.statedBase, steps: randomSteps[OfferStatus](t, offerStatuses, shortest)}
		s.statedBase += len(o.steps.Steps())
		s.offers = append(s.offers, o)
	}
	if rapid.IntRange(0, 3).Draw(t, "stated") == 0 {
		s.stated = randomSteps[CalculationStatus](t, calculationStatuses, shortest)
	}
	return s
}

// randomCalculation is a calculation of a random script at a random offset, without acts.
func randomCalculation(t *rapid.T) *calculation {
	c := &calculation{id: uuid.UUID(dice.New(1).Of("id").UUID()), dice: dice.New(rapid.Uint64().Draw(t, "seed")), script: randomScript(t, 0),
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
func newTable(t interface{ Fatal(...any) }) *table {
	api, err := New(openapi.OSAGO, false)
	if err != nil {
		t.Fatal(err)
	}
	parts := []scenario.Part{api.Part()}
	for _, other := range scripts[1:] {
		other.Read = func(scenario.Node) any { return other.API }
		parts = append(parts, other)
	}
	lib, err := scenario.Load(append(parts, fault.Part(nil)), scenario.Source{Name: "embedded", Files: scenarios.Files})
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
