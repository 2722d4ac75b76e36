package verify

import (
	"fmt"
	"strings"
)

// Verdict is what came of a verification or of an expectation.
type Verdict string

// The verdicts, from the best to the worst.
const (
	Pass         Verdict = "pass"
	Inconclusive Verdict = "inconclusive" // what would have decided it was forgotten, or has not come yet
	Fail         Verdict = "fail"
)

// worse is the worse of two verdicts.
func worse(a, b Verdict) Verdict {
	if a == Fail || b == Pass {
		return a
	}
	if b == Fail || a == Pass {
		return b
	}
	return a
}

// Report is what came of a verification: fail if any expectation failed, else inconclusive if any is, else pass.
type Report struct {
	Verdict      Verdict   `json:"verdict"`
	Expectations []Outcome `json:"expectations"`
	Running      int       `json:"running"`  // exchanges without an answer yet; they are counted
	Arriving     int       `json:"arriving"` // requests that have come and are not counted yet
	Dropped      uint64    `json:"dropped"`  // exchanges that the journal forgot
}

// Outcome is what came of one expectation.
type Outcome struct {
	Name        string   `json:"name"`
	Verdict     Verdict  `json:"verdict"`
	Count       int      `json:"count"`                   // exchanges that match for certain
	CountAtMost *int     `json:"count_at_most,omitempty"` // where others may have matched
	Expected    string   `json:"expected"`                // exactly 1
	Matched     []uint64 `json:"matched,omitempty"`       // their numbers, the first 20
	Misses      []Miss   `json:"misses,omitempty"`        // where too few matched: those that came nearest, the best first
	Why         string   `json:"why"`
}

const mostNumbers = 20

// Miss is an exchange that did not match.
type Miss struct {
	Number      uint64       `json:"number"`
	Operation   string       `json:"operation,omitempty"`
	Matched     int          `json:"matched_criteria"`
	Of          int          `json:"of"`
	Differences []Difference `json:"differences"`
}

// Settled says that waiting changes nothing: every expectation has what it wants and none of them can get too much of it, or one
// has too much already.
func (r Request) Settled(rep Report) bool {
	if len(rep.Expectations) != len(r.Expectations) {
		return false
	}
	all := true
	for i, e := range r.Expectations {
		_, most := e.Count.bounds()
		if most >= 0 && rep.Expectations[i].Count > most {
			return true
		}
		all = all && most < 0 && rep.Expectations[i].Verdict == Pass
	}
	return all
}

// Text is the report for a person or a log.
func (r Report) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "verification: %s\n", r.Verdict)
	for _, o := range r.Expectations {
		fmt.Fprintf(&b, "  %s: %s: %s\n", o.Verdict, o.Name, o.Why)
		for _, m := range o.Misses {
			operation := m.Operation
			if operation == "" {
				operation = "no operation"
			}
			fmt.Fprintf(&b, "    near: #%d %s has %d of %s\n", m.Number, operation, m.Matched, criteria(m.Of))
			for _, d := range m.Differences {
				fmt.Fprintf(&b, "      %s\n        expected %s\n        actual   %s\n", d.Where, d.Expected, d.Actual)
				if d.Note != "" {
					fmt.Fprintf(&b, "        %s\n", d.Note)
				}
			}
		}
	}
	if r.Running > 0 {
		fmt.Fprintf(&b, "  %s without an answer yet, counted\n", plural(r.Running, "exchange"))
	}
	if r.Arriving > 0 {
		fmt.Fprintf(&b, "  %s still arriving, not counted\n", plural(r.Arriving, "request"))
	}
	if r.Dropped > 0 {
		fmt.Fprintf(&b, "  %s dropped by the journal\n", plural(int(r.Dropped), "exchange"))
	}
	return b.String()
}

func criteria(n int) string {
	if n == 1 {
		return "1 criterion"
	}
	return fmt.Sprintf("%d criteria", n)
}
