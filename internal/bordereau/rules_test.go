package bordereau

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/contract"
	"poligon/openapi"
)

func newTestBook(tb testing.TB) (*rulebook, *contract.Schema) {
	tb.Helper()
	doc, err := contract.Load(openapi.Bordereau)
	if err != nil {
		tb.Fatal(err)
	}
	book, err := newRulebook(doc)
	if err != nil {
		tb.Fatal(err)
	}
	schema, err := doc.Schema("Risk")
	if err != nil {
		tb.Fatal(err)
	}
	return book, schema
}

// The rules of the contract are the ones that the code knows, each code is in the catalogue, and each code has a text.
func TestRulesAreTheContracts(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	known := []string{"accrual-pair", ruleDepartureTime, ruleKnownFlight, ruleFlightStatus, "repeated-risk"}
	for _, rule := range fieldRules {
		known = append(known, rule.key)
	}
	for name, r := range book.rules {
		if !slices.Contains(known, name) {
			t.Errorf("nobody keeps the contract's rule %s", name)
		}
		if name != "accrual-pair" && !slices.Contains(book.codes, r.Code) {
			t.Errorf("rule %s gives %q, which is not in the catalogue", name, r.Code)
		}
	}
	if len(known) != len(book.rules) {
		t.Errorf("the code knows %d rules, the contract %d", len(known), len(book.rules))
	}
	for _, code := range book.codes {
		if book.messages[code] == "" {
			t.Errorf("%s has no text", code)
		}
	}
	for _, code := range []string{wrongBody, wrongRisks, wrongSign, wrongPartner, wrongPath, wrongMethod, wrongSize, wrongType, internal} {
		if !slices.Contains(book.codes, code) {
			t.Errorf("%s is not in the catalogue", code)
		}
	}
}

// SHA-256 of "abc" is known; body and password are glued with nothing between.
func TestSign(t *testing.T) {
	t.Parallel()
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	for i := range 4 {
		if got := Sign([]byte("abc"[:i]), "abc"[i:]); got != want {
			t.Errorf("body of %d bytes: %s", i, got)
		}
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	body := []byte(`{"risks":[]}`)
	good, code, other := Sign(body, "secret"), "312", "313"
	str := func(s string) *string { return &s }
	a := Access{Passwords: map[string]string{"312": "secret"}, Signatures: Enforce}
	tests := map[string]struct {
		code, sign *string
		want       string
	}{
		"right":            {&code, &good, ""},
		"unknown partner":  {&other, &good, wrongPartner},
		"no partner":       {nil, &good, wrongPartner},
		"no sign":          {&code, nil, wrongSign},
		"empty sign":       {&code, str(""), wrongSign},
		"upper case":       {&code, str(strings.ToUpper(good)), wrongSign},
		"one digit short":  {&code, str(good[:63]), wrongSign},
		"another body":     {&code, str(Sign([]byte(`{"risks": []}`), "secret")), wrongSign},
		"another password": {&code, str(Sign(body, "Secret")), wrongSign},
		"trailing space":   {&code, str(good + " "), wrongSign},
	}
	for name, tt := range tests {
		found := a.check(signed{tt.code, tt.sign, body, nil})
		got, reason := found.code, found.reason
		if got != tt.want || (got == "") != (reason == "") {
			t.Errorf("%s: %q (%s), want %q", name, got, reason, tt.want)
		}
		if strings.Contains(reason, good) {
			t.Errorf("%s: the reason gives the right sign away", name)
		}
	}
}

func TestDepartures(t *testing.T) {
	t.Parallel()
	at := func(layout, s string) time.Time {
		d, err := parseDate(layout, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	daily, dated := departure{at: at(dailyLayout, "20:00 +03:00"), daily: true}, departure{at: at(datedLayout, "2018-04-09 20:00 +03:00")}
	tests := []struct {
		d        departure
		stated   string
		dateOnly bool
		want     bool
	}{
		{daily, "2018-04-09 20:00 +03:00", false, true},
		{daily, "2030-01-01 17:00 Z", false, true},
		{daily, "2018-04-10 03:00 +10:00", false, true},
		{daily, "2018-04-09 20:01 +03:00", false, false},
		{daily, "2018-04-09 20:00 +04:00", false, false},
		{daily, "2018-04-09 03:00 +03:00", true, true},
		{dated, "2018-04-09 20:00 +03:00", false, true},
		{dated, "2018-04-09 17:00 Z", false, true},
		{dated, "2018-04-10 20:00 +03:00", false, false},
		{dated, "2018-04-09 00:00 +03:00", true, true},
		{dated, "2018-04-10 00:00 +03:00", true, false},
		{dated, "2018-04-10 03:00 +10:00", true, false}, // the same instant, but the local date differs
	}
	for _, tt := range tests {
		if got := tt.d.agrees(at(datedLayout, tt.stated), tt.dateOnly); got != tt.want {
			t.Errorf("departure %v (daily %t), stated %s, date only %t: %t", tt.d.at, tt.d.daily, tt.stated, tt.dateOnly, got)
		}
	}
}

// Java's strict parser is the model (contract facts B4): what it takes is taken, what it refuses is refused.
func TestDates(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	tests := map[field]map[string]bool{
		departureDate: {
			"2018-04-09 20:00 +03:00": true, "2018-04-09 20:00 Z": true, "2018-04-09 20:00 +00:00": true, "2018-04-09 20:00 -00:00": true,
			"2018-04-09 20:00 +18:00": true, "2018-04-09 20:00 +18:01": false, "2018-04-09 20:00 +0300": false, "2018-04-09 20:00 +03": false,
			"2018-04-09 20:00+03:00": false, "2018-04-09T20:00 +03:00": false, "2018-04-09 20:00:00 +03:00": false, "2018-04-09 20:00 z": false,
			"2018-02-30 10:00 +03:00": false, "2018-04-09 24:00 +03:00": false, "2018-4-9 20:00 +03:00": false, "2020-02-29 10:00 Z": true,
			"2018-04-09 20:00 +03:00 ": false, "": false,
		},
		birthdate: {"11.01.1986": true, "31.02.1986": false, "1.1.1986": false, "29.02.1984": true, "29.02.1985": false, "1986-01-11": false},
	}
	for f, dates := range tests {
		for text, want := range dates {
			raw, _ := json.Marshal(text)
			if got := book.checks[f].keeps(value{kind: '"', raw: raw}); got != want {
				t.Errorf("%s %q: %t, want %t", fieldNames[f], text, got, want)
			}
		}
	}
}

// parse is the one risk of a body.
func parse(tb interface {
	Helper()
	Fatal(...any)
}, risk string) *risk {
	tb.Helper()
	risks, err := readRisks([]byte(`{"risks":[` + risk + `]}`))
	if err != nil {
		tb.Fatal(err)
	}
	return &risks[0]
}

// The compiled check and the OpenAPI library give the same verdict on every field, whatever it holds.
func TestCompiledCheckIsTheContract(t *testing.T) {
	t.Parallel()
	book, schema := newTestBook(t)
	texts := []string{`""`, `"S7-155"`, `"s7-155"`, `"RUB"`, `"РУБ"`, `"R"`, `"11.01.1986"`, `"31.01.198"`, `"+79161234567"`, `"89161234567"`, `"2018-04-09 20:00 +03:00"`, `"2018-04-09"`,
		`"` + strings.Repeat("я", 45) + `"`, `"` + strings.Repeat("я", 46) + `"`, `"` + strings.Repeat("я", 101) + `"`, `"\u0041\n"`}
	others := []string{`null`, `true`, `false`, `0`, `-0`, `1`, `2`, `3`, `1.5`, `-1`, `1e-400`, `100`, `100.00001`, `12000`, `1e308`, `[]`, `{}`, `[1]`}
	rapid.Check(t, func(t *rapid.T) {
		members, generic := []string{}, map[string]any{}
		for _, name := range fieldNames {
			if rapid.IntRange(0, 4).Draw(t, "absent") == 0 {
				continue
			}
			raw := rapid.SampledFrom(append(texts, others...)).Draw(t, name)
			members = append(members, fmt.Sprintf("%q:%s", name, raw))
			var v any
			_ = json.Unmarshal([]byte(raw), &v)
			generic[name] = v
		}
		r := parse(t, "{"+strings.Join(members, ",")+"}")
		broken := map[string]bool{}
		for _, v := range schema.Violations(generic) {
			broken[strings.SplitN(strings.SplitN(v.Path, ".", 2)[0], "[", 2)[0]] = true
		}
		for f, name := range fieldNames {
			c := book.checks[f]
			c.layout = "" // the calendar is ours; the library knows the pattern alone
			if got, want := c.keeps(r.at(field(f))), !broken[name]; got != want {
				t.Fatalf("%s = %s: compiled says %t, the contract %t", name, r.at(field(f)).raw, got, want)
			}
		}
	})
}

// Which accruals are missing (the contract's rule accrual-pair).
func TestAccrualPair(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	p1, p2, s1, s2 := "WRONG_POLICY_FIRST_COUNT_PERCENT", "WRONG_POLICY_REPEATED_COUNT_PERCENT", "WRONG_POLICY_FIRST_COUNT_SUM", "WRONG_POLICY_REPEATED_COUNT_SUM"
	tests := map[string][]string{
		`{"firstCountPercent":10,"repeatedCountPercent":30}`:                                        nil,
		`{"firstCountPercent":0,"repeatedCountPercent":0}`:                                          nil,
		`{"firstCountSum":100,"repeatedCountSum":50.5}`:                                             nil,
		`{"firstCountPercent":10,"repeatedCountPercent":30,"firstCountSum":0,"repeatedCountSum":0}`: nil,
		`{"firstCountPercent":10,"repeatedCountPercent":30,"firstCountSum":100}`:                    nil,
		`{}`: {p1, p2},
		`{"firstCountSum":0,"repeatedCountSum":0}`:        {p1, p2},
		`{"firstCountPercent":10}`:                        {p2},
		`{"firstCountSum":100}`:                           {s2},
		`{"repeatedCountSum":100}`:                        {s1},
		`{"firstCountSum":100,"repeatedCountSum":0}`:      {s2},
		`{"firstCountSum":100,"repeatedCountPercent":30}`: {s2},
		`{"firstCountSum":null,"firstCountPercent":null}`: {p1, p2},
	}
	for risk, want := range tests {
		var got []string
		for _, f := range book.accrual(parse(t, risk), nil) {
			got = append(got, f.code)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", risk, got, want)
		}
	}
}

// Every field says in words what it wants.
func TestReasons(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	want := map[string]string{
		`{"firstName":1}`:           "firstName is not a text of 1 to 100 characters",
		`{"birthdate":"1.1.1986"}`:  "birthdate is not a date of the calendar as a text, dd.MM.yyyy",
		`{"phoneNumber":"8"}`:       `phoneNumber is not a text like ^\+[1-9][0-9]{10,14}$`,
		`{"insuranceSum":"12000"}`:  "insuranceSum is not a number above 0",
		`{"firstCountPercent":101}`: "firstCountPercent is not a number from 0 to 100",
		`{"cancelSum":-1}`:          "cancelSum is not a number of at least 0",
		`{"paymentType":3}`:         "paymentType is not 1 or 2",
		`{"override":"true"}`:       "override is not true or false",
		`{"flightNumber":"s7-155"}`: "The flight number is CC-N",
		`{"departureDate":null}`:    "departureDate is missing",
		`{"flightNumber":""}`:       "flightNumber is not a text",
		`7`:                         "it is not a JSON object",
	}
	for risk, why := range want {
		found := false
		for _, f := range book.flaws(parse(t, risk)) {
			found = found || strings.HasPrefix(f.why, why)
		}
		if !found {
			t.Errorf("%s: no flaw says %q: %v", risk, why, book.flaws(parse(t, risk)))
		}
	}
}

func TestAsManyRisksAsAllowed(t *testing.T) {
	t.Parallel()
	body := func(n int) []byte {
		return []byte(`{"risks":[` + strings.TrimSuffix(strings.Repeat("{},", n), ",") + `]}`)
	}
	if risks, err := readRisks(body(maxRisks)); err != nil || len(risks) != maxRisks {
		t.Errorf("%d risks, %v", len(risks), err)
	}
	if _, err := readRisks(body(maxRisks + 1)); !errors.Is(err, errTooMany) {
		t.Errorf("one more: %v", err)
	}
}

// The zone of a date is the one it states, wherever the server runs.
func TestDatesHaveNoLocalZone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"20:00 +02:00", "20:00 +00:00", "20:00 Z", "20:00 +03:00"} {
		if d, err := parseDate(dailyLayout, text); err != nil || d.Location() == time.Local {
			t.Errorf("%s: %v in %v", text, err, d.Location())
		}
	}
}

func TestNumbersAreBounded(t *testing.T) {
	t.Parallel()
	v := value{kind: '0', raw: []byte("1." + strings.Repeat("3", 1_000_000))}
	if _, ok := v.number(); ok || !v.exact().IsZero() {
		t.Error("a million digits were taken for a number")
	}
}

func FuzzReadRisks(f *testing.F) {
	f.Add([]byte(`{"risks":[{"firstName":"Пассажиров","insuranceSum":12000}]}`))
	f.Add([]byte(`{"risks":[null,1,{"a":{"b":[1,2,"\ud800"]}}],"risks":[{}]}`))
	f.Add([]byte("\xef\xbb\xbf{}"))
	f.Add([]byte(`{"\u0072isks":[{"first\u004eame":"x"}]} `))
	book, _ := newTestBook(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		risks, err := readRisks(body)
		if err != nil {
			return
		}
		if !json.Valid(body) {
			t.Fatalf("%q was read, and is not JSON", body)
		}
		for i := range risks {
			book.inOrder(book.flaws(&risks[i]))
			if risks[i].object && !json.Valid(risks[i].raw) {
				t.Fatalf("the risk %q is not JSON", risks[i].raw)
			}
		}
	})
}
