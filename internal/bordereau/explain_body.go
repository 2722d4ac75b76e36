package bordereau

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// bodyGuess is what may have been hashed instead of the body that was sent, and what is wrong with it.
type bodyGuess struct {
	bytes   []byte
	mistake Mistake
}

// spellings are the body itself and what editors and encoders make of it between signing and sending. Each is made only when it
// is asked for.
func spellings(body []byte) iter.Seq[bodyGuess] {
	return func(yield func(bodyGuess) bool) {
		for _, guess := range []func([]byte) bodyGuess{asItIs, withNewline, withNewlineOfWindows, withoutNewline, withMark, withoutMark, withCRLF, withLF,
			inWindows1251, fromWindows1251, inUTF16} {
			if g := guess(body); (g.mistake.ID == "" || g.bytes != nil && !bytes.Equal(g.bytes, body)) && !yield(g) {
				return
			}
		}
	}
}

func asItIs(body []byte) bodyGuess { return bodyGuess{bytes: body} }

const byteOrderMark = "\xef\xbb\xbf"

const signedNewline = "the signed body ends with a line break that the sent one does not have; sign the bytes that you send"

func withNewline(body []byte) bodyGuess {
	return bodyGuess{append(bytes.Clone(body), '\n'), Mistake{"trailing-newline", signedNewline}}
}

func withNewlineOfWindows(body []byte) bodyGuess {
	return bodyGuess{append(bytes.Clone(body), '\r', '\n'), Mistake{"trailing-newline", signedNewline}}
}

func withoutNewline(body []byte) bodyGuess {
	return bodyGuess{bytes.TrimRight(body, "\r\n"), Mistake{"trailing-newline", "the sent body ends with a line break that the signed one does not have; sign the bytes that you send"}}
}

func withMark(body []byte) bodyGuess {
	return bodyGuess{append([]byte(byteOrderMark), body...), Mistake{"byte-order-mark", "the signed body begins with a byte order mark; sign and send UTF-8 without one"}}
}

func withoutMark(body []byte) bodyGuess {
	return bodyGuess{bytes.TrimPrefix(body, []byte(byteOrderMark)), Mistake{"byte-order-mark", "the sent body begins with a byte order mark and the signed one does not; send UTF-8 without one"}}
}

func withCRLF(body []byte) bodyGuess {
	return bodyGuess{bytes.ReplaceAll(withLF(body).bytes, []byte("\n"), []byte("\r\n")),
		Mistake{"line-breaks", "the signed body has other line breaks (CR LF) than the sent one; sign the bytes that you send"}}
}

func withLF(body []byte) bodyGuess {
	return bodyGuess{bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")),
		Mistake{"line-breaks", "the signed body has other line breaks (LF) than the sent one; sign the bytes that you send"}}
}

func inWindows1251(body []byte) bodyGuess {
	if len(body) > explainBytes {
		return bodyGuess{}
	}
	text, err := charmap.Windows1251.NewEncoder().Bytes(body)
	if err != nil {
		return bodyGuess{}
	}
	return bodyGuess{text, Mistake{"windows-1251", "the signed body is in windows-1251 and the sent one in UTF-8; sign the bytes that you send"}}
}

func fromWindows1251(body []byte) bodyGuess {
	if len(body) > explainBytes || utf8.Valid(body) {
		return bodyGuess{}
	}
	text, err := charmap.Windows1251.NewDecoder().Bytes(body)
	if err != nil {
		return bodyGuess{}
	}
	return bodyGuess{text, Mistake{"windows-1251", "the sent body is in windows-1251 and the signed one in UTF-8; sign and send UTF-8"}}
}

func inUTF16(body []byte) bodyGuess {
	if len(body) > explainBytes {
		return bodyGuess{}
	}
	return bodyGuess{utf16Bytes(body), Mistake{"utf-16", "the signed body is in UTF-16; sign the bytes that you send, in UTF-8"}}
}

// rewriting is the same JSON, written otherwise.
type rewriting struct {
	how   string
	bytes []byte
}

// rewritings are how the JSON libraries in use would write the body's JSON again: keys in place or sorted; no spaces, Python's
// spaces, or indented; characters beyond ASCII and slashes escaped or not. None when the body is not JSON, or too long. Each is
// made only when it is asked for.
func rewritings(body []byte) iter.Seq[rewriting] {
	return func(yield func(rewriting) bool) {
		var inPlace bytes.Buffer
		if len(body) > explainBytes || json.Compact(&inPlace, body) != nil {
			return
		}
		for _, keys := range []rewriting{{"keys in place", inPlace.Bytes()}, {"keys sorted", nil}} {
			if keys.bytes == nil {
				keys.bytes = sortedKeys(body)
			}
			for _, layout := range layouts {
				text := layout.write(keys.bytes)
				for i, escape := range escapes {
					written := escape.write(text)
					if i > 0 && bytes.Equal(written, text) {
						continue // there is nothing to escape
					}
					if !yield(rewriting{keys.how + ", " + layout.how + ", " + escape.how, written}) {
						return
					}
				}
			}
		}
	}
}

// sortedKeys is JSON without spaces, its keys sorted.
func sortedKeys(body []byte) []byte {
	var value any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var sorted bytes.Buffer
	enc := json.NewEncoder(&sorted)
	enc.SetEscapeHTML(false)
	if dec.Decode(&value) != nil || enc.Encode(value) != nil {
		return []byte{}
	}
	return bytes.TrimSpace(sorted.Bytes())
}

// layouts are where libraries put spaces, written from JSON without any.
var layouts = []struct {
	how   string
	write func(compact []byte) []byte
}{
	{"no spaces", func(compact []byte) []byte { return compact }},
	{"spaces behind commas and colons", spaced},
	{`indented by "  "`, func(compact []byte) []byte { return indented(compact, "  ") }},
	{`indented by "    "`, func(compact []byte) []byte { return indented(compact, "    ") }},
	{`indented by "\t"`, func(compact []byte) []byte { return indented(compact, "\t") }},
}

func indented(compact []byte, by string) []byte {
	var b bytes.Buffer
	if json.Indent(&b, compact, "", by) != nil {
		return compact
	}
	return b.Bytes()
}

// escapes are what libraries escape, written from JSON of whatever escapes.
var escapes = []struct {
	how   string
	write func(text []byte) []byte
}{
	{"nothing escaped", func(text []byte) []byte { return text }},
	{"Cyrillic escaped", escapeBeyondASCII},
	{"Cyrillic unescaped", unescapeBeyondASCII},
	{"slashes escaped", escapeSlashes},
	{"Cyrillic and slashes escaped", func(text []byte) []byte { return escapeSlashes(escapeBeyondASCII(text)) }},
	{"< > & escaped", func(text []byte) []byte {
		return []byte(strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(string(text)))
	}},
}

func escapeSlashes(text []byte) []byte { return bytes.ReplaceAll(text, []byte("/"), []byte(`\/`)) }

// spaced writes a space behind every comma and colon that is not within a text.
func spaced(compact []byte) []byte {
	out := make([]byte, 0, len(compact)*9/8)
	inText := false
	for i, c := range compact {
		out = append(out, c)
		switch {
		case c == '"' && !escapedAt(compact, i):
			inText = !inText
		case !inText && (c == ',' || c == ':'):
			out = append(out, ' ')
		}
	}
	return out
}

// escapedAt says whether the character at i has an odd number of backslashes before it.
func escapedAt(text []byte, i int) bool {
	n := 0
	for i > n && text[i-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

func escapeBeyondASCII(text []byte) []byte {
	out := make([]byte, 0, len(text)*2)
	for _, r := range string(text) {
		switch {
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = appendEscape(appendEscape(out, high), low)
		default:
			out = appendEscape(out, r)
		}
	}
	return out
}

func appendEscape(out []byte, unit rune) []byte {
	const digits = "0123456789abcdef"
	return append(out, '\\', 'u', digits[unit>>12&15], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}

// unescapeBeyondASCII writes every \uXXXX of a character beyond ASCII out.
func unescapeBeyondASCII(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+5 < len(text) && text[i+1] == 'u' && !escapedAt(text, i) {
			unit, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 16)
			if r := rune(unit); err == nil && r >= utf8.RuneSelf && !utf16.IsSurrogate(r) {
				out = utf8.AppendRune(out, r)
				i += 5
				continue
			}
		}
		out = append(out, text[i])
	}
	return out
}

func utf16Bytes(text []byte) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(string(text))) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return b
}
