package product_test

import (
	"testing"
	"time"
)

// TestBusyPartner goes through the story of faults as a client does that keeps to what it is told.
func TestBusyPartner(t *testing.T) {
	t.Parallel()
	var w waits
	s := start(t, setup{wait: w.wait}).frozen(t, "busy-partner")
	s.post(t, application(ours)).want(t, 200)
	for range 2 {
		busy := s.strike(t, poll(ours)).want(t, 429)
		if busy.header.Get("Retry-After") != "1" {
			t.Errorf("a client waits for %q", busy.header.Get("Retry-After"))
		}
		s.admin(t, "POST", "/clock/advance", `{"by": "1s"}`).want(t, 200)
	}
	late := s.strike(t, poll(ours)).want(t, 200)
	if list := w.take(); len(list) != 1 || list[0] < time.Second || list[0] > 3*time.Second || !like(late.header.Get("X-Poligon-Fault"), "delay *s") {
		t.Errorf("the third poll comes after %v, labelled %q", list, late.header.Get("X-Poligon-Fault"))
	}
	s.moveTo(t, 10*time.Second)
	if got := s.look(t, ours); got != "CALCULATION_READY PAYMENT_READY" {
		t.Errorf("then it sees %s", got)
	}
	batch := asJSON(map[string]any{"risks": list(risk(nil))})
	if got := s.strike(t, signed([]byte(batch))); got.end() != "reset" {
		t.Errorf("the first import ends %s: %s", got.end(), got.answer)
	}
	if got := s.results(t, s.importBody(t, batch), 1)[0].codes(); got != "WRONG_RISK_OVERRIDE" {
		t.Errorf("sent again the risk is %s", got)
	}
	s.holds(t, 2)
	if list := s.faults(t); len(list) != 3 || list[0].Applied != 2 || list[1].Applied != 1 || list[2].Applied != 1 {
		t.Errorf("the faults are %+v", list)
	}
}

// Go's client sends a GET again by itself when a connection that it has used before is reset (docs/faults.md): the program sees
// a good answer, and the journal has both.
func TestGoSendsAgain(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.do(t, poll(ours)).want(t, 200)
	s.fault(t, `{"on": "getCalculationStatus", "first": 1, "answer": "reset"}`)
	if got := s.do(t, poll(ours)).want(t, 200).header.Get("X-Poligon-Fault"); got != "" {
		t.Errorf("labelled %q", got)
	}
	kept := s.journal(t)
	if len(kept) != 3 || kept[1].Answer.Status != 0 || kept[2].Answer.Status != 200 {
		t.Errorf("the journal has %+v", kept)
	}
}
