package bordereau

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"poligon/internal/dice"
	"poligon/internal/scenario"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// scripts is the part under test; the osago section that files of the docs also have is let be.
func (b *rulebook) scripts() []scenario.Part {
	return []scenario.Part{
		{API: Name, MagicFields: []string{fieldNames[policyNumber]}, Read: b.readScript},
		{API: "osago", MagicFields: []string{"request_id"}, Read: func(scenario.Node) any { return nil }},
	}
}

const head = "title: A story\nstory: What a client learns.\nbordereau:\n"

var brokenScripts = []struct{ name, text string }{
	{"a list", head + "  - flights\n"},
	{"nothing", head},
	{"unknown keys", head + "  flight: {}\n  record: []\n  same_risks: []\n  foo: 1\n"},
	{"flight numbers", head + "  flights:\n    s7-155: 20:00 +03:00\n    S7155: 20:00 +03:00\n    S7-15500: 20:00 +03:00\n    СУ-1: 20:00 +03:00\n    \"\": 20:00 +03:00\n    155: 20:00 +03:00\n"},
	{"the same flight twice", head + "  flights:\n    S7-155: 20:00 +03:00\n    S7-155: 21:00 +03:00\n"},
	{"departures", head + "  flights:\n    S7-1: 20:00\n    S7-2: 20:00 +0300\n    S7-3: 24:00 +03:00\n    S7-4: 20:00+03:00\n    S7-5: 20:00 +19:00\n    S7-6: 8 pm\n    S7-7: 1200\n"},
	{"dated departures", head + "  flights:\n    S7-1: 2026-02-30 20:00 +03:00\n    S7-2: 09.04.2026 20:00 +03:00\n    S7-3: 2026-04-09T20:00:00+03:00\n    S7-4: 2026-04-09\n"},
	{"lists of departures", head + "  flights:\n    S7-1: []\n    S7-2: [20:00 +03:00, 20:00 MSK, ]\n    S7-3:\n      - 2026-04-09 20:00 +03:00\n      -\n    S7-4:\n    S7-5: {at: 20:00 +03:00}\n    S7-6: \"\"\n"},
	{"flights as a list", head + "  flights:\n    - S7-155\n"},
	{"plans without an error", head + "  records:\n    - {when: {every: 2}}\n    - {}\n    - {error: }\n    - {errors: []}\n    - WRONG_POLICY_NUMBER\n"},
	{"records as a mapping", head + "  records: {error: WRONG_POLICY_NUMBER}\n"},
	{"unknown error codes", head + "  records:\n    - {error: WRONG_FLIGHT_DEPARTURE_TIM}\n    - {error: wrong_policy_number}\n    - {errors: [WRONG_POLICY_NUMBER, E42, [WRONG_POLICY_NUMBER]]}\n"},
	{"error codes of requests", head + "  records:\n    - {error: WRONG_REQUEST_SIGN}\n    - {errors: [WRONG_REQUEST_BODY, INTERNAL_ERROR]}\n"},
	{"error and errors", head + "  records:\n    - {error: WRONG_POLICY_NUMBER, errors: [WRONG_POLICY_CURRENCY]}\n"},
	{"a code twice", head + "  records:\n    - {errors: [WRONG_POLICY_NUMBER, WRONG_POLICY_CURRENCY, WRONG_POLICY_NUMBER]}\n"},
	{"conditions", head + "  records:\n    - {when: {evry: 2}, error: WRONG_POLICY_NUMBER}\n    - {when: every 2, error: WRONG_POLICY_NUMBER}\n    - {when: {where: {}}, error: WRONG_POLICY_NUMBER}\n    - {wen: {every: 2}, error: WRONG_POLICY_NUMBER}\n"},
	{"positions", head + "  records:\n    - {when: {position: 0}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: first}, error: WRONG_POLICY_NUMBER}\n    - {when: {every: -1}, error: WRONG_POLICY_NUMBER}\n    - {when: {every: 1.5}, error: WRONG_POLICY_NUMBER}\n    - {when: {every: 7th}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: 2147483648}, error: WRONG_POLICY_NUMBER}\n"},
	{"shares", head + "  records:\n" + plansWithShares("5", "0.05", "5 %", "101%", "-1%", "0.001%", "1e1%", "five%", "NaN%", "5%%", "\"\"")},
	{"fields of conditions", head + "  records:\n    - {when: {where: {policynumber: X}}, error: WRONG_POLICY_NUMBER}\n    - {when: {where: {policy: X, flightNumber: [S7-155], currency: }}, error: WRONG_POLICY_NUMBER}\n    - {when: {where: policyNumber}, error: WRONG_POLICY_NUMBER}\n"},
	{"key of a risk", head + "  same_risk: []\n"},
	{"key of a risk as a text", head + "  same_risk: policyNumber\n"},
	{"fields of the key", head + "  same_risk: [policynumber, flightNumber, flightNumber, 5]\n"},
	{"messages", head + "  messages:\n    WRONG_POLICY: Нет.\n    WRONG_POLICY_NUMBER: \"\"\n    WRONG_POLICY_CURRENCY:\n    WRONG_POLICY_PRODUCT_TYPE: [Нет.]\n    WRONG_REQUEST_SIGN: Нет.\n    WRONG_REQUEST_SIGN: Да.\n"},
	{"messages as a list", head + "  messages: [WRONG_POLICY_NUMBER]\n"},
	{"magic", "title: x\nstory: y\nmagic:\n  - {bordereau.policyNumber: X, why: y}\n  - {bordereau.policyNumber: x, why: y}\n  - {bordereau.flightNumber: S7-155, why: y}\nbordereau: {}\n"},
}

func plansWithShares(shares ...string) string {
	var b strings.Builder
	for _, s := range shares {
		fmt.Fprintf(&b, "    - {when: {share: %s}, error: WRONG_POLICY_NUMBER}\n", s)
	}
	return b.String()
}

// TestMistakesOfScripts holds what is said about broken sections to testdata/script.golden.
func TestMistakesOfScripts(t *testing.T) {
	t.Parallel()
	const golden = "testdata/script.golden"
	book, _ := newTestBook(t)
	var all strings.Builder
	for _, c := range brokenScripts {
		_, err := scenario.Read("broken.yaml", []byte(c.text), book.scripts())
		if err == nil {
			t.Errorf("%s: no mistakes", c.name)
		}
		fmt.Fprintf(&all, "=== %s\n%v\n", c.name, err)
	}
	if *updateGolden {
		if err := os.WriteFile(golden, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, wanted := strings.Split(all.String(), "=== "), strings.Split(string(want), "=== ")
	for i := range max(len(got), len(wanted)) {
		if i >= len(got) || i >= len(wanted) || got[i] != wanted[i] {
			t.Fatalf("got:\n%s\nwant:\n%s", strings.Join(got[min(i, len(got)):], ""), strings.Join(wanted[min(i, len(wanted)):], ""))
		}
	}
}

// readOne reads a good section of a file.
func readOne(t *testing.T, b *rulebook, text string) *script {
	t.Helper()
	var s *script
	part := scenario.Part{API: Name, Read: func(n scenario.Node) any { s = b.readScript(n).(*script); return s }}
	if _, err := scenario.Read("good.yaml", []byte(text), []scenario.Part{part}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReadScript(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	s := readOne(t, book, head+`
  flights:
    S7-155: 20:00 +03:00
    RU-243: ["2026-04-09 20:00 +10:00", 02:10 Z]
  records:
    - {error: WRONG_RISK_FORMAT}
    - when: {position: 2, every: 3, share: 0.25%}
      errors: [WRONG_POLICY_NUMBER, WRONG_POLICY_CURRENCY]
    - {when: {where: {policyNumber: 0012, override: true, insuranceSum: 12000}}, error: WRONG_POLICY_NUMBER}
  same_risk: [flightNumber, policyNumber, birthdate]
  messages:
    WRONG_POLICY_NUMBER: "Полис: не найден."
    WRONG_REQUEST_SIGN: Подпись неверна.
`)
	var flights []string
	for _, number := range []string{"S7-155", "RU-243"} {
		for _, d := range s.flights[number] {
			flights = append(flights, fmt.Sprintf("%s %s %t", number, d.at.Format(datedLayout), d.daily))
		}
	}
	if want := []string{"S7-155 0000-01-01 20:00 +03:00 true", "RU-243 2026-04-09 20:00 +10:00 false", "RU-243 0000-01-01 02:10 Z true"}; !reflect.DeepEqual(flights, want) {
		t.Errorf("got %q, want %q", flights, want)
	}
	plans := []plan{
		{share: -1, codes: []string{"WRONG_RISK_FORMAT"}},
		{position: 2, every: 3, share: 25, codes: []string{"WRONG_POLICY_NUMBER", "WRONG_POLICY_CURRENCY"}},
		{share: -1, where: map[field]string{policyNumber: "0012", override: "true", insuranceSum: "12000"}, codes: []string{"WRONG_POLICY_NUMBER"}},
	}
	if !reflect.DeepEqual(s.records, plans) {
		t.Errorf("got %+v, want %+v", s.records, plans)
	}
	if want := []field{flightNumber, policyNumber, birthdate}; !reflect.DeepEqual(s.key, want) {
		t.Errorf("got %v, want %v", s.key, want)
	}
	if want := map[string]string{"WRONG_POLICY_NUMBER": "Полис: не найден.", "WRONG_REQUEST_SIGN": "Подпись неверна."}; !reflect.DeepEqual(s.messages, want) {
		t.Errorf("got %v, want %v", s.messages, want)
	}
	if s := readOne(t, book, strings.TrimSpace(head)+" {}\n"); s.flights != nil || s.records != nil || s.messages != nil || !reflect.DeepEqual(s.key, []field{policyNumber, flightNumber}) {
		t.Errorf("an empty section: %+v", s)
	}
}

func TestShares(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	for text, want := range map[string]int{"0%": 0, "5%": 500, "0.25%": 25, "0.07%": 7, "0.29%": 29, "99.99%": 9999, "100%": 10_000, "12.5%": 1250} {
		s := readOne(t, book, head+"  records:\n"+plansWithShares(text))
		if got := s.records[0].share; got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
		met := 0
		for die := range 10_000 {
			if s.records[0].meets(&risk{}, 1, dice.New(1).Of(fmt.Sprint(die))) {
				met++
			}
		}
		if off := met - want; off > 250 || off < -250 || want == 0 && met > 0 || want == 10_000 && met < want {
			t.Errorf("%s meets %d of 10000", text, met)
		}
	}
}

// TestPlansMeet: every condition of a plan must hold.
func TestPlansMeet(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	r := parse(t, `{"policyNumber": "P-1", "flightNumber": "S7-155", "insuranceSum": 12000, "override": true}`)
	for _, c := range []struct {
		when string
		want []int // the positions from 1 to 8 that it meets
	}{
		{"{}", []int{1, 2, 3, 4, 5, 6, 7, 8}},
		{"{position: 3}", []int{3}},
		{"{every: 3}", []int{3, 6}},
		{"{every: 1}", []int{1, 2, 3, 4, 5, 6, 7, 8}},
		{"{position: 6, every: 3}", []int{6}},
		{"{position: 5, every: 3}", nil},
		{"{share: 0%}", nil},
		{"{share: 100%, every: 4}", []int{4, 8}},
		{"{where: {policyNumber: P-1}, every: 4}", []int{4, 8}},
		{"{where: {policyNumber: P-2}}", nil},
		{"{where: {policyNumber: p-1}}", nil},
		{"{where: {insuranceSum: 12000, override: true}, position: 1}", []int{1}},
		{"{where: {insuranceSum: 12000.0}}", nil},
		{"{where: {policyNumber: P-1, flightNumber: S7-156}}", nil},
		{"{where: {firstName: Иван}}", nil},
	} {
		s := readOne(t, book, head+"  records:\n    - {when: "+c.when+", error: WRONG_POLICY_NUMBER}\n")
		var got []int
		for position := 1; position <= 8; position++ {
			if s.records[0].meets(r, position, dice.New(1).Of("x")) {
				got = append(got, position)
			}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.when, got, c.want)
		}
	}
}

// TestDocsNameEveryKey: whatever key the reader knows, docs/scenarios.md explains.
func TestDocsNameEveryKey(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	book, _ := newTestBook(t)
	for _, probe := range []string{"zz: 1", "records: [{zz: 1}]", "records: [{when: {zz: 1}}]"} {
		_, err := scenario.Read("probe.yaml", []byte(head+"  "+probe+"\n"), book.scripts())
		_, known, ok := strings.Cut(fmt.Sprint(err), "hint: known: ")
		if !ok {
			t.Fatalf("%s: %v", probe, err)
		}
		known, _, _ = strings.Cut(known, "\n")
		for key := range strings.SplitSeq(known, ", ") {
			if !regexp.MustCompile("`[^`\n]*\\b" + key + "[:`]").Match(text) {
				t.Errorf("docs/scenarios.md does not explain the key %s", key)
			}
		}
	}
}
