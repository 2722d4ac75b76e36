package osago

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"poligon/internal/scenario"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// scripts is the part under test; the bordereau section that files of the docs also have is let be.
var scripts = []scenario.Part{
	{API: Name, MagicFields: []string{requestID}, Read: scriptReader{paths: map[string][]string{
		requestID: nil, "vehicle.car_number": nil, "vehicle.vin": nil, "vehicle.category": {"A", "B"}, "purpose": {"taxi", "personal"},
		"is_cross_allowed": {"true", "false"}, "insurer.last_name": nil, "drivers_info.drivers.last_name": nil, "owner.contact.phone": nil,
	}}.read},
	{API: "bordereau", MagicFields: []string{"policyNumber", "flightNumber", "lastName"}, Read: func(scenario.Node) any { return nil }},
}

const head = "title: A story\nstory: What a client learns.\nosago:\n"

// offers is a section with one offer, whose steps follow.
const offers = head + "  offers:\n    alfa:\n      insurer: Альфа\n      steps:\n"

var brokenScripts = []struct{ name, text string }{
	{"a text", "title: x\nstory: y\nosago: happy path\n"},
	{"nothing", head},
	{"no offers", head + "  partner: Агрегатор\n"},
	{"offers without a value", head + "  offers:\n"},
	{"offers as a list", head + "  offers:\n    - insurer: Альфа\n      steps: [CREATED]\n"},
	{"an offer without a value", head + "  offers:\n    alfa:\n    vsk: {}\n"},
	{"unknown keys", head + "  patner: x\n  unknown_id: start\n  offers:\n    alfa: {insurer: Альфа, prise: 1, steps: [CREATED]}\n"},
	{"101 offers", head + "  offers:\n" + manyOffers(101)},
	{"offer names", head + "  offers:\n    alfa: {insurer: Альфа, steps: [CREATED]}\n    alfa: {insurer: ВСК, steps: [CREATED]}\n    \"\": {insurer: ВСК, steps: [CREATED]}\n"},
	{"insurers", head + "  offers:\n    a: {insurer: \"\", steps: [CREATED]}\n    b: {insurer: [Альфа], steps: [CREATED]}\n    c: {insurer: {code: 1}, steps: [CREATED]}\n    d: {insurer: {code: x, name: Альфа, nam: Альфа}, steps: [CREATED]}\n    e: {insurer: {}, steps: [CREATED]}\n"},
	{"codes of insurers", head + "  offers:\n    a: {insurer: {code: -1, name: Альфа}, steps: [CREATED]}\n    b: {insurer: {code: 2147483648, name: ВСК}, steps: [CREATED]}\n"},
	{"one code for two insurers", head + "  offers:\n    a: {insurer: {code: 2, name: Альфа}, steps: [CREATED]}\n    b: {insurer: ВСК, steps: [CREATED]}\n"},
	{"partner", head + "  partner: {cod: 1, name: \"\"}\n  offers: {}\n"},
	{"prices", head + "  offers:\n    a: {insurer: А, price: 12,5, steps: [CREATED]}\n    b: {insurer: Б, price: -1, steps: [CREATED]}\n    c: {insurer: В, price: 1e9, steps: [CREATED]}\n    d: {insurer: Г, price: 7072 руб, steps: [CREATED]}\n    e:\n      insurer: Д\n      price: 12,5\n      steps: [CREATED]\n"},
	{"unknown ids", head + "  unknown_ids: 404\n  offers: {}\n"},
	{"repeated requests", head + "  repeated: accept\n  offers: {}\n"},
	{"no steps", head + "  offers:\n    a: {insurer: А, steps: []}\n    b: {insurer: Б, steps: }\n    c: {insurer: В}\n"},
	{"steps that are no list", head + "  calculation: DRAFT\n  offers:\n    a: {insurer: А, steps: {status: CREATED}}\n"},
	{"Cyrillic letters", offers + "        - СREATED\n"},
	{"chances that cannot be read", offers + "        - CREATED\n        - {either: [{chance: 70, after: 1s, status: CREATED}, {chance: 30%, after: 1s, status: CREATED}]}\n"},
	{"unknown statuses", offers + "        - Created\n        - {after: 1s, status: PAYMENT_REDY}\n        - {after: 1s, status: PAID}\n        - {after: 1s, status: SOLD}\n"},
	{"a status of offers in the calculation", head + "  calculation: [CREATED]\n  offers: {}\n"},
	{"steps of the wrong kind", offers + "        - CREATED\n        -\n        - [APPROVED]\n        - {after: 1s, status: [APPROVED]}\n        - {after: 1s, status: }\n        - {}\n"},
	{"first step waits", offers + "        - {after: 1s, status: CREATED}\n        - {after: 1s, status: APPROVED}\n"},
	{"first step at a later time", offers + "        - {at: 1m, status: CREATED}\n"},
	{"steps without a time", offers + "        - CREATED\n        - APPROVED\n        - {status: PAYMENT_READY}\n        - {after: , status: CLOSED_TIMEOUT}\n"},
	{"after and at", offers + "        - CREATED\n        - {after: 1s, at: 2s, status: APPROVED}\n"},
	{"at before the step above", offers + "        - CREATED\n        - {at: 5s, status: PRE_CALC_SENT}\n        - {at: 4s, status: APPROVED}\n        - {after: 1s, status: PAYMENT_READY}\n        - {at: 5s, status: CLOSED_TIMEOUT}\n"},
	{"wrong times", offers + "        - CREATED\n        - {after: 1 s, status: PRE_CALC_SENT}\n        - {at: -1s, status: APPROVED}\n        - {at: 2s, status: PAYMENT_READY}\n        - {after: soon, status: CLOSED_TIMEOUT}\n"},
	{"time without end", offers + "        - CREATED\n        - {after: 36500d, status: PRE_CALC_SENT}\n        - {after: 1ms, status: APPROVED}\n        - {after: 99999999999h, status: PAYMENT_READY}\n"},
	{"keys of steps", offers + "        - CREATED\n        - {aftr: 1s, status: APPROVED}\n        - {after: 1s, state: APPROVED}\n        - {after: 1s, status: REJECTED, mesage: Нет., message: \"\"}\n"},
	{"messages of the calculation", head + "  calculation:\n    - DRAFT\n    - {after: 1s, status: CALCULATION_ERROR, message: Нет.}\n  offers: {}\n"},
	{"branches that are not indented", offers + "        - CREATED\n        - either:\n        - {after: 1s, status: PRE_CALC_SENT, then: [CREATED]}\n        - {chance: 5%, after: 1s, status: CREATED}\n        - repeat:\n          times: 2\n"},
	{"a step without a dash", offers + "        - CREATED\n        {after: 1s, status: PRE_CALC_SENT}\n        - {after: 2-5s, status: PRE_CALC_SENT}\n"},
	{"ranges with a dash", offers + "        - CREATED\n        - {after: 2-5s, status: PRE_CALC_SENT}\n        - {after: 2s - 5s, status: PRE_CALC_IN_PROGRESS}\n        - {after: 2-5, status: PRE_CALC_READY}\n"},
	{"values that no request has", head + "  offers: {}\n  stories:\n    - {name: a, when: {purpose: такси, is_cross_allowed: yes, vehicle.category: [A, Z, \"*\"]}, offers: {}}\n    - {name: b, when: {car_number: x, plate: y}, offers: {}}\n"},
	{"step written as one text", offers + "        - CREATED\n        - after: 1s, status: APPROVED\n"},
	{"repetitions", offers + "        - CREATED\n        - {repeat: [], times: 2}\n        - {repeat: CREATED, times: 2}\n        - {repeat: [{after: 1s, status: CREATED}]}\n        - {repeat: [{at: 1s, status: CREATED}], times: 1}\n        - {repeat: [{after: 1s, status: CREATED}], either: [{after: 1s, status: CREATED}], times: 2}\n        - {repeat: [{after: 1s, status: CREATED}, {after: 30000d, status: CREATED}], times: 100}\n"},
	{"a repetition first", offers + "        - {repeat: [{after: 1s, status: CREATED}], times: 2}\n"},
	{"too many repetitions", offers + "        - CREATED\n        - {repeat: [{repeat: [{after: 1s, status: CREATED}], times: 100}], times: 100}\n"},
	{"branches", offers + "        - CREATED\n        - {either: []}\n        - {either: [{after: 1s, status: CREATED}]}\n        - {either: [{status: CREATED}, {chance: 50%, status: CREATED}, {status: CREATED}]}\n        - {either: [{chance: 50%, status: CREATED}, {chance: 40%, status: CREATED}]}\n        - {either: [{chance: 100%, status: CREATED}, {status: CREATED}]}\n        - {either: [{status: CREATED}, {after: 1s, stats: CREATED, than: []}]}\n"},
	{"branches first", offers + "        - {either: [{after: 1s, status: CREATED}, {on: sent, status: PRE_CALC_SENT}]}\n"},
	{"waits", offers + "        - CREATED\n        - {after: 5s..2s, status: CREATED}\n        - {after: 5s..x, status: CREATED}\n        - {poll: 0, status: CREATED}\n        - {poll: 2, on: paid, status: CREATED}\n        - {on: pay, status: CREATED}\n        - {on: sent, status: CREATED, misbehaves: yes, stays: \"true\"}\n"},
	{"coefficients", head + "  offers:\n    a: {insurer: А, price: 1, coefficients: {kbm: 1}, steps: [CREATED]}\n    b: {insurer: Б, coefficients: {kbn: 1, ko: -1}, steps: [CREATED]}\n    c: {insurer: В, coefficients: {}, steps: [CREATED]}\n"},
	{"what an offer shows", head + "  offers:\n    a:\n      insurer: А\n      steps: [CREATED]\n      is_prolongation: maybe\n      draft_url: nowhere\n      payment_url: ftp://x\n      upsales:\n        - {id: 1, full_name: x}\n        - {id: 1, short_name: y, options: [{name: a, price: 1, id: 2, is_default: true}, {name: b, price: -1, id: 2, is_default: true}, {risk_payments: [{pays: x}]}]}\n    b: {insurer: Б, steps: [CREATED], upsales: []}\n"},
	{"confirm", head + "  confirm: {after: soon, attempts: 0, backoff: never, delay: 5s-1s, duplicates: 200%, loss: 0%, to: marketplace.test/confirm, retries: 3}\n  offers: {}\n"},
	{"confirm of stories", head + "  confirm: 5s\n  offers: {}\n  stories:\n    - {name: b, when: {request_id: x}, offers: {}, confirm: {attempts: 21, to: \"https://\"}}\n"},
	{"documents", head + "  offers:\n    a: {insurer: А, steps: [CREATED], documents: {draft_after: never, policy_after: soon, draft: 5s}}\n    b: {insurer: Б, steps: [CREATED], documents: 5s}\n    c: {insurer: В, steps: [CREATED], documents: {draft_after: 2s..5s}}\n"},
	{"stories", head + "  offers: {}\n  stories:\n    - {name: a, when: {}, offers: {}}\n    - {name: a, when: {vehicle.vin: []}, offers: {}}\n    - {offers: {}, unknown_ids: start}\n"},
	{"magic", "title: x\nstory: y\nmagic:\n  - {osago.requestid: x, why: y}\n  - {request_id: x, why: y}\n  - {bordereau.policyNumber: x, why: y}\nosago: {offers: {}}\n"},
}

func manyOffers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "    o%d: {insurer: И%d, steps: [CREATED]}\n", i, i)
	}
	return b.String()
}

// TestMistakesOfScripts holds what is said about broken sections to testdata/script.golden.
func TestMistakesOfScripts(t *testing.T) {
	t.Parallel()
	const golden = "testdata/script.golden"
	var all strings.Builder
	for _, c := range brokenScripts {
		_, err := scenario.Read("broken.yaml", []byte(c.text), scripts)
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
func readOne(t *testing.T, text string) *story {
	t.Helper()
	var s *script
	part := scenario.Part{API: Name, Read: func(n scenario.Node) any { s = scriptReader{}.read(n).(*script); return s }}
	if _, err := scenario.Read("good.yaml", []byte(text), []scenario.Part{part}); err != nil {
		t.Fatal(err)
	}
	return s.stories[0]
}

func TestReadScript(t *testing.T) {
	t.Parallel()
	s := readOne(t, head+`
  partner: {code: 0, name: Агрегатор}
  unknown_ids: not_found
  calculation:
    - DRAFT
    - {at: 1s, status: PARTNER_CALCULATION_IN_PROGRESS}
  offers:
    alfa:
      insurer: {code: 7, name: Альфа}
      price: 7072.50
      steps:
        - {after: 0, status: CREATED}
        - {after: 1s, status: PRE_CALC_SENT}
        - {after: 1m30s, status: PRE_CALC_READY}
        - {at: 2m, status: APPROVED, message: "Одобрено: да"}
        - {after: 0s, status: PAYMENT_READY}
        - after: 1d
          status: CLOSED_TIMEOUT
    second: {insurer: ВСК, steps: [CREATED]}
    third: {insurer: Альфа, price: 0, steps: [CREATED]}
`)
	if s.partner != (party{0, "Агрегатор"}) || s.script.unknownIDs || len(s.offers) != 3 {
		t.Errorf("%+v", s)
	}
	var got []string
	for _, o := range s.offers {
		got = append(got, fmt.Sprintf("%s: %d %s %q", o.key, o.insurer.code, o.insurer.name, o.price))
		for _, st := range o.track.fixed.Steps() {
			got = append(got, fmt.Sprintf("%s %s %s", st.After, o.track.items[st.Value].status, o.track.items[st.Value].text))
		}
	}
	for _, st := range s.stated.fixed.Steps() {
		got = append(got, fmt.Sprintf("%s %s", st.After, s.stated.items[st.Value].status))
	}
	want := []string{`alfa: 7 Альфа "7072.50"`, "0s CREATED ", "1s PRE_CALC_SENT ", "1m31s PRE_CALC_READY ", "2m0s APPROVED Одобрено: да", "2m0s PAYMENT_READY ",
		"24h2m0s CLOSED_TIMEOUT ", `second: 2 ВСК ""`, "0s CREATED ", `third: 7 Альфа "0"`, "0s CREATED ", "0s DRAFT", "1s PARTNER_CALCULATION_IN_PROGRESS"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestWhoAnswers: without partner: an insurer answers for its only offer, and an aggregator of ours for several or none.
func TestWhoAnswers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]party{
		"  offers: {a: {insurer: {code: 5, name: Альфа}, steps: [CREATED]}}":                     {5, "Альфа"},
		"  offers: {a: {insurer: Альфа, steps: [CREATED]}, b: {insurer: ВСК, steps: [CREATED]}}": {1, "Полигон"},
		"  offers: {}": {1, "Полигон"},
		"  partner: Агрегатор\n  offers: {a: {insurer: {code: 5, name: Альфа}, steps: [CREATED]}}": {1, "Агрегатор"},
		"  partner: {name: Агрегатор, code: 12}\n  offers: {}":                                     {12, "Агрегатор"},
	} {
		s := readOne(t, head+text+"\n")
		if s.partner != want || !s.script.unknownIDs {
			t.Errorf("%s: %+v", text, s)
		}
	}
}

// TestLongestStory: offsets may add up to the longest duration and no more.
func TestLongestStory(t *testing.T) {
	t.Parallel()
	s := readOne(t, offers+"        - CREATED\n        - {after: 36499d, status: APPROVED}\n        - {after: 1d, status: CLOSED_TIMEOUT}\n")
	steps := s.offers[0].track.fixed.Steps()
	if last := steps[len(steps)-1].After; last != scenario.Longest {
		t.Error(last)
	}
}

// TestDocsNameEveryKey: whatever key the reader knows, docs/scenarios.md explains.
func TestDocsNameEveryKey(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, probe := range []string{"zz: 1", "offers: {a: {zz: 1}}", "partner: {zz: 1}", "offers: {a: {insurer: {zz: 1}, steps: [{zz: 1}]}}"} {
		_, err := scenario.Read("probe.yaml", []byte(head+"  "+probe+"\n"), scripts)
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
	for _, status := range append(slices.Clone(offerStatuses), calculationStatuses...) {
		if !strings.Contains(string(text), "`"+status+"`") {
			t.Errorf("docs/scenarios.md does not name %s", status)
		}
	}
}
