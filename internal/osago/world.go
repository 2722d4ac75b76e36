package osago

import (
	"strconv"
	"time"

	"poligon/internal/dice"
)

// world is one way in which a story can go: the choices made so far, and how many there were to choose from.
type world struct {
	choices, from []int
	at            int
	ranges        bool            // whether each range is a choice of its own, between its ends
	long          map[*track]bool // where they are not: which tracks take the long ends
	kept          map[question]int
	picks         int // which of the worlds it is that are picked here and there; 0 for one after the other
	dice          dice.Dice
}

// question is what fate is asked about.
type question struct {
	track *track
	item  int
}

// choose makes a choice of n.
func (w *world) choose(n int) int {
	if n < 2 {
		return 0
	}
	if w.picks > 0 {
		w.at++
		return w.dice.Of("world", strconv.Itoa(w.picks), strconv.Itoa(w.at)).IntN(n)
	}
	if w.at == len(w.choices) {
		w.choices, w.from = append(w.choices, 0), append(w.from, n)
	}
	w.at++
	return w.choices[w.at-1]
}

// next turns to another world; false when all were seen. Of very many some are picked here and there, always the same ones.
func (w *world) next(pick bool) bool {
	w.at = 0
	clear(w.kept)
	clear(w.long)
	if pick {
		w.picks++
		return true
	}
	for i := len(w.choices) - 1; i >= 0; i-- {
		if w.choices[i]++; w.choices[i] < w.from[i] {
			w.choices, w.from = w.choices[:i+1], w.from[:i+1]
			return true
		}
	}
	return false
}

// wait implements fate: a range is one of its ends.
func (w *world) wait(t *track, item int) time.Duration {
	r := t.items[item].wait.time
	q := question{t, item}
	if w.ranges {
		chosen, ok := w.kept[q]
		if !ok {
			chosen = w.choose(2)
			w.kept[q] = chosen
		}
		return []time.Duration{r.Low, r.High}[chosen]
	}
	long, ok := w.long[t]
	if !ok {
		long = w.choose(2) == 0 // the long one first: it shows what never ends
		w.long[t] = long
	}
	if long {
		return r.High
	}
	return r.Low
}

// way implements fate.
func (w *world) way(t *track, item int) int {
	q := question{t, item}
	chosen, ok := w.kept[q]
	if !ok {
		chosen = w.choose(len(t.items[item].ways))
		w.kept[q] = chosen
	}
	return chosen
}
