package generate

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/contract"
	"poligon/openapi"
)

// winter is a day that data is made for.
var winter = day(2026, time.December, 1)

type fataler interface {
	Helper()
	Fatal(args ...any)
}

func faults(t fataler) *Faults {
	t.Helper()
	doc, err := contract.Load(openapi.Bordereau)
	if err != nil {
		t.Fatal(err)
	}
	f, err := ReadFaults(doc)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func body(t fataler, f *Faults, b Bordereau) []byte {
	t.Helper()
	risks, err := f.Risks(b)
	if err != nil {
		t.Fatal(err)
	}
	text, err := JSON(risks)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The fields of a record are the contract's, all of them.
func TestFields(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load(openapi.Bordereau)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := doc.Schema("Risk")
	if err != nil {
		t.Fatal(err)
	}
	known, err := schema.Fields()
	if err != nil {
		t.Fatal(err)
	}
	if len(known) != len(Fields()) {
		t.Errorf("%d fields, the contract has %d", len(Fields()), len(known))
	}
	for _, name := range Fields() {
		if _, ok := known[name]; !ok {
			t.Errorf("the contract has no field %s", name)
		}
	}
}

// The same wish gives the same bytes, another seed others, and a longer list begins as the shorter.
func TestSeed(t *testing.T) {
	t.Parallel()
	f := faults(t)
	b := Bordereau{Seed: 7, Date: winter, Count: 50, Product: Delay, Shares: []Share{{"WRONG_RISK_OVERRIDE", 1000}, {"WRONG_INSURED_BIRTHDATE", 1000}}}
	if !bytes.Equal(body(t, f, b), body(t, f, b)) {
		t.Error("the same seed gives other bytes")
	}
	other := b
	other.Seed = 8
	if bytes.Equal(body(t, f, b), body(t, f, other)) {
		t.Error("another seed gives the same bytes")
	}
	b.Shares, other = nil, b
	other.Count, other.Shares = 500, nil
	short, long := strings.TrimSuffix(string(body(t, f, b)), "\n]}\n"), string(body(t, f, other))
	if !strings.HasPrefix(long, short) {
		t.Error("a longer bordereau begins with other records")
	}
	a := Application{Seed: 7, Date: winter, Drivers: 2, Category: "B"}
	again := a
	again.Seed = 8
	if one, two, three := asJSON(t, a.Calculation(3)), asJSON(t, a.Calculation(3)), asJSON(t, again.Calculation(3)); one != two || one == three {
		t.Error("the seed of a calculation does not decide it")
	}
}

func asJSON(t fataler, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Exactly so many records are wrong for each code as its share says, and a good record is what it was without the wrong ones.
func TestShares(t *testing.T) {
	t.Parallel()
	f := faults(t)
	rapid.Check(t, func(t *rapid.T) {
		codes := rapid.SliceOfNDistinct(rapid.SampledFrom(f.Codes()), 1, 5, rapid.ID[string]).Draw(t, "codes")
		b := Bordereau{Seed: rapid.Uint64().Draw(t, "seed"), Date: winter, Count: rapid.IntRange(1, 60).Draw(t, "count"), Product: rapid.IntRange(1, 2).Draw(t, "product")}
		plain, err := f.Risks(b)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{}
		for _, code := range codes {
			s := Share{code, rapid.IntRange(0, 1999).Draw(t, "share")}
			b.Shares = append(b.Shares, s)
			want[code] = (b.Count*s.Part*2 + 10_000) / 20_000
		}
		risks, err := f.Risks(b)
		if total := sum(want); total > b.Count {
			if !errors.As(err, new(Mistake)) {
				t.Fatalf("%d wrong of %d: %v", total, b.Count, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for i, r := range risks {
			if r.Fault != "" {
				got[r.Fault]++
			} else if asJSON(t, r) != asJSON(t, plain[i]) {
				t.Errorf("record %d is good and another than without wrong ones", i)
			}
		}
		for code, n := range want {
			if got[code] != n {
				t.Errorf("%d records are wrong for %s, not %d of %d", got[code], code, n, b.Count)
			}
		}
	})
}

func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	f := faults(t)
	for _, c := range []struct {
		what, cure string
		shares     []Share
	}{
		{`unknown error code "WRONG_INSURED_BIRTHDAY"`, "did you mean WRONG_INSURED_BIRTHDATE?", []Share{{"WRONG_INSURED_BIRTHDAY", 1}}},
		{"WRONG_REQUEST_SIGN is about a request as a whole, not about a record", "choose a code of a record, such as WRONG_RISK_FORMAT", []Share{{"WRONG_REQUEST_SIGN", 1}}},
		{"INTERNAL_ERROR is about a request as a whole, not about a record", "choose a code of a record, such as WRONG_RISK_FORMAT", []Share{{"INTERNAL_ERROR", 1}}},
		{"WRONG_POLICY_NUMBER has two shares", "give it one", []Share{{"WRONG_POLICY_NUMBER", 1}, {"WRONG_RISK_FORMAT", 1}, {"WRONG_POLICY_NUMBER", 2}}},
		{"the shares are more than all of the 10 records", "make them smaller: no record is wrong for two codes", []Share{{"WRONG_POLICY_NUMBER", 6000}, {"WRONG_RISK_FORMAT", 5000}}},
	} {
		_, err := f.Risks(Bordereau{Seed: 1, Date: winter, Count: 10, Product: Delay, Shares: c.shares})
		var m Mistake
		if !errors.As(err, &m) || m.What != c.what || m.Cure != c.cure {
			t.Errorf("%v: %v", c.shares, err)
		}
	}
}

// What a CSV says is what the JSON says, field by field.
func TestCSV(t *testing.T) {
	t.Parallel()
	f := faults(t)
	b := Bordereau{Seed: 7, Date: winter, Count: 200, Product: Travel, Shares: []Share{{"WRONG_INSURED_PHONE_NUMBER", 5000}}}
	risks, err := f.Risks(b)
	if err != nil {
		t.Fatal(err)
	}
	text, err := CSV(risks)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(text, []byte("\r\n")) != 201 {
		t.Error("the lines do not end as RFC 4180 has it")
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Risks []map[string]any }
	if err := json.Unmarshal(body(t, f, b), &list); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rows[0], Fields()) {
		t.Errorf("header %v", rows[0])
	}
	for i, row := range rows[1:] {
		for n, name := range Fields() {
			if got, want := row[n], cell(list.Risks[i][name]); got != want {
				t.Errorf("record %d: %s is %q, not %q", i, name, got, want)
			}
		}
	}
	risks[3].text = "no object"
	if _, err := CSV(risks); !errors.As(err, new(Mistake)) {
		t.Errorf("a record that is no object: %v", err)
	}
}

// Every calculation keeps the contract, and its people drive what they may.
func TestCalculation(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load(openapi.OSAGO)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := doc.Schema("CalculationRequest")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := Application{Seed: rapid.Uint64().Draw(t, "seed"), Date: winter.AddDate(0, 0, rapid.IntRange(-2500, 20000).Draw(t, "days")),
			Drivers: rapid.IntRange(0, 4).Draw(t, "drivers"), Unlimited: rapid.Bool().Draw(t, "unlimited"), Category: rapid.SampledFrom(Categories()).Draw(t, "category")}
		c := a.Calculation(rapid.IntRange(0, 1000).Draw(t, "index"))
		var value any
		if err := json.Unmarshal([]byte(asJSON(t, c)), &value); err != nil {
			t.Fatal(err)
		}
		if broken := schema.Violations(value); len(broken) > 0 {
			t.Errorf("it breaks the contract: %v", broken)
		}
		if c.Drivers.Unlimited != a.Unlimited || len(c.Drivers.Drivers) != a.Drivers || a.Drivers > 0 && asJSON(t, c.Drivers.Drivers[0]) != asJSON(t, c.Owner) {
			t.Errorf("%d drivers, not %d with the owner first", len(c.Drivers.Drivers), a.Drivers)
		}
		for _, driver := range c.Drivers.Drivers {
			last, where := driver.LastName, driver.Addresses[0].Address
			if where != c.Owner.Addresses[0].Address || !sameFamily(last, c.Owner.LastName) {
				t.Errorf("%s of %s drives with %s of %s", last, where, c.Owner.LastName, c.Owner.Addresses[0].Address)
			}
		}
		if start := c.PolicyStart[:10]; start < iso(a.Date) || start > iso(a.Date.AddDate(0, 0, 30)) {
			t.Errorf("the policy begins on %s, for %s", start, iso(a.Date))
		}
	})
}

// sameFamily says whether two surnames are one, in the form of a man or of a woman.
func sameFamily(a, b string) bool {
	return a == b || Surname(a, true) == b || Surname(b, true) == a
}

// Two wishes never share an id: the simulator would refuse the second as another body under one that is taken.
func TestRequestIDs(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for i, a := range []Application{{Drivers: 1, Category: "B"}, {Drivers: 2, Category: "B"}, {Drivers: 1, Category: "A"}, {Drivers: 1, Unlimited: true, Category: "B"}, {Drivers: 1, Category: "B", Seed: 1}} {
		a.Date = winter
		for nth := range 10 {
			id := a.Calculation(nth).RequestID
			if seen[id] {
				t.Errorf("wish %d, calculation %d: the id is taken", i, nth)
			}
			seen[id] = true
		}
	}
}
