package bordereau

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/go-json-experiment/json/jsontext"
)

// errNoRisks says that a body is JSON but holds no list of risks.
var errNoRisks = errors.New("no list of risks")

// maxRisks bounds the risks of one request: a body of empty ones would otherwise grow a thousandfold on its way into the answer.
// How many the partner takes is not documented.
const maxRisks = 20_000

var errTooMany = fmt.Errorf("more than %d risks in one request", maxRisks)

// readRisks reads a whole body. It is either good to its last byte or an error, so that nothing is imported of a
// body that breaks off. The risks share memory with body.
func readRisks(body []byte) ([]risk, error) {
	if risks, ok := scanRisks(body); ok {
		return risks, nil
	}
	return readAny(body)
}

// readAny reads a body however it is made.
func readAny(body []byte) ([]risk, error) {
	if len(body) > math.MaxInt32 {
		return nil, errors.New("the body has more than two gigabytes")
	}
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
		return nil, errors.New("the body begins with a byte order mark; send JSON without one")
	}
	r := reader{body, jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))}
	risks, err := r.request()
	if err == nil || errors.Is(err, errNoRisks) {
		if _, end := r.dec.ReadToken(); !errors.Is(end, io.EOF) {
			return nil, fmt.Errorf("the body goes on after its JSON at byte %d", r.dec.InputOffset())
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("the JSON breaks off after %d bytes", len(body))
	}
	return risks, err
}

// reader is a body being read.
type reader struct {
	body []byte
	dec  *jsontext.Decoder
}

// request reads {"risks": […]}. Of a key that comes twice the last one counts.
func (r reader) request() (risks []risk, err error) {
	if r.dec.PeekKind() != '{' {
		if err := r.dec.SkipValue(); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%w: the body is not an object", errNoRisks)
	}
	absent := fmt.Errorf(`%w: the key "risks" is missing`, errNoRisks)
	err = r.object(func(name []byte) error {
		if string(name) != "risks" {
			return r.dec.SkipValue()
		}
		if r.dec.PeekKind() != '[' {
			absent = fmt.Errorf(`%w: "risks" is not an array`, errNoRisks)
			return r.dec.SkipValue()
		}
		absent = nil
		risks, err = r.list()
		return err
	})
	if err == nil {
		err = absent
	}
	return risks, err
}

func (r reader) list() (risks []risk, err error) {
	if _, err = r.dec.ReadToken(); err != nil { // [
		return nil, err
	}
	for r.dec.PeekKind() != ']' {
		if len(risks) == maxRisks {
			return nil, errTooMany
		}
		risks = append(risks, risk{})
		if err = r.risk(&risks[len(risks)-1]); err != nil {
			return nil, err
		}
	}
	_, err = r.dec.ReadToken()
	return risks, err
}

func (r reader) risk(into *risk) error {
	if r.dec.PeekKind() != '{' {
		return r.dec.SkipValue()
	}
	into.object = true
	start := r.dec.InputOffset()
	start += int64(bytes.IndexByte(r.body[start:], '{'))
	err := r.object(func(name []byte) error {
		f, known := fieldOf(name)
		if !known {
			return r.dec.SkipValue()
		}
		v, err := r.value(start)
		into.values[f] = v
		return err
	})
	end := r.dec.InputOffset()
	into.raw = r.body[start:end:end]
	return err
}

// value reads any value of a risk that begins at start; null is read as absent.
func (r reader) value(start int64) (spot, error) {
	raw, err := r.dec.ReadValue()
	if err != nil || raw.Kind() == 'n' {
		return spot{}, err
	}
	end := r.dec.InputOffset()
	return spot{raw.Kind(), int32(end - int64(len(raw)) - start), int32(end - start)}, nil //nolint:gosec // the body is no longer than that
}

// object reads an object and calls each with the name of every member; each must read the value.
func (r reader) object(each func(name []byte) error) error {
	if _, err := r.dec.ReadToken(); err != nil { // {
		return err
	}
	for r.dec.PeekKind() != '}' {
		name, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		if err := each(unquote(name)); err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

// unquote is the value of a JSON string that the decoder has found well-formed.
func unquote(quoted []byte) []byte {
	if inner := quoted[1 : len(quoted)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	b, _ := jsontext.AppendUnquote(nil, quoted)
	return b
}

// kindOf is the kind of a JSON value, 0 of what is none.
func kindOf(raw []byte) jsontext.Kind {
	v := jsontext.Value(raw)
	if !v.IsValid() {
		return 0
	}
	return v.Kind()
}
