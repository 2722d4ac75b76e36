package scenario

import "fmt"

// The reader knows the part of YAML that stories are written in: mappings, lists, texts. What YAML has beyond that (anchors,
// aliases, tags, merge keys, directives, several documents) is a mistake. What is read means the same to every YAML library.

type kind int

const (
	broken kind = iota // a mistake was noted in its place
	null
	scalar
	mapping
	sequence
)

// node is a value of the document.
type node struct {
	kind    kind
	at      place
	text    string // of a scalar
	plain   bool   // a scalar without quotes
	torn    bool   // a mapping of which a line could not be read, so that nobody knows which keys it lacks
	entries []pair // of a mapping
	items   []*node
}

type pair struct{ key, value *node }

// parser reads a document in one pass. Its point is a line and an index in it; at the end of the document the row is
// len(lines) and the column -1. A method that meets a mistake notes it and goes on behind the broken value, so that one
// slip does not hide the next.
type parser struct {
	*file
	lines    [][]rune
	row, col int
	depth    int
}

// document reads everything; nil when there is nothing but comments.
func (p *parser) document() *node {
	p.settle()
	if p.col < 0 {
		return nil
	}
	n := p.node(-1)
	n.torn = !p.align(-1) || n.torn
	return n
}

// oneDocument takes the mark before the first document out and notes all further marks as mistakes.
func (p *parser) oneDocument() bool {
	begun := false
	for i, line := range p.lines {
		mark, at := string(line[:min(3, len(line))]), place{i + 1, 1}
		switch {
		case !begun && len(line) > 0 && line[0] == '%':
			p.mistake(at, "remove the line", "directives are not supported")
			continue
		case (mark != "---" && mark != "...") || len(line) > 3 && line[3] != ' ':
			begun = begun || !blank(line, 0)
			continue
		case mark == "---" && !begun && blank(line, 3):
			p.lines[i] = nil
		case mark == "---" && !begun:
			p.mistake(at, "let it begin on the next line", "the document begins on the line of its mark")
		case mark == "---":
			p.mistake(at, "put the second document into a file of its own", "a scenario file holds one document")
		default:
			p.mistake(at, "remove the line", "a scenario file holds one document and needs no mark at its end")
		}
		begun = true
	}
	return len(p.mistakes) == 0
}

// blank says whether a line has nothing but spaces and a comment from an index on.
func blank(line []rune, from int) bool {
	for i := from; i < len(line); i++ {
		if line[i] == '#' {
			return i == 0 || line[i-1] == ' '
		}
		if line[i] != ' ' {
			return false
		}
	}
	return true
}

// here is the point as a place.
func (p *parser) here() place { return place{p.row + 1, p.col + 1} }

// peek is the character at a distance from the point, 0 behind the end of the line.
func (p *parser) peek(distance int) rune {
	if p.row < len(p.lines) && p.col+distance < len(p.lines[p.row]) {
		return p.lines[p.row][p.col+distance]
	}
	return 0
}

// spaces moves the point over spaces; it says whether nothing but a comment is left of the line.
func (p *parser) spaces() (done bool) {
	for p.peek(0) == ' ' {
		p.col++
	}
	return blank(p.lines[p.row], p.col)
}

// settle moves the point to the first content from its row on. The column is then the content's indentation.
func (p *parser) settle() {
	for ; p.row < len(p.lines); p.row++ {
		p.col = 0
		if !p.spaces() {
			return
		}
	}
	p.col = -1
}

func (p *parser) advance() {
	p.row++
	p.settle()
}

// skip moves the point behind what belongs to a broken value: to the next line that is neither indented deeper than its parent
// nor begins with a closing bracket.
func (p *parser) skip(parent int) {
	for p.advance(); p.col > parent || p.col == parent && (p.peek(0) == '}' || p.peek(0) == ']'); {
		p.advance()
	}
}

// align notes what stands deeper than the siblings at an indentation and belongs to none of them.
func (p *parser) align(indent int) (aligned bool) {
	if p.col <= indent {
		return true
	}
	p.fail(p.here(), indent, "let it begin in the column of the line that it belongs beside", "the indentation fits nothing above")
	return false
}

// fail notes a mistake in a value and moves behind it.
func (p *parser) fail(at place, parent int, hint, format string, args ...any) *node {
	p.mistake(at, hint, fmt.Sprintf(format, args...))
	p.skip(parent)
	return &node{at: at}
}

// deeper counts one more level; too many are a mistake that ends the document.
func (p *parser) deeper() bool {
	if p.depth++; p.depth <= maxDepth {
		return true
	}
	p.mistake(p.here(), "write it flatter", fmt.Sprintf("nested deeper than %d levels", maxDepth))
	p.row, p.col = len(p.lines), -1
	return false
}

// node reads the value at the point, which may be a mapping or a list that begins here. Parent is the indentation of the
// collection around it.
func (p *parser) node(parent int) *node {
	defer func() { p.depth-- }()
	switch at := p.here(); {
	case !p.deeper():
		return &node{at: at}
	case p.isDash():
		return p.sequence(parent)
	case p.colon() >= 0:
		return p.mapping()
	}
	return p.value(parent)
}

// isDash says whether a list item begins at the point.
func (p *parser) isDash() bool {
	return p.peek(0) == '-' && (p.peek(1) == ' ' || p.peek(1) == 0)
}

// colon is the index of the colon behind the key that begins at the point, or -1 when none does.
func (p *parser) colon() int {
	line, i := p.lines[p.row], p.col
	switch line[i] {
	case '{', '[':
		return -1
	case '"', '\'':
		if i = closing(line, i); i < len(line) && endsKey(line, i) {
			return i
		}
		return -1
	}
	for ; i < len(line); i++ {
		if endsKey(line, i) {
			return i
		}
		if line[i] == '#' && i > 0 && line[i-1] == ' ' {
			return -1
		}
	}
	return -1
}

// closing is the index of the first character behind the quotes that open at an index, and behind the spaces after them.
func closing(line []rune, open int) int {
	quote, i := line[open], open+1
	for ; i < len(line); i++ {
		switch {
		case line[i] == '\\' && quote == '"', line[i] == quote && quote == '\'' && i+1 < len(line) && line[i+1] == quote:
			i++
		case line[i] == quote:
			return i + 1 + indentation(line[i+1:])
		}
	}
	return len(line)
}

func endsKey(line []rune, i int) bool {
	return line[i] == ':' && (i+1 == len(line) || line[i+1] == ' ')
}

// mapping reads the mapping whose first key is at the point.
func (p *parser) mapping() *node {
	m, indent := &node{kind: mapping, at: p.here()}, p.col
	for p.col == indent {
		if p.isDash() {
			p.fail(p.here(), indent, "write key: value; or indent the list below its key", "a list item among keys")
			for p.col == indent && p.isDash() { // one mistake for all of the list
				p.skip(indent)
			}
			m.torn = true
			continue
		}
		colon := p.colon()
		if colon < 0 {
			p.notAKey(indent)
			m.torn = true
			continue
		}
		key := p.key(colon, indent)
		if key.kind == broken {
			m.torn = true
			continue
		}
		m.entries = append(m.entries, pair{key, p.under(key, indent)})
		m.torn = !p.align(indent) || m.torn
	}
	return m
}

func (p *parser) notAKey(indent int) {
	hint := "write key: value; or indent the line if it goes on with the text above"
	for i, r := range p.lines[p.row] {
		if r == ':' && i > p.col {
			hint = "write key: value, with a space behind the colon"
		}
	}
	p.fail(p.here(), indent, hint, "expected a key, found %s", quote(string(p.lines[p.row][p.col:])))
}

// key reads the key up to its colon and moves the point behind that.
func (p *parser) key(colon, indent int) *node {
	at := p.here()
	if p.col == colon {
		return p.fail(at, indent, "write key: value", "there is no key before the colon")
	}
	if problem, hint := p.start(); problem != "" {
		return p.fail(at, indent, hint, "%s", problem)
	}
	n := &node{kind: scalar, at: at, plain: true}
	if r := p.peek(0); r == '"' || r == '\'' {
		var ok bool
		if n, ok = p.quoted(indent); !ok {
			p.skip(indent)
			return &node{at: at}
		}
	} else {
		n.text = trim(p.lines[p.row][p.col:colon])
	}
	p.col = colon + 1
	return n
}

// under reads what a key of a mapping has as its value.
func (p *parser) under(key *node, indent int) *node {
	if !p.spaces() {
		if p.isDash() {
			return p.fail(p.here(), indent, "begin the list on the next line", "a list item on the line of its key")
		}
		return p.value(indent)
	}
	if p.advance(); p.col > indent || p.col == indent && p.isDash() { // a list may stand in the column of its key
		return p.node(indent)
	}
	return &node{kind: null, at: key.at}
}

// sequence reads the list whose first dash is at the point. Parent is the indentation of the collection around it.
func (p *parser) sequence(parent int) *node {
	s, indent := &node{kind: sequence, at: p.here()}, p.col
	for p.col == indent {
		if !p.isDash() && p.col > parent {
			p.fail(p.here(), indent, "begin it with a dash, or with the column of the keys that it belongs beside",
				"expected a list item, found %s", quote(string(p.lines[p.row][p.col:])))
			continue
		} else if !p.isDash() {
			break
		}
		dash := p.here()
		p.col++
		if p.spaces() {
			p.advance()
		}
		item := &node{kind: null, at: dash}
		if p.col > indent {
			item = p.node(indent)
		}
		s.items = append(s.items, item)
		p.align(indent)
	}
	return s
}

// value reads a text, or a collection in brackets.
func (p *parser) value(parent int) *node {
	var (
		n  *node
		ok bool
	)
	switch p.peek(0) {
	case '{', '[':
		n, ok = p.flow(parent)
	case '"', '\'':
		n, ok = p.quoted(parent)
	case '|', '>':
		return p.blockText(parent)
	default:
		return p.plain(parent)
	}
	if !ok {
		p.skip(parent)
		return &node{at: n.at}
	}
	if p.spaces() {
		p.advance()
		return n
	}
	hint := "remove it, or put all of the value in quotes"
	switch open := p.lines[n.at.line-1][n.at.column-1]; {
	case p.peek(0) == ':':
		hint = "a key is a word or a text in quotes, with a space behind its colon"
	case open == '"':
		hint = `put all of the value in quotes; a " within double quotes is written \"`
	case open == '\'':
		hint = `put all of the value in quotes; a ' within single quotes is written ''`
	}
	return p.fail(p.here(), parent, hint, "expected the end of the line, found %s", quote(string(p.lines[p.row][p.col:])))
}
