package product_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// imports is the path of the import.
const imports = "/api/v2/importBordereau"

// result is what became of one risk.
type result struct {
	FlightNumber, PolicyNumber string
	UUID                       *string
	Errors                     []refused
}

type refused struct{ Code, Message string }

// codes are a result's codes in a line; "ok" for a risk that was imported.
func (r result) codes() string {
	if r.UUID != nil {
		return "ok"
	}
	list := make([]string, len(r.Errors))
	for i, e := range r.Errors {
		list[i] = e.Code
	}
	return strings.Join(list, " ")
}

// sign is what a partner's own program computes; it is not the product's code on purpose.
func sign(body []byte, password string) string {
	sum := sha256.Sum256(append(body[:len(body):len(body)], password...))
	return hex.EncodeToString(sum[:])
}

// signed is an import of a body as a partner sends it.
func signed(body []byte) call { return signedBy(code, password, body) }

func signedBy(code, password string, body []byte) call {
	query := url.Values{"partnerCode": {code}, "sign": {sign(body, password)}}
	return call{method: http.MethodPost, path: imports + "?" + query.Encode(), header: jsonType, body: body}
}

func (s *play) importBody(t *testing.T, body string) answer {
	t.Helper()
	return s.do(t, signed([]byte(body)))
}

// importRisks imports risks, which may be of any type, and gives their results.
func (s *play) importRisks(t *testing.T, risks ...any) []result {
	t.Helper()
	return s.results(t, s.importBody(t, asJSON(map[string]any{"risks": risks})), len(risks))
}

func (s *play) results(t *testing.T, a answer, n int) []result {
	t.Helper()
	var body struct{ ResultImport []result }
	a.want(t, http.StatusOK).decode(t, &body)
	for i, r := range body.ResultImport {
		if (r.UUID == nil) == (r.Errors == nil) {
			t.Errorf("result %d has both or neither of uuid and errors: %+v", i, r)
		}
	}
	if len(body.ResultImport) != n {
		t.Fatalf("%d results for %d risks: %.300s", len(body.ResultImport), n, a.body)
	}
	return body.ResultImport
}

// risk is a good risk with some fields changed; the value absent takes a field out.
func risk(changes map[string]any) map[string]any {
	r := map[string]any{
		"firstName": "Иван", "lastName": "Петров", "birthdate": "01.02.1990", "phoneNumber": "+79161234567", "flightNumber": "SU-1402",
		"departureDate": "2026-12-01 07:15 +03:00", "policyNumber": "FD-0001", "currency": "RUB", "insuranceSum": 12000,
		"delayTimeHours": 3, "firstCountHours": 3, "repeatedCountHours": 1, "firstCountPercent": 10, "repeatedCountPercent": 30, "paymentType": 1,
	}
	for name, value := range changes {
		if r[name] = value; value == absent {
			delete(r, name)
		}
	}
	return r
}

type absence struct{}

var absent = absence{}

// with is a change of one field.
func with(name string, value any) map[string]any { return map[string]any{name: value} }

// raw is JSON as it stands.
func raw(text string) json.RawMessage { return json.RawMessage(text) }

// policy is a good risk under a policy number.
func policy(number string, changes map[string]any) map[string]any {
	all := maps.Clone(changes)
	if all == nil {
		all = map[string]any{}
	}
	all["policyNumber"] = number
	return risk(all)
}
