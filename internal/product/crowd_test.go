package product_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Of many equal imports at once exactly one is accepted; with override all are, as one risk. Each client sends the same list of
// risks, so that they overtake each other all the way along it.
func TestOneRiskImportedAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	const clients, risks = 50, 40
	for _, override := range []bool{false, true} {
		s := p.frozen(t, "")
		batch := make([]any, risks)
		for i := range batch {
			batch[i] = policy(fmt.Sprint("P", i), with("override", override))
		}
		results := make([][]result, clients)
		together(clients, func(i int) { results[i] = s.importRisks(t, batch...) })
		accepted := map[bool]int{false: 1, true: clients}[override]
		for i := range batch {
			uuids, imported := map[string]bool{}, 0
			for _, client := range results {
				if r := client[i]; r.UUID != nil {
					imported++
					uuids[*r.UUID] = true
				} else if r.codes() != "WRONG_RISK_OVERRIDE" {
					t.Errorf("%+v", r)
				}
			}
			if imported != accepted || len(uuids) != 1 {
				t.Errorf("override %t, risk %d: accepted %d times under %v", override, i, imported, uuids)
			}
		}
		s.holds(t, risks)
	}
}

// together runs f in n goroutines that begin at the same time, and waits for all of them.
func together(n int, f func(i int)) {
	gate := make(chan struct{})
	time.AfterFunc(0, func() { close(gate) })
	each(n, func(i int) {
		<-gate
		f(i)
	})
}

// Many who ask for an unknown id at once see one calculation with one start, though no two of them ask at the same instant.
func TestOneCalculationStartedAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t, setup{defaults: realTime})
	p.real.step.Store(int64(time.Millisecond))
	const clients = 50
	for range 5 {
		s := p.play(t, `{"scenario": "calculation-error"}`)
		before := s.shown(t).Clock.Now
		together(clients, func(int) { s.look(t, ours) })
		s.holds(t, 1)
		var moved struct {
			Before time.Time
			Clock  clockShown // a reading later than the change, which comes a second after the start
		}
		s.admin(t, "POST", "/clock/advance", `{"next": true}`).want(t, 200).decode(t, &moved)
		if began := moved.Clock.Now.Add(-time.Second - time.Millisecond); !began.After(before) || !began.Before(moved.Before) {
			t.Errorf("it began at %s, not between %s and %s", began, before, moved.Before)
		}
		if got := s.look(t, ours); got != "PARTNER_CALCULATION_IN_PROGRESS PRE_CALC_SENT" {
			t.Errorf("after the first change: %s", got)
		}
	}
}

// Many who send one application at once get one calculation, and all see the same date of it, though no two of them send at
// the same instant.
func TestOneApplicationSentAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t, setup{defaults: realTime})
	p.real.step.Store(int64(time.Second))
	s := p.play(t, `{"scenario": "slow-partner"}`)
	const clients, ids = 20, 30
	dates := [ids]sync.Map{}
	together(clients, func(int) {
		for i := range ids {
			body := application(fmt.Sprintf("%s%02d", ours[:34], i))
			dates[i].Store(s.post(t, body).want(t, 200).String(), true)
		}
	})
	for i := range ids {
		var list []any
		dates[i].Range(func(answer, _ any) bool { list = append(list, answer); return true })
		if len(list) != 1 {
			t.Errorf("answers %q", list)
		}
	}
	s.holds(t, ids)
}

// Of many different applications under one id exactly one is taken.
func TestManyApplicationsUnderOneID(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	var mu sync.Mutex
	count := map[int]int{}
	together(30, func(i int) {
		a := s.post(t, change("vehicle.engine_power", 100+i))
		mu.Lock()
		defer mu.Unlock()
		count[a.status]++
	})
	if count[200] != 1 || count[400] != 29 {
		t.Errorf("answers by status: %v", count)
	}
}

// A session that is put, used, moved, reset and deleted by many at once stays whole: no answer breaks its contract.
func TestSessionUnderMixedFire(t *testing.T) {
	t.Parallel()
	s := start(t, setup{defaults: realTime}).frozen(t, "")
	together(24, func(i int) {
		for range 5 {
			switch i % 6 {
			case 0:
				s.get(t, "/osago/calculate?request_id="+ours).want(t, 200)
			case 1:
				s.importRisks(t, risk(with("override", true)))
			case 2:
				s.admin(t, "POST", "/clock/advance", `{"by": "1s"}`)
			case 3:
				s.admin(t, "POST", "/reset", "")
			case 4:
				s.admin(t, "DELETE", "", "")
			case 5:
				s.list(t)
			}
		}
	})
	s.look(t, ours)
}

// Forty sessions at once, each with its own scenario, frozen clock and seed, each polled by several clients and moved on step
// by step: each sees exactly its own story. Of every three the first two have the same seed and scenario and so the same
// offers; the third has another seed and others.
func TestFortySessions(t *testing.T) {
	t.Parallel()
	p := start(t, setup{wait: new(waits).wait})
	names := make([]string, 0, len(stories))
	for name := range stories {
		names = append(names, name)
	}
	slices.Sort(names)
	told := make([]string, 42)
	each(len(told), func(i int) {
		group := i / 3
		scenario, seed := names[group%len(names)], 1000+group+i%3/2*500
		s := p.play(t, fmt.Sprintf(`{"scenario": %q, "seed": %d, "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}}`, scenario, seed))
		s.pastFaults(t)
		for _, c := range chapters(t, stories[scenario]) {
			s.moveTo(t, c.at)
			told[i] += strings.ReplaceAll(s.pollTogether(t, c), "/s/"+s.name+"/", "/")
		}
		s.holds(t, 1)
	})
	for i := 0; i < len(told); i += 3 {
		if told[i] != told[i+1] || told[i] == "" {
			t.Errorf("sessions %d and %d have one seed and tell\n%s\n%s", i, i+1, told[i], told[i+1])
		}
		if same(told[i], told[i+2]) {
			t.Errorf("sessions %d and %d have two seeds and tell\n%s\n%s", i, i+2, told[i], told[i+2])
		}
	}
}

// pollTogether has several clients look at once: all see the chapter, and the same bytes, which it gives.
func (s *play) pollTogether(t *testing.T, c chapter) string {
	t.Helper()
	const clients = 4
	bodies := make([]string, clients)
	each(clients, func(i int) {
		if got := s.look(t, ours); got != c.statuses {
			t.Errorf("at %s: %s, want %s", c.at, got, c.statuses)
		}
		bodies[i] = string(s.get(t, "/osago/calculate?request_id="+ours).want(t, 200).body)
	})
	slices.Sort(bodies)
	if list := slices.Compact(bodies); len(list) != 1 {
		t.Errorf("at %s the clients see %q", c.at, list)
	}
	return bodies[0]
}
