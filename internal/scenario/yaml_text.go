package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

func trim(line []rune) string { return strings.Trim(string(line), " ") }

// start says what is wrong with the first character of a text without quotes; an empty problem is none.
func (p *parser) start() (problem, hint string) {
	const inQuotes = "put the text in quotes"
	c, next := p.peek(0), p.peek(1)
	switch c {
	case '&', '*':
		return "anchors and aliases are not supported", "write the value out; or " + inQuotes
	case '!':
		return "tags are not supported", "remove the tag; or " + inQuotes
	case '%', '@', '`', '|', '>', ',', '[', ']', '{', '}', '#':
		return fmt.Sprintf("a text without quotes cannot begin with %c", c), inQuotes
	case ':':
		return "a text without quotes cannot begin with a colon", inQuotes
	case '?', '-':
		if next == 0 || strings.ContainsRune(" ,[]{}", next) {
			return fmt.Sprintf("a text without quotes cannot begin with %c alone", c), inQuotes
		}
	case '<':
		if next == '<' && p.peek(2) == ':' {
			return "merge keys are not supported", "write the keys out; a scenario reads as it stands"
		}
	}
	return "", ""
}

// plain reads a text without quotes. It may go on over lines that are indented deeper than its parent.
func (p *parser) plain(parent int) *node {
	n := &node{kind: scalar, at: p.here(), plain: true}
	if problem, hint := p.start(); problem != "" {
		return p.fail(n.at, parent, hint, "%s", problem)
	}
	if colon := p.colonWithin(); colon >= 0 {
		return p.fail(place{p.row + 1, colon + 1}, parent, "put a text that holds a colon and a space in quotes", "a second colon on the line")
	}
	var text strings.Builder
	for {
		from, row := p.col, p.row
		for ; p.peek(0) != 0 && !(p.peek(0) == '#' && p.peek(-1) == ' '); p.col++ {
		}
		text.WriteString(trim(p.lines[row][from:p.col]))
		commented := p.peek(0) == '#'
		breaks := p.nextLine()
		if p.col <= parent || commented || p.peek(0) == '#' {
			p.settle()
			n.text = text.String()
			return n
		}
		if p.isDash() || p.colonWithin() >= 0 {
			return p.below(n, text.String(), parent)
		}
		text.WriteString(fold(breaks))
	}
}

// below notes that a key or a list item stands below a text that has no colon, or one without a space behind it.
func (p *parser) below(above *node, text string, parent int) *node {
	if strings.Contains(text, ":") {
		return p.fail(above.at, parent, "write key: value, with a space behind the colon", "expected a key, found %s", quote(text))
	}
	return p.fail(p.here(), parent, "let it begin in the column of the line that it belongs beside; or put the text in quotes",
		"nothing can stand below a value")
}

// colonWithin is the index of a colon at or behind the point that would end a key, or -1.
func (p *parser) colonWithin() int {
	line := p.lines[p.row]
	for i := p.col; i < len(line) && !(line[i] == '#' && line[i-1] == ' '); i++ {
		if endsKey(line, i) {
			return i
		}
	}
	return -1
}

// nextLine moves to the next line that is not empty, be it a comment, and counts the line breaks on the way. At the end of
// the document the column is -1.
func (p *parser) nextLine() (breaks int) {
	for p.row++; p.row < len(p.lines); p.row++ {
		breaks++
		if p.col = indentation(p.lines[p.row]); p.col < len(p.lines[p.row]) {
			return breaks
		}
	}
	p.col = -1
	return breaks
}

// fold is what line breaks within a text are read as: one is a space, and of more the first does not count.
func fold(breaks int) string {
	if breaks <= 1 {
		return " "
	}
	return strings.Repeat("\n", breaks-1)
}

func indentation(line []rune) int {
	n := 0
	for n < len(line) && line[n] == ' ' {
		n++
	}
	return n
}

// quoted reads a text in quotes. When ok is false a mistake was noted.
func (p *parser) quoted(parent int) (n *node, ok bool) {
	n = &node{kind: scalar, at: p.here()}
	mark, row := p.peek(0), p.row
	var text []rune
	keep := 0 // spaces up to here were written as escapes, or follow a line break
	for p.col++; ; {
		switch c := p.peek(0); {
		case c == 0:
			text = p.breakQuoted(text, keep, mark == '"')
			if keep = len(text); p.col <= parent {
				p.row = row
				p.mistake(n.at, fmt.Sprintf("close it with %c", mark), "the quote is not closed")
				return &node{at: n.at}, false
			}
		case c == mark && mark == '\'' && p.peek(1) == mark:
			text = append(text, mark)
			p.col += 2
		case c == mark:
			p.col++
			n.text = string(text)
			return n, true
		case c == '\\' && mark == '"' && p.peek(1) != 0:
			r, size := p.escape()
			if size == 0 {
				p.mistake(p.here(), `write \\ for a backslash, or put the text in single quotes`, fmt.Sprintf("unknown escape \\%c", p.peek(1)))
				return &node{at: n.at}, false
			}
			text = append(text, r)
			p.col += size
			keep = len(text)
		default:
			text = append(text, c)
			p.col++
		}
	}
}

// breakQuoted folds the line break at the point into a text in quotes. In double quotes a backslash before it takes it away.
func (p *parser) breakQuoted(text []rune, keep int, double bool) []rune {
	last := len(text) - 1
	escaped := double && last >= keep && text[last] == '\\'
	if escaped {
		text = text[:last]
	} else {
		for ; last >= keep && text[last] == ' '; last-- {
			text = text[:last]
		}
	}
	if breaks := p.nextLine(); !escaped || breaks > 1 {
		text = append(text, []rune(fold(breaks))...)
	}
	return text
}

// escapes are the characters that YAML writes as a backslash and one letter.
const escapes = "0\x00a\ab\bt\tn\nv\vf\fr\re\x1b  \"\"//\\\\N\u0085_\u00a0L\u2028P\u2029"

// escape is the character that the escape at the point stands for, and the escape's length; 0 when it is none.
func (p *parser) escape() (r rune, size int) {
	letter := p.peek(1)
	digits := 0
	switch letter {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	}
	if digits > 0 {
		hex := p.lines[p.row][p.col+2:]
		code, err := strconv.ParseUint(string(hex[:min(digits, len(hex))]), 16, 32)
		if err != nil || len(hex) < digits || !utf8.ValidRune(rune(code)) {
			return 0, 0
		}
		return rune(code), 2 + digits
	}
	table := []rune(escapes)
	for i := 0; i < len(table); i += 2 {
		if table[i] == letter {
			return table[i+1], 2
		}
	}
	return 0, 0
}

// blockText reads a text that stands below | (line by line) or > (lines joined).
func (p *parser) blockText(parent int) *node {
	n := &node{kind: scalar, at: p.here()}
	folded, chomp := p.peek(0) == '>', ' '
	if p.col++; p.peek(0) == '-' || p.peek(0) == '+' {
		chomp = p.peek(0)
		p.col++
	}
	if !blank(p.lines[p.row], p.col) {
		return p.fail(n.at, parent, "let the text begin on the next line, indented; or put it in quotes", "a text on the line of its mark")
	}
	indent := p.blockIndent()
	if indent <= parent {
		p.advance()
		return n
	}
	var lines [][]rune
	begun := false
	for p.row++; p.row < len(p.lines); p.row++ {
		line := p.lines[p.row]
		depth := indentation(line)
		if depth < len(line) && depth < indent {
			break
		}
		begun = begun || depth < len(line)
		if depth > indent && !begun {
			return p.fail(place{p.row + 1, indent + 1}, parent, "remove its spaces", "an empty line is indented deeper than the text below it")
		}
		lines = append(lines, line[min(indent, depth):])
	}
	n.text = joinLines(lines, folded, chomp)
	p.settle()
	return n
}

// blockIndent is the indentation of the first line with content below the point, -1 when there is none.
func (p *parser) blockIndent() int {
	for _, line := range p.lines[p.row+1:] {
		if depth := indentation(line); depth < len(line) {
			return depth
		}
	}
	return -1
}

// joinLines puts the lines of a block text together. Chomp says what becomes of the empty lines at its end.
func joinLines(lines [][]rune, folded bool, chomp rune) string {
	last := len(lines)
	for last > 0 && len(lines[last-1]) == 0 {
		last--
	}
	var b strings.Builder
	breaks, above := 0, true // above: the line above is empty, indented or none, and so is not joined with the next
	for i, line := range lines[:last] {
		if len(line) == 0 {
			breaks++
			continue
		}
		indented := line[0] == ' '
		switch {
		case i == 0 || i == breaks: // nothing but empty lines so far
			b.WriteString(strings.Repeat("\n", breaks))
		case folded && !above && !indented:
			b.WriteString(fold(breaks + 1))
		default:
			b.WriteString(strings.Repeat("\n", breaks+1))
		}
		b.WriteString(string(line))
		breaks, above = 0, indented
	}
	switch {
	case chomp == '+':
		b.WriteString(strings.Repeat("\n", len(lines)-last))
		if last > 0 {
			b.WriteString("\n")
		}
	case chomp == ' ' && last > 0:
		b.WriteString("\n")
	}
	return b.String()
}
