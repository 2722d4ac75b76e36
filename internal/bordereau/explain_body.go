package bordereau

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// bodyGuesses are the body itself and what people and libraries make of it between signing and sending.
func bodyGuesses(body []byte) []bodyGuess {
	list := []bodyGuess{{body, Mistake{}}}
	add := func(id, text string, b []byte, err error) {
		if err == nil && !bytes.Equal(b, body) {
			list = append(list, bodyGuess{b, Mistake{id, text}})
		}
	}
	newline := "the signed body ends with a line break that the sent one does not have; sign the bytes that you send"
	add("trailing-newline", newline, append(bytes.Clone(body), '\n'), nil)
	add("trailing-newline", newline, append(bytes.Clone(body), '\r', '\n'), nil)
	add("trailing-newline", "the sent body ends with a line break that the signed one does not have; sign the bytes that you send", bytes.TrimRight(body, "\r\n"), nil)
	bom := []byte("\xef\xbb\xbf")
	add("byte-order-mark", "the signed body begins with a byte order mark; sign and send UTF-8 without one", append(bytes.Clone(bom), body...), nil)
	add("byte-order-mark", "the sent body begins with a byte order mark and the signed one does not; send UTF-8 without one", bytes.TrimPrefix(body, bom), nil)
	crlf := bytes.ReplaceAll(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	add("line-breaks", "the signed body has other line breaks (CR LF) than the sent one; sign the bytes that you send", crlf, nil)
	add("line-breaks", "the signed body has other line breaks (LF) than the sent one; sign the bytes that you send", bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")), nil)
	if len(body) > explainBytes {
		return list
	}
	windows, err := charmap.Windows1251.NewEncoder().Bytes(body)
	add("windows-1251", "the signed body is in windows-1251 and the sent one in UTF-8; sign the bytes that you send", windows, err)
	if !utf8.Valid(body) {
		text, err := charmap.Windows1251.NewDecoder().Bytes(body)
		add("windows-1251", "the sent body is in windows-1251 and the signed one in UTF-8; sign and send UTF-8", text, err)
	}
	add("utf-16", "the signed body is in UTF-16; sign the bytes that you send, in UTF-8", utf16Bytes(body), nil)
	for _, r := range rewritings(body) {
		add("re-serialised", fmt.Sprintf("the signed JSON is written otherwise than the sent one (%s); sign the very bytes that you send", r.how), r.bytes, nil)
	}
	return list
}

// rewriting is the same JSON, written otherwise.
type rewriting struct {
	how   string
	bytes []byte
}

// rewritings are how the JSON libraries in use would write the body's JSON again: keys in place or sorted; no spaces, Python's
// spaces, or indented; characters beyond ASCII and slashes escaped or not. None when the body is not JSON.
func rewritings(body []byte) (list []rewriting) {
	var inPlace bytes.Buffer
	var value any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if json.Compact(&inPlace, body) != nil || dec.Decode(&value) != nil {
		return nil
	}
	var sorted bytes.Buffer
	enc := json.NewEncoder(&sorted)
	enc.SetEscapeHTML(false)
	if enc.Encode(value) != nil {
		return nil
	}
	for _, keys := range []rewriting{{"keys in place", inPlace.Bytes()}, {"keys sorted", bytes.TrimSpace(sorted.Bytes())}} {
		for _, layout := range layouts(keys.bytes) {
			for _, escape := range escapes(layout.bytes) {
				list = append(list, rewriting{keys.how + ", " + layout.how + ", " + escape.how, escape.bytes})
			}
		}
	}
	return list
}

func layouts(compact []byte) []rewriting {
	list := []rewriting{{"no spaces", compact}, {"spaces behind commas and colons", spaced(compact)}}
	for _, indent := range []string{"  ", "    ", "\t"} {
		var b bytes.Buffer
		if json.Indent(&b, compact, "", indent) == nil {
			list = append(list, rewriting{fmt.Sprintf("indented by %q", indent), b.Bytes()})
		}
	}
	return list
}

func escapes(text []byte) []rewriting {
	return []rewriting{
		{"nothing escaped", text},
		{"Cyrillic escaped", escapeBeyondASCII(text)},
		{"Cyrillic unescaped", unescapeBeyondASCII(text)},
		{"slashes escaped", bytes.ReplaceAll(text, []byte("/"), []byte(`\/`))},
		{"Cyrillic and slashes escaped", bytes.ReplaceAll(escapeBeyondASCII(text), []byte("/"), []byte(`\/`))},
		{"< > & escaped", []byte(strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(string(text)))},
	}
}

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
	var b bytes.Buffer
	for _, r := range string(text) {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}

// unescapeBeyondASCII writes every \uXXXX of a character beyond ASCII out.
func unescapeBeyondASCII(text []byte) []byte {
	var b bytes.Buffer
	for i := 0; i < len(text); {
		var unit uint16
		if text[i] == '\\' && i+5 < len(text) && text[i+1] == 'u' && !escapedAt(text, i) {
			if _, err := fmt.Sscanf(string(text[i+2:i+6]), "%04x", &unit); err == nil && unit >= utf8.RuneSelf && !utf16.IsSurrogate(rune(unit)) {
				b.WriteRune(rune(unit))
				i += 6
				continue
			}
		}
		b.WriteByte(text[i])
		i++
	}
	return b.Bytes()
}

func utf16Bytes(text []byte) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(string(text))) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return b
}
