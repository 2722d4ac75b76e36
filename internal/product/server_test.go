package product_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"poligon/internal/bordereau"
	"poligon/internal/delivery"
	"poligon/internal/osago"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/server"
	"poligon/internal/session"
	"poligon/internal/simulator"
)

// The partner of nearly all tests.
const (
	code     = "312"
	password = "secret"
)

// dawn is when frozen sessions begin, and the first reading of the fake real clock.
var dawn = time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)

// realTime is the default of sessions when the server starts without flags.
var realTime = session.Config{Speed: 1}

// maxBody is what the server takes unless its flag says otherwise.
const maxBody = 32 << 20

// setup is how a server differs from the one that starts without flags.
type setup struct {
	defaults   session.Config
	notFound   bool
	access     osago.Access
	token      string        // that reports of sales carry
	confirms   []string      // URLs that partners tell of sales; SELF in one stands for the server's own
	callToken  string        // that they are sent
	callLimit  time.Duration // for an answer of theirs
	signatures bordereau.Signatures
	maxBody    int64
	scenarios  fstest.MapFS
	kit        *kit // where they are loaded already

	maxSessions  int
	headers      server.Headers
	showPersonal bool
	wait         func(context.Context, time.Duration) error // nil waits for a real time
}

// product is a running server.
type product struct {
	url      string
	client   *http.Client
	real     *realClock
	sessions atomic.Int64
	met      sync.Map // operations that were answered with 200, by method and path
}

// realClock is the server's real time. Each reading moves it on by step, so that no two requests see the same instant.
type realClock struct {
	nanos atomic.Int64
	step  atomic.Int64
}

func (c *realClock) now() time.Time { return dawn.Add(time.Duration(c.nanos.Add(c.step.Load()))) }

func (c *realClock) pass(d time.Duration) { c.nanos.Add(int64(d)) }

// start starts a server as `poligon serve` puts it together.
func start(t *testing.T, with setup) *product {
	t.Helper()
	if with.signatures == "" {
		with.signatures = bordereau.Enforce
	}
	if with.maxBody == 0 {
		with.maxBody = maxBody
	}
	k, err := usual()
	if with.kit != nil {
		k = *with.kit
	} else if with.notFound || with.token != "" || with.confirms != nil || with.access.Auth != "" || with.signatures != bordereau.Enforce || with.scenarios != nil {
		k, err = load(with)
	}
	if err != nil {
		t.Fatal(err)
	}
	p := &product{real: &realClock{}}
	ts := httptest.NewUnstartedServer(nil)
	ts.Config.Handler = serving(t, simulator.Config{ConfirmTargets: targets(t, with.confirms, ts.Listener.Addr().String()), ConfirmCallToken: with.callToken, ConfirmTimeout: with.callLimit, Access: k.access, OSAGOAccess: with.access, UnknownNotFound: with.notFound, Defaults: with.defaults, MaxSessions: with.maxSessions,
		MaxBody: with.maxBody, Headers: with.headers, ShowPersonal: with.showPersonal, Version: "test", Now: p.real.now, Wait: with.wait}, k)
	ts.Start()
	t.Cleanup(ts.Close)
	p.url, p.client = ts.URL, ts.Client()
	p.client.Transport.(*http.Transport).MaxIdleConnsPerHost = 64
	p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return p
}

// targets are the URLs that a server calls, which is at an address itself.
func targets(t *testing.T, urls []string, self string) (list []delivery.Target) {
	t.Helper()
	for _, text := range urls {
		target, err := delivery.ParseTarget(strings.ReplaceAll(text, "SELF", self))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, target)
	}
	return list
}

// kit is what a server keeps no state in, so that tests can share it.
type kit struct {
	access  bordereau.Access
	apis    []partner.API
	library *scenario.Library
}

var usual = sync.OnceValues(func() (kit, error) { return load(setup{signatures: bordereau.Enforce}) })

func load(with setup) (k kit, err error) {
	k.access = bordereau.Access{Passwords: map[string]string{code: password, "7": "другой пароль"}, Signatures: with.signatures}
	if k.apis, err = (simulator.Config{Access: k.access, UnknownNotFound: with.notFound, ConfirmToken: with.token, OSAGOAccess: with.access, TellSales: with.confirms != nil}).Partners(); err != nil {
		return k, err
	}
	var more []scenario.Source
	if with.scenarios != nil {
		more = append(more, scenario.Source{Name: "added", Files: with.scenarios})
	}
	k.library, err = simulator.Load(k.apis, more...)
	return k, err
}

// play is a session of a server, and how a test talks to it.
type play struct {
	*product
	name string
}

// play creates a session from the JSON of its configuration.
func (p *product) play(t *testing.T, config string) *play {
	t.Helper()
	s := &play{p, fmt.Sprintf("s%d", p.sessions.Add(1))}
	if a := p.do(t, call{method: "PUT", path: "/__admin/sessions/" + s.name, body: []byte(config)}); a.status != http.StatusCreated {
		t.Fatalf("creating a session from %s: %s", config, a)
	}
	return s
}

// frozen creates a session whose clock stands at dawn; an empty scenario chooses none.
func (p *product) frozen(t *testing.T, scenario string) *play {
	t.Helper()
	chosen := ""
	if scenario != "" {
		chosen = fmt.Sprintf(`"scenario": %q, `, scenario)
	}
	return p.play(t, fmt.Sprintf(`{%s"clock": {"mode": "frozen", "start": %q}}`, chosen, dawn.Format(time.RFC3339)))
}

// do sends a call in the session.
func (s *play) do(t *testing.T, c call) answer {
	t.Helper()
	c.path = "/s/" + s.name + c.path
	return s.product.do(t, c)
}

func (s *play) get(t *testing.T, path string) answer {
	t.Helper()
	return s.do(t, call{method: "GET", path: path})
}

// admin sends a call about the session; path is below the session's own.
func (s *play) admin(t *testing.T, method, path, body string) answer {
	t.Helper()
	return s.product.do(t, call{method: method, path: "/__admin/sessions/" + s.name + path, body: []byte(body)})
}

// shown is a session as the admin API shows it.
type shown struct {
	Name, URL, Scenario string
	Chosen              bool
	Seed                int64
	Subjects            int
	Clock               clockShown
}

type clockShown struct {
	Mode       string
	Speed      float64
	Start, Now time.Time
}

func (s *play) shown(t *testing.T) (now shown) {
	t.Helper()
	s.admin(t, "GET", "", "").decode(t, &now)
	return now
}

// holds checks how many subjects the session has.
func (s *play) holds(t *testing.T, subjects int) {
	t.Helper()
	if got := s.shown(t).Subjects; got != subjects {
		t.Errorf("the session holds %d subjects, not %d", got, subjects)
	}
}

// moveTo moves the session's clock to an offset from dawn.
func (s *play) moveTo(t *testing.T, offset time.Duration) {
	t.Helper()
	a := s.admin(t, "POST", "/clock/advance", fmt.Sprintf(`{"to": %q}`, dawn.Add(offset).Format(time.RFC3339Nano)))
	if a.status != http.StatusOK {
		t.Errorf("moving the clock to %s: %s", offset, a)
	}
}

// moveToNext moves the clock to the next change; false when there is none.
func (s *play) moveToNext(t *testing.T) (offset time.Duration, moved bool) {
	t.Helper()
	a := s.admin(t, "POST", "/clock/advance", `{"next": true}`)
	if a.status == http.StatusConflict {
		return 0, false
	}
	var moves struct{ Clock clockShown }
	a.want(t, http.StatusOK).decode(t, &moves)
	return moves.Clock.Now.Sub(dawn), true
}

// each runs f in n goroutines at once and waits for all of them.
func each(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}
