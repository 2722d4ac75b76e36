package verify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"poligon/internal/journal"
)

// Seen is what a journal holds and what it knows to have forgotten.
type Seen struct {
	Exchanges []journal.Exchange // by number; those that run have no answer yet
	Dropped   uint64             // exchanges that were forgotten
	DroppedOf map[string]uint64  // the same by operation
	Arriving  int                // requests that have come and have no number yet
}

// tally is what became of one expectation.
type tally struct {
	Expectation
	criteria []criterion
	mistakes []Mistake
	yes      []uint64 // numbers of exchanges that match
	maybe    []uint64 // of those that may
	cut      []uint64 // of maybe, those that have their answer
	dropped  uint64   // forgotten ones that may have matched
	arriving int      // those whose requests are not whole yet
	near     []candidate
}

// Evaluate judges a request that Check found no mistakes in. Actual values under a member, parameter or header that personal
// names are not shown; nil shows all.
func Evaluate(r Request, v Seen, personal func(name string) bool) Report {
	tallies := make([]tally, len(r.Expectations))
	for i, e := range r.Expectations {
		b := builder{}
		b.expectation("", e)
		if e.Name == "" {
			e.Name = "expectation " + strconv.Itoa(i+1)
		}
		tallies[i] = tally{Expectation: e, criteria: b.criteria, mistakes: b.mistakes, dropped: v.Dropped, arriving: v.Arriving}
		if e.Operation != "" {
			tallies[i].dropped = v.DroppedOf[e.Operation]
		}
	}
	report := Report{Arriving: v.Arriving, Dropped: v.Dropped}
	operations := map[string]int{}
	for i := range v.Exchanges {
		s := see(&v.Exchanges[i])
		if s.Running {
			report.Running++
		}
		if s.Asked() {
			operations[s.Operation]++
		}
		for j := range tallies {
			tallies[j].look(s)
		}
	}
	for i := range tallies {
		report.Expectations = append(report.Expectations, tallies[i].outcome(operations))
	}
	if r.InOrder {
		order(tallies, report.Expectations, v)
	}
	report.Verdict = Pass
	for i := range tallies {
		one := &report.Expectations[i]
		if report.Verdict = worse(report.Verdict, one.Verdict); one.Verdict != Pass {
			low, _ := tallies[i].Count.bounds()
			if len(tallies[i].yes) < low {
				one.Misses = tallies[i].misses(personal)
			}
		}
	}
	return report
}

// concerns says whether an exchange can match at all: what no client asked only where its operation is named.
func (t *tally) concerns(s *seen) bool {
	return s.Asked() || t.Operation != "" && t.Operation == s.Operation
}

// look counts an exchange.
func (t *tally) look(s *seen) {
	if len(t.mistakes) > 0 || !t.concerns(s) {
		return
	}
	all, matched := yes, 0
	for i, c := range t.criteria {
		one := no
		if all != no || !dear(c) {
			one = c.judge(s)
		}
		if all = min(all, one); one == yes {
			matched++
		}
		if i == 0 && all == no && t.Operation != "" {
			break // another operation's
		}
	}
	switch all {
	case yes:
		t.yes = append(t.yes, s.Number)
	case unknown:
		t.maybe = append(t.maybe, s.Number)
		if !s.Running {
			t.cut = append(t.cut, s.Number)
		}
	case no:
		t.keep(candidate{Exchange: s.Exchange, matched: matched})
	}
}

// dear says that a criterion reads a body.
func dear(c criterion) bool {
	switch c.(type) {
	case ofSubset, ofPath, ofWords, ofSeen:
		return true
	}
	return false
}

// high is how many matches there may have been.
func (t *tally) high() int {
	const most = 1 << 31
	return len(t.yes) + len(t.maybe) + t.arriving + int(min(t.dropped, most))
}

// outcome judges the count.
func (t *tally) outcome(operations map[string]int) Outcome {
	o := Outcome{Name: t.Name, Count: len(t.yes), Expected: t.Count.String(), Matched: t.yes[:min(len(t.yes), mostNumbers)]}
	if len(t.mistakes) > 0 {
		o.Verdict, o.Why = Inconclusive, "the expectation cannot be read: "+t.mistakes[0].Message
		return o
	}
	low, most := t.Count.bounds()
	high := t.high()
	if high > o.Count {
		o.CountAtMost = &high
	}
	o.Why = matchedWords(t.yes) + "; expected " + o.Expected
	switch {
	case high < low || most >= 0 && o.Count > most:
		o.Verdict = Fail
		if high == 0 && t.Operation != "" && operations[t.Operation] == 0 {
			o.Why += "; " + operationWords(t.Operation, operations)
		}
	case o.Count >= low && (most < 0 || high <= most):
		o.Verdict = Pass
	default:
		o.Verdict = Inconclusive
		o.Why += ", but " + t.doubts()
	}
	return o
}

// doubts says why the count is not known.
func (t *tally) doubts() string {
	var list []string
	if t.arriving > 0 {
		list = append(list, plural(t.arriving, "request")+" had begun to arrive and may match: wait with within")
	}
	if t.dropped > 0 {
		of := ""
		if t.Operation != "" {
			of = " of " + t.Operation
		}
		list = append(list, fmt.Sprintf("the journal dropped %s%s that may have matched: raise its limits",
			plural(int(t.dropped), "exchange"), of))
	}
	if running := len(t.maybe) - len(t.cut); running > 0 {
		list = append(list, plural(running, "exchange")+" that may match had no answer yet: wait with within")
	}
	if cut := len(t.cut); cut > 0 {
		list = append(list, fmt.Sprintf("the journal kept only a part of %s that may match (%s): raise its limits",
			plural(cut, "exchange"), numbers(t.cut)))
	}
	return strings.Join(list, "; ")
}

func matchedWords(list []uint64) string {
	switch len(list) {
	case 0:
		return "no exchange matched"
	case 1:
		return "1 exchange matched (" + numbers(list) + ")"
	}
	return fmt.Sprintf("%d exchanges matched (%s)", len(list), numbers(list))
}

// numbers names exchanges, the first few.
func numbers(list []uint64) string {
	words := make([]string, 0, mostShown+1)
	for _, n := range list[:min(len(list), mostShown)] {
		words = append(words, "#"+strconv.FormatUint(n, 10))
	}
	if len(list) > mostShown {
		words = append(words, "…")
	}
	return strings.Join(words, ", ")
}

func operationWords(operation string, operations map[string]int) string {
	var list []string
	for name, n := range operations {
		if name == "" {
			name = "no operation"
		}
		list = append(list, fmt.Sprintf("%s %d×", name, n))
	}
	slices.Sort(list)
	if len(list) == 0 {
		return "the journal holds no exchange at all"
	}
	return fmt.Sprintf("the journal holds no %s, only %s", operation, strings.Join(list, ", "))
}
