package bordereau

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"
)

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// Each mistake that people make is recognised by its name, alone and together with others.
func TestExplain(t *testing.T) {
	t.Parallel()
	const body, pw = `{"risks":[{"lastName":"Пассажир","note":"a/b, c: d","insuranceSum":12000}]}`, "secret"
	a := Access{Passwords: map[string]string{"312": pw, "313": "other"}}
	windows, _ := charmap.Windows1251.NewEncoder().String(body)
	mac := hmac.New(sha256.New, []byte(pw))
	mac.Write([]byte(body))
	raw, _ := hex.DecodeString(digest(body, pw))
	md := md5.Sum([]byte(body + pw))
	s512 := sha512.Sum512([]byte(body + pw))
	tests := map[string]struct {
		sign string
		want []string
	}{
		"password before body":        {digest(pw, body), []string{"password-first"}},
		"HMAC":                        {hex.EncodeToString(mac.Sum(nil)), []string{"hmac"}},
		"base64":                      {base64.StdEncoding.EncodeToString(raw), []string{"base64"}},
		"base64 read from a query":    {strings.ReplaceAll(base64.StdEncoding.EncodeToString(raw), "+", " "), []string{"base64"}},
		"base64 for URLs":             {base64.RawURLEncoding.EncodeToString(raw), []string{"base64"}},
		"upper case":                  {strings.ToUpper(digest(body, pw)), []string{"upper-case"}},
		"white space":                 {digest(body, pw) + "\n", []string{"white-space"}},
		"trailing newline":            {digest(body, "\n", pw), []string{"trailing-newline"}},
		"Python's spaces":             {digest(`{"risks": [{"lastName": "Пассажир", "note": "a/b, c: d", "insuranceSum": 12000}]}`, pw), []string{"re-serialised"}},
		"keys sorted":                 {digest(`{"risks":[{"insuranceSum":12000,"lastName":"Пассажир","note":"a/b, c: d"}]}`, pw), []string{"re-serialised"}},
		"Cyrillic escaped":            {digest(`{"risks":[{"lastName":"\u041f\u0430\u0441\u0441\u0430\u0436\u0438\u0440","note":"a/b, c: d","insuranceSum":12000}]}`, pw), []string{"re-serialised"}},
		"Python's json.dumps":         {digest(`{"risks": [{"lastName": "\u041f\u0430\u0441\u0441\u0430\u0436\u0438\u0440", "note": "a/b, c: d", "insuranceSum": 12000}]}`, pw), []string{"re-serialised"}},
		"PHP's json_encode":           {digest(`{"risks":[{"lastName":"\u041f\u0430\u0441\u0441\u0430\u0436\u0438\u0440","note":"a\/b, c: d","insuranceSum":12000}]}`, pw), []string{"re-serialised"}},
		"indented":                    {digest("{\n  \"risks\": [\n    {\n      \"lastName\": \"Пассажир\",\n      \"note\": \"a/b, c: d\",\n      \"insuranceSum\": 12000\n    }\n  ]\n}", pw), []string{"re-serialised"}},
		"windows-1251":                {digest(windows, pw), []string{"windows-1251"}},
		"byte order mark":             {digest("\xef\xbb\xbf", body, pw), []string{"byte-order-mark"}},
		"the password alone":          {digest(pw), []string{"password-alone"}},
		"the body alone":              {digest(body), []string{"no-password"}},
		"another partner's password":  {digest(body, "other"), []string{"other-password"}},
		"a separator":                 {digest(body, ":", pw), []string{"separator"}},
		"a newline behind a password": {digest(body, pw, "\n"), []string{"password-newline"}},
		"MD5":                         {hex.EncodeToString(md[:]), []string{"other-hash"}},
		"SHA-512":                     {hex.EncodeToString(s512[:]), []string{"other-hash"}},
		"no hash at all":              {"secret!", []string{"not-sha256"}},
		"two at once":                 {strings.ToUpper(digest(pw, body)), []string{"password-first", "upper-case"}},
		"three at once":               {strings.ToUpper(digest("other", body, "\n")), []string{"trailing-newline", "other-password", "password-first", "upper-case"}},
		"none of these":               {digest("anything"), nil},
		"right":                       {digest(body, pw), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, m := range a.Explain("312", tt.sign, []byte(body), nil) {
				got = append(got, m.ID)
				if strings.Contains(m.Text, digest(body, pw)) {
					t.Errorf("the explanation gives the right sign away: %s", m.Text)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// A right sign is never flagged, and explaining never panics.
func TestExplainNeverFlagsARightSign(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body, pw := rapid.SliceOf(rapid.Byte()).Draw(t, "body"), rapid.String().Draw(t, "password")
		a := Access{Passwords: map[string]string{"1": pw, "2": "other"}}
		if got := a.Explain("1", Sign(body, pw), body, nil); got != nil {
			t.Fatalf("a right sign is flagged: %v", got)
		}
		_ = a.Explain("1", rapid.String().Draw(t, "sign"), body, nil)
	})
}

func TestEscapesComeBack(t *testing.T) {
	t.Parallel()
	const text = `{"a":"Пассажир \\u0041 / < \\\\u041f"}`
	if got := string(unescapeBeyondASCII(escapeBeyondASCII([]byte(text)))); got != text {
		t.Errorf("%s became %s", text, got)
	}
}
