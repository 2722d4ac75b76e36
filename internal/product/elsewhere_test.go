package product_test

import (
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"

	"poligon/internal/bordereau"
	"poligon/internal/session"
	"poligon/internal/simulator"
	"poligon/internal/store/plain"
)

// two are two servers over one store.
func two(t *testing.T) (a, b *product) {
	t.Helper()
	c := simulator.Config{Access: bordereau.Access{Signatures: bordereau.Off}, Defaults: session.Config{Start: dawn}, Now: (&realClock{}).now, Store: &plain.Store{Others: true}}
	var list []*product
	for range 2 {
		sim, err := simulator.New(c)
		if err != nil {
			t.Fatal(err)
		}
		ts := httptest.NewServer(sim.Server)
		t.Cleanup(ts.Close)
		list = append(list, &product{url: ts.URL, client: ts.Client()})
	}
	return list[0], list[1]
}

// A session that another server deleted begins anew with its first use, and one that was made anew there is the new one.
func TestDeletedElsewhere(t *testing.T) {
	t.Parallel()
	a, b := two(t)
	poll := call{method: "GET", path: "/s/d/osago/calculate/status?request_id=" + ours}
	number := func(p *product, want string) {
		t.Helper()
		if got := p.do(t, poll).want(t, 200).header.Get("X-Poligon-Number"); got != want {
			t.Errorf("it has the number %s, not %s", got, want)
		}
	}
	number(a, "1")
	number(b, "2")
	a.do(t, call{method: "DELETE", path: "/__admin/sessions/d"}).want(t, 204)
	number(b, "1")
	number(a, "2")
	b.do(t, call{method: "DELETE", path: "/__admin/sessions/d"}).want(t, 204)
	a.do(t, call{method: "PUT", path: "/__admin/sessions/d", body: []byte(`{"seed": 7}`)}).want(t, 201)
	number(b, "1")
	number(a, "2")
	a.do(t, call{method: "POST", path: "/__admin/sessions/d/reset"}).want(t, 200)
	number(b, "4")
}

// Scenarios that two servers are given at once are all there afterwards, at both, and sessions play them.
func TestScenariosFromTwoServers(t *testing.T) {
	t.Parallel()
	a, b := two(t)
	a.do(t, call{method: "GET", path: "/s/d/osago/calculate/status?request_id=" + ours}).want(t, 200)
	const text = "title: x\nstory: y\nosago:\n  offers:\n    a: {insurer: А, steps: [PAYMENT_COMPLETED]}\n"
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() { a.putScenario(t, fmt.Sprintf("a%d", i), text).want(t, 200) })
		wg.Go(func() { b.putScenario(t, fmt.Sprintf("b%d", i), text).want(t, 200) })
	}
	wg.Wait()
	for i := range 10 {
		for _, name := range []string{fmt.Sprintf("a%d", i), fmt.Sprintf("b%d", i)} {
			for _, p := range []*product{a, b} {
				p.do(t, call{method: "GET", path: "/__admin/scenarios/" + name}).want(t, 200)
				p.do(t, call{method: "GET", path: "/s/d/osago/calculate/status?request_id=" + ours, header: map[string]string{"X-Poligon-Scenario": name}}).want(t, 200)
			}
		}
	}
}
