package fault_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"poligon/internal/fault"
	"poligon/internal/scenario"
)

var update = flag.Bool("update", false, "write the golden files anew")

var operations = []string{"getCalculation", "getCalculationStatus", "importBordereau"}

// wrong are faults with mistakes; each is one line of YAML or JSON.
var wrong = []string{
	``,
	`# nothing`,
	`null`,
	`503`,
	`[{on: getCalculation, status: 503}]`,
	`{status: 503}`,
	`{on: getCalculation}`,
	`{on: getCalculatoin, status: 503}`,
	`{on: everything, status: 503}`,
	`{on: *, status: 503}`,
	`{on: [], status: 503}`,
	`{on: [getCalculation, "*"], status: 503}`,
	`{on: [getCalculation, getCalculation], status: 503}`,
	`{on: {a: b}, status: 503}`,
	`{on: "*", first: 0, status: 503}`,
	`{on: "*", every: -1, after: 0, status: 503}`,
	`{on: "*", first: "2", status: 503}`,
	`{on: "*", first: 2, after: 2, status: 503}`,
	`{on: "*", first: 2, every: 3, status: 503}`,
	`{on: "*", first: 11, every: 5, after: 10, status: 503}`,
	`{on: "*", share: 10, status: 503}`,
	`{on: "*", share: 0.001%, status: 503}`,
	`{on: "*", share: 0%, status: 503}`,
	`{on: "*", share: 101%, status: 503}`,
	`{on: "*", subject: , status: 503}`,
	`{on: "*", status: 100}`,
	`{on: "*", status: 600}`,
	`{on: "*", status: soon}`,
	`{on: "*", status: 503, answer: lost}`,
	`{on: "*", answer: los}`,
	`{on: "*", answer: 503}`,
	`{on: "*", answer: lost, accepted: true}`,
	`{on: "*", status: 503, accepted: yes}`,
	`{on: "*", delay: 2s, headers: {A: b}, body: x}`,
	`{on: "*", status: 503, headers: {}}`,
	`{on: "*", status: 503, headers: {Retry After: 2}}`,
	`{on: "*", status: 503, headers: {Content-Length: 2}}`,
	`{on: "*", status: 503, headers: {x-poligon-number: 2}}`,
	`{on: "*", status: 503, headers: {a: b, A: c}}`,
	`{on: "*", status: 503, headers: {a: "b\nc", d: да}}`,
	`{on: "*", status: 503, body: {code: 1}}`,
	`{on: "*", status: 204, body: x}`,
	`{on: "*", delay: 0s}`,
	`{on: "*", delay: 2}`,
	`{on: "*", delay: 2h}`,
	`{on: "*", delay: 5s..2s}`,
	`{on: "*", delay: 0..0}`,
	`{on: "*", delay: 2s..}`,
	`{on: "*", delay: 2s..2h}`,
	`{on: "*", delay: {median: 2s, p99: 1s}}`,
	`{on: "*", delay: {median: 2s}}`,
	`{on: "*", delay: {median: 2s, p95: 3s}}`,
	`{on: "*", delay: [1s]}`,
	`{on: "*", slow: 1s..2s}`,
	`{on: "*", stauts: 503}`,
	`{"on": "*", "status": 503, "status": 504}`,
	`{"on": "*", "status": 503`,
}

// wrongOwn are mistakes of a request's own fault.
var wrongOwn = []string{
	`{on: getCalculation, status: 503}`,
	`{first: 2, every: 3, after: 1, share: 5%, subject: x, status: 503}`,
	`{}`,
	`{frist: 1, status: 503}`,
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, needOn := range []bool{true, false} {
		list := wrong
		if !needOn {
			list = wrongOwn
			b.WriteString("\n=== a request's own\n")
		}
		for _, text := range list {
			f, err := fault.Parse([]byte(text), "f", operations, needOn)
			var mistakes scenario.Mistakes
			if !errors.As(err, &mistakes) {
				t.Errorf("%s: read as %v, error %v", text, f, err)
				continue
			}
			fmt.Fprintf(&b, "%s\n", text)
			for _, m := range mistakes {
				fmt.Fprintf(&b, "  %d:%d %s -- %s\n", m.Line, m.Column, m.Message, m.Hint)
				if m.Hint == "" {
					t.Errorf("%s: %s has no cure", text, m.Message)
				}
			}
		}
	}
	if *update {
		if err := os.WriteFile("testdata/mistakes.golden", []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/mistakes.golden")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("got\n%s", b.String())
	}
}

func TestOversized(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{on: "*", status: 503, body: ` + strings.Repeat("x", 70_000) + `}`, strings.Repeat("[", 60_000), strings.Repeat("{a: ", 10_000)} {
		if _, err := fault.Parse([]byte(text), "f", operations, true); err == nil {
			t.Errorf("%d bytes were read", len(text))
		}
	}
}

// In a scenario faults are a part that nothing stands in for.
func TestPart(t *testing.T) {
	t.Parallel()
	parts := []scenario.Part{{API: "osago", Read: func(n scenario.Node) any { return n.Text() }}, fault.Part(operations)}
	const head = "title: t\nstory: s\n"
	for text, want := range map[string]string{
		head + "osago: x\nfaults:\n  - {on: getCalculation, status: 503}\n  - {on: '*', slow: 1s}\n": "",
		head + "osago: x\nfaults: []\n":                                 "the list is empty",
		head + "osago: x\nfaults: {on: '*', slow: 1s}\n":                "expected a list, found a mapping",
		head + "osago: x\nfaults:\n  - {on: getCalculaton, slow: 1s}\n": `unknown operation "getCalculaton"`,
		head + "faults:\n  - {on: getCalculation, slow: 1s}\n":          "the story tells nothing about any partner API",
	} {
		_, err := scenario.Read("a.yaml", []byte(text), parts)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", text, err)
		}
		if want == "the story tells nothing about any partner API" && strings.Contains(err.Error(), "faults: or") {
			t.Errorf("hint names faults: %v", err)
		}
	}
}
