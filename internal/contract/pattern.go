package contract

import (
	"regexp"
	"regexp/syntax"
)

// Pattern is a regular expression of a contract. Those of contracts are simple: characters, and how many of each. They are compiled
// into that, and matched without the machinery of expressions; any other is left to it.
type Pattern struct {
	re     *regexp.Regexp
	shapes []shape // of which a text has one; nil for an expression that has none
}

// shape is a row of characters, each so many times, from the beginning of a text to its end.
type shape []run

// run is at least so many bytes of a set, and at most.
type run struct {
	set         [4]uint64
	least, most int // most is -1 where there is no end
}

func (r *run) has(b byte) bool { return r.set[b>>6]>>(b&63)&1 != 0 }

// CompilePattern compiles an expression.
func CompilePattern(text string) (*Pattern, error) {
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	p := &Pattern{re: re}
	if parsed, err := syntax.Parse(text, syntax.Perl); err == nil {
		p.shapes = shapesOf(parsed)
	}
	return p, nil
}

// mustCompile compiles an expression of a contract, of which a test knows that it compiles.
func mustCompile(text string) *Pattern {
	p, err := CompilePattern(text)
	if err != nil {
		panic(err)
	}
	return p
}

// String is the expression.
func (p *Pattern) String() string { return p.re.String() }

// MatchString says whether a text matches the expression.
func (p *Pattern) MatchString(s string) bool {
	if p.shapes == nil {
		return p.re.MatchString(s)
	}
	for i := range p.shapes {
		if p.shapes[i].fits(s) {
			return true
		}
	}
	return false
}

// fits says whether a text has the shape. No run can take what the next one needs, so each takes all that it can.
func (rows shape) fits(s string) bool {
	at := 0
	for i := range rows {
		r, n := &rows[i], 0
		for at < len(s) && n != r.most && r.has(s[at]) {
			at++
			n++
		}
		if n < r.least {
			return false
		}
	}
	return at == len(s)
}

// mostShapes is how many shapes an expression may have, each of them a way through its alternatives.
const mostShapes = 16

// shapesOf are the shapes of an expression; nil when it has others.
func shapesOf(re *syntax.Regexp) []shape {
	if re.Op != syntax.OpConcat || len(re.Sub) < 2 || re.Sub[0].Op != syntax.OpBeginText || re.Sub[len(re.Sub)-1].Op != syntax.OpEndText {
		return nil
	}
	shapes, ok := rowsOf(&syntax.Regexp{Op: syntax.OpConcat, Sub: re.Sub[1 : len(re.Sub)-1]})
	if !ok {
		return nil
	}
	for _, s := range shapes {
		if !s.isPlain() {
			return nil
		}
	}
	return shapes
}

// isPlain says whether each run ends where the next one begins, whatever the text.
func (rows shape) isPlain() bool {
	for i := range rows {
		if rows[i].least == rows[i].most {
			continue
		}
		for _, next := range rows[i+1:] {
			for j := range next.set {
				if rows[i].set[j]&next.set[j] != 0 {
					return false
				}
			}
			if next.least > 0 {
				break
			}
		}
	}
	return true
}

// rowsOf are the rows of a part of an expression.
func rowsOf(re *syntax.Regexp) ([]shape, bool) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return []shape{{}}, true
	case syntax.OpCapture:
		return rowsOf(re.Sub[0])
	case syntax.OpLiteral, syntax.OpCharClass:
		return single(re)
	case syntax.OpConcat:
		all := []shape{{}}
		for _, part := range re.Sub {
			rows, ok := rowsOf(part)
			if !ok || len(all)*len(rows) > mostShapes {
				return nil, false
			}
			all = joined(all, rows)
		}
		return all, true
	case syntax.OpAlternate:
		var all []shape
		for _, part := range re.Sub {
			rows, ok := rowsOf(part)
			if !ok || len(all)+len(rows) > mostShapes {
				return nil, false
			}
			all = append(all, rows...)
		}
		return all, true
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return repeated(re)
	}
	return nil, false
}

// joined are all rows of one list with all of another behind them.
func joined(first, then []shape) (all []shape) {
	for _, a := range first {
		for _, b := range then {
			all = append(all, append(a[:len(a):len(a)], b...))
		}
	}
	return all
}

// single are the runs of characters that stand once: of ASCII alone, for a run counts bytes.
func single(re *syntax.Regexp) ([]shape, bool) {
	if re.Flags&syntax.FoldCase != 0 {
		return nil, false
	}
	var rows shape
	if re.Op == syntax.OpLiteral {
		for _, r := range re.Rune {
			if r >= 0x80 {
				return nil, false
			}
			one := run{least: 1, most: 1}
			one.set[r>>6] |= 1 << (r & 63)
			rows = append(rows, one)
		}
		return []shape{rows}, true
	}
	one := run{least: 1, most: 1}
	for i := 0; i+1 < len(re.Rune); i += 2 {
		if re.Rune[i+1] >= 0x80 {
			return nil, false
		}
		for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
			one.set[r>>6] |= 1 << (r & 63)
		}
	}
	return []shape{{one}}, true
}

// repeated is a run of a character that stands more than once, or may be absent.
func repeated(re *syntax.Regexp) ([]shape, bool) {
	rows, ok := rowsOf(re.Sub[0])
	if !ok || len(rows) != 1 || len(rows[0]) != 1 || rows[0][0].least != 1 || rows[0][0].most != 1 {
		return nil, false
	}
	one := &rows[0][0]
	switch re.Op {
	case syntax.OpStar:
		one.least, one.most = 0, -1
	case syntax.OpPlus:
		one.most = -1
	case syntax.OpQuest:
		one.least = 0
	default:
		one.least, one.most = re.Min, re.Max
	}
	return rows, true
}
