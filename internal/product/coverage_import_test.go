package product_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// flight is a good risk on a flight at a time.
func flight(number, departure string) any {
	return risk(map[string]any{"flightNumber": number, "departureDate": departure, "policyNumber": "FLIGHT-" + number})
}

// many are good risks under different policies.
func many(n int, changes map[string]any) (risks []any) {
	for i := range n {
		risks = append(risks, policy(fmt.Sprintf("MANY-%d", i), changes))
	}
	return risks
}

// lists are the imports by which a scenario shows what its magic values do not.
func lists(scenario string) [][]any {
	return append([][]any{many(12, nil)}, map[string][][]any{
		"airline-schedule": {{flight("S7-155", "2026-05-02 20:00 +03:00"), flight("SU-1402", "2026-12-31 23:55 +03:00"), flight("SU-1402", "2026-12-30 23:55 +03:00"),
			flight("DP-405", "2026-07-01 06:40 +07:00"), flight("U6-200", "2026-07-01 06:40 +05:00"), flight("QQ-7", "2026-07-01 06:40 +05:00")}},
		"wrong-departure-time": {{flight("S7-155", "2026-05-02 20:00 +03:00"), flight("RU-243", "2026-05-02 20:00 +10:00")}},
		"own-rules":            {{policy("OLD-1", nil), policy("TWICE", nil)}, {policy("TWICE", nil)}, many(101, nil)},
		"unlucky-records":      {many(200, nil), many(30, with("lastName", "Невезучий"))},
	}[scenario]...)
}

// imports sends what a scenario says of imports: its magic values, and its lists.
func (c *coverage) imports(t *testing.T, s *play, scenario listed) {
	t.Helper()
	requests := lists(scenario.Name)
	for _, m := range scenario.Magic {
		if m.API == "bordereau" {
			requests = append(requests, []any{risk(with(m.Field, m.Value))})
		}
	}
	for _, risks := range requests {
		c.importOne(t, s, risks)
	}
	for n := 0; n < 200 && s.refusalsLeft(t); n++ { // chance has not met them yet
		c.importOne(t, s, []any{policy(fmt.Sprintf("CHANCE-%d", n), nil)})
	}
}

// refusalsLeft says whether nobody has met some refusal of a whole request.
func (s *play) refusalsLeft(t *testing.T) bool {
	_, parts, _ := s.unused(t)
	return slices.ContainsFunc(parts, func(part string) bool { return strings.HasPrefix(part, "bordereau.requests") })
}

// importOne sends an import and notes the errors in its answer.
func (c *coverage) importOne(t *testing.T, s *play, risks []any) {
	t.Helper()
	got := c.strike(t, s, signed([]byte(asJSON(map[string]any{"risks": risks}))))
	if got.err != nil || got.header.Get("X-Poligon-Fault") != "" {
		return
	}
	var body struct {
		ResultImport []result
		Errors       []refused
	}
	got.decode(t, &body)
	for _, e := range body.Errors {
		c.note(importError, e.Code)
	}
	for _, r := range body.ResultImport {
		for _, e := range r.Errors {
			c.note(importError, e.Code)
		}
	}
}

// strikes polls until every fault of the session has struck, and notes what they did.
func (c *coverage) strikes(t *testing.T, s *play) {
	t.Helper()
	for range 100 {
		if !slices.ContainsFunc(s.faults(t), func(f standing) bool { return f.Applied == 0 }) {
			break
		}
		c.strike(t, s, poll(numbered(1)))
		c.importOne(t, s, []any{risk(nil)})
	}
	for _, f := range s.faults(t) {
		if f.Applied == 0 {
			t.Errorf("fault %s never struck: %s", f.ID, f.Words)
			continue
		}
		var keys map[string]any
		if err := json.Unmarshal(f.Fault, &keys); err != nil {
			t.Error(err)
		}
		for key := range keys {
			c.note(faultKey, key)
		}
	}
	for _, e := range s.journal(t) {
		for _, told := range e.Faults { // flaky-network/2: reset
			if _, what, ok := strings.Cut(told, ": "); ok {
				c.note(faultKind, strings.Fields(what)[0])
			}
		}
	}
}
