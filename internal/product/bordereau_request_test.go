package product_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"poligon/internal/bordereau"
)

// refusesImport checks how a request is refused as a whole, and that nothing of it stays: the same risk is new after it.
func (s *play) refusesImport(t *testing.T, c call, status int, want string) {
	t.Helper()
	s.do(t, c).want(t, status).says(t, want)
	s.holds(t, 0)
	if got := s.importRisks(t, risk(nil))[0].codes(); got != "ok" {
		t.Errorf("a good request after it: %s", got)
	}
	s.holds(t, 1)
}

func TestSignAndPartner(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	body := []byte(asJSON(map[string]any{"risks": []any{risk(nil)}}))
	good := sign(body, password)
	for name, c := range map[string]struct {
		query, body string
		status      int
	}{
		"wrong sign":             {"partnerCode=312&sign=" + sign(body, "other"), wrongSign, 403},
		"sign of another body":   {"partnerCode=312&sign=" + sign(body[1:], password), wrongSign, 403},
		"sign without password":  {"partnerCode=312&sign=" + sign(body, ""), wrongSign, 403},
		"upper-case sign":        {"partnerCode=312&sign=" + strings.ToUpper(good), wrongSign, 403},
		"short sign":             {"partnerCode=312&sign=" + good[:63], wrongSign, 403},
		"long sign":              {"partnerCode=312&sign=" + good + "0", wrongSign, 403},
		"sign and a space":       {"partnerCode=312&sign=" + good + "%20", wrongSign, 403},
		"empty sign":             {"partnerCode=312&sign=", wrongSign, 403},
		"missing sign":           {"partnerCode=312", wrongSign, 403},
		"sign under another key": {"partnerCode=312&Sign=" + good, wrongSign, 403},
		"doubled sign":           {"partnerCode=312&sign=" + good + "&sign=" + good, wrongSign, 400},
		"doubled sign, one bad":  {"partnerCode=312&sign=" + good + "&sign=", wrongSign, 400},
		"unknown partner":        {"partnerCode=313&sign=" + good, wrongPartner, 403},
		"partner and a space":    {"partnerCode=312%20&sign=" + good, wrongPartner, 403},
		"empty partner":          {"partnerCode=&sign=" + good, wrongPartner, 403},
		"missing partner":        {"sign=" + good, wrongPartner, 403},
		"partner in capitals":    {"PARTNERCODE=312&sign=" + good, wrongPartner, 403},
		"doubled partner":        {"partnerCode=312&partnerCode=312&sign=" + good, wrongPartner, 400},
		"two partners":           {"partnerCode=312&partnerCode=313&sign=" + good, wrongPartner, 400},
		"nothing":                {"", wrongPartner, 403},
		"broken percent":         {"partnerCode=312&sign=%zz", wrongSign, 403},
		"semicolon":              {"partnerCode=312;sign=" + good, wrongPartner, 403},
		"unknown before body":    {"partnerCode=313&sign=x", wrongPartner, 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := call{method: http.MethodPost, path: imports + "?" + c.query, header: jsonType, body: body}
			p.frozen(t, "").refusesImport(t, sent, c.status, c.body)
		})
	}
}

// The sign covers the very bytes of the body: any other spelling of the same JSON has another one.
func TestSignCoversTheBytes(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	body := asJSON(map[string]any{"risks": []any{risk(nil)}})
	c := signed([]byte(body))
	c.body = []byte(body + "\n")
	s.do(t, c).want(t, 403).says(t, wrongSign)
	s.importBody(t, body+"\n").want(t, 200)
}

// With signatures off or warned about, what enforce refuses is taken; the warning is in a header.
func TestSignaturesNotEnforced(t *testing.T) {
	t.Parallel()
	body := []byte(asJSON(map[string]any{"risks": []any{risk(nil)}}))
	for mode, warns := range map[bordereau.Signatures]bool{bordereau.Warn: true, bordereau.Off: false} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			p := start(t, setup{signatures: mode})
			for _, query := range []string{"", "partnerCode=312&sign=x", "partnerCode=999"} {
				s := p.frozen(t, "")
				a := s.do(t, call{method: "POST", path: imports + "?" + query, header: jsonType, body: body})
				if got := s.results(t, a, 1)[0].codes(); got != "ok" {
					t.Errorf("%q: %s", query, got)
				}
				if warned := a.header.Get("X-Poligon-Reason") != ""; warned != warns {
					t.Errorf("%q: the header is %q", query, a.header.Get("X-Poligon-Reason"))
				}
			}
		})
	}
}

func TestImportMethodsAndPaths(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for _, c := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", imports, 405, wrongMethod},
		{"HEAD", imports, 405, ""},
		{"PUT", imports, 405, wrongMethod},
		{"DELETE", imports, 405, wrongMethod},
		{"OPTIONS", imports, 405, wrongMethod},
		{"POST", imports + "/", 404, wrongPath},
		{"POST", "/api/v2/importbordereau", 404, wrongPath},
		{"POST", "/api/v1/importBordereau", 404, wrongPath},
		{"POST", "/api/v2//importBordereau", 404, wrongPath},
		{"POST", "/api/v2%2FimportBordereau", 404, wrongPath},
		{"POST", "/api/", 404, wrongPath},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			t.Parallel()
			s := p.frozen(t, "")
			body := asJSON(map[string]any{"risks": []any{risk(nil)}})
			good := signed([]byte(body))
			good.method = c.method
			good.path = strings.Replace(good.path, imports, c.path, 1)
			a := s.do(t, good).want(t, c.status)
			if c.body != "" {
				a.says(t, c.body)
			}
			if allow := a.header.Get("Allow"); (allow == "POST") != (c.status == 405) {
				t.Errorf("Allow is %q", allow)
			}
			s.holds(t, 0)
		})
	}
}

func TestImportIsNoJSON(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	good := asJSON(map[string]any{"risks": []any{risk(nil)}})
	bodies := notJSON(good, "Петров")
	bodies["a lone surrogate"] = strings.Replace(good, "Петров", `\ud800`, 1)
	bodies["surrogates the wrong way round"] = strings.Replace(good, "Петров", `\udc00\ud800`, 1)
	bodies["a bad escape"] = strings.Replace(good, "Петров", `\x41`, 1)
	bodies["the second risk breaks off"] = good[:len(good)-2] + `,{"firstName":"И`
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.frozen(t, "").refusesImport(t, signed([]byte(body)), 400, wrongBody)
		})
	}
}

// JSON that holds no list of risks is refused as a whole.
func TestImportHoldsNoRisks(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for _, body := range []string{
		"{}", `{"risk": []}`, `{"Risks": []}`, `{"risks": null}`, `{"risks": {}}`, `{"risks": "[]"}`, `{"risks": 1}`, `{"risks": true}`,
		"null", "[]", "[{}]", `"risks"`, "1", "false", fmt.Sprintf("[%s]", asJSON(risk(nil))), asJSON(risk(nil)),
		`{"risks": [], "risks": null}`, `{"data": {"risks": []}}`,
	} {
		t.Run(body[:min(len(body), 30)], func(t *testing.T) {
			t.Parallel()
			p.frozen(t, "").refusesImport(t, signed([]byte(body)), 400, wrongRisks)
		})
	}
}

// What is odd and still a list of risks.
func TestImportIsRead(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	good := asJSON(risk(nil))
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	for name, c := range map[string]struct{ body, codes string }{
		"no risks":                     {`{"risks": []}`, ""},
		"unknown keys beside":          {`{"x": {"risks": 5}, "risks": [` + good + `], "y": [1e400]}`, "ok"},
		"risks twice, the last counts": {`{"risks": [` + good + `], "risks": []}`, ""},
		"a list behind a null":         {`{"risks": null, "risks": [` + good + `]}`, "ok"},
		"an escaped key":               {`{"\u0072isks": [` + strings.Replace(good, `"birthdate"`, `"\u0062irthdate"`, 1) + `]}`, "ok"},
		"a key twice, the last counts": {`{"risks": [` + strings.Replace(good, `"currency"`, `"currency":5,"currency"`, 1) + `]}`, "ok"},
		"the other way round":          {`{"risks": [` + good[:len(good)-1] + `,"currency":5}]}`, "WRONG_POLICY_CURRENCY"},
		"spaces around":                {" \r\n\t{\"risks\" : [ \n" + good + " ] } \n", "ok"},
		"a deep unknown key":           {`{"risks": [` + good[:len(good)-1] + `,"x":` + deep + `}]}`, "ok"},
		"a deep known key":             {`{"risks": [` + good[:len(good)-1] + `,"currency":` + deep + `}]}`, "WRONG_POLICY_CURRENCY"},
		"no objects":                   {`{"risks": [null, 1, "x", [], [` + good + `], true, {}, ` + good + `]}`, strings.Repeat("WRONG_RISK_FORMAT|", 6) + everything + "|ok"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := p.frozen(t, "")
			var list []string
			if c.codes != "" {
				list = strings.Split(c.codes, "|")
			}
			results := s.results(t, s.importBody(t, c.body), len(list))
			imported := 0
			for i, r := range results {
				if r.codes() != list[i] {
					t.Errorf("risk %d: %s, want %s", i, r.codes(), list[i])
				}
				if r.UUID != nil {
					imported++
				}
			}
			s.holds(t, imported)
		})
	}
}

// everything is what is wrong with an empty risk: all that is required, in the order of the page's table.
const everything = "WRONG_INSURED_FIRST_NAME WRONG_INSURED_LAST_NAME WRONG_INSURED_BIRTHDATE WRONG_INSURED_PHONE_NUMBER WRONG_FLIGHT_NUMBER " +
	"WRONG_FLIGHT_DEPARTURE_DATE WRONG_POLICY_NUMBER WRONG_POLICY_CURRENCY WRONG_POLICY_INSURANCE_SUM WRONG_POLICY_DELAY_TIME_HOURS " +
	"WRONG_POLICY_FIRST_COUNT_HOURS WRONG_POLICY_REPEATED_COUNT_HOURS WRONG_POLICY_FIRST_COUNT_PERCENT WRONG_POLICY_REPEATED_COUNT_PERCENT " +
	"WRONG_POLICY_PAYMENT_TYPE"
