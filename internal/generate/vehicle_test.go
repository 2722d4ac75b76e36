package generate

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/vehicles"
)

var vins = regexp.MustCompile(`^[A-HJ-NPR-Z0-9]{17}$`)

func TestVIN(t *testing.T) {
	t.Parallel()
	checked, free, chance := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(1985, 2039).Draw(t, "year")
		maker := rapid.SampledFrom([]string{"XTA", "Z94", "WVW", "1FA", "4JG", "5UX"}).Draw(t, "maker")
		v := newDraws(rapid.Uint64().Draw(t, "seed")).vin(maker, year)
		if !vins.MatchString(v) || v[:3] != maker {
			t.Fatalf("%s is no VIN of %s", v, maker)
		}
		if v[9] != vehicles.ModelYear(year) {
			t.Errorf("%s says another year than %d", v, year)
		}
		switch right := vehicles.CheckDigit(v) == v[8]; {
		case v[0] <= '5' && !right:
			t.Errorf("%s has a wrong check digit", v)
		case v[0] <= '5':
			checked++
		case right:
			chance++
		default:
			free++
		}
	})
	if checked == 0 || chance > free {
		t.Errorf("%d with a check digit, %d free, %d with one by chance", checked, free, chance)
	}
}

var plates = map[bool]*regexp.Regexp{
	false: regexp.MustCompile(`^[АВЕКМНОРСТУХ](\d{3})[АВЕКМНОРСТУХ]{2}(\d{2,3})$`),
	true:  regexp.MustCompile(`^(\d{4})[АВЕКМНОРСТУХ]{2}(\d{2})$`),
}

// Of every vehicle the plate is of its owner's region, and its years and papers agree.
func TestVehicle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDraws(rapid.Uint64().Draw(t, "seed"))
		home := rapid.SampledFrom(regions()).Draw(t, "region")
		on := day(rapid.IntRange(2020, 2060).Draw(t, "year"), time.March, 1)
		owner := d.adult(home, on, 18, 72)
		v := d.vehicle(rapid.SampledFrom(Categories()).Draw(t, "category"), owner)
		plate := plates[v.Category == "A"].FindStringSubmatch(v.CarNumber)
		if plate == nil || regexp.MustCompile(`^0+$`).MatchString(plate[1]) || !slices.Contains(home.plates, plate[2]) {
			t.Errorf("plate %s in region %s", v.CarNumber, home.code)
		}
		if v.VIN[9] != vehicles.ModelYear(v.Year) || v.Year > on.Year() || v.Year < on.Year()-oldest {
			t.Errorf("a vehicle of %d in %d has the VIN %s", v.Year, on.Year(), v.VIN)
		}
		registered, made := v.CarDocuments[0], v.CarDocuments[1]
		if registered.Date < made.Date || registered.Date > iso(on) || made.Date[:4] != padded(v.Year, 4) || registered.Date < iso(owner.born.AddDate(18, 0, 0)) {
			t.Errorf("made in %d, on %s, registered on %s to somebody born on %s", v.Year, made.Date, registered.Date, iso(owner.born))
		}
	})
}

// Every vehicle that is generated is in the partner's dictionary under the same ids.
func TestVehiclesAreInTheDictionary(t *testing.T) {
	t.Parallel()
	all, err := vehicles.Read()
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range models() {
		id := strconv.Itoa(101 + i)
		known := all.Model(id)
		if known == nil || known.Name != m.name || known.NameRu != m.ru || !known.Is(m.category) {
			t.Errorf("model %s is %+v, not %+v", id, known, m)
			continue
		}
		if b := known.Brand; b.ID != m.brand.ID || b.Name != m.brand.Name || b.NameRu != m.brand.NameRu {
			t.Errorf("%s is of brand %+v, not %+v", known, b, m.brand)
		}
		for year := m.from; year <= cmp.Or(m.to, 2026); year++ {
			for n, trim := range m.trims {
				if !slices.ContainsFunc(known.With(year, trim.power), func(one *vehicles.Modification) bool {
					return strconv.Itoa(one.ID) == id+strconv.Itoa(n+1) && one.Name() == fmt.Sprintf("%s (%d л.с.)", trim.name, trim.power)
				}) {
					t.Errorf("%s of %d has no %s of %d hp", known, year, trim.name, trim.power)
				}
			}
		}
	}
}
