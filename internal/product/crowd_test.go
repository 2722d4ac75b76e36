package product_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Of many equal imports at once exactly one is accepted; with override all are, as one risk.
func TestOneRiskImportedAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	const clients = 50
	together := func(s *play, override bool) (uuids map[string]int, refusals int) {
		var mu sync.Mutex
		uuids = map[string]int{}
		gate := make(chan struct{})
		go close(gate)
		each(clients, func(int) {
			<-gate
			r := s.importRisks(t, risk(with("override", override)))[0]
			mu.Lock()
			defer mu.Unlock()
			if r.UUID != nil {
				uuids[*r.UUID]++
			} else if r.codes() == "WRONG_RISK_OVERRIDE" {
				refusals++
			} else {
				t.Errorf("%+v", r)
			}
		})
		return uuids, refusals
	}
	for range 5 {
		s := p.frozen(t, "")
		if uuids, refusals := together(s, false); len(uuids) != 1 || refusals != clients-1 {
			t.Errorf("%d refused; imported %v", refusals, uuids)
		}
		s.holds(t, 1)
		s = p.frozen(t, "")
		if uuids, refusals := together(s, true); len(uuids) != 1 || refusals != 0 {
			t.Errorf("%d refused; imported %v", refusals, uuids)
		}
		s.holds(t, 1)
	}
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
		each(clients, func(int) { s.look(t, ours) })
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

// Many who send one application at once get one calculation, and all see the same date of it.
func TestOneApplicationSentAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t, setup{defaults: realTime})
	p.real.step.Store(int64(time.Second))
	for range 5 {
		s := p.play(t, `{"scenario": "slow-partner"}`)
		answers := make([]string, 50)
		each(len(answers), func(i int) { answers[i] = s.post(t, application(ours)).want(t, 200).String() })
		slices.Sort(answers)
		if list := slices.Compact(answers); len(list) != 1 {
			t.Errorf("answers %q", list)
		}
		s.holds(t, 1)
	}
}

// Of many different applications under one id exactly one is taken.
func TestManyApplicationsUnderOneID(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	var mu sync.Mutex
	count := map[int]int{}
	each(30, func(i int) {
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
	each(24, func(i int) {
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
	p := start(t, setup{})
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
