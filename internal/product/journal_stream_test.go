package product_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"poligon/internal/simulator"
)

// event is one of a journal's stream.
type event struct{ name, id, data string }

func (e event) number(t *testing.T) (n int) {
	t.Helper()
	var one kept
	if err := json.Unmarshal([]byte(e.data), &one); err != nil || e.name != "exchange" || e.id != fmt.Sprint(one.Number) || one.Running {
		t.Errorf("%+v: %v", e, err)
	}
	return one.Number
}

// follow follows the session's journal; the channel is closed when the stream ends.
func (s *play) follow(t *testing.T, from string) <-chan event {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/__admin/sessions/"+s.name+"/journal/stream?from="+from, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || kind != "text/event-stream" {
		t.Fatalf("%d %s", resp.StatusCode, kind)
	}
	events := make(chan event, 10_000)
	go read(resp.Body, events)
	return events
}

// read reads a stream's events.
func read(from io.ReadCloser, events chan<- event) {
	defer close(events)
	defer from.Close()
	lines, e := bufio.NewScanner(from), event{}
	lines.Buffer(nil, 10<<20)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		switch key {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		case "":
			if e.name != "" {
				events <- e
			}
			e = event{}
		}
	}
}

// took takes so many events, or as many as come before the stream ends.
func took(t *testing.T, events <-chan event, n int) (numbers []int) {
	t.Helper()
	for range n {
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatalf("the stream ended after %v", numbers)
			}
			numbers = append(numbers, e.number(t))
		case <-time.After(30 * time.Second):
			t.Fatalf("nothing came after %v", numbers)
		}
	}
	return numbers
}

// ended checks that a stream ends, soon and without another event.
func ended(t *testing.T, events <-chan event) {
	t.Helper()
	select {
	case e, ok := <-events:
		if ok {
			t.Errorf("after the end comes %+v", e)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the stream does not end")
	}
}

// A stream begins with what the journal holds or with what comes, and goes on through a reset; it ends when the session is deleted.
func TestJournalStream(t *testing.T) {
	t.Parallel()
	ofOneServer(t)
	p := start(t, setup{})
	s := p.frozen(t, "")
	look := func() { s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200) }
	look()
	s.moveTo(t, time.Second)
	past, future := s.follow(t, "start"), s.follow(t, "now")
	if got := took(t, past, 2); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("from the start: %v", got)
	}
	look()
	s.admin(t, "POST", "/reset", "").want(t, 200) // 4
	look()
	s.admin(t, "POST", "/reset", `{"only": ["journal"]}`).want(t, 200) // 6
	look()
	for _, events := range []<-chan event{past, future} {
		if got := took(t, events, 5); !slices.Equal(got, []int{3, 4, 5, 6, 7}) {
			t.Errorf("from 3 on come %v", got)
		}
	}
	s.admin(t, "DELETE", "/journal", "").want(t, 204)
	look()
	for _, events := range []<-chan event{past, future} {
		if got := took(t, events, 1); !slices.Equal(got, []int{8}) {
			t.Errorf("after 7 come %v", got)
		}
	}
	s.admin(t, "DELETE", "", "").want(t, 204)
	for _, events := range []<-chan event{past, future} {
		ended(t, events)
	}
}

// While many clients send and the session is reset, a stream tells each exchange once.
func TestJournalStreamUnderFire(t *testing.T) {
	t.Parallel()
	ofOneServer(t)
	s := start(t, setup{}).frozen(t, "")
	events := s.follow(t, "now")
	const clients, looks = 8, 60
	together(clients, func(i int) {
		for n := range looks {
			if i == 0 && n%20 == 10 {
				s.admin(t, "POST", "/reset", "")
				continue
			}
			s.get(t, "/osago/calculate/status?request_id="+ours)
		}
	})
	got := took(t, events, clients*looks)
	slices.Sort(got)
	for i, n := range got {
		if n != i+1 {
			t.Fatalf("the %dth is number %d", i+1, n)
		}
	}
}

// A reader that is slower than a tiny journal is told how many it missed.
func TestJournalStreamOfASlowReader(t *testing.T) {
	t.Parallel()
	real := &realClock{}
	k, err := usual()
	if err != nil {
		t.Fatal(err)
	}
	sim, err := simulator.Over(simulator.Config{Access: k.access, Now: real.now}, k.apis, k.library)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(w http.ResponseWriter, method, path, body string) {
		sim.Server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
	}
	ask(httptest.NewRecorder(), "PUT", "/__admin/sessions/slow", `{"journal": {"entries": 3}}`)
	look := func() { ask(httptest.NewRecorder(), "GET", "/s/slow"+poll(ours).path, "") }
	look()
	out, in := net.Pipe() // a write waits for its reader
	events := make(chan event)
	go read(out, events)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		defer in.Close()
		ask(&piped{ResponseRecorder: httptest.NewRecorder(), to: in}, "GET", "/__admin/sessions/slow/journal/stream?from=start", "")
	}()
	if e := <-events; e.id != "1" {
		t.Errorf("first comes %+v", e)
	}
	for range 20 { // the stream may have taken some of them, until it wrote what nobody read
		look()
	}
	told, missed := 0, 0
	for told+missed < 20 {
		switch e := <-events; e.name {
		case "exchange":
			told++
		case "missed":
			n := 0
			fmt.Sscan(e.data, &n)
			missed += n
		}
	}
	if told+missed != 20 || missed == 0 {
		t.Errorf("%d were told, %d missed", told, missed)
	}
	ask(httptest.NewRecorder(), "DELETE", "/__admin/sessions/slow", "")
	<-gone
}

// piped is an answer that goes into a pipe.
type piped struct {
	*httptest.ResponseRecorder
	to io.Writer
}

func (p *piped) Write(b []byte) (int, error) { return p.to.Write(b) }

// A server that stops ends its streams, and the verifications that wait, at once.
func TestJournalStreamEndsWithTheServer(t *testing.T) {
	t.Parallel()
	k, err := usual()
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan struct{})
	var once sync.Once
	sim, err := simulator.Over(simulator.Config{Access: k.access, Now: (&realClock{}).now, Wait: func(ctx context.Context, _ time.Duration) error {
		once.Do(func() { close(waiting) })
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
		}
		return ctx.Err()
	}}, k.apis, k.library)
	if err != nil {
		t.Fatal(err)
	}
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- sim.Server.Serve(ctx, l) }()
	s := &play{&product{url: "http://" + l.Addr().String(), client: &http.Client{Transport: &http.Transport{}}}, "default"}
	s.product.do(t, poll(ours)).want(t, 200)
	events := s.follow(t, "start")
	took(t, events, 1)
	verdict := make(chan answer, 1)
	go func() {
		verdict <- s.verify(t, `{"expectations": [{"operation": "importBordereau"}], "within": {"real": "50s"}}`)
	}()
	<-waiting
	began := time.Now()
	stop()
	ended(t, events)
	if err := <-served; err != nil {
		t.Error(err)
	}
	if waited := time.Since(began); waited > 8*time.Second {
		t.Errorf("it stopped after %s", waited)
	}
	(<-verdict).want(t, 200)
}
