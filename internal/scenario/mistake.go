package scenario

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Mistake is something wrong in a scenario file: where, what, and the cure.
type Mistake struct {
	File         string
	Line, Column int // from 1; 0 when the mistake belongs to the file as a whole
	Message      string
	Hint         string // may be empty
	Text         string // the line itself
	Finding
}

// Finding is what a check of a story that can be read adds to a mistake. The zero value is that of a mistake in the writing.
type Finding struct {
	Rule    string   // its name, as in never-final; empty for a mistake in the writing
	Warning bool     // the story can be played
	Steps   []string // a way to see it, one thing after the other; may be empty
}

// Format is the rule of mistakes in the writing.
const Format = "format"

// RuleName is the rule that the mistake breaks: its finding's, or Format.
func (m Mistake) RuleName() string { return cmp.Or(m.Rule, Format) }

// width is how much of a long line a mistake shows.
const width = 120

// Error is the mistake as a person reads it: file:line:column, the line with a caret under the place, and the hint.
func (m Mistake) Error() string {
	var b strings.Builder
	warning := ""
	if m.Warning {
		warning = "warning: "
	}
	if m.Line == 0 {
		fmt.Fprintf(&b, "%s: %s%s", m.File, warning, m.Message)
	} else {
		text, caret := excerpt([]rune(m.Text), m.Column)
		fmt.Fprintf(&b, "%s:%d:%d: %s%s", m.File, m.Line, m.Column, warning, m.Message)
		if m.Rule != "" {
			fmt.Fprintf(&b, " [%s]", m.Rule)
		}
		fmt.Fprintf(&b, "\n%5d | %s\n      | %s^", m.Line, text, caret)
	}
	for i, step := range m.Steps {
		fmt.Fprintf(&b, "\n  %2d. %s", i+1, step)
	}
	if m.Hint != "" {
		fmt.Fprintf(&b, "\n  hint: %s", m.Hint)
	}
	return b.String()
}

// excerpt is a line, of a long one the part around a column, and the white space that puts a caret under that column.
// What a terminal would obey is shown as a space.
func excerpt(line []rune, column int) (text, caret string) {
	from, to, before, after := 0, len(line), "", ""
	if len(line) > width {
		from = max(0, min(column-1-width/2, len(line)-width))
		to = from + width
		if from > 0 {
			before = "…"
		}
		if to < len(line) {
			after = "…"
		}
	}
	shown := make([]rune, to-from)
	for i, r := range line[from:to] {
		if shown[i] = r; unicode.IsControl(r) {
			shown[i] = ' '
		}
	}
	return before + string(shown) + after, strings.Repeat(" ", len([]rune(before))+max(0, column-1-from))
}

// Mistakes are all that is wrong, in the order of files and lines. As an error it is never empty.
type Mistakes []Mistake

func (ms Mistakes) Error() string {
	texts := make([]string, len(ms))
	for i, m := range ms {
		texts[i] = m.Error()
	}
	return strings.Join(texts, "\n")
}

// split parts the mistakes that keep a story from being played from the warnings.
func (ms Mistakes) split() (mistakes, warnings Mistakes) {
	for _, m := range ms {
		if m.Warning {
			warnings = append(warnings, m)
		} else {
			mistakes = append(mistakes, m)
		}
	}
	return mistakes, warnings
}

// err is the mistakes as an error, sorted; nil when there are none.
func (ms Mistakes) err() error {
	if len(ms) == 0 {
		return nil
	}
	ms.sort()
	return ms
}

func (ms Mistakes) sort() {
	slices.SortStableFunc(ms, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// Nearest is the choice that is most like word, or "" when none is near enough to have been meant. Case does not count.
func Nearest(word string, choices []string) string {
	best, limit := "", len([]rune(word))/3+2
	for _, c := range choices {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < limit {
			best, limit = c, d
		}
	}
	return best
}

// distance is the number of runes to insert, delete, replace or swap with the next to make b of a.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s) > 80 || len(t) > 80 { // nobody meant another word by that
		return math.MaxInt
	}
	var before, last []int
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(s); i++ {
		before, last, row = last, row, make([]int, len(t)+1)
		row[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(t)]
}

// didYouMean is the hint for a word that is none of the choices.
func didYouMean(word string, choices []string) string {
	for _, c := range choices {
		if Fold(word) == Fold(c) && !strings.EqualFold(word, c) {
			return "write " + c + " in Latin letters; some of these are Cyrillic"
		}
	}
	if near := Nearest(word, choices); near != "" {
		return "did you mean " + near + "?"
	}
	if within := endings(word, choices); len(within) > 0 {
		return "did you mean " + strings.Join(within, " or ") + "?"
	}
	if len(choices) == 0 {
		return "remove it"
	}
	const many, most = 40, 16
	if len(choices) > many {
		return fmt.Sprintf("known: %s and %d more", strings.Join(choices[:most], ", "), len(choices)-most)
	}
	return "known: " + strings.Join(choices, ", ")
}

// endings are the choices that end like a path: vehicle.car_number for car_number. None when they are too many to be meant.
func endings(word string, choices []string) (list []string) {
	const most = 4
	for _, c := range choices {
		if len(word) > 0 && strings.HasSuffix(c, "."+word) {
			list = append(list, c)
		}
	}
	if len(list) > most {
		return nil
	}
	return list
}
