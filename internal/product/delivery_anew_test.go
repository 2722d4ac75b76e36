package product_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// A report that is under way when its calculation begins anew says nothing of the new one, whose own sale is told of; it plays again so.
func TestTellsOfACalculationThatBeganAnew(t *testing.T) {
	t.Parallel()
	asked, answer := make(chan struct{}, 2), make(chan struct{})
	m := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-answer
	}))
	t.Cleanup(m.Close)
	p := start(t, setup{confirms: []string{m.URL + "/confirm"}})
	p.putScenario(t, "anew", "title: x\nstory: y\nosago:\n  repeated: replace\n  confirm: {after: 0s}\n"+
		"  offers: {a: {insurer: А, price: 100, steps: [PAYMENT_READY, {after: 1h, status: CLOSED_TIMEOUT}]}}\n").want(t, 200)
	s := p.frozen(t, "anew")
	pay := func() {
		form := url.Values{"request_id": {ours}, "offer_id": {s.offerOf(t, 0)}, "action": {"pay"}}
		if a, _ := s.page(t, "POST", "/pay", form); a.status != 303 {
			t.Fatalf("paying: %d", a.status)
		}
		<-asked
	}
	s.post(t, application(ours)).want(t, 200)
	pay()
	s.post(t, change("vehicle.engine_power", 300)).want(t, 200)
	answer <- struct{}{}
	s.admin(t, "GET", "/snapshot", "").want(t, 200) // waits for what is under way
	if s.hasSent(t, "09:00:00 #1 accepted 200"); s.look(t, ours) != "CALCULATION_READY PAYMENT_READY" {
		t.Errorf("it is %s", s.look(t, ours))
	}
	var e struct{ Reports []any }
	if s.admin(t, "GET", "/calculations/"+ours, "").decode(t, &e); len(e.Reports) > 0 {
		t.Errorf("the new calculation was told of: %v", e.Reports)
	}
	pay()
	answer <- struct{}{}
	s.admin(t, "GET", "/snapshot", "").want(t, 200) // waits for what is under way
	s.hasSent(t, "09:00:00 #1 accepted 200", "09:00:00 #1 accepted 200")
	_, b := s.recording(t)
	replay(t, b)
}
