package osago

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"poligon/internal/dice"
)

// What the tests of access are about.
const (
	client = "market"
	key    = "s3cr+t+w%" // its secret, with characters that forms and URLs encode
	fixed  = "tok-8f2e6b"
)

var (
	dawn    = time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)
	clients = map[string]string{client: key, "other": "another"}
	basic   = Access{Auth: AuthBasic, Clients: clients}
	bearer  = Access{Auth: AuthBearer, Token: fixed}
	oauth2  = Access{Auth: AuthOAuth2, Clients: clients, TTL: time.Hour}
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// issue is a token as text.
func issue(t *testing.T, seed uint64, one token) string {
	t.Helper()
	text, err := one.text(tokenKey(dice.New(seed)))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestAccess: credentials let a request through, or it is told what is wrong with them and how to do it right; never what they are.
func TestAccess(t *testing.T) {
	t.Parallel()
	good := token{Session: "s", Number: 7, Issued: dawn, Ends: dawn.Add(time.Hour)}
	stranger, later, gone := good, good, good
	stranger.Session, later.Issued, gone.Ends = "r", dawn.Add(2*time.Hour), dawn.Add(30*time.Minute)
	signed := issue(t, 1, good)
	said, mac, _ := strings.Cut(signed, ".")
	for _, c := range []struct {
		access Access
		header string // Authorization; several lines with | between them, none where it is "none"
		more   string // another header or a query parameter, as "X-Api-Key: x" or "token=x"
		says   string // empty when it is let through
	}{
		{Access{}, "none", "", ""},
		{basic, "Basic " + b64(client+":"+key), "", ""},
		{basic, "basic  " + b64(client+":"+key) + " ", "", ""},
		{basic, "Basic " + b64("other:another"), "", ""},
		{basic, "none", "", "the request has no Authorization header; send"},
		{basic, "none", "X-Api-Key: x", "the request has no Authorization header; the header X-Api-Key is not looked at"},
		{basic, "none", "Client-Id: x", "the header Client-Id is not looked at"},
		{basic, "none", "client_secret=x", "the query parameter client_secret is not looked at"},
		{basic, "none", "Cookie: x", "the request has no Authorization header; send"},
		{basic, "", "", "the Authorization header is empty"},
		{basic, "Basic", "", "the Authorization header has nothing behind Basic"},
		{basic, "Basic a|Basic b", "", "more than one Authorization header"},
		{basic, "Bearer " + fixed, "", "is of the scheme Bearer, not Basic"},
		{basic, "Basic: " + b64(client+":"+key), "", "has a colon behind Basic"},
		{basic, "Basic Basic " + b64(client+":"+key), "", "says Basic twice"},
		{basic, b64(client + ":" + key), "", "has no scheme"},
		{basic, key + " x", "", "is of another scheme than Basic"},
		{basic, "Basic " + client + ":" + key, "", "the id and the secret as they are, not in base64"},
		{basic, "Basic " + strings.TrimRight(b64(client+":"+key+"?"), "="), "", "base64 without the = at its end"},
		{basic, "Basic " + base64.URLEncoding.EncodeToString([]byte(client+":\xfb\xff")), "", "base64 with - and _ for + and /"},
		{basic, "Basic ?", "", "not base64"},
		{basic, "Basic " + b64(client), "", "no colon between an id and a secret"},
		{basic, "Basic " + b64(b64(client+":"+key)), "", "in base64 twice"},
		{basic, "Basic " + b64(client+":"+key+"\n"), "", "the client secret has a line break"},
		{basic, "Basic " + b64("\r\n"+client+":"+key), "", "the client id has a line break"},
		{basic, "Basic " + b64(client+": "+key), "", "the client secret has a space before or behind it"},
		{basic, "Basic " + b64(client+" :"+key), "", "the client id has a space before or behind it"},
		{basic, "Basic " + b64(client+`:"`+key+`"`), "", "the client secret is in quotes"},
		{basic, "Basic " + b64(client+":"+url.QueryEscape(key)), "", "the client secret is URL-encoded"},
		{basic, "Basic " + b64(key+":"+client), "", "the client id and the client secret are swapped"},
		{basic, "Basic " + b64("MARKET:"+key), "", "differs from a known one in upper and lower case"},
		{basic, "Basic " + b64("nobody:"+key), "", "nobody has this client id"},
		{basic, "Basic " + b64(":"+key), "", "the client id is empty"},
		{basic, "Basic " + b64(":"), "", "the client id is empty"},
		{basic, "Basic " + b64("nobody:"), "", "nobody has this client id"},
		{basic, "Basic " + b64(client+":"), "", "the client secret is empty"},
		{basic, "Basic " + b64(client+":another"), "", "the client secret is a wrong one"},
		{basic, "Basic " + b64(client+":"+key+key), "", "the client secret is a wrong one"},

		{bearer, "Bearer " + fixed, "", ""},
		{bearer, "bearer " + fixed, "", ""},
		{bearer, "none", "access_token=" + fixed, "the query parameter access_token is not looked at"},
		{bearer, "Bearer Bearer " + fixed, "", "says Bearer twice"},
		{bearer, "Basic " + b64(client+":"+key), "", "is of the scheme Basic, not Bearer"},
		{bearer, fixed, "", "has no scheme; Bearer and a space stand before the rest"},
		{bearer, `Bearer "` + fixed + `"`, "", "the token is in quotes"},
		{bearer, "Bearer " + b64(fixed+"\n"), "", "the token is in base64"},
		{bearer, "Bearer tok%2D8f2e6b", "", "the token is URL-encoded"},
		{bearer, "Bearer " + fixed[:5], "", "the token is a wrong one"},
		{bearer, "Bearer " + strings.ToUpper(fixed), "", "the token is a wrong one"},

		{oauth2, "Bearer " + signed, "", ""},
		{oauth2, "none", "", "the request has no Authorization header; get a token from POST /osago/token"},
		{oauth2, "Basic " + b64(client+":"+key), "", "is of the scheme Basic, not Bearer"},
		{oauth2, "Bearer " + key, "", "the client secret is not the token"},
		{oauth2, `Bearer "` + signed + `"`, "", "the token is in quotes"},
		{oauth2, `Bearer {"access_token":"` + signed + `"}`, "", "where its access_token alone belongs"},
		{oauth2, "Bearer " + fixed, "", "none that POST /osago/token has issued"},
		{oauth2, "Bearer " + said, "", "none that POST /osago/token has issued"},
		{oauth2, "Bearer e30.e30", "", "none that POST /osago/token has issued"},
		{oauth2, "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "", "none that POST /osago/token has issued"},
		{oauth2, "Bearer " + signed[:len(signed)-1], "", "changed or cut"},
		{oauth2, "Bearer " + said + "." + strings.ToLower(mac), "", "changed or cut"},
		{oauth2, "Bearer " + said + ".", "", "changed or cut"},
		{oauth2, "Bearer " + issue(t, 2, good), "", "another seed"},
		{oauth2, "Bearer " + issue(t, 1, stranger), "", "the token is of another session than s"},
		{oauth2, "Bearer " + issue(t, 2, stranger), "", "the token is of another session than s"},
		{oauth2, "Bearer " + issue(t, 1, later), "", "was issued at 2026-01-15T11:00:00Z, and the session's clock shows 2026-01-15T09:30:00Z"},
		{oauth2, "Bearer " + issue(t, 1, gone), "", "has expired at 2026-01-15T09:30:00Z, and the session's clock shows 2026-01-15T09:30:00Z"},
	} {
		s := sent{http.Header{}, url.Values{}, "s", tokenKey(dice.New(1))}
		if c.header != "none" {
			s.header["Authorization"] = strings.Split(c.header, "|")
		}
		if name, value, ok := strings.Cut(c.more, ": "); ok {
			s.header.Set(name, value)
		} else if name, value, ok := strings.Cut(c.more, "="); ok {
			s.query.Set(name, value)
		}
		reason := ""
		if c.access.asks() {
			reason = c.access.look(s).at(dawn.Add(30 * time.Minute))
		}
		if !strings.Contains(reason, c.says) || (reason == "") != (c.says == "") {
			t.Errorf("%s, %q %q: %q, not %q", c.access.Auth, c.header, c.more, reason, c.says)
		}
		if reason != "" && !strings.Contains(reason, "--osago-") && !strings.Contains(reason, "POST /osago/token") {
			t.Errorf("%q names no cure", reason)
		}
		for _, secret := range []string{key, fixed, signed, mac, b64(client + ":" + key)} {
			if strings.Contains(reason, secret) {
				t.Errorf("%q repeats a secret", reason)
			}
		}
	}
}

// TestTokenEnds: a token is good until its end, which is the first instant at which it is not.
func TestTokenEnds(t *testing.T) {
	t.Parallel()
	one := token{Session: "s", Number: 1, Issued: dawn, Ends: dawn.Add(time.Hour)}
	back, reason := readToken(issue(t, 9, one), "s", tokenKey(dice.New(9)))
	if reason != "" || !back.Ends.Equal(one.Ends) || back.Number != 1 {
		t.Fatalf("%+v, %s", back, reason)
	}
	for at, good := range map[time.Duration]bool{-1: false, 0: true, time.Hour - 1: true, time.Hour: false, 1000000 * time.Hour: false} {
		if reason := back.at(dawn.Add(at)); (reason == "") != good {
			t.Errorf("at %s: %q", at, reason)
		}
	}
}

// TestTokenAtTheEndOfTime: a token can be written whatever the clock shows.
func TestTokenAtTheEndOfTime(t *testing.T) {
	t.Parallel()
	for _, ttl := range []time.Duration{time.Second, 1<<63 - 1} {
		at := time.Date(9999, 12, 31, 23, 59, 59, 5, time.UTC)
		back, reason := readToken(issue(t, 1, token{Session: "s", Issued: at, Ends: endOf(at, ttl)}), "s", tokenKey(dice.New(1)))
		if reason != "" || back.at(at) != "" || back.at(at.Add(time.Hour)) == "" {
			t.Errorf("%s: %+v %s", ttl, back, reason)
		}
	}
	if got := endOf(dawn, time.Hour); !got.Equal(dawn.Add(time.Hour)) {
		t.Error(got)
	}
}

// TestGrant: a request gets a token, or an error of RFC 6749 and what is wrong with it.
func TestGrant(t *testing.T) {
	t.Parallel()
	const grant = "grant_type=client_credentials"
	pair := "&client_id=" + client + "&client_secret=" + url.QueryEscape(key)
	for _, c := range []struct{ kind, authorization, query, body, code, says string }{
		{formType, "", "", grant + pair, "", ""},
		{formType + "; charset=utf-8", "", "", grant + pair + "\n", "", ""},
		{"", "", "", grant + pair, "", ""},
		{formType, "Basic " + b64(client+":"+key), "", grant, "", ""},
		{formType, "Basic " + b64(client+":"+url.QueryEscape(key)), "", grant, "", ""}, // RFC 6749, 2.3.1
		{formType, "Basic " + b64(client+":"+key), "", grant + "&client_id=" + client, "", ""},
		{"application/json", "", "", "{}", invalidRequest, "the Content-Type is not application/x-www-form-urlencoded"},
		{"/", "", "", grant + pair, invalidRequest, "the Content-Type is not"},
		{formType, "", "", "a=%zz", invalidRequest, "cannot be read"},
		{formType, "", "", "", invalidRequest, "grant_type is missing"},
		{formType, "", "", pair, invalidRequest, "grant_type is missing"},
		{formType, "", grant + pair, "", invalidRequest, "grant_type is in the query"},
		{formType, "", "client_secret=x", grant + pair, invalidRequest, "client_secret is in the query"},
		{formType, "", "", grant + "&" + grant + pair, invalidRequest, "grant_type is sent more than once"},
		{formType, "", "", "grant_type=password" + pair, unsupportedGrant, "grant_type is not client_credentials"},
		{formType, "Basic " + b64(client+":"+key), "", grant + pair, invalidRequest, "sent twice"},
		{formType, "", "", grant, invalidClient, "no client_id and client_secret"},
		{formType, "", "", grant + "&client_id=" + client, invalidClient, "client_secret is missing"},
		{formType, "", "", grant + "&client_secret=x", invalidClient, "client_id is missing"},
		{formType, "", "", grant + "&client_id=" + client + "&client_secret=x", invalidClient, "the client secret is a wrong one"},
		{formType, "", "", grant + "&client_secret=" + client + "&client_id=" + url.QueryEscape(key), invalidClient, "swapped"},
		{formType, "", "", grant + pair + "%0A", invalidClient, "line break"},
		{formType, "", "", grant + "&client_id=" + client + "&client_secret=" + "s3cr+t+w%25", invalidClient, "a + that was not sent as %2B"},
		{formType, "Bearer x", "", grant, invalidClient, "of the scheme Bearer, not Basic"},
		{formType, "Basic " + b64("nobody:x"), "", grant, invalidClient, "nobody has this client id"},
	} {
		q := grantRequest{header: http.Header{}, body: []byte(c.body)}
		if c.kind != "" {
			q.header.Set("Content-Type", c.kind)
		}
		if c.authorization != "" {
			q.header.Set("Authorization", c.authorization)
		}
		q.query, _ = url.ParseQuery(c.query)
		code, reason := oauth2.refuses(q)
		if code != c.code || !strings.Contains(reason, c.says) || (reason == "") != (c.says == "") {
			t.Errorf("%+v: %s %q", c, code, reason)
		}
		if strings.Contains(reason, key) || strings.Contains(reason, url.QueryEscape(key)) {
			t.Errorf("%q repeats a secret", reason)
		}
	}
}
