package vehicles

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var update = flag.Bool("update", false, "add what is new to the golden list of ids")

func dictionary(t *testing.T) *Dictionary {
	t.Helper()
	d, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestIDsStay holds the dictionary to all ids that ever were in it: none may disappear or be given to anything else. What is new is added
// with -update, which takes nothing away.
func TestIDsStay(t *testing.T) {
	t.Parallel()
	const golden = "testdata/ids.golden"
	var now []string
	for _, b := range dictionary(t).Brands {
		now = append(now, "brand "+b.ID+" "+b.Name)
		for _, m := range b.Models {
			now = append(now, fmt.Sprintf("model %s of %s %s", m.ID, b.ID, m.Name))
			for _, one := range m.Modifications {
				now = append(now, fmt.Sprintf("modification %d of %s, %d hp, %s", one.ID, m.ID, one.Power, one.kind))
			}
		}
	}
	text, err := os.ReadFile(golden)
	if err != nil && !*update {
		t.Fatal(err)
	}
	before := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for _, line := range before {
		if line != "" && !slices.Contains(now, line) {
			t.Errorf("%s: it is gone, or its id is another thing's; put it back, and give what is new an id of its own", line)
		}
	}
	fresh := slices.DeleteFunc(slices.Clone(now), func(line string) bool { return slices.Contains(before, line) })
	if len(fresh) > 0 && !*update {
		t.Errorf("%d lines are new, the first is %q: add them with -update", len(fresh), fresh[0])
	}
	if *update && !t.Failed() && len(fresh) > 0 {
		if err := os.WriteFile(golden, []byte(strings.TrimPrefix(string(text)+strings.Join(fresh, "\n")+"\n", "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDictionary: it is large, and its names can be read in both scripts.
func TestDictionary(t *testing.T) {
	t.Parallel()
	d := dictionary(t)
	models, names, letters := 0, map[string]bool{}, map[bool]int{}
	for _, b := range d.Brands {
		if names[b.Name] || names[b.NameRu] {
			t.Errorf("there are two brands %s (%s)", b.Name, b.NameRu)
		}
		names[b.Name], names[b.NameRu] = true, true
		own := map[string]bool{}
		for _, m := range b.Models {
			models++
			if own[m.Name] || d.Model(m.ID) != m || m.Brand != b {
				t.Errorf("there are two models %s, or two of the id %s", m, m.ID)
			}
			own[m.Name] = true
			for _, r := range b.Name + m.Name {
				letters[unicode.Is(unicode.Cyrillic, r)]++
			}
			for _, r := range b.NameRu {
				if unicode.Is(unicode.Latin, r) {
					t.Errorf("%s has a Latin letter", b.NameRu)
				}
			}
			if power := m.Modifications[0].Power; (power == 0) != (m.Categories[0] == "E") {
				t.Errorf("%s of category %s has %d hp", m, m.Categories, power)
			}
		}
		if d.Brand(b.ID) != b {
			t.Errorf("brand %s is not found", b.ID)
		}
	}
	if len(d.Brands) < 150 || models < 600 || letters[true] > 0 {
		t.Errorf("%d brands with %d models, %d Cyrillic letters in Latin names", len(d.Brands), models, letters[true])
	}
	for _, category := range []string{"A", "B", "C", "D", "E"} {
		if n := len(d.Of(category)); n < 10 {
			t.Errorf("%d brands of category %s", n, category)
		}
	}
}

// TestTree: what one level names has something at the next, at both ends of the years and between them, and nothing beyond.
func TestTree(t *testing.T) {
	t.Parallel()
	for _, m := range dictionary(t).models {
		years := m.Years()
		if !slices.IsSorted(years) || len(years) == 0 {
			t.Errorf("the years of %s are %v", m, years)
		}
		seen := map[int]bool{}
		for year := years[0] - 1; year <= years[len(years)-1]+1; year++ {
			powers := m.Powers(year)
			if (len(powers) > 0) != slices.Contains(years, year) {
				t.Errorf("%s of %d has the powers %v", m, year, powers)
			}
			for _, power := range powers {
				names := map[string]bool{}
				for _, one := range m.With(year, power) {
					if names[one.Name()] {
						t.Errorf("%s of %d is %s twice", m, year, one.Name())
					}
					names[one.Name()], seen[one.ID] = true, true
				}
				if len(names) == 0 {
					t.Errorf("no modification of %s of %d has %d hp", m, year, power)
				}
			}
		}
		if len(seen) != len(m.Modifications) {
			t.Errorf("%d of %d modifications of %s are met", len(seen), len(m.Modifications), m)
		}
	}
}

func TestReadMistakes(t *testing.T) {
	t.Parallel()
	const brand, model, modification = "1 | LADA | Лада | XTA\n", "  101 | Granta | Гранта | B | XTA219\n", "    1011 | 2011-2026 | 87 | 1.6 MT\n"
	if d, err := read("# head\n\n" + brand + model + modification); err != nil || d.Model("101").With(2020, 87)[0].Name() != "1.6 MT (87 л.с.)" {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":                                   "there is no brand",
		brand:                                "has no model",
		brand + model:                        "has no modification",
		model:                                "belongs to no brand",
		modification:                         "belongs to no model",
		brand + "  x\n":                      "has 5 fields",
		" " + brand:                          "indented by 1",
		"\t" + brand:                         "not separated",
		brand + model + modification + brand: "taken",
		brand + model + modification + model: "taken",
		brand + model + modification + modification:                               "taken",
		strings.Replace(brand, "1", "01", 1):                                      "is no id",
		strings.Replace(brand, " | ", "|", 1):                                     "not separated",
		strings.Replace(brand, "XTA", "XTO", 1):                                   "does not begin a VIN",
		brand + strings.Replace(model, "XTA", "WVW", 1):                           "does not begin a VIN",
		brand + strings.Replace(model, "| B", "| F", 1):                           "no category",
		brand + strings.Replace(model, "| B", "| B,B", 1):                         "no category",
		brand + model + strings.Replace(modification, "1011", "1021", 1):          "one more digit",
		brand + model + strings.Replace(modification, "2011", "2027", 1):          "are no years",
		brand + model + strings.Replace(modification, "2011-2026", "2011", 1):     "no whole number",
		brand + model + strings.Replace(modification, "87", "8x", 1):              "no whole number",
		brand + model + strings.Replace(modification, "87", "-8", 1):              "no whole number",
		brand + model + strings.TrimSuffix(modification, "1.6 MT\n") + "\n":       "not separated",
		brand + "2 | Kia | Киа | Z94\n" + strings.Replace(model, "XTA", "Z94", 1): "has no model",
	} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, not %q", text, err, want)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		if _, err := Read(); err != nil {
			b.Fatal(err)
		}
	}
}
