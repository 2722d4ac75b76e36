package bordereau

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"poligon/internal/journal"
)

const explained = `  flights: {S7-155: 20:00 +03:00}
  records:
    - {when: {position: 99}, error: WRONG_RISK_FORMAT}
    - {when: {where: {lastName: Сидоров}}, errors: [WRONG_POLICY_CURRENCY, WRONG_INSURED_LAST_NAME]}
`

// explain is the explanation of one risk.
func (p *play) explain(t *testing.T, policy, flight string) RiskExplanation {
	t.Helper()
	list, err := p.api.ExplainRisks(t.Context(), p.run(), policy, flight, p.exchanges, nil)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d explanations, %v: %+v", len(list), err, list)
	}
	return list[0]
}

// whole writes an attempt's errors as a person would read them.
func whole(a RiskAttempt) (lines []string) {
	for _, e := range a.Errors {
		for _, r := range e.Reasons {
			line := fmt.Sprintf("%s: %s [%s|%s|%s|%s]", e.Code, r.Why, r.Rule, r.Source, r.Scenario, r.Place)
			for _, v := range r.Values {
				line += " " + v.Field + "=" + v.Value
			}
			lines = append(lines, line)
		}
	}
	return lines
}

func TestExplainRisk(t *testing.T) {
	t.Parallel()
	p := newPlay(t, Enforce, map[string]string{"late": explained})
	p.chosen = "late"
	elsewhere := person(map[string]string{"policyNumber": `"P-2"`})
	p.imports(elsewhere, person(nil))
	p.imports(person(nil))
	p.imports(person(map[string]string{"override": "true", "insuranceSum": "5"}))
	p.imports(person(map[string]string{"birthdate": `"31.02.1986"`, "departureDate": `"2026-04-09 21:00 +03:00"`, "productType": "2", "lastName": `"Сидоров"`, "repeatedCountPercent": ""}))

	p.chosen = "" // the session of the person who asks has chosen nothing: the exchange says what was played
	got := p.explain(t, "P-1", "")
	if got.PartnerCode != "312" || got.PolicyNumber != "P-1" || got.FlightNumber != "S7-155" || len(got.Attempts) != 4 {
		t.Fatalf("explained as %+v", got)
	}
	first := got.Attempts[0]
	if first.Exchange != 1 || first.Position != 2 || first.Outcome != Accepted || first.Scenario != "late" || !first.At.Equal(p.exchanges[0].At) || first.UUID == "" || first.UUID != got.Kept.UUID {
		t.Errorf("the first attempt is %+v", first)
	}
	if e := got.Kept.Events; len(e) != 2 || e[0].Event != imported || e[0].By != 1 || e[1].Event != updated || e[1].By != 3 || !e[1].At.Equal(p.exchanges[2].At) {
		t.Errorf("kept as %+v", e)
	}
	for i, want := range map[int][]string{
		1: {`WRONG_RISK_OVERRIDE: the risk was imported before, by exchange 1; send "override": true to update it [repeated-risk|seed 001 (override); the refusal, the key and the kept uuid are inferred||] override=`},
		3: {
			`WRONG_INSURED_LAST_NAME: scenario late plans it [||late|bordereau.records[1]]`,
			`WRONG_INSURED_BIRTHDATE: birthdate is not a date of the calendar as a text, dd.MM.yyyy [|seed 001||] birthdate="31.02.1986"`,
			`WRONG_FLIGHT_DEPARTURE_TIME: scenario late has the flight at another time; The departure is the one in the flight schedule: the exact time, or with ignoreDepartureTime the local date alone. A flight that the schedule does not list is not checked. [departure-time|seed 001 (the code and its message; what it compares with is inferred)|late|bordereau.flights.S7-155] flightNumber="S7-155" departureDate="2026-04-09 21:00 +03:00" ignoreDepartureTime=`,
			`WRONG_POLICY_CURRENCY: scenario late plans it [||late|bordereau.records[1]]`,
			`WRONG_POLICY_REPEATED_COUNT_PERCENT: repeatedCountPercent is missing; Both percents or both sums must be present. A sum of 0 counts as absent. What is missing is named among the sums when one of them is filled, and among the percents otherwise. [accrual-pair|seed 001; contract facts B2, B4 (zero as not filled)||] firstCountPercent=10 repeatedCountPercent= firstCountSum= repeatedCountSum=`,
			`WRONG_POLICY_START_INSURANCE_PERIOD: startInsurancePeriod is mandatory when productType is 2. [travel-start|seed 001||] productType=2 startInsurancePeriod=`,
			`WRONG_POLICY_FINISH_INSURANCE_PERIOD: finishInsurancePeriod is mandatory when productType is 2. [travel-finish|seed 001||] productType=2 finishInsurancePeriod=`,
		},
	} {
		if lines := whole(got.Attempts[i]); got.Attempts[i].Outcome != Refused || !slices.Equal(lines, want) {
			t.Errorf("attempt %d: %s\n%s\nwant\n%s", i, got.Attempts[i].Outcome, strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
	}
	if message := got.Attempts[3].Errors[1].Message; message != "Неверная дата рождения." {
		t.Errorf("the message is %q", message)
	}
}

// What cannot be known is said to be unknown.
func TestExplainRiskIsHonest(t *testing.T) {
	t.Parallel()
	refused := person(map[string]string{"policyNumber": "12345"})
	for name, tt := range map[string]struct {
		change  func(*journal.Exchange)
		outcome string
		says    string
	}{
		"untouched":      {func(*journal.Exchange) {}, Refused, `policyNumber=12345`},
		"cut body":       {func(e *journal.Exchange) { e.Request.Body = e.Request.Body[:len(e.Request.Body)-20] }, Unknown, "the journal kept only the first"},
		"cut answer":     {func(e *journal.Exchange) { e.Answer.Body = e.Answer.Body[:20] }, Unknown, "the journal kept only the first 20 bytes of the answer"},
		"running":        {func(e *journal.Exchange) { e.Running = true }, Unknown, "the exchange is not over"},
		"garbled answer": {func(e *journal.Exchange) { answered(e, "{"); e.Faults = []string{"cut off"} }, Unknown, "not JSON; cut off"},
		"no result":      {func(e *journal.Exchange) { answered(e, `{"resultImport":[]}`) }, Unknown, "no result"},
		"another code": {func(e *journal.Exchange) {
			answered(e, `{"resultImport":[{"errors":[{"code":"WRONG_POLICY_CURRENCY","message":"x"}]}]}`)
		}, Refused, "WRONG_POLICY_CURRENCY: the rules do not give the risk this code now; the exchange played scenario default"},
		"a lost scenario": {func(e *journal.Exchange) { e.Scenario = "lost" }, Refused, "policyNumber is not a text"},
		"a fault": {func(e *journal.Exchange) {
			answered(e, `{"errors":[{"code":"INTERNAL_ERROR","message":"x"}]}`)
			e.Answer.Status, e.Faults = 503, []string{"answer 503"}
		}, RequestRefused, "; done on purpose: answer 503"},
		"a page of a proxy": {func(e *journal.Exchange) { answered(e, "<html>"); e.Answer.Status = 502 }, RequestRefused, "status 502"},
		"no JSON":           {func(e *journal.Exchange) { e.Request.Body[0] = '[' }, Unknown, "the body cannot be read"},
	} {
		p := newPlay(t, Enforce, nil)
		p.imports(refused)
		tt.change(&p.exchanges[0])
		got := p.explain(t, "12345", "")
		a := got.Attempts[0]
		if text := a.Note + strings.Join(whole(a), "\n"); got.Kept != nil || a.Outcome != tt.outcome || !strings.Contains(text, tt.says) {
			t.Errorf("%s: %s, %s", name, a.Outcome, text)
		}
	}
}

func answered(e *journal.Exchange, body string) {
	e.Answer.Body, e.Answer.Size = []byte(body), int64(len(body))
}

// Only the risks that are asked for are explained: of the policy, and of the flight when one is given, each partner's apart.
func TestExplainRiskOfFlight(t *testing.T) {
	t.Parallel()
	p := newPlay(t, Enforce, nil)
	p.imports(person(nil), person(map[string]string{"flightNumber": `"SU-1"`}), person(map[string]string{"flightNumber": `"SU-2"`, "currency": "1"}))
	p.exchanges = append(p.exchanges, p.exchanges[0], p.exchanges[0])
	p.exchanges[1].Act, p.exchanges[2].Operation = true, "startCalculation"
	list, err := p.api.ExplainRisks(t.Context(), p.run(), "P-1", "", p.exchanges, func(name string) bool { return name == "currency" })
	if err != nil || len(list) != 3 || list[0].Kept == nil || list[1].FlightNumber != "SU-1" || list[2].Kept != nil {
		t.Fatalf("%v, %+v", err, list)
	}
	if v := list[2].Attempts[0].Errors[0].Reasons[0].Values; len(v) != 1 || v[0] != (RiskValue{"currency", "***"}) {
		t.Errorf("the personal value is %v", v)
	}
	if got := p.explain(t, "P-1", "SU-1"); got.FlightNumber != "SU-1" || len(got.Attempts) != 1 || got.Attempts[0].Position != 2 {
		t.Errorf("of one flight: %+v", got)
	}
	if list, _ := p.api.ExplainRisks(t.Context(), p.run(), "P-9", "", p.exchanges, nil); list == nil || len(list) != 0 {
		t.Errorf("of no policy: %+v", list)
	}
	text, _ := json.Marshal(p.explain(t, "P-1", "SU-2"))
	if !strings.Contains(string(text), `"kept":null,"attempts":[{"exchange":1,`) {
		t.Errorf("as JSON: %s", text)
	}
}

// A policy number is found however the JSON spells it, and a risk that is twice in a request is told so.
func TestExplainRiskTwiceInARequest(t *testing.T) {
	t.Parallel()
	p := newPlay(t, Enforce, nil)
	odd := person(map[string]string{"policyNumber": `"\u0050-1"`})
	p.imports(odd, odd)
	got := p.explain(t, "P-1", "")
	if got.Kept == nil || len(got.Attempts) != 2 || got.Attempts[0].Outcome != Accepted {
		t.Fatalf("explained as %+v", got)
	}
	if lines := whole(got.Attempts[1]); len(lines) != 1 || !strings.Contains(lines[0], "the risk is in the same request before") {
		t.Errorf("%q", lines)
	}
	p.exchanges[0].Request.Body = p.exchanges[0].Request.Body[:5]
	list, _ := p.api.ExplainRisks(t.Context(), p.run(), "P-1", "", p.exchanges, nil)
	if len(list) != 2 || list[0].FlightNumber != "" || list[0].Attempts[0].Position != 0 || !strings.Contains(list[0].Attempts[0].Note, "only the first 5 bytes") {
		t.Errorf("of a body that was cut before the policy: %+v", list)
	}
}

// A scenario that leaves the section out plays the default's, and the default is named.
func TestExplainRiskOfDefaultSection(t *testing.T) {
	t.Parallel()
	p := newPlay(t, Enforce, map[string]string{"default": "  records: [{error: WRONG_POLICY_NUMBER}]\n"})
	p.chosen = "bare"
	p.imports(person(nil))
	a := p.explain(t, "P-1", "").Attempts[0]
	if lines := whole(a); a.Scenario != "bare" || len(lines) != 1 || !strings.HasSuffix(lines[0], "[||default|bordereau.records[0]]") {
		t.Errorf("%s: %q", a.Scenario, lines)
	}
}

// A request that was refused as a whole is told with its reason.
func TestExplainRiskOfRefusedRequest(t *testing.T) {
	t.Parallel()
	p := newPlay(t, Enforce, nil)
	p.send(digest("x"), `{"risks":[`+person(nil)+`]}`)
	a := p.explain(t, "P-1", "").Attempts[0]
	if lines := whole(a); a.Outcome != RequestRefused || len(lines) != 1 || !strings.HasPrefix(lines[0], wrongSign+": sign is not the lower-case hex SHA-256") {
		t.Errorf("%s: %q", a.Outcome, lines)
	}
}

// Each field and rule names the document behind it and, for a rule, the fields it is about.
func TestEveryRuleHasItsSource(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	for name, r := range book.rules {
		if r.Source == "" || r.Confidence == "" || len(r.fields) == 0 || r.rule != name {
			t.Errorf("rule %s rests on %+v", name, r.basis)
		}
	}
	for f := range book.checks {
		if b := book.checks[f].basis; b.Source == "" || b.Confidence == "" || !slices.Equal(b.fields, []field{field(f)}) {
			t.Errorf("field %s rests on %+v", fieldNames[f], b)
		}
	}
	if got := book.checks[phoneNumber].basis.Confidence; got != "inferred" {
		t.Errorf("the phone number is %s", got)
	}
	if got := book.checks[productType].basis.Source; !strings.Contains(got, "contract facts") {
		t.Errorf("the product type is from %s", got)
	}
}

func TestShortened(t *testing.T) {
	t.Parallel()
	for _, long := range []string{`"` + strings.Repeat("я", 400), `"x` + strings.Repeat("я", 400)} {
		got := shortened([]byte(long))
		if kept, _, ok := strings.Cut(got, "… ("); !ok || len(kept) > 500 || len(kept) < 499 || !strings.HasPrefix(long, kept) || !utf8.ValidString(got) {
			t.Errorf("shortened to %s", got)
		}
	}
}
