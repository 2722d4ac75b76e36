package payout

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

var departure = time.Date(2018, 4, 9, 20, 0, 0, 0, time.FixedZone("", 3*3600))

func num(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// seed are the terms of both risks of seed 001.
func seed() Terms {
	sum := num("12000")
	return Terms{Sum: sum, NotifyAfter: num("2"), FirstAfter: num("2"), Every: num("1"),
		First: Amount(sum, num("10"), decimal.Zero), Next: Amount(sum, num("30"), decimal.Zero), AtOnce: true}
}

// told is a payout in a line: "1200@2 3600@3", with what cut an amount, and when the client is told.
func told(p Payout) string {
	var words []string
	for _, a := range p.Accruals {
		word := fmt.Sprintf("%s@%s", a.Amount, a.Hours)
		if a.Reason == Cancelled {
			word += " cancelled"
		}
		if a.CutBy != "" {
			word += " " + a.CutBy
		}
		words = append(words, word)
	}
	if p.Omitted > 0 {
		words = append(words, fmt.Sprintf("and %d more", p.Omitted))
	}
	words = append(words, "= "+p.Total.String())
	if p.NotifiedAt != nil {
		words = append(words, "told@"+p.NotifiedAt.Sub(departure).String())
	}
	return strings.Join(words, " ")
}

func TestOf(t *testing.T) {
	t.Parallel()
	with := func(change func(*Terms)) Terms {
		terms := seed()
		change(&terms)
		return terms
	}
	limited := with(func(t *Terms) { l := num("5000"); t.Limit = &l })
	fine := with(func(t *Terms) {
		t.Sum, t.First, t.Next = num("0.1"), Amount(num("0.1"), num("33.35"), num("0")), num("0.03")
	})
	for _, c := range []struct {
		name      string
		terms     Terms
		hours     string
		cancelled bool
		want      string
	}{
		{"in time", seed(), "0", false, "= 0"},
		{"a moment before", seed(), "1.999999", false, "= 0"},
		{"the seed's first", seed(), "2", false, "1200@2 = 1200 told@2h0m0s"},
		{"the seed's second", seed(), "3", false, "1200@2 3600@3 = 4800 told@2h0m0s"},
		{"the seed's third", seed(), "4.5", false, "1200@2 3600@3 3600@4 = 8400 told@2h0m0s"},
		{"the seed's last", seed(), "5", false, "1200@2 3600@3 3600@4 3600@5 = 12000 told@2h0m0s"},
		{"never more", seed(), "100", false, "1200@2 3600@3 3600@4 3600@5 = 12000 told@2h0m0s"},
		{"limit per flight", limited, "100", false, "1200@2 3600@3 200@4 limitSumPerFlight = 5000 told@2h0m0s"},
		{"limit above the sum", with(func(t *Terms) { l := num("50000"); t.Limit = &l }), "9", false, "1200@2 3600@3 3600@4 3600@5 = 12000 told@2h0m0s"},
		{"first above the sum", with(func(t *Terms) { t.First = num("13000") }), "9", false, "12000@2 insuranceSum = 12000 told@2h0m0s"},
		{"told later", with(func(t *Terms) { t.NotifyAfter = num("3.5") }), "3", false, "1200@2 3600@3 = 4800"},
		{"told before", with(func(t *Terms) { t.NotifyAfter = num("0.5") }), "1", false, "= 0 told@30m0s"},
		{"nothing first", with(func(t *Terms) { t.First = num("0") }), "3", false, "3600@3 = 3600 told@2h0m0s"},
		{"nothing next", with(func(t *Terms) { t.Next = num("0") }), "30", false, "1200@2 = 1200 told@2h0m0s"},
		{"halves of hours", with(func(t *Terms) { t.FirstAfter, t.Every = num("1.5"), num("0.25") }), "2", false, "1200@1.5 3600@1.75 3600@2 = 8400 told@2h0m0s"},
		{"kopecks", fine, "4", false, "0.03@2 0.03@3 0.03@4 = 0.09 told@2h0m0s"},
		{"the last kopeck", fine, "5", false, "0.03@2 0.03@3 0.03@4 0.01@5 insuranceSum = 0.1 told@2h0m0s"},
		{"cancelled without a sum", seed(), "0", true, "= 0 told@0s"},
		{"cancelled", with(func(t *Terms) { t.Cancel = num("5000") }), "0", true, "5000@0 cancelled = 5000 told@0s"},
		{"cancelled late", with(func(t *Terms) { t.Cancel = num("5000") }), "3", true, "1200@2 3600@3 5000@3 cancelled = 9800 told@2h0m0s"},
		{"cancelled later", with(func(t *Terms) { t.Cancel = num("5000") }), "4", true, "1200@2 3600@3 3600@4 3600@4 cancelled insuranceSum = 12000 told@2h0m0s"},
		{"cancelled in vain", with(func(t *Terms) { t.Cancel = num("5000") }), "9", true, "1200@2 3600@3 3600@4 3600@5 = 12000 told@2h0m0s"},
	} {
		if got := told(Of(c.terms, Flight{departure, num(c.hours), c.cancelled})); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Amounts are rounded half up to kopecks; a filled sum comes before a percentage.
func TestAmount(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]string{{"12000", "10", "0", "1200"}, {"0.1", "45", "0", "0.05"}, {"0.1", "44.9", "0", "0.04"}, {"100.01", "33.333", "0", "33.34"},
		{"12000", "10", "777.005", "777.01"}, {"12000", "0", "0", "0"}} {
		if got := Amount(num(c[0]), num(c[1]), num(c[2])); !got.Equal(num(c[3])) {
			t.Errorf("%v: %s", c, got)
		}
	}
}

// Where it is paid: after each accrual, or once the flight is gone.
func TestPaidAt(t *testing.T) {
	t.Parallel()
	for _, atOnce := range []bool{true, false} {
		terms := seed()
		terms.AtOnce = atOnce
		p := Of(terms, Flight{Departure: departure, Hours: num("3.5")})
		for i, want := range []time.Duration{2 * time.Hour, 3 * time.Hour} {
			if !atOnce {
				want = 3*time.Hour + 30*time.Minute
			}
			if got := p.Accruals[i].PaidAt.Sub(departure); got != want {
				t.Errorf("at once %v: accrual %d is paid after %s, want %s", atOnce, i, got, want)
			}
		}
	}
}

// What is not listed is counted all the same.
func TestMany(t *testing.T) {
	t.Parallel()
	terms := seed()
	terms.Sum, terms.First, terms.Next, terms.Every = num("1000"), num("0.5"), num("0.01"), num("0.0001")
	p := Of(terms, Flight{Departure: departure, Hours: num("5")})
	if len(p.Accruals) != MaxAccruals || p.Omitted != 30001-MaxAccruals || !p.Total.Equal(num("300.5")) {
		t.Error(len(p.Accruals), p.Omitted, p.Total)
	}
	terms.Sum = num("100.005")
	p = Of(terms, Flight{Departure: departure, Hours: num("5"), Cancelled: true})
	if p.Omitted != 9952-MaxAccruals || !p.Total.Equal(terms.Sum) {
		t.Error(p.Omitted, p.Total)
	}
	terms.Every = num("1e-300")
	if p = Of(terms, Flight{Departure: departure, Hours: num("5")}); !p.Total.Equal(terms.Sum) {
		t.Error(p.Total)
	}
}

// Laws of any policy: nothing above the limits, amounts add up, time only adds, and what was accrued stays.
func TestLaws(t *testing.T) {
	t.Parallel()
	amount := func(t *rapid.T, low, high int, name string) decimal.Decimal {
		return decimal.New(int64(rapid.IntRange(low, high).Draw(t, name)), -2)
	}
	rapid.Check(t, func(t *rapid.T) {
		terms := Terms{Sum: amount(t, 1, 2_000_000, "sum"), NotifyAfter: amount(t, 1, 900, "notify"), FirstAfter: amount(t, 1, 900, "first"),
			Every: amount(t, 1, 500, "every"), First: amount(t, 0, 900_000, "first amount"), Next: amount(t, 0, 900_000, "next amount"),
			Cancel: amount(t, 0, 900_000, "cancel"), AtOnce: rapid.Bool().Draw(t, "at once")}
		if rapid.Bool().Draw(t, "limited") {
			limit := amount(t, 1, 3_000_000, "limit")
			terms.Limit = &limit
		}
		hours := amount(t, 0, 3000, "hours")
		p := Of(terms, Flight{departure, hours, rapid.Bool().Draw(t, "cancelled")})
		most, _ := terms.most()
		total := decimal.Zero
		for i, a := range p.Accruals {
			if total = total.Add(a.Amount); a.Reason == Cancelled && p.Omitted > 0 { // behind those that are not listed
				if a.Total.LessThan(total) {
					t.Fatalf("accrual %d is %+v", i, a)
				}
				total = a.Total
			}
			if !a.Amount.IsPositive() || !a.Total.Equal(total) || a.Hours.GreaterThan(hours) || i > 0 && a.At.Before(p.Accruals[i-1].At) {
				t.Fatalf("accrual %d is %+v, the total %s", i, a, total)
			}
			if !terms.AtOnce && !a.PaidAt.Equal(after(departure, hours)) {
				t.Fatalf("accrual %d is paid at %s", i, a.PaidAt)
			}
		}
		if p.Omitted == 0 && !p.Total.Equal(total) || p.Total.GreaterThan(most) {
			t.Fatalf("total %s of %s, at most %s", p.Total, total, most)
		}
		delayed, later := Of(terms, Flight{departure, hours, false}), Of(terms, Flight{departure, hours.Add(amount(t, 0, 500, "more")), false})
		if delayed.Total.GreaterThan(later.Total) || (delayed.NotifiedAt == nil) != hours.LessThan(terms.NotifyAfter) {
			t.Fatalf("%s after %s hours, then %s", delayed.Total, hours, later.Total)
		}
		for i, a := range delayed.Accruals {
			if b := later.Accruals[i]; !a.Amount.Equal(b.Amount) || !a.At.Equal(b.At) {
				t.Fatalf("accrual %d became another: %v, %v", i, a, b)
			}
		}
	})
}
