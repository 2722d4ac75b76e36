package product_test

import (
	"flag"
	"fmt"
	"sync"
	"testing"
	"time"
)

// rounds is how often the forty tests run one behind the other: go test -race ./internal/product -run TestCrowdOfTests -rounds 200.
var rounds = flag.Int("rounds", 5, "rounds of the crowd of tests")

// Forty tests at once against one server, each in a session of its own: they begin a calculation, move on until it is ready,
// import, verify, reset and begin again, round after round. None sees anything of another.
func TestCrowdOfTests(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	const tests = 40
	sessions := make([]*play, tests)
	each(tests, func(i int) { sessions[i] = p.frozen(t, "aggregator-three-offers") })
	var mu sync.Mutex
	prices := map[string]int{} // each session has the same seed, and so the same story
	for round := range *rounds {
		together(tests, func(i int) {
			s := sessions[i]
			body := s.crowdRound(t, i, round)
			mu.Lock()
			defer mu.Unlock()
			prices[body]++
		})
		if t.Failed() {
			t.Fatalf("in round %d of %d", round+1, *rounds)
		}
	}
	if len(prices) != 1 {
		t.Errorf("the tests saw %d stories", len(prices))
	}
}

// crowdRound is one of the forty tests, once; it gives what it saw of the prices.
func (s *play) crowdRound(t *testing.T, i, round int) string {
	t.Helper()
	number := fmt.Sprintf("C-%d-%d", i, round)
	s.post(t, application(ours)).want(t, 200)
	a := s.admin(t, "POST", "/clock/advance", `{"until": {"request_id": "`+ours+`", "status": "CALCULATION_READY"}}`).want(t, 200)
	var moved struct {
		Clock   clockShown
		Changes []any
	}
	if a.decode(t, &moved); moved.Clock.Now.Sub(dawn) < time.Second || len(moved.Changes) == 0 {
		t.Errorf("moved to %s past %d changes", moved.Clock.Now, len(moved.Changes))
	}
	if got := s.calculation(t, ours); got.Status != "CALCULATION_READY" {
		t.Errorf("session %s is %s", s.name, got.Status)
	}
	var seen string
	for _, offer := range s.calculation(t, ours).Offers {
		seen += fmt.Sprint(offer["offer_id"], offer["price"], " ")
	}
	if results := s.importRisks(t, policy(number, nil)); results[0].UUID == nil {
		t.Errorf("%+v", results)
	}
	v := s.verdict(t, fmt.Sprintf(`{"in_order": true, "expectations": [
		{"operation": "startCalculation", "count": {"exactly": 1}},
		{"operation": "advanceClock", "count": {"exactly": 1}},
		{"operation": "getCalculation", "seen": "CALCULATION_READY", "count": {"exactly": 2}},
		{"operation": "importBordereau", "subject": %q, "count": {"exactly": 1}},
		{"refused": true, "count": {"never": true}}]}`, number))
	if v.Verdict != "pass" {
		t.Errorf("session %s: %s", s.name, v)
	}
	s.holds(t, 2)
	s.admin(t, "POST", "/reset", "").want(t, 200)
	if v := s.verdict(t, `{"expectations": [{"count": {"never": true}}]}`); v.Verdict != "pass" {
		t.Errorf("session %s after a reset: %s", s.name, v)
	}
	if now := s.shown(t); now.Subjects != 0 || !now.Clock.Now.Equal(dawn) {
		t.Errorf("session %s after a reset: %+v", s.name, now)
	}
	return seen
}
