package verify

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// mostLetters is how much of a text is shown.
const mostLetters = 120

// short is a text cut to what is shown.
func short(text string) string {
	letters := []rune(text)
	if len(letters) <= mostLetters {
		return text
	}
	return fmt.Sprintf("%s… (%d letters)", string(letters[:mostLetters]), len(letters))
}

// quoted is a text in quotes, with what cannot be seen escaped; of a long text what is around letter at.
func quoted(text string, at int) string {
	letters := []rune(text)
	if len(letters) <= mostLetters {
		return strconv.Quote(text)
	}
	from := max(0, min(at-mostLetters/4, len(letters)-mostLetters/2))
	to := min(len(letters), from+mostLetters)
	part := strconv.Quote(string(letters[from:to]))
	if from > 0 {
		part = "…" + part
	}
	if to < len(letters) {
		part += "…"
	}
	return fmt.Sprintf("%s (%d letters)", part, len(letters))
}

// commonLetters is how many letters two texts begin with in common.
func commonLetters(a, b string) int {
	one, other := []rune(a), []rune(b)
	n := 0
	for n < len(one) && n < len(other) && one[n] == other[n] {
		n++
	}
	return n
}

// tellApart says what tells two texts apart that look alike; nothing for texts that do not.
func tellApart(want, got string) string {
	if skeleton(want) != skeleton(got) {
		if strings.EqualFold(want, got) {
			return "only the case of letters differs"
		}
		return ""
	}
	n := commonLetters(want, got)
	return fmt.Sprintf("they look alike: at letter %d expected %s, actual %s", n+1, letter(want, n), letter(got, n))
}

func letter(text string, n int) string {
	letters := []rune(text)
	if n >= len(letters) {
		return "the end"
	}
	r := letters[n]
	name := ""
	switch {
	case r == ' ':
		return "a space"
	case unicode.IsSpace(r):
		name = "white space "
	case !unicode.IsPrint(r):
		name = "something invisible "
	case unicode.Is(unicode.Cyrillic, r):
		name = "Cyrillic "
	case unicode.Is(unicode.Latin, r):
		name = "Latin "
	case unicode.Is(unicode.Mn, r):
		return fmt.Sprintf("a combining mark (U+%04X)", r)
	}
	return fmt.Sprintf("%s%s (U+%04X)", name, strconv.QuoteRune(r), r)
}

// skeleton is what a reader sees of a text: without space and marks, and of letters that look alike always the same one.
func skeleton(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) || unicode.Is(unicode.Mn, r) {
			return -1
		}
		if same, has := lookalikes[r]; has {
			return same
		}
		return r
	}, text)
}

// lookalikes are Cyrillic letters, and signs, as the Latin letter or sign that they look like.
var lookalikes = map[rune]rune{
	'А': 'A', 'В': 'B', 'Е': 'E', 'Ё': 'E', 'К': 'K', 'М': 'M', 'Н': 'H', 'О': 'O', 'Р': 'P', 'С': 'C', 'Т': 'T', 'У': 'Y', 'Х': 'X',
	'а': 'a', 'е': 'e', 'ё': 'e', 'о': 'o', 'р': 'p', 'с': 'c', 'у': 'y', 'х': 'x', 'і': 'i', 'І': 'I', 'ѕ': 's', 'ј': 'j',
	'й': 'и', 'Й': 'И', '0': 'O', 'З': '3', '–': '-', '—': '-', '−': '-', '‑': '-', '‐': '-', '’': '\'', '“': '"', '”': '"', '№': 'N',
}

func kindOf(kind jsontext.Kind) string {
	switch kind {
	case '"':
		return "a text"
	case '0':
		return "a number"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	case '[':
		return "an array"
	}
	return "an object"
}
