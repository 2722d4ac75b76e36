package product_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"poligon/internal/osago"
)

// The client of the tests of access, and a token that never changes.
const (
	clientID     = "market"
	clientSecret = "s3cr3t-8f2e6b"
	fixedToken   = "tok-77aa01"
)

// ways are servers that ask for credentials.
var (
	byBasic  = osago.Access{Auth: osago.AuthBasic, Clients: map[string]string{clientID: clientSecret}}
	byBearer = osago.Access{Auth: osago.AuthBearer, Token: fixedToken}
	byOAuth2 = osago.Access{Auth: osago.AuthOAuth2, Clients: map[string]string{clientID: clientSecret}, TTL: time.Hour}
)

func basicly(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
}

// as sends a call with an Authorization header; an empty one sends none.
func (s *play) as(t *testing.T, authorization string, c call) answer {
	t.Helper()
	c.header = clonedHeader(c.header)
	if authorization != "" {
		c.header["Authorization"] = authorization
	}
	return s.do(t, c)
}

// grantOf is a request for a token.
func grantOf(body string) call {
	return call{method: "POST", path: "/osago/token", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: []byte(body)}
}

const rightGrant = "grant_type=client_credentials&client_id=" + clientID + "&client_secret=" + clientSecret

// token gets a token.
func (s *play) token(t *testing.T) string {
	t.Helper()
	var got struct {
		Token string `json:"access_token"`
		Type  string `json:"token_type"`
		Ends  int    `json:"expires_in"`
	}
	a := s.do(t, grantOf(rightGrant)).want(t, 200)
	if a.decode(t, &got); got.Token == "" || got.Type != "Bearer" || got.Ends != 3600 || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s, %v", a, a.header)
	}
	return got.Token
}

// denied checks the refusal of a request without access.
func (a answer) denied(t *testing.T, id, because string) {
	t.Helper()
	a.want(t, 403).says(t, refusal(id, noAccess))
	if reason := a.header.Get("X-Poligon-Reason"); !strings.Contains(reason, because) {
		t.Errorf("%q, not %q", reason, because)
	}
}

// guarded are calls of all that the partner hosts.
func guarded() (list []call) {
	for path, item := range contracts()["osago"].Paths.Map() {
		for method := range item.Operations() {
			if path == "/confirm" || path == "/osago/token" {
				continue
			}
			c := call{method: method, path: path + "?request_id=" + ours}
			if method == "POST" {
				c = call{method: method, path: path, header: jsonType, body: []byte(application(ours))}
			}
			list = append(list, c)
		}
	}
	return list
}

// TestAccessIsAskedFor: whatever the partner hosts wants credentials in each of the three ways, and none by default; a request without
// changes nothing. What the marketplace hosts and what the customer's browser opens wants none of them.
func TestAccessIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		access osago.Access
		right  func(*testing.T, *play) string
		wrong  map[string]string // why, by the header
	}{
		{osago.Access{}, func(*testing.T, *play) string { return "" }, nil},
		{byBasic, func(*testing.T, *play) string { return basicly(clientID, clientSecret) }, map[string]string{"": "no Authorization header", basicly(clientID, "x"): "the client secret is a wrong one",
			basicly(clientSecret, clientID): "swapped", basicly(clientID, clientSecret+"\n"): "line break", "Bearer " + fixedToken: "of the scheme Bearer, not Basic"}},
		{byBearer, func(*testing.T, *play) string { return "Bearer " + fixedToken }, map[string]string{"": "no Authorization header", "Bearer Bearer " + fixedToken: "twice", "Bearer x": "wrong one", fixedToken: "no scheme"}},
		{byOAuth2, func(t *testing.T, s *play) string { return "Bearer " + s.token(t) }, map[string]string{"": "get a token from POST /osago/token", basicly(clientID, clientSecret): "of the scheme Basic, not Bearer",
			"Bearer " + clientSecret: "the client secret is not the token", "Bearer x": "none that POST /osago/token has issued"}},
	} {
		t.Run(string(c.access.Auth), func(t *testing.T) {
			t.Parallel()
			p := start(t, setup{access: c.access})
			p.putScenario(t, "polled", "title: x\nstory: y\nosago: {offers: {a: {insurer: А, steps: [CREATED, {poll: 2, status: PRE_CALC_SENT}]}}}\n").want(t, 200)
			s := p.frozen(t, "polled")
			calls := guarded()
			if len(calls) < 13 {
				t.Errorf("only %d operations", len(calls))
			}
			for header, because := range c.wrong {
				for _, one := range calls {
					s.as(t, header, one).denied(t, ours, because)
				}
				s.as(t, header, call{method: "POST", path: "/osago/calculate", header: jsonType, body: []byte("{")}).denied(t, nobody, because)
				s.as(t, header, call{method: "GET", path: "/dictionaries/brands"}).denied(t, nobody, because)
			}
			s.holds(t, 0)
			right := c.right(t, s)
			look := call{method: "GET", path: "/osago/calculate/status?request_id=" + ours}
			for i, status := range []string{"CREATED", "PRE_CALC_SENT", "PRE_CALC_SENT"} {
				for header := range c.wrong {
					s.as(t, header, look).want(t, 403) // is no poll
				}
				if got := s.as(t, right, look).want(t, 200); !strings.Contains(got.String(), status) {
					t.Errorf("poll %d: %s", i+1, got)
				}
			}
			s.as(t, right, call{method: "GET", path: "/dictionaries/brands"}).want(t, 200)
			s.as(t, right, call{method: "POST", path: "/osago/calculate", header: jsonType, body: []byte("{")}).want(t, 400)
			s.get(t, "/confirm?request_id="+ours).want(t, 400)
			s.fling(t, call{method: "GET", path: "/pay?request_id=" + ours + "&offer_id=1"})
			if last := s.last(t); last.Answer.Status == 403 {
				t.Errorf("the payment page: %+v", last)
			}
			_, bundle := s.recording(t)
			replay(t, bundle)
		})
	}
}

// last is the exchange that ended last.
func (s *play) last(t *testing.T) kept {
	t.Helper()
	all := s.pageOf(t, "limit=1000").Exchanges
	return all[len(all)-1]
}

// TestTokenExpires on the session's clock, and is of one session.
func TestTokenExpires(t *testing.T) {
	t.Parallel()
	p := start(t, setup{access: byOAuth2})
	s := p.frozen(t, "aggregator-three-offers")
	first := s.token(t)
	if again := s.token(t); again == first {
		t.Error("two tokens are equal")
	}
	look := call{method: "GET", path: "/osago/calculate?request_id=" + ours}
	s.moveTo(t, time.Hour-1)
	s.as(t, "Bearer "+first, look).want(t, 200)
	s.moveTo(t, time.Hour)
	const ended = "the token has expired at 2026-01-15T10:00:00Z, and the session's clock shows 2026-01-15T10:00:00Z"
	for _, c := range guarded() {
		s.as(t, "Bearer "+first, c).denied(t, ours, ended)
	}
	s.as(t, "Bearer "+first, look).denied(t, ours, ended)
	if e := s.last(t); e.Operation != "getCalculation" || !slices.Equal(e.Subjects, []string{ours}) || !strings.HasPrefix(e.Reason, ended) || e.Answer.Status != 403 || e.Before != "" {
		t.Errorf("%+v", e)
	}
	second := s.token(t)
	s.as(t, "Bearer "+second, look).want(t, 200)

	other, fork := p.frozen(t, ""), &play{p, s.name + "-fork"}
	fork.fork(t, s, 201)
	for _, one := range []*play{other, fork} {
		one.as(t, "Bearer "+second, look).denied(t, ours, "the token is of another session than "+one.name)
		one.as(t, "Bearer "+one.token(t), look).want(t, 200)
		_, bundle := one.recording(t)
		replay(t, bundle)
	}
	restarted := &play{start(t, setup{access: byOAuth2}), s.name}
	restarted.admin(t, "PUT", "/snapshot", string(s.admin(t, "GET", "/snapshot", "").want(t, 200).body)).want(t, 201)
	restarted.as(t, "Bearer "+second, look).want(t, 200)

	_, bundle := s.recording(t)
	replay(t, bundle)
	s.admin(t, "POST", "/reset", "").want(t, 200)
	s.as(t, "Bearer "+second, look).denied(t, ours, "the session was reset since")
	s.holds(t, 0)
}

// TestTokenIsRefused in the form of RFC 6749, and where the server issues none it says so.
func TestTokenIsRefused(t *testing.T) {
	t.Parallel()
	for _, access := range []osago.Access{{}, byBasic, byBearer} {
		s := start(t, setup{access: access}).frozen(t, "")
		a := s.do(t, grantOf(rightGrant)).want(t, 404)
		if a.says(t, refusal(nobody, "Метод не найден.")); !strings.Contains(a.header.Get("X-Poligon-Reason"), "--osago-auth oauth2") {
			t.Errorf("%v", a.told())
		}
	}
	p := start(t, setup{access: byOAuth2})
	s := p.frozen(t, "")
	s.do(t, call{method: "GET", path: "/osago/token"}).want(t, 405)
	p.do(t, grantOf(rightGrant)).want(t, 200) // of the default session
	for _, c := range []struct {
		authorization, body string
		status              int
		error               string
	}{
		{"", "grant_type=client_credentials&client_id=market&client_secret=x", 401, "invalid_client"},
		{basicly(clientID, "x"), "grant_type=client_credentials", 401, "invalid_client"},
		{"", "grant_type=password", 400, "unsupported_grant_type"},
		{"", "", 400, "invalid_request"},
		{"", strings.Repeat("a", 1<<17), 400, "invalid_request"},
		{basicly(clientID, clientSecret), rightGrant, 400, "invalid_request"},
	} {
		a := s.as(t, c.authorization, grantOf(c.body)).want(t, c.status)
		var got struct{ Error string }
		if a.decode(t, &got); got.Error != c.error || a.header.Get("X-Poligon-Reason") == "" || (a.header.Get("WWW-Authenticate") != "") != (c.status == 401 && c.authorization != "") {
			t.Errorf("%.100s: %s %v", c.body, a, a.header)
		}
	}
	s.as(t, basicly(clientID, clientSecret), grantOf("grant_type=client_credentials")).want(t, 200)
	s.fault(t, `{"on": "issueToken", "first": 1, "status": 503}`)
	s.strike(t, grantOf(rightGrant)).want(t, 503)
	s.token(t)
	_, bundle := s.recording(t)
	replay(t, bundle)
}

// TestReplayOfAccess: whoever comes with whatever credentials, at once and while time passes, a recording plays it again without any.
func TestReplayOfAccess(t *testing.T) {
	t.Parallel()
	access := byOAuth2
	access.TTL = 2 * time.Second
	p := start(t, setup{access: access, wait: new(waits).wait})
	p.real.step.Store(int64(3 * time.Millisecond))
	s := p.play(t, `{"clock": {"mode": "scaled", "speed": 3}, `+wholeJournal+`}`)
	rounds := 150
	if testing.Short() {
		rounds = 40
	}
	each(4, func(i int) {
		f, bearer := fuss{rand.New(rand.NewPCG(uint64(i), 3)), s}, "Bearer x"
		for range rounds {
			c := f.call()
			if f.IntN(4) == 0 {
				c = grantOf(f.one(rightGrant, rightGrant, rightGrant+"x", "grant_type=password", "{"))
				if a := s.strike(t, c); a.err == nil && a.status == 200 {
					var got struct {
						Token string `json:"access_token"`
					}
					_ = json.Unmarshal(a.body, &got)
					bearer = "Bearer " + got.Token
				}
				c.header["X-Poligon-Fault"] = f.one("{answer: truncated}", "{answer: lost}", "{answer: wrong-type}", "{answer: malformed}", "{answer: extra-field}", "{status: 503}", "{answer: null-field}")
			} else if c.header = clonedHeader(c.header); f.IntN(8) > 0 {
				c.header["Authorization"] = bearer
			}
			s.fling(t, c)
		}
	})
	text, bundle := s.recording(t)
	count := map[string]int{}
	for _, e := range bundle.Recording.Exchanges {
		if e.Access != nil && e.API == "osago" {
			count[fmt.Sprint(e.Operation == "issueToken", e.Access.Code)]++
		}
		if e.Access != nil && strings.Contains(e.Access.Reason, "expired") {
			count["expired"]++
		}
	}
	for _, what := range []string{"false", "false403", "true", "trueinvalid_client", "expired"} {
		if count[what] == 0 {
			t.Errorf("no %s among %v", what, count)
		}
	}
	if strings.Contains(string(text), clientSecret) {
		t.Error("the recording has the client secret")
	}
	replay(t, bundle)
}

// TestAccessIsNotShown: no secret and no token is in what shows or keeps a session, however personal data is shown.
func TestAccessIsNotShown(t *testing.T) {
	t.Parallel()
	for _, open := range []bool{false, true} {
		s := start(t, setup{access: byOAuth2, showPersonal: open, wait: new(waits).wait}).frozen(t, "")
		events := s.follow(t, "start")
		token := s.token(t)
		s.as(t, "Bearer "+token, call{method: "GET", path: "/osago/calculate?request_id=" + ours}).want(t, 200)
		s.do(t, call{method: "GET", path: "/osago/calculate?request_id=" + ours + "&access_token=" + token}).want(t, 403)
		s.as(t, basicly(clientID, clientSecret), grantOf("grant_type=client_credentials")).want(t, 200)
		for _, c := range []call{
			grantOf("grant_type=client_credentials&client_id=market&client%5Fsecret=" + clientSecret),
			{method: "POST", path: "/osago/tokens", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: []byte(rightGrant)},
			{method: "POST", path: "/osago/token", header: jsonType, body: []byte(`{"client_id": "market", "client_secret": "` + clientSecret + `"}`)},
			{method: "POST", path: "/osago/token", header: jsonType, body: []byte(`{"client_id": "market", "clientSecret": "` + clientSecret)},
			{method: "POST", path: "/osago/token", header: jsonType, body: []byte(`{"x": "{\"client_secret\": \"` + clientSecret + `\"}"}`)},
			{method: "POST", path: "/osago/token", body: []byte("--x\r\nContent-Disposition: form-data; name=\"client_secret\"\r\n\r\n" + clientSecret + "\r\n--x--")},
			{method: "POST", path: "/osago/token", body: []byte("<client_secret>" + clientSecret + "</client_secret>")},
			{method: "POST", path: "/osago/calculate", header: jsonType, body: []byte(`{"access_token": "` + token + `"}`)},
		} {
			s.do(t, c)
		}
		cut := grantOf(rightGrant)
		cut.header["X-Poligon-Fault"] = "{answer: truncated}"
		s.fling(t, cut)
		s.moveTo(t, 2*time.Hour)
		s.as(t, "Bearer "+token, call{method: "GET", path: "/osago/calculate?request_id=" + ours}).want(t, 403)
		shown := map[string]string{"HAR": string(s.admin(t, "GET", "/journal.har", "").want(t, 200).body),
			"snapshot": string(s.admin(t, "GET", "/snapshot", "").want(t, 200).body), "recording": "", "session": string(s.admin(t, "GET", "", "").body),
			"calculation": string(s.admin(t, "GET", "/calculations/"+ours, "").want(t, 200).body),
			"verdict": string(s.verify(t, `{"expectations": [{"operation": "issueToken", "request": {"matches": "nothing"}}, {"operation": "issueToken", "answer": {"paths": {"access_token": "x"}}},
				{"operation": "issueToken", "answer": {"json": {"access_token": "x", "token_type": "x"}}}, {"operation": "issueToken", "request": {"paths": {"client_secret": "x"}}},
				{"operation": "getCalculation", "header": {"Authorization": "x"}, "query": {"access_token": "x"}}]}`).want(t, 200).body)}
		for n := range s.last(t).Number {
			shown[fmt.Sprint("number ", n+1)] = string(s.admin(t, "GET", fmt.Sprint("/journal/", n+1), "").want(t, 200).body)
			if n < 8 {
				shown[fmt.Sprint("event ", n+1)] = (<-events).data
			}
		}
		text, bundle := s.recording(t)
		for _, e := range bundle.Recording.Exchanges {
			shown[fmt.Sprint("recorded ", e.Number)] = string(e.Request.Body) + string(e.Answer.Body)
		}
		shown["recording"] = string(text)
		payload, mac, _ := strings.Cut(token, ".")
		for where, text := range shown {
			for _, secret := range []string{clientSecret, payload, mac, strings.TrimPrefix(basicly(clientID, clientSecret), "Basic ")} {
				if strings.Contains(text, secret) {
					t.Errorf("%s shows %s: %.600s", where, secret, around(text, secret))
				}
			}
		}
		if open && !strings.Contains(shown["number 1"], `grant_type=client_credentials\u0026client_id=market\u0026client_secret=***`) {
			t.Errorf("too much is hidden: %s", shown["number 1"])
		}
		replay(t, bundle)
	}
}
