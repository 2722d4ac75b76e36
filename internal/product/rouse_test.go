package product_test

import (
	"context"
	"net"
	"net/http"
	"testing"

	"poligon/internal/bordereau"
	"poligon/internal/session"
	"poligon/internal/simulator"
	"poligon/internal/store/plain"
)

// What a server owed when it ended is sent by the next one over its store, though nobody asks for anything.
func TestTellsAfterARestart(t *testing.T) {
	t.Parallel()
	url, called, answers, calls := gate(t)
	c := simulator.Config{Access: bordereau.Access{Signatures: bordereau.Off}, ConfirmTargets: targets(t, []string{url}, ""), Defaults: session.Config{Start: dawn},
		Now: (&realClock{}).now, Store: &plain.Store{}}
	serve := func() (p *product, stop func(meanwhile func())) {
		sim, err := simulator.New(c)
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a free port of this host
		if err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		stopped := make(chan error, 1)
		go func() { stopped <- sim.Server.Serve(ctx, l) }()
		p = &product{url: "http://" + l.Addr().String(), client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
		return p, func(meanwhile func()) {
			end()
			for p.do(t, call{method: "GET", path: "/readyz"}).status == http.StatusOK { //nolint:revive // until it stops
			}
			meanwhile()
			if err := <-stopped; err != nil {
				t.Errorf("the server stopped with %v", err)
			}
		}
	}
	p, stop := serve()
	p.putScenario(t, "two", "title: x\nstory: y\nosago:\n  confirm: {attempts: 2, backoff: 0}\n  offers:\n    a: {insurer: А, steps: [PAYMENT_COMPLETED]}\n").want(t, 200)
	s := p.play(t, `{"scenario": "two"}`)
	s.get(t, "/osago/calculate?request_id="+ours).want(t, 200)
	<-called
	stop(func() { answers <- 500 }) // it waits for the first attempt and makes no other
	_, stop = serve()
	<-called
	stop(func() { answers <- 200 })
	if n := calls.Load(); n != 2 {
		t.Errorf("%d calls", n)
	}
}
