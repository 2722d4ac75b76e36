package bordereau

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
)

// maxDigits bounds the length of a number, for exact arithmetic on millions of digits takes minutes.
const maxDigits = 100

// exactDigits is how long a number may be and still be compared as a double: two numbers of no more than 15 digits that differ
// have doubles that differ likewise.
const exactDigits = 15

// number is the value of a JSON number; false for anything else, and for a number too large for a double, such as 1e400.
func (v value) number() (float64, bool) {
	if v.kind != '0' || len(v.raw) > maxDigits {
		return 0, false
	}
	if n, ok := v.short(); ok {
		return n, true
	}
	n, err := strconv.ParseFloat(string(v.raw), 64)
	return n, err == nil && !math.IsInf(n, 0)
}

// short is the value of a whole number of few digits, as nearly all of an import are.
func (v value) short() (float64, bool) {
	if len(v.raw) > exactDigits {
		return 0, false
	}
	n := 0
	for _, b := range v.raw {
		if b-'0' > 9 {
			return 0, false
		}
		n = n*10 + int(b-'0')
	}
	return float64(n), true
}

// exact is a number without rounding. What is too small for a double is 0.
func (v value) exact() decimal.Decimal {
	n, ok := v.number()
	if !ok || n == 0 {
		return decimal.Zero
	}
	d, err := decimal.NewFromString(string(v.raw))
	if err != nil {
		return decimal.NewFromFloat(n)
	}
	return d
}

// exceeds says whether a number is more than another, without rounding. What is no number is 0.
func (v value) exceeds(other value) bool {
	a, ok := v.number()
	if !ok {
		a = 0
	}
	b, ok := other.number()
	if !ok {
		b = 0
	}
	if len(v.raw) <= exactDigits && len(other.raw) <= exactDigits {
		return a > b
	}
	return v.exact().GreaterThan(other.exact())
}

// compare says whether the number, whose double is n, is less than another (-1), equal to it (0) or more (1), without rounding.
// The other number has few digits: it is a limit of the contract.
func (v value) compare(n, other float64) int {
	if len(v.raw) > exactDigits {
		return v.exact().Cmp(decimal.NewFromFloat(other))
	}
	return cmp.Compare(n, other)
}

// is says whether a value is a number, and this one.
func (v value) is(other float64) bool {
	n, ok := v.number()
	return ok && v.compare(n, other) == 0
}

// filled says whether an amount counts as given: a real client sends 0 for what it never set (contract facts B4).
func (v value) filled() bool { return !v.absent() && !v.is(0) }

// keepsNumber says whether a value is a number within the contract's limits of the field.
func (c *check) keepsNumber(v value) bool {
	n, ok := v.number()
	if !ok {
		return false
	}
	if c.Minimum != nil {
		if order := v.compare(n, *c.Minimum); order < 0 || c.ExclusiveMin && order == 0 {
			return false
		}
	}
	if c.Maximum != nil && v.compare(n, *c.Maximum) > 0 {
		return false
	}
	return len(c.Enum) == 0 || slices.ContainsFunc(c.Enum, func(one float64) bool { return v.compare(n, one) == 0 })
}
