package osago

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"poligon/internal/dice"
)

// The tables of docs/prices.md have the values of the code.
func TestDocsHaveTheCoefficients(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/prices.md")
	if err != nil {
		t.Fatal(err)
	}
	d := dice.New(1)
	always := vehicleCoefficients(d, maker{}, application{Category: "B", Power: 60})
	bounds := func(c corridor, digits int32) string {
		return fmt.Sprintf("%s to %s", shift(c.least, digits), shift(c.most, digits))
	}
	var classes []string
	for _, k := range kbmClasses {
		classes = append(classes, hundredths(k).String())
	}
	rows := [][]string{
		{"`tb`", "base tariff in roubles, by insurer, category and seed", fmt.Sprintf("category B: %s, A: %s, others: %s; whole roubles",
			bounds(tariffs("B"), 0), bounds(tariffs("A"), 0), bounds(tariffs("C"), 0)), "inferred"},
		{"`kt`", "territory, by the first two digits of `owner.addresses[].region_kladr_code`, the first that is there", fmt.Sprintf("77 and none: %s (the sample's), 78: %s, others by seed: %s",
			territory(d, "77"), territory(d, "78"), bounds(regions(), -2)), "inferred"},
		{"`kbm`", "bonus-malus, by the driver's licence and seed", strings.Join(classes, ", ") + "; " + always.kbm.String() + " where nobody is named", "values general, whose inferred"},
		{"`kvs`", "age and experience", "the table below", "inferred"},
		{"`ks`", "season", always.ks.String() + ": the request names none", "inferred"},
		{"`kp`", "term", always.kp.String() + ": the request names none", "inferred"},
		{"`km`", "engine power of category B, `vehicle.engine_power`", stepWords(powerSteps, "hp"), "documented"},
		{"`km`", "of the other categories", hundredths(power("C", 200)).String(), "general"},
		{"`kn`", "violations", always.kn.String() + ": the request names none", "inferred"},
		{"`ko`", "limit on the number of drivers", fmt.Sprintf("%s; %s where anybody may drive", always.ko, hundredths(unlimited)), "sample"},
		{"`kpr`", "vehicle category", always.kpr.String() + ": `tb` knows the category", "inferred"},
		{fmt.Sprintf("to %d", grown-1), stepWords(youngest, "years")},
		{fmt.Sprintf("from %d on", grown), stepWords(others, "years")},
	}
	for _, row := range rows {
		if line := "| " + strings.Join(row, " | ") + " |\n"; !strings.Contains(string(page), line) {
			t.Errorf("docs/prices.md lacks the row\n%s", line)
		}
	}
}

func shift(n int, digits int32) string {
	if digits == 0 {
		return fmt.Sprint(n)
	}
	return hundredths(n).String()
}

// stepWords are steps as the page has them: "to 50 hp 0.6, to 70 hp 1, above 1.6".
func stepWords(steps []step, unit string) string {
	var words []string
	for _, s := range steps {
		if math.IsInf(s.most, 1) {
			words = append(words, "above "+hundredths(s.value).String())
			continue
		}
		words = append(words, fmt.Sprintf("to %v %s %s", s.most, unit, hundredths(s.value)))
	}
	return strings.Join(words, ", ")
}

// What is computed is within what the page says, and the price never falls with power.
func TestCoefficientsAreThoseOfTheDocs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed := dice.New(rapid.Uint64().Draw(t, "seed"))
		a := drawApplication(seed, [16]byte{}, start0)
		a.Category = rapid.SampledFrom([]string{"A", "B", "C", "D", "E"}).Draw(t, "category")
		a.Region = rapid.StringMatching("[0-9]{2}").Draw(t, "region")
		a.Power = rapid.Float64Range(0.1, 2000).Draw(t, "power")
		a.Unlimited = rapid.Bool().Draw(t, "unlimited")
		by := maker{insurer: rapid.String().Draw(t, "insurer")}
		c := rates(seed, by, a, start0)
		within := func(name string, k, least, most float64) {
			if k < least || k > most {
				t.Fatalf("%s %v, not %v to %v", name, k, least, most)
			}
		}
		tb := tariffs(a.Category)
		within("tb", c.tb.InexactFloat64(), float64(tb.least), float64(tb.most))
		within("kt", c.kt.InexactFloat64(), 0.64, 1.88)
		within("kbm", c.kbm.InexactFloat64(), 0.46, 1.17)
		within("kvs", c.kvs.InexactFloat64(), 0.83, 2.27)
		within("km", c.km.InexactFloat64(), 0.6, 1.6)
		stronger := a
		stronger.Power += rapid.Float64Range(0, 200).Draw(t, "more power")
		if more := price(seed, by, stronger, start0); more.LessThan(c.premium()) {
			t.Fatalf("%v hp cost %s, %v hp %s", a.Power, c.premium(), stronger.Power, more)
		}
	})
}
