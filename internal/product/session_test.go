package product_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A session that nobody uses for its ttl is forgotten; a client that comes back is told so.
func TestSessionExpires(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.play(t, `{"ttl": "10m", "clock": {"mode": "frozen"}}`)
	kept := p.play(t, `{"clock": {"mode": "frozen"}}`)
	s.look(t, ours)
	for range 3 { // each request keeps it alive
		p.real.pass(9 * time.Minute)
		s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
	}
	p.real.pass(10 * time.Minute)
	gone := s.do(t, call{method: "GET", path: "/osago/calculate/status?request_id=" + ours, problem: true})
	gone.wantProblem(t, 410, "the session has expired", "")
	if gone.header.Get("X-Poligon-Own") != "problem" {
		t.Errorf("the answer is not marked as the tool's own: %v", gone.header)
	}
	s.admin(t, "GET", "", "").wantProblem(t, 410, "the session has expired", "")
	kept.admin(t, "GET", "", "").want(t, 200)
	s.admin(t, "PUT", "", `{"clock": {"mode": "frozen"}}`).want(t, 201)
	s.holds(t, 0)
	s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
	for _, wrong := range []string{`{"ttl": "0"}`, `{"ttl": "soon"}`, `{"ttl": 60}`, `{"ttl": "-1s"}`} {
		p.do(t, call{method: "PUT", path: "/__admin/sessions/x", body: []byte(wrong)}).wantProblem(t, 400, "", "/ttl")
	}
}

// One session too many is refused; those that live are left alone, and one that expired makes room.
func TestSessionsHaveACap(t *testing.T) {
	t.Parallel()
	p := start(t, setup{maxSessions: 3})
	var live []*play
	for range 2 {
		live = append(live, p.play(t, `{}`))
		live[len(live)-1].look(t, ours)
	}
	short := p.play(t, `{"ttl": "1m"}`)
	full := func() {
		t.Helper()
		p.do(t, call{method: "PUT", path: "/__admin/sessions/more"}).wantProblem(t, 503, "there are too many sessions: 3", "")
		p.do(t, call{method: "GET", path: "/s/more/osago/calculate/status?request_id=" + ours, problem: true}).wantProblem(t, 503, "there are too many sessions", "")
		short.admin(t, "POST", "/fork", `{"to": ["more"]}`).wantProblem(t, 503, "there are too many sessions", "")
	}
	full()
	p.do(t, call{method: "GET", path: "/osago/calculate/status?request_id=" + ours}).want(t, 200) // who names no session is never turned away
	for _, s := range live {
		s.holds(t, 1)
	}
	p.real.pass(time.Minute)
	p.do(t, call{method: "DELETE", path: "/__admin/sessions/default"}).want(t, 204)
	p.do(t, call{method: "PUT", path: "/__admin/sessions/more"}).want(t, 201)
}

// Sessions are found by their labels, a page at a time.
func TestSessionsAreListed(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for i := range 25 {
		body := fmt.Sprintf(`{"labels": {"team": "t%d", "kind": "ci"}}`, i%2)
		p.do(t, call{method: "PUT", path: fmt.Sprintf("/__admin/sessions/n%02d", i), body: []byte(body)}).want(t, 201)
	}
	list := func(query string) (names []string) {
		for after := ""; ; {
			var page struct {
				Sessions []struct{ Name string }
				Next     string
			}
			p.do(t, call{method: "GET", path: "/__admin/sessions?limit=4&after=" + after + query}).want(t, 200).decode(t, &page)
			for _, s := range page.Sessions {
				names = append(names, s.Name)
			}
			if len(page.Sessions) > 4 {
				t.Errorf("a page of %d", len(page.Sessions))
			}
			if after = page.Next; after == "" {
				return names
			}
		}
	}
	if got := list(""); len(got) != 25 || !slices.IsSorted(got) {
		t.Errorf("all: %v", got)
	}
	if got := list("&label=team=t1&label=kind=ci"); len(got) != 12 || got[0] != "n01" {
		t.Errorf("by label: %v", got)
	}
	if got := list("&label=team=t1&label=kind=cd"); len(got) != 0 {
		t.Errorf("no such label: %v", got)
	}
	for query, pointers := range map[string]string{"label=team": "label", "limit=0": "limit", "limit=1001": "limit", "limit=many": "limit", "lable=team=t1": "lable",
		"limit=1&limit=2": "limit"} {
		p.do(t, call{method: "GET", path: "/__admin/sessions?" + query}).wantProblem(t, 400, "", pointers)
	}
	p.do(t, call{method: "GET", path: "/__admin/sessions?lable=x"}).wantProblem(t, 400, "did you mean label?", "lable")
	p.do(t, call{method: "GET", path: "/__admin/sessions/n01/journal?status=4x"}).wantProblem(t, 400, "", "status")
	p.do(t, call{method: "GET", path: "/__admin/sessions/n01/journal?refused=maybe&acts=true"}).wantProblem(t, 400, "", "refused")
}

// A client that can change nothing but its host or its credentials reaches its session too.
func TestSessionByHostAndCredentials(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.play(t, `{"clock": {"mode": "frozen", "start": "2020-02-02T00:00:00Z"}, "partners": ["312"], "users": ["shop"]}`)
	in := func(c call) string { return p.do(t, c).header.Get("X-Poligon-Session") }
	status := "/osago/calculate/status?request_id=" + ours
	if got := in(call{method: "GET", path: status, header: map[string]string{"Authorization": "Basic c2hvcDpzZWNyZXQ="}}); got != s.name {
		t.Errorf("the user's session is %q", got)
	}
	if got := in(call{method: "GET", path: status, header: map[string]string{"Authorization": "Basic b3RoZXI6c2VjcmV0"}}); got != "default" {
		t.Errorf("another user's session is %q", got)
	}
	if got := in(call{method: "POST", path: "/api/v2/importBordereau?partnerCode=312&sign=0", body: []byte(`{}`)}); got != s.name {
		t.Errorf("the partner's session is %q", got)
	}
	if got := in(call{method: "POST", path: "/s/other/api/v2/importBordereau?partnerCode=312&sign=0", body: []byte(`{}`)}); got != "other" {
		t.Errorf("a session in the path comes before credentials: %q", got)
	}
	p.do(t, call{method: "PUT", path: "/__admin/sessions/second", body: []byte(`{"partners": ["312"]}`)}).wantProblem(t, 409, "partner 312 belongs to session", "")
	s.admin(t, "DELETE", "", "").want(t, 204)
	p.do(t, call{method: "PUT", path: "/__admin/sessions/second", body: []byte(`{"partners": ["312"]}`)}).want(t, 201)

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/osago/calculate?request_id="+ours, nil)
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]string{"byhost.localhost:8080": "byhost", "BYHOST.LOCALHOST": "BYHOST", "localhost": "default", "byhost.localhost.evil": "default",
		"[::1]:80": "default", ".localhost": "default", "a_b.localhost": "a_b"} {
		req.Host = host
		resp, err := p.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("X-Poligon-Session"); got != want {
			t.Errorf("host %s: session %q, not %q", host, got, want)
		}
	}
	p.do(t, call{method: "POST", path: "/__admin/sessions/byhost/clock/advance", body: []byte(`{"by": "20s"}`)}).want(t, 200)
	req.Host = "byhost.localhost:8080"
	resp, err := p.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	_, _ = body.ReadFrom(resp.Body)
	if text := body.String(); !strings.Contains(text, `"http://byhost.localhost:8080/osago/offer/draft?`) {
		t.Errorf("links do not lead back to the host: %s", text)
	}
	req.Host = "byhost.localhost"
	req.Header.Set("X-Poligon-Session", "other")
	if resp, err = p.client.Do(req); err != nil || resp.StatusCode != 400 {
		t.Errorf("two names: %v %v", resp, err)
	}
	defer resp.Body.Close()
}

// A reset goes back to how the session began; limited to parts it leaves the others.
func TestScopedReset(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for _, part := range []string{"subjects", "clock", "journal", "faults"} {
		s := p.frozen(t, "all-rejected")
		s.look(t, ours)
		s.moveTo(t, time.Minute)
		s.admin(t, "POST", "/faults", `{"on": "getCalculation", "first": 1, "status": 503}`).want(t, 201)
		s.admin(t, "POST", "/reset", `{"only": ["`+part+`"]}`).want(t, 200)
		now := s.shown(t)
		var journal struct{ Exchanges []any }
		s.admin(t, "GET", "/journal", "").decode(t, &journal)
		var faults struct{ Faults []any }
		s.admin(t, "GET", "/faults", "").decode(t, &faults)
		got := map[string]bool{"subjects": now.Subjects == 0, "clock": now.Clock.Now.Equal(dawn), "journal": len(journal.Exchanges) == 0, "faults": len(faults.Faults) == 0}
		for other, reset := range got {
			if reset != (other == part) {
				t.Errorf("reset of %s: %s is reset: %v", part, other, reset)
			}
		}
	}
	s := p.frozen(t, "all-rejected")
	for _, body := range []string{`{"only": []}`, `{"only": ["clok"]}`, `{"only": "clock"}`, `{"all": true}`, `[]`} {
		s.admin(t, "POST", "/reset", body).want(t, 400)
	}
}

// Forks begin where the session stands, all or none, and then live lives of their own.
func TestFork(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.frozen(t, "aggregator-three-offers")
	s.post(t, application(ours)).want(t, 200)
	s.importRisks(t, risk(nil))
	s.admin(t, "POST", "/clock/advance", `{"until": {"request_id": "`+ours+`", "status": "CALCULATION_READY"}}`).want(t, 200)
	s.admin(t, "POST", "/faults", `{"on": "getCalculationStatus", "after": 1, "status": 500}`).want(t, 201)
	ready := s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200).String()
	s.admin(t, "POST", "/fork", `{"prefix": "f-", "count": 50}`).want(t, 201)
	for i := range 50 {
		f := &play{p, "f-" + strconv.Itoa(i+1)}
		if now := f.shown(t); now.Subjects != 2 || !now.Clock.Now.Equal(s.shown(t).Clock.Now) || now.Scenario != "aggregator-three-offers" {
			t.Errorf("fork %d: %+v", i, now)
		}
		f.get(t, "/osago/calculate/status?request_id="+ours).want(t, 500) // the fault has met one request already
		f.admin(t, "DELETE", "/faults/1", "").want(t, 204)
		if got := f.get(t, "/osago/calculate/status?request_id="+ours).String(); got != ready {
			t.Errorf("fork %d: %s, not %s", i, got, ready)
		}
	}
	one, two := &play{p, "f-1"}, &play{p, "f-2"}
	one.admin(t, "POST", "/calculations/"+ours+"/events", `{"fire": "failed"}`).want(t, 200)
	one.moveTo(t, time.Hour)
	if got := two.get(t, "/osago/calculate/status?request_id="+ours).String(); got != ready {
		t.Errorf("a fork sees what happened in another: %s", got)
	}
	one.admin(t, "POST", "/reset", "").want(t, 200)
	one.admin(t, "DELETE", "/faults", "").want(t, 204)
	if got := one.get(t, "/osago/calculate/status?request_id="+ours).String(); got != ready {
		t.Errorf("a fork is reset to %s", got)
	}
	two.admin(t, "POST", "/fork", `{"to": ["g", "f-1", "h"]}`).want(t, 409)
	for _, name := range []string{"g", "h"} {
		(&play{p, name}).admin(t, "GET", "", "").want(t, 404)
	}
	for _, body := range []string{`{}`, `{"to": []}`, `{"to": ["a"], "count": 2, "prefix": "b"}`, `{"count": 2}`, `{"prefix": "b"}`, `{"to": ["bad name"]}`, `{"to": ["a", "a"]}`} {
		two.admin(t, "POST", "/fork", body).want(t, 400)
	}
}

// A snapshot is the session on another server too; one that is broken is refused and creates nothing.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	from, to := start(t, setup{}), start(t, setup{})
	s := from.frozen(t, "aggregator-three-offers")
	s.post(t, application(ours)).want(t, 200)
	s.importRisks(t, risk(nil))
	s.moveTo(t, 10*time.Second)
	s.admin(t, "POST", "/calculations/"+ours+"/events", `{"fire": "timed_out"}`).want(t, 200)
	file := s.admin(t, "GET", "/snapshot", "").want(t, 200).body
	there := &play{to, s.name}
	there.admin(t, "PUT", "/snapshot", string(file)).want(t, 201)
	there.admin(t, "PUT", "/snapshot", string(file)).want(t, 409)
	for _, minutes := range []int{1, 2, 40} {
		s.moveTo(t, time.Duration(minutes)*time.Minute)
		there.moveTo(t, time.Duration(minutes)*time.Minute)
		a := strings.ReplaceAll(s.get(t, "/osago/calculate?request_id="+ours).String(), from.url, "")
		b := strings.ReplaceAll(there.get(t, "/osago/calculate?request_id="+ours).String(), to.url, "")
		if a != b || fmt.Sprint(s.importRisks(t, risk(nil))) != fmt.Sprint(there.importRisks(t, risk(nil))) {
			t.Errorf("after %d minutes\n%s\nthere\n%s", minutes, a, b)
		}
	}
	broken := 0
	rapid.Check(t, func(rt *rapid.T) {
		broken++
		name := &play{to, fmt.Sprintf("b%d", broken)}
		a := name.admin(t, "PUT", "/snapshot", string(mutate(rt, file)))
		switch {
		case a.status >= 500:
			rt.Fatalf("%s", a)
		case a.status != 201:
			name.admin(t, "GET", "", "").want(t, 404)
			return
		}
		if a := name.get(t, "/osago/calculate?request_id="+ours); a.status >= 500 {
			rt.Fatalf("the restored session answers %s", a)
		}
	})
}

// mutate changes one value of a JSON document.
func mutate(t *rapid.T, text []byte) []byte {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	strange := []any{nil, "", "x", -1.0, 1e300, true, []any{}, map[string]any{}, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "AAAA"}
	var walk func(v any, depth int) any
	walk = func(v any, depth int) any {
		if depth > 0 && rapid.IntRange(0, 3).Draw(t, "stop") == 0 {
			return rapid.SampledFrom(strange).Draw(t, "strange")
		}
		switch v := v.(type) {
		case map[string]any:
			keys := make([]string, 0, len(v))
			for key := range v {
				keys = append(keys, key)
			}
			slices.Sort(keys)
			if len(keys) > 0 {
				key := rapid.SampledFrom(keys).Draw(t, "key")
				v[key] = walk(v[key], depth+1)
			}
		case []any:
			if len(v) > 0 {
				i := rapid.IntRange(0, len(v)-1).Draw(t, "item")
				v[i] = walk(v[i], depth+1)
			}
		default:
			return rapid.SampledFrom(strange).Draw(t, "strange")
		}
		return v
	}
	out, err := json.Marshal(walk(value, 0))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
