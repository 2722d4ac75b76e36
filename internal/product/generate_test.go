package product_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"testing/fstest"

	"poligon/internal/contract"
	"poligon/internal/generate"
	"poligon/openapi"
)

// newYear is the day that generated data is for.
var newYear = dawn.AddDate(0, 0, -14).Truncate(24 * 3600e9)

// Every good record of a generated bordereau is imported, and every wrong one gets the error that it was made for and no other.
func TestGeneratedBordereau(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load(openapi.Bordereau)
	if err != nil {
		t.Fatal(err)
	}
	faults, err := generate.ReadFaults(doc)
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, setup{scenarios: fstest.MapFS{"timetable.yaml": {Data: generate.Timetable()}}})
	for _, product := range []int{generate.Delay, generate.Travel} {
		for seed := range uint64(4) {
			t.Run(fmt.Sprintf("product %d seed %d", product, seed), func(t *testing.T) {
				t.Parallel()
				b := generate.Bordereau{Seed: seed, Date: newYear, Count: 1000, Product: product}
				for _, code := range faults.Codes() {
					b.Shares = append(b.Shares, generate.Share{Code: code, Part: 250})
				}
				risks, err := faults.Risks(b)
				if err != nil {
					t.Fatal(err)
				}
				body, err := generate.JSON(risks)
				if err != nil {
					t.Fatal(err)
				}
				s := p.frozen(t, "timetable")
				got := map[string]int{}
				for i, result := range s.results(t, s.importBody(t, string(body)), len(risks)) {
					want := risks[i].Fault
					if want == "" {
						want = "ok"
					}
					if result.codes() != want {
						text, _ := json.Marshal(risks[i])
						t.Errorf("record %d: %s, not %s: %s", i, result.codes(), want, text)
					}
					got[result.codes()]++
				}
				for _, share := range b.Shares {
					if got[share.Code] != 25 {
						t.Errorf("%d of 1000 records got %s, not 25", got[share.Code], share.Code)
					}
				}
			})
		}
	}
}

// The codes that nothing can be generated for are those of requests as a whole.
func TestGeneratedCodes(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load(openapi.Bordereau)
	if err != nil {
		t.Fatal(err)
	}
	faults, err := generate.ReadFaults(doc)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(faults.Codes()); n != 28 {
		t.Errorf("%d codes can be generated, not the 28 of a risk", n)
	}
}

// Every generated calculation is taken.
func TestGeneratedCalculation(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.frozen(t, "")
	for i := range 100 {
		for _, category := range generate.Categories() {
			a := generate.Application{Seed: uint64(i), Date: newYear, Drivers: i % 4, Unlimited: i%4 == 0, Category: category}
			c := a.Calculation(i)
			text, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			var taken struct {
				RequestID string `json:"request_id"`
			}
			s.do(t, call{method: http.MethodPost, path: "/osago/calculate", header: jsonType, body: text}).want(t, http.StatusOK).decode(t, &taken)
			if taken.RequestID != c.RequestID {
				t.Errorf("%s was taken as %s", c.RequestID, taken.RequestID)
			}
		}
	}
}
