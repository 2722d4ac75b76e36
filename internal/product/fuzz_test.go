package product_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"poligon/internal/bordereau"
	"poligon/internal/osago"
	"poligon/internal/scenario"
	"poligon/internal/server"
	"poligon/internal/session"
	"poligon/internal/simulator"
)

// hunted is a simulator that a fuzzer sends requests to. It is made anew from time to time, for what scenarios it was given stays.
type hunted struct {
	sim    *simulator.Simulator
	asked  int
	config simulator.Config
	kit    kit
}

// askedAtMost is how many requests one simulator gets.
const askedAtMost = 500

func hunt(f *testing.F, with osago.Access) *hunted {
	f.Helper()
	k, err := load(setup{signatures: bordereau.Warn, access: with})
	if err != nil {
		f.Fatal(err)
	}
	now := &realClock{}
	return &hunted{kit: k, config: simulator.Config{Access: k.access, OSAGOAccess: with, Now: now.now, MaxSessions: 8, MaxBody: 1 << 20,
		Guard: server.Guard{On: true}, Wait: func(context.Context, time.Duration) error { return nil }}}
}

// send has a request answered, and holds the answer to what no request may bring about: a panic, an internal error, an answer that is
// no JSON and says so.
func (h *hunted) send(t *testing.T, r *http.Request) (w *httptest.ResponseRecorder) {
	t.Helper()
	if h.sim == nil || h.asked > askedAtMost {
		var err error
		if h.sim, err = simulator.Over(h.config, h.kit.apis, h.kit.library); err != nil {
			t.Fatal(err)
		}
		h.asked = 0
	}
	h.asked++
	ctx, stop := context.WithCancel(t.Context())
	if strings.Contains(r.URL.Path, "stream") {
		stop() // it would go on for ever
	}
	defer stop()
	w = httptest.NewRecorder()
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler { //nolint:errorlint // a fault resets connections so
			t.Fatalf("%s %s: panic: %v", r.Method, r.URL, p)
		}
	}()
	h.sim.Server.ServeHTTP(w, r.WithContext(ctx))
	if bytes.Contains(w.Body.Bytes(), []byte("internal error")) && w.Code == http.StatusInternalServerError {
		t.Fatalf("%s %s: internal error", r.Method, r.URL)
	}
	if strings.Contains(w.Header().Get("Content-Type"), "json") && w.Body.Len() > 0 && w.Header().Get("X-Poligon-Fault") == "" && !json.Valid(w.Body.Bytes()) {
		t.Fatalf("%s %s is answered with what is no JSON: %.300q", r.Method, r.URL, w.Body)
	}
	return w
}

// clean forgets the sessions.
func (h *hunted) clean(t *testing.T, names ...string) {
	for _, name := range append(names, "default") {
		h.send(t, httptest.NewRequest(http.MethodDelete, "http://localhost/__admin/sessions/"+url.PathEscape(name), nil))
	}
}

// one says that an answer has one of these statuses.
func one(t *testing.T, w *httptest.ResponseRecorder, statuses ...int) {
	t.Helper()
	for _, s := range statuses {
		if w.Code == s {
			return
		}
	}
	t.Fatalf("it is answered %d: %.300s", w.Code, w.Body)
}

func post(target string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost"+target, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// FuzzImport sends bodies of imports, twice each: with the right sign, and then with a wrong one.
func FuzzImport(f *testing.F) {
	h := hunt(f, osago.Access{})
	for _, body := range []string{asJSON(map[string]any{"risks": []any{risk(nil)}}), asJSON(map[string]any{"risks": []any{risk(map[string]any{"phone": 1e300}), nil, 1}}),
		`{"risks":[]}`, `{"risks":[{}],"risks":[{"a":{"b":[1,2,"\ud800"]}}]}`, "\xef\xbb\xbf{}", `[`, ``, `{"risks":` + strings.Repeat("[", 10000)} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		query := url.Values{"partnerCode": {code}, "sign": {bordereau.Sign(body, password)}}
		one(t, h.send(t, post(imports+"?"+query.Encode(), body)), 200, 400, 413)
		one(t, h.send(t, post(imports+"?partnerCode="+code+"&sign=0", body)), 200, 400, 413)
		h.clean(t)
	})
}

// FuzzCalculation sends calculation requests.
func FuzzCalculation(f *testing.F) {
	h := hunt(f, osago.Access{})
	seed, err := os.ReadFile(filepath.Join("testdata", "seed-request.json"))
	if err != nil {
		f.Fatal(err)
	}
	for _, body := range []string{application(ours), string(seed), `{}`, `{"request_id":"` + ours + `"}`, `{"request_id":"` + ours + `","request_id":null}`, `[[`, `"x"`, ``, "\x00"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		one(t, h.send(t, post("/osago/calculate", body)), 200, 400, 404, 413)
		one(t, h.send(t, httptest.NewRequest(http.MethodGet, "http://localhost/osago/calculate/status?request_id="+ours, nil)), 200, 404)
		h.clean(t)
	})
}

// bodies are what takes a body beside the two above: a method, a path, and a body that is taken.
var bodies = [][3]string{
	{"PUT", "/__admin/sessions/new", `{"seed": 7, "scenario": "all-rejected", "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}, "labels": {"a": "b"}, "ttl": "1h"}`},
	{"POST", "/__admin/sessions/mine/reset", `{"only": ["subjects", "journal"]}`},
	{"POST", "/__admin/sessions/mine/clock/advance", `{"by": "10s"}`},
	{"POST", "/__admin/sessions/mine/clock/advance", `{"to": "2026-01-15T10:00:00Z"}`},
	{"PUT", "/__admin/sessions/mine/clock", `{"mode": "scaled", "speed": 60}`},
	{"POST", "/__admin/sessions/mine/fork", `{"prefix": "two", "count": 1}`},
	{"PUT", "/__admin/sessions/mine/scenario", "title: a\nstory: b\nosago: {offers: {a: {insurer: А, steps: [CREATED]}}}\n"},
	{"POST", "/__admin/sessions/mine/calculations/" + ours + "/events", `{"fire": "paid", "offer_id": "36611576"}`},
	{"POST", "/__admin/sessions/mine/flights", `{"flight_number": "S7-155", "delay_hours": 3.5}`},
	{"POST", "/__admin/sessions/mine/verify", `{"expectations": [{"operation": "importBordereau", "count": {"never": true}, "query": {"a": {"matches": "^(a+)+$"}}}]}`},
	{"POST", "/__admin/sessions/mine/faults", `{"on": "*", "status": 503, "first": 2}`},
	{"POST", "/__admin/signature/explain", `{"partner_code": "312", "sign": "ab", "body_base64": "e30="}`},
	{"POST", "/__admin/scenarios", `{"scenarios": [{"name": "slow", "source": "title: a\nstory: b\nosago: {offers: {a: {insurer: А, steps: [CREATED]}}}\n"}], "remove": ["slow-partner"]}`},
	{"PUT", "/__admin/scenarios/own", "title: a\nstory: b\nosago: {offers: {a: {insurer: А, steps: [CREATED]}}}\n"},
	{"POST", "/osago/offer", `{"request_id":"` + ours + `","offer_id":"36611576","return_urls":{"success_url":"http://[::1]/"},"upsales":[]}`},
	{"POST", "/confirm?access_token=x", `{"order_id":"1"}`},
	{"POST", "/pay", `request_id=` + ours + `&offer_id=36611576&action=pay`},
}

// FuzzBodies sends bodies to all else that takes one, in a session that plays.
func FuzzBodies(f *testing.F) {
	h := hunt(f, osago.Access{})
	for i, b := range bodies {
		f.Add(uint8(i), []byte(b[2]))
		f.Add(uint8(i), []byte(`{"`))
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		b := bodies[int(which)%len(bodies)]
		begin := httptest.NewRequest(http.MethodPut, "http://localhost/__admin/sessions/mine", strings.NewReader(`{"clock": {"mode": "frozen"}}`))
		begin.Header.Set("Content-Type", "application/json")
		h.send(t, begin)
		h.send(t, post("/s/mine/osago/calculate", []byte(application(ours))))
		h.send(t, post("/__admin/sessions/mine/clock/advance", []byte(`{"by": "30s"}`)))
		r := post(b[1], body)
		if !strings.HasPrefix(b[1], "/__admin") {
			r = post("/s/mine"+b[1], body)
		}
		r.Method = b[0]
		if strings.HasPrefix(b[1], "/pay") {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		h.send(t, r)
		h.send(t, httptest.NewRequest(http.MethodGet, "http://localhost/s/mine/osago/calculate/status?request_id="+ours, nil))
		h.send(t, httptest.NewRequest(http.MethodGet, "http://localhost/__admin/sessions/mine/journal", nil))
		h.clean(t, "mine", "new", "two1")
	})
}

// FuzzToken asks for tokens, with a form and an Authorization header: only the right secret gets one.
func FuzzToken(f *testing.F) {
	h := hunt(f, osago.Access{Auth: osago.AuthOAuth2, Clients: map[string]string{"shop": "0penSesame"}, TTL: time.Hour})
	for _, form := range []string{"grant_type=client_credentials&client_id=shop&client_secret=0penSesame", "grant_type=client_credentials;client_id=shop", "%zz=1&=&&", "grant_type=password", `{"client_id":"shop"}`} {
		f.Add([]byte(form), "")
	}
	f.Add([]byte("grant_type=client_credentials"), "Basic c2hvcDowcGVuU2VzYW1l")
	f.Add([]byte("grant_type=client_credentials"), "Basic \xff")
	f.Fuzz(func(t *testing.T, form []byte, authorization string) {
		r := post("/osago/token", form)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", authorization)
		if w := h.send(t, r); w.Code == http.StatusOK && !strings.Contains(string(form), "0penSesame") && !strings.Contains(string(form), "%") && !strings.Contains(authorization, "c2hvcDowcGVuU2VzYW1l") {
			t.Fatalf("a token is given for %q and %q: %s", form, authorization, w.Body)
		} else if strings.Contains(w.Body.String(), "0penSesame") {
			t.Fatalf("the secret is told: %s", w.Body)
		}
		h.send(t, httptest.NewRequest(http.MethodGet, "http://localhost/osago/calculate/status?request_id="+ours, nil))
		h.clean(t)
	})
}

// FuzzSnapshot restores sessions from what may be no snapshot, and looks at what they play.
func FuzzSnapshot(f *testing.F) {
	h := hunt(f, osago.Access{})
	f.Add([]byte(h.snapshot(f)))
	f.Add([]byte(`{"format": 1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := post("/__admin/sessions/mine/snapshot", body)
		r.Method = http.MethodPut
		if w := h.send(t, r); w.Code == http.StatusCreated {
			for _, target := range []string{"/s/mine/osago/calculate/status?request_id=" + ours, "/__admin/sessions/mine/calculations/" + ours, "/__admin/sessions/mine/snapshot", "/__admin/sessions/mine/risks"} {
				h.send(t, httptest.NewRequest(http.MethodGet, "http://localhost"+target, nil))
			}
		}
		h.clean(t, "mine")
	})
}

// snapshot is one of a session that has played a little.
func (h *hunted) snapshot(f *testing.F) string { return h.document(f, "snapshot") }

func (h *hunted) document(f *testing.F, kind string) string {
	f.Helper()
	sim, err := simulator.Over(h.config, h.kit.apis, h.kit.library)
	if err != nil {
		f.Fatal(err)
	}
	ask := func(r *http.Request) string {
		w := httptest.NewRecorder()
		sim.Server.ServeHTTP(w, r)
		if w.Code >= 300 {
			f.Fatalf("%s is answered %d: %s", r.URL, w.Code, w.Body)
		}
		return w.Body.String()
	}
	begin := httptest.NewRequest(http.MethodPut, "http://localhost/__admin/sessions/seed", strings.NewReader(`{"clock": {"mode": "frozen"}}`))
	begin.Header.Set("Content-Type", "application/json")
	ask(begin)
	ask(post("/s/seed/osago/calculate", []byte(application(ours))))
	body := []byte(asJSON(map[string]any{"risks": []any{risk(nil)}}))
	ask(post("/s/seed"+imports+"?partnerCode="+code+"&sign="+bordereau.Sign(body, password), body))
	return ask(httptest.NewRequest(http.MethodGet, "http://localhost/__admin/sessions/seed/"+kind, nil))
}

// FuzzReplay plays what may be no recording.
func FuzzReplay(f *testing.F) {
	f.Add([]byte(hunt(f, osago.Access{}).document(f, "recording")))
	f.Add([]byte(`{"format": 1, "recording": {"origin": {}, "exchanges": [{}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var b session.Bundle
		if json.Unmarshal(text, &b) != nil {
			return
		}
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		if _, err := simulator.Replay(ctx, &b, "test"); errors.Is(err, context.DeadlineExceeded) {
			t.Fatal("it hangs")
		}
	})
}

// FuzzRequest sends whole requests: any path, query, header and body, to everything that there is.
func FuzzRequest(f *testing.F) {
	h := hunt(f, osago.Access{})
	status := "/osago/calculate/status?request_id=" + ours
	for _, target := range []string{status, "/s/mine" + status, status + "&request_id=" + ours, "/osago/offer?request_id=" + ours + "&offer_id=1", "/pay?request_id=" + ours + "&offer_id=36611576", "/confirm?order_id=1&token=a%zz;b=1", "/osago/calculate/status?request_id=%00",
		"/__admin/sessions?label=a:b&limit=10&after=x", "/__admin/sessions/default/journal?operation=importBordereau&status=4xx&refused=true&acts=false&after=3&limit=1", "/__admin/sessions/default/journal/stream?from=start",
		"/__admin/sessions/default/risks?policy_number=1&flight_number=S7", "/__admin/sessions/default/journal.har", "/__admin/scenarios/default", "/metrics", "/s/%2e%2e/__admin/sessions", "/osago%2fcalculate", "//", "/s//", "/s/..;/x"} {
		f.Add([]byte("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	}
	for _, header := range []string{"X-Poligon-Session: mine", "X-Poligon-Session: a\r\nX-Poligon-Session: b", "X-Poligon-Scenario: all-rejected", "X-Poligon-Scenario: ../../etc/passwd", "X-Poligon-Fault: {status: 503, delay: 1h}",
		"X-Poligon-Fault: {answer: reset}", "X-Poligon-Fault: [", "Authorization: Basic OmE=", "Authorization: Bearer", "Content-Type: application/json; charset=koi8-r", "Accept: */*;q=x", "Origin: null", "X-Forwarded-Host: evil", "Expect: 100-continue"} {
		f.Add([]byte("GET " + status + " HTTP/1.1\r\nHost: mine.localhost\r\n" + header + "\r\n\r\n"))
	}
	f.Add([]byte("POST /osago/calculate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil || r.URL == nil {
			return
		}
		r.RemoteAddr = "127.0.0.1:1"
		w := h.send(t, r)
		for name, values := range w.Header() {
			if strings.ContainsAny(name+strings.Join(values, ""), "\r\n\x00") {
				t.Fatalf("the header %s breaks the line: %q", name, values)
			}
		}
		h.clean(t, "mine")
	})
}

// FuzzScenario reads scenario files with the sections of the real partner APIs: stories, schedules of flights, faults.
func FuzzScenario(f *testing.F) {
	files, err := filepath.Glob("../../scenarios/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal("no scenarios", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	k, err := usual()
	if err != nil {
		f.Fatal(err)
	}
	parts := simulator.Parts(k.apis)
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 {
			return
		}
		_, err := scenario.Read("fuzz.yaml", text, parts)
		var mistakes scenario.Mistakes
		if err != nil && (!errors.As(err, &mistakes) || len(mistakes) == 0) {
			t.Fatalf("it is refused without a mistake: %v", err)
		}
	})
}

// FuzzSign explains signs of bodies.
func FuzzSign(f *testing.F) {
	f.Add(code, "C25E0B7503E30357B1C71E999C76C401E30C2E699BFD003CE594250CB98BAB59", []byte("ab"))
	f.Add("", "", []byte(nil))
	f.Add("7", bordereau.Sign([]byte("{}"), "другой пароль"), []byte("{}"))
	access := bordereau.Access{Passwords: map[string]string{code: "pass1234word", "7": "другой пароль"}}
	f.Fuzz(func(t *testing.T, code, sign string, body []byte) {
		for _, m := range access.Explain(code, sign, body, nil) {
			if strings.Contains(m.Text, "pass1234word") && !strings.Contains(sign+string(body), "pass1234word") {
				t.Fatalf("the password is told: %s", m.Text)
			}
		}
	})
}
