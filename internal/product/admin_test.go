package product_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// problem is the body of an admin error (RFC 9457).
type problem struct {
	Status       int
	Detail, Hint string
	Errors       []struct{ Pointer, Code string }
}

// pointers are where a problem lies, in a line.
func (p problem) pointers() string {
	list := make([]string, len(p.Errors))
	for i, e := range p.Errors {
		list[i] = e.Pointer
	}
	return strings.Join(list, " ")
}

// wantProblem checks an admin error: its status, what its detail and hint contain, and where it says the mistake is.
func (a answer) wantProblem(t *testing.T, status int, contains, pointers string) {
	t.Helper()
	var got problem
	a.want(t, status).decode(t, &got)
	if text := got.Detail + " | " + got.Hint; !strings.Contains(text, contains) || got.pointers() != pointers {
		t.Errorf("got %q at %q, want %q at %q", text, got.pointers(), contains, pointers)
	}
}

func TestPutIsIdempotent(t *testing.T) {
	t.Parallel()
	p := start(t, setup{defaults: realTime})
	put := func(body string) answer {
		return p.do(t, call{method: "PUT", path: "/__admin/sessions/checkout", body: []byte(body)})
	}
	const config = `{"scenario": "all-rejected", "seed": 7, "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}}`
	want := func(subjects, minute, number int) string { // a look is two exchanges, and a move of the clock one; how many bytes they take is not said
		return fmt.Sprintf(`{"name": "checkout", "url": "%s/s/checkout", "scenario": "all-rejected", "chosen": true, "seed": 7, "subjects": %d, "number": %d,
		"clock": {"mode": "frozen", "speed": 0, "start": "2026-01-15T09:00:00Z", "now": "2026-01-15T09:0%d:00Z"},
		"journal": {"entries": %d, "bytes": 0, "dropped": 0}}`, p.url, subjects, number, minute, number)
	}
	put(config).want(t, 201).says(t, want(0, 0, 0))
	put(config).want(t, 200).says(t, want(0, 0, 0))
	s := &play{p, "checkout"}
	s.look(t, ours)
	s.moveTo(t, 60e9)
	for _, same := range []string{config, strings.Replace(config, "T09:00:00Z", "T12:00:00.000+03:00", 1),
		`{"clock":{"start":"2026-01-15T09:00:00Z","speed":0,"mode":"scaled"},"seed":7,"scenario":"all-rejected"}`} {
		put(same).want(t, 200).withoutBytes().says(t, want(1, 1, 3))
	}
	for _, other := range []string{"", "{}", strings.Replace(config, "7", "8", 1), strings.Replace(config, "all-rejected", "default", 1),
		strings.Replace(config, "frozen", "real", 1), strings.Replace(config, "09:00:00", "09:00:01", 1), strings.Replace(config, "09:00:00Z", "09:00:00.000000001Z", 1)} {
		put(other).wantProblem(t, 409, `session "checkout" exists with another configuration | DELETE it first`, "")
	}
	s.admin(t, "GET", "", "").want(t, 200).withoutBytes().says(t, want(1, 1, 3))
}

// withoutBytes is the answer with the size of a journal taken for 0.
func (a answer) withoutBytes() answer {
	a.body = regexp.MustCompile(`"bytes":\d+`).ReplaceAll(a.body, []byte(`"bytes":0`))
	return a
}

// A session without a configuration, put or just used, is as the server was started.
func TestSessionByFirstUse(t *testing.T) {
	t.Parallel()
	p := start(t, setup{defaults: realTime})
	for _, body := range []string{"", " \n", "{}", `{"clock": {}}`, `{"clock": {"mode": "real"}}`} {
		s := p.play(t, body)
		if got := s.shown(t); got.Scenario != "default" || got.Chosen || got.Seed != 1 || got.Clock.Mode != "real" || !got.Clock.Start.Equal(dawn) {
			t.Errorf("%q: %+v", body, got)
		}
		s.admin(t, "PUT", "", "{}").want(t, 200)
	}
	used := &play{p, "used"}
	used.admin(t, "GET", "", "").wantProblem(t, 404, `there is no session "used" | create it with PUT /__admin/sessions/used, or by its first use`, "")
	used.look(t, ours)
	used.admin(t, "PUT", "", "").want(t, 200)
	p.do(t, call{method: "GET", path: "/osago/calculate?request_id=" + ours}).want(t, 200)
	byDefault := &play{p, "default"}
	if got := byDefault.shown(t); got.URL != p.url || got.Subjects != 1 {
		t.Errorf("the default session: %+v", got)
	}
}

func TestBadSessionConfig(t *testing.T) {
	t.Parallel()
	p := start(t, setup{defaults: realTime})
	for body, want := range map[string]struct{ contains, pointers string }{
		`{"scenari": "default"}`:                          {`property "scenari" is unsupported`, ""},
		`{"Scenario": "default"}`:                         {`property "Scenario" is unsupported`, ""},
		`{"clock": {"sped": 1}}`:                          {`property "sped" is unsupported`, "/clock"},
		`{"a.b": 1}`:                                      {`property "a.b" is unsupported`, ""},
		`{"a/b~c": 1}`:                                    {`property "a/b~c" is unsupported`, ""},
		`{"0": 1}`:                                        {`property "0" is unsupported`, ""},
		`{"clock": {"x[1]": 1}}`:                          {"", "/clock"},
		`{"seed": 1.5, "scenario": 5}`:                    {"", "/scenario /seed"},
		`{"scenario": 5}`:                                 {"", "/scenario"},
		`{"scenario": null}`:                              {"", "/scenario"},
		`{"scenario": "agregator-three-ofers"}`:           {"did you mean aggregator-three-offers?", "/scenario"},
		`{"scenario": "../default"}`:                      {"did you mean default?", "/scenario"},
		`{"seed": 0}`:                                     {"", "/seed"},
		`{"seed": -7}`:                                    {"", "/seed"},
		`{"seed": 7.0}`:                                   {"seed cannot be the number 7.0", "/seed"},
		`{"seed": "7"}`:                                   {"", "/seed"},
		`{"seed": 9223372036854775808}`:                   {"", "/seed"},
		`{"seed": 1e30}`:                                  {"", "/seed"},
		`{"clock": 60}`:                                   {"", "/clock"},
		`{"clock": null}`:                                 {"", "/clock"},
		`{"clock": {"mode": "warp"}}`:                     {"", "/clock/mode"},
		`{"clock": {"mode": "Frozen"}}`:                   {"", "/clock/mode"},
		`{"clock": {"mode": "scaled"}}`:                   {"needs a speed", "/clock/speed"},
		`{"clock": {"mode": "frozen", "speed": 2}}`:       {"scaled clock alone", "/clock/speed"},
		`{"clock": {"speed": 2}}`:                         {"scaled clock alone", "/clock/speed"},
		`{"clock": {"mode": "scaled", "speed": -1}}`:      {"", "/clock/speed"},
		`{"clock": {"mode": "scaled", "speed": 1000001}}`: {"", "/clock/speed"},
		`{"clock": {"mode": "scaled", "speed": "60"}}`:    {"", "/clock/speed"},
		`{"clock": {"start": "yesterday"}}`:               {"", "/clock/start"},
		`{"clock": {"start": "2026-01-15"}}`:              {"", "/clock/start"},
		`{"clock": {"start": "2026-01-15T9:00:00Z"}}`:     {"", "/clock/start"},
		`{"clock": {"start": "2026-02-30T09:00:00Z"}}`:    {"", "/clock/start"},
		`{"clock": {"start": "10000-01-01T00:00:00Z"}}`:   {"", "/clock/start"},
		`{"clock": {"start": 1768467600}}`:                {"", "/clock/start"},
		`{"clock": {"mode": "frozen", "start": "0001-01-01T00:00:00Z"}}`:      {"outside the years", "/clock/start"},
		`{"clock": {"mode": "frozen", "start": "0000-06-01T00:00:00Z"}}`:      {"outside the years", "/clock/start"},
		`{"clock": {"mode": "frozen", "start": "9999-12-31T23:59:59-01:00"}}`: {"outside the years", "/clock/start"},
		`[]`:                                {"", ""},
		`null`:                              {"", ""},
		`"default"`:                         {"", ""},
		`{`:                                 {"not JSON", ""},
		`{} {}`:                             {"not JSON", ""},
		"\xef\xbb\xbf{}":                    {"not JSON", ""},
		"{\"scenario\": \"\xe4\"}":          {"", "/scenario"},
		strings.Repeat(`{"clock":`, 20_000): {"not JSON", ""},
	} {
		t.Run(body[:min(len(body), 60)], func(t *testing.T) {
			t.Parallel()
			s := &play{p, fmt.Sprint("bad", p.sessions.Add(1))}
			s.admin(t, "PUT", "", body).wantProblem(t, 400, want.contains, want.pointers)
			s.admin(t, "GET", "", "").want(t, 404)
		})
	}
}

func TestBadSessionNames(t *testing.T) {
	t.Parallel()
	p := start(t, setup{defaults: realTime})
	for _, name := range []string{"-a", "_a", ".a", "a%20b", "a%2Fb", "%D1%8F", "a:b", "a+b", strings.Repeat("a", 65), "%00"} {
		path := "/__admin/sessions/" + name
		p.do(t, call{method: "PUT", path: path}).wantProblem(t, 400, "is not a session name: use 1 to 64 letters", "session")
		for _, c := range []call{{method: "GET", path: path}, {method: "DELETE", path: path}, {method: "POST", path: path + "/reset"},
			{method: "POST", path: path + "/clock/advance", body: []byte(`{"by": "1s"}`)}} {
			p.do(t, c).wantProblem(t, 404, "there is no session", "")
		}
	}
	for _, name := range []string{"a", "0", "A.b-c_9", strings.Repeat("a", 64)} {
		p.do(t, call{method: "PUT", path: "/__admin/sessions/" + name}).want(t, 201)
	}
	if len(p.list(t)) != 4 {
		t.Errorf("%+v", p.list(t))
	}
}

// Whatever the path and the method, the admin API answers in its own words: no redirects, no pages of the library.
func TestAdminMethodsAndPaths(t *testing.T) {
	t.Parallel()
	p := start(t, setup{defaults: realTime})
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"POST", "/__admin/sessions", 405, "GET"},
		{"PATCH", "/__admin/sessions/a", 405, "DELETE, GET, PUT"},
		{"OPTIONS", "/__admin/sessions/a", 405, "DELETE, GET, PUT"},
		{"GET", "/__admin/sessions/a/reset", 405, "POST"},
		{"GET", "/__admin/sessions/a/clock/advance", 405, "POST"},
		{"DELETE", "/__admin/scenarios", 405, "GET, POST"},
		{"POST", "/livez", 405, "GET"},
		{"GET", "/__admin", 404, ""},
		{"GET", "/__admin/", 404, ""},
		{"GET", "/__admin/nothing", 404, ""},
		{"GET", "/__adminx", 404, ""},
		{"GET", "/__admin/Sessions", 404, ""},
		{"GET", "/__admin/sessions/", 404, ""},
		{"GET", "/__admin/sessions/a/", 404, ""},
		{"GET", "/__admin//sessions", 404, ""},
		{"GET", "/__admin/./sessions", 404, ""},
		{"GET", "/__admin/x/../sessions", 404, ""},
		{"PUT", "/__admin/sessions/..", 404, ""},
		{"POST", "/__admin/sessions/a//reset", 404, ""},
		{"POST", "/__admin/sessions/a/clock", 405, "PUT"},
		{"POST", "/__admin/sessions/a/clocks", 404, ""},
		{"PATCH", "/__admin/sessions/a/journal", 405, "DELETE, GET"},
		{"GET", "/__admin/sessions/a/verify", 405, "POST"},
		{"GET", "/livez/", 404, ""},
		{"GET", "/readyzz", 404, ""},
	} {
		a := p.do(t, call{method: c.method, path: c.path})
		a.wantProblem(t, c.status, "", "")
		if got := a.header.Get("Allow"); got != c.allow {
			t.Errorf("%s %s: Allow is %q, not %q", c.method, c.path, got, c.allow)
		}
	}
	for _, path := range []string{"/livez", "/readyz", "/__admin/sessions", "/__admin/scenarios"} {
		p.do(t, call{method: "GET", path: path}).want(t, 200)
		p.do(t, call{method: "HEAD", path: path}).want(t, 200)
	}
	p.do(t, call{method: "GET", path: "/readyz"}).says(t, fmt.Sprintf(`{"status": "ok", "version": "test", "scenarios": %d}`, len(p.scenarios(t))))
}

func TestAdminBodyTooLarge(t *testing.T) {
	t.Parallel()
	p := start(t, setup{maxBody: 1000})
	p.do(t, call{method: "PUT", path: "/__admin/sessions/a", body: []byte(strings.Repeat(" ", 1001))}).wantProblem(t, 413, "more than 1000 bytes", "")
	if list := p.list(t); len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

// Delete forgets; what comes after begins anew. The list is in the order of names.
func TestListAndDelete(t *testing.T) {
	t.Parallel()
	p := start(t, setup{defaults: realTime})
	names := func() (line string) {
		for _, s := range p.list(t) {
			line += s.Name + " "
		}
		return line
	}
	p.do(t, call{method: "GET", path: "/__admin/sessions"}).says(t, `{"sessions": []}`)
	for _, name := range []string{"b", "a10", "a2", "B"} {
		p.do(t, call{method: "PUT", path: "/__admin/sessions/" + name, body: []byte(`{"scenario": "slow-partner"}`)}).want(t, http.StatusCreated)
	}
	if got := names(); got != "B a10 a2 b " {
		t.Errorf("sessions %s", got)
	}
	s := &play{p, "a2"}
	s.importRisks(t, risk(nil))
	if a := s.admin(t, "DELETE", "", "").want(t, http.StatusNoContent); len(a.body) > 0 {
		t.Errorf("%s", a)
	}
	for _, c := range [][2]string{{"DELETE", ""}, {"GET", ""}, {"POST", "/reset"}} {
		s.admin(t, c[0], c[1], "").wantProblem(t, 404, `there is no session "a2"`, "")
	}
	if got := names(); got != "B a10 b " {
		t.Errorf("sessions %s", got)
	}
	if got := s.importRisks(t, risk(nil))[0].codes(); got != "ok" {
		t.Errorf("the same risk after the delete: %s", got)
	}
	if got := s.shown(t); got.Chosen || got.Subjects != 1 {
		t.Errorf("%+v", got)
	}
}
