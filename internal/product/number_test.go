package product_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"
)

// number is the exchange's number that an answer tells.
func (a answer) number(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(a.header.Get("X-Poligon-Number"))
	if err != nil {
		t.Errorf("%s has the number %q", a, a.header.Get("X-Poligon-Number"))
	}
	return n
}

// Numbers are given in the order in which things were decided: each once, none left out, with instants that grow as they do.
func TestNumbersAreTheOrder(t *testing.T) {
	t.Parallel()
	const clients, rounds = 16, 20
	p := start(t, setup{defaults: realTime})
	p.real.step.Store(int64(time.Microsecond))
	s := p.play(t, "")
	got := make([][]int, clients)
	together(clients, func(i int) {
		for n := range rounds {
			c := poll(fmt.Sprintf("%s%02d", ours[:34], n))
			switch n % 4 {
			case 1:
				c = call{method: "GET", path: "/osago/calculate?request_id=x"}
			case 2:
				c = signed([]byte(asJSON(map[string]any{"risks": []any{policy(fmt.Sprintf("N-%d", n), nil)}})))
			case 3:
				s.admin(t, "POST", "/clock/advance", `{"by": "1ms"}`).want(t, 200)
			}
			got[i] = append(got[i], s.do(t, c).number(t))
		}
	})
	var all []int
	for i, numbers := range got {
		if !slices.IsSorted(numbers) {
			t.Errorf("client %d had the numbers %v", i, numbers)
		}
		all = append(all, numbers...)
	}
	slices.Sort(all)
	if len(slices.Compact(slices.Clone(all))) != clients*rounds {
		t.Error("two answers have one number")
	}
	s.checkOrder(t, all, clients*rounds*5/4)
}

// checkOrder holds the journal against the numbers that clients were told, all of them sorted.
func (s *play) checkOrder(t *testing.T, told []int, want int) {
	t.Helper()
	list := s.pageOf(t, "limit=1000").Exchanges
	if len(list) != want {
		t.Fatalf("the journal has %d exchanges, not %d", len(list), want)
	}
	imported := map[string]bool{}
	for i, e := range list {
		if e.Number != i+1 {
			t.Fatalf("the number %d stands at place %d", e.Number, i+1)
		}
		if i > 0 && !e.SessionTime.After(list[i-1].SessionTime) {
			t.Errorf("%d was decided at %s, and the one before at %s", e.Number, e.SessionTime, list[i-1].SessionTime)
		}
		if _, known := slices.BinarySearch(told, e.Number); known == e.Act {
			t.Errorf("the number %d (act: %t) was told: %t", e.Number, e.Act, known)
		}
		if e.Operation == "importBordereau" { // the one that was accepted is the first
			if e.Reason == "" == imported[e.Subjects[0]] {
				t.Errorf("%d imports %s, accepted before: %t, refused for %q", e.Number, e.Subjects[0], imported[e.Subjects[0]], e.Reason)
			}
			imported[e.Subjects[0]] = true
		}
	}
}

// A session's numbers are its own, go on after a reset, and a refusal before anything was decided takes none.
func TestNumbersOfASession(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	one, other := p.frozen(t, ""), p.frozen(t, "")
	for n := 1; n <= 3; n++ {
		if got := one.get(t, "/osago/calculate/status?request_id="+ours).number(t); got != n {
			t.Errorf("the poll %d has the number %d", n, got)
		}
	}
	if got := other.get(t, "/osago/calculate/status?request_id="+ours).number(t); got != 1 {
		t.Errorf("another session begins at %d", got)
	}
	one.do(t, call{method: "GET", path: "/osago/calculate", header: map[string]string{"X-Poligon-Scenario": "nothing"}, problem: true}).want(t, 400)
	one.admin(t, "POST", "/clock/advance", `{"by": 5}`).want(t, 400)
	one.admin(t, "GET", "/calculations/"+ours, "").want(t, 200)
	one.admin(t, "POST", "/reset", "").want(t, 200) // 4
	if got := one.get(t, "/osago/calculate/status?request_id="+ours).number(t); got != 5 {
		t.Errorf("after the reset comes %d", got)
	}
	one.do(t, call{method: "GET", path: "/osago/nothing"}).want(t, 404) // 6
	if got := one.do(t, call{method: "POST", path: imports}).number(t); got != 7 {
		t.Errorf("the seventh has the number %d", got)
	}
}
