package bordereau

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
)

// Mistake is one way in which a sign was made wrongly.
type Mistake struct {
	ID   string // password-first, upper-case, …
	Text string // what was done and what to do, in English
}

// explainBytes bounds the bodies whose every rewriting is tried.
const explainBytes = 1 << 20

// Explain says how a wrong sign of a body was made: it makes the signs that people make by mistake, alone and together, and
// compares. It is nil when the sign is right, and when none of the guesses fits.
func (a Access) Explain(code, sign string, body []byte) []Mistake {
	given, form := decodeSign(sign)
	if given == nil {
		return []Mistake{{"not-sha256", fmt.Sprintf("the sign has %d characters that are neither hex nor base64 of a hash; a sign is 64 hex digits", len(sign))}}
	}
	if len(given) != sha256.Size {
		return otherHash(given, body, a.Passwords[code])
	}
	for _, b := range bodyGuesses(body) {
		for _, p := range a.passwordGuesses(code) {
			for _, g := range glueGuesses(b.bytes, p.text) {
				if !bytes.Equal(g.digest, given) {
					continue
				}
				return several(b.mistake, p.mistake, g.mistake, form)
			}
		}
	}
	return nil
}

func several(all ...Mistake) (list []Mistake) {
	for _, m := range all {
		if m.ID != "" {
			list = append(list, m)
		}
	}
	return list
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

func (a Access) passwordGuesses(code string) []passwordGuess {
	own := a.Passwords[code]
	list := []passwordGuess{{own, Mistake{}}}
	if own != "" {
		list = append(list,
			passwordGuess{own + "\n", Mistake{"password-newline", "a line break was hashed behind the password; strip it when you read the password from a file"}},
			passwordGuess{own + "\r\n", Mistake{"password-newline", "a line break was hashed behind the password; strip it when you read the password from a file"}},
			passwordGuess{"", Mistake{"no-password", "the body alone was hashed; append the password to it"}})
	}
	var others []string
	for other := range a.Passwords {
		if other != code {
			others = append(others, other)
		}
	}
	sort.Strings(others)
	for _, other := range others {
		list = append(list, passwordGuess{a.Passwords[other], Mistake{"other-password", fmt.Sprintf("the password is that of partner %q; partnerCode says %q", other, code)}})
	}
	return list
}

// glueGuess is a way of making one hash of body and password, and what is wrong with it.
type glueGuess struct {
	digest  []byte
	mistake Mistake
}

func glueGuesses(body []byte, password string) []glueGuess {
	sum := func(parts ...string) []byte {
		h := sha256.New()
		for _, p := range parts {
			h.Write([]byte(p))
		}
		return h.Sum(nil)
	}
	text := string(body)
	mac := hmac.New(sha256.New, []byte(password))
	mac.Write(body)
	inner := hex.EncodeToString(sum(text))
	list := []glueGuess{
		{sum(text, password), Mistake{}},
		{sum(password, text), Mistake{"password-first", "the password was hashed before the body; hash the body, then the password"}},
		{mac.Sum(nil), Mistake{"hmac", "the sign is an HMAC with the password as its key; use plain SHA-256 of the body followed by the password"}},
		{sum(password), Mistake{"password-alone", "the password alone was hashed; hash the body followed by the password"}},
		{sum(inner, password), Mistake{"hash-of-hash", "the hash of the body was hashed with the password; hash the body itself"}},
		{sum(password, text, password), Mistake{"password-twice", "the password was hashed before and behind the body; only behind"}},
	}
	for _, between := range []string{":", "+", "&", ".", "|", " "} {
		list = append(list, glueGuess{sum(text, between, password), Mistake{"separator", fmt.Sprintf("%q was hashed between body and password; put nothing between them", between)}})
	}
	return list
}
