package product_test

import (
	"fmt"
	"strings"
	"testing"
)

// A batch of 10,000 risks, about 5 MB: each gets its own result, in the order of the request.
func TestLargeBatch(t *testing.T) {
	t.Parallel()
	const n = 10_000
	s := start(t, setup{}).frozen(t, "")
	risks := make([]any, n)
	for i := range risks {
		risks[i] = batchRisk(i)
	}
	body := asJSON(map[string]any{"risks": risks})
	if len(body) < 5e6 || len(body) > 7e6 {
		t.Errorf("the body has %d bytes", len(body))
	}
	uuids := map[string]int{}
	imported := 0
	for i, r := range s.results(t, s.importBody(t, body), n) {
		want, number := batchWant(i)
		if r.codes() != want || r.PolicyNumber != number || r.FlightNumber != "SU-1402" {
			t.Fatalf("risk %d: %+v, want %s of %s", i, r, want, number)
		}
		if r.UUID == nil {
			continue
		}
		imported++
		if other, again := uuids[*r.UUID]; again && i%10 != 9 {
			t.Fatalf("risks %d and %d have one uuid", other, i)
		}
		uuids[*r.UUID] = i
	}
	if imported != 6000 || len(uuids) != 5000 {
		t.Errorf("%d imported, %d uuids", imported, len(uuids))
	}
	s.holds(t, 5000)
}

// batchRisk is the risk at a place: of ten, five are good, two break a field, one is an earlier one again, one lacks
// nearly everything, and one is an update of the first of its ten.
func batchRisk(i int) any {
	changes := map[string]any{"policyNumber": fmt.Sprintf("FD-%07d", i), "note": strings.Repeat("я", 120)}
	switch i % 10 {
	case 5:
		changes["birthdate"] = "31.02.1986"
	case 6:
		changes["currency"], changes["insuranceSum"] = "RU", 0
	case 7:
		changes["policyNumber"] = fmt.Sprintf("FD-%07d", i-3)
	case 8:
		return map[string]any{"policyNumber": changes["policyNumber"], "flightNumber": "SU-1402"}
	case 9:
		changes["policyNumber"], changes["override"] = fmt.Sprintf("FD-%07d", i-9), true
	}
	return risk(changes)
}

func batchWant(i int) (codes, policyNumber string) {
	number := func(i int) string { return fmt.Sprintf("FD-%07d", i) }
	switch i % 10 {
	case 5:
		return "WRONG_INSURED_BIRTHDATE", number(i)
	case 6:
		return "WRONG_POLICY_CURRENCY WRONG_POLICY_INSURANCE_SUM", number(i)
	case 7:
		return "WRONG_RISK_OVERRIDE", number(i - 3)
	case 8:
		lacks := strings.NewReplacer(" WRONG_FLIGHT_NUMBER", "", " WRONG_POLICY_NUMBER", "")
		return lacks.Replace(everything), number(i)
	case 9:
		return "ok", number(i - 9)
	}
	return "ok", number(i)
}

// A risk that exists is refused without override, and keeps its uuid with it: in one batch, in the next, and
// whatever else of it changes. Of another partner it is another risk.
func TestRepeatedRisks(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	first := s.importRisks(t, risk(nil), risk(nil), risk(with("override", true)), risk(map[string]any{"flightNumber": "SU-1403"}), policy("FD-0002", nil),
		risk(map[string]any{"override": true, "firstName": "Пётр", "departureDate": "2027-01-01 00:00 Z"}), risk(with("insuranceSum", -1)))
	var got []string
	for _, r := range first {
		got = append(got, r.codes())
	}
	if line := strings.Join(got, "|"); line != "ok|WRONG_RISK_OVERRIDE|ok|ok|ok|ok|WRONG_POLICY_INSURANCE_SUM" {
		t.Errorf("results %s", line)
	}
	id := *first[0].UUID
	for _, i := range []int{2, 5} {
		if *first[i].UUID != id {
			t.Errorf("an update has another uuid: %s, %s", *first[i].UUID, id)
		}
	}
	if *first[3].UUID == id || *first[4].UUID == id {
		t.Error("other risks have the same uuid")
	}
	s.holds(t, 3)
	again := s.importRisks(t, risk(nil), risk(with("override", true)), risk(map[string]any{"override": true, "insuranceSum": 0}), risk(with("override", false)), risk(with("override", nil)))
	got = nil
	for _, r := range again {
		got = append(got, r.codes())
	}
	if line := strings.Join(got, "|"); line != "WRONG_RISK_OVERRIDE|ok|WRONG_POLICY_INSURANCE_SUM|WRONG_RISK_OVERRIDE|WRONG_RISK_OVERRIDE" || *again[1].UUID != id {
		t.Errorf("results %s", line)
	}
	s.holds(t, 3)
	theirs := s.results(t, s.do(t, signedBy("7", "другой пароль", []byte(asJSON(map[string]any{"risks": list(risk(nil))})))), 1)[0]
	if theirs.codes() != "ok" || *theirs.UUID == id {
		t.Errorf("of another partner: %+v", theirs)
	}
	s.holds(t, 4)
}

// The scenarios of imports: by position in the request, by schedule, by policy number.
func TestImportScenarios(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	const late, number = "WRONG_FLIGHT_DEPARTURE_TIME", "WRONG_POLICY_NUMBER"
	flight := func(number, departure string, ignore bool) any {
		return policy(fmt.Sprint(number, departure, ignore), map[string]any{"flightNumber": number, "departureDate": departure, "ignoreDepartureTime": ignore})
	}
	var many []any
	for i := range 21 {
		many = append(many, policy(fmt.Sprint("P", i), nil))
	}
	ok := "ok ok "
	for name, c := range map[string]struct {
		scenario string
		risks    []any
		want     string
	}{
		"mixed": {"mixed-import", many, ok + late + " " + ok + late + " " + number + " ok " + late + " " + ok + late + " ok " + number + " " + late + " " + ok + late + " " + ok + late + " " + number},
		"schedule": {"wrong-departure-time", list(
			flight("S7-155", "2018-04-09 21:00 +03:00", false), flight("S7-155", "2018-04-09 20:00 +03:00", false), flight("S7-155", "2018-04-09 20:00 +02:00", false),
			flight("S7-155", "2018-04-09 20:00 +03:00", true), flight("RU-243", "2018-04-11 02:10 +10:00", false), flight("RU-243", "2018-04-11 02:11 +10:00", false),
			flight("S7-156", "2018-04-11 02:11 +10:00", false)), "ok " + late + " ok ok ok " + late + " ok"},
		"clean magic":      {"", list(policy("POLIGON-CLEAN", nil)), "ok"},
		"mixed magic":      {"", list(policy("a", nil), policy("b", nil), policy("POLIGON-MIXED", nil), policy("poligon-mixed", nil)), "ok ok " + late + " ok"},
		"wrong time magic": {"", list(policy("POLIGON-WRONG-TIME", nil), risk(nil)), late + " ok"},
		"no magic":         {"clean-import", list(policy("POLIGON-WRONG-TIME", nil)), "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range p.frozen(t, c.scenario).importRisks(t, c.risks...) {
				got = append(got, r.codes())
			}
			if line := strings.Join(got, " "); line != c.want {
				t.Errorf("got  %s\nwant %s", line, c.want)
			}
		})
	}
}
