package product_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"poligon/internal/bordereau"
	"poligon/internal/simulator"
)

// A client that has seen the end of an answer finds the exchange in the journal, whole, however the answer ends.
func TestJournalIsBeforeTheEnd(t *testing.T) {
	t.Parallel()
	var w waits
	real := &realClock{}
	sim, err := simulator.New(simulator.Config{Access: bordereau.Access{Signatures: bordereau.Enforce}, Now: real.now, Wait: w.wait})
	if err != nil {
		t.Fatal(err)
	}
	for i, fault := range []string{"{status: 503}", "{delay: 1s}", "{slow: 1s}", "{answer: reset}", "{answer: lost, delay: 1s}", "{answer: truncated}", "{answer: truncated, slow: 1s}", ""} {
		name := fmt.Sprint("s", i)
		running := func() bool {
			s, err := sim.Registry.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			e, kept := s.Journal().Find(1)
			return !kept || e.Running
		}
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/s/"+name+poll(ours).path, nil)
		r.Header.Set("X-Poligon-Fault", fault)
		client := &watcher{ResponseRecorder: httptest.NewRecorder(), running: running}
		func() {
			defer func() { _ = recover() }() // the connection that it takes is none
			sim.Server.ServeHTTP(client, r)
		}()
		if client.unfinished != 0 && fault != "{slow: 1s}" && fault != "{answer: truncated, slow: 1s}" || client.last {
			t.Errorf("%s: the client has seen %d pieces while it ran, the last %t", fault, client.unfinished, client.last)
		}
		_ = w.take()
	}
}

// watcher is a client that looks into the journal with each piece of an answer.
type watcher struct {
	*httptest.ResponseRecorder
	running    func() bool
	unfinished int
	last       bool // whether the exchange still ran with the last piece
}

func (w *watcher) look() {
	if w.last = w.running(); w.last {
		w.unfinished++
	}
}

func (w *watcher) Write(p []byte) (int, error) {
	w.look()
	return w.ResponseRecorder.Write(p)
}

func (w *watcher) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.look()
	return nil, nil, errors.New("there is no connection")
}

var _ http.Hijacker = (*watcher)(nil)
