package bordereau

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"poligon/internal/dice"
	"poligon/internal/scenario"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// scripts is the part under test; the osago section that files of the docs also have is let be.
func (b *rulebook) scripts() []scenario.Part {
	return []scenario.Part{
		{API: Name, MagicFields: magicNames(), Read: b.readScript, Check: b.check},
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
	{"beginnings of flight numbers", head + "  flights:\n    su-*: unknown\n    S*-1: unknown\n    SU**: unknown\n    SUU*: unknown\n    SU-12345*: unknown\n    \"SU-1*\": unknown\n"},
	{"what became of flights", head + "  flights:\n    S7-1: canceled\n    S7-2: Unknown\n    S7-3: [20:00 +03:00, cancelled]\n    S7-4: [unknown]\n    S7-5: 2026-02-30 cancelled\n    S7-6: 2026-04-09 canceled\n    S7-7: {date: 2026-04-09, cancelled: true}\n    S7-8: [2026-04-09 unknown]\n    S7-9: 09.04.2026 cancelled\n"},
	{"flights as a list", head + "  flights:\n    - S7-155\n"},
	{"plans without an error", head + "  records:\n    - {when: {every: 2}}\n    - {}\n    - {error: }\n    - {errors: []}\n    - WRONG_POLICY_NUMBER\n"},
	{"conditions outside when", head + "  records:\n    - {every: 2, error: WRONG_POLICY_NUMBER}\n    - {error: [WRONG_POLICY_NUMBER]}\n  requests:\n    - {more_than: 2, error: WRONG_REQUEST_SIZE}\n"},
	{"records as a mapping", head + "  records: {error: WRONG_POLICY_NUMBER}\n"},
	{"unknown error codes", head + "  records:\n    - {error: WRONG_FLIGHT_DEPARTURE_TIM}\n    - {error: wrong_policy_number}\n    - {errors: [WRONG_POLICY_NUMBER, E42, [WRONG_POLICY_NUMBER]]}\n"},
	{"error codes of requests", head + "  records:\n    - {error: WRONG_REQUEST_SIGN}\n    - {errors: [WRONG_REQUEST_BODY, INTERNAL_ERROR]}\n"},
	{"error and errors", head + "  records:\n    - {error: WRONG_POLICY_NUMBER, errors: [WRONG_POLICY_CURRENCY]}\n"},
	{"a code twice", head + "  records:\n    - {errors: [WRONG_POLICY_NUMBER, WRONG_POLICY_CURRENCY, WRONG_POLICY_NUMBER]}\n"},
	{"conditions", head + "  records:\n    - {when: {evry: 2}, error: WRONG_POLICY_NUMBER}\n    - {when: every 2, error: WRONG_POLICY_NUMBER}\n    - {when: {where: {}}, error: WRONG_POLICY_NUMBER}\n    - {wen: {every: 2}, error: WRONG_POLICY_NUMBER}\n"},
	{"positions", head + "  records:\n    - {when: {position: 0}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: first}, error: WRONG_POLICY_NUMBER}\n    - {when: {every: -1}, error: WRONG_POLICY_NUMBER}\n    - {when: {every: 1.5}, error: WRONG_POLICY_NUMBER}\n    - {when: {every: 7th}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: 2147483648}, error: WRONG_POLICY_NUMBER}\n"},
	{"lists and ranges of positions", head + "  records:\n    - {when: {position: []}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: [2, 0, x]}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: 20..10}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: 0..10}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: 2..}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: [1..x, 3..2147483648]}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: {from: 2}}, error: WRONG_POLICY_NUMBER}\n"},
	{"requests", head + "  requests:\n    - {}\n    - {error: WRONG_POLICY_NUMBER}\n    - {errors: [WRONG_REQUEST_BODY]}\n    - {error: WRONG_REQUEST_BODI}\n    - WRONG_REQUEST_BODY\n    - {when: {}, error: [WRONG_REQUEST_BODY]}\n"},
	{"requests as a mapping", head + "  requests: {error: INTERNAL_ERROR}\n"},
	{"conditions of requests", head + "  requests:\n    - {when: {more_than: -1}, error: INTERNAL_ERROR}\n    - {when: {more_than: many}, error: INTERNAL_ERROR}\n    - {when: {share: 0%}, error: INTERNAL_ERROR}\n    - {when: {where: {policy: x}}, error: INTERNAL_ERROR}\n    - {when: {where: {}}, error: INTERNAL_ERROR}\n    - {when: {partner: []}, error: INTERNAL_ERROR}\n    - {when: {partner: {code: 312}}, error: INTERNAL_ERROR}\n    - {when: {position: 1}, error: INTERNAL_ERROR}\n    - {when: every, error: INTERNAL_ERROR}\n"},
	{"shares", head + "  records:\n" + plansWithShares("5", "0.05", "5 %", "101%", "-1%", "0.001%", "0%", "0.00%", "1e1%", "five%", "NaN%", "5%%", "\"\"")},
	{"fields of conditions", head + "  records:\n    - {when: {where: {policynumber: X}}, error: WRONG_POLICY_NUMBER}\n    - {when: {where: {policy: X, flightNumber: [S7-155, ], currency: }}, error: WRONG_POLICY_NUMBER}\n    - {when: {where: {policyNumber: [], lastName: [[x]], currency: {is: RUB}}}, error: WRONG_POLICY_NUMBER}\n    - {when: {where: policyNumber}, error: WRONG_POLICY_NUMBER}\n"},
	{"key of a risk", head + "  same_risk: []\n"},
	{"key of a risk as a text", head + "  same_risk: policyNumber\n"},
	{"fields of the key", head + "  same_risk: [policynumber, flightNumber, flightNumber, 5]\n"},
	{"messages", head + "  messages:\n    WRONG_POLICY: Нет.\n    WRONG_POLICY_NUMBER: \"\"\n    WRONG_POLICY_CURRENCY:\n    WRONG_POLICY_PRODUCT_TYPE: [Нет.]\n    WRONG_REQUEST_SIGN: Нет.\n    WRONG_REQUEST_SIGN: Да.\n"},
	{"messages as a list", head + "  messages: [WRONG_POLICY_NUMBER]\n"},
	{"magic", "title: x\nstory: y\nmagic:\n  - {bordereau.policyNumber: X, why: y}\n  - {bordereau.policyNumber: x, why: y}\n  - {bordereau.flightNumber: S7-155, why: y}\n  - {bordereau.firstName: X, why: y}\nbordereau: {}\n"},
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
	sameAsGolden(t, golden, all.String())
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
		for _, d := range s.flights.of(number).departures {
			flights = append(flights, fmt.Sprintf("%s %s %t", number, d.at.Format(datedLayout), d.daily))
		}
	}
	if want := []string{"S7-155 0000-01-01 20:00 +03:00 true", "RU-243 2026-04-09 20:00 +10:00 false", "RU-243 0000-01-01 02:10 Z true"}; !reflect.DeepEqual(flights, want) {
		t.Errorf("got %q, want %q", flights, want)
	}
	plans := []string{"[] every 0 share 0  [WRONG_RISK_FORMAT]", "[2..2] every 3 share 25  [WRONG_POLICY_NUMBER WRONG_POLICY_CURRENCY]",
		"[] every 0 share 0 policyNumber=[0012] insuranceSum=[12000] override=[true] [WRONG_POLICY_NUMBER]"}
	var got []string
	for i := range s.records {
		got = append(got, s.records[i].words())
	}
	if !slices.Equal(got, plans) {
		t.Errorf("got %q, want %q", got, plans)
	}
	if want := []field{flightNumber, policyNumber, birthdate}; !reflect.DeepEqual(s.key, want) {
		t.Errorf("got %v, want %v", s.key, want)
	}
	if want := map[string]string{"WRONG_POLICY_NUMBER": "Полис: не найден.", "WRONG_REQUEST_SIGN": "Подпись неверна."}; !reflect.DeepEqual(s.messages, want) {
		t.Errorf("got %v, want %v", s.messages, want)
	}
	if s := readOne(t, book, strings.TrimSpace(head)+" {}\n"); s.flights.exact != nil || s.requests != nil || s.records != nil || s.messages != nil || !reflect.DeepEqual(s.key, []field{policyNumber, flightNumber}) {
		t.Errorf("an empty section: %+v", s)
	}
}

func TestShares(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	for text, want := range map[string]int{"0.01%": 1, "5%": 500, "0.25%": 25, "0.07%": 7, "0.29%": 29, "99.99%": 9999, "100%": 10_000, "12.5%": 1250} {
		s := readOne(t, book, head+"  records:\n"+plansWithShares(text))
		if got := s.records[0].share; got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
		met := 0
		for die := range 10_000 {
			if s.records[0].meets(&risk{}, 1, func() dice.Die { return dice.New(1).Of(fmt.Sprint(die)) }) {
				met++
			}
		}
		if off := met - want; off > 250 || off < -250 || want == 10_000 && met < want {
			t.Errorf("%s meets %d of 10000", text, met)
		}
	}
}

// words are a plan as a test compares it.
func (p *plan) words() string {
	var spans, where []string
	for _, s := range p.positions {
		spans = append(spans, fmt.Sprintf("%d..%d", s.low, s.high))
	}
	for _, c := range p.where {
		texts, _ := c.want.Exact()
		where = append(where, fmt.Sprintf("%s=%v", fieldNames[c.field], texts))
	}
	return fmt.Sprintf("%v every %d share %d %s %v", spans, p.every, p.share, strings.Join(where, " "), p.codes)
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
			if s.records[0].meets(r, position, func() dice.Die { return dice.New(1).Of("x") }) {
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
