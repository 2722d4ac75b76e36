package journal

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maskJSON masks a JSON body value by value, as a mask says. Where it stops being valid, the rest is masked word by word, from the last value
// before that, for there the mistake may lie: in what is personal to the end, and else from name to name.
func maskJSON(b []byte, by Mask) (shown []byte, hid []string) {
	m := masking{mask: by, b: b, d: jsontext.NewDecoder(bytes.NewReader(b), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	for {
		err := m.step()
		if errors.Is(err, io.EOF) {
			return append(m.shown, b[m.copied:]...), m.hid
		}
		if err != nil {
			break
		}
	}
	if m.copied > m.from { // the last value is hidden already
		m.shown, m.copied = m.shown[:m.mark], m.from
	}
	r := rough{mask: by, b: b, at: m.from, hiding: m.last.hides(), always: m.inside().hides(), shown: append(m.shown, b[m.copied:m.from]...), hid: m.hid}
	r.run()
	return r.shown, r.hid
}

// masking is the state of maskJSON.
type masking struct {
	mask   Mask
	b      []byte
	d      *jsontext.Decoder
	around []context // of the objects and arrays that are not closed yet, the outermost first
	next   context   // of the value that comes next
	last   context   // of the value that came last; open if that was a name
	from   int       // where that begins
	mark   int       // where it begins in shown, if it is hidden
	copied int       // how much of b is in shown
	shown  []byte
	hid    []string
}

// step reads a bracket, a name or a value that is neither object nor array.
func (m *masking) step() error {
	kind := m.d.PeekKind()
	if kind == jsontext.KindBeginObject || kind == jsontext.KindBeginArray {
		m.around = append(m.around, m.next)
	}
	if structural(kind) {
		if _, err := m.d.ReadToken(); err != nil {
			return err
		}
		if kind == jsontext.KindEndObject || kind == jsontext.KindEndArray {
			m.around = m.around[:len(m.around)-1]
		}
		m.next = m.inside()
		return nil
	}
	parent, index := m.d.StackIndex(m.d.StackDepth())
	v, err := m.d.ReadValue()
	if err != nil {
		return err
	}
	end := int(m.d.InputOffset())
	m.from = end - len(v)
	if parent == jsontext.KindBeginObject && index%2 == 0 {
		m.next, m.last = m.mask.member(m.inside(), unquote(v)), open
		return nil
	}
	if m.hides(kind, v) {
		m.shown = append(m.shown, m.b[m.copied:m.from]...)
		m.mark, m.copied = len(m.shown), end
		m.shown, m.hid = append(m.shown, `"`+masked+`"`...), append(m.hid, unquote(v))
	}
	m.last, m.next = m.next, m.inside()
	return nil
}

// hides says whether a value is hidden. A text that is JSON itself, written into JSON a second time, hides whatever it holds.
func (m *masking) hides(kind jsontext.Kind, v jsontext.Value) bool {
	switch kind {
	case jsontext.KindString:
		text := unquote(v)
		return m.next.hides() && text != "" || m.mask == Masked && linkWithSecrets(text) || looksLikeJSON([]byte(text)) && (m.mask != Open || Secret(text))
	case jsontext.KindNumber:
		return m.next.hides()
	}
	return false
}

// inside is the context of what stands directly in the innermost object or array.
func (m *masking) inside() context {
	if len(m.around) == 0 {
		return open
	}
	return m.around[len(m.around)-1]
}

func structural(k jsontext.Kind) bool {
	return k == jsontext.KindBeginObject || k == jsontext.KindEndObject || k == jsontext.KindBeginArray || k == jsontext.KindEndArray
}

// unquote is a JSON string's text, or a number as it is written.
func unquote(v []byte) string {
	if v[0] != '"' {
		return string(v)
	}
	text, _ := jsontext.AppendUnquote(nil, v) // an error says that bytes were not UTF-8, and were replaced
	return string(text)
}

// rough masks what is no valid JSON. It knows neither values nor types, for those that a broken body seems to have may be wrong.
// It looks at words: runs of letters, digits, dashes, low lines and escapes. From a word on that names personal data, in quotes
// or not, it hides every word up to the next name that is not in brackets opened since. So it hides an unfinished value as well,
// and with it all that a client put behind a personal name without quoting the next.
type rough struct {
	mask   Mask
	b      []byte
	at     int
	hiding bool
	always bool // to the end
	depth  int  // of brackets opened since the hiding began
	shown  []byte
	hid    []string
}

func (r *rough) run() {
	for r.at < len(r.b) {
		end := r.at
		for end < len(r.b) && isWord(r.b[end]) {
			end++
		}
		if end > r.at {
			r.word(end)
			continue
		}
		switch c := r.b[r.at]; c {
		case '{', '[':
			r.depth++
		case '}', ']':
			r.depth--
		}
		r.shown = append(r.shown, r.b[r.at])
		r.at++
	}
}

// word shows or hides the word up to end.
func (r *rough) word(end int) {
	word, name := r.b[r.at:end], isName(r.b, r.at, end)
	text := unescapeWord(word)
	inside := r.always || r.hiding && (!name || r.depth > 0)
	hide := inside && !name
	switch {
	case inside: // names stay to be read
	case r.mask.roughly(text):
		r.hiding, r.depth = true, 0
	case name:
		r.hiding = false
	}
	if hide {
		r.shown, r.hid = append(r.shown, masked...), append(r.hid, text)
	} else {
		r.shown = append(r.shown, word...)
	}
	r.at = end
}

func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '-' || c == '\\' || c >= 0x80
}

// isName says whether the word from i to end stands in quotes, behind a comma or an opening brace, and before a colon.
func isName(b []byte, i, end int) bool {
	if i == 0 || end == len(b) || b[i-1] != b[end] || b[end] != '"' && b[end] != '\'' || b[end-1] == '\\' {
		return false
	}
	before, after := bytes.TrimRight(b[:i-1], space), bytes.TrimLeft(b[end+1:], space)
	return (bytes.HasSuffix(before, []byte(",")) || bytes.HasSuffix(before, []byte("{"))) && bytes.HasPrefix(after, []byte(":"))
}

const space = " \t\r\n"

// partsOfPapersAndAddresses are names that are personal in some objects only.
var partsOfPapersAndAddresses = map[string]bool{"series": true, "number": true, "house": true, "building": true, "block": true, "apartment": true,
	"regionname": true, "districtname": true, "cityname": true, "settlementname": true, "streetname": true}

// roughly says whether a word names personal data or credentials.
func (m Mask) roughly(word string) bool {
	word = plain(strings.Trim(word, `\`)) // JSON within a JSON string has backslashes before its quotes
	if Secret(word) || m == Open {
		return Secret(word)
	}
	return names[word].hides() || partsOfPapersAndAddresses[word] || strings.HasSuffix(word, "fiascode") || strings.HasSuffix(word, "kladrcode")
}

// unescapeWord reads the \u escapes of a word.
func unescapeWord(word []byte) string {
	before, rest, ok := strings.Cut(string(word), `\u`)
	text := []byte(before)
	for ok {
		if r, err := strconv.ParseUint(rest[:min(4, len(rest))], 16, 16); err == nil && len(rest) >= 4 {
			text, rest = append(text, string(rune(r))...), rest[4:]
		}
		before, rest, ok = strings.Cut(rest, `\u`)
		text = append(text, before...)
	}
	return string(text)
}
