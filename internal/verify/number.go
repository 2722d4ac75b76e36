package verify

import (
	"strconv"
	"strings"
)

// sameNumber compares numbers of JSON by value, exactly: 12000 is 12000.0 and 1.2e4.
func sameNumber(a, b string) bool { return a == b || canonical(a) == canonical(b) }

// canonical is a number's digits without zeros at either end, and their exponent. A number whose exponent is out of all
// reason stays as it is written.
func canonical(s string) string {
	rest, minus := strings.CutPrefix(s, "-")
	mantissa, exponent, has := strings.Cut(strings.ToLower(rest), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0"
	}
	var e int64
	if has {
		var err error
		const most = 1 << 60
		if e, err = strconv.ParseInt(exponent, 10, 64); err != nil || e > most || e < -most {
			return s
		}
	}
	short := strings.TrimRight(digits, "0")
	e += int64(len(digits)-len(short)) - int64(len(fraction))
	if minus {
		short = "-" + short
	}
	return short + "e" + strconv.FormatInt(e, 10)
}
