package product_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// at sends a request to a host of the server's by name.
func (p *product) at(t *testing.T, host, path string, header map[string]string) (a answer) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	a = answer{status: resp.StatusCode, header: resp.Header}
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		t.Error(err)
	}
	return a
}

// A request may name its session in several ways as long as they name the same one; credentials choose where nothing else does.
func TestSessionNamedTwice(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	p.do(t, call{method: "PUT", path: "/__admin/sessions/c", body: []byte(`{"users": ["shop"]}`)}).want(t, 201)
	path := "/osago/calculate/status?request_id=" + ours
	for _, c := range []struct{ host, path, header, user, want string }{
		{"a.localhost", "/s/a", "a", "", "a"},
		{"a.localhost:80", "/s/a", "", "", "a"},
		{"a.localhost", "", "a", "", "a"},
		{"127.0.0.1", "/s/a", "a", "", "a"},
		{"a.localhost", "/s/b", "", "", `400 the path names session "b" and the host names "a"`},
		{"a.localhost", "", "b", "", `400 the header X-Poligon-Session names session "b" and the host names "a"`},
		{"a.localhost", "/s/a", "b", "", `400 the path names session "a" and the header X-Poligon-Session names "b"`},
		{"localhost", "/s/a", "b", "", `400 the path names session "a" and the header X-Poligon-Session names "b"`},
		{"localhost", "", "", "shop", "c"},
		{"a.localhost", "", "", "shop", "a"},
		{"localhost", "/s/a", "", "shop", "a"},
		{"localhost", "", "a", "shop", "a"},
		{"localhost", "/s/default", "", "shop", "default"},
		{"localhost", "", "", "nobody", "default"},
		{"localhost", "", "", "", "default"},
		{"-.localhost", "", "", "", `400 "-" is not a session name`},
	} {
		header := map[string]string{}
		if c.header != "" {
			header["X-Poligon-Session"] = c.header
		}
		if c.user != "" {
			req := http.Request{Header: http.Header{}}
			req.SetBasicAuth(c.user, "x")
			header["Authorization"] = req.Header.Get("Authorization")
		}
		a := p.at(t, c.host, c.path+path, header)
		if detail, refused := strings.CutPrefix(c.want, "400 "); refused {
			a.wantProblem(t, 400, detail, "")
			continue
		}
		if got := a.want(t, 200).header.Get("X-Poligon-Session"); got != c.want {
			t.Errorf("%+v: session %q", c, got)
		}
	}
}

// Links lead back the way a client came: over the host's name alone, or over the path.
func TestLinksLeadBack(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.frozen(t, "insurer-happy-path")
	s.look(t, ours)
	s.moveTo(t, 10e9)
	path := "/osago/calculate?request_id=" + ours
	for _, c := range []struct{ host, path, header, base string }{
		{s.name + ".localhost:8080", "", "", "http://" + s.name + ".localhost:8080/"},
		{s.name + ".localhost:8080", "/s/" + s.name, "", "http://" + s.name + ".localhost:8080/"},
		{"127.0.0.1:8080", "/s/" + s.name, "", "http://127.0.0.1:8080/s/" + s.name + "/"},
		{"127.0.0.1:8080", "", s.name, "http://127.0.0.1:8080/s/" + s.name + "/"},
	} {
		header := map[string]string{}
		if c.header != "" {
			header["X-Poligon-Session"] = c.header
		}
		a := p.at(t, c.host, c.path+path, header).want(t, 200)
		for _, link := range []string{`"draft_url":"` + c.base + "osago/offer/draft?", `"payment_url":"` + c.base + "pay?"} {
			if !strings.Contains(string(a.body), link) {
				t.Errorf("%+v: there is no %s in %s", c, link, a)
			}
		}
	}
	refused := p.at(t, s.name+".localhost:8080", "/osago/calculate", nil).want(t, 400)
	if got := refused.header.Get("Link"); !strings.HasPrefix(got, "<http://"+s.name+".localhost:8080/__admin/sessions/"+s.name+"/journal/") {
		t.Errorf("the diagnosis is at %s", got)
	}
}

// Put again with all that a session can be told changes nothing; with any part of it otherwise it is refused.
func TestPutAgainWithEverything(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	const config = `{"scenario": "default", "seed": 3, "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}, "ttl": "30m",
		"labels": {"team": "checkout", "run": "17"}, "journal": {"entries": 10, "bytes": 5000}, "partners": ["1", "2"], "users": ["u"]}`
	put := func(body string) answer {
		return p.do(t, call{method: "PUT", path: "/__admin/sessions/s", body: []byte(body)})
	}
	first := put(config).want(t, 201)
	for _, same := range []string{config, strings.Replace(config, "30m", "1800s", 1), strings.Replace(config, `"team": "checkout", "run": "17"`, `"run": "17", "team": "checkout"`, 1)} {
		if again := put(same).want(t, 200); string(again.body) != string(first.body) {
			t.Errorf("put again it is %s, not %s", again, first)
		}
	}
	for _, change := range []string{"30m|31m", "checkout|billing", `"team"|"crew"`, `, "run": "17"|`, `"entries": 10|"entries": 11`, `"bytes": 5000|"bytes": 5001`, `["1", "2"]|["1"]`, `["1", "2"]|["1", "3"]`,
		`["u"]|["v"]`, `"seed": 3|"seed": 4`} {
		from, to, _ := strings.Cut(change, "|")
		other := strings.Replace(config, from, to, 1)
		if other == config {
			t.Fatalf("%s changes nothing", change)
		}
		put(other).wantProblem(t, 409, `session "s" exists with another configuration`, "")
	}
	var shown struct{ Labels map[string]string }
	p.do(t, call{method: "GET", path: "/__admin/sessions/s"}).decode(t, &shown)
	if len(shown.Labels) != 2 || shown.Labels["team"] != "checkout" {
		t.Errorf("the labels are %v", shown.Labels)
	}
	for _, bad := range []string{`{"labels": {"a": 1}}`, `{"labels": []}`, `{"partners": [""]}`, `{"partners": "1"}`, `{"users": [5]}`, `{"journal": {"entries": -1}}`, `{"journal": {"entrys": 1}}`,
		`{"journal": {"bytes": 1073741825}}`, `{"ttl": ""}`, `{"ttl": null}`} {
		p.do(t, call{method: "PUT", path: "/__admin/sessions/bad", body: []byte(bad)}).want(t, 400)
	}
}
