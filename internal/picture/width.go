package picture

import (
	"strings"
	"unicode"
)

// width is how wide a line of text is at most, in pixels: no font is at hand to ask, so it is an estimate on the safe side
// of the sans-serif fonts in use, of which DejaVu Sans and Verdana are the widest. It is in whole numbers, so that it is the
// same on every machine.
func width(text string, size int, bold bool) int {
	sum := 0
	for _, r := range text {
		sum += advance(r)
	}
	if bold {
		sum = sum * 113 / 100
	}
	return (sum*size + 999) / 1000
}

// advance is the width of a rune in thousandths of the font's size.
func advance(r rune) int {
	switch {
	case strings.ContainsRune("iljI.,:;'|!()[]/ ", r):
		return 420
	case strings.ContainsRune("mwMW@%", r):
		return 1000
	case r == '_':
		return 510
	case strings.ContainsRune("DGHNOQU&", r):
		return 790
	case r < 0x80 && unicode.IsUpper(r):
		return 700
	case strings.ContainsRune("=+<>~#", r):
		return 850
	case r < 0x80:
		return 640
	case strings.ContainsRune("жшщмюфыдцъ", r):
		return 930
	case strings.ContainsRune("ЖШЩЮМФЫДЦЪ", r):
		return 1110
	case r < 0x530 && unicode.IsUpper(r):
		return 800
	case r < 0x530:
		return 690
	}
	return 1200
}

// wrap breaks text into lines no wider than limit: at spaces, after _ and -, and within a word that is too long by itself.
func wrap(text string, size, limit int, bold bool) (lines []string) {
	current := ""
	for _, word := range pieces(text) {
		if width(strings.TrimRight(current+word, " "), size, bold) <= limit {
			current += word
			continue
		}
		if current != "" {
			lines, current = append(lines, strings.TrimRight(current, " ")), ""
		}
		for _, r := range word {
			if current != "" && width(current+string(r), size, bold) > limit {
				lines, current = append(lines, strings.TrimRight(current, " ")), ""
			}
			current += string(r)
		}
	}
	if current = strings.TrimRight(current, " "); current != "" {
		lines = append(lines, current)
	}
	return lines
}

// pieces are the parts of text between which a line may end.
func pieces(text string) (list []string) {
	start := 0
	for i, r := range text {
		if r == ' ' || r == '_' || r == '-' {
			list, start = append(list, text[start:i+1]), i+1
		}
	}
	if start < len(text) {
		list = append(list, text[start:])
	}
	return list
}

// halves breaks text into two lines, the longer of which is as short as can be; text without a place to break stays one.
func halves(text string, size int, bold bool) []string {
	best, wide := []string{text}, width(text, size, bold)
	for i, list := 1, pieces(text); i < len(list); i++ {
		above, below := strings.TrimRight(strings.Join(list[:i], ""), " "), strings.Join(list[i:], "")
		if w := widestOf([]string{above, below}, size, bold); above != "" && w < wide {
			best, wide = []string{above, below}, w
		}
	}
	return best
}

func widestOf(lines []string, size int, bold bool) (wide int) {
	for _, l := range lines {
		wide = max(wide, width(l, size, bold))
	}
	return wide
}

// shorten cuts text to a width, with … for what is gone.
func shorten(text string, size, limit int, bold bool) string {
	if width(text, size, bold) <= limit {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && width(string(runes)+"…", size, bold) > limit {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ") + "…"
}
