package scenario

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"unicode/utf16"
)

// ReadValue reads one value that stands by itself, in YAML or in JSON, as strictly as a scenario file. The error, if any, is a
// Mistakes with all that is wrong; name stands before them, as that of a file does. Read is not called when the text is neither.
func ReadValue(name string, text []byte, read func(n Node)) error {
	f, root, ok := load(name, asYAML(text))
	if ok {
		if root.node == nil {
			root.node = &node{kind: null, at: place{1, 1}}
		}
		read(root)
	}
	return f.found().err()
}

var surrogates = regexp.MustCompile(`\\*\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`)

// asYAML spells JSON as YAML takes it, which knows no tabs between values and no surrogates in escapes. What is no JSON stays
// as it is.
func asYAML(text []byte) []byte {
	if !json.Valid(text) {
		return text
	}
	text = bytes.ReplaceAll(text, []byte("\t"), []byte(" ")) // within a text JSON has none
	return surrogates.ReplaceAllFunc(text, func(found []byte) []byte {
		escape := len(found) - len(`\ud83d\ude00`)
		if escape%2 != 0 { // a backslash, and not an escape
			return found
		}
		high, _ := strconv.ParseUint(string(found[escape+2:escape+6]), 16, 16)
		low, _ := strconv.ParseUint(string(found[escape+8:]), 16, 16)
		long := strconv.FormatInt(int64(utf16.DecodeRune(rune(high), rune(low))), 16)
		return append(append(found[:escape:escape], `\U00000000`[:10-len(long)]...), long...)
	})
}
