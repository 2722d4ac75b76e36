package bordereau

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"poligon/internal/scenario"
)

// Scripts that can be read and have something wrong with them.
var oddScripts = []struct{ name, text string }{
	{"places that every: never takes", "  records:\n    - {when: {position: 5, every: 7}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: [14, 5, 8..13], every: 7}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: 8..14, every: 7}, error: WRONG_POLICY_NUMBER}\n"},
	{"places that no request has", "  records:\n    - {when: {position: 20001}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: [3, 20001..30000]}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: 20000..30000}, error: WRONG_POLICY_NUMBER}\n    - {when: {every: 20001}, error: WRONG_POLICY_NUMBER}\n    - {when: {every: 20000}, error: WRONG_POLICY_NUMBER}\n    - {when: {every: 20001, position: 1..20000}, error: WRONG_POLICY_NUMBER}\n    - {when: {every: 19999, position: 20000}, error: WRONG_POLICY_NUMBER}\n"},
	{"places named twice", "  records:\n    - {when: {position: [2, 5, 2]}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: [2..9, 3, 9..10, 11]}, error: WRONG_POLICY_NUMBER}\n"},
	{"plans told again", "  records:\n    - {when: {every: 7}, errors: [WRONG_POLICY_NUMBER, WRONG_POLICY_CURRENCY]}\n    - {when: {every: 7, share: 100%}, errors: [WRONG_POLICY_CURRENCY, WRONG_POLICY_NUMBER]}\n    - {when: {every: 7}, error: WRONG_POLICY_NUMBER}\n    - {when: {share: 5%}, error: WRONG_POLICY_NUMBER}\n    - {when: {share: 5%}, error: WRONG_POLICY_NUMBER}\n    - {when: {where: {lastName: А*, firstName: [Б]}}, error: WRONG_POLICY_NUMBER}\n    - {when: {where: {firstName: Б, lastName: А*}}, error: WRONG_POLICY_NUMBER}\n    - {when: {where: {lastName: 'А\\*', firstName: Б}}, error: WRONG_POLICY_NUMBER}\n    - {error: WRONG_POLICY_NUMBER}\n    - {when: {every: 1}, error: WRONG_POLICY_NUMBER}\n"},
	{"values that are refused anyway", "  records:\n    - {when: {where: {currency: RUBLE}}, error: WRONG_POLICY_NUMBER}\n    - {when: {where: {currency: [RUBLE, RUB]}}, error: WRONG_POLICY_NUMBER}\n    - {when: {where: {currency: RUBL*}}, error: WRONG_POLICY_NUMBER}\n    - {when: {where: {insuranceSum: '-5', override: yes, birthdate: 31.02.1986, productType: 3}}, error: WRONG_POLICY_NUMBER}\n    - {when: {where: {insuranceSum: 12000.0, override: false, birthdate: 11.01.1986, productType: 2, firstCountPercent: 101}}, error: WRONG_POLICY_NUMBER}\n    - {when: {where: {lastName: [Отказов, Отказов]}}, error: WRONG_POLICY_NUMBER}\n"},
	{"requests behind one that takes all", "  requests:\n    - {when: {share: 5%}, error: WRONG_REQUEST_BODY}\n    - {error: INTERNAL_ERROR}\n    - {when: {share: 5%}, error: WRONG_REQUEST_BODY}\n    - {error: INTERNAL_ERROR}\n  flights: {S7-155: 20:00 +03:00}\n  records: [{error: WRONG_POLICY_NUMBER}]\n"},
	{"requests behind wider ones", `  requests:
    - {when: {more_than: 100}, error: WRONG_REQUEST_SIZE}
    - {when: {more_than: 101}, error: WRONG_REQUEST_SIZE}
    - {when: {more_than: 100, share: 5%}, error: INTERNAL_ERROR}
    - {when: {more_than: 99}, error: INTERNAL_ERROR}
    - {when: {partner: ["31*", "4"]}, error: INTERNAL_ERROR}
    - {when: {partner: "312", share: 7%}, error: INTERNAL_ERROR}
    - {when: {partner: ["4", "5"]}, error: INTERNAL_ERROR}
    - {when: {where: {policyNumber: P-*}}, error: INTERNAL_ERROR}
    - {when: {where: {policyNumber: [P-1, P-2*], lastName: X}, more_than: 5}, error: INTERNAL_ERROR}
    - {when: {where: {lastName: X}}, error: INTERNAL_ERROR}
    - {when: {where: {middleName: X}}, error: INTERNAL_ERROR}
    - {when: {where: {lastName: x}}, error: INTERNAL_ERROR}
    - {when: {where: {lastName: x}}, error: WRONG_REQUEST_BODY}
    - {when: {share: 5%, where: {lastName: y}}, error: INTERNAL_ERROR}
    - {when: {share: 5%, where: {lastName: y}}, error: INTERNAL_ERROR}
    - {when: {more_than: 0}, error: INTERNAL_ERROR}
    - {when: {where: {firstName: z}}, error: INTERNAL_ERROR}
    - {when: {partner: "6"}, error: INTERNAL_ERROR}
`},
	{"requests of more risks than there can be", "  requests:\n    - {when: {more_than: 20000}, error: WRONG_REQUEST_SIZE}\n    - {when: {more_than: 19999}, error: WRONG_REQUEST_SIZE}\n"},
	{"records of requests that are refused", "  records:\n    - {when: {every: 7}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: 3..5}, error: WRONG_POLICY_NUMBER}\n" +
		"    - {when: {position: [3, 4]}, error: WRONG_POLICY_CURRENCY}\n    - {when: {position: 1..9, every: 4}, error: WRONG_POLICY_NUMBER}\n" +
		"  requests:\n    - {when: {more_than: 2, share: 5%}, error: WRONG_REQUEST_SIZE}\n    - {when: {more_than: 3}, error: WRONG_REQUEST_SIZE}\n"},
	{"departures told again", `  flights:
    S7-1: [20:00 +03:00, 17:00 Z, 17:01 Z]
    S7-2: [2026-04-09 20:00 +03:00, 2026-04-09 17:00 Z, 2026-04-10 20:00 +03:00]
    S7-3: [2026-04-09 23:00 Z, 2026-04-10 02:00 +03:00]
    S7-4: [2026-04-09 20:00 +03:00, 20:00 +03:00]
    S7-5: [2026-04-09 cancelled, 20:00 +03:00, 2026-04-09 cancelled]
    S7-6: [2026-04-09 20:00 +03:00, 2026-04-09 cancelled]
    S7-7: 2026-04-09 cancelled
`},
	{"texts that nobody hears", "  flights: {S7-1: unknown}\n  messages: {WRONG_FLIGHT_STATUS: Отменен., WRONG_FLIGHT_DEPARTURE_TIME: Не то время., WRONG_FLIGHT_NUMBER: Нет такого., INTERNAL_ERROR: Ой.}\n"},
}

// TestFindings holds what is found in odd sections to testdata/findings.golden. Of mistakes and warnings alike nothing else is
// found.
func TestFindings(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	var all strings.Builder
	for _, c := range oddScripts {
		fmt.Fprintf(&all, "=== %s\n", c.name)
		for _, m := range findings(t, book, head+c.text) {
			fmt.Fprintln(&all, m.Error())
		}
	}
	sameAsGolden(t, "testdata/findings.golden", all.String())
}

// findings are what the checks find in a file.
func findings(tb testing.TB, b *rulebook, text string) (list scenario.Mistakes) {
	tb.Helper()
	s, err := scenario.Read("odd.yaml", []byte(text), b.scripts())
	if wrong, ok := err.(scenario.Mistakes); ok {
		list = append(list, wrong...)
	}
	for _, m := range append(list, s.Warnings...) {
		if m.Rule == "" {
			tb.Fatalf("a mistake in the writing: %v", m)
		}
	}
	return append(list, s.Warnings...)
}

// Nothing is found in scripts that are as they should be.
func TestNothingFound(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	for _, text := range []string{
		"  flights: {S7-1: cancelled}\n  messages: {WRONG_FLIGHT_STATUS: Отменен.}\n",
		"  flights: {S7-1: 2026-04-09 cancelled}\n  messages: {WRONG_FLIGHT_STATUS: Отменен.}\n",
		"  flights: {S7-1: 20:00 +03:00}\n  messages: {WRONG_FLIGHT_DEPARTURE_TIME: Не то время.}\n",
		"  records: [{errors: [WRONG_FLIGHT_STATUS, WRONG_FLIGHT_DEPARTURE_TIME]}]\n  messages: {WRONG_FLIGHT_STATUS: Отменен., WRONG_FLIGHT_DEPARTURE_TIME: Не то время.}\n",
		"  flights: {\"*\": unknown, SU-*: 20:00 +03:00, SU-1402: [21:00 +03:00, 2026-04-09 23:55 +03:00, 2026-12-31 cancelled]}\n",
		"  requests: [{when: {share: 5%}, error: INTERNAL_ERROR}, {when: {share: 5%}, error: INTERNAL_ERROR}, {when: {more_than: 0}, error: WRONG_REQUEST_BODY}, {error: WRONG_REQUEST_BODY}]\n",
		"  records: [{when: {position: 1..20000, every: 20000}, error: WRONG_POLICY_NUMBER}, {when: {position: [1, 2, 4..9]}, error: WRONG_POLICY_NUMBER}]\n",
	} {
		if list := findings(t, book, head+text); len(list) > 0 {
			t.Errorf("%s%v", text, list)
		}
	}
}

// Long files are checked in no time, whatever is in them.
func TestLongScriptsAreCheckedFast(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	const lines = 4_000
	write := func(first string, line func(i int) string) string {
		var b strings.Builder
		b.WriteString(head + first)
		for i := range lines {
			b.WriteString(line(i))
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"patterns of requests": write("  requests:\n", func(i int) string {
			return fmt.Sprintf("    - {when: {where: {policyNumber: [\"a*%d*b\", \"c*%d\"]}, partner: \"%d*\"}, error: INTERNAL_ERROR}\n", i, i, i)
		}),
		"records": write("  records:\n", func(i int) string {
			return fmt.Sprintf("    - {when: {position: [%d, 20..%d]}, error: WRONG_POLICY_NUMBER}\n", i+1, i+30)
		}),
		"flights":   write("  flights:\n    S7-1:\n", func(i int) string { return fmt.Sprintf("      - %02d:%02d +03:00\n", i/60%24, i%60) }),
		"positions": write("  records:\n    - error: WRONG_POLICY_NUMBER\n      when:\n        position:\n", func(i int) string { return fmt.Sprintf("          - %d\n", 8000-2*i) }),
	} {
		script := func() any {
			var s any
			read := scenario.Part{API: Name, Read: func(n scenario.Node) any { s = book.readScript(n); return s }}
			if _, err := scenario.Read("long.yaml", []byte(text), []scenario.Part{read}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return s
		}()
		begin := time.Now()
		book.check(script)
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("%s: %v", name, took)
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}

// sameAsGolden compares a text with a golden file, and writes it anew with -update.
func sameAsGolden(t *testing.T, golden, text string) {
	t.Helper()
	if *updateGolden {
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, wanted := strings.Split(text, "=== "), strings.Split(string(want), "=== ")
	for i := range max(len(got), len(wanted)) {
		if i >= len(got) || i >= len(wanted) || got[i] != wanted[i] {
			t.Fatalf("got:\n%s\nwant:\n%s", strings.Join(got[min(i, len(got)):], ""), strings.Join(wanted[min(i, len(wanted)):], ""))
		}
	}
}
