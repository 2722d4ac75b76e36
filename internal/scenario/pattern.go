package scenario

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"poligon/internal/plate"
)

// Pattern is a condition on a text: the text itself, or one in which * stands for any characters, or several of these. A * of its
// own is written \*.
type Pattern struct {
	any  []glob
	fold bool // case does not count, nor which of two letters that look alike it is
}

// glob is a text cut at its stars: of one without stars there is a single piece.
type glob []string

// Pattern reads a text with stars, or a list of them. With fold, texts are compared as Fold has them. The pattern of a mistake matches nothing.
func (n Node) Pattern(fold bool) Pattern {
	items := []Node{n}
	if n.IsList() {
		if items = n.List(); len(items) == 0 {
			n.Mistake("name at least one value", "the list is empty")
		}
	}
	p := Pattern{fold: fold}
	for _, item := range items {
		if text := item.Text(); text != "" {
			p.any = append(p.any, globOf(text, fold))
		}
	}
	return p
}

// PatternOf is the pattern of one text with stars.
func PatternOf(text string, fold bool) Pattern {
	return Pattern{any: []glob{globOf(text, fold)}, fold: fold}
}

func globOf(text string, fold bool) glob {
	if fold {
		text = Fold(text)
	}
	var g glob
	var piece strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == '*':
			i++
			piece.WriteByte('*')
		case text[i] == '*':
			g = append(g, piece.String())
			piece.Reset()
		default:
			piece.WriteByte(text[i])
		}
	}
	return append(g, piece.String())
}

// Fold is a text as it is compared where case does not count, nor which of two letters that look alike it is.
func Fold(text string) string { return plate.Fold(text) }

// foldHash is a hash of a text as Fold has it, and of what it is the text of. It allocates nothing.
func foldHash(api, field, text string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h := uint64(offset)
	for _, part := range [...]string{api, field} {
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * prime
		}
		h = (h ^ 0xff) * prime
	}
	for _, r := range text {
		switch {
		case 'A' <= r && r <= 'Z':
			r += 'a' - 'A'
		case r >= utf8.RuneSelf:
			r = plate.Latin(unicode.ToLower(r))
		}
		h = (h ^ uint64(r)) * prime
	}
	return h
}

// Matches says whether a text keeps the pattern.
func (p Pattern) Matches(text string) bool {
	if p.fold {
		text = Fold(text)
	}
	return slices.ContainsFunc(p.any, func(g glob) bool { return g.matches(text) })
}

func (g glob) matches(text string) bool {
	last := len(g) - 1
	if last == 0 {
		return text == g[0]
	}
	text, ok := strings.CutPrefix(text, g[0])
	if !ok || len(text) < len(g[last]) || !strings.HasSuffix(text, g[last]) {
		return false
	}
	text = text[:len(text)-len(g[last])]
	for _, piece := range g[1:last] {
		at := strings.Index(text, piece)
		if at < 0 {
			return false
		}
		text = text[at+len(piece):]
	}
	return true
}

// Exact is the pattern's texts when none of them has a star; ok is false otherwise.
func (p Pattern) Exact() (texts []string, ok bool) {
	for _, g := range p.any {
		if len(g) != 1 {
			return nil, false
		}
		texts = append(texts, g[0])
	}
	return texts, true
}

// Overlaps says whether some text keeps both patterns.
func (p Pattern) Overlaps(q Pattern) bool {
	for _, a := range p.any {
		for _, b := range q.any {
			if overlap(a.runes(), b.runes()) {
				return true
			}
		}
	}
	return false
}

// Covers says whether every text that keeps the other pattern keeps this one; it may say no where the answer is yes.
func (p Pattern) Covers(q Pattern) bool {
	return !slices.ContainsFunc(q.any, func(b glob) bool {
		return !slices.ContainsFunc(p.any, func(a glob) bool {
			return a.matches(strings.Join(b, "\x00")) || slices.Equal(a, b) // a star of b is met by a star of a alone
		})
	})
}

const star = -1

// runes are the characters of the glob, with star for its stars.
func (g glob) runes() (list []rune) {
	for i, piece := range g {
		if i > 0 {
			list = append(list, star)
		}
		list = append(list, []rune(piece)...)
	}
	return list
}

// overlap says whether a text matches both: row[j] tells whether the rest of a and the rest of b from j on can be the same.
func overlap(a, b []rune) bool {
	row := make([]bool, len(b)+1)
	for i := len(a); i >= 0; i-- {
		below := slices.Clone(row)
		for j := len(b); j >= 0; j-- {
			switch {
			case i == len(a) && j == len(b):
				row[j] = true
			case i < len(a) && a[i] == star:
				row[j] = below[j] || j < len(b) && row[j+1]
			case j < len(b) && b[j] == star:
				row[j] = row[j+1] || i < len(a) && below[j]
			default:
				row[j] = i < len(a) && j < len(b) && a[i] == b[j] && below[j+1]
			}
		}
	}
	return row[0]
}
