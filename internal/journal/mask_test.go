package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"
)

func TestMaskBodies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want string }{
		{"nothing personal", `{"status": "CREATED", "partner": {"name": "Альфа"}, "vin": "X1"}`, ""},
		{"bytes stay", "{ \"firstName\" :\t\"Иван\" ,\n\"policyNumber\":\"\\u041f-1\"}", "{ \"firstName\" :\t\"***\" ,\n\"policyNumber\":\"\\u041f-1\"}"},
		{"both spellings", `{"birthdate":"01.02.1980","birth_date":"1980-02-01","BirthDate":"x"}`, `{"birthdate":"***","birth_date":"***","BirthDate":"***"}`},
		{"escaped name", `{"\u0070hone":"79161234567","p\u0068one_number":"7","\u043fhone":"1"}`, `{"\u0070hone":"***","p\u0068one_number":"***","\u043fhone":"1"}`},
		{"escapes in the value", `{"email":"a\"b@c\u043f","x":1}`, `{"email":"***","x":1}`},
		{"numbers", `{"phone":79161234567,"year":2020}`, `{"phone":"***","year":2020}`},
		{"nothing to hide", `{"phone":null,"middleName":"","email":true}`, ""},
		{"nested arrays", `[[{"phone":["1",["2",{"x":3}]]}],"phone","1"]`, `[[{"phone":["***",["***",{"x":"***"}]]}],"phone","1"]`},
		{"passport", `{"passport":{"series":"1234","number":567890,"issue_date":"2010-10-05","issuer":"ОВД","subdivision":"770-001"}}`,
			`{"passport":{"series":"***","number":"***","issue_date":"***","issuer":"***","subdivision":"***"}}`},
		{"papers as text", `{"passport":"1234 567890","license":["77AA 1"]}`, `{"passport":"***","license":["***"]}`},
		{"licences", `{"previous_license":{"license":{"series":"77AA","number":"1","date":"2015-06-10"}},"foreign_license":{"series":"A"}}`,
			`{"previous_license":{"license":{"series":"***","number":"***","date":"2015-06-10"}},"foreign_license":{"series":"***"}}`},
		{"papers of a car", `{"car_documents":[{"series":"77AA","number":"123456"}],"policy_number":"1"}`, ""},
		{"drivers", `{"drivers":[{"series":"77AA","number":"123456","coefficients":{"kbm":1.17}}],"number":"1"}`,
			`{"drivers":[{"series":"***","number":"***","coefficients":{"kbm":1.17}}],"number":"1"}`},
		{"address", `{"addresses":[{"type":"residence","address":"ул Ленина","region_type":"г","house":"1","geo":{"lat":55.1}}],"house":"2"}`,
			`{"addresses":[{"type":"residence","address":"***","region_type":"г","house":"***","geo":{"lat":"***"}}],"house":"2"}`},
		{"twice", `{"phone":"1234","phone":"5678"}`, `{"phone":"***","phone":"***"}`},
		{"not UTF-8", "{\"phone\":\"\xcf\xf0\",\"x\":\"\xcf\"}", "{\"phone\":\"***\",\"x\":\"\xcf\"}"},
		{"cut in a value", `{"x":"y","phoneNumber":"+7916`, `{"x":"y","phoneNumber":"+***`},
		{"cut in an escape", `{"lastName":"\u0418\u04`, `{"lastName":"***`},
		{"cut in a letter", "{\"last_name\":\"Ив\xd0", `{"last_name":"***`},
		{"cut behind", `{"firstName":"Иван","vin":"X1","flightN`, `{"firstName":"***","vin":"X1","flightN`},
		{"cut in a number", `{"passport":{"series":12`, `{"passport":{"series":***`},
		{"missing comma", `{"phone":"7916" "x":"y"}`, `{"phone":"***" "***":"***"}`},
		{"missing colon", `{"phone" "7916","x":"y"}`, `{"phone" "***","x":"y"}`},
		{"missing quote", `{"a":"x, "phone":"7916"}`, `{"a":"x, "phone":"***"}`},
		{"no quotes", `{phone: 7916, name: Альфа, "x": 1}`, `{phone: ***, ***: ***, "x": 1}`},
		{"single quotes", `{'email': 'user@example.com', 'x': 'y'}`, `{'email': '***@***.***', 'x': 'y'}`},
		{"trailing comma", `{"address":"г Москва, д 1","vin":"X1",}`, `{"address":"***","vin":"X1",}`},
		{"escaped name, broken", `{"ph\u006fne":"7916",}`, `{"ph\u006fne":"***",}`},
		{"quotes in a broken value", `{"address":"ул \"Ленина\": 5","x":1,}`, `{"address":"***","x":1,}`},
		{"JSON in JSON, broken", `{"a":"{\"phone\":\"7916\"}`, `{"a":"{\"phone\":***"***"}`},
		{"behind the mistake", `{"x":,"address":"г \"Москва\": 1","vin":"X1","phone":{"x":[1],"y":2}}`, `{"x":,"address":"*** ***"***": ***","vin":"X1","phone":{"x":[***],"y":***}}`},
		{"name without its quote", `{"phone: "7916","vin":"X1"}`, `{"phone: "***","vin":"X1"}`},
		{"two values", `{"phone":"79"16,"vin":"X1"}`, `{"phone":"***"***,"vin":"X1"}`},
		{"a mark before", "\ufeff{\"phone\":\"7916\"}", "\ufeff{\"phone\":\"***\"}"},
		{"too deep", strings.Repeat("[", 20000) + `{"phone":"7916"}`, strings.Repeat("[", 20000) + `{"phone":"***"}`},
		{"empty", "", ""},
	} {
		want := c.want
		if want == "" {
			want = c.body
		}
		if got, _ := Masked.body([]byte(c.body)); string(got) != want {
			t.Errorf("%s:\nhave %s\nwant %s", c.name, got, want)
		}
		if got, hid := Open.body([]byte(c.body)); string(got) != c.body || hid != nil {
			t.Errorf("%s: open, but %s", c.name, got)
		}
	}
}

// Credentials are hidden under each mask, and nothing else under the open one.
func TestMaskHidesCredentials(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want string }{
		{"a token", `{"access_token":"abc","token_type":"Bearer","expires_in":900}`, `{"access_token":"***","token_type":"Bearer","expires_in":900}`},
		{"spellings", `{"clientSecret":"a","CLIENT-SECRET":"b","client_s\u0065cret":"c","x":{"password":[1,"d"]},"client_id":"e"}`,
			`{"clientSecret":"***","CLIENT-SECRET":"***","client_s\u0065cret":"***","x":{"password":["***","***"]},"client_id":"e"}`},
		{"cut", `{"token_type":"Bearer","access_token":"abc.de`, `{"token_type":"Bearer","access_token":"***.***`},
		{"broken", `{"client_secret":"abc",,"phone":"7916"}`, `{"client_secret":"***",,"phone":"7916"}`},
		{"JSON in JSON", `{"a":"{\"client_secret\":\"abc\"}","b":"{\"phone\":1}","phone":"7916"}`, `{"a":"***","b":"{\"phone\":1}","phone":"7916"}`},
		{"form", "client_id=a&client%5Fsecret=b+c&x=%zz&client_secret&phone=7916\n", "client_id=a&client%5Fsecret=***&x=%zz&client_secret&phone=7916\n"},
		{"form, line break", "a=b&client_secret=c\n", "a=b&client_secret=***"},
		{"no form", "client_secret: abc", ""},
		{"XML", "<password>abc</password>", ""},
		{"UTF-16", "p\x00a\x00s\x00s\x00w\x00o\x00r\x00d\x00=\x00", ""},
		{"something else", "phone: 7916", "phone: 7916"},
	} {
		e := poll(1)
		e.Request.Body, e.Reason = []byte(c.body), "x"
		if s := Show(e, Open); s.Request.Body != c.want || s.Request.Withheld != (c.want == "") {
			t.Errorf("%s: %s, withheld: %t", c.name, s.Request.Body, s.Request.Withheld)
		}
		for _, secret := range []string{"abc", "b+c"} {
			if s := Show(e, Masked); strings.Contains(s.Request.Body, secret) || strings.Contains(string(RequestWithoutSecrets(e.Request.Body)), secret) {
				t.Errorf("%s is shown: %s", c.name, s.Request.Body)
			}
		}
	}
}

// piece is a part of a JSON text: what is sent and what is shown of it.
type piece struct{ sent, shown string }

// secret is a value that occurs nowhere else.
func secret(t *rapid.T) string {
	return "СЕК" + rapid.StringMatching(`[A-Z0-9]{4}`).Draw(t, "secret") + "РЕТ"
}

func value(t *rapid.T, depth int, hide bool) piece {
	space := rapid.SampledFrom([]string{"", " ", "\n\t"}).Draw(t, "space")
	kind := rapid.IntRange(0, 3).Draw(t, "kind")
	if depth == 0 {
		kind %= 2
	}
	var p piece
	switch kind {
	case 0:
		if p = (piece{`"` + secret(t) + `"`, `"***"`}); !hide {
			p.sent = `"plain \" \u041f,:{}[]"`
			p.shown = p.sent
		}
	case 1:
		if p = (piece{`-1.5e3`, `"***"`}); !hide {
			p.shown = p.sent
		}
	case 2:
		var parts []piece
		for range rapid.IntRange(0, 3).Draw(t, "elements") {
			parts = append(parts, value(t, depth-1, hide))
		}
		p = join("[", parts, "]")
	default:
		var parts []piece
		for range rapid.IntRange(0, 3).Draw(t, "members") {
			name := rapid.SampledFrom([]string{"phone", "lastName", "first_\\u006eame", "birth_date", "vin", "x", "name", "offers"}).Draw(t, "name")
			v := value(t, depth-1, hide || strings.ContainsAny(name, "_") || name == "phone" || name == "lastName")
			parts = append(parts, piece{`"` + name + `":` + v.sent, `"` + name + `":` + v.shown})
		}
		p = join("{", parts, "}")
	}
	return piece{space + p.sent, space + p.shown}
}

func join(begin string, parts []piece, end string) piece {
	var sent, shown []string
	for _, p := range parts {
		sent, shown = append(sent, p.sent), append(shown, p.shown)
	}
	return piece{begin + strings.Join(sent, ",") + end, begin + strings.Join(shown, ",") + end}
}

func TestMaskHidesAndNothingElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := join("[", []piece{value(t, 4, false), value(t, 4, false)}, "]")
		got, _ := Masked.body([]byte(body.sent))
		if string(got) != body.shown || !jsontext.Value(got).IsValid(jsontext.AllowDuplicateNames(true)) {
			t.Fatalf("\nsent %s\nhave %s\nwant %s", body.sent, got, body.shown)
		}
		i := rapid.IntRange(1, len(body.sent)).Draw(t, "cut")
		if got, _ := Masked.body([]byte(body.sent[:i])); strings.Contains(string(got), "СЕК") {
			t.Fatalf("a cut body leaks: %s", got)
		}
		if i < len(body.sent) && (isWord(body.sent[i-1]) || isWord(body.sent[i])) {
			return // it would be another name
		}
		sent := body.sent[:i] + rapid.SampledFrom([]string{",", `"`, ":", "{", "["}).Draw(t, "typo") + body.sent[i:]
		if got, _ := Masked.body([]byte(sent)); strings.Contains(string(got), "СЕК") {
			t.Fatalf("a broken body leaks: %s\nshown as %s", sent, got)
		}
	})
}

func FuzzMask(f *testing.F) {
	f.Add([]byte(`{"phone":"79161234567","a":[1,{"address":"x"}]}`))
	f.Add([]byte(`{"ph\u006`))
	f.Add([]byte(`[}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, _ := Masked.body(b)
		options := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
		if jsontext.Value(b).IsValid(options...) && !jsontext.Value(got).IsValid(options...) {
			t.Fatalf("%q was valid, %q is not", b, got)
		}
	})
}

func TestShowHidesSecrets(t *testing.T) {
	t.Parallel()
	e := poll(1)
	e.Request.Target = "/x?sign=abc&token=t0psecret&a=%zz&API_key=t0psecret"
	for _, name := range []string{"Authorization", "cookie", "Proxy-Authorization", "X-Auth-Token", "Client-Secret", "X-Api-Key", "x-apikey", "Password"} {
		e.Request.Header = append(e.Request.Header, Field{name, "t0psecret"})
	}
	e.Answer.Header = append(e.Answer.Header, Field{"Set-Cookie", "t0psecret"})
	for _, m := range []Mask{Masked, Open} {
		b, err := json.Marshal(Show(e, m))
		if err != nil || strings.Contains(string(b), "t0psecret") || strings.Contains(string(b), "sign=abc") {
			t.Errorf("%v %s", err, b)
		}
		if b, err = HAR([]Exchange{e}, m, "http://h", "1"); err != nil || strings.Contains(string(b), "t0psecret") {
			t.Errorf("%v %s", err, b)
		}
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	e := poll(3)
	e.Request.Body, e.Request.Size = []byte(`{"lastName":"Иванов","firstName":"Иван"}`), 100
	e.Reason = `lastName "Иванов" and firstName "Иван" are wrong`
	e.Answer.Header = append(e.Answer.Header, Field{"X-Poligon-Reason", e.Reason})
	s := Show(e, Masked)
	if want := `lastName "***" and firstName "***" are wrong`; s.Reason != want || s.Answer.Headers[3].Value != want {
		t.Errorf("%+v", s)
	}
	if !s.Request.Cut || s.Answer.Cut || s.TookMS != 0.15 || s.Request.Body != `{"lastName":"***","firstName":"***"}` {
		t.Errorf("%+v", s)
	}
	if s := Show(e, Open); s.Reason != e.Reason || s.Request.Body != string(e.Request.Body) {
		t.Errorf("%+v", s)
	}
	for _, body := range []string{"phone=7916", "<phone>7916</phone>", `"{\"phone\":\"7916\"}"`, "{\x00\"\x00p\x00"[1:]} {
		e.Request.Body = []byte(body)
		if s := Show(e, Masked); !s.Request.Withheld || s.Request.Body != "" || s.Request.Base64 != nil {
			t.Errorf("%q is shown: %+v", body, s)
		}
		if s := Show(e, Open); s.Request.Withheld || s.Request.Body != body {
			t.Errorf("%q is not shown openly: %+v", body, s)
		}
	}
	e.Answer.Body, e.Running = []byte("%PDF\xff"), false
	if s := Show(e, Masked); s.Answer.Body != "" || string(s.Answer.Base64) != "%PDF\xff" {
		t.Errorf("%+v", s)
	}
	e.Running = true
	if b := fmt.Sprint(Show(e, Masked).Answer); b != "<nil>" {
		t.Errorf("a running exchange has an answer: %s", b)
	}
}

// What clients make of a body by mistake is no way round the mask.
func TestMaskOfMistakenBodies(t *testing.T) {
	t.Parallel()
	utf16 := []byte("{\x00\"\x00l\x00a\x00s\x00t\x00N\x00a\x00m\x00e\x00\"\x00:\x00\"\x00I\x00v\x00a\x00n\x00\"\x00}\x00")
	twice := []byte(`{"risks":"[{\"lastName\":\"Иванов\",\"phoneNumber\":\"+79161234567\"}]","note":"[sic]"}`)
	for _, body := range [][]byte{utf16, twice} {
		shown, err := json.Marshal(Show(Exchange{Request: Request{Target: "/x?phone=%2B79161234567&lastName=Ivanov&partnerCode=312", Body: body}}, Masked))
		if err != nil {
			t.Fatal(err)
		}
		for _, hidden := range []string{"Иванов", "9161234567", "Ivanov", "SQB2AGEAbg", "I\\u0000v"} {
			if bytes.Contains(shown, []byte(hidden)) {
				t.Errorf("%s shows %s", shown, hidden)
			}
		}
		if !bytes.Contains(shown, []byte("partnerCode=312")) {
			t.Errorf("%s hides too much", shown)
		}
	}
	for name, want := range map[string]bool{"lastName": true, "passport": true, "series": true, "Authorization": true, "X-Api-Key": true, "addresses": true,
		"status": false, "policyNumber": false, "offer_id": false, "Accept": false} {
		if Personal(name) != want {
			t.Errorf("%s is personal: %v", name, !want)
		}
	}
}

// Credentials in a target are hidden however they are separated and spelt, and all else stays.
func TestSecretsInTargets(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"/a?x=1;client_secret=hunter2":                "/a?x=1;client_secret=***",
		"/a?client_secret=hunter2;x=1&y=2":            "/a?client_secret=***&y=2",
		"/a?x;y;client%5Fsecret=hunter2&z=1":          "/a?x;y;client%5Fsecret=***&z=1",
		"/a?x=1;y=2&z=3;":                             "/a?x=1;y=2&z=3;",
		"/a?client_id=bob&SIGN=0a&Pass-Phrase=p":      "/a?client_id=***&SIGN=***&Pass-Phrase=***",
		"/a?phone=%2B79990000000&request_id=1&number": "/a?phone=***&request_id=1&number",
		"/a?;=;&&=;client_secret=":                    "/a?;=;&&=;client_secret=***",
	} {
		if got := target(sent); got != want {
			t.Errorf("%s is shown as %s", sent, got)
		}
	}
	if got := WithoutSecrets("/a?x=1;client_secret=hunter2&client_id=bob"); got != "/a?x=1;client_secret=removed&client_id=bob" {
		t.Error(got)
	}
}

// A header that anybody may have made up for credentials is hidden.
func TestSecretHeaders(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string]bool{"Authorization": true, "X-Auth": true, "X-Auth-Key": true, "X-Api-Key": true, "Ocp-Apim-Subscription-Key": true, "X-Amz-Security-Token": true, "My_Password": true,
		"X-Client-Secret": true, "X-Sign": true, "X-Hub-Signature-256": true, "Cookie": true, "X-Session-Id": true,
		"Accept": false, "X-Request-Id": false, "Idempotency-Key": false, "Content-Type": false, "WWW-Authenticate": false, "X-Poligon-Session": false, "User-Agent": false, "Traceparent": false} {
		if SecretHeader(name) != secret {
			t.Errorf("%s is a secret: %v", name, !secret)
		}
	}
}

// FuzzTarget hides in targets: what was hidden once is hidden for good, and what has nothing to hide stays as it is.
func FuzzTarget(f *testing.F) {
	for _, text := range []string{"/a?x=1;client_secret=hunter2&y", "/a?token=a=b;c", "/a?%74oken=x", "/?sign=;&", "?;;=&token"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shown := target(text)
		if target(shown) != shown {
			t.Fatalf("%q is shown as %q, and that as %q", text, shown, target(shown))
		}
		if shown != text && !strings.Contains(shown, masked) {
			t.Fatalf("%q is shown as %q", text, shown)
		}
		if kept := WithoutSecrets(text); WithoutSecrets(kept) != kept {
			t.Fatalf("%q is kept as %q", text, kept)
		}
		if hidden := target("/?client_secret=hunter2" + strings.TrimLeft(text, "&")); strings.Contains(hidden, "hunter2") && !strings.Contains(text, "hunter2") {
			t.Fatalf("the secret is shown: %q", hidden)
		}
	})
}
