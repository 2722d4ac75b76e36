package osago

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"poligon/internal/contract"
	"poligon/internal/osago/internal/wire"
	"poligon/openapi"
)

func count(offers []OfferStatus) (t tally) {
	for _, s := range offers {
		t[s.phase()]++
	}
	return t
}

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
		if got := derive(count(tt.offers)); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// The statuses of the code are the contract's, and whatever the offers are the derived status is one of them.
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
	if OfferStatus("").phase() != gone || len(offerStatuses) != 14 {
		t.Error("a status that is not in the switch is gone: when the contract gains one, say what it means")
	}
	rapid.Check(t, func(t *rapid.T) {
		var offers []OfferStatus
		for _, s := range rapid.SliceOf(rapid.SampledFrom(offerStatuses)).Draw(t, "offers") {
			offers = append(offers, OfferStatus(s))
		}
		got := derive(count(offers))
		backwards := make([]OfferStatus, len(offers))
		for i, s := range offers {
			backwards[len(offers)-1-i] = s
		}
		if derive(count(backwards)) != got {
			t.Fatal("the order of the offers matters")
		}
		if got == CalculationError {
			t.Fatal("CALCULATION_ERROR was derived")
		}
	})
}

// The hand-written answer of a poll says what the generated type would, and keeps the contract.
func TestStatusBody(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := randomCalculation(t)
		c.settle()
		items := []wire.OfferStatusItem{}
		for i, s := range c.statuses() {
			items = append(items, wire.OfferStatusItem{OfferID: c.offerID(i), OfferStatus: wire.OfferStatus(s)})
		}
		want, _ := json.Marshal(wire.CalculationStatusResponse{RequestID: c.text, Status: wire.CalculationStatus(c.whole), Offers: &items})
		var a, b any
		if err := json.Unmarshal(statusBody{c}.append(nil), &a); err != nil {
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

// Between two changes nothing changes, and at a change something does.
func TestConstantBetweenChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := randomCalculation(t)
		c.settle()
		here := string(statusBody{c}.append(nil))
		next, ok := c.next()
		if !ok {
			next = c.offset + 1_000_000
		}
		if next <= c.offset {
			t.Fatalf("the next change, %d, is not later than %d", next, c.offset)
		}
		c.offset = next - 1
		c.settle()
		if there := string(statusBody{c}.append(nil)); there != here {
			t.Fatalf("changed before %d from %s to %s", next, here, there)
		}
		c.offset = next
		c.settle()
		if there := string(statusBody{c}.append(nil)); ok && there == here {
			t.Fatalf("nothing changed at %d: %s", next, here)
		}
	})
}
