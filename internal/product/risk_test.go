package product_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

// riskCase is a change of a good risk, and the codes it then gets; "ok" when it is still good.
type riskCase struct {
	changes map[string]any
	codes   string
}

// checkRisks imports all cases in one request and compares result by result: the codes, the echo, and that exactly the good
// ones are kept.
func checkRisks(t *testing.T, scenario string, cases []riskCase) {
	t.Helper()
	s := start(t, setup{}).frozen(t, scenario)
	risks, good := make([]any, len(cases)), 0
	for i, c := range cases {
		changes := maps.Clone(c.changes)
		if _, ok := changes["policyNumber"]; !ok {
			changes["policyNumber"] = fmt.Sprintf("FD-%04d", i)
		}
		risks[i] = risk(changes)
		if c.codes == "ok" {
			good++
		}
	}
	for i, r := range s.importRisks(t, risks...) {
		if got := r.codes(); got != cases[i].codes {
			t.Errorf("%.200s: got %s, want %s", fmt.Sprint(cases[i].changes), got, cases[i].codes)
		}
		echo := func(field string) string { text, _ := risks[i].(map[string]any)[field].(string); return text }
		if r.FlightNumber != echo("flightNumber") || r.PolicyNumber != echo("policyNumber") {
			t.Errorf("%.200s: echoes %q and %q", fmt.Sprint(cases[i].changes), r.FlightNumber, r.PolicyNumber)
		}
	}
	s.holds(t, good)
}

// fieldCases give one field many values: those that are good, and those that get its code.
func fieldCases(field, code string, good, bad []any) (cases []riskCase) {
	for _, v := range good {
		cases = append(cases, riskCase{with(field, v), "ok"})
	}
	for _, v := range bad {
		cases = append(cases, riskCase{with(field, v), code})
	}
	return cases
}

func list(values ...any) []any { return append([]any{}, values...) }

func TestRiskTexts(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("Ы", n) }
	var cases []riskCase
	add := func(field, code string, good, bad []any) {
		cases = append(cases, fieldCases(field, code, good, bad)...)
	}
	noText := list(nil, absent, 1, true, list(), list("Иван"), map[string]any{"a": 1})
	add("firstName", "WRONG_INSURED_FIRST_NAME", list("И", long(100), strings.Repeat("😀", 100), "a\x00b", `"\`, " ", raw(`"\ud83d\ude00"`), raw(`"\u0000"`)),
		append(noText, "", long(101), strings.Repeat("x", 200_000)))
	add("lastName", "WRONG_INSURED_LAST_NAME", list("I", long(100)), append(noText, "", long(101)))
	add("middleName", "WRONG_INSURED_MIDDLE_NAME", list("", "Иванович", long(100), nil, absent), list(1, false, list(), map[string]any{}, long(101)))
	add("birthdate", "WRONG_INSURED_BIRTHDATE", list("11.01.1986", "29.02.2000", "31.12.9999", "01.01.0001"),
		append(noText, "", "31.02.1986", "30.02.2000", "29.02.1900", "1.1.1986", "01.13.1986", "00.01.1986", "32.01.1986", "11/01/1986", "1986-01-11",
			"11.01.86", "11.01.1986 ", " 11.01.1986", "11.01.19860", "11.01.1986\n", "11,01,1986", "١١.٠١.١٩٨٦", "11.01.1986 00:00"))
	add("phoneNumber", "WRONG_INSURED_PHONE_NUMBER", list("+79161234567", "+375291234567", "+14155550123"),
		append(noText, "", "79161234567", "89161234567", "+7 916 123-45-67", "+7(916)1234567", "+7916123456", "+0916123456789", "+7916123456789012", "+7916123456х", "+79161234567 "))
	add("flightNumber", "WRONG_FLIGHT_NUMBER", list("S7-155", "SU-1", "5N-0000", "RU-9999", "77-1"),
		append(noText, "", "S7155", "S7 155", "s7-155", "S-155", "S7A-155", "S7-15555", "S7-", "S7-155A", "С7-155", "S7–155", "S7--15", " S7-155", "S7-155\n", "NN-٠"))
	add("departureDate", "WRONG_FLIGHT_DEPARTURE_DATE", list("2018-04-09 20:00 +03:00", "2018-04-09 20:00 Z", "2018-04-09 20:00 +00:00", "2018-04-09 20:00 -00:00",
		"2018-04-09 00:00 +18:00", "2018-04-09 23:59 -18:00", "2020-02-29 10:00 +05:45", "9999-12-31 23:59 -12:00"),
		append(noText, "", "2018-04-09 20:00 +0300", "2018-04-09 20:00 +03", "2018-04-09 20:00+03:00", "2018-04-09T20:00 +03:00", "2018-04-09 20:00:00 +03:00",
			"2018-04-09 20:00 z", "2018-04-09 20:00", "2018-04-09 20:00 +18:01", "2018-04-09 20:00 -19:00", "2018-04-09 20:00 +03:60", "2018-04-09 24:00 +03:00",
			"2018-04-09 20:60 +03:00", "2018-02-30 10:00 +03:00", "2018-02-29 10:00 +03:00", "2018-13-01 10:00 +03:00", "2018-4-9 20:00 +03:00", "2018-04-09 9:00 +03:00",
			"09.04.2018 20:00 +03:00", "2018-04-09 20:00 GMT", "2018-04-09 20:00 +03:00 ", "2018-04-09  20:00 +03:00", "2018-04-09 20:00 03:00", "2018-04-09"))
	add("policyNumber", "WRONG_POLICY_NUMBER", list("1", long(45), "ПОЛИС №1 \x00\"", strings.Repeat("😀", 45)), append(noText, "", long(46), strings.Repeat("9", 5000)))
	add("currency", "WRONG_POLICY_CURRENCY", list("RUB", "USD", "руб", "₽₽₽"), append(noText, "", "RU", "RUBL", "R", "₽"))
	checkRisks(t, "", cases)
}

func TestRiskNumbers(t *testing.T) {
	t.Parallel()
	var cases []riskCase
	add := func(field, code string, good, bad []any) {
		cases = append(cases, fieldCases(field, code, good, bad)...)
	}
	noNumber := list("1", "", true, list(), list(1), map[string]any{}, raw("1e400"), raw("-1e400"))
	positive := list(1, 0.01, raw("0.1e1"), raw("1E+2"), raw("1e-300"), raw("12000.000000000000000001"), raw("9007199254740993"), raw("1e300"))
	notPositive := append(noNumber, 0, raw("-0"), raw("0.0"), -1, raw("-1e-300"), raw("1e-400"))
	for _, f := range []struct{ field, code string }{
		{"insuranceSum", "WRONG_POLICY_INSURANCE_SUM"},
		{"delayTimeHours", "WRONG_POLICY_DELAY_TIME_HOURS"},
		{"firstCountHours", "WRONG_POLICY_FIRST_COUNT_HOURS"},
		{"repeatedCountHours", "WRONG_POLICY_REPEATED_COUNT_HOURS"},
	} {
		add(f.field, f.code, positive, append(notPositive, nil, absent))
	}
	add("limitSumPerFlight", "WRONG_POLICY_LIMIT_SUM_PER_FLIGHT", append(positive, nil, absent), notPositive)
	add("firstCountPercent", "WRONG_POLICY_FIRST_COUNT_PERCENT", list(0, 100, 0.5, raw("-0"), raw("1e2"), raw("1e-400")), append(noNumber, -1, 101, 100.0001, -0.0001, raw("1e300")))
	add("repeatedCountPercent", "WRONG_POLICY_REPEATED_COUNT_PERCENT", list(0, 100, 33.3), append(noNumber, -1, 101))
	add("firstCountSum", "WRONG_POLICY_FIRST_COUNT_SUM", list(0, nil, 0.5, 1e9, raw("0.0")), append(noNumber, -1))
	add("repeatedCountSum", "WRONG_POLICY_REPEATED_COUNT_SUM", list(0, nil, 0.5), append(noNumber, -0.01))
	add("paymentType", "WRONG_POLICY_PAYMENT_TYPE", list(1, 2, raw("1.0"), raw("2e0")), append(noNumber, nil, absent, 0, 3, 1.5, -1))
	add("productType", "WRONG_POLICY_PRODUCT_TYPE", list(0, 1, nil, absent, raw("1.0"), raw("-0")), append(noNumber, 3, 1.5, -1, "2"))
	add("cancelSum", "WRONG_POLICY_CANCEL_SUM", list(0, nil, absent, 12000, 11999.99, raw("12e3"), raw("12000.00")),
		append(noNumber, -1, 12001, raw("12000.01"), raw("12000.0000000000000000001"), raw("1e300")))
	add("ignoreDepartureTime", "WRONG_RISK_IGNORE_DEPARTURE_TIME", list(true, false, nil, absent), list(0, 1, "true", "True", list()))
	add("override", "WRONG_RISK_OVERRIDE", list(true, false, nil, absent), list(0, 1, "false", map[string]any{}))
	checkRisks(t, "", cases)
}

// The either-pair rule: both percents or both sums; a sum of 0 is not filled, and a filled one makes its percent ignored.
func TestRiskAccrual(t *testing.T) {
	t.Parallel()
	const (
		noP1, noP2 = "WRONG_POLICY_FIRST_COUNT_PERCENT", "WRONG_POLICY_REPEATED_COUNT_PERCENT"
		noS1, noS2 = "WRONG_POLICY_FIRST_COUNT_SUM", "WRONG_POLICY_REPEATED_COUNT_SUM"
	)
	var cases []riskCase
	for _, c := range []struct {
		percent1, percent2, sum1, sum2 any
		codes                          string
	}{
		{10, 30, absent, absent, "ok"},
		{10, 30, 0, 0, "ok"},
		{10, 30, nil, nil, "ok"},
		{0, 0, 0, 0, "ok"},
		{absent, absent, 1000, 500, "ok"},
		{nil, nil, 1000, 500, "ok"},
		{0, 0, 1000, 500, "ok"},
		{10, 30, 1000, 500, "ok"},
		{10, 30, 1000, absent, "ok"},
		{10, 30, 0, 500, "ok"},
		{101, -1, 1000, 500, "ok"},
		{"10", list(), 1000, 500, "ok"},
		{101, 30, 1000, 0, "ok"},
		{10, 101, 1000, 0, noP2},
		{101, 30, 0, 500, noP1},
		{absent, absent, absent, absent, noP1 + " " + noP2},
		{nil, nil, nil, nil, noP1 + " " + noP2},
		{absent, absent, 0, 0, noP1 + " " + noP2},
		{10, absent, absent, absent, noP2},
		{absent, 30, 0, 0, noP1},
		{absent, absent, 1000, absent, noS2},
		{absent, absent, 1000, 0, noS2},
		{absent, absent, absent, 500, noS1},
		{10, absent, 1000, absent, noS2},
		{absent, 30, 1000, absent, noS2},
		{10, absent, 0, 500, noS1},
		{101, absent, absent, absent, noP1 + " " + noP2},
		{10, 30, -1, 0, noS1},
		{10, 30, "1000", 0, noS1},
		{absent, absent, -1, 500, noS1},
		{absent, absent, -1, -1, noS1 + " " + noS2},
		{absent, absent, "x", absent, noS1 + " " + noS2},
	} {
		cases = append(cases, riskCase{map[string]any{"firstCountPercent": c.percent1, "repeatedCountPercent": c.percent2,
			"firstCountSum": c.sum1, "repeatedCountSum": c.sum2}, c.codes})
	}
	checkRisks(t, "", cases)
}

// Product 2, travel: any flight number, and both days of the policy.
func TestRiskTravel(t *testing.T) {
	t.Parallel()
	const (
		start, finish = "WRONG_POLICY_START_INSURANCE_PERIOD", "WRONG_POLICY_FINISH_INSURANCE_PERIOD"
		flight        = "WRONG_FLIGHT_NUMBER"
	)
	var cases []riskCase
	for _, c := range []struct {
		product, flight, start, finish any
		codes                          string
	}{
		{2, "SU-1402", "2026-01-01", "2026-01-31", "ok"},
		{raw("2.0"), "NN-0000", "2026-01-01", "2026-01-01", "ok"},
		{2, "любой рейс", "2024-02-29", "2026-01-31", "ok"},
		{2, "", "2026-01-01", "2026-01-31", flight},
		{2, nil, "2026-01-01", "2026-01-31", flight},
		{2, 5, "2026-01-01", "2026-01-31", flight},
		{2, "SU-1402", absent, absent, start + " " + finish},
		{2, "SU-1402", nil, nil, start + " " + finish},
		{2, "SU-1402", absent, "2026-01-31", start},
		{2, "SU-1402", "2026-01-01", nil, finish},
		{2, "SU-1402", "", "", start + " " + finish},
		{2, "SU-1402", "2026-02-01", "2026-01-31", finish},
		{2, "SU-1402", "2026-02-30", "2026-01-31", start},
		{2, "SU-1402", "01.01.2026", "2026-1-31", start + " " + finish},
		{2, "SU-1402", "2026-01-01T00:00:00Z", "2026-01-31", start},
		{2, "SU-1402", 20260101, true, start + " " + finish},
		{1, "SU-1402", "2026-02-01", "2026-01-31", finish},
		{1, "SU-1402", "", absent, start},
		{1, "SU-1402", absent, absent, "ok"},
		{1, "любой рейс", "2026-01-01", "2026-01-31", flight},
		{0, "любой рейс", absent, absent, flight},
		{nil, "любой рейс", absent, absent, flight},
		{3, "любой рейс", absent, absent, flight + " WRONG_POLICY_PRODUCT_TYPE"},
		{"2", "SU-1402", absent, absent, "WRONG_POLICY_PRODUCT_TYPE"},
	} {
		cases = append(cases, riskCase{map[string]any{"productType": c.product, "flightNumber": c.flight,
			"startInsurancePeriod": c.start, "finishInsurancePeriod": c.finish}, c.codes})
	}
	checkRisks(t, "", cases)
}

// A field that is broken by itself breaks no rule beside, and each code comes once, in the order of the page's table.
func TestRiskWithManyMistakes(t *testing.T) {
	t.Parallel()
	checkRisks(t, "", []riskCase{
		{map[string]any{"insuranceSum": -5, "cancelSum": 0}, "WRONG_POLICY_INSURANCE_SUM"},
		{map[string]any{"insuranceSum": 0, "cancelSum": 1}, "WRONG_POLICY_INSURANCE_SUM"},
		{map[string]any{"insuranceSum": "12000", "cancelSum": 1}, "WRONG_POLICY_INSURANCE_SUM"},
		{map[string]any{"insuranceSum": 12000, "cancelSum": -1}, "WRONG_POLICY_CANCEL_SUM"},
		{map[string]any{"insuranceSum": -5, "cancelSum": -1}, "WRONG_POLICY_INSURANCE_SUM WRONG_POLICY_CANCEL_SUM"},
		{map[string]any{"paymentType": 3, "currency": "x", "firstName": "", "override": 1, "productType": 7},
			"WRONG_INSURED_FIRST_NAME WRONG_POLICY_CURRENCY WRONG_POLICY_PAYMENT_TYPE WRONG_RISK_OVERRIDE WRONG_POLICY_PRODUCT_TYPE"},
	})
	checkRisks(t, "wrong-departure-time", []riskCase{
		{map[string]any{"flightNumber": "S7-155", "departureDate": "2018-04-09 9:00 +03:00"}, "WRONG_FLIGHT_DEPARTURE_DATE"},
		{map[string]any{"flightNumber": "S7-155", "birthdate": "x"}, "WRONG_INSURED_BIRTHDATE WRONG_FLIGHT_DEPARTURE_TIME"},
	})
}

// What real clients are known to send is taken.
func TestRiskOfRealClients(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	for name, n := range map[string]int{"client": 1, "documented": 2} {
		body := asJSON(example("bordereau", imports, name))
		for i, r := range s.results(t, s.importBody(t, body), n) {
			if r.codes() != "ok" {
				t.Errorf("%s, risk %d: %s", name, i, r.codes())
			}
		}
	}
	s.holds(t, 3)
}
