package product_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"poligon/internal/simulator"
)

// A server that is told to stop lets a running request finish, however late its answer is, and takes no other.
func TestRunningRequestFinishes(t *testing.T) {
	t.Parallel()
	late, release := make(chan struct{}), make(chan struct{})
	wait := func(context.Context, time.Duration) error { // a delay that was asked for ends with the server; this one does not
		close(late)
		<-release
		return nil
	}
	address, stop, stopped := serve(t, wait)
	answered := make(chan answer, 1)
	go func() {
		answered <- fetch(t, "http://"+address+"/osago/calculate/status?request_id="+ours, `{"delay": "1h"}`)
	}()
	<-late
	stop()
	for dialled(t, address) { //nolint:revive // until the listener is closed
	}
	select {
	case err := <-stopped:
		t.Fatalf("the server stopped while a request was running: %v", err)
	default:
	}
	close(release)
	a := <-answered
	var got status
	if a.want(t, 200).decode(t, &got); got.RequestID != ours || a.header.Get("X-Poligon-Fault") == "" {
		t.Errorf("the late answer is %s, with %v", a, a.header)
	}
	if err := <-stopped; err != nil {
		t.Errorf("the server stopped with %v", err)
	}
}

// Somebody who follows a journal does not keep the server from stopping.
func TestStreamEndsWhenTheServerStops(t *testing.T) {
	t.Parallel()
	address, stop, stopped := serve(t, nil)
	fetch(t, "http://"+address+"/osago/calculate/status?request_id="+ours, "").want(t, 200)
	ended := make(chan answer, 1)
	resp, err := http.Get("http://" + address + "/__admin/sessions/default/journal/stream?from=start") //nolint:noctx // it ends with the server
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Errorf("the stream ends with %v", err)
		}
		ended <- answer{status: resp.StatusCode, body: body}
	}()
	stop()
	if err := <-stopped; err != nil {
		t.Errorf("the server stopped with %v", err)
	}
	if a := <-ended; a.status != 200 || len(a.body) == 0 {
		t.Errorf("the stream had %s", a)
	}
}

// serve serves a free port as `poligon serve` does, until it is told to stop.
func serve(t *testing.T, wait func(context.Context, time.Duration) error) (address string, stop func(), stopped <-chan error) {
	t.Helper()
	k, err := usual()
	if err != nil {
		t.Fatal(err)
	}
	clock := &realClock{}
	sim, err := simulator.Over(simulator.Config{Access: k.access, Defaults: realTime, Now: clock.now, Wait: wait}, k.apis, k.library)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a free port of this host
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- sim.Server.Serve(ctx, l) }()
	t.Cleanup(cancel)
	return l.Addr().String(), cancel, done
}

// dialled says whether somebody still takes connections at an address.
func dialled(t *testing.T, address string) bool {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

// fetch gets a page over a connection of its own, with a fault when one is given.
func fetch(t *testing.T, url, fault string) (a answer) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Error(err)
		return a
	}
	if fault != "" {
		req.Header.Set("X-Poligon-Fault", fault)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Error(err)
		return a
	}
	defer resp.Body.Close()
	a = answer{status: resp.StatusCode, header: resp.Header}
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		t.Error(err)
	}
	return a
}

// A delay that was made on purpose ends when the server stops: its client is answered, and the server waits for nobody.
func TestDelayEndsWithTheServer(t *testing.T) {
	t.Parallel()
	late := make(chan struct{})
	address, stop, stopped := serve(t, func(ctx context.Context, _ time.Duration) error {
		close(late)
		<-ctx.Done()
		return ctx.Err()
	})
	answered := make(chan answer, 1)
	go func() {
		answered <- fetch(t, "http://"+address+"/osago/calculate/status?request_id="+ours, `{"delay": "1h"}`)
	}()
	<-late
	stop()
	a := <-answered
	a.want(t, 200)
	if err := <-stopped; err != nil {
		t.Errorf("the server stopped with %v", err)
	}
}
