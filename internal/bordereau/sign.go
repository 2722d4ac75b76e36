package bordereau

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"
)

// Sign is the sign of a body: SHA-256 of its bytes followed by the password, as lower-case hex (seed 001; hex and case from
// contract facts B1).
func Sign(body []byte, password string) string {
	h := sha256.New()
	h.Write(body)
	h.Write([]byte(password))
	return hex.EncodeToString(h.Sum(nil))
}

// Signatures says what happens to a request whose partner is unknown or whose sign is wrong.
type Signatures string

// The modes: refuse it, take it with a warning, or do not look.
const (
	Enforce Signatures = "enforce"
	Warn    Signatures = "warn"
	Off     Signatures = "off"
)

// ParseSignatures reads a mode.
func ParseSignatures(s string) (Signatures, error) {
	switch m := Signatures(s); m {
	case Enforce, Warn, Off:
		return m, nil
	}
	return "", fmt.Errorf("unknown signature mode %q: write enforce, warn or off", s)
}

// Access is who may import: the passwords of the partners by their codes, and how strictly that is held.
type Access struct {
	Passwords  map[string]string
	Signatures Signatures
}

// check is the error code and the reason why a request may not be read; empty when it may.
func (a Access) check(code, sign *string, body []byte) (refusal, reason string) {
	if a.Signatures == Off {
		return "", ""
	}
	if code == nil {
		return wrongPartner, "the query parameter partnerCode is missing"
	}
	password, known := a.Passwords[*code]
	want := Sign(body, password)
	switch {
	case !known:
		return wrongPartner, "no partner has this partnerCode; start the server with --partner CODE:PASSWORD"
	case sign == nil || *sign == "":
		return wrongSign, "the query parameter sign is missing or empty"
	case subtle.ConstantTimeCompare([]byte(*sign), []byte(want)) != 1:
		return wrongSign, a.why(*code, *sign, body)
	}
	return "", ""
}

// why says what is wrong with a sign, in a sentence: the mistakes that made it, or what a sign is when they cannot be told.
func (a Access) why(code, sign string, body []byte) string {
	mistakes := a.Explain(code, sign, body)
	if mistakes == nil {
		return "sign is not the lower-case hex SHA-256 of the body's bytes followed by the password; " +
			"poligon sign --partner CODE:PASSWORD FILE prints the right one"
	}
	texts := make([]string, len(mistakes))
	for i, m := range mistakes {
		texts[i] = m.Text
	}
	return strings.Join(texts, "; and ")
}
