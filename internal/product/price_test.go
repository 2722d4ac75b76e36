package product_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"poligon/internal/generate"
)

// bill is a calculation as a client that checks prices reads it.
type bill struct {
	Offers []struct {
		ID    string `json:"offer_id"`
		Price *decimal.Decimal
	}
	Drivers []struct {
		Series, Number string
		Coefficients   map[string]decimal.Decimal
	}
}

func (s *play) bill(t *testing.T, id string) (b bill) {
	t.Helper()
	s.get(t, "/osago/calculate?request_id="+id).want(t, 200).decode(t, &b)
	return b
}

// policy are the coefficients of the policy by docs/prices.md: of the drivers' kbm and kvs the highest, the others are the same for all.
func (b bill) policy(t interface {
	Fatalf(format string, args ...any)
}) map[string]decimal.Decimal {
	policy := map[string]decimal.Decimal{}
	for i, d := range b.Drivers {
		if len(d.Coefficients) != 10 {
			t.Fatalf("driver %d has coefficients %v", i, d.Coefficients)
		}
		for name, value := range d.Coefficients {
			if before, ok := policy[name]; ok && name != "kbm" && name != "kvs" && !before.Equal(value) {
				t.Fatalf("%s of driver %d is %s, of the former %s", name, i, value, before)
			} else if !ok || value.GreaterThan(before) {
				policy[name] = value
			}
		}
	}
	return policy
}

// times is a product, exact.
func times(factors map[string]decimal.Decimal) decimal.Decimal {
	product := decimal.NewFromInt(1)
	for _, f := range factors {
		product = product.Mul(f)
	}
	return product
}

// billed reads how the explanation says that an offer's price comes about: "4131.32 = tb 6043 × kt 0.99 × …".
func billed(t *rapid.T, text string) (price decimal.Decimal, factors map[string]decimal.Decimal) {
	total, product, _ := strings.Cut(text, " = ")
	factors = map[string]decimal.Decimal{}
	for _, f := range strings.Split(product, " × ") {
		name, value, _ := strings.Cut(f, " ")
		factors[name] = number(t, value)
	}
	return number(t, total), factors
}

func number(t *rapid.T, text string) decimal.Decimal {
	n, err := decimal.NewFromString(text)
	if err != nil {
		t.Fatalf("%q is no number", text)
	}
	return n
}

// Whatever is asked, the price of the first offer is the product of the coefficients that the drivers show, rounded half up to kopecks;
// the others' differ in the base tariff alone, and the explanation says so.
func TestPriceIsTheProductOfTheCoefficients(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	var sessions []*play
	n := 0 // of the calculations
	for seed := 1; seed <= 3; seed++ {
		sessions = append(sessions, p.play(t, fmt.Sprintf(`{"scenario": "aggregator-three-offers", "seed": %d, "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}}`, seed)))
	}
	rapid.Check(t, func(rt *rapid.T) {
		a := generate.Application{Seed: rapid.Uint64Range(0, 1000).Draw(rt, "seed"), Date: newYear, Drivers: rapid.IntRange(1, 4).Draw(rt, "drivers"),
			Unlimited: rapid.Bool().Draw(rt, "unlimited"), Category: rapid.SampledFrom(generate.Categories()).Draw(rt, "category")}
		c := a.Calculation(rapid.IntRange(0, 1000).Draw(rt, "index"))
		n++
		c.RequestID = numbered(n)
		s := rapid.SampledFrom(sessions).Draw(rt, "session")
		s.post(t, asJSON(c)).want(t, 200)
		s.admin(t, "POST", "/clock/advance", `{"by": "9s"}`).want(t, 200)
		b, said := s.bill(t, c.RequestID), s.explain(t, c.RequestID)
		if len(b.Offers) != 3 || len(b.Drivers) != a.Drivers {
			rt.Fatalf("%+v", b)
		}
		policy := b.policy(rt)
		if got := times(policy).Round(2); !b.Offers[0].Price.Equal(got) {
			rt.Fatalf("the price is %s, the product of %v is %s", b.Offers[0].Price, policy, got)
		}
		for i, o := range b.Offers {
			price, factors := billed(rt, said.Offers[i].Price)
			if !price.Equal(*o.Price) || !price.Equal(times(factors).Round(2)) {
				rt.Fatalf("offer %d costs %s, explained as %s", i, o.Price, said.Offers[i].Price)
			}
			for name, f := range factors {
				if name != "tb" && !f.Equal(policy[name]) || len(factors) != 10 {
					rt.Fatalf("offer %d has %s %s, the drivers %s", i, name, f, policy[name])
				}
			}
		}
		ko := decimal.NewFromInt(1)
		if a.Unlimited {
			ko = decimal.RequireFromString("2.32")
		}
		if !policy["ko"].Equal(ko) || a.Category != "B" && !policy["km"].Equal(decimal.NewFromInt(1)) {
			rt.Fatalf("ko %s, km %s of a vehicle of category %s", policy["ko"], policy["km"], a.Category)
		}
	})
}

// The documented steps of km for a car, each with its border, are what the drivers show (contract facts A18); the price never falls
// with more power.
func TestPriceByPower(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "insurer-happy-path")
	former := decimal.Decimal{}
	for i, step := range []struct {
		hp float64
		km string
	}{{1, "0.6"}, {50, "0.6"}, {50.01, "1"}, {51, "1"}, {70, "1"}, {70.5, "1.1"}, {71, "1.1"}, {100, "1.1"}, {101, "1.2"}, {120, "1.2"}, {121, "1.4"},
		{150, "1.4"}, {150.1, "1.6"}, {151, "1.6"}, {1000, "1.6"}} {
		id := fmt.Sprintf("00000000-0000-4000-8000-%012d", i)
		s.post(t, strings.ReplaceAll(change("vehicle.engine_power", step.hp), ours, id)).want(t, 200)
		s.admin(t, "POST", "/clock/advance", `{"by": "5s"}`).want(t, 200)
		b := s.bill(t, id)
		if km := b.Drivers[0].Coefficients["km"]; !km.Equal(decimal.RequireFromString(step.km)) {
			t.Errorf("%v hp: km %s, want %s", step.hp, km, step.km)
		}
		if b.Offers[0].Price == nil || b.Offers[0].Price.LessThan(former) || !b.Offers[0].Price.Equal(times(b.policy(t)).Round(2)) {
			t.Fatalf("%v hp: price %s after %s, coefficients %v", step.hp, b.Offers[0].Price, former, b.policy(t))
		}
		former = *b.Offers[0].Price
	}
}

// The drivers show the coefficients of the first offer whose price follows from them. A price that the scenario states does not, nor
// does an offer count that shows none.
func TestWhoseCoefficientsDriversShow(t *testing.T) {
	t.Parallel()
	const story = `
title: Whose
story: Told for a test.
osago:
  partner: {code: 12, name: Агрегатор}
  offers:
    stated: {insurer: {code: 1, name: А}, price: 7072.50, steps: [PRE_CALC_READY]}
    refuses: {insurer: {code: 2, name: Б}, steps: [PRE_CALC_READY, {at: 5s, status: REJECTED}]}
    late: {insurer: {code: 3, name: В}, coefficients: {tb: 5000, kbm: 0.57}, steps: [PRE_CALC_IN_PROGRESS, {at: 9s, status: PRE_CALC_READY}]}
`
	s := start(t, setup{scenarios: fstest.MapFS{"whose.yaml": {Data: []byte(story)}}}).frozen(t, "whose")
	s.post(t, application(ours)).want(t, 200)
	product := func() (b bill, price string) {
		b = s.bill(t, ours)
		return b, times(b.policy(t)).Round(2).String()
	}
	b, at0 := product()
	if b.Offers[0].Price.String() != "7072.5" || b.Offers[1].Price.String() != at0 || b.Offers[2].Price != nil {
		t.Errorf("at first %+v, the product is %s", b.Offers, at0)
	}
	s.moveTo(t, 5*time.Second)
	if _, at5 := product(); at5 != at0 {
		t.Errorf("while no price follows from coefficients they multiply to %s, before to %s", at5, at0)
	}
	s.moveTo(t, 9*time.Second)
	if b, at9 := product(); b.Offers[2].Price == nil || b.Offers[2].Price.String() != at9 || !b.Drivers[0].Coefficients["tb"].Equal(decimal.NewFromInt(5000)) {
		t.Errorf("at last %+v, the product is %s", b, at9)
	}
	said := s.explain(t, ours).Offers
	if said[0].Price != "7072.5 as the scenario states" || said[1].Price != "" || !strings.Contains(said[2].Price, " = tb 5000 × kt 1.8 × kbm 0.57 × ") {
		t.Errorf("explained: %+v", said)
	}
}

// Where anybody may drive, whoever is named has the coefficients of anybody; nobody is made up.
func TestPriceWhereAnybodyMayDrive(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "insurer-happy-path")
	s.post(t, change("drivers_info.is_unlimited_drivers", true)).want(t, 200)
	s.moveTo(t, 5*time.Second)
	b := s.bill(t, ours)
	text, _ := json.Marshal(b.Drivers)
	if k := b.policy(t); len(b.Drivers) != 1 || b.Drivers[0].Number != "123456" || k["ko"].String() != "2.32" || k["kbm"].String() != "1.17" || k["kvs"].String() != "1" {
		t.Errorf("drivers %s", text)
	}
	if got := times(b.policy(t)).Round(2); !got.Equal(*b.Offers[0].Price) {
		t.Errorf("price %s, the product is %s", b.Offers[0].Price, got)
	}
}

// A chosen option is added to the premium, and the explanation tells them apart.
func TestPriceWithOptions(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "link-after-confirmation")
	s.post(t, application(ours)).want(t, 200)
	s.moveTo(t, 4*time.Second)
	b := s.bill(t, ours)
	s.confirm(t, b.Offers[0].ID, `, "upsales": [{"upsale_id": "1", "option_id": "1"}]`).want(t, 200)
	more := s.bill(t, ours)
	premium, price := times(more.policy(t)).Round(2), *more.Offers[0].Price
	if !premium.Equal(*b.Offers[0].Price) || !price.Equal(premium.Add(decimal.NewFromInt(500))) {
		t.Errorf("price %s before, %s after; the product is %s", b.Offers[0].Price, price, premium)
	}
	if said := s.explain(t, ours).Offers[0].Price; !strings.HasPrefix(said, price.String()+" = tb ") || !strings.HasSuffix(said, " + chosen options 500") {
		t.Errorf("explained: %s", said)
	}
}
