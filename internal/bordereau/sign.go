package bordereau

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"iter"
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

// same compares a sign with the right one in a time that tells nothing of where they differ.
func same(sign, right string) bool {
	return subtle.ConstantTimeCompare([]byte(sign), []byte(right)) == 1
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

// signed is a request as far as its sign goes. A parameter that the request does not have is nil.
type signed struct {
	code, sign *string
	body       []byte
	earlier    iter.Seq[[]byte] // bodies that came before, the latest first; nil for none
}

// refusal is why a request may not be read: an error code and a reason, both empty when it may, and the mistakes behind a wrong
// sign as far as they can be told.
type refusal struct {
	code, reason string
	mistakes     []Mistake
}

// check looks at the sign of a request.
func (a Access) check(s signed) refusal {
	if s.code == nil {
		return refusal{code: wrongPartner, reason: "the query parameter partnerCode is missing"}
	}
	sign := ""
	if s.sign != nil {
		sign = *s.sign
	}
	password, known := a.Passwords[*s.code]
	right := same(sign, Sign(s.body, password))
	switch {
	case !known:
		return a.unknownPartner(*s.code, sign, s.body)
	case sign == "":
		return refusal{code: wrongSign, reason: "the query parameter sign is missing or empty"}
	case !right:
		return wrongly(a.Explain(*s.code, sign, s.body, s.earlier))
	}
	return refusal{}
}

// unknownPartner is the refusal of a request whose partnerCode nobody has; when its sign is right for another partner, the code
// alone is wrong.
func (a Access) unknownPartner(code, sign string, body []byte) refusal {
	r := refusal{code: wrongPartner, reason: "no partner has this partnerCode; start the server with --partner CODE:PASSWORD"}
	if m := a.Explain(code, sign, body, nil); len(m) == 1 && m[0].ID == otherPassword {
		r.reason, r.mistakes = r.reason+"; "+m[0].Text, m
	}
	return r
}

// wrongly is the refusal of a wrong sign: the mistakes that made it, or what a sign is when they cannot be told.
func wrongly(mistakes []Mistake) refusal {
	if mistakes == nil {
		return refusal{code: wrongSign, reason: "sign is not the lower-case hex SHA-256 of the body's bytes followed by the password; " +
			"poligon sign --partner CODE:PASSWORD FILE prints the right one"}
	}
	texts := make([]string, len(mistakes))
	for i, m := range mistakes {
		texts[i] = m.Text
	}
	return refusal{wrongSign, strings.Join(texts, "; and "), mistakes}
}

// ExplainSign says whether a sign of a body is right for a partner, how it was made when it is not (nil when that cannot be
// told), and whether there is such a partner. It gives neither the right sign nor a password away. Bodies that came earlier are
// the latest first; nil for none.
func (a *API) ExplainSign(code, sign string, body []byte, earlier iter.Seq[[]byte]) (right bool, mistakes []Mistake, known bool) {
	password, known := a.access.Passwords[code]
	if right = same(sign, Sign(body, password)) && known; !right {
		mistakes = a.access.Explain(code, sign, body, earlier)
	}
	return right, mistakes, known
}
