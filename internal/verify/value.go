package verify

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// value is a value of JSON, or as much of it as the journal kept.
type value struct {
	kind    jsontext.Kind // 'n', 't', 'f', '"', '0', '[' or '{'; 0 for a value that was not read
	text    string        // a text's letters, a number as written
	items   []value
	members map[string]value // of equal names, the last
	open    bool             // cut: there may be more items or members
	partial bool             // something in it was not read
}

// maxDepth is how deep values are read. What is deeper is not known.
const maxDepth = 200

var errNotJSON = errors.New("not JSON")

type parser struct {
	dec *jsontext.Decoder
	all int64 // bytes
	cut bool  // the body went on
	end bool  // where it was cut has been reached
}

// parse reads a body, of which the rest is missing if cut.
func parse(body []byte, cut bool) (value, error) {
	p := parser{all: int64(len(body)), cut: cut}
	p.dec = jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	v, err := p.value(0)
	if err != nil {
		return value{}, errNotJSON
	}
	if _, err = p.dec.ReadToken(); !p.end && !errors.Is(err, io.EOF) {
		return value{}, errNotJSON
	}
	return v, nil
}

// failed turns the end of a cut body into a value that is not known.
func (p *parser) failed(err error) (value, error) {
	if p.cut && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
		p.end = true
		return value{partial: true}, nil
	}
	return value{}, err
}

func (p *parser) value(depth int) (value, error) {
	if depth > maxDepth {
		if err := p.dec.SkipValue(); err != nil {
			return p.failed(err)
		}
		return value{partial: true}, nil
	}
	tok, err := p.dec.ReadToken()
	if err != nil {
		return p.failed(err)
	}
	v := value{kind: tok.Kind()}
	switch v.kind {
	case '"':
		v.text = tok.String()
	case '0':
		v.text = tok.String()
		if p.cut && p.dec.InputOffset() == p.all {
			p.end = true
			return value{partial: true}, nil // its last digits may be missing
		}
	case '[':
		err = p.array(&v, depth)
	case '{':
		err = p.object(&v, depth)
	}
	return v, err
}

func (p *parser) array(v *value, depth int) error {
	for p.dec.PeekKind() != ']' {
		item, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		if v.partial = v.partial || item.partial; item.kind != 0 || !p.end {
			v.items = append(v.items, item)
		}
		if p.end {
			v.open = true
			return nil
		}
	}
	_, err := p.dec.ReadToken()
	return err
}

func (p *parser) object(v *value, depth int) error {
	v.members = map[string]value{}
	for p.dec.PeekKind() != '}' {
		name, err := p.dec.ReadToken()
		if err != nil {
			_, err = p.failed(err)
			v.open, v.partial = true, true
			return err
		}
		key := name.String() // before the next token takes its place
		member, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		v.members[key] = member
		v.partial = v.partial || member.partial
		if p.end {
			v.open = true
			return nil
		}
	}
	_, err := p.dec.ReadToken()
	return err
}

// String is the value as JSON, members by name.
func (v value) String() string {
	switch v.kind {
	case 0:
		return "…"
	case '"':
		return strconv.Quote(v.text)
	case '0':
		return v.text
	case '[':
		items := make([]string, len(v.items))
		for i, item := range v.items {
			items[i] = item.String()
		}
		return "[" + strings.Join(items, ", ") + "]"
	case '{':
		names := make([]string, 0, len(v.members))
		for name, member := range v.members {
			names = append(names, strconv.Quote(name)+": "+member.String())
		}
		slices.Sort(names)
		return "{" + strings.Join(names, ", ") + "}"
	}
	return v.kind.String()
}

// plain is a value's text, for a regular expression.
func (v value) plain() (text string, ok bool) {
	switch v.kind {
	case '"', '0':
		return v.text, true
	case 't', 'f':
		return v.kind.String(), true
	}
	return "", false
}

// unread says whether something of the value was not read.
func (v value) unread() bool { return v.kind == 0 || v.partial }
