package contract

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// patterns are those of the contracts, and others.
func patterns(t testing.TB) []string {
	t.Helper()
	list := []string{`^$`, `^a$`, `^a*b+c?$`, `^a*a$`, `^(a|b)c{2,3}$`, `^[^a]+$`, `a`, `^a`, `a$`, `^(ab)+$`, `^[а-я]+$`, `(?i)^a$`, `^a{0,2}b{2,}$`, `^x?y?x$`, `^(a|ab)(c|bcd)$`, `^[a-c]{2}(-[0-9]{1,3}|)$`, `^\d{2}\.\w$`, `(?m)^a$`, `^.{2}$`}
	for _, p := range pairs(t) {
		var walk func(s *schema, depth int)
		walk = func(s *schema, depth int) {
			if s == nil || depth > 5 {
				return
			}
			if s.Pattern != "" {
				list = append(list, s.Pattern)
			}
			walk(s.Items, depth+1)
			walk(s.Additional, depth+1)
			for _, one := range s.Properties {
				walk(one, depth+1)
			}
		}
		walk(p.ours, 0)
	}
	list = append(list, `^[A-Z0-9]{2}-[0-9]{1,4}$`)
	slices.Sort(list)
	return slices.Compact(list)
}

// TestPatternIsTheExpression matches texts, near to what each expression asks for, against it and what was compiled of it.
func TestPatternIsTheExpression(t *testing.T) {
	t.Parallel()
	shaped := 0
	for _, text := range patterns(t) {
		p, err := CompilePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		if p.shapes != nil {
			shaped++
		}
		t.Run(text, rapid.MakeCheck(func(t *rapid.T) {
			s := rapid.StringMatching(text).Draw(t, "text")
			for range rapid.IntRange(0, 3).Draw(t, "changes") {
				at := rapid.IntRange(0, len(s)).Draw(t, "at")
				with := rapid.SampledFrom([]string{"", "a", "b", "c", "x", "-", "0", "9", "Z", "f", "g", ":", " ", "\n", "я", "\xff", "+"}).Draw(t, "with")
				s = s[:at] + with + s[min(len(s), at+rapid.IntRange(0, 1).Draw(t, "out")):]
			}
			if got, want := p.MatchString(s), p.re.MatchString(s); got != want {
				t.Fatalf("%q: %t, want %t", s, got, want)
			}
		}))
	}
	if shaped < 12 {
		t.Errorf("%d expressions were compiled into shapes", shaped)
	}
}
