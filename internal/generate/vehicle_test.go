package generate

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The weights add up to 89 = 8*11 + 1, so seventeen ones have the check digit 1; 1M8GDM9A… is the usual published example.
func TestCheckDigit(t *testing.T) {
	t.Parallel()
	for vin, want := range map[string]byte{
		"11111111111111111": '1',
		// 1*8 M4*7 8*6 G7*5 D4*4 M4*3 9*2 A1*10 _ K2*9 P7*8 0 4*6 2*5 7*4 8*3 8*2 = 351 = 31*11 + 10
		"1M8GDM9AXKP042788": 'X',
		// 5*8 G7*7 Z9*6 C3*5 Z9*4 4*3 3*2 D4*10 _ S2*9 8*8 1*7 2*6 7*5 1*4 5*3 1*2 = 409 = 37*11 + 2
		"5GZCZ43D?S8127151": '2',
	} {
		if got := CheckDigit(vin); got != want {
			t.Errorf("%s: %c, not %c", vin, got, want)
		}
	}
}

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
		if i := slices.Index([]byte(modelYears), v[9]); (year-1980)%30 != i {
			t.Errorf("%s says another year than %d", v, year)
		}
		switch right := CheckDigit(v) == v[8]; {
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

// Years whose characters anybody can look up.
func TestModelYear(t *testing.T) {
	t.Parallel()
	for year, want := range map[int]byte{1980: 'A', 2000: 'Y', 2001: '1', 2009: '9', 2010: 'A', 2018: 'J', 2022: 'N', 2023: 'P', 2024: 'R', 2026: 'T'} {
		if got := modelYear(year); got != want {
			t.Errorf("%d is %c, not %c", year, got, want)
		}
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
		if v.VIN[9] != modelYear(v.Year) || v.Year > on.Year() || v.Year < on.Year()-oldest {
			t.Errorf("a vehicle of %d in %d has the VIN %s", v.Year, on.Year(), v.VIN)
		}
		registered, made := v.CarDocuments[0], v.CarDocuments[1]
		if registered.Date < made.Date || registered.Date > iso(on) || made.Date[:4] != padded(v.Year, 4) || registered.Date < iso(owner.born.AddDate(18, 0, 0)) {
			t.Errorf("made in %d, on %s, registered on %s to somebody born on %s", v.Year, made.Date, registered.Date, iso(owner.born))
		}
	})
}
