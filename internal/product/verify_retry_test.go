package product_test

import (
	"fmt"
	"testing"
)

// An import is taken and its answer lost: a client that sends it again without override is told that it is there, with override
// it gets the uuid; verification and explanation show that it is kept once.
func TestVerifyRetryOfALostAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.fault(t, `{"on": "importBordereau", "first": 1, "answer": "lost"}`)
	body := func(override bool) call {
		return signed([]byte(asJSON(map[string]any{"risks": list(policy("R-1", with("override", override)))})))
	}
	if got := s.strike(t, body(false)); got.end() != "reset" {
		t.Fatalf("the client sees %s (%v), not a reset", got.answer, got.err)
	}
	s.holds(t, 1)
	if r := s.results(t, s.do(t, body(false)).want(t, 200), 1)[0]; r.codes() != "WRONG_RISK_OVERRIDE" {
		t.Errorf("again: %+v", r)
	}
	taken := s.results(t, s.do(t, body(true)).want(t, 200), 1)[0]
	if taken.UUID == nil {
		t.Fatalf("with override: %+v", taken)
	}
	s.holds(t, 1)
	for expectation, want := range map[string]string{
		`{"operation": "importBordereau", "subject": "R-1", "count": {"exactly": 3}}`:                                                       "pass 3",
		`{"operation": "importBordereau", "subject": "R-1", "fault": "lost", "count": {"exactly": 1}}`:                                      "pass 1",
		`{"operation": "importBordereau", "answer": {"paths": {"resultImport[0].uuid": {"present": true}}}, "count": {"exactly": 1}}`:       "pass 1",
		`{"operation": "importBordereau", "request": {"json": {"risks": [{"override": true}]}}, "refused": false, "count": {"exactly": 1}}`: "pass 1",
	} {
		if got := s.expects(t, expectation); got != want {
			t.Errorf("%s: %s, want %s", expectation, got, want)
		}
	}
	var told struct {
		Risks []struct {
			Kept *struct {
				UUID   string
				Events []struct {
					Event string
					By    int
				}
			}
			Attempts []struct {
				Exchange int
				Outcome  string
				UUID     string
			}
		}
	}
	s.admin(t, "GET", "/risks?policy_number=R-1", "").want(t, 200).decode(t, &told)
	if len(told.Risks) != 1 || told.Risks[0].Kept == nil || told.Risks[0].Kept.UUID != *taken.UUID {
		t.Fatalf("explained as %+v", told)
	}
	imported := 0
	for _, e := range told.Risks[0].Kept.Events {
		if e.Event == "imported" {
			imported++
		}
	}
	var outcomes []string
	for _, a := range told.Risks[0].Attempts {
		outcomes = append(outcomes, fmt.Sprint(a.Exchange, " ", a.Outcome))
	}
	if imported != 1 || told.Risks[0].Kept.Events[0].By != 2 || len(outcomes) != 3 || outcomes[0] != "2 accepted" || outcomes[1] != "3 refused" || outcomes[2] != "4 accepted" {
		t.Errorf("explained as %+v, attempts %v", told.Risks[0].Kept, outcomes)
	}
}
