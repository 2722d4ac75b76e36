package product_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Whatever is refused, the answer links to the exchange in the journal, which says why, in words that the header has too.
func TestJournalSaysWhyRefused(t *testing.T) {
	t.Parallel()
	p := start(t, setup{maxBody: 300 << 10, notFound: true})
	s := p.frozen(t, "")
	s.post(t, application(ours)).want(t, 200)
	good := []byte(asJSON(map[string]any{"risks": list(risk(nil))}))
	post := func(path, kind, body string) call {
		return call{method: "POST", path: path, header: map[string]string{"Content-Type": kind}, body: []byte(body)}
	}
	typed := func(c call, kind string) call {
		c.header = map[string]string{"Content-Type": kind}
		return c
	}
	const calculate = "/osago/calculate"
	statuses := map[int]bool{}
	for name, c := range map[string]call{
		"no id":               {method: "GET", path: calculate},
		"bad id":              {method: "GET", path: calculate + "?request_id=x"},
		"bad id of a status":  {method: "GET", path: calculate + "/status?request_id="},
		"two ids":             {method: "GET", path: calculate + "?request_id=" + ours + "&request_id=" + ours},
		"HEAD of a bad id":    {method: "HEAD", path: calculate + "?request_id=x"},
		"unknown id":          {method: "GET", path: calculate + "?request_id=11111111-1111-4111-8111-111111111111"},
		"unknown path":        {method: "GET", path: "/osago/calculat"},
		"unknown import path": {method: "POST", path: "/api/v1/importBordereau", body: good},
		"wrong method":        {method: "PUT", path: calculate},
		"wrong import method": {method: "GET", path: imports},
		"not JSON":            post(calculate, "application/json", "{"),
		"no body":             post(calculate, "application/json", ""),
		"byte order mark":     post(calculate, "application/json", "\xef\xbb\xbf"+application(ours)),
		"not UTF-8":           post(calculate, "application/json", cp1251(application(ours))),
		"broken contract":     post(calculate, "application/json", change("owner.first_name", absent)),
		"too large a year":    post(calculate, "application/json", change("vehicle.year", raw("1e30"))),
		"no licence":          post(calculate, "application/json", change("drivers_info.drivers[0].license", absent)),
		"taken id":            post(calculate, "application/json", change("vehicle.engine_power", 77)),
		"content type":        post(calculate, "text/html", application(ours)),
		"too long":            post(calculate, "application/json", strings.Repeat(" ", 257<<10)),
		"much too long":       post(calculate, "application/json", strings.Repeat(" ", 301<<10)),
		"no partner":          {method: "POST", path: imports, body: good},
		"unknown partner":     signedBy("nobody", password, good),
		"no sign":             {method: "POST", path: imports + "?partnerCode=" + code, body: good},
		"empty sign":          {method: "POST", path: imports + "?partnerCode=" + code + "&sign=", body: good},
		"wrong sign":          signedBy(code, "wrong", good),
		"two signs":           {method: "POST", path: imports + "?partnerCode=" + code + "&sign=a&sign=b", body: good},
		"two partners":        {method: "POST", path: imports + "?partnerCode=" + code + "&partnerCode=7&sign=b", body: good},
		"import type":         typed(signed(good), "text/html"),
		"import charset":      typed(signed(good), "application/json; charset=windows-1251"),
		"import not JSON":     signed([]byte(`{"risks": [`)),
		"no risks":            signed([]byte(`{"risk": []}`)),
		"import an array":     signed([]byte(`[]`)),
		"import too long":     signed([]byte(strings.Repeat(" ", 301<<10))),
		"too many risks":      signed([]byte(`{"risks": [` + strings.Repeat("{},", 20_000) + "{}]}")),
	} {
		a := s.do(t, c)
		statuses[a.status] = true
		if a.status < 400 || a.status > 499 {
			t.Errorf("%s: %s", name, a)
			continue
		}
		link := a.header.Get("Link")
		want := fmt.Sprintf(`<%s/__admin/sessions/%s/journal/%s>; rel="describedby"`, p.url, s.name, a.header.Get("X-Poligon-Number"))
		if link != want {
			t.Errorf("%s: link %q, want %q", name, link, want)
			continue
		}
		var e kept
		target, _, _ := strings.Cut(strings.TrimPrefix(link, "<"+p.url), ">")
		p.do(t, call{method: "GET", path: target}).want(t, 200).decode(t, &e)
		if e.Reason == "" || e.Answer == nil || e.Answer.Status != a.status {
			t.Errorf("%s: the journal has %+v", name, e)
		}
		if header := a.header.Get("X-Poligon-Reason"); header == "" || len(e.Reason) < 1000 && len(header) != len([]rune(e.Reason)) {
			t.Errorf("%s: the header says %q, the journal %q", name, header, e.Reason)
		}
	}
	for _, status := range []int{400, 403, 404, 405, 413, 415} {
		if !statuses[status] {
			t.Errorf("no refusal was a %d: %v", status, statuses)
		}
	}
	s.holds(t, 1)
}

// A risk that is refused within a 200 has its reason too.
func TestJournalSaysWhyARiskIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.importRisks(t, risk(nil), policy("X-2", with("birthdate", "x")))
	s.importRisks(t, risk(nil))
	all := s.pageOf(t, "refused=true").Exchanges
	if len(all) != 2 || !strings.Contains(all[0].Reason, "birthdate") || !strings.Contains(all[1].Reason, "override") {
		t.Errorf("%q %q", all[0].Reason, all[len(all)-1].Reason)
	}
}

// A signMistake is how a client signs a body wrongly; sent is what it sends with that sign.
type signMistake struct {
	id   string
	make func(body string) (sign, sent string)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// signMistakes are what people get wrong; earlier was sent before.
func signMistakes(earlier string) map[string]signMistake {
	as := func(id string, sign func(body string) string) signMistake {
		return signMistake{id, func(body string) (string, string) { return sign(body), body }}
	}
	rewritten := func(body string, indent bool) string {
		var value any
		_ = json.Unmarshal([]byte(body), &value)
		text, _ := json.Marshal(value)
		if indent {
			text, _ = json.MarshalIndent(value, "", "  ")
		}
		return string(text)
	}
	return map[string]signMistake{
		"password first": as("password-first", func(b string) string { return digest(password + b) }),
		"HMAC": as("hmac", func(b string) string {
			m := hmac.New(sha256.New, []byte(password))
			m.Write([]byte(b))
			return hex.EncodeToString(m.Sum(nil))
		}),
		"base64": as("base64", func(b string) string {
			sum := sha256.Sum256([]byte(b + password))
			return base64.StdEncoding.EncodeToString(sum[:])
		}),
		"upper case":   as("upper-case", func(b string) string { return strings.ToUpper(digest(b + password)) }),
		"newline":      as("trailing-newline", func(b string) string { return digest(b + "\n" + password) }),
		"newline sent": {"trailing-newline", func(b string) (string, string) { return digest(b + password), b + "\n" }},
		"spaces":       as("re-serialised", func(b string) string { return digest(rewritten(b, true) + password) }),
		"key order":    as("re-serialised", func(b string) string { return digest(rewritten(b, false) + password) }),
		"escaped": as("re-serialised", func(b string) string {
			return digest(strings.Trim(fmt.Sprintf("%+q", strings.ReplaceAll(b, `"`, "'")), `"`) + password)
		}),
		"windows-1251":    as("windows-1251", func(b string) string { return digest(cp1251(b) + password) }),
		"byte order mark": as("byte-order-mark", func(b string) string { return digest("\xef\xbb\xbf" + b + password) }),
		"mark sent":       {"byte-order-mark", func(b string) (string, string) { return digest(b + password), "\xef\xbb\xbf" + b }},
		"password alone":  as("password-alone", func(string) string { return digest(password) }),
		"old body":        as("old-body", func(string) string { return digest(earlier + password) }),
		"other password":  as("other-password", func(b string) string { return digest(b + "другой пароль") }),
	}
}

// unsorted is an import's body whose keys are neither sorted nor spaced; it has Cyrillic letters.
const unsorted = `{"risks":[{"policyNumber":"S-1","lastName":"Петров","firstName":"Иван","birthdate":"01.02.1990"}]}`

// Each of the mistakes is named, by the journal, the header and the question; nobody is told a password or the right sign.
func TestJournalNamesSignMistakes(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	earlier := `{"risks":[{"policyNumber":"S-0"}]}`
	for name, m := range signMistakes(earlier) {
		if name == "escaped" { // quotes stay as they are
			m.make = func(b string) (string, string) {
				return digest(strings.ReplaceAll(strings.Trim(fmt.Sprintf("%+q", strings.ReplaceAll(b, `"`, "\x01")), `"`), `\x01`, `"`) + password), b
			}
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := p.frozen(t, "")
			s.importBody(t, earlier)
			sign, sent := m.make(unsorted)
			a := s.do(t, call{method: http.MethodPost, path: imports + "?" + query("partnerCode", code, "sign", sign), header: jsonType, body: []byte(sent)}).want(t, 403)
			var e kept
			entry := s.admin(t, "GET", "/journal/"+a.header.Get("X-Poligon-Number"), "").want(t, 200)
			if entry.decode(t, &e); !slices.Contains(e.Mistakes, m.id) || e.Reason == "" || len(e.Mistakes) > 1 {
				t.Errorf("%q for %q", e.Mistakes, e.Reason)
			}
			ask := map[string]string{"partner_code": code, "sign": sign, "body_base64": base64.StdEncoding.EncodeToString([]byte(sent)), "session": s.name}
			said := p.do(t, call{method: "POST", path: "/__admin/signature/explain", header: jsonType, body: []byte(asJSON(ask))}).want(t, 200)
			var told struct {
				Right    bool
				Known    bool `json:"partner_known"`
				Mistakes []struct{ ID, Text string }
			}
			if said.decode(t, &told); told.Right || !told.Known || len(told.Mistakes) != 1 || told.Mistakes[0].ID != m.id || told.Mistakes[0].Text == "" {
				t.Errorf("the question is answered %s", said)
			}
			if m.id == "old-body" {
				delete(ask, "session")
				p.do(t, call{method: "POST", path: "/__admin/signature/explain", header: jsonType, body: []byte(asJSON(ask))}).want(t, 200).
					says(t, `{"right": false, "partner_known": true, "mistakes": []}`)
			}
			right := digest(sent + password)
			for where, text := range map[string]string{"the answer": a.String(), "the header": fmt.Sprint(a.header), "the journal": e.Reason, "the question": said.String()} {
				for _, secret := range []string{right, strings.ToUpper(right), `"` + password + `"`, "другой пароль", "password is " + password} {
					if strings.Contains(text, secret) && !strings.EqualFold(secret, sign) {
						t.Errorf("%s tells %q: %s", where, secret, text)
					}
				}
			}
		})
	}
}

// A right sign is never flagged, and a wrong one that nobody can explain has no mistakes; who asks wrongly is told how to ask.
func TestSignatureQuestions(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	ask := func(body string) answer {
		return p.do(t, call{method: "POST", path: "/__admin/signature/explain", header: jsonType, body: []byte(body)})
	}
	for _, body := range []string{unsorted, "", "{}", "\n", "\xef\xbb\xbf{}", cp1251(unsorted), strings.Repeat("x", 3<<20)} {
		ask(asJSON(map[string]string{"partner_code": code, "sign": digest(body + password), "body_base64": base64.StdEncoding.EncodeToString([]byte(body))})).want(t, 200).
			says(t, `{"right": true, "partner_known": true, "mistakes": []}`)
		if body != "" {
			ask(asJSON(map[string]string{"partner_code": code, "sign": digest("?" + body), "body_base64": base64.StdEncoding.EncodeToString([]byte(body))})).want(t, 200).
				says(t, `{"right": false, "partner_known": true, "mistakes": []}`)
		}
	}
	ask(asJSON(map[string]string{"partner_code": "nobody", "sign": digest("x"), "body": "{}"})).want(t, 200).says(t, `{"right": false, "partner_known": false, "mistakes": []}`)
	ask(asJSON(map[string]string{"partner_code": "nobody", "sign": digest("{}"), "body": "{}"})).want(t, 200).says(t, `{"right": false, "partner_known": false, "mistakes": []}`)
	ask(`{"partner_code": "312", "sign": "x", "body": "{}", "body_base64": "e30="}`).wantProblem(t, 400, "exactly one of body and body_base64", "/body")
	ask(`{"partner_code": "312", "sign": "x"}`).wantProblem(t, 400, "exactly one of body and body_base64", "/body")
	ask(`{"partner_code": "312", "sign": "x", "body_base64": "?"}`).wantProblem(t, 400, "not base64", "/body_base64")
	ask(`{"partner_code": "312", "sign": "x", "body": "{}", "session": "nobody"}`).wantProblem(t, 404, "nobody", "")
	ask(`{"sign": "x", "body": "{}"}`).want(t, 400)
}

// query is a query of names and values.
func query(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(pairs[i] + "=" + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(pairs[i+1]))
	}
	return b.String()
}

// cp1251 is a text in windows-1251.
func cp1251(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 {
			b.WriteByte(byte(r))
			continue
		}
		b.WriteString(windows1251(string(r)))
	}
	return b.String()
}
