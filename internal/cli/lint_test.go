package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"poligon/internal/scenario"
)

// TestLintRules: every rule that the checks name has a description, and none is there twice.
func TestLintRules(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, r := range lintRules() {
		if known[r.name] || r.means == "" || !strings.HasSuffix(r.means, ".") {
			t.Errorf("rule %q: %q", r.name, r.means)
		}
		known[r.name] = true
	}
	named := regexp.MustCompile(`(?m)^const \(\n(?:\t\w+ += "[a-z-]+".*\n)+\)`)
	rule := regexp.MustCompile(`(?m)^\t\w+ += "([a-z-]+)"`)
	found := 0
	for _, file := range []string{"../osago/check.go", "../bordereau/findings.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range rule.FindAllStringSubmatch(named.FindString(string(text)), -1) {
			found++
			if !known[m[1]] {
				t.Errorf("%s: rule %s has no description in lint_rules.go", file, m[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("%d rules were found in the checks", found)
	}
}

func TestSARIF(t *testing.T) {
	t.Parallel()
	l := linted{files: 3, findings: scenario.Mistakes{
		{File: "stories/a b.yaml", Line: 3, Column: 5, Message: "no", Hint: "yes", Text: "    ж: no"},
		{File: "stories/c.yaml", Message: "cannot be read"},
		{File: "d.yaml", Line: 7, Column: 1, Message: "hm", Finding: scenario.Finding{Rule: "hangs", Warning: true, Steps: []string{"first", "then"}}},
		{File: "d.yaml", Line: 8, Column: 1, Message: "new", Finding: scenario.Finding{Rule: "brand-new"}},
	}}
	var out strings.Builder
	if err := l.sarif(&out); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal([]byte(out.String()), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if log.Version != "2.1.0" || run.Tool.Driver.Name != "poligon" || run.ColumnKind != "unicodeCodePoints" || len(run.Results) != 4 {
		t.Errorf("%+v", log)
	}
	for i, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("result %d is of rule %s, its index of %s", i, r.RuleID, run.Tool.Driver.Rules[r.RuleIndex].ID)
		}
	}
	first, whole, warning := run.Results[0], run.Results[1], run.Results[2]
	if place := first.Locations[0].Physical; place.Artifact.URI != "stories/a%20b.yaml" || place.Region.StartLine != 3 || place.Region.StartColumn != 5 ||
		first.Level != "error" || first.RuleID != "format" || first.Message.Text != "no\nhint: yes" || first.CodeFlows != nil {
		t.Errorf("%+v", first)
	}
	if whole.Locations[0].Physical.Region != nil {
		t.Errorf("%+v", whole)
	}
	if steps := warning.CodeFlows[0].Threads[0].Locations; warning.Level != "warning" || len(steps) != 2 || steps[1].Location.Message.Text != "then" {
		t.Errorf("%+v", warning)
	}
}

func TestURIs(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"a.yaml":                        "a.yaml",
		"./stories//a.yaml":             "stories/a.yaml",
		"a:b.yaml":                      "./a:b.yaml",
		"рассказ.yaml":                  "%D1%80%D0%B0%D1%81%D1%81%D0%BA%D0%B0%D0%B7.yaml",
		filepath.Join(here, "x/a.yaml"): "x/a.yaml",
		"../cli/a.yaml":                 "a.yaml",
		"/elsewhere/a.yaml":             "file:///elsewhere/a.yaml",
	} {
		if got := uriOf(file); got != want {
			t.Errorf("%s is %s, want %s", file, got, want)
		}
	}
}

// manyLines is a story of about so many lines: stories of three offers each, which part, wait and repeat.
func manyLines(lines int) string {
	var b strings.Builder
	b.WriteString("title: Long\nstory: Long.\nosago:\n  offers: {}\n  stories:\n")
	for i := 0; strings.Count(b.String(), "\n") < lines && i < 100; i++ {
		fmt.Fprintf(&b, "    - name: s%d\n      when: {vehicle.car_number: А%03dВС777}\n      offers:\n", i, i)
		for o := range 3 {
			fmt.Fprintf(&b, "        o%d:\n          insurer: И%d\n          steps:\n            - CREATED\n", o, o)
			b.WriteString("            - {after: 1s, status: PRE_CALC_SENT}\n            - {after: 1s, status: PRE_CALC_IN_PROGRESS}\n            - {after: 2s..5s, status: PRE_CALC_READY}\n" +
				"            - {on: confirmed, status: APPROVED}\n            - {after: 1s, status: PAYMENT_READY}\n")
			b.WriteString("            - repeat:\n                - {after: 10s, status: PAYMENT_CANCELLED}\n                - {after: 20s, status: PAYMENT_READY}\n              times: 3\n")
			b.WriteString("            - either:\n                - on: paid\n                  status: PAYMENT_COMPLETED\n                  then:\n                    - {after: 30s, status: CLOSED_PAID}\n                - {after: 15m, status: CLOSED_TIMEOUT}\n")
			for range 10 {
				b.WriteString("            # a line that says what the story is about\n")
			}
		}
	}
	return b.String()
}

// BenchmarkLint checks ten thousand lines: in a file, and in files of some hundred lines each.
func BenchmarkLint(b *testing.B) {
	one, many := b.TempDir(), b.TempDir()
	write := func(folder, name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	write(one, "long.yaml", manyLines(10_000))
	for i := range 108 {
		write(many, fmt.Sprintf("story-%d.yaml", i), manyLines(50))
	}
	for _, folder := range []string{one, many} {
		list, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil {
			b.Fatal(err)
		}
		lines := 0
		for _, file := range list {
			text, _ := os.ReadFile(file)
			lines += strings.Count(string(text), "\n")
		}
		b.Run(count(len(list), "file"), func(b *testing.B) {
			for b.Loop() {
				if found, err := lint([]string{folder}); err != nil || len(found.findings) > 1000 {
					b.Fatal(err, found.findings)
				}
			}
			b.ReportMetric(float64(lines), "lines")
		})
	}
}
