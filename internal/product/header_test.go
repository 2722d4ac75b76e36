package product_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"poligon/internal/server"
)

// told are the headers of an answer that are Poligon's own, with the Date and without the number.
func (a answer) told() map[string]string {
	told := map[string]string{}
	for name, values := range a.header {
		if strings.HasPrefix(name, "X-Poligon-") && name != "X-Poligon-Number" || name == "Date" || name == "Link" {
			told[name] = strings.Join(values, "|")
		}
	}
	return told
}

// headed is a call and what the headers of its answer are.
type headed struct {
	call         call
	status       int
	scenario     string // that was played
	before, went string // statuses of the calculation
	own          string
	reason       string // its beginning
}

// headedCalls are calls of every kind to a session that plays all-rejected, one after the other.
func headedCalls() []headed {
	get := func(path string) call { return call{method: "GET", path: path} }
	text := application(ours)
	started := call{method: "POST", path: "/osago/calculate", header: jsonType, body: []byte(text)}
	other := call{method: "POST", path: "/osago/calculate", header: jsonType, body: []byte(change("purpose", "taxi"))}
	chosen := get("/osago/calculate?request_id=" + nobody)
	chosen.header = map[string]string{"X-Poligon-Scenario": "slow-partner"}
	batch := []byte(asJSON(map[string]any{"risks": list(risk(nil))}))
	return []headed{
		{started, 200, "all-rejected", "", "DRAFT", "", ""},
		{get("/osago/calculate/status?request_id=" + ours), 200, "all-rejected", "DRAFT", "DRAFT", "", ""},
		{get("/osago/calculate?request_id=" + ours), 200, "all-rejected", "DRAFT", "DRAFT", "", ""},
		{started, 200, "all-rejected", "DRAFT", "DRAFT", "", ""},
		{other, 400, "all-rejected", "DRAFT", "DRAFT", "", "already taken"},
		{chosen, 200, "slow-partner", "", "DRAFT", "", ""},
		{get("/osago/calculate?request_id=x"), 400, "", "", "", "", "request_id"},
		{get("/osago/calculate"), 400, "", "", "", "", "request_id"},
		{get("/osago/nothing"), 404, "", "", "", "", "-"},
		{call{method: "DELETE", path: "/osago/calculate"}, 405, "", "", "", "", "-"},
		{signed(batch), 200, "all-rejected", "", "", "", ""},
		{signed(batch), 200, "all-rejected", "", "", "", "-"},
		{call{method: "POST", path: imports}, 403, "", "", "", "", "-"},
		{signed([]byte("{")), 400, "", "", "", "", "-"},
		{get("/api/v2/nothing"), 404, "", "", "", "", "-"},
		{get("/osago/calculate/status?request_id=" + ours).under(`{"delay": "1h"}`), 200, "all-rejected", "DRAFT", "DRAFT", "fault", ""},
	}
}

// Every answer of a simulated API tells where it comes from and what it did; a refusal leads to its diagnosis.
func TestHeaders(t *testing.T) {
	t.Parallel()
	p := start(t, setup{wait: new(waits).wait})
	s := p.play(t, `{"scenario": "all-rejected", "clock": {"mode": "frozen", "start": "2031-03-01T10:20:30.5Z"}}`)
	p.real.pass(time.Hour)
	for i, c := range headedCalls() {
		a := s.do(t, c.call).want(t, c.status)
		got := a.told()
		want := map[string]string{"Date": "Sat, 01 Mar 2031 10:20:30 GMT", "X-Poligon-Session": s.name, "X-Poligon-Time": "2031-03-01T10:20:30.5Z"}
		for name, value := range map[string]string{"Scenario": c.scenario, "Status-Before": c.before, "Status-After": c.went, "Own": c.own, "Fault": got["X-Poligon-Fault"]} {
			if value != "" {
				want["X-Poligon-"+name] = value
			}
		}
		if c.own == "fault" != (got["X-Poligon-Fault"] != "") {
			t.Errorf("%s %s: the fault's label is %q", c.call.method, c.call.path, got["X-Poligon-Fault"])
		}
		if c.reason != "" {
			want["X-Poligon-Reason"] = got["X-Poligon-Reason"]
		}
		if reason := got["X-Poligon-Reason"]; reason == "" && c.reason != "" || c.reason != "-" && !strings.Contains(reason, c.reason) {
			t.Errorf("%s %s is refused for %q", c.call.method, c.call.path, reason)
		}
		if c.status >= 400 && c.status < 500 {
			want["Link"] = got["Link"]
			s.checkLink(t, a)
		}
		if !maps.Equal(got, want) || a.number(t) != i+1 {
			t.Errorf("%s %s, exchange %d: the headers are\n%v\nnot\n%v", c.call.method, c.call.path, a.number(t), got, want)
		}
	}
}

// checkLink follows an answer to its entry in the journal.
func (s *play) checkLink(t *testing.T, a answer) {
	t.Helper()
	link, rest, ok := strings.Cut(strings.TrimPrefix(a.header.Get("Link"), "<"+s.url), ">; rel=")
	if !ok || rest != `"describedby"` {
		t.Errorf("the link is %q", a.header.Get("Link"))
		return
	}
	var entry kept
	s.product.do(t, call{method: "GET", path: link}).want(t, 200).decode(t, &entry)
	if entry.Number != a.number(t) || entry.Answer == nil || entry.Answer.Status != a.status {
		t.Errorf("%s leads to %+v", link, entry)
	}
	if got := a.header.Get("X-Poligon-Reason"); got != ascii(entry.Reason) {
		t.Errorf("the header has the reason %q, the journal %q", got, entry.Reason)
	}
}

// ascii is a text as a header can hold it.
func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
}

// Switched off, none of them is there but the label of a fault; the Date is the session's all the same.
func TestHeadersOff(t *testing.T) {
	t.Parallel()
	s := start(t, setup{headers: server.HeadersOff, wait: new(waits).wait}).frozen(t, "all-rejected")
	for _, c := range headedCalls() {
		a := s.do(t, c.call).want(t, c.status)
		names := slices.Sorted(maps.Keys(a.told()))
		want := []string{"Date"}
		if c.own == "fault" {
			want = append(want, "X-Poligon-Fault")
		}
		if !slices.Equal(names, want) || a.header.Get("X-Poligon-Number") != "" {
			t.Errorf("%s %s: the headers are %v", c.call.method, c.call.path, a.header)
		}
		if a.header.Get("Date") != dawn.Format(http.TimeFormat) {
			t.Errorf("%s %s: the date is %q", c.call.method, c.call.path, a.header.Get("Date"))
		}
	}
	if list := s.journal(t); len(list) != len(headedCalls()) || list[4].Reason == "" {
		t.Errorf("the journal has %+v", list)
	}
}

// Poligon's own words on a partner's path say that they are.
func TestOwnProblems(t *testing.T) {
	t.Parallel()
	p := start(t, setup{maxSessions: 1})
	expired := p.play(t, `{"ttl": "1s"}`)
	p.real.pass(time.Second)
	path := "/osago/calculate/status?request_id=" + ours
	for _, c := range []struct {
		path   string
		header map[string]string
		status int
	}{
		{"/nothing", nil, 404},
		{"/s/a/nothing", nil, 404},
		{"/s/b%20c" + path, nil, 400},
		{"/s/a" + path, map[string]string{"X-Poligon-Session": "b"}, 400},
		{path, map[string]string{"X-Poligon-Scenario": "nothing"}, 400},
		{path, map[string]string{"X-Poligon-Fault": "nothing"}, 400},
		{"/s/" + expired.name + path, nil, 410},
		{"/s/more" + path, nil, 503},
	} {
		a := p.do(t, call{method: "GET", path: c.path, header: c.header, problem: true}).want(t, c.status)
		if got := a.header.Get("X-Poligon-Own"); got != "problem" || a.header.Get("X-Poligon-Number") != "" {
			t.Errorf("%s: own %q, number %q", c.path, got, a.header.Get("X-Poligon-Number"))
		}
	}
	if a := p.do(t, call{method: "GET", path: "/__admin/nothing"}).want(t, 404); a.header.Get("X-Poligon-Own") != "" {
		t.Errorf("the admin API marks its own answers: %v", a.header)
	}
}
