package bordereau

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"poligon/internal/contract"
)

func TestLimitsAreExact(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	for _, tt := range []struct {
		f    field
		text string
		want bool
	}{
		{firstCountPercent, "100", true},
		{firstCountPercent, "100.000000000000000000000", true},
		{firstCountPercent, "1e2", true},
		{firstCountPercent, "100.0000000000000000001", false},
		{firstCountPercent, "1000000000000000000001e-19", false},
		{firstCountPercent, "99.9999999999999999999", true},
		{firstCountPercent, "-0.0000000000000000001", false},
		{firstCountPercent, "-0.000000000000000000", true},
		{insuranceSum, "0.00000000000000000001", true},
		{insuranceSum, "0.00000000000000000000", false},
		{insuranceSum, "1e-400", false}, // too small for a double counts as 0
		{insuranceSum, "1e400", false},
		{paymentType, "1", true},
		{paymentType, "2.0", true},
		{paymentType, "1.00000000000000000001", false},
		{paymentType, "0.99999999999999999999", false},
		{productType, "2.00000000000000000001", false},
	} {
		if got := book.checks[tt.f].keeps(value{kind: '0', raw: []byte(tt.text)}); got != tt.want {
			t.Errorf("%s = %s: %t, want %t", fieldNames[tt.f], tt.text, got, tt.want)
		}
	}
	if r := parse(t, `{"productType": 2.00000000000000000001}`); r.isTravel() {
		t.Error("almost 2 is travel")
	}
}

// The verdict on any number, near the limits above all, is that of rational numbers.
func TestLimitsAreThoseOfRationalNumbers(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	near := []string{"0", "1", "2", "99.9", "100", "100.0", "12000"}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign") + rapid.SampledFrom(near).Draw(t, "near")
		if zeros := rapid.IntRange(0, 30).Draw(t, "zeros"); zeros > 0 {
			if !strings.Contains(text, ".") {
				text += "."
			}
			text += strings.Repeat(rapid.SampledFrom([]string{"0", "9"}).Draw(t, "digit"), zeros) + fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "last"))
		}
		text += rapid.SampledFrom([]string{"", "", "e0", "E+1", "e-2"}).Draw(t, "exponent")
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%s is no number", text)
		}
		for f := range book.checks {
			c := &book.checks[f]
			if c.Kind != contract.Number {
				continue
			}
			want := within(c, exact)
			if got := c.keeps(value{kind: '0', raw: []byte(text)}); got != want {
				t.Fatalf("%s = %s: %t, want %t", fieldNames[f], text, got, want)
			}
		}
	})
}

func within(c *check, n *big.Rat) bool {
	order := func(limit float64) int { return n.Cmp(new(big.Rat).SetFloat64(limit)) }
	if c.Minimum != nil && (order(*c.Minimum) < 0 || c.ExclusiveMin && order(*c.Minimum) == 0) || c.Maximum != nil && order(*c.Maximum) > 0 {
		return false
	}
	one := len(c.Enum) == 0
	for _, e := range c.Enum {
		one = one || order(e) == 0
	}
	return one
}

// A number exceeds another as their exact values do.
func TestExceedsIsExact(t *testing.T) {
	t.Parallel()
	texts := []string{"", "0", "-0", "1", "1.5", "12000", "12000.01", "1e-400", "1e400", "-1", "100000000000000.1", "100000000000000.2", "9007199254740993", "9007199254740992", "1e15", "true"}
	for _, a := range texts {
		for _, b := range texts {
			x, y := value{kindOf([]byte(a)), []byte(a)}, value{kindOf([]byte(b)), []byte(b)}
			if got, want := x.exceeds(y), x.exact().GreaterThan(y.exact()); got != want {
				t.Errorf("%s exceeds %s: %t, want %t", a, b, got, want)
			}
		}
	}
}
