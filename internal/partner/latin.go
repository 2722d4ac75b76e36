package partner

import (
	"strings"
	"unicode"
)

// latin is a text with its Russian letters in Latin ones, as in passports. A header holds no others safely: what a client makes of them
// differs.
func latin(text string) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteString(latinLetter(r))
	}
	return b.String()
}

func latinLetter(r rune) string {
	const alphabet = "a b v g d e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y ' e iu ia" // from а to я
	lower := unicode.ToLower(r)
	switch {
	case r <= unicode.MaxASCII:
		return string(r)
	case lower == 'ё':
		lower = 'е'
	case r == '«' || r == '»':
		return `"`
	case r == '—' || r == '–':
		return "-"
	case r == '×':
		return "x"
	case r == '№':
		return "No"
	}
	if lower < 'а' || lower > 'я' {
		return "?"
	}
	letters := strings.Fields(alphabet)[lower-'а']
	if lower == r {
		return letters
	}
	return strings.ToUpper(letters[:1]) + letters[1:]
}
