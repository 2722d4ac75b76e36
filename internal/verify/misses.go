package verify

import (
	"cmp"
	"slices"

	"poligon/internal/journal"
)

// candidate is an exchange that does not match, and how near it came.
type candidate struct {
	*journal.Exchange
	matched int
	other   bool // another operation's than the expected one
	differences
}

type differences struct {
	list  []Difference
	count int
}

const (
	mostMisses     = 3
	mostCandidates = 100
)

// keep remembers the nearest candidates, as far as can be told without their bodies.
func (t *tally) keep(c candidate) {
	c.other = t.Operation != "" && c.Operation != t.Operation
	t.near = append(t.near, c)
	if len(t.near) >= 2*mostCandidates {
		slices.SortFunc(t.near, nearer)
		t.near = t.near[:mostCandidates]
	}
}

// nearer orders candidates: those of the operation, then by criteria, then by differences, then the latest.
func nearer(a, b candidate) int {
	if a.other != b.other {
		if b.other {
			return -1
		}
		return 1
	}
	return cmp.Or(b.matched-a.matched, a.count-b.count, cmp.Compare(b.Number, a.Number))
}

// misses are the exchanges that came nearest, those of another operation only where there are none of the expected one.
func (t *tally) misses(personal func(string) bool) []Miss {
	slices.SortFunc(t.near, nearer)
	near := t.near[:min(len(t.near), mostCandidates)]
	if first := slices.IndexFunc(near, func(c candidate) bool { return c.other }); first > 0 {
		near = near[:first]
	}
	for i := range near {
		t.compare(&near[i], personal)
	}
	near = slices.DeleteFunc(near, func(c candidate) bool { return c.matched == 0 && len(t.criteria) > 1 || c.other && c.matched == 0 })
	slices.SortFunc(near, nearer)
	most := mostMisses
	if len(near) > 0 && near[0].other {
		most = 1
	}
	var list []Miss
	for _, c := range near[:min(len(near), most)] {
		list = append(list, Miss{Number: c.Number, Operation: c.Operation, Matched: c.matched, Of: len(t.criteria), Differences: c.list})
	}
	return list
}

// compare looks at all criteria, and counts and lists the differences.
func (t *tally) compare(c *candidate, personal func(string) bool) {
	s, d := see(c.Exchange), newDiffer(personal)
	c.matched = 0
	for _, one := range t.criteria {
		is := one.judge(s)
		if is == yes {
			c.matched++
		}
		if is != no {
			continue
		}
		before := d.count
		if one.explain(s, d); d.count == before {
			d.add(Difference{Where: "request or answer", Expected: "what the expectation says", Actual: "too much else to list"})
		}
	}
	c.differences = differences{d.list, d.count}
}
