package osago

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"time"

	"poligon/internal/sim"
)

// TestActsCountAsRecorded, even those of a clock that lagged behind the one before.
func TestActsCountAsRecorded(t *testing.T) {
	t.Parallel()
	var log []sim.Event
	for i, word := range []string{"payment_cancelled", "payment_ready"} {
		name, data := act{offer: 0, word: word}.encode()
		log = append(log, sim.Event{At: start0.Add(time.Duration(-i) * time.Second), Name: name, Data: data})
	}
	acts, err := readActs(log, start0, 1)
	c := calculationOf(t, "[PAYMENT_READY]")
	c.acts = acts
	c.settle()
	if err != nil || stands(c) != "CALCULATION_READY: PAYMENT_READY" || acts[1].at != 0 {
		t.Errorf("%+v, %v: %s", acts, err, stands(c))
	}
	if acts, err := readActs(log, start0, 0); err != nil || len(acts) != 0 {
		t.Errorf("acts on an offer that is no more: %+v, %v", acts, err)
	}
}

// FuzzActs: whatever a log holds, an act that can be read says the same when it is written again, and names what there is.
func FuzzActs(f *testing.F) {
	for _, a := range []act{{offer: whole, word: "failed"}, {offer: 99, word: "paid"}, {offer: whole, word: "PAID", force: true}, {offer: 3, word: "APPROVED", force: true}} {
		name, data := a.encode()
		f.Add(name, data)
	}
	f.Add(looked, []byte{})
	f.Add("started", []byte{0})
	f.Add(forced, append(binary.AppendUvarint(nil, 1<<63+7), "APPROVED"...))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		a, err := decodeAct(name, data)
		if err != nil {
			if !errors.Is(err, sim.ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		if a.offer < whole || a.offer >= maxOffers {
			t.Fatalf("%+v", a)
		}
		again, text := a.encode()
		if b, err := decodeAct(again, text); err != nil || b != a || again != name {
			t.Fatalf("%+v became %+v, %v", a, b, err)
		}
		c := &calculation{story: threeOffers()}
		if c.acts, err = readActs([]sim.Event{{At: start0, Name: name, Data: data}}, start0, 3); err != nil {
			t.Fatal(err)
		}
		c.settle()
		for _, status := range c.statuses() {
			if status != "" && !slices.Contains(offerStatuses, string(status)) {
				t.Fatal(status)
			}
		}
	})
}

// threeOffers is a story of three offers that stay as they are.
func threeOffers() *story {
	s := &story{script: &script{}, fixed: true}
	for range 3 {
		t := &track{items: []item{{ways: []way{{item: 0}}, next: none, status: string(Created)}}, places: []string{"steps[0]"}}
		t.fix()
		s.offers = append(s.offers, offer{track: t})
		s.add(t)
	}
	return s
}
