package product_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"poligon/internal/bordereau"
	"poligon/internal/session"
	"poligon/internal/simulator"
)

// wholeJournal is a part of a session's configuration that lets its journal drop nothing.
const wholeJournal = `"journal": {"entries": 100000, "bytes": 268435456}`

// recording is the session's bundle as a file would hold it.
func (s *play) recording(t *testing.T) (text []byte, b *session.Bundle) {
	t.Helper()
	text = s.admin(t, "GET", "/recording", "").want(t, 200).body
	return text, readBundle(t, text)
}

func readBundle(t *testing.T, text []byte) *session.Bundle {
	t.Helper()
	b := &session.Bundle{}
	if err := json.Unmarshal(text, b); err != nil {
		t.Fatal(err)
	}
	return b
}

// replay plays a bundle again, of which no answer may differ and none may be left out.
func replay(t *testing.T, b *session.Bundle) {
	t.Helper()
	got, err := simulator.Replay(t.Context(), b, "test")
	if err != nil {
		t.Fatal(err)
	}
	if d := got.Diverged; d != nil {
		t.Fatalf("exchange %d of %d, %.300s, differs in %s:\nwas %.1000s\nis  %.1000s", d.Number, len(b.Recording.Exchanges), d.Request, d.What, d.Was, d.Is)
	}
	if got.Exchanges != len(b.Recording.Exchanges) || len(got.Notes) > 0 {
		t.Errorf("%d of %d exchanges were played, with notes %v", got.Exchanges, len(b.Recording.Exchanges), got.Notes)
	}
}

// fling sends a call without looking at what comes back.
func (s *play) fling(t *testing.T, c call) {
	t.Helper()
	target := s.url + "/s/" + s.name + c.path
	if strings.HasPrefix(c.path, "/__admin") {
		target = s.url + c.path
	}
	var body io.Reader = bytes.NewReader(c.body)
	if c.chunked {
		body = struct{ io.Reader }{body}
	}
	req, err := http.NewRequestWithContext(t.Context(), c.method, target, body)
	if err != nil {
		t.Error(err)
		return
	}
	for name, value := range c.header {
		req.Header.Set(name, value)
	}
	if resp, err := s.client.Do(req); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

// A long run of everything that clients can do, by several at once, plays again to the byte; no secret is in the file.
func TestReplayOfALongRun(t *testing.T) {
	t.Parallel()
	clients, calls := 8, 500
	if testing.Short() {
		calls = 60
	}
	for name, config := range map[string]string{
		"scaled": `{"clock": {"mode": "scaled", "speed": 60}, ` + wholeJournal + `}`,
		"frozen": `{"scenario": "busy-partner", "seed": 99, "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}, "labels": {"a": "b"}, ` + wholeJournal + `}`,
		"real":   `{"clock": {"mode": "real", "start": "2026-01-15T09:00:00Z"}, ` + wholeJournal + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, setup{wait: new(waits).wait})
			p.real.step.Store(int64(time.Millisecond))
			s := p.play(t, config)
			together(clients, func(i int) {
				f := fuss{rand.New(rand.NewPCG(uint64(i), 5)), s}
				for range calls {
					s.fling(t, f.call())
				}
			})
			text, b := s.recording(t)
			if n := len(b.Recording.Exchanges); n < clients*calls*3/4 {
				t.Errorf("%d exchanges are recorded of some %d", n, clients*calls)
			}
			changes := map[string]int{}
			for i, e := range b.Recording.Exchanges {
				if e.Number != uint64(i+1) {
					t.Fatalf("exchange %d is the %dth", e.Number, i+1)
				}
				changes[e.Operation]++
			}
			if changes["putSessionScenario"] == 0 || changes["changeScenarios"] == 0 {
				t.Errorf("no scenario was changed: %v", changes)
			}
			checkNoSecrets(t, text, b)
			replay(t, b)
			again, err := json.Marshal(b)
			if err != nil {
				t.Fatal(err)
			}
			replay(t, readBundle(t, again))
		})
	}
}

// checkNoSecrets looks for what opens doors.
func checkNoSecrets(t *testing.T, text []byte, b *session.Bundle) {
	t.Helper()
	for _, secret := range []string{`"` + password + `"`, ":" + password, "другой пароль", opened} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the bundle contains %q", secret)
		}
	}
	for _, e := range b.Recording.Exchanges {
		_, query, _ := strings.Cut(e.Request.Target, "?")
		values, _ := url.ParseQuery(query)
		for _, sign := range values["sign"] {
			if sign != "removed" {
				t.Fatalf("exchange %d has the sign %q: %s", e.Number, sign, e.Request.Target)
			}
		}
		for _, f := range e.Request.Header {
			if (f.Name == "Authorization" || f.Name == "Cookie") && f.Value != "removed" {
				t.Errorf("exchange %d has %s: %s", e.Number, f.Name, f.Value)
			}
		}
	}
}

// Whatever a session is asked, in whatever order, plays again.
func TestReplayOfShortHistories(t *testing.T) {
	t.Parallel()
	p := start(t, setup{wait: new(waits).wait})
	p.real.step.Store(int64(7 * time.Millisecond))
	rounds := 30
	if testing.Short() {
		rounds = 10
	}
	for seed := range rounds {
		s := p.play(t, `{"clock": {"mode": "scaled", "speed": 3}, `+wholeJournal+`}`)
		f := fuss{rand.New(rand.NewPCG(uint64(seed), 77)), s}
		for range 5 + f.IntN(25) {
			s.fling(t, f.call())
		}
		_, b := s.recording(t)
		replay(t, b)
		s.admin(t, "DELETE", "", "").want(t, 204)
	}
}

// short is a short history with some of everything.
func (s *play) short(t *testing.T) {
	t.Helper()
	s.post(t, application(ours)).want(t, 200)
	s.admin(t, "POST", "/clock/advance", `{"by": "4s"}`).want(t, 200)
	s.get(t, "/osago/calculate?request_id="+ours).want(t, 200)
	s.importRisks(t, policy("R-1", nil))
	s.get(t, "/osago/calculate/status?request_id=x").want(t, 400)
}

// An answer that is not as it was is named by its number and by what differs.
func TestReplayNamesADivergence(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.short(t)
	text, _ := s.recording(t)
	for _, c := range []struct {
		number int // of the exchange that is named
		what   string
		tamper func(*session.Bundle)
	}{
		{3, "body", func(b *session.Bundle) { b.Recording.Exchanges[2].Answer.Body[20]++ }},
		{4, "body", func(b *session.Bundle) {
			b.Recording.Exchanges[3].Answer.Body = append(b.Recording.Exchanges[3].Answer.Body, ' ')
		}},
		{5, "status", func(b *session.Bundle) { b.Recording.Exchanges[4].Answer.Status = 404 }},
		{1, "header", func(b *session.Bundle) { b.Recording.Exchanges[0].Answer.Header[0].Value += "x" }},
		{1, "header", func(b *session.Bundle) { b.Recording.Exchanges[0].Answer.Header = nil }},
		{2, "body", func(b *session.Bundle) { b.Recording.Origin.Seed++ }},
		{2, "body", func(b *session.Bundle) { b.Recording.Exchanges[1].Request.Body = []byte(`{"by": "5s"}`) }},
		{3, "exchange", func(b *session.Bundle) { b.Recording.Exchanges = slices.Delete(b.Recording.Exchanges, 1, 2) }},
		{4, "faults", func(b *session.Bundle) { b.Recording.Exchanges[3].Faults = []string{"1: lost"} }},
	} {
		b := readBundle(t, text)
		c.tamper(b)
		got, err := simulator.Replay(t.Context(), b, "test")
		if err != nil || got.Diverged == nil || got.Diverged.Number != uint64(c.number) || got.Diverged.What != c.what || got.Diverged.Was == got.Diverged.Is {
			t.Errorf("for number %d, %s: %+v, %v", c.number, c.what, got, err)
			if got != nil {
				t.Errorf("%+v", got.Diverged)
			}
		}
	}
	b := readBundle(t, text)
	b.Poligon, b.Contracts["osago"] = "older", "0"
	got, err := simulator.Replay(t.Context(), b, "test")
	if err != nil || got.Diverged != nil || len(got.Notes) != 2 {
		t.Errorf("a bundle of another version: %+v, %v", got, err)
	}
	b.Format = 99
	if _, err := simulator.Replay(t.Context(), b, "test"); err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("format 99: %v", err)
	}
}

// Where the journal does not hold all, recording is refused with the cure; a reset as a whole makes it possible again.
func TestRecordingIsRefused(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for name, c := range map[string]struct {
		journal string
		spoil   func(*play)
	}{
		"dropped": {`{"entries": 3}`, func(*play) {}},
		"cut":     {`{"bytes": 8000}`, func(s *play) { s.post(t, application(ours)+strings.Repeat(" ", 8000)).want(t, 200) }},
		"cleared": {`{}`, func(s *play) { s.admin(t, "DELETE", "/journal", "").want(t, 204) }},
		"reset":   {`{}`, func(s *play) { s.admin(t, "POST", "/reset", `{"only": ["journal"]}`).want(t, 200) }},
		"two":     {`{}`, func(s *play) { s.admin(t, "POST", "/reset", `{"only": ["journal", "subjects"]}`).want(t, 200) }},
	} {
		s := p.play(t, `{"clock": {"mode": "frozen"}, "journal": `+c.journal+`}`)
		s.short(t)
		c.spoil(s)
		if a := s.admin(t, "GET", "/recording", ""); a.status != 409 || !strings.Contains(a.String(), "journal") {
			t.Errorf("%s: %.200s", name, a)
		}
		s.admin(t, "POST", "/reset", "").want(t, 200)
		s.look(t, ours)
		if name == "dropped" {
			s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
		}
		_, b := s.recording(t)
		if len(b.Recording.Exchanges) < 2 || b.Recording.Exchanges[0].Number == 1 {
			t.Errorf("%s: after a reset are recorded %+v", name, b.Recording.Exchanges)
		}
		replay(t, b)
	}
}

// A forked session, a restored one and one that was reset are recorded from where they began.
func TestReplayOfAFork(t *testing.T) {
	t.Parallel()
	p := start(t, setup{wait: new(waits).wait})
	p.real.step.Store(int64(time.Millisecond))
	for _, config := range []string{`{"scenario": "busy-partner", "clock": {"mode": "scaled", "speed": 5}}`, `{"clock": {"mode": "frozen"}}`} {
		s := p.play(t, config)
		s.pastFaults(t)
		s.fault(t, `{"on": "getCalculation", "every": 2, "answer": "truncated"}`)
		s.post(t, application(ours))
		s.importRisks(t, policy("R-1", nil))
		s.admin(t, "POST", "/clock/advance", `{"next": true}`).want(t, 200)
		s.admin(t, "POST", "/clock/freeze", "").want(t, 200)
		fork := &play{p, s.name + "-fork"}
		s.admin(t, "POST", "/fork", fmt.Sprintf(`{"to": [%q]}`, fork.name)).want(t, 201)
		restored := &play{p, s.name + "-restored"}
		restored.admin(t, "PUT", "/snapshot", string(s.admin(t, "GET", "/snapshot", "").want(t, 200).body)).want(t, 201)
		for _, one := range []*play{fork, restored} {
			f := fuss{rand.New(rand.NewPCG(1, 2)), one}
			for range 2 {
				one.admin(t, "POST", "/clock/resume", "").want(t, 200)
				one.importRisks(t, policy("R-1", with("override", true)))
				for range 40 {
					one.fling(t, f.call())
				}
				_, b := one.recording(t)
				replay(t, b)
				one.admin(t, "POST", "/reset", "").want(t, 200)
			}
		}
	}
}

// A bundle holds the scenarios that its answers depend on, and those that Poligon brings do not come between: here a session
// plays a story of its own, a folder has replaced an embedded one, and a forked session moves on what another began.
func TestReplayWithOwnScenarios(t *testing.T) {
	t.Parallel()
	const story = "title: x\nstory: x\nosago: {offers: {a: {insurer: x, steps: [CREATED, {at: %s, status: PRE_CALC_SENT}]}}}\n"
	loaded, err := load(setup{signatures: bordereau.Enforce, scenarios: fstest.MapFS{
		"mine.yaml":                    {Data: fmt.Appendf(nil, story, "17s")},
		"aggregator-three-offers.yaml": {Data: fmt.Appendf(nil, story, "18s")}, // without its magic values
		"other.yaml":                   {Data: fmt.Appendf(nil, "magic: [{osago.request_id: 00000000-0000-4000-8000-000000000002, why: x}]\n"+story, "19s")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, setup{kit: &loaded}).frozen(t, "")
	const example, second = "123e4567-e89b-12d3-a456-426614174000", "00000000-0000-4000-8000-000000000002"
	s.get(t, "/osago/calculate/status?request_id="+example).want(t, 200)
	s.do(t, call{method: "GET", path: "/osago/calculate?request_id=" + ours, header: map[string]string{"X-Poligon-Scenario": "mine"}}).want(t, 200)
	fork := &play{s.product, "fork"}
	s.admin(t, "POST", "/fork", `{"to": ["fork"]}`).want(t, 201)
	for _, one := range []*play{s, fork} {
		one.moveTo(t, 20*time.Second)
		one.get(t, "/osago/calculate/status?request_id="+second).want(t, 200)
		one.moveTo(t, time.Minute)
		_, b := one.recording(t)
		replay(t, b)
	}
}

// Requests that chose the session otherwise than by the path are played in it again.
func TestReplayByHostAndCredentials(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.play(t, `{"clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}, "users": ["ann"], "partners": ["312"]}`)
	send := func(method, path, host string, header map[string]string, body []byte) {
		req, err := http.NewRequestWithContext(t.Context(), method, p.url+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			req.Host = host
		}
		for name, value := range header {
			req.Header.Set(name, value)
		}
		resp, err := p.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("X-Poligon-Session"); got != s.name {
			t.Errorf("%s %s went to session %q", method, path, got)
		}
	}
	get := "/osago/calculate?request_id=" + ours
	s.look(t, ours)
	s.moveTo(t, 9*time.Second) // from here on there are links
	send("GET", get, s.name+".localhost:8080", nil, nil)
	send("GET", get, s.name+".LOCALHOST", nil, nil)
	send("GET", "/s/"+s.name+get, s.name+".localhost", nil, nil)
	send("GET", get, "", map[string]string{"X-Poligon-Session": s.name}, nil)
	send("GET", get, "", map[string]string{"Authorization": "Basic YW5uOng="}, nil)
	ask := signed([]byte(asJSON(map[string]any{"risks": list(risk(nil))})))
	send("POST", ask.path, "", ask.header, ask.body)
	s.moveTo(t, 10*time.Second)
	send("GET", get, s.name+".localhost:8080", nil, nil)
	send("GET", "/osago/nothing", s.name+".localhost:8080", nil, nil)
	_, b := s.recording(t)
	if len(b.Recording.Exchanges) != 12 {
		t.Errorf("%d exchanges", len(b.Recording.Exchanges))
	}
	replay(t, b)
}
