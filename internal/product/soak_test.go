package product_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"poligon/internal/simulator"
)

// How much TestSoak sends: go test ./internal/product -run TestSoak -soak-requests 1000000 -soak-sessions 1000 -v.
var (
	soakRequests = flag.Int("soak-requests", 20_000, "requests of the soak")
	soakSessions = flag.Int("soak-sessions", 50, "sessions of the soak")
)

// Limits of a soaked session's journal, and how many subjects it has.
const (
	soakEntries  = 200
	soakBytes    = 64 << 10
	soakSubjects = 20
)

// A server that is asked for ever keeps as much as its journals may hold and its subjects need, and no more. The handler is
// called without sockets. This test runs beside no other: it measures the whole program's memory.
func TestSoak(t *testing.T) { //nolint:paralleltest // see above
	k, err := usual()
	if err != nil {
		t.Fatal(err)
	}
	real := &realClock{}
	real.step.Store(int64(time.Microsecond))
	sim, err := simulator.Over(simulator.Config{Access: k.access, Now: real.now, MaxSessions: *soakSessions + 1, Wait: new(waits).wait}, k.apis, k.library)
	if err != nil {
		t.Fatal(err)
	}
	soak := &soak{t: t, sim: sim}
	names := make([]string, *soakSessions)
	for i := range names {
		names[i] = fmt.Sprint("soak-", i)
		soak.ask("PUT", "/__admin/sessions/"+names[i], fmt.Sprintf(`{"clock": {"mode": "frozen"}, "journal": {"entries": %d, "bytes": %d}}`, soakEntries, soakBytes), 201)
	}
	before, began := heap(), time.Now()
	each(soakClients, func(client int) {
		for n := client; n < *soakRequests; n += soakClients {
			soak.request(names[n%len(names)], n/len(names))
		}
	})
	took, after := time.Since(began), heap()
	// A journal's buffer doubles and is never larger than its limit; its index has soakEntries of some 48 bytes, and spare
	// buffers of what runs are few. A subject is an event or two with its risk or application; an expired body is none.
	perSession := uint64(soakBytes + soakEntries*64 + soakSubjects*2<<10 + 16<<10)
	bound := before + uint64(*soakSessions)*perSession + 8<<20
	t.Logf("%d requests over %d sessions in %s: heap %d KiB before, %d KiB after, %.1f KiB a session; bound %d KiB", *soakRequests, *soakSessions, took.Round(time.Millisecond),
		before>>10, after>>10, float64(int64(after)-int64(before))/1024/float64(*soakSessions), bound>>10)
	if after > bound {
		t.Errorf("the heap holds %d bytes, more than %d", after, bound)
	}
	soak.check(names)
	for _, name := range names {
		soak.ask("DELETE", "/__admin/sessions/"+name, "", 204)
	}
	if left := heap(); left > before+4<<20 {
		t.Errorf("when all sessions are deleted %d bytes are left of %d", left, before)
	}
	runtime.KeepAlive(sim)
}

const soakClients = 4

// heap is how much is alive.
func heap() uint64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

type soak struct {
	t   *testing.T
	sim *simulator.Simulator
}

func (s *soak) ask(method, path, body string, want int) []byte {
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, bytes.NewReader([]byte(body)))
	s.sim.Server.ServeHTTP(w, r)
	if w.Code != want {
		s.t.Errorf("%s %s: %d %.300s", method, path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// request is the n-th request in a session: mostly a poll, sometimes something else.
func (s *soak) request(name string, n int) {
	in, id := "/s/"+name, fmt.Sprintf("%s%02d", ours[:34], n%(soakSubjects/2))
	switch n % 50 {
	case 10:
		s.ask("POST", in+"/osago/calculate", application(fmt.Sprintf("%s%02d", ours[:34], n/50%(soakSubjects/2))), 200)
	case 20, 21:
		body := asJSON(map[string]any{"risks": list(policy(fmt.Sprint("K-", n/50%(soakSubjects/2)), with("override", true)))})
		s.ask("POST", in+signed([]byte(body)).path, body, 200)
	case 30:
		s.ask("POST", in+imports+"?partnerCode=312&sign=abc", "{}", 403)
	case 35:
		s.ask("GET", in+"/osago/calculate?request_id=x", "", 400)
	case 40:
		s.ask("POST", "/__admin/sessions/"+name+"/clock/advance", `{"by": "1s"}`, 200)
	case 45:
		s.ask("GET", in+"/osago/calculate?request_id="+id, "", 200)
	default:
		s.ask("GET", in+"/osago/calculate/status?request_id="+id, "", 200)
	}
}

// check looks whether every journal is within its limits and tells how much it dropped, and every session has its subjects.
func (s *soak) check(names []string) {
	var all uint64
	for _, name := range names {
		one, err := s.sim.Registry.Find(name)
		if err != nil {
			s.t.Error(err)
			continue
		}
		stats := one.Journal().Stats()
		state := one.State()
		if stats.Entries > soakEntries || stats.Bytes > soakBytes || stats.Capacity > soakBytes || stats.Running != 0 || stats.Arriving != 0 || stats.Dropped+uint64(stats.Entries) != state.Number {
			s.t.Errorf("%s after %d exchanges: %+v", name, state.Number, stats)
		}
		if subjects, err := one.Subjects(s.t.Context()); err != nil || subjects > soakSubjects {
			s.t.Errorf("%s has %d subjects, %v", name, subjects, err)
		}
		all += state.Number
		var shown struct {
			Journal struct{ Entries, Bytes, Dropped int }
		}
		if err := json.Unmarshal(s.ask(http.MethodGet, "/__admin/sessions/"+name, "", 200), &shown); err != nil || uint64(shown.Journal.Dropped) != stats.Dropped || shown.Journal.Entries != stats.Entries {
			s.t.Errorf("%s is shown as %+v, %v", name, shown, err)
		}
	}
	if all != uint64(*soakRequests) {
		s.t.Errorf("%d exchanges of %d requests", all, *soakRequests)
	}
}
