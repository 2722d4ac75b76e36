package bordereau

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Mistake is one way in which a sign was made wrongly.
type Mistake struct {
	ID   string `json:"id"`   // password-first, upper-case, …
	Text string `json:"text"` // what was done and what to do, in English
}

// Explain says how a wrong sign of a body was made: it makes the signs that people make by mistake, alone and together, and
// compares. It is nil when the sign is right, and when none of the guesses fits. Bodies that came earlier are the latest first;
// nil for none.
func (a Access) Explain(code, sign string, body []byte, earlier iter.Seq[[]byte]) []Mistake {
	given, form := decodeSign(sign)
	if given == nil {
		return []Mistake{{"not-sha256", fmt.Sprintf("the sign has %d characters that are neither hex nor base64 of a hash; a sign is 64 hex digits", len(sign))}}
	}
	if len(given) != sha256.Size {
		return otherHash(given, body, a.Passwords[code])
	}
	own, others := a.passwordGuesses(code)
	g := &guesser{given: given, form: form, own: own, others: others, work: explainWork}
	return g.explain(body, earlier)
}

// decodeSign is the hash that a sign writes, and what is wrong with the way it is written.
func decodeSign(sign string) (hash []byte, form Mistake) {
	trimmed := strings.TrimSpace(sign)
	if hash, err := hex.DecodeString(trimmed); err == nil && len(hash) > 0 {
		switch {
		case trimmed != sign:
			form = Mistake{"white-space", "there is white space around the sign; send the 64 digits alone"}
		case strings.ToLower(sign) != sign:
			form = Mistake{"upper-case", "the sign is in upper case; write the hex digits in lower case"}
		}
		return hash, form
	}
	form = Mistake{"base64", "the sign is base64; write the hash as 64 lower-case hex digits"}
	plain := strings.NewReplacer(" ", "+", "-", "+", "_", "/", "=", "").Replace(trimmed) // a query reads + as a space
	if hash, err := base64.RawStdEncoding.DecodeString(plain); err == nil && len(hash) >= md5.Size {
		return hash, form
	}
	return nil, Mistake{}
}

// otherHash says which hash has another length than SHA-256.
func otherHash(given, body []byte, password string) []Mistake {
	names := map[int]string{md5.Size: "MD5", sha1.Size: "SHA-1", sha512.Size384: "SHA-384", sha512.Size: "SHA-512"}
	text := append(append([]byte(nil), body...), password...)
	md, s1, s384, s512 := md5.Sum(text), sha1.Sum(text), sha512.Sum384(text), sha512.Sum512(text)
	sure := "has the length of"
	for _, sum := range [][]byte{md[:], s1[:], s384[:], s512[:]} {
		if bytes.Equal(sum, given) {
			sure = "is"
		}
	}
	if name, ok := names[len(given)]; ok {
		return []Mistake{{"other-hash", fmt.Sprintf("the sign %s %s; use SHA-256", sure, name)}}
	}
	return []Mistake{{"not-sha256", fmt.Sprintf("the sign has %d bytes, SHA-256 has 32", len(given))}}
}

// passwordGuess is a password that may have been used, and what is wrong with it.
type passwordGuess struct {
	text    string
	mistake Mistake
}

const otherPassword = "other-password"

// passwordGuesses are what may have been taken for the password: the partner's own, as it is and misread, and those of other
// partners. A partner that nobody knows has none.
func (a Access) passwordGuesses(code string) (own, others []passwordGuess) {
	if text, known := a.Passwords[code]; known {
		own = append(own, passwordGuess{text, Mistake{}})
		if text != "" {
			newline := Mistake{"password-newline", "a line break was hashed behind the password; strip it when you read the password from a file"}
			own = append(own, passwordGuess{text + "\n", newline}, passwordGuess{text + "\r\n", newline},
				passwordGuess{"", Mistake{"no-password", "the body alone was hashed; append the password to it"}})
		}
	}
	for _, other := range slices.Sorted(maps.Keys(a.Passwords)) {
		if other != code {
			others = append(others, passwordGuess{a.Passwords[other],
				Mistake{otherPassword, fmt.Sprintf("the password is that of partner %q; partnerCode says %q", other, code)}})
		}
	}
	return own, others
}
