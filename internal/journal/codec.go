package journal

import (
	"encoding/binary"
	"errors"
	"time"
	"unicode/utf8"
)

var errCorrupt = errors.New("corrupt exchange")

// What stands in the first byte of an encoded exchange.
const (
	isAct byte = 1 << iota
	isRunning
	hasAccess
	isOut
	isCopy
	flags = isAct | isRunning | hasAccess | isOut | isCopy
)

// uncut leaves bodies whole.
const uncut = -1

// appendExchange writes an exchange behind b: numbers as varints, instants as seconds (zigzag varint) and nanoseconds (uvarint),
// texts and lists behind their lengths (uvarint). A body is cut to at most so many bytes, and is not with a negative number.
func appendExchange(b []byte, e *Exchange, cut int) []byte {
	b = append(b, flagsOf(e))
	b = binary.AppendUvarint(b, e.Number)
	b = appendText(appendText(b, e.API), e.Operation)
	b = appendTime(appendTime(b, e.Real), e.At)
	b = binary.AppendVarint(b, int64(e.Took))
	b = appendText(appendText(appendText(b, e.Request.Method), e.Request.Target), e.Request.Host)
	b = appendHeader(b, e.Request.Header)
	b = appendBody(b, e.Request.Body, e.Request.Size, cut)
	b = binary.AppendVarint(b, int64(e.Answer.Status))
	b = appendHeader(b, e.Answer.Header)
	b = appendBody(b, e.Answer.Body, e.Answer.Size, cut)
	b = appendList(b, e.Subjects)
	b = appendText(appendText(appendText(appendText(b, e.Scenario), e.Before), e.After), e.Reason)
	b = appendList(b, e.Mistakes)
	if e.Access != nil {
		b = appendText(appendText(b, e.Access.Code), e.Access.Reason)
	}
	b = appendList(b, e.Faults)
	if o := e.Out; o != nil {
		b = binary.AppendVarint(appendText(appendText(b, o.Scheme), o.Offer), int64(o.Attempt))
		b = binary.AppendVarint(appendText(b, o.Outcome), int64(o.Start)) //nolint:gosec // read the same way
	}
	return b
}

func flagsOf(e *Exchange) (f byte) {
	if e.Act {
		f |= isAct
	}
	if e.Running {
		f |= isRunning
	}
	if e.Access != nil {
		f |= hasAccess
	}
	if e.Out != nil {
		f |= isOut
		if e.Out.Copy {
			f |= isCopy
		}
	}
	return f
}

func appendText[T ~string | ~[]byte](b []byte, text T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func appendTime(b []byte, t time.Time) []byte {
	return binary.AppendUvarint(binary.AppendVarint(b, t.Unix()), uint64(t.Nanosecond()))
}

func appendHeader(b []byte, header []Field) []byte {
	b = binary.AppendUvarint(b, uint64(len(header)))
	for i := range header {
		b = appendText(appendText(b, header[i].Name), header[i].Value)
	}
	return b
}

func appendList(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = appendText(b, s)
	}
	return b
}

func appendBody(b, body []byte, size int64, cut int) []byte {
	if isCut(body, cut) {
		size = max(size, int64(len(body)))
		for back := 1; back < utf8.UTFMax && cut > 0 && !utf8.RuneStart(body[cut]); back++ { // not within a letter
			cut--
		}
		body = body[:cut]
	}
	return binary.AppendVarint(appendText(b, body), size)
}

func isCut(body []byte, cut int) bool { return cut >= 0 && len(body) > cut }

// decode undoes appendExchange. Bodies share memory with b.
func decode(b []byte) (Exchange, error) {
	r := reader{b: b}
	f := r.flags()
	e := Exchange{Act: f&isAct != 0, Running: f&isRunning != 0}
	e.Number = r.uvarint()
	e.API, e.Operation = r.text(), r.text()
	e.Real, e.At = r.time(), r.time()
	e.Took = time.Duration(r.varint())
	e.Request.Method, e.Request.Target, e.Request.Host = r.text(), r.text(), r.text()
	e.Request.Header = r.header()
	e.Request.Body, e.Request.Size = r.bytes(), r.varint()
	e.Answer.Status = int(r.varint())
	e.Answer.Header = r.header()
	e.Answer.Body, e.Answer.Size = r.bytes(), r.varint()
	e.Subjects = r.list()
	e.Scenario, e.Before, e.After, e.Reason = r.text(), r.text(), r.text(), r.text()
	e.Mistakes = r.list()
	if f&hasAccess != 0 {
		e.Access = &Access{Code: r.text(), Reason: r.text()}
	}
	e.Faults = r.list()
	if f&isOut != 0 {
		e.Out = &Out{Scheme: r.text(), Offer: r.text(), Attempt: int(r.varint()), Outcome: r.text(), Start: uint64(r.varint()), Copy: f&isCopy != 0} //nolint:gosec // written the same way
	}
	if r.corrupt || len(r.b) > 0 {
		return Exchange{}, errCorrupt
	}
	return e, nil
}

// reader takes values from the front of b. After the first that is not there it gives zero values only.
type reader struct {
	b       []byte
	corrupt bool
}

func (r *reader) fail() {
	r.b, r.corrupt = nil, true
}

func (r *reader) flags() byte {
	if len(r.b) == 0 || r.b[0]&^flags != 0 || r.b[0]&(isOut|isCopy) == isCopy {
		r.fail()
		return 0
	}
	f := r.b[0]
	r.b = r.b[1:]
	return f
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) time() time.Time {
	seconds, nanos := r.varint(), r.uvarint()
	if nanos > 999_999_999 {
		r.fail()
	}
	if r.corrupt {
		return time.Time{}
	}
	return time.Unix(seconds, int64(nanos)).UTC()
}

// bytes are nil when there are none.
func (r *reader) bytes() []byte {
	n := r.length(1)
	if n == 0 {
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) text() string { return string(r.bytes()) }

// length is how many of something follow that takes at least so many bytes each.
func (r *reader) length(each int) int {
	n := r.uvarint()
	if n > uint64(len(r.b)/each) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) header() []Field {
	n := r.length(2)
	if n == 0 {
		return nil
	}
	header := make([]Field, n)
	for i := range header {
		header[i] = Field{r.text(), r.text()}
	}
	return header
}

func (r *reader) list() []string {
	n := r.length(1)
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = r.text()
	}
	return list
}
