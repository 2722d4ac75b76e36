package scenario

import "strings"

// flow reads a mapping in braces or a list in brackets at the point. When ok is false a mistake was noted.
func (p *parser) flow(parent int) (n *node, ok bool) {
	defer func() { p.depth-- }()
	at := p.here()
	if !p.deeper() {
		return &node{at: at}, false
	}
	n, end := &node{kind: mapping, at: at}, '}'
	if p.peek(0) == '[' {
		n.kind, end = sequence, ']'
	}
	for p.col++; ; {
		if !p.flowSpace(parent, at, end) {
			return &node{at: at}, false
		}
		if p.peek(0) == end {
			p.col++
			return n, true
		}
		switch {
		case p.peek(0) == ',':
			p.mistake(p.here(), "remove it, or write the value before it", "a comma too many")
			ok = false
		case n.kind == mapping:
			ok = p.flowPair(n, parent)
		default:
			ok = p.flowItem(n, parent)
		}
		if !ok || !p.flowSpace(parent, at, end) || !p.flowNext(n, end) {
			return &node{at: at}, false
		}
	}
}

// flowNext moves over the comma between two values, which the last one need not have.
func (p *parser) flowNext(n *node, end rune) bool {
	switch c := p.peek(0); {
	case c == ',':
		p.col++
	case c == ':' && n.kind == mapping:
		p.mistake(p.here(), "put a text with a colon in quotes; or is a comma missing before the key?", "a second colon in one value")
		return false
	case c == ':':
		p.mistake(p.here(), "write {key: value}", "a key: value pair in a list needs braces")
		return false
	case c != end:
		p.mistake(p.here(), "put a comma between two values, and quotes around a text that holds , [ ] { or }",
			"expected a comma or "+string(end)+", found "+quote(string(p.lines[p.row][p.col:])))
		return false
	}
	return true
}

// flowSpace moves over spaces, comments and ends of lines. What goes on must be indented deeper than the parent; only the
// closing bracket may stand below it.
func (p *parser) flowSpace(parent int, open place, end rune) bool {
	row := p.row
	if p.spaces() {
		p.advance()
	}
	if p.row == row || p.col > parent || p.col == parent && p.peek(0) == end {
		return true
	}
	p.row = row
	p.mistake(open, "close it with "+string(end), "the bracket is not closed")
	return false
}

func (p *parser) flowItem(list *node, parent int) bool {
	item, ok := p.flowNode(parent)
	list.items = append(list.items, item)
	return ok
}

func (p *parser) flowPair(m *node, parent int) bool {
	at := p.here()
	if c := p.peek(0); c == '{' || c == '[' {
		p.mistake(at, "write key: value", "a key is a word or a text in quotes")
		return false
	}
	key, ok := p.flowNode(parent)
	if !ok {
		return false
	}
	for p.peek(0) == ' ' {
		p.col++
	}
	if p.peek(0) != ':' {
		hint := "write key: value; a text that holds a comma needs quotes"
		if strings.Contains(key.text, ":") {
			hint = "write key: value, with a space behind the colon"
		}
		p.mistake(at, hint, "expected key: value, found "+quote(key.text))
		return false
	}
	p.col++
	if !p.flowSpace(parent, m.at, '}') {
		return false
	}
	value := &node{kind: null, at: key.at}
	if c := p.peek(0); c != ',' && c != '}' {
		value, ok = p.flowNode(parent)
	}
	m.entries = append(m.entries, pair{key, value})
	return ok
}

// flowNode reads a value within brackets.
func (p *parser) flowNode(parent int) (*node, bool) {
	switch p.peek(0) {
	case '{', '[':
		return p.flow(parent)
	case '"', '\'':
		return p.quoted(parent)
	}
	n := &node{kind: scalar, at: p.here(), plain: true}
	if problem, hint := p.start(); problem != "" {
		p.mistake(n.at, hint, problem)
		return &node{at: n.at}, false
	}
	from := p.col
	for ; !p.endsFlowText(); p.col++ {
	}
	n.text = trim(p.lines[p.row][from:p.col])
	return n, true
}

// endsFlowText says whether a text without quotes, within brackets, ends before the point.
func (p *parser) endsFlowText() bool {
	switch c := p.peek(0); c {
	case 0, ',', '[', ']', '{', '}':
		return true
	case ':':
		return p.peek(1) == 0 || p.peek(1) == ' '
	case '#':
		return p.lines[p.row][p.col-1] == ' '
	}
	return false
}
