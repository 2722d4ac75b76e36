package contract

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// value is a JSON value and where its bytes are.
type value struct {
	kind     jsontext.Kind // of a true or a false one of both
	from, to int
	where    jsontext.Pointer
	isField  bool // of an object
	members  []member
	items    []*value
}

// member is a field of an object; its bytes begin with those of the name.
type member struct {
	name  string
	from  int
	value *value
}

// parseJSON reads a text that is one JSON value, in which no name comes twice within an object.
func parseJSON(text []byte) (*value, error) {
	p := parser{jsontext.NewDecoder(bytes.NewReader(text))}
	v, err := p.value("")
	if err != nil {
		return nil, err
	}
	if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one value")
	}
	return v, nil
}

type parser struct{ dec *jsontext.Decoder }

func (p parser) value(where jsontext.Pointer) (*value, error) {
	kind := p.dec.PeekKind()
	if kind != '{' && kind != '[' {
		raw, err := p.dec.ReadValue()
		to := int(p.dec.InputOffset())
		return &value{kind: kind, from: to - len(raw), to: to, where: where}, err
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return nil, err
	}
	v := &value{kind: kind, from: int(p.dec.InputOffset()) - 1, where: where}
	for next := p.dec.PeekKind(); next != '}' && next != ']'; next = p.dec.PeekKind() {
		var err error
		if kind == '{' {
			err = p.member(v)
		} else {
			err = p.item(v)
		}
		if err != nil {
			return nil, err
		}
	}
	_, err := p.dec.ReadToken()
	v.to = int(p.dec.InputOffset())
	return v, err
}

// member reads a field of an object.
func (p parser) member(of *value) error {
	raw, err := p.dec.ReadValue()
	if err != nil {
		return err
	}
	from := int(p.dec.InputOffset()) - len(raw)
	name, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return err
	}
	v, err := p.value(of.where.AppendToken(string(name)))
	if err != nil {
		return err
	}
	v.isField = true
	of.members = append(of.members, member{string(name), from, v})
	return nil
}

// item reads an element of a list.
func (p parser) item(of *value) error {
	v, err := p.value(of.where.AppendToken(strconv.Itoa(len(of.items))))
	of.items = append(of.items, v)
	return err
}
