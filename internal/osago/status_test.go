package osago

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"poligon/internal/contract"
	"poligon/internal/dice"
	"poligon/internal/osago/internal/wire"
	"poligon/internal/timeline"
	"poligon/openapi"
)

func TestDerive(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		offers []OfferStatus
		want   CalculationStatus
	}{
		"no offers":                           {nil, NoCalculationAvailable},
		"all created":                         {[]OfferStatus{Created, Created}, Draft},
		"one sent, one created":               {[]OfferStatus{PreCalcSent, Created}, InProgress},
		"one in progress":                     {[]OfferStatus{PreCalcInProgress}, InProgress},
		"one ready, one still calculating":    {[]OfferStatus{PreCalcReady, PreCalcInProgress}, InProgress},
		"one ready, one not begun":            {[]OfferStatus{PaymentReady, Created}, InProgress},
		"one rejected, one not begun":         {[]OfferStatus{Rejected, Created}, Draft},
		"ready":                               {[]OfferStatus{PreCalcReady}, CalculationReady},
		"approved beside rejected":            {[]OfferStatus{Approved, Rejected}, CalculationReady},
		"link failed is still a calculation":  {[]OfferStatus{PaymentLinkFailed}, CalculationReady},
		"payment cancelled can be paid again": {[]OfferStatus{PaymentCancelled}, CalculationReady},
		"paid":                                {[]OfferStatus{PaymentCompleted, ClosedOtherOffer}, Paid},
		"paid while another still calculates": {[]OfferStatus{PaymentCompleted, PreCalcSent}, Paid},
		"issued":                              {[]OfferStatus{ClosedOtherOffer, ClosedPaid}, Closed},
		"all rejected":                        {[]OfferStatus{Rejected, Rejected}, NoCalculationAvailable},
		"rejected and failed":                 {[]OfferStatus{Rejected, OfferError}, NoCalculationAvailable},
		"all timed out":                       {[]OfferStatus{ClosedTimeout}, NoCalculationAvailable},
		"one timed out, one ready":            {[]OfferStatus{ClosedTimeout, PaymentReady}, CalculationReady},
	}
	for name, tt := range tests {
		if got := derive(tt.offers); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// The statuses of the code are the contract's, each has a phase, and whatever the offers are the derived status is one of them.
func TestStatusesAreTheContracts(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load(openapi.OSAGO)
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string][]string{"OfferStatus": offerStatuses, "CalculationStatus": calculationStatuses} {
		schema, err := doc.Schema(name)
		if err != nil {
			t.Fatal(err)
		}
		want := schema.Enum()
		if len(list) != len(want) {
			t.Errorf("%s has %d statuses, the contract %d", name, len(list), len(want))
		}
		for i := range want {
			if list[i] != want[i] {
				t.Errorf("%s %d is %s, the contract has %s", name, i, list[i], want[i])
			}
		}
	}
	for _, s := range offerStatuses {
		if _, ok := phases[OfferStatus(s)]; !ok {
			t.Errorf("%s has no phase", s)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var offers []OfferStatus
		for _, s := range rapid.SliceOf(rapid.SampledFrom(offerStatuses)).Draw(t, "offers") {
			offers = append(offers, OfferStatus(s))
		}
		got := derive(offers)
		backwards := make([]OfferStatus, len(offers))
		for i, s := range offers {
			backwards[len(offers)-1-i] = s
		}
		if derive(backwards) != got {
			t.Fatal("the order of the offers matters")
		}
		if got == CalculationError {
			t.Fatal("CALCULATION_ERROR was derived")
		}
	})
}

// randomCalculation is a calculation of a random script at a random offset.
func randomCalculation(t *rapid.T) *calculation {
	c := &calculation{id: uuid.UUID(dice.New(1).Of("id").UUID()), dice: dice.New(rapid.Uint64().Draw(t, "seed")), script: &script{}}
	c.text = c.id.String()
	c.offset = time.Duration(rapid.Int64Range(0, 30).Draw(t, "offset"))
	for range rapid.IntRange(0, 4).Draw(t, "offers") {
		at := time.Duration(0)
		var steps []timeline.Step[step]
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			steps = append(steps, timeline.Step[step]{After: at, Value: step{status: OfferStatus(rapid.SampledFrom(offerStatuses).Draw(t, "status"))}})
			at += time.Duration(rapid.Int64Range(0, 6).Draw(t, "wait"))
		}
		tl, err := timeline.New(steps...)
		if err != nil {
			t.Fatal(err)
		}
		c.script.offers = append(c.script.offers, offer{steps: tl})
	}
	return c
}

// The hand-written answer of a poll says what the generated type would, and keeps the contract.
func TestStatusBody(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := randomCalculation(t)
		statuses := c.offerStatuses()
		items := []wire.OfferStatusItem{}
		for i, s := range statuses {
			items = append(items, wire.OfferStatusItem{OfferID: c.offerID(i), OfferStatus: wire.OfferStatus(s)})
		}
		want, _ := json.Marshal(wire.CalculationStatusResponse{RequestID: c.text, Status: wire.CalculationStatus(c.status(statuses)), Offers: &items})
		var a, b any
		if err := json.Unmarshal(statusBody{c, statuses}.append(nil), &a); err != nil {
			t.Fatal(err)
		}
		_ = json.Unmarshal(want, &b)
		again, _ := json.Marshal(a)
		wanted, _ := json.Marshal(b)
		if string(again) != string(wanted) {
			t.Fatalf("answered %s, want %s", again, wanted)
		}
	})
}

// Between two changes nothing changes, and at a change something may only because a step begins there.
func TestConstantBetweenChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := randomCalculation(t)
		here := string(statusBody{c, c.offerStatuses()}.append(nil))
		next, ok := c.next()
		if !ok {
			next = c.offset + 1_000_000
		}
		if next <= c.offset {
			t.Fatalf("the next change, %d, is not later than %d", next, c.offset)
		}
		c.offset = next - 1
		if there := string(statusBody{c, c.offerStatuses()}.append(nil)); there != here {
			t.Fatalf("changed before %d from %s to %s", next, here, there)
		}
	})
}
