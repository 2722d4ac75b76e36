package redis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"poligon/internal/store"
	"poligon/internal/store/redistest"
)

var (
	first  = store.Key{Table: store.Head, Name: "first"}
	second = store.Key{Table: store.Subjects, Name: "second"}
)

func values(data string) store.Change {
	return store.Change{Put: []store.Value{{Key: first, Data: []byte(data)}, {Key: second, Data: []byte(data)}}}
}

func mustCommit(t *testing.T, s *Store, record string, have store.Version, c store.Change) store.Version {
	t.Helper()
	v, err := s.Commit(t.Context(), record, have, c)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// holds checks that a record is at a version, with both values the same.
func holds(t *testing.T, s *Store, record string, at store.Version, data string) {
	t.Helper()
	v, got, err := s.Read(t.Context(), record, first, second)
	if err != nil || v != at || string(got[0]) != data || string(got[1]) != data {
		t.Errorf("%q is at %d with %.20q, %.20q, %v; want %d with %.20q", record, v, got[0], got[1], err, at, data)
	}
}

// A commit that is sent again is known as one's own, also when others were made since; but not after the record is deleted.
func TestCommitSentAgain(t *testing.T) {
	t.Parallel()
	s := opened(t, fresh(redistest.Start(t, redistest.Options{}).URL()))
	before := mustCommit(t, s, "a", 0, values("0"))
	at := mustCommit(t, s, "a", before, values("1"))
	again := func() (store.Version, error) {
		count := s.count.Load()
		defer s.count.Store(count)
		s.count.Store(uint64(at) - s.origin - 1)
		return s.Commit(t.Context(), "a", before, values("1"))
	}
	v := at
	for n := range 30 {
		if got, err := again(); got != at || err != nil {
			t.Fatalf("after %d others: %d, %v", n, got, err)
		}
		data := fmt.Sprint(n)
		if n == 0 {
			data = "1"
		} else {
			v = mustCommit(t, s, "a", v, values(data))
		}
		holds(t, s, "a", v, data)
	}
	if err := s.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := again(); !errors.Is(err, store.ErrMoved) {
		t.Errorf("of what is deleted: %v", err)
	}
}

// gate is a connection's way to a server, which can lose answers.
type gate struct {
	address string
	lose    atomic.Int32 // how many answers are still to be lost, each with its connection
	lost    atomic.Int32
}

func openGate(t *testing.T, server string) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	g := &gate{address: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go g.pass(c, server)
		}
	}()
	return g
}

func (g *gate) pass(client net.Conn, server string) {
	defer func() { _ = client.Close() }()
	s, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer func() { _ = s.Close() }()
	go func() {
		b := make([]byte, 1<<16)
		for {
			n, err := client.Read(b)
			if err != nil {
				_ = s.Close()
				return
			}
			if _, err := s.Write(b[:n]); err != nil {
				return
			}
		}
	}()
	b := make([]byte, 1<<16)
	for {
		n, err := s.Read(b)
		if err != nil {
			return
		}
		if g.lose.Add(-1) >= 0 {
			g.lost.Add(1)
			return
		}
		g.lose.Store(0)
		if _, err := client.Write(b[:n]); err != nil {
			return
		}
	}
}

// The answer to a commit is lost with its connection: the commit is made once, and said to be made.
func TestAnswerLost(t *testing.T) {
	t.Parallel()
	g := openGate(t, redistest.Start(t, redistest.Options{}).Address())
	s := opened(t, fresh("redis://"+g.address))
	at := mustCommit(t, s, "a", 0, values("0"))
	for n := range 20 {
		g.lose.Store(1)
		data := fmt.Sprint(n)
		at = mustCommit(t, s, "a", at, values(data))
		holds(t, s, "a", at, data)
	}
	if n := g.lost.Load(); n != 20 {
		t.Errorf("%d answers were lost", n)
	}
}

// filled commits until the server takes no more, and says what was last taken.
func filled(t *testing.T, s *Store, at store.Version) (store.Version, string, int) {
	t.Helper()
	data := ""
	for n := 0; ; n++ {
		next := fmt.Sprintf("%05d%s", n, strings.Repeat("-", 20_000))
		v, err := s.Commit(t.Context(), "a", at, store.Change{Drop: []store.Key{first}, Put: []store.Value{
			{Key: second, Data: []byte(next)}, {Key: store.Key{Table: store.Journal, Name: store.Place(uint64(n))}, Data: []byte(next)}, {Key: first, Data: []byte(next)}}})
		if errors.Is(err, store.ErrAway) {
			t.Logf("after %d commits: %v", n, err)
			return at, data, n
		}
		if err != nil {
			t.Fatal(err)
		}
		at, data = v, next
	}
}

func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{Memory: "4mb"})
	s := opened(t, fresh(server.URL()))
	at, data, n := filled(t, s, mustCommit(t, s, "a", 0, store.Change{}))
	server.Do("CONFIG", "SET", "maxmemory", "1mb") // or what the last commit needed on its way leaves room for a little one
	for range 3 {
		holds(t, s, "a", at, data)
		if count, err := s.Count(t.Context(), "a", store.Journal); count != n || err != nil {
			t.Errorf("%d exchanges, %v; want %d", count, err, n)
		}
		if _, err := s.Commit(t.Context(), "a", at, store.Change{Clear: []store.Table{store.Journal}, Put: values("new").Put}); !errors.Is(err, store.ErrAway) {
			t.Errorf("committed: %v", err)
		}
		if _, err := s.Commit(t.Context(), "b", 0, values("new")); !errors.Is(err, store.ErrAway) {
			t.Errorf("created: %v", err)
		}
		if err := s.Ready(t.Context()); !errors.Is(err, store.ErrAway) {
			t.Errorf("ready: %v", err)
		}
	}
	if err := s.Delete(t.Context(), "a"); err != nil {
		t.Errorf("delete: %v", err)
	}
	server.Do("CONFIG", "SET", "maxmemory", "4mb")
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	holds(t, s, "b", mustCommit(t, s, "b", 0, values("new")), "new")
}

// The server is stopped, killed, and stands still: what was committed is there after, and nobody has to open the store anew.
func TestServerGoesAndComes(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{Appends: true})
	s := opened(t, fresh(server.URL())+"&read_timeout=200ms&max_retries=-1")
	at := mustCommit(t, s, "a", 0, values("0"))
	for name, fault := range map[string]struct{ begin, end func() }{
		"stopped": {server.Stop, server.Restart},
		"killed":  {server.Kill, server.Restart},
		"frozen":  {server.Freeze, server.Thaw},
		"paused":  {func() { server.Pause(2 * time.Second) }, func() { server.Do("PING") }}, // which waits
	} {
		fault.begin()
		_, err := s.Commit(t.Context(), "a", at, values("lost?"))
		_, _, readErr := s.Read(t.Context(), "a", first)
		if !errors.Is(err, store.ErrAway) || !errors.Is(readErr, store.ErrAway) || !errors.Is(s.Ready(t.Context()), store.ErrAway) {
			t.Errorf("%s: %v, %v", name, err, readErr)
		}
		fault.end()
		v, got, err := s.Read(t.Context(), "a", first, second)
		if err != nil {
			t.Fatalf("after it was %s: %v", name, err)
		}
		if v != at && string(got[0]) != "lost?" { // the server may have taken it before it went, or when it came
			t.Errorf("after it was %s: version %d with %q", name, v, got)
		}
		holds(t, s, "a", v, string(got[0]))
		at = again(t, s, name)
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("after it was %s: %v", name, err)
		}
	}
}

// again commits by what is there now: a commit that was sent to a server that stood still may be made late.
func again(t *testing.T, s *Store, data string) store.Version {
	t.Helper()
	for {
		v, _, err := s.Read(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		at, err := s.Commit(t.Context(), "a", v, values(data))
		if err == nil {
			holds(t, s, "a", at, data)
			return at
		}
		if !errors.Is(err, store.ErrMoved) {
			t.Fatal(err)
		}
	}
}

// A master of the cluster dies and its replica takes over: all records are there.
func TestFailover(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t)
	replica := c.Replicate(0)
	s := opened(t, fresh(c.URL()))
	versions := map[string]store.Version{}
	for n := range 30 {
		record := fmt.Sprint("record-", n)
		versions[record] = mustCommit(t, s, record, 0, values(record))
	}
	c.Nodes[0].Do("WAIT", 1, 10_000)
	c.Nodes[0].Kill()
	replica.TakeOver()
	for record, v := range versions {
		for begun := time.Now(); ; <-time.After(10 * time.Millisecond) { // until the client knows of the new master
			_, _, err := s.Read(t.Context(), record)
			if err == nil {
				t.Log(time.Since(begun))
				break
			}
			if !errors.Is(err, store.ErrAway) || time.Since(begun) > time.Minute {
				t.Fatal(err)
			}
		}
		holds(t, s, record, v, record)
		holds(t, s, record, mustCommit(t, s, record, v, values("after")), "after")
	}
	if list, err := s.Records(t.Context()); len(list) != len(versions) || err != nil {
		t.Errorf("%d records, %v", len(list), err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("ready: %v", err)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	s := opened(t, fresh(redistest.Start(t, redistest.Options{}).URL()))
	lives := func(low, high time.Duration) {
		t.Helper()
		for _, key := range s.keys("a")[:3] { // the journal's is not there
			if d, err := s.client.PTTL(t.Context(), key).Result(); err != nil || d < low || d > high {
				t.Errorf("%s lives for %v, %v; want %v to %v", key, d, err, low, high)
			}
		}
	}
	kept := func(d time.Duration) store.Change {
		c := values("kept")
		c.Keep = d
		return c
	}
	const ever = -1 // what PTTL says
	at := mustCommit(t, s, "a", 0, values("kept"))
	lives(ever, ever)
	at = mustCommit(t, s, "a", at, kept(time.Hour))
	lives(59*time.Minute, time.Hour)
	at = mustCommit(t, s, "a", at, store.Change{Keep: 10 * time.Hour})
	lives(599*time.Minute, 10*time.Hour)
	at = mustCommit(t, s, "a", at, store.Change{})
	lives(ever, ever)
	at = mustCommit(t, s, "a", at, kept(time.Hour))
	at = mustCommit(t, s, "a", at, store.Change{Clear: []store.Table{store.Subjects}, Put: values("").Put, Keep: 2 * time.Hour})
	lives(119*time.Minute, 2*time.Hour) // the table made anew too
	mustCommit(t, s, "a", at, kept(time.Nanosecond))
	for {
		v, got, err := s.Read(t.Context(), "a", first, second)
		if err != nil {
			t.Fatal(err)
		}
		if v == 0 && got[0] == nil && got[1] == nil {
			break
		}
		if v == 0 || got[0] == nil || got[1] == nil {
			t.Fatalf("half expired: version %d, %q", v, got)
		}
	}
	mustCommit(t, s, "b", 0, values("b"))
	if list, err := s.Records(t.Context()); len(list) != 1 || err != nil {
		t.Errorf("%q, %v", list, err)
	}
	if list, err := s.client.SMembers(t.Context(), s.index()).Result(); len(list) != 1 || err != nil {
		t.Errorf("the index still has %q, %v", list, err)
	}
}

func TestNewerFormat(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	server.Do("SET", "newer:format", Format+1)
	if _, err := Open(t.Context(), server.URL()+"?prefix=newer"); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("format %d", Format+1)) || !strings.Contains(err.Error(), "newer") {
		t.Errorf("opened: %v", err)
	}
	opened(t, server.URL()+"?prefix=older")
}

// What cannot be opened says why in one line, without the password.
func TestNotOpened(t *testing.T) {
	t.Parallel()
	guarded := redistest.Start(t, redistest.Options{Password: "right-one"})
	secure := redistest.Start(t, redistest.Options{TLS: true})
	const secret = "wr0ng-secret"
	for name, c := range map[string]struct {
		url  string
		away bool
		want string
	}{
		"a wrong password":       {"redis://:" + secret + "@" + guarded.Address(), true, "WRONGPASS"},
		"a wrong user":           {"redis://joe:" + secret + "@" + guarded.Address(), true, "WRONGPASS"},
		"no password":            {"redis://" + guarded.Address(), true, "NOAUTH"},
		"nobody there":           {"redis://:" + secret + "@127.0.0.1:1", true, "connection refused"},
		"nobody of a cluster":    {"redis://:" + secret + "@127.0.0.1:1?addr=127.0.0.1:2", true, "connection refused"},
		"no such host":           {"redis://:" + secret + "@redis.invalid", true, "redis.invalid"},
		"no cluster":             {"redis://:right-one@" + guarded.Address() + "?cluster=true", true, "cluster support disabled"},
		"an unknown certificate": {"rediss://:" + secret + "@" + secure.Address(), true, "certificate"},
		"plain words to TLS":     {"redis://:" + secret + "@" + secure.Address(), true, ""},
		"another scheme":         {"http://:" + secret + "@" + guarded.Address(), false, "scheme"},
		"no database":            {"redis://:" + secret + "@" + guarded.Address() + "/first", false, "database"},
		"an unknown option":      {"redis://:" + secret + "@" + guarded.Address() + "?speed=high", false, "speed"},
		"no URL":                 {"redis://:" + secret + "%zz@" + guarded.Address(), false, "no URL"},
		"no port":                {"redis://:" + secret + "@127.0.0.1:port", false, "no URL"},
	} {
		_, err := Open(t.Context(), c.url)
		if err == nil {
			t.Errorf("%s: opened", name)
			continue
		}
		text := err.Error()
		if strings.Contains(text, secret) || strings.Contains(text, "right-one") || strings.ContainsAny(text, "\n") || strings.Contains(text, "goroutine") || len(text) > 300 {
			t.Errorf("%s: says too much: %s", name, text)
		}
		if errors.Is(err, store.ErrAway) != c.away || !strings.Contains(text, c.want) {
			t.Errorf("%s: %v; want away %v, %q", name, err, c.away, c.want)
		}
		t.Log(name, ": ", text)
	}
}

// trustVar has the test's own program, started once more, open the store at a URL; Go reads SSL_CERT_FILE once in a process's life.
const trustVar = "POLIGON_TEST_TRUSTED"

func TestTrustedCertificate(t *testing.T) {
	t.Parallel()
	if u := os.Getenv(trustVar); u != "" {
		s := opened(t, u)
		holds(t, s, "a", mustCommit(t, s, "a", 0, values("trusted")), "trusted")
		return
	}
	server := redistest.Start(t, redistest.Options{TLS: true, Password: "right-one"})
	cmd := exec.CommandContext(context.Background(), os.Args[0], "-test.run=^TestTrustedCertificate$")
	cmd.Env = append(os.Environ(), trustVar+"="+server.URL(), "SSL_CERT_FILE="+server.Authority())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
