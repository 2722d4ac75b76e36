package verify

import (
	"fmt"
	"slices"
)

// order judges whether the expectations that want a match have matches one behind another. More matches never break an order
// that is there, so what is known to match decides for pass, and all that may have matched decides against fail.
func order(tallies []tally, outcomes []Outcome, v Seen) {
	kept := make(map[uint64]bool, len(v.Exchanges))
	for _, e := range v.Exchanges {
		kept[e.Number] = true
	}
	var sure, perhaps uint64             // the numbers that the chains have come to
	broken, before, wanted := -1, "", "" // the names of the expectation before, and of the one before the broken one
	for i := range tallies {
		t := &tallies[i]
		if low, _ := t.Count.bounds(); low == 0 || len(t.mistakes) > 0 {
			continue
		}
		next := perhapsAfter(t, perhaps, kept)
		if next == 0 {
			judgeOrder(&outcomes[i], Fail, fmt.Sprintf("%s, but none after #%d, the first that can be %q", matchedWords(t.yes), perhaps, before))
			return
		}
		perhaps = next
		if broken < 0 {
			if next := after(t.yes, sure); next != 0 {
				sure = next
			} else {
				broken, wanted = i, before
			}
		}
		before = t.Name
	}
	if broken >= 0 {
		judgeOrder(&outcomes[broken], Inconclusive, fmt.Sprintf("%s, and whether one came after one of %q is not known: %s",
			matchedWords(tallies[broken].yes), wanted, orderDoubts(tallies[:broken+1])))
	}
}

// orderDoubts are the doubts of the expectation, or else of the nearest one before it that has any.
func orderDoubts(tallies []tally) (words string) {
	for i := len(tallies) - 1; i >= 0 && words == ""; i-- {
		words = tallies[i].doubts()
	}
	return words
}

// judgeOrder makes an outcome as bad as its order is, and says so where the count does not say it already.
func judgeOrder(o *Outcome, verdict Verdict, why string) {
	if worse(o.Verdict, verdict) != o.Verdict {
		o.Verdict, o.Why = verdict, "in order: "+why
	}
}

// after is the first number behind another; 0 when there is none.
func after(numbers []uint64, n uint64) uint64 {
	at, _ := slices.BinarySearch(numbers, n+1)
	if at == len(numbers) {
		return 0
	}
	return numbers[at]
}

// perhapsAfter is the first number that may have matched behind another. What was dropped may have any number that no kept
// exchange has.
func perhapsAfter(t *tally, n uint64, kept map[uint64]bool) uint64 {
	next := after(t.yes, n)
	if maybe := after(t.maybe, n); next == 0 || maybe != 0 && maybe < next {
		next = maybe
	}
	if t.dropped > 0 {
		gap := n + 1
		for kept[gap] {
			gap++
		}
		if next == 0 || gap < next {
			next = gap
		}
	}
	return next
}
