package product_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// struck polls so many times and draws which polls failed: ".X" for a good one and one with the fault.
func (s *play) struck(t *testing.T, n int, ask call) string {
	t.Helper()
	var b strings.Builder
	for range n {
		if s.strike(t, ask).header.Get("X-Poligon-Fault") == "" {
			b.WriteByte('.')
		} else {
			b.WriteByte('X')
		}
	}
	return b.String()
}

// TestFaultTriggers draws which of twelve requests a fault strikes, put in force by a scenario and by the admin API.
func TestFaultTriggers(t *testing.T) {
	t.Parallel()
	cases := []struct{ when, want string }{
		{``, "XXXXXXXXXXXX"},
		{`, "first": 2`, "XX.........."},
		{`, "every": 3`, "..X..X..X..X"},
		{`, "after": 9`, ".........XXX"},
		{`, "after": 2, "first": 5`, "..XXX......."},
		{`, "after": 3, "every": 4`, "...X...X...X"},
		{`, "share": "100%"`, "XXXXXXXXXXXX"},
		{`, "subject": "` + strings.ToUpper(ours) + `"`, "XXXXXXXXXXXX"},
		{`, "subject": "11111111-1111-4111-8111-111111111111"`, "............"},
	}
	stories := fstest.MapFS{}
	for i, c := range cases {
		text := "title: x\nstory: x\nosago: {offers: {a: {insurer: x, steps: [CREATED]}}}\nfaults:\n  - {\"on\": [getCalculationStatus, importBordereau], \"status\": 503" + c.when + "}\n"
		stories[fmt.Sprintf("when-%d.yaml", i)] = &fstest.MapFile{Data: []byte(text)}
	}
	p := start(t, setup{scenarios: stories})
	for i, c := range cases {
		told := p.frozen(t, fmt.Sprintf("when-%d", i))
		added := p.frozen(t, "")
		added.fault(t, `{"on": ["getCalculationStatus", "importBordereau"], "status": 503`+c.when+`}`)
		for way, s := range map[string]*play{"scenario": told, "admin": added} {
			s.strike(t, call{method: "GET", path: "/osago/calculate?request_id=" + ours}) // another operation is not counted
			if got := s.struck(t, 12, poll(ours)); got != c.want {
				t.Errorf("%s by %s strikes %s, not %s", c.when, way, got, c.want)
			}
			met, applied := 12, strings.Count(c.want, "X")
			if strings.Contains(c.when, "1111") {
				met = 0
			}
			if list := s.faults(t); len(list) != 1 || list[0].Met != met || list[0].Applied != applied {
				t.Errorf("%s by %s is listed as %+v", c.when, way, list)
			}
		}
	}
}

// A share is drawn by the seed: one seed strikes the same requests again, another one others, and about as many as it says.
func TestFaultShare(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	const n = 200
	struck := func(seed int, share string) string {
		s := p.play(t, fmt.Sprintf(`{"seed": %d}`, seed))
		s.fault(t, fmt.Sprintf(`{"on": "getCalculationStatus", "share": %q, "status": 503}`, share))
		return s.struck(t, n, poll(ours))
	}
	seven, again, eight := struck(7, "25%"), struck(7, "25%"), struck(8, "25%")
	if seven != again {
		t.Errorf("one seed strikes\n%s\n%s", seven, again)
	}
	if seven == eight {
		t.Errorf("two seeds strike %s", seven)
	}
	for _, got := range []string{seven, eight} {
		if x := strings.Count(got, "X"); x < 30 || x > 70 {
			t.Errorf("25%% of %d are %d", n, x)
		}
	}
}

// A fault about a policy number strikes the imports that hold it, and leaves the others alone.
func TestFaultSubjectOfImport(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.fault(t, `{"on": "*", "subject": "p-2", "answer": "refused"}`)
	body := func(numbers ...string) call {
		var risks []any
		for _, n := range numbers {
			risks = append(risks, policy(n, nil))
		}
		return signed([]byte(asJSON(map[string]any{"risks": risks})))
	}
	for _, c := range []struct {
		ask  call
		want int
	}{{body("P-1"), 200}, {body("P-3", "P-2"), 503}, {body("P-3"), 200}, {poll(ours), 200}} {
		s.strike(t, c.ask).want(t, c.want)
	}
	s.holds(t, 3)
}

// Of many requests at once the first five are struck, exactly.
func TestFaultFirstUnderFire(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.fault(t, `{"on": "getCalculationStatus", "first": 5, "status": 429, "headers": {"Retry-After": "1"}}`)
	const clients = 32
	got := make([]int, clients)
	together(clients, func(i int) { got[i] = s.strike(t, poll(ours)).status })
	slices.Sort(got)
	if want := append(slices.Repeat([]int{200}, clients-5), slices.Repeat([]int{429}, 5)...); !slices.Equal(got, want) {
		t.Errorf("statuses %v", got)
	}
	if list := s.faults(t); len(list) != 1 || list[0].Met != clients || list[0].Applied != 5 {
		t.Errorf("listed as %+v", list)
	}
	numbers := map[int]bool{}
	for _, e := range s.journal(t) {
		numbers[e.Number] = true
		if (len(e.Faults) == 1) != (e.Answer.Status == 429) {
			t.Errorf("the journal has %+v", e)
		}
	}
	if len(numbers) != clients {
		t.Errorf("%d numbers", len(numbers))
	}
}

// What was added can be removed, one or all; what a scenario tells cannot. Numbers are not used again.
func TestFaultRemoval(t *testing.T) {
	t.Parallel()
	story := "title: x\nstory: x\nosago: {offers: {a: {insurer: x, steps: [CREATED]}}}\nfaults:\n  - {on: importBordereau, first: 1, answer: lost}\n"
	s := start(t, setup{scenarios: fstest.MapFS{"told.yaml": {Data: []byte(story)}}}).frozen(t, "told")
	ids := func() (list []string) {
		for _, f := range s.faults(t) {
			list = append(list, f.ID)
		}
		return list
	}
	busy := `{"on": "getCalculationStatus", "status": 503}`
	for _, want := range []string{"1", "2", "3"} {
		if id := s.fault(t, busy); id != want {
			t.Errorf("fault %s is called %s", want, id)
		}
	}
	s.strike(t, poll(ours)).want(t, 503)
	s.admin(t, "DELETE", "/faults/2", "").want(t, 204)
	s.admin(t, "DELETE", "/faults/2", "").wantProblem(t, 404, "those of a scenario cannot be removed", "")
	s.admin(t, "DELETE", "/faults/told%2F1", "").wantProblem(t, 404, "those of a scenario cannot be removed", "")
	if got := ids(); !slices.Equal(got, []string{"1", "3", "told/1"}) {
		t.Errorf("in force are %v", got)
	}
	s.admin(t, "DELETE", "/faults", "").want(t, 204)
	s.do(t, poll(ours)).want(t, 200)
	if id := s.fault(t, busy); id != "4" {
		t.Errorf("after all were removed the next is %s", id)
	}
	s.admin(t, "POST", "/reset", `{"only": ["faults"]}`).want(t, 200)
	if got := ids(); !slices.Equal(got, []string{"told/1"}) {
		t.Errorf("after a reset %v are in force", got)
	}
	s.do(t, poll(ours)).want(t, 200)
	(&play{s.product, "nobody"}).admin(t, "POST", "/faults", busy).wantProblem(t, 404, "nobody", "")
}

// A scenario's faults belong to the session that plays it, and count for it alone.
func TestFaultSessionsAreApart(t *testing.T) {
	t.Parallel()
	p := start(t, setup{wait: new(waits).wait})
	a, b := p.frozen(t, "busy-partner"), p.frozen(t, "busy-partner")
	other := p.frozen(t, "default")
	for _, s := range []*play{a, b} {
		if got := s.struck(t, 3, poll(ours)); got != "XXX" {
			t.Errorf("%s is struck %s", s.name, got)
		}
	}
	if got := other.struck(t, 3, poll(ours)); got != "..." || len(other.faults(t)) > 0 {
		t.Errorf("the other session is struck %s by %v", got, other.faults(t))
	}
}

// A fault of every request strikes those to partner APIs, on paths of no operation too, and counts no act of the admin API.
func TestFaultSparesActs(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.fault(t, `{"on": "*", "first": 2, "status": 503}`)
	s.fault(t, `{"on": "importBordereau", "status": 503}`)
	s.moveTo(t, time.Second)
	s.strike(t, call{method: "GET", path: "/osago/nowhere"}).want(t, 503)
	s.moveTo(t, 2*time.Second)
	if got := s.struck(t, 2, poll(ours)); got != "X." {
		t.Errorf("then it strikes %s", got)
	}
	if list := s.faults(t); list[0].Met != 3 || list[1].Met != 0 {
		t.Errorf("listed as %+v", list)
	}
}

// A fault in force is listed as it was written, with its words.
func TestFaultList(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.admin(t, "GET", "/faults", "").want(t, 200).says(t, `{"faults": []}`)
	s.fault(t, `{"delay": {"p99": "2s", "median": "200ms"}, "on": ["getCalculation"], "share": "2.50%"}`)
	s.admin(t, "GET", "/faults", "").want(t, 200).says(t, `{"faults": [{"id": "1", "met": 0, "applied": 0,
		"words": "delay around 200ms (p99 2s), 2.5% of getCalculation",
		"fault": {"on": "getCalculation", "share": "2.5%", "delay": {"median": "200ms", "p99": "2s"}}}]}`)
}
