package bordereau

import (
	"bytes"
	"math"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// scanRisks reads a body as clients send it, {"risks": [{…}, …]}, in one pass over its bytes. Of any other body, and of one with
// anything in it that is rare or wrong, it says so, and reader looks at it: what is refused, and why, is said in one place alone.
func scanRisks(body []byte) (risks []risk, ok bool) {
	if len(body) > math.MaxInt32 || !utf8.Valid(body) {
		return nil, false
	}
	s := scanner{text: body}
	if !s.takes('{') || !s.name("risks") || !s.takes('[') {
		return nil, false
	}
	if !s.takes(']') {
		for {
			if len(risks) == cap(risks) {
				risks = s.room(risks)
			}
			risks = append(risks, risk{})
			if len(risks) > maxRisks || !s.risk(&risks[len(risks)-1]) {
				return nil, false
			}
			if !s.takes(',') {
				break
			}
		}
		if !s.takes(']') {
			return nil, false
		}
	}
	if !s.takes('}') {
		return nil, false
	}
	s.space()
	return risks, s.at == len(body)
}

// scanner reads JSON whose bytes are UTF-8. Its methods say whether they found what they look for; what it then is at is of no use.
type scanner struct {
	text []byte
	at   int
}

// room makes room for more risks: for as many as the rest of the body holds if they are as long as those before.
func (s *scanner) room(risks []risk) []risk {
	n := 2
	if len(risks) > 0 {
		n = len(risks) + (len(s.text)-s.at)/(s.at/len(risks)) + 1
	}
	return append(make([]risk, 0, min(n, maxRisks+1)), risks...)
}

func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\n', '\t', '\r':
			s.at++
		default:
			return
		}
	}
}

// peek is the next byte that is no space, 0 at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.text) && s.text[s.at] > ' ' {
		return s.text[s.at]
	}
	s.space()
	if s.at == len(s.text) {
		return 0
	}
	return s.text[s.at]
}

// takes takes a byte, behind spaces.
func (s *scanner) takes(b byte) bool {
	if s.peek() != b {
		return false
	}
	s.at++
	return true
}

// name takes the name of a member, and its colon.
func (s *scanner) name(want string) bool {
	from, simple, ok := s.quoted()
	return ok && simple && string(s.text[from+1:s.at-1]) == want && s.takes(':')
}

func (s *scanner) risk(into *risk) bool {
	if !s.takes('{') {
		return false
	}
	start := s.at - 1
	if !s.takes('}') {
		for {
			if !s.member(into, start) {
				return false
			}
			if !s.takes(',') {
				break
			}
		}
		if !s.takes('}') {
			return false
		}
	}
	into.object, into.raw = true, s.text[start:s.at:s.at]
	return true
}

// member reads a member of the risk that begins at start.
func (s *scanner) member(into *risk, start int) bool {
	from, simple, ok := s.quoted()
	if !ok || !simple {
		return false
	}
	f, known := fieldOf(s.text[from+1 : s.at-1])
	if !s.takes(':') {
		return false
	}
	kind := s.peek()
	from = s.at
	if !s.value(0) {
		return false
	}
	if known {
		into.values[f] = spot{}
		if kind != 'n' {
			into.values[f] = spot{kindAt(kind), int32(from - start), int32(s.at - start)} //nolint:gosec // the body is no longer than that
		}
	}
	return true
}

// kindAt is the kind of a value by its first byte.
func kindAt(b byte) jsontext.Kind {
	if b == '-' || b >= '0' && b <= '9' {
		return '0'
	}
	return jsontext.Kind(b)
}

// deepest is how deep a value may be that is read here.
const deepest = 32

// value takes any value.
func (s *scanner) value(depth int) bool {
	switch b := s.peek(); b {
	case '"':
		_, _, ok := s.quoted()
		return ok
	case '{', '[':
		return depth < deepest && s.nested(b, depth)
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	return s.number()
}

func (s *scanner) literal(word string) bool {
	if !bytes.HasPrefix(s.text[s.at:], []byte(word)) {
		return false
	}
	s.at += len(word)
	return true
}

// nested takes an object or an array, by its first byte.
func (s *scanner) nested(open byte, depth int) bool {
	s.at++
	end := open + 2 // as ASCII has the brackets
	if s.takes(end) {
		return true
	}
	for {
		if open == '{' {
			if s.peek() != '"' {
				return false
			}
			if _, _, ok := s.quoted(); !ok || !s.takes(':') {
				return false
			}
		}
		if !s.value(depth + 1) {
			return false
		}
		if !s.takes(',') {
			return s.takes(end)
		}
	}
}

// quoted takes a text. It is simple when its bytes are its value. One with halves of surrogates is left to reader.
func (s *scanner) quoted() (from int, simple, ok bool) {
	if s.peek() != '"' {
		return 0, false, false
	}
	from, simple = s.at, true
	for i := from + 1; i < len(s.text); i++ {
		switch b := s.text[i]; {
		case b == '"':
			s.at = i + 1
			return from, simple, true
		case b == '\\':
			n := escape(s.text[i:])
			if n == 0 {
				return 0, false, false
			}
			simple, i = false, i+n-1
		case b < ' ':
			return 0, false, false
		}
	}
	return 0, false, false
}

// escape is the length of the escape that a text begins with; 0 of one that is wrong, or half of a pair.
func escape(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		const size = len(`\u0000`)
		if len(text) < size {
			return 0
		}
		for _, b := range text[2:size] {
			if (b < '0' || b > '9') && (b < 'a' || b > 'f') && (b < 'A' || b > 'F') {
				return 0
			}
		}
		if (text[2] == 'd' || text[2] == 'D') && text[3] > '7' {
			return 0
		}
		return size
	}
	return 0
}

// number takes a number, -12.5e+3.
func (s *scanner) number() bool {
	if s.at < len(s.text) && s.text[s.at] == '-' {
		s.at++
	}
	zero := s.at < len(s.text) && s.text[s.at] == '0'
	if n := s.digits(); n == 0 || zero && n > 1 {
		return false
	}
	if s.at < len(s.text) && s.text[s.at] == '.' {
		s.at++
		if s.digits() == 0 {
			return false
		}
	}
	if s.at < len(s.text) && s.text[s.at]|0x20 == 'e' {
		s.at++
		if s.at < len(s.text) && (s.text[s.at] == '+' || s.text[s.at] == '-') {
			s.at++
		}
		return s.digits() > 0
	}
	return true
}

func (s *scanner) digits() int {
	from := s.at
	for s.at < len(s.text) && s.text[s.at]-'0' <= 9 {
		s.at++
	}
	return s.at - from
}
