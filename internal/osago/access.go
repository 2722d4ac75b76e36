package osago

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"poligon/internal/journal"
)

// The documents have a Client ID and a Client Secret, and do not say how they travel (contract facts A1). What a server asks for is
// therefore chosen; all of it is inferred.

// Auth is how a client shows who it is.
type Auth string

// The ways: not at all; its id and secret with each request (RFC 7617); a token that never changes, with each request (RFC 6750); one
// that it gets for its id and secret and that expires (RFC 6749, 4.4).
const (
	AuthNone   Auth = "none"
	AuthBasic  Auth = "basic"
	AuthBearer Auth = "bearer"
	AuthOAuth2 Auth = "oauth2"
)

// ParseAuth reads a way; an empty text is none.
func ParseAuth(s string) (Auth, error) {
	switch a := Auth(s); a {
	case AuthNone, AuthBasic, AuthBearer, AuthOAuth2:
		return a, nil
	case "":
		return AuthNone, nil
	}
	return "", fmt.Errorf("unknown way %q: write none, basic, bearer or oauth2", s)
}

// Access is who may call the operations that the partner hosts. The zero value lets everybody.
type Access struct {
	Auth    Auth              // empty for none
	Clients map[string]string // secrets by client id, for basic and oauth2
	Token   string            // for bearer
	TTL     time.Duration     // for which a token of oauth2 is good, on the session's clock; whole seconds
}

// asks says whether anything is asked for.
func (a Access) asks() bool { return a.Auth != "" && a.Auth != AuthNone }

// sent is a request as far as access goes, and what there is to hold it against.
type sent struct {
	header  http.Header
	query   url.Values
	session string
	key     []byte // that tokens of the session are signed with
}

// pass is what a request's credentials are good for.
type pass struct {
	reason string // why they are not; empty when they are
	token  *token // which they are; nil where no clock can change anything
}

// at says why credentials let nobody through at an instant; empty when they do.
func (p pass) at(now time.Time) string {
	if p.token == nil {
		return p.reason
	}
	return p.token.at(now)
}

// look says what a request's credentials are good for. What was sent is never repeated in a reason.
func (a Access) look(s sent) pass {
	cure, scheme := a.cure()
	value, reason := authorization(s, scheme)
	var t *token
	switch {
	case reason != "":
	case a.Auth == AuthBasic:
		reason = a.basic(value)
	case a.Auth == AuthBearer:
		reason = a.bearer(value)
	default:
		t, reason = a.oauth2(value, s)
	}
	if reason != "" {
		return pass{reason: reason + "; " + cure}
	}
	return pass{token: t}
}

// cure is how to do it right, with the scheme that is asked for.
func (a Access) cure() (text, scheme string) {
	switch a.Auth {
	case AuthBasic:
		return "send Authorization: Basic and the base64 of ID:SECRET, those of --osago-client", "Basic"
	case AuthBearer:
		return "send Authorization: Bearer and the token of --osago-token", "Bearer"
	}
	return "get a token from POST " + tokenPath + " and send it as Authorization: Bearer TOKEN", "Bearer"
}

// schemes are those that are told by name. What else stands before a space may be a secret itself.
var schemes = []string{"Basic", "Bearer", "Digest", "Token", "OAuth", "Negotiate", "ApiKey", "HMAC"}

// authorization is what a request's Authorization header has behind the scheme that is asked for, or why it has nothing there. Schemes
// are the same in any case (RFC 9110, 11.1).
func authorization(s sent, want string) (value, reason string) {
	lines := s.header["Authorization"]
	switch {
	case len(lines) > 1:
		return "", "the request has more than one Authorization header"
	case len(lines) == 0:
		return "", "the request has no Authorization header" + elsewhere(s)
	case strings.TrimSpace(lines[0]) == "":
		return "", "the Authorization header is empty"
	}
	scheme, value, ok := strings.Cut(strings.TrimSpace(lines[0]), " ")
	value = strings.TrimSpace(value)
	again, _, _ := strings.Cut(value, " ")
	at := slices.IndexFunc(schemes, func(known string) bool { return strings.EqualFold(scheme, known) })
	switch {
	case strings.EqualFold(scheme, want) && value == "":
		return "", "the Authorization header has nothing behind " + want
	case strings.EqualFold(scheme, want) && strings.EqualFold(again, want):
		return "", "the Authorization header says " + want + " twice"
	case strings.EqualFold(scheme, want):
		return value, ""
	case strings.EqualFold(scheme, want+":"):
		return "", "the Authorization header has a colon behind " + want
	case at >= 0:
		return "", "the Authorization header is of the scheme " + schemes[at] + ", not " + want
	case !ok:
		return "", "the Authorization header has no scheme; " + want + " and a space stand before the rest"
	}
	return "", "the Authorization header is of another scheme than " + want
}

// elsewhere says where a request seems to have credentials that nobody looks at.
func elsewhere(s sent) string {
	carries := func(name string) bool {
		return journal.Secret(name) || slices.Contains([]string{"clientid", "apikey", "auth"}, strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name)))
	}
	var names []string
	for name := range s.query {
		if carries(name) {
			names = append(names, "query parameter "+name)
		}
	}
	for name := range s.header {
		if carries(name) && name != "Cookie" {
			names = append(names, "header "+name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return "; the " + names[0] + " is not looked at"
}

// basic says what is wrong with credentials of the scheme Basic; empty when they are right.
func (a Access) basic(value string) string {
	id, secret, reason := basicPair(value)
	if reason != "" {
		return reason
	}
	return a.client(id, secret)
}

// basicPair reads the id and the secret of the scheme Basic.
func basicPair(value string) (id, secret, reason string) {
	text, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return "", "", notBase64(value)
	}
	id, secret, ok := strings.Cut(string(text), ":")
	if !ok {
		if again, err := base64.StdEncoding.DecodeString(string(text)); err == nil && strings.Contains(string(again), ":") {
			return "", "", "the id and the secret are in base64 twice"
		}
		return "", "", "what is in base64 behind Basic has no colon between an id and a secret"
	}
	return id, secret, ""
}

// notBase64 says what is wrong with what should be base64.
func notBase64(value string) string {
	const what = "what stands behind Basic is "
	if strings.Contains(value, ":") {
		return what + "the id and the secret as they are, not in base64"
	}
	for _, other := range []struct {
		encoding *base64.Encoding
		name     string
	}{{base64.RawStdEncoding, "base64 without the = at its end"}, {base64.URLEncoding, "base64 with - and _ for + and /"},
		{base64.RawURLEncoding, "base64 with - and _ for + and /, without the = at its end"}} {
		if _, err := other.encoding.DecodeString(value); err == nil {
			return what + other.name
		}
	}
	return what + "not base64"
}

// client says what is wrong with a client's id and secret; empty when they are right.
func (a Access) client(id, secret string) string {
	is := func(id, secret string) bool {
		want, known := a.Clients[id]
		return same(secret, want) && known
	}
	if is(id, secret) {
		return ""
	}
	for _, slip := range []struct {
		right      func(string) string
		id, secret string
	}{
		{trimBreaks, "the client id has a line break before or behind it", "the client secret has a line break before or behind it, as echo puts one; printf does not"},
		{strings.TrimSpace, "the client id has a space before or behind it", "the client secret has a space before or behind it"},
		{unquote, "the client id is in quotes", "the client secret is in quotes"},
		{unescape, "the client id is URL-encoded", "the client secret is URL-encoded"},
		{withPlus, "the client id has a + that was not sent as %2B", "the client secret has a + that was not sent as %2B"},
	} {
		if !is(slip.right(id), slip.right(secret)) {
			continue
		}
		if slip.right(id) != id {
			return slip.id
		}
		return slip.secret
	}
	_, known := a.Clients[id]
	switch {
	case is(secret, id):
		return "the client id and the client secret are swapped"
	case id == "":
		return "the client id is empty"
	case !known && a.otherCase(id):
		return "the client id differs from a known one in upper and lower case"
	case !known:
		return "nobody has this client id"
	case secret == "":
		return "the client secret is empty"
	}
	return "the client id is known and the client secret is a wrong one"
}

func (a Access) otherCase(id string) bool {
	for known := range a.Clients {
		if strings.EqualFold(known, id) {
			return true
		}
	}
	return false
}

// bearer says what is wrong with a token that never changes; empty when it is right.
func (a Access) bearer(value string) string {
	pair, err := base64.StdEncoding.DecodeString(value)
	switch {
	case same(value, a.Token):
		return ""
	case same(unquote(value), a.Token):
		return "the token is in quotes"
	case same(unescape(value), a.Token):
		return "the token is URL-encoded"
	case err == nil && same(trimBreaks(string(pair)), a.Token):
		return "the token is in base64; it is sent as it is"
	}
	return "the token is a wrong one"
}

// oauth2 reads a token of oauth2, or says what is wrong with it.
func (a Access) oauth2(value string, s sent) (*token, string) {
	t, reason := readToken(value, s.session, s.key)
	if reason == "" {
		return t, ""
	}
	for _, secret := range a.Clients {
		if same(value, secret) {
			return nil, "the client secret is not the token, but what to get one for"
		}
	}
	if _, r := readToken(unquote(value), s.session, s.key); r == "" {
		return nil, "the token is in quotes"
	}
	if strings.HasPrefix(value, "{") {
		return nil, "the whole answer stands where its access_token alone belongs"
	}
	return nil, reason
}

// same compares secrets in a time that tells nothing of where they differ.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func trimBreaks(s string) string { return strings.Trim(s, "\r\n") }

// withPlus is a text in which each + came as a space, as an unencoded one does in a form.
func withPlus(s string) string { return strings.ReplaceAll(s, " ", "+") }

// unquote takes the quotes from a text that is in quotes.
func unquote(s string) string {
	if len(s) > 1 && s[0] == s[len(s)-1] && (s[0] == '"' || s[0] == '\'') {
		return s[1 : len(s)-1]
	}
	return s
}

// unescape is a text that was URL-encoded; one that cannot have been is left alone.
func unescape(s string) string {
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return s
}
