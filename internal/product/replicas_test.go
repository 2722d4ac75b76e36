package product_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"poligon/internal/simulator"
	"poligon/internal/store"
	"poligon/internal/store/plain"
	"poligon/internal/store/redis"
	"poligon/internal/store/redistest"
)

// replicas are two stores that are one: of one Redis; or one that says it is shared where there is no Redis.
func replicas(t *testing.T) []store.Store {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil && !redistest.Needed() {
		s := &plain.Store{Others: true}
		return []store.Store{s, s}
	}
	url := redistest.Start(t, redistest.Options{}).URL()
	list := make([]store.Store, 2)
	for i := range list {
		s, err := redis.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		list[i] = s
	}
	return list
}

// serversOver starts a server over each store, nil for memory. Their real time stands still.
func serversOver(t *testing.T, stores ...store.Store) (urls []string) {
	t.Helper()
	k, err := usual()
	if err != nil {
		t.Fatal(err)
	}
	real := &realClock{}
	for _, s := range stores {
		ts := httptest.NewServer(simulated(t, simulator.Config{Access: k.access, MaxBody: maxBody, Version: "test", Now: real.now, Wait: new(waits).wait, Store: s}, k))
		t.Cleanup(ts.Close)
		urls = append(urls, ts.URL)
	}
	return urls
}

// sameHost is what all clients call the servers, so that their links are the same.
const sameHost = "poligon.test"

// exact sends a call, of the session or of the admin API, and gives all that the client sees but the date.
func (s *play) exact(t *testing.T, c call) string {
	t.Helper()
	target := s.url + "/s/" + s.name + c.path
	if strings.HasPrefix(c.path, "/__admin") {
		target = s.url + c.path
	}
	var body io.Reader = bytes.NewReader(c.body)
	if c.chunked {
		body = struct{ io.Reader }{body}
	}
	req, err := http.NewRequestWithContext(context.Background(), c.method, target, body)
	if err != nil {
		return "" // no client of Go's sends it
	}
	req.Host = sameHost
	for name, value := range c.header {
		req.Header.Set(name, value)
	}
	resp, err := s.client.Transport.RoundTrip(req)
	if err != nil {
		return "no answer"
	}
	defer resp.Body.Close()
	resp.Header.Del("Date")
	var text bytes.Buffer
	fmt.Fprintln(&text, resp.Proto, resp.Status, resp.ContentLength)
	_ = resp.Header.Write(&text)
	_, err = io.Copy(&text, resp.Body)
	if err != nil {
		fmt.Fprint(&text, "cut off")
	}
	return text.String()
}

// dialogue are what a client of a session sends, and what it got.
type dialogue struct{ sent, got []string }

// playFuss plays a session's list: each call goes to any of the servers.
func playFuss(t *testing.T, urls []string, i, calls int) (l dialogue) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true} // else a broken call may be sent again
	defer transport.CloseIdleConnections()
	s := &play{&product{client: &http.Client{Transport: transport}}, fmt.Sprintf("s%d", i)}
	random, list := rand.New(rand.NewPCG(rand.Uint64(), 0)), fuss{rand.New(rand.NewPCG(uint64(i), 11)), s} //nolint:gosec // the spread is another one each time
	send := func(c call) {
		s.url = urls[random.IntN(len(urls))]
		l.sent = append(l.sent, fmt.Sprintf("%s %s %v %s", c.method, c.path, c.header, c.body))
		l.got = append(l.got, s.exact(t, c))
	}
	base := "/__admin/sessions/" + s.name
	config := []string{`{"scenario": "busy-partner", "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}, "seed": %d}`, `{"clock": {"mode": "scaled", "speed": 60}, "seed": %d}`,
		`{"scenario": "aggregator-three-offers", "clock": {"mode": "real"}, "seed": %d}`, `{"scenario": "cross-sales", "seed": %d, "journal": {"entries": 20}, "clock": {"mode": "frozen"}}`}[i%4]
	send(call{method: "PUT", path: base, body: fmt.Appendf(nil, config, i)})
	for n := range calls {
		s.url = urls[random.IntN(len(urls))] // for what a call is made from
		c := list.call()
		if strings.HasPrefix(c.path, "/__admin/scenarios") {
			continue // it is of all sessions at once
		}
		send(c)
		if n == calls/2 {
			send(call{method: "POST", path: base + "/reset"})
		}
	}
	for range urls { // what it comes to is the same, whoever is asked
		for _, path := range []string{"", "/journal?limit=1000", "/journal?acts=false&limit=7", "/faults", "/recording", "/snapshot"} {
			send(call{method: "GET", path: base + path})
		}
	}
	return l
}

// Two servers over one store are one simulator: forty sessions, whose requests and acts go to either at random, see to the byte what they see
// of one server in memory.
func TestReplicasAreOne(t *testing.T) {
	t.Parallel()
	sessions, calls := 40, 150
	if testing.Short() {
		calls = 40
	}
	memory := serversOver(t, nil)
	one, two := make([]dialogue, sessions), make([]dialogue, sessions)
	each(sessions, func(i int) { one[i] = playFuss(t, []string{memory[0], memory[0]}, i, calls) })
	both := serversOver(t, replicas(t)...)
	each(sessions, func(i int) { two[i] = playFuss(t, both, i, calls) })
	answered := 0
	for i := range one {
		for n := range min(len(one[i].sent), len(two[i].sent)) {
			if one[i].sent[n] != two[i].sent[n] {
				t.Errorf("session %d sends\n%s\nand to the two\n%s", i, one[i].sent[n], two[i].sent[n])
				break
			}
			if strings.HasPrefix(one[i].got[n], "HTTP/1.1 2") {
				answered++
			}
			if one[i].got[n] != two[i].got[n] {
				t.Errorf("session %d, call %d: %.500s\none server: %.3000s\ntwo:        %.3000s", i, n, one[i].sent[n], one[i].got[n], two[i].got[n])
				break
			}
		}
	}
	if answered < sessions*calls/3 {
		t.Errorf("only %d of %d calls did what they were for", answered, sessions*calls)
	}
}
