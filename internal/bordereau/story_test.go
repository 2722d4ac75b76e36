package bordereau

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"poligon/openapi"
)

const timetable = `  flights:
    S7-155: 20:00 +03:00
    S7-200: cancelled
    S7-201: 2026-04-09 cancelled
    S7-202: [20:00 +03:00, 2026-04-09 cancelled, 2026-04-10 21:00 +03:00]
    SU-1402: 07:15 +03:00
    SU-1*: cancelled
    SU-*: unknown
`

// What a scenario says about flights, for a risk of each kind.
func TestFlights(t *testing.T) {
	t.Parallel()
	const late, off, unknown = "WRONG_FLIGHT_DEPARTURE_TIME", "WRONG_FLIGHT_STATUS", "WRONG_FLIGHT_NUMBER"
	for _, c := range []struct {
		story, number, departs, more string // more is JSON of another field
		want, place                  string
	}{
		{timetable, "S7-155", "2026-04-09 20:00 +03:00", "", "ok", "S7-155"},
		{timetable, "S7-155", "2026-04-09 21:00 +03:00", "", late, "S7-155"},
		{timetable, "RU-1", "2026-04-09 21:00 +03:00", "", "ok", ""}, // not listed
		{timetable, "S7-200", "2026-04-09 20:00 +03:00", "", off, "S7-200"},
		{timetable, "S7-200", "2026-04-09 20:00 +03:00", `"ignoreDepartureTime": true`, off, "S7-200"},
		{timetable, "S7-200", "some day", "", "WRONG_FLIGHT_DEPARTURE_DATE " + off, "S7-200"},
		{timetable, "S7-201", "2026-04-09 03:03 +03:00", "", off, "S7-201"},
		{timetable, "S7-201", "2026-04-10 03:03 +03:00", "", "ok", "S7-201"}, // no departure is given for it
		{timetable, "S7-201", "2026-04-09 23:00 -03:00", "", off, "S7-201"},  // the local date counts
		{timetable, "S7-201", "2026-04-10 00:30 +03:00", `"ignoreDepartureTime": true`, "ok", "S7-201"},
		{timetable, "S7-202", "2026-04-09 20:00 +03:00", "", off, "S7-202"},
		{timetable, "S7-202", "2026-04-09 21:00 +03:00", "", off, "S7-202"},
		{timetable, "S7-202", "2026-04-10 20:00 +03:00", "", "ok", "S7-202"},
		{timetable, "S7-202", "2026-04-10 03:00 +10:00", "", off, "S7-202"},  // where the flight departs it is the ninth
		{timetable, "S7-202", "2026-04-09 03:00 +10:00", "", "ok", "S7-202"}, // and here the eighth
		{timetable, "S7-202", "2026-04-09 03:00 +10:00", `"ignoreDepartureTime": true`, off, "S7-202"},
		{timetable, "S7-202", "2026-04-10 21:00 +03:00", "", "ok", "S7-202"},
		{timetable, "S7-202", "2026-04-11 21:00 +03:00", "", late, "S7-202"},
		{timetable, "S7-202", "some day", "", "WRONG_FLIGHT_DEPARTURE_DATE", "S7-202"},
		{timetable, "SU-1402", "2026-04-09 07:15 +03:00", "", "ok", "SU-1402"}, // the number itself before its beginnings
		{timetable, "SU-140", "2026-04-09 07:15 +03:00", "", off, "SU-1*"},     // the longest beginning
		{timetable, "SU-9999", "2026-04-09 07:15 +03:00", "", unknown, "SU-*"},
		{timetable, "SU-99999", "2026-04-09 07:15 +03:00", "", unknown, ""}, // by the contract: that is no flight number
		{timetable, "SU-99999", "2026-04-09 07:15 +03:00", `"productType": 2, "startInsurancePeriod": "2026-04-09", "finishInsurancePeriod": "2026-04-09"`, unknown, "SU-*"},
		{`  flights: {"*": unknown, S7-155: cancelled}` + "\n", "S7-155", "2026-04-09 07:15 +03:00", "", off, "S7-155"},
		{`  flights: {"*": unknown, S7-155: cancelled}` + "\n", "S7-156", "2026-04-09 07:15 +03:00", "", unknown, "*"},
		{`  flights: {"*": unknown, S7-155: cancelled}` + "\n", "", "2026-04-09 07:15 +03:00", "", unknown, ""},
		{`  flights: {"*": 20:00 +03:00}` + "\n", "S7-156", "2026-04-09 07:15 +03:00", "", late, "*"},
	} {
		p := newPlay(t, Off, map[string]string{"story": c.story})
		p.chosen = "story"
		r := person(map[string]string{"flightNumber": `"` + c.number + `"`, "departureDate": `"` + c.departs + `"`})
		if c.more != "" {
			r = strings.TrimSuffix(r, "}") + "," + c.more + "}"
		}
		if got := codes(t, p.imports(r)); got[0] != c.want {
			t.Errorf("%s at %s %s: %s, want %s", c.number, c.departs, c.more, got[0], c.want)
		}
		touched := map[string]int{}
		if c.place != "" {
			touched["bordereau.flights."+c.place] = 1
		}
		if !maps.Equal(p.touched, touched) {
			t.Errorf("%s at %s: touched %v, want %s", c.number, c.departs, p.touched, c.place)
		}
	}
}

// Why a flight is refused is told to who asks.
func TestExplainFlights(t *testing.T) {
	t.Parallel()
	p := newPlay(t, Off, map[string]string{"story": timetable})
	p.chosen = "story"
	for number, want := range map[string]string{
		"S7-200":  "WRONG_FLIGHT_STATUS: scenario story has the flight cancelled; The flight is not cancelled, neither altogether nor on the local date of the stated departure. [flight-status|none (named after WRONG_FLIGHT_DEPARTURE_TIME of seed 001)|story|bordereau.flights.S7-200]",
		"S7-201":  "WRONG_FLIGHT_STATUS: scenario story has the flight cancelled on 2026-04-09; The",
		"SU-9999": "WRONG_FLIGHT_NUMBER: scenario story knows no such flight; The partner knows a flight of this number. Which flights it does not know is up to the scenario. [known-flight|none|story|bordereau.flights.SU-*] flightNumber=\"SU-9999\"",
	} {
		p.imports(person(map[string]string{"flightNumber": `"` + number + `"`}))
		if lines := whole(p.explain(t, "P-1", number).Attempts[0]); len(lines) != 1 || !strings.HasPrefix(lines[0], want) {
			t.Errorf("%s: %q", number, lines)
		}
	}
}

// Every code of a request as a whole can be planned, and is answered with the status that the contract has for it.
func TestEveryRequestCodeCanBePlanned(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	if len(statuses) != len(book.aboutRequests.codes) || len(book.aboutRisks.codes)+len(statuses) != len(book.codes) {
		t.Errorf("%d codes have a status, %d are about requests", len(statuses), len(book.aboutRequests.codes))
	}
	for _, code := range book.aboutRequests.codes {
		p := newPlay(t, Off, map[string]string{"story": "  requests: [{error: " + code + "}]\n  messages: {" + code + ": Нет.}\n"})
		p.chosen = "story"
		w := p.imports(person(nil))
		if got := codes(t, w); len(got) != 1 || got[0] != code || w.Code < 400 || w.Code != statuses[code] || !strings.Contains(w.Body.String(), `"message":"Нет."`) {
			t.Errorf("%s is answered with %d: %s", code, w.Code, w.Body)
		}
		if !bytes.Contains(openapi.BordereauText, fmt.Appendf(nil, "        \"%d\": {$ref: ", w.Code)) {
			t.Errorf("%s: the contract has no answer %d", code, w.Code)
		}
	}
}

const refusing = `  flights: {S7-1: cancelled}
  requests:
    - {when: {partner: "7*"}, error: WRONG_REQUEST_PARTNER_CODE}
    - {when: {more_than: 3}, error: WRONG_REQUEST_SIZE}
    - {when: {where: {policyNumber: BAD-*, lastName: [Отказов, "*ова"]}}, error: WRONG_REQUEST_RISKS}
    - {when: {more_than: 2, where: {firstName: Анна}, partner: ["312", "313"]}, error: INTERNAL_ERROR}
`

// Which requests the plans of a scenario refuse: nothing of them is imported, and whoever asks is told why.
func TestRequestsAreRefused(t *testing.T) {
	t.Parallel()
	who := func(policy, first, last string) string {
		return person(map[string]string{"policyNumber": `"` + policy + `"`, "firstName": `"` + first + `"`, "lastName": `"` + last + `"`})
	}
	a, b, c := who("P-1", "Иван", "Петров"), who("P-2", "Иван", "Петров"), who("P-3", "Иван", "Петров")
	for name, tt := range map[string]struct {
		risks []string
		want  int // the number of the plan; -1 for none
	}{
		"none":                 {[]string{}, -1},
		"three":                {[]string{a, b, c}, -1},
		"four":                 {[]string{a, b, c, a}, 1},
		"one of a kind":        {[]string{a, who("BAD-2", "Иван", "Отказов")}, 2},
		"another of that kind": {[]string{who("BAD-", "Иван", "Петрова")}, 2},
		"half of it":           {[]string{who("BAD-2", "Иван", "Петров"), who("P-4", "Иван", "Отказов")}, -1},
		"name alone":           {[]string{who("P-4", "Анна", "Петров")}, -1},
		"name and number":      {[]string{a, b, who("P-4", "Анна", "Петров")}, 3},
		"two fit":              {[]string{a, b, c, who("BAD-2", "Иван", "Отказов")}, 1},
		"no object":            {[]string{"5", "null"}, -1},
	} {
		p := newPlay(t, Enforce, map[string]string{"story": refusing})
		p.chosen = "story"
		w := p.imports(tt.risks...)
		if tt.want < 0 {
			if w.Code != http.StatusOK || len(p.touched) > 0 {
				t.Errorf("%s: %d %s, touched %v", name, w.Code, w.Body, p.touched)
			}
			continue
		}
		e := p.exchanges[0]
		place := fmt.Sprintf("bordereau.requests[%d]", tt.want)
		if n, _ := p.log.Count(t.Context()); w.Code != statuses[codes(t, w)[0]] || n != 0 || p.number != 0 || !maps.Equal(p.touched, map[string]int{place: 1}) {
			t.Errorf("%s: %d %s, %d risks are kept, touched %v", name, w.Code, w.Body, n, p.touched)
		}
		if e.Reason != "scenario story plans it" || e.Scenario != "story" || len(e.Subjects) == 0 {
			t.Errorf("%s: the journal has %q of %q for %q", name, e.Reason, e.Scenario, e.Subjects)
		}
		found := p.explain(t, e.Subjects[0], "").Attempts[0]
		if reason := found.Errors[0].Reasons[0]; found.Outcome != RequestRefused || reason.Place != place || reason.Scenario != "story" || reason.Why != e.Reason {
			t.Errorf("%s: explained as %+v", name, found)
		}
	}
}

// A request that cannot be taken by itself is refused for that, before any plan is looked at.
func TestPlansOfRequestsComeLast(t *testing.T) {
	t.Parallel()
	p := newPlay(t, Enforce, map[string]string{"story": "  requests: [{error: INTERNAL_ERROR}]\n"})
	p.chosen = "story"
	for _, c := range []struct{ sign, body, want string }{
		{"x", `{"risks":[]}`, wrongSign},
		{Sign([]byte(`{"risks":[]`), "secret"), `{"risks":[]`, wrongBody},
		{Sign([]byte(`{}`), "secret"), `{}`, wrongRisks},
		{Sign([]byte(`{"risks":[]}`), "secret"), `{"risks":[]}`, internal},
	} {
		if _, w := p.send(c.sign, c.body); codes(t, w)[0] != c.want {
			t.Errorf("%s: %s, want %s", c.body, w.Body, c.want)
		}
	}
	if want := map[string]int{"bordereau.requests[0]": 1}; !maps.Equal(p.touched, want) {
		t.Errorf("touched %v", p.touched)
	}
	p = newPlay(t, Warn, map[string]string{"default": "  requests: [{error: INTERNAL_ERROR}]\n"})
	p.send("x", `{"risks":[`+person(nil)+`]}`)
	if got := p.exchanges[0].Reason; !strings.HasPrefix(got, "taken with a warning: ") || !strings.HasSuffix(got, "; scenario default plans it") {
		t.Errorf("the reason is %q", got)
	}
	if got := p.explain(t, "P-1", "").Attempts[0].Errors[0].Reasons[0]; got.Place != "bordereau.requests[0]" {
		t.Errorf("explained as %+v", got)
	}
}

// A share of requests is drawn by the seed from the body: the same one is always drawn the same way, by each plan for itself.
func TestShareOfRequests(t *testing.T) {
	t.Parallel()
	p := newPlay(t, Off, map[string]string{"story": "  requests:\n    - {when: {share: 30%}, error: INTERNAL_ERROR}\n    - {when: {share: 50%}, error: WRONG_REQUEST_BODY}\n"})
	p.chosen = "story"
	got := map[string]int{}
	for i := range 1000 {
		body := fmt.Sprintf(`{"risks":[],"n":%d}`, i)
		_, w := p.send("", body)
		_, again := p.send("", body)
		if w.Code != again.Code || w.Body.String() != again.Body.String() {
			t.Fatalf("%s: %s, then %s", body, w.Body, again.Body)
		}
		got[strings.Join(codes(t, w), " ")]++
	}
	for code, want := range map[string]int{internal: 300, wrongBody: 350, "": 350} {
		if off := got[code] - want; off > 60 || off < -60 {
			t.Errorf("%d of 1000 got %q, not about %d", got[code], code, want)
		}
	}
}

// Places and patterns of records.
func TestPlansOfRecords(t *testing.T) {
	t.Parallel()
	record := func(last, sum string) string {
		return person(map[string]string{"lastName": last, "policyNumber": `"` + strings.Trim(last, `"`) + sum + `"`, "insuranceSum": sum})
	}
	risks := []string{record(`"Отказов"`, "1"), record(`"Отказова"`, "12000"), record(`"Петров"`, "12000.0"), record(`"отказов"`, "2"), record(`"От*"`, "3"), record("", "4")}
	for when, want := range map[string][]int{
		"{position: [2, 5]}":                        {2, 5},
		"{position: 2..4}":                          {2, 3, 4},
		"{position: [5..20, 1, 2..3], every: 2}":    {2, 6},
		"{where: {lastName: Отказов*}}":             {1, 2},
		"{where: {lastName: '*ов'}}":                {1, 3, 4},
		"{where: {lastName: '*'}}":                  {1, 2, 3, 4, 5}, // the last has none
		"{where: {lastName: 'От\\*'}}":              {5},
		"{where: {lastName: [Петров, От*ов]}}":      {1, 3},
		"{where: {insuranceSum: 12000*}}":           {2, 3},
		"{where: {insuranceSum: [12000, '3']}}":     {2, 5},
		"{where: {lastName: '*', insuranceSum: 1}}": {1},
	} {
		p := newPlay(t, Off, map[string]string{"story": "  records: [{when: " + when + ", error: WRONG_RISK_FORMAT}]\n"})
		p.chosen = "story"
		var got []int
		for i, result := range codes(t, p.imports(risks...)) {
			if strings.Contains(result, "WRONG_RISK_FORMAT") {
				got = append(got, i+1)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
}
