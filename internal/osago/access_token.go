package osago

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"poligon/internal/dice"
)

// token is an access token of oauth2. It says all about itself and nothing of it is kept: it is good while its signature is right and
// the session's clock has not reached its end. So it outlives a restart, and a replay makes the same.
type token struct {
	Session string    `json:"session"`
	Number  uint64    `json:"number"` // of the exchange that it was issued in, so that no two are equal
	Issued  time.Time `json:"iat"`    // simulated, as its end
	Ends    time.Time `json:"exp"`
}

// endOf is when a token ends that is issued at an instant: at the latest at the last one that can be written.
func endOf(issued time.Time, ttl time.Duration) time.Time {
	ends, last := issued.Add(ttl), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	if ends.After(last) {
		return last
	}
	return ends
}

// tokenKey is what the tokens of a session of these dice are signed with.
func tokenKey(d dice.Dice) []byte {
	key := d.Of(Name, "access", "key").UUID()
	return key[:]
}

// text is the token as it travels: what it says and the HMAC-SHA256 of that, in base64 for URLs, with a dot between them.
func (t token) text(key []byte) (string, error) {
	said, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("writing a token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(said) + "." + base64.RawURLEncoding.EncodeToString(signature(said, key)), nil
}

func signature(said, key []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(said) // never fails
	return mac.Sum(nil)
}

// readToken reads a token of a session, or says what is wrong with it.
func readToken(text, session string, key []byte) (t *token, reason string) {
	const stranger = "the token is none that POST " + tokenPath + " has issued"
	first, second, ok := strings.Cut(text, ".")
	said, err := base64.RawURLEncoding.Strict().DecodeString(first)
	t = &token{}
	if err != nil || !ok || json.Unmarshal(said, t) != nil || t.Session == "" || t.Ends.IsZero() {
		return nil, stranger
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(second)
	switch right := err == nil && hmac.Equal(mac, signature(said, key)); {
	case t.Session != session:
		return nil, "the token is of another session than " + session
	case !right:
		return nil, "the token was issued with another seed of the session, or was changed or cut since"
	}
	return t, ""
}

// at says why the token is not good at an instant; empty when it is. Its end is the first instant at which it is not.
func (t *token) at(now time.Time) string {
	show := func(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
	switch {
	case now.Before(t.Issued):
		return fmt.Sprintf("the token was issued at %s, and the session's clock shows %s: the session was reset since; get another one from POST %s", show(t.Issued), show(now), tokenPath)
	case !now.Before(t.Ends):
		return fmt.Sprintf("the token has expired at %s, and the session's clock shows %s; get another one from POST %s before expires_in seconds are over", show(t.Ends), show(now), tokenPath)
	}
	return ""
}
