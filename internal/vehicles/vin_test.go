package vehicles

import (
	"testing"

	"pgregory.net/rapid"

	"poligon/internal/plate"
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

// Years whose characters anybody can look up.
func TestModelYear(t *testing.T) {
	t.Parallel()
	for year, want := range map[int]byte{1980: 'A', 2000: 'Y', 2001: '1', 2009: '9', 2010: 'A', 2018: 'J', 2022: 'N', 2023: 'P', 2024: 'R', 2026: 'T'} {
		if got := ModelYear(year); got != want {
			t.Errorf("%d is %c, not %c", year, got, want)
		}
	}
}

func TestParseVIN(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"WVWZZZ1JZDW123456": "WVWZZZ1JZDW123456", "wvwzzz1jzdw123456": "WVWZZZ1JZDW123456", " WVW ZZZ1JZDW 123456": "WVWZZZ1JZDW123456",
		"ХТА210990Y2765439": "XTA210990Y2765439", "хта210990у2765439": "XTA210990Y2765439",
	} {
		if got, err := ParseVIN(text); got != want || err != nil {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "WVWZZZ1JZDW12345", "WVWZZZ1JZDW1234567", "WVWZZZ1JZDW12345O", "WVWZZZ1JZDI123456", "WVWZZZ1JZDQ123456", "WVWZZZ1JZDЖ123456", "WVWZZZ1JZD?123456"} {
		if got, err := ParseVIN(text); err == nil {
			t.Errorf("%q is %q", text, got)
		}
	}
}

// TestVINTellsPlate: a plate can be read from the VIN that was made of it, whatever the model and the year.
func TestVINTellsPlate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, ok := plate.At(rapid.Uint64Max(plate.Count()-1).Draw(t, "index"))
		if !ok {
			return
		}
		vin := vinOf(rapid.SampledFrom([]string{"XTA", "XTA219", "WP1ZZZ", "JTEBU"}).Draw(t, "begin"), rapid.IntRange(1980, 2039).Draw(t, "year"), p)
		if got, err := ParseVIN(vin); got != vin || err != nil {
			t.Fatalf("%s is no VIN", vin)
		}
		if got, ok := plateOf(vin); got != p || !ok {
			t.Fatalf("%s tells %s, not %s", vin, got, p)
		}
		if CheckDigit(vin) != vin[8] {
			t.Fatalf("%s has a wrong check digit", vin)
		}
	})
}
