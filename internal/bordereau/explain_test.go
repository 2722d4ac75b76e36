package bordereau

import (
	"bytes"
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

// Each of the twelve mistakes that the issue names is recognised by its name; upper case beside it, too.
func TestTwelveMistakes(t *testing.T) {
	t.Parallel()
	const body, pw, old = `{"risks":[{"b":"Пассажир","a":1}]}`, "secret", `{"risks":[]}`
	a := Access{Passwords: map[string]string{"312": pw, "313": "other"}}
	windows, _ := charmap.Windows1251.NewEncoder().String(body)
	mac := hmac.New(sha256.New, []byte(pw))
	mac.Write([]byte(body))
	raw, _ := hex.DecodeString(digest(body, pw))
	for _, tt := range []struct{ id, sign string }{
		{"password-first", digest(pw, body)},
		{"hmac", hex.EncodeToString(mac.Sum(nil))},
		{"base64", base64.StdEncoding.EncodeToString(raw)},
		{"upper-case", strings.ToUpper(digest(body, pw))},
		{"trailing-newline", digest(body, "\n", pw)},
		{"re-serialised", digest(`{"risks": [{"b": "Пассажир", "a": 1}]}`, pw)},
		{"re-serialised", digest(`{"risks":[{"a":1,"b":"Пассажир"}]}`, pw)},
		{"re-serialised", digest(`{"risks":[{"b":"\u041f\u0430\u0441\u0441\u0430\u0436\u0438\u0440","a":1}]}`, pw)},
		{"windows-1251", digest(windows, pw)},
		{"byte-order-mark", digest("\xef\xbb\xbf", body, pw)},
		{"password-alone", digest(pw)},
		{"old-body", digest(old, pw)},
		{"other-password", digest(body, "other")},
	} {
		earlier := slices.Values([][]byte{[]byte(body), []byte("x"), []byte(old)})
		if got := ids(a.Explain("312", tt.sign, []byte(body), earlier)); !slices.Equal(got, []string{tt.id}) {
			t.Errorf("%s is explained as %v", tt.id, got)
		}
		if want := []string{tt.id, "upper-case"}; tt.id != "base64" && tt.id != "upper-case" {
			if got := ids(a.Explain("312", strings.ToUpper(tt.sign), []byte(body), earlier)); !slices.Equal(got, want) {
				t.Errorf("%s in upper case is explained as %v", tt.id, got)
			}
		}
	}
	if got := ids(a.Explain("312", digest(old, "other"), []byte(body), slices.Values([][]byte{[]byte(old)}))); !slices.Equal(got, []string{"old-body", "other-password"}) {
		t.Errorf("an old body with another's password is explained as %v", got)
	}
}

func ids(list []Mistake) (ids []string) {
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	return ids
}

// A right sign is never flagged, whatever came earlier; a sign that nobody makes is not explained; and explaining never panics.
func TestExplainNeverFlagsARightSign(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.OneOf(rapid.SliceOf(rapid.Byte()), rapid.SampledFrom([][]byte{[]byte("{}\n"), []byte(`{"b": "я", "a": 1}`), []byte("\xef\xbb\xbf[]")})).Draw(t, "body")
		pw := rapid.OneOf(rapid.String(), rapid.Just("other")).Draw(t, "password")
		a := Access{Passwords: map[string]string{"1": pw, "2": "other"}}
		earlier := slices.Values([][]byte{body, nil, []byte(pw), append(bytes.Clone(body), pw...)})
		if got := a.Explain("1", Sign(body, pw), body, earlier); got != nil {
			t.Fatalf("a right sign is flagged: %v", got)
		}
		if right, got, known := (&API{access: a}).ExplainSign("1", Sign(body, pw), body, earlier); !right || got != nil || !known {
			t.Fatalf("a right sign is %t, %v, of a partner known: %t", right, got, known)
		}
		random := hex.EncodeToString(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash"))
		if got := a.Explain("1", random, body, earlier); got != nil {
			t.Fatalf("a random sign is explained: %v", got)
		}
		_ = a.Explain("1", rapid.String().Draw(t, "sign"), body, earlier)
	})
}

// A partner that nobody knows has no right sign, and no password of his own can be guessed.
func TestExplainSignOfUnknownPartner(t *testing.T) {
	t.Parallel()
	a := &API{access: Access{Passwords: map[string]string{"312": "secret"}}}
	body := []byte("{}")
	for sign, want := range map[string][]string{digest("{}", "secret"): {"other-password"}, digest("{}"): nil, digest("{}\n"): nil, digest("x"): nil} {
		if right, got, known := a.ExplainSign("999", sign, body, nil); right || known || !slices.Equal(ids(got), want) {
			t.Errorf("right %t, known %t, %v, want %v", right, known, ids(got), want)
		}
	}
}

// However long the body, however many partners and earlier bodies there are, explaining hashes no more than it may.
func TestExplainIsBounded(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1000, 100_000, 1 << 20, 8 << 20} {
		body := worstBody(size)
		seen, old := 0, append([]byte(" "), body...)
		earlier := func(yield func([]byte) bool) {
			for range 1000 {
				if seen++; !yield(old) {
					return
				}
			}
		}
		own, others := worstAccess(20).passwordGuesses("0")
		given, _ := hex.DecodeString(digest("anything"))
		g := &guesser{given: given, own: own, others: others, work: explainWork}
		if got := g.explain(body, earlier); got != nil {
			t.Errorf("%d bytes: %v", size, got)
		}
		if done := g.work == 0; done != (size > 100_000) {
			t.Errorf("%d bytes: the work is done: %t", size, done)
		}
		if seen > earlierBodies+1 || seen > 1 && (seen-1)*len(old) > earlierWork+len(old) {
			t.Errorf("%d bytes: %d earlier bodies were looked at", size, seen)
		}
	}
	own, _ := worstAccess(1).passwordGuesses("0")
	b, form := bodyGuess{bytes: []byte("{} ")}, Mistake{ID: "found"}
	for work, want := range map[int]bool{6: true, 5: false} {
		given, _ := hex.DecodeString(digest(own[0].text, "{} "))
		g := &guesser{given: given, own: own, form: form, work: work}
		if _, got := g.before(b, own[0]); got != want {
			t.Errorf("with work for %d bytes the password before the body is found: %t", work, got)
		}
	}
	for work, want := range map[int]bool{3: true, 2: false} {
		given, _ := hex.DecodeString(digest("{} ", own[0].text))
		g := &guesser{given: given, own: own, form: form, work: work}
		if _, got := g.behind(b, true); got != want {
			t.Errorf("with work for %d bytes the password behind the body is found: %t", work, got)
		}
	}
}

func TestEscapesComeBack(t *testing.T) {
	t.Parallel()
	const text = `{"a":"Пассажир \\u0041 / < \\\\u041f"}`
	if got := string(unescapeBeyondASCII(escapeBeyondASCII([]byte(text)))); got != text {
		t.Errorf("%s became %s", text, got)
	}
}
