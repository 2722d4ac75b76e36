package product_test

import (
	"fmt"
	"testing"
	"time"
)

// Whether a session has expired does not depend on when the server last looked for those that have.
func TestExpiredToTheNanosecond(t *testing.T) {
	t.Parallel()
	const config = `{"ttl": "10m", "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}}`
	poll := call{method: "GET", path: "/osago/calculate/status?request_id=" + ours, problem: true}
	for name, then := range map[string]func(*testing.T, *play){
		"put again":   func(t *testing.T, s *play) { s.admin(t, "PUT", "", config).want(t, 201) },
		"put another": func(t *testing.T, s *play) { s.admin(t, "PUT", "", `{}`).want(t, 201) },
		"fork":        func(t *testing.T, s *play) { s.fork(t, s.frozen(t, ""), 201) },
		"request": func(t *testing.T, s *play) {
			s.do(t, poll).wantProblem(t, 410, "was last used at 2026-01-15T09:00:00Z", "")
		},
		"look": func(t *testing.T, s *play) { s.admin(t, "GET", "", "").wantProblem(t, 410, "was last used at", "") },
		"act": func(t *testing.T, s *play) {
			s.admin(t, "POST", "/reset", "").wantProblem(t, 410, "begins it anew", "")
		},
		"delete": func(t *testing.T, s *play) { s.admin(t, "DELETE", "", "").want(t, 204) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, setup{})
			s := p.play(t, config)
			s.look(t, ours)
			p.real.pass(10*time.Minute - 1)
			if list := p.list(t); len(list) != 1 || list[0].Subjects != 1 {
				t.Errorf("a nanosecond too early: %+v", list)
			}
			p.real.pass(1)
			then(t, s)
			for _, left := range p.list(t) {
				if left.Subjects > 0 {
					t.Errorf("%s holds what the expired session held", left.Name)
				}
			}
		})
	}
}

// fork makes the session from another.
func (s *play) fork(t *testing.T, from *play, status int) {
	t.Helper()
	from.admin(t, "POST", "/fork", fmt.Sprintf(`{"to": [%q]}`, s.name)).want(t, status)
}

// To look at a session does not keep it alive; requests and acts do. Forks have the ttl and the labels of what they are made from.
func TestWhatKeepsASessionAlive(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		use   func(*testing.T, *play)
		lives bool
	}{
		"request":        {func(t *testing.T, s *play) { s.look(t, ours) }, true},
		"wrong request":  {func(t *testing.T, s *play) { s.get(t, "/osago/nothing").want(t, 404) }, true},
		"act":            {func(t *testing.T, s *play) { s.admin(t, "POST", "/clock/freeze", "").want(t, 200) }, true},
		"put again":      {func(t *testing.T, s *play) { s.admin(t, "PUT", "", `{"ttl": "1m", "labels": {"a": "b"}}`).want(t, 200) }, true},
		"a look":         {func(t *testing.T, s *play) { s.admin(t, "GET", "", "").want(t, 200) }, false},
		"the list":       {func(t *testing.T, s *play) { s.list(t) }, false},
		"another put":    {func(t *testing.T, s *play) { s.admin(t, "PUT", "", `{}`).want(t, 409) }, false},
		"a fork of it":   {func(t *testing.T, s *play) { (&play{s.product, "forked"}).fork(t, s, 201) }, false},
		"its namesake's": {func(t *testing.T, s *play) { (&play{s.product, "S1"}).look(t, ours) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, setup{})
			s := p.play(t, `{"ttl": "1m", "labels": {"a": "b"}}`)
			p.real.pass(50 * time.Second)
			c.use(t, s)
			p.real.pass(10 * time.Second)
			if got := s.admin(t, "GET", "", "").status; got == 200 != c.lives {
				t.Errorf("after %s it answers %d", name, got)
			}
		})
	}
}

// A fork is labelled and expires as the session it was made from, on its own time.
func TestForkExpires(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.play(t, `{"ttl": "1m", "labels": {"team": "checkout"}, "clock": {"mode": "frozen"}}`)
	p.real.pass(30 * time.Second)
	f := &play{p, "fork"}
	f.fork(t, s, 201)
	var now struct {
		Labels  map[string]string
		Expires time.Time
		From    string `json:"forked_from"`
	}
	f.admin(t, "GET", "", "").want(t, 200).decode(t, &now)
	if now.Labels["team"] != "checkout" || !now.Expires.Equal(dawn.Add(90*time.Second)) || now.From != s.name {
		t.Errorf("the fork is %+v", now)
	}
	f.admin(t, "PUT", "", `{"ttl": "1m", "labels": {"team": "checkout"}, "clock": {"mode": "frozen"}}`).want(t, 409)
	p.real.pass(30 * time.Second)
	s.admin(t, "GET", "", "").want(t, 410)
	f.admin(t, "GET", "", "").want(t, 200)
	p.real.pass(30 * time.Second)
	f.admin(t, "GET", "", "").want(t, 410)
	f.admin(t, "PUT", "", "").want(t, 201)
}

// Credentials lead to their session still when it has expired: who comes with them is told, and never served by another session.
func TestCredentialsOfAnExpiredSession(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	const config = `{"ttl": "1m", "partners": ["312"], "users": ["shop"]}`
	imported := signed([]byte(asJSON(map[string]any{"risks": list(risk(nil))})))
	shop := call{method: "GET", path: "/osago/calculate/status?request_id=" + ours, header: map[string]string{"Authorization": "Basic c2hvcDpzZWNyZXQ="}}
	where := func(c call, want string) {
		t.Helper()
		if got := p.do(t, c).want(t, 200).header.Get("X-Poligon-Session"); got != want {
			t.Errorf("%s %s went to %q, not %q", c.method, c.path, got, want)
		}
	}
	s := p.play(t, config)
	where(imported, s.name)
	where(shop, s.name)
	p.real.pass(time.Minute)
	for range 3 {
		for _, c := range []call{imported, shop} {
			c.problem = true
			p.do(t, c).wantProblem(t, 410, "the session has expired", "")
		}
		p.list(t)
	}
	s.admin(t, "PUT", "", `{"ttl": "1m", "partners": ["312"]}`).want(t, 201) // anew, without the user
	where(imported, s.name)
	where(shop, "default")
	p.real.pass(time.Minute)
	other := p.play(t, config) // takes over from an expired one
	where(imported, other.name)
	where(shop, other.name)
	p.do(t, call{method: "PUT", path: "/__admin/sessions/third", body: []byte(`{"users": ["shop"]}`)}).wantProblem(t, 409, `user shop belongs to session "`+other.name+`"`, "")
	p.real.pass(time.Minute)
	other.admin(t, "DELETE", "", "").want(t, 204)
	where(imported, "default")
	where(shop, "default")
}

// A fork that fails leaves no trace: who comes back to an expired session of one of the names is told still.
func TestFailedForkLeavesNoTrace(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	gone := p.play(t, `{"ttl": "1m"}`)
	p.real.pass(time.Minute)
	s := p.frozen(t, "")
	s.admin(t, "POST", "/fork", fmt.Sprintf(`{"to": [%q, "new", %q]}`, gone.name, s.name)).want(t, 409)
	gone.admin(t, "GET", "", "").want(t, 410)
	gone.do(t, call{method: "GET", path: "/osago/calculate?request_id=" + ours, problem: true}).want(t, 410)
	(&play{p, "new"}).admin(t, "GET", "", "").want(t, 404)
	if list := p.list(t); len(list) != 1 {
		t.Errorf("sessions: %+v", list)
	}
}
