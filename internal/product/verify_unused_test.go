package product_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// unused is what no client has met: parts of the scenario, and faults by their ids.
func (s *play) unused(t *testing.T) (scenario string, parts, faults []string) {
	t.Helper()
	var list struct {
		Scenario string
		Parts    []string
		Faults   []standing
	}
	s.admin(t, "GET", "/unused", "").want(t, 200).decode(t, &list)
	for _, f := range list.Faults {
		faults = append(faults, f.ID)
	}
	return list.Scenario, list.Parts, faults
}

// What no client has met is told, part by part, until one has.
func TestVerifyUnused(t *testing.T) {
	t.Parallel()
	const story = `title: x
story: x
osago:
  offers:
    a: {insurer: x, steps: [CREATED, {at: 1s, status: PRE_CALC_SENT}, {at: 2s, status: OFFER_ERROR}]}
bordereau:
  flights: {SU-1402: "07:15 +03:00", S7-155: "20:00 +03:00"}
  records:
    - {when: {position: 2}, error: WRONG_FLIGHT_DEPARTURE_TIME}
    - {when: {position: 9}, error: WRONG_POLICY_NUMBER}
  messages: {WRONG_FLIGHT_DEPARTURE_TIME: no, WRONG_REQUEST_SIGN: bad sign}
faults:
  - {on: getCalculationStatus, first: 1, status: 503}
  - {on: importBordereau, after: 2, status: 503}
`
	s := start(t, setup{scenarios: fstest.MapFS{"parts.yaml": {Data: []byte(story)}}}).frozen(t, "parts")
	check := func(parts []string, faults string) {
		t.Helper()
		scenario, left, never := s.unused(t)
		if scenario != "parts" || !slices.Equal(left, parts) || !slices.Equal(never, strings.Fields(faults)) {
			t.Errorf("of %s are left\n%q\n%q, want\n%q\n%q", scenario, left, never, parts, strings.Fields(faults))
		}
	}
	_, all, _ := s.unused(t)
	if len(all) != 9 {
		t.Fatalf("there are %d parts: %q", len(all), all)
	}
	without := func(gone ...string) []string {
		all = slices.DeleteFunc(all, func(part string) bool {
			return slices.ContainsFunc(gone, func(end string) bool { return strings.HasSuffix(part, end) })
		})
		return all
	}
	id := s.fault(t, `{"on": "getCalculation", "status": 500}`)
	check(without(), id+" parts/1 parts/2")
	s.admin(t, "GET", "/calculations/"+ours, "").want(t, 404) // looking is not meeting
	s.strike(t, poll(ours)).want(t, 503)
	check(without(), id+" parts/2") // the fault kept the client from the step
	s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
	first := all[slices.IndexFunc(all, func(part string) bool { return strings.HasPrefix(part, "osago") })]
	check(without(first), id+" parts/2")
	s.moveTo(t, 2*time.Second) // past the second step, which nobody saw
	s.strike(t, call{method: "GET", path: "/osago/calculate?request_id=" + ours}).want(t, 500)
	s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
	left := slices.DeleteFunc(slices.Clone(all), func(part string) bool { return !strings.HasPrefix(part, "osago") })
	if len(left) != 2 {
		t.Fatalf("left are %q", left)
	}
	check(without(left[1]), "parts/2")
	s.importRisks(t, policy("U-1", nil), policy("U-2", nil))
	check(without("flights.SU-1402", "records[0]", "messages.WRONG_FLIGHT_DEPARTURE_TIME"), "parts/2")
	s.do(t, signedBy(code, "wrong", []byte("{}"))).want(t, 403)
	s.strike(t, signed([]byte("{}")))
	check(without("messages.WRONG_REQUEST_SIGN"), "")
	s.admin(t, "POST", "/reset", "").want(t, 200)
	if _, parts, faults := s.unused(t); len(parts) != 9 || !slices.Equal(faults, []string{"parts/1", "parts/2"}) {
		t.Errorf("after a reset are left %q, %q", parts, faults)
	}
}
