package crash_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"poligon/internal/store/redistest"
)

// outage is a fault below a server: how it comes, and how it goes. Refuses says that the store tells that it does nothing, so that nothing of
// what was asked meanwhile is there afterwards; else it may be there, as a whole.
type outage struct {
	store       string
	comes, goes func()
	refuses     bool
	partly      bool // some of what is asked is done nevertheless
}

// quick are timeouts that no test waits long for.
const quick = "?read_timeout=300ms&write_timeout=300ms&dial_timeout=300ms&pool_timeout=500ms"

// Redis is stopped, and refuses connections.
func TestRedisStopped(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{Appends: true})
	outage{store: s.URL() + quick, comes: s.Stop, goes: s.Restart, refuses: true}.happens(t)
}

// Redis is killed; with appendfsync always it has everything when it is started again.
func TestRedisKilled(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{Appends: true})
	outage{store: s.URL() + quick, comes: s.Kill, goes: s.Restart, refuses: true}.happens(t)
}

// Redis is paused for longer than anybody waits, and does what it was asked when the pause is over.
func TestRedisPaused(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	outage{store: s.URL() + quick, comes: func() { s.Pause(12 * time.Second) }, goes: func() {}}.happens(t)
}

// The process of Redis stands still, and so does its network.
func TestRedisFrozen(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	outage{store: s.URL() + quick, comes: s.Freeze, goes: s.Thaw}.happens(t)
}

// Redis has no memory left for what is written.
func TestRedisOutOfMemory(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	outage{store: s.URL() + quick, comes: func() { s.Do("CONFIG", "SET", "maxmemory", "1mb") }, goes: func() { s.Do("CONFIG", "SET", "maxmemory", "0") }, refuses: true}.happens(t)
}

// Redis fails over: the address leads to a replica that takes nothing yet, and then is promoted.
func TestRedisFailsOver(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t, redistest.Options{})
	host, port, _ := net.SplitHostPort(primary.Address())
	replica := redistest.Start(t, redistest.Options{More: []string{"--replicaof", host, port}})
	until(t, "the replica follows", func() bool {
		return strings.Contains(fmt.Sprint(replica.Do("INFO", "replication")), "master_link_status:up")
	})
	relay := newRelay(t, primary.Address())
	outage{store: "redis://" + relay.Addr().String() + "/0" + quick, comes: func() {
		until(t, "the replica has everything", func() bool {
			return offset(primary, "master_repl_offset") == offset(replica, "slave_repl_offset")
		})
		primary.Kill()
		relay.lead(replica.Address())
	}, goes: func() { replica.Do("REPLICAOF", "NO", "ONE") }, refuses: true}.happens(t)
}

// A node of a cluster stands still: that of the session.
func TestClusterNodeDown(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t)
	var down, up *redistest.Server
	outage{store: c.URL() + strings.Replace(quick, "?", "&", 1), comes: func() {
		for _, node := range c.Nodes {
			if strings.Contains(fmt.Sprint(node.Do("KEYS", "*")), "{ns}") {
				down = node
			} else {
				up = node
			}
		}
		down.Freeze()
		until(t, "the others know", func() bool { return strings.Contains(fmt.Sprint(up.Do("CLUSTER", "INFO")), "cluster_state:fail") })
	}, goes: func() { down.Thaw() }}.happens(t)
}

// The disk of the file's store is full.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("no small disk can be had here: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
	filler := filepath.Join(dir, "filler")
	outage{store: "file:" + filepath.Join(dir, "db"), comes: func() {
		f, err := os.Create(filler)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(f, zeros{})
		t.Log("filled:", err)
		_ = f.Close()
	}, goes: func() { _ = os.Remove(filler) }, refuses: true, partly: true}.happens(t)
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// many are so many risks that no store has room for them by chance.
const many = 60

// happens has the outage come and go under a server, and looks at what a client sees before, meanwhile and afterwards.
func (o outage) happens(t *testing.T) {
	t.Helper()
	p := serve(t, o.store)
	config, _ := json.Marshal(map[string]any{"clock": map[string]any{"mode": "frozen", "start": begin}})
	p.must(201, nil, "PUT", "/__admin/sessions/s", string(config))
	w := newWorld("s", false, t.Errorf)
	known, unknown := "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
	before, during := numbered("before"), numbered("during")
	if !w.poll(p, known, "") || !slices.Equal(w.again(p, before), repeated("ok")) {
		t.Fatal("the server does not work before the outage")
	}
	o.comes()
	body := bordereau(during)
	o.refused(t, p, "POST", "/s/s"+signed(body), body)
	if !o.partly {
		o.refusesAll(t, p, unknown)
	}
	p.must(200, nil, "GET", "/livez", "")
	o.goes()
	until(t, "the server is ready again", func() bool {
		a, err := p.ask("GET", "/readyz", "")
		return err == nil && a.status == 200
	})
	o.recovered(t, p, w, before, during)
	p.kill()
	p.start() // what the store has is what the server had
	o.recovered(t, p, w, before, during)
}

// refusesAll looks at what the server does not do while the store is away.
func (o outage) refusesAll(t *testing.T, p *process, unknown string) {
	t.Helper()
	o.refused(t, p, "GET", "/s/s/osago/calculate/status?request_id="+unknown, "")
	o.refused(t, p, "GET", "/s/new/osago/calculate/status?request_id="+unknown, "")
	for _, c := range [][3]string{{"POST", "/__admin/sessions/s/clock/advance", `{"by": "1h"}`}, {"POST", "/__admin/sessions/s/faults", `{"on": "findVehicle", "status": 503}`},
		{"PUT", "/__admin/sessions/other", `{}`}, {"GET", "/readyz", ""}} {
		if a := p.must(503, nil, c[0], c[1], c[2]); !strings.Contains(string(a.body), "store of the sessions is away") || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%v: %v %s", c, a.header, a.body)
		}
	}
}

// refused is a request to a partner's API that is refused in the partner's words, with our reason.
func (o outage) refused(t *testing.T, p *process, method, target, body string) {
	t.Helper()
	began := time.Now()
	a, err := p.ask(method, target, body)
	if err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	if a.status != 503 || a.header.Get("Retry-After") != "1" || !strings.Contains(a.header.Get("X-Poligon-Reason"), "the store of the sessions is away") ||
		!json.Valid(a.body) || strings.Contains(a.header.Get("Content-Type"), "problem") {
		t.Errorf("%s: %d %v %s", target, a.status, a.header, a.body)
	}
	t.Logf("%s %.40s: %d in %s, %s", method, target, a.status, time.Since(began).Round(10*time.Millisecond), a.header.Get("X-Poligon-Reason"))
}

// recovered looks at what is there after the outage.
func (o outage) recovered(t *testing.T, p *process, w *world, before, during []string) {
	t.Helper()
	if got := w.again(p, before); !slices.Equal(got, repeated("WRONG_RISK_OVERRIDE")) {
		t.Errorf("what was imported before the outage: %v", got)
	}
	got := w.again(p, during)
	made := slices.Equal(got, repeated("WRONG_RISK_OVERRIDE"))
	if !made && !slices.Equal(got, repeated("ok")) {
		t.Errorf("an import was done by half: %v", got)
	}
	if first := !w.risks["during"]; first && made && o.refuses {
		t.Error("what was refused was done")
	} else if w.risks["during"] = true; !first && !made {
		t.Error("what was imported after the outage is gone")
	}
	for id := range w.calcs {
		w.poll(p, id, "")
	}
	var now struct {
		Subjects int
		Clock    struct{ Now time.Time }
	}
	p.must(200, &now, "GET", "/__admin/sessions/s", "")
	if extra := now.Subjects - 2*many - len(w.calcs); extra < 0 || extra > 1 || extra == 1 && o.refuses {
		t.Errorf("there are %d subjects", now.Subjects)
	}
	if !now.Clock.Now.Equal(begin) && (o.refuses || !now.Clock.Now.Equal(begin.Add(time.Hour))) {
		t.Errorf("the clock is at %s", now.Clock.Now)
	}
	numbers := map[uint64]bool{}
	for _, e := range w.journal(p) {
		if numbers[e.Number] {
			t.Errorf("number %d is there twice", e.Number)
		}
		numbers[e.Number] = true
	}
}

func numbered(prefix string) []string {
	list := make([]string, many)
	for i := range list {
		list[i] = fmt.Sprint(prefix, "-", i)
	}
	return list
}

func repeated(one string) []string { return slices.Repeat([]string{one}, many) }

// until waits until something is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for over := time.After(wait); !so(); {
		select {
		case <-over:
			t.Fatalf("never: %s", what)
		case <-time.After(pause):
		}
	}
}

// offset is a number of a server's replication.
func offset(s *redistest.Server, name string) string {
	_, rest, _ := strings.Cut(fmt.Sprint(s.Do("INFO", "replication")), name+":")
	number, _, _ := strings.Cut(rest, "\r")
	return number
}

// relay is an address that leads to a server, and later to another.
type relay struct {
	net.Listener
	mu   sync.Mutex
	to   string
	open []net.Conn
}

func newRelay(t *testing.T, to string) *relay {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: l, to: to}
	t.Cleanup(func() { _ = l.Close(); r.lead("") })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.carry(c)
		}
	}()
	return r
}

// lead has the address lead to another server; what goes through it breaks.
func (r *relay) lead(to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = to
	for _, c := range r.open {
		_ = c.Close()
	}
	r.open = nil
}

func (r *relay) carry(client net.Conn) {
	r.mu.Lock()
	server, err := net.Dial("tcp", r.to)
	if err != nil {
		r.mu.Unlock()
		_ = client.Close()
		return
	}
	r.open = append(r.open, client, server)
	r.mu.Unlock()
	go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
	_, _ = io.Copy(client, server)
	_ = client.Close()
}
