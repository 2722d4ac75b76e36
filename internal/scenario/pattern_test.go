package scenario_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"poligon/internal/scenario"
)

func TestPatternMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		fold, want    bool
	}{
		{"P-1", "P-1", false, true},
		{"P-1", "P-12", false, false},
		{"P-1", "p-1", false, false},
		{"P-1", "p-1", true, true},
		{"ОТК*", "отказов", true, true},
		{"ОТК*", "отказов", false, false},
		{"*", "", false, true},
		{"*", "anything\nat all", false, true},
		{"P-*", "P-", false, true},
		{"P-*", "P", false, false},
		{"*ов", "Отказов", false, true},
		{"*ов", "Отказова", false, false},
		{"a*a", "a", false, false}, // the ends do not share a character
		{"a*a", "aa", false, true},
		{"ab*ba", "aba", false, false},
		{"*a*b*", "ba", false, false},
		{"*a*b*", "xaxbx", false, true},
		{"*ab*ab*", "abab", false, true},
		{"*ab*ab*", "abxb", false, false},
		{"**", "x", false, true},
		{`12\*`, "12*", false, true},
		{`12\*`, "123", false, false},
		{`12\**`, "12*3", false, true},
		{`a\b`, `a\b`, false, true},
		{`a\\*`, `a\*`, false, true},
		{"Й", "И\u0306", false, false}, // characters are compared as they were written
		{"*я", "ия", false, true},
		{".*", "xx", false, false},
	} {
		if got := scenario.PatternOf(c.pattern, c.fold).Matches(c.text); got != c.want {
			t.Errorf("%q and %q (fold %t): %t", c.pattern, c.text, c.fold, got)
		}
	}
}

// readPattern reads a pattern from a file.
func readPattern(text string, fold bool) (p scenario.Pattern, err error) {
	err = scenario.ReadValue("v", []byte(text), func(n scenario.Node) { p = n.Pattern(fold) })
	return p, err
}

func TestReadPattern(t *testing.T) {
	t.Parallel()
	p, err := readPattern(`["P-1", "Q-*", 12]`, false)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"P-1": true, "Q-7": true, "12": true, "P-2": false, "": false} {
		if p.Matches(text) != want {
			t.Errorf("%q: %t", text, !want)
		}
	}
	if _, exact := p.Exact(); exact {
		t.Error("a pattern with a star is exact")
	}
	if p, err = readPattern(`["P-1", "a\\*"]`, true); err != nil {
		t.Fatal(err)
	}
	if texts, exact := p.Exact(); !exact || len(texts) != 2 || texts[0] != "p-1" || texts[1] != "a*" {
		t.Errorf("exact are %q", texts)
	}
	for text, want := range map[string]string{"[]": "the list is empty", `["x", ""]`: "the text is empty", "{a: x}": "expected a text, found a mapping", "[[x]]": "expected a text, found a list"} {
		if p, err := readPattern(text, false); err == nil || !strings.Contains(err.Error(), want) || p.Matches("") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestPatternsOverlapAndCover(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p, q             string
		overlap          bool
		covers, isCovers bool // p covers q, q covers p
	}{
		{"a", "a", true, true, true},
		{"a", "b", false, false, false},
		{"*", "b", true, true, false},
		{"*", "*", true, true, true},
		{"P-*", "P-1*", true, true, false},
		{"P-*", "*-1", true, false, false},
		{"a*", "b*", false, false, false},
		{"a*b", "b*a", false, false, false},
		{"*a*", "*b*", true, false, false},
		{"ab*", "*ba", true, false, false},
		{"a*a", "a", false, false, false},
		{"a*c*b", "a*b", true, false, true},
		{`a\*`, "a*", true, false, true},
	} {
		p, q := scenario.PatternOf(c.p, false), scenario.PatternOf(c.q, false)
		if p.Overlaps(q) != c.overlap || q.Overlaps(p) != c.overlap {
			t.Errorf("%q and %q overlap: %t, %t", c.p, c.q, p.Overlaps(q), q.Overlaps(p))
		}
		if p.Covers(q) != c.covers || q.Covers(p) != c.isCovers {
			t.Errorf("%q and %q cover: %t, %t", c.p, c.q, p.Covers(q), q.Covers(p))
		}
	}
}

// oracle is the regular expression of a text with stars.
func oracle(pattern string) string {
	const own = "\x00" // stands for a star of its own
	pieces := strings.Split(strings.ReplaceAll(pattern, `\*`, own), "*")
	for i, piece := range pieces {
		pieces[i] = strings.ReplaceAll(regexp.QuoteMeta(piece), own, `\*`)
	}
	return "(?s)^(?:" + strings.Join(pieces, ".*") + ")$"
}

var (
	drawPattern = rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "B", "я", "Я", "*", "*", `\*`, "."}), 1, 6).Draw(t, "pattern"), "")
	})
	drawText = rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "B", "я", "Я", "*", ".", "\n"}), 0, 8).Draw(t, "text"), "")
	})
)

// A pattern matches what its regular expression does, whether it stands alone or among others.
func TestPatternIsItsRegularExpression(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list, text, fold := rapid.SliceOfN(drawPattern, 1, 3).Draw(t, "patterns"), drawText.Draw(t, "text"), rapid.Bool().Draw(t, "fold")
		want := false
		for _, pattern := range list {
			given, against := pattern, text
			if fold {
				given, against = strings.ToLower(given), strings.ToLower(against)
			}
			alone := regexp.MustCompile(oracle(given)).MatchString(against)
			if scenario.PatternOf(pattern, fold).Matches(text) != alone {
				t.Fatalf("%q and %q (fold %t): not %t", pattern, text, fold, alone)
			}
			want = want || alone
		}
		p, err := readPattern(`["`+strings.ReplaceAll(strings.Join(list, `", "`), `\`, `\\`)+`"]`, fold)
		if err != nil || p.Matches(text) != want {
			t.Fatalf("%q and %q (fold %t): not %t, %v", list, text, fold, want, err)
		}
	})
}

// starred is a pattern of a text: some of its parts are stars.
func starred(t *rapid.T, text, label string) string {
	var b strings.Builder
	for _, r := range text {
		switch rapid.IntRange(0, 4).Draw(t, label) {
		case 0:
			b.WriteByte('*')
			continue
		case 1:
			b.WriteByte('*') // for nothing
		}
		if r == '*' {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String() + rapid.SampledFrom([]string{"", "", "*"}).Draw(t, label)
}

// Two patterns of one text overlap, whichever is asked.
func TestPatternsOfOneTextOverlap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, fold := rapid.StringN(1, 12, -1).Draw(t, "text"), rapid.Bool().Draw(t, "fold")
		text = strings.ReplaceAll(text, `\`, "/")
		a, b := starred(t, text, "a"), starred(t, text, "b")
		p, q := scenario.PatternOf(a, fold), scenario.PatternOf(b, fold)
		if !p.Matches(text) || !q.Matches(text) {
			t.Fatalf("%q or %q does not match %q", a, b, text)
		}
		if !p.Overlaps(q) || !q.Overlaps(p) {
			t.Fatalf("%q and %q do not overlap, and match %q", a, b, text)
		}
	})
}

// shortTexts are all texts of two letters up to a length: short patterns that overlap have one of them in common.
func shortTexts(length int) []string {
	list := []string{""}
	for from, size := 0, 1; length > 0; length-- {
		for _, text := range list[from : from+size] {
			list = append(list, text+"a", text+"b")
		}
		from, size = from+size, size*2
	}
	return list
}

// Overlaps is exact, and Covers never says yes wrongly: held to all short texts.
func TestOverlapsAndCoversAreTrue(t *testing.T) {
	t.Parallel()
	texts := shortTexts(8)
	draw := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "*"}), 1, 4).Draw(t, "pattern"), "")
	}), 1, 2)
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		p, err1 := readPattern(`["`+strings.Join(a, `", "`)+`"]`, false)
		q, err2 := readPattern(`["`+strings.Join(b, `", "`)+`"]`, false)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		common, beyond := "none", ""
		for _, text := range texts {
			switch inP, inQ := p.Matches(text), q.Matches(text); {
			case inP && inQ:
				common = text
			case inQ:
				beyond = text + "!"
			}
		}
		if got := p.Overlaps(q); got != (common != "none") || q.Overlaps(p) != got {
			t.Fatalf("%q and %q overlap: %t, in common: %s", a, b, got, common)
		}
		if p.Covers(q) && beyond != "" {
			t.Fatalf("%q does not cover %q: %s", a, b, beyond)
		}
		if !p.Covers(p) {
			t.Fatalf("%q does not cover itself", a)
		}
	})
}

func FuzzPattern(f *testing.F) {
	f.Add("P-*", "P-1", "*1")
	f.Add(`a\**b`, "a*b", "A*B")
	f.Add("*\xff*", "\xff", "\x00*")
	f.Fuzz(func(t *testing.T, a, text, b string) {
		p, q := scenario.PatternOf(a, false), scenario.PatternOf(b, false)
		if len(a)+len(b) > 200 {
			return
		}
		if p.Overlaps(q) != q.Overlaps(p) {
			t.Fatalf("%q and %q do not agree whether they overlap", a, b)
		}
		if p.Matches(text) && q.Matches(text) && !p.Overlaps(q) {
			t.Fatalf("%q and %q have %q in common and do not overlap", a, b, text)
		}
		if p.Covers(q) && q.Matches(text) && !p.Matches(text) && !strings.Contains(a+b, "\x00") {
			t.Fatalf("%q does not cover %q: %q", a, b, text)
		}
	})
}
