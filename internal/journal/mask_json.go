package journal

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maskJSON masks a JSON body value by value. Where it stops being valid, the rest is masked word by word, from the last value
// before that, for there the mistake may lie: in what is personal to the end, and else from name to name.
func maskJSON(b []byte) (shown []byte, hid []string) {
	d := jsontext.NewDecoder(bytes.NewReader(b), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var around []context // of the objects and arrays that are not closed yet, the outermost first
	var next context     // of the value that comes next
	last := next         // the value read last is of this
	copied, from := 0, 0 // how much of b is in shown, and where the last value begins
read:
	for {
		kind := d.PeekKind()
		if kind == jsontext.KindBeginObject || kind == jsontext.KindBeginArray {
			around = append(around, next)
		}
		if structural(kind) {
			if _, err := d.ReadToken(); err != nil {
				break read
			}
			if kind == jsontext.KindEndObject || kind == jsontext.KindEndArray {
				around = around[:len(around)-1]
			}
			next = within(around)
			continue
		}
		parent, index := d.StackIndex(d.StackDepth())
		v, err := d.ReadValue()
		if errors.Is(err, io.EOF) {
			return append(shown, b[copied:]...), hid
		}
		if err != nil {
			break read
		}
		end := int(d.InputOffset())
		from = end - len(v)
		if parent == jsontext.KindBeginObject && index%2 == 0 {
			next = within(around).member(unquote(v))
			last = open
			continue
		}
		last = next
		if last.hides() && (kind == jsontext.KindString && len(v) > len(`""`) || kind == jsontext.KindNumber) {
			shown = append(append(shown, b[copied:from]...), `"`+masked+`"`...)
			copied, hid = end, append(hid, unquote(v))
		}
		next = within(around)
	}
	if copied > from { // the last value is in shown already
		from = copied
	}
	shown = append(shown, b[copied:from]...)
	r := rough{b: b, at: from, hiding: last.hides(), always: within(around).hides()}
	r.mask()
	return append(shown, r.shown...), append(hid, r.hid...)
}

func structural(k jsontext.Kind) bool {
	return k == jsontext.KindBeginObject || k == jsontext.KindEndObject || k == jsontext.KindBeginArray || k == jsontext.KindEndArray
}

func within(around []context) context {
	if len(around) == 0 {
		return open
	}
	return around[len(around)-1]
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
	b      []byte
	at     int
	hiding bool
	always bool // to the end
	depth  int  // of brackets opened since the hiding began
	shown  []byte
	hid    []string
}

func (r *rough) mask() {
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
	case roughlyPersonal(text):
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

func roughlyPersonal(word string) bool {
	word = plain(strings.Trim(word, `\`)) // JSON within a JSON string has backslashes before its quotes
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
