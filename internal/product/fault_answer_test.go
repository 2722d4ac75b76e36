package product_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"poligon/internal/server"
)

// Each kind of broken contract breaks it, as a library says that is not the product's own, on every operation that answers with
// JSON; an extra field is tolerated by the contract and only undeclared.
func TestFaultBreaksTheContract(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.frozen(t, "insurer-happy-path")
	s.post(t, application(ours)).want(t, 200)
	s.moveTo(t, 90*time.Second)
	s.importRisks(t, risk(nil))
	refused := asJSON(map[string]any{"risks": list(risk(nil))}) // it was imported before
	for name, ask := range map[string]call{
		"getCalculationStatus": poll(ours),
		"getCalculation":       {method: "GET", path: "/osago/calculate?request_id=" + ours},
		"importBordereau":      signed([]byte(refused)),
		"a refusal":            {method: "GET", path: "/osago/calculate?request_id=x"},
	} {
		whole := s.strike(t, ask)
		if err := conforms(ask, whole.answer); err != nil || whole.header.Get("X-Poligon-Fault") != "" {
			t.Fatalf("%s without a fault: %s, %v", name, whole.answer, err)
		}
		for _, kind := range []string{"unknown-enum", "missing-field", "extra-field", "wrong-type", "null-field"} {
			got := s.strike(t, ask.under("{answer: "+kind+"}"))
			err := conforms(ask, got.answer)
			said := fmt.Sprint(err)
			switch label := got.header.Get("X-Poligon-Fault"); {
			case name == "a refusal" && kind == "unknown-enum": // it has none
				if label != "unknown-enum: nothing to break" || string(got.body) != string(whole.body) {
					t.Errorf("%s of %s: %q, %s", kind, name, label, got.answer)
				}
			case err == nil, got.status != whole.status, string(got.body) == string(whole.body), !like(label, kind+" at /*"), !json.Valid(got.body),
				(kind == "extra-field") != like(said, "the contract does not have *"):
				t.Errorf("%s of %s: %q, %s, %v", kind, name, label, got.answer, err)
			}
			if again := s.strike(t, ask.under("{answer: "+kind+"}")); string(again.body) != string(got.body) {
				t.Errorf("%s of %s breaks %s, and then %s", kind, name, got.answer, again.answer)
			}
		}
	}
}

// A delay is one, or any from a range, or drawn around a median by the seed: of one session the same again.
func TestFaultDelays(t *testing.T) {
	t.Parallel()
	const n = 100
	var w waits
	p := start(t, setup{wait: w.wait})
	for _, c := range []struct {
		delay            string
		low, high        time.Duration
		middle, atLeast  time.Duration // of the middle one
		severalDifferent bool
	}{
		{`"2s"`, 2 * time.Second, 2 * time.Second, 2 * time.Second, 2 * time.Second, false},
		{`"2s..5s"`, 2 * time.Second, 5 * time.Second, 4 * time.Second, 3 * time.Second, true},
		{`{"median": "200ms", "p99": "2s"}`, time.Millisecond, 20 * time.Second, 280 * time.Millisecond, 140 * time.Millisecond, true},
	} {
		drawn := func(seed int) []time.Duration {
			s := p.play(t, fmt.Sprintf(`{"seed": %d}`, seed))
			s.fault(t, `{"on": "*", "delay": `+c.delay+`}`)
			for range n {
				if got := s.do(t, poll(ours)).want(t, 200).header.Get("X-Poligon-Fault"); !strings.HasPrefix(got, "delay ") {
					t.Errorf("labelled %q", got)
				}
			}
			return w.take()
		}
		seven, again, eight := drawn(7), drawn(7), drawn(8)
		if len(seven) != n || !slices.Equal(seven, again) || slices.Equal(seven, eight) == c.severalDifferent {
			t.Errorf("%s: seed 7 waits %v and %v, seed 8 %v", c.delay, seven, again, eight)
		}
		slices.Sort(seven)
		if seven[0] < c.low || seven[n-1] > c.high || seven[n/2] < c.atLeast || seven[n/2] > c.middle {
			t.Errorf("%s waits %s to %s, the middle %s", c.delay, seven[0], seven[n-1], seven[n/2])
		}
	}
}

// Two faults that are due for one request both act: the waits add up, of two statuses the later stands.
func TestFaultsTogether(t *testing.T) {
	t.Parallel()
	var w waits
	p := start(t, setup{wait: w.wait})
	s := p.frozen(t, "")
	s.fault(t, `{"on": "getCalculationStatus", "delay": "1s"}`)
	s.fault(t, `{"on": "*", "every": 2, "status": 429, "delay": "2s", "headers": {"Retry-After": "3"}}`)
	check := func(got seen, status int, waited time.Duration, labels ...string) {
		t.Helper()
		var sum time.Duration
		for _, d := range w.take() {
			sum += d
		}
		if got.status != status || sum != waited || !slices.Equal(got.header["X-Poligon-Fault"], labels) {
			t.Errorf("%s after %s: %q", got.answer, sum, got.header["X-Poligon-Fault"])
		}
	}
	check(s.strike(t, poll(ours)), 200, time.Second, "delay 1s")
	check(s.strike(t, poll(ours)), 429, 3*time.Second, "delay 1s", "delay 2s, status 429")
	check(s.strike(t, poll(ours).under("{status: 500}")), 500, time.Second, "status 500", "delay 1s")
	check(s.strike(t, poll(ours).under(`{status: 500, headers: {A: b}}`)), 429, 3*time.Second, "status 500", "delay 1s", "delay 2s, status 429")
	last := s.journal(t)[3]
	if !slices.Equal(last.Faults, []string{"header: status 500", "1: delay 1s", "2: delay 2s, status 429"}) {
		t.Errorf("the journal has %q", last.Faults)
	}
	ask := poll(ours).under("{answer: empty}")
	s.admin(t, "DELETE", "/faults", "").want(t, 204)
	check(s.strikeTwice(t, ask, "{delay: 4s}"), 200, 4*time.Second, "empty", "delay 4s")
	check(s.strikeTwice(t, poll(ours).under("{slow: 10s}"), "{slow: 1s}"), 200, 10*time.Second, "slow 10s", "slow 1s")
	told := p.frozen(t, "busy-partner") // which has a 429 first
	told.fault(t, `{"on": "*", "status": 503}`)
	check(told.strike(t, poll(ours).under("{status: 500}")), 429, 0, "status 500", "status 503", "status 429")
}

// strikeTwice sends a call with a second fault of its own, in a line of its own.
func (s *play) strikeTwice(t *testing.T, c call, second string) (got seen) {
	t.Helper()
	c.second = second
	return s.strike(t, c)
}

// What keeps a request from being accepted leaves no trace but a number and a line in the journal; what lets it be accepted
// stores it: the same import again is then refused, with override it is taken.
func TestFaultHeldOrLost(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	body := func(override bool) call {
		return signed([]byte(asJSON(map[string]any{"risks": list(risk(with("override", override)))})))
	}
	for fault, stored := range map[string]bool{
		`{status: 503}`: false, `{answer: reset}`: false, `{answer: refused}`: false, `{status: 200}`: false, `{status: 204, delay: 1ms}`: false,
		`{answer: lost}`: true, `{status: 503, accepted: true}`: true, `{answer: empty}`: true, `{answer: truncated}`: true, `{answer: malformed}`: true,
	} {
		s := p.frozen(t, "")
		s.strike(t, body(false).under(fault))
		s.strike(t, call{method: "POST", path: "/osago/calculate", header: jsonType, body: []byte(application(ours))}.under(fault))
		s.holds(t, map[bool]int{true: 2}[stored])
		kept := s.journal(t)
		if len(kept) != 2 || kept[0].Number != 1 || kept[1].Number != 2 || kept[0].Subjects[0] != "FD-0001" || kept[1].Subjects[0] != ours ||
			(kept[1].Status_After == "DRAFT") != stored || len(kept[0].Faults) != 1 {
			t.Errorf("%s: the journal has %+v", fault, kept)
		}
		want := map[bool]string{true: "WRONG_RISK_OVERRIDE", false: "ok"}[stored]
		if got := s.results(t, s.do(t, body(false)), 1)[0].codes(); got != want {
			t.Errorf("after %s an import again is %s", fault, got)
		}
		if got := s.results(t, s.do(t, body(true)), 1)[0].codes(); got != "ok" {
			t.Errorf("after %s an import with override is %s", fault, got)
		}
	}
}

// A request that is wrong by itself is struck all the same; one that a fault holds is told nothing of what was wrong with it.
func TestFaultOfRefusals(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	bad := call{method: "GET", path: "/osago/calculate/status?request_id=x"}
	wrongSign := signedBy(code, "wrong", []byte(`{}`))
	for _, ask := range []call{bad, wrongSign} {
		held := s.strike(t, ask.under("{status: 503}"))
		if held.status != 503 || held.header.Get("X-Poligon-Reason") != "" || held.header.Get("X-Poligon-Number") == "" {
			t.Errorf("held: %s, %v", held.answer, held.header)
		}
		late := s.strike(t, ask.under("{answer: malformed}"))
		if late.status/100 != 4 || late.header.Get("X-Poligon-Reason") == "" || json.Valid(late.body) || late.header.Get("Link") == "" {
			t.Errorf("malformed: %s, %v", late.answer, late.header)
		}
	}
	for _, ask := range []call{
		{method: "GET", path: "/osago/nowhere"},
		{method: "DELETE", path: "/osago/calculate"},
		{method: "GET", path: "/osago/calculate/status"},
		{method: "POST", path: imports, body: []byte("{")},
	} {
		if got := s.strike(t, ask.under("{status: 599, accepted: true}")); got.status != 599 || got.header.Get("X-Poligon-Own") != "fault" {
			t.Errorf("%s %s: %s", ask.method, ask.path, got.answer)
		}
	}
	for _, e := range s.journal(t) {
		if len(e.Faults) != 1 || e.Answer.Status == 503 && e.Reason != "" {
			t.Errorf("the journal has %+v", e)
		}
	}
}

// HEAD is struck as GET is, and has no body.
func TestFaultHead(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.fault(t, `{"on": "getCalculationStatus", "first": 1, "status": 429, "headers": {"Retry-After": "2"}}`)
	head := call{method: "HEAD", path: poll(ours).path}
	got := s.strike(t, head)
	if got.status != 429 || got.header.Get("Retry-After") != "2" || got.header.Get("X-Poligon-Fault") != "status 429" || len(got.body) > 0 || got.err != nil {
		t.Errorf("%s %v, %v", got.answer, got.header, got.err)
	}
	for fault, end := range map[string]string{"{answer: lost}": "reset", "{answer: reset}": "reset", "{answer: empty}": "whole", "{answer: malformed}": "whole",
		"{answer: truncated}": "whole", "{slow: 1ms}": "whole", "{status: 204}": "whole", "{answer: null-field}": "whole"} {
		if got := s.strike(t, head.under(fault)); got.end() != end || len(got.body) > 0 {
			t.Errorf("%s: %s, %s", fault, got.end(), got.answer)
		}
	}
}

// The label is there without the other headers, too.
func TestFaultLabelWithoutHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, setup{headers: server.HeadersOff}).frozen(t, "")
	got := s.strike(t, poll(ours).under("{answer: empty}"))
	var ours []string
	for name := range got.header {
		if strings.HasPrefix(name, "X-Poligon-") {
			ours = append(ours, name)
		}
	}
	if !slices.Equal(ours, []string{"X-Poligon-Fault"}) || got.header.Get("X-Poligon-Fault") != "empty" {
		t.Errorf("headers %v", got.header)
	}
}

// A fault with a mistake is refused with its place and its cure, and strikes nothing.
func TestBadFaults(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	for body, want := range map[string][3]string{
		`{"on": "getCalculationStatus"}`:                                         {"the fault does nothing", "add status:, answer:, delay: or slow:", ""},
		`{"status": 503}`:                                                        {`key "on" is missing`, "add on:", ""},
		`{"on": "getCalculatoinStatus", "status": 503}`:                          {`unknown operation "getCalculatoinStatus"`, "did you mean getCalculationStatus?", "/on"},
		`{"on": "*", "status": 503, "headers": {"Retry After": "2"}}`:            {`"Retry After" is not the name of a header`, "write it as Retry-After", "/headers/Retry After"},
		`{"on": "*", "status": 503, "headers": {"X-Poligon-Session": ""}}`:       {"header X-Poligon-Session is Poligon's own", "remove it", "/headers/X-Poligon-Session"},
		`{"on": "*", "stauts": 503}`:                                             {`unknown key "stauts"`, "did you mean status?", "/stauts"},
		"{\"on\": \"*\",\n \"delay\": {\"median\": \"2s\",\n  \"p99\": \"1s\"}}": {"p99 is not longer than the median", "99 of 100", "/delay/p99"},
	} {
		var got struct {
			Detail, Hint string
			Errors       []struct{ Pointer, Code, Actual, Expected string }
		}
		s.admin(t, "POST", "/faults", body).want(t, 400).decode(t, &got)
		if len(got.Errors) == 0 || got.Errors[0].Pointer != want[2] || !strings.Contains(got.Detail, want[0]) || !strings.Contains(got.Hint, want[1]) ||
			!strings.Contains(got.Errors[0].Actual, want[0]) || !strings.Contains(got.Errors[0].Expected, want[1]) {
			t.Errorf("%s: %+v", body, got)
		}
	}
	if list := s.faults(t); len(list) > 0 {
		t.Errorf("in force are %+v", list)
	}
	for header, want := range map[string]string{
		`{answer: los}`:            "header X-Poligon-Fault:1:10: unknown answer \"los\"*hint: did you mean lost?",
		`{status: 503, first: 2}`:  "header X-Poligon-Fault:1:15: *takes no first:*hint: remove it",
		`{on: "*", status: 503}`:   "header X-Poligon-Fault:1:2: *takes no on:*hint: remove it",
		`503`:                      "header X-Poligon-Fault:1:1: *",
		`{status: 503`:             "header X-Poligon-Fault:1:*",
		`{delay: 2}`:               "header X-Poligon-Fault:1:9: *hint: write it as 500ms, 4s, 2m30s, 1h or 1d",
		`{status: 503, stauts: 1}`: "header X-Poligon-Fault:1:15: unknown key \"stauts\"*hint: did you mean status?",
	} {
		c := poll(ours).under(header)
		c.problem = true
		var got problem
		a := s.do(t, c).want(t, 400)
		a.decode(t, &got)
		before, after, _ := strings.Cut(want, "*")
		middle, after, more := strings.Cut(after, "*")
		if !more {
			middle, after = after, ""
		}
		if !strings.HasPrefix(got.Detail, before) || !strings.Contains(got.Detail, middle) || !strings.HasSuffix(got.Detail, after) || a.header.Get("X-Poligon-Own") != "problem" {
			t.Errorf("%s: %s", header, got.Detail)
		}
	}
	s.holds(t, 0)
	if kept := s.journal(t); len(kept) > 0 {
		t.Errorf("the journal has %+v", kept)
	}
}
