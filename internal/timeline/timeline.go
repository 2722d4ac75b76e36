// Package timeline holds values over offsets from a start: step i is in force in [its offset, the next one's).
package timeline

import (
	"fmt"
	"sort"
	"time"
)

// Step is a value and the offset from the start at which it begins.
type Step[T any] struct {
	After time.Duration
	Value T
}

// Timeline is a list of steps in order of time. The zero value has no steps.
type Timeline[T any] struct {
	steps []Step[T]
}

// New returns a timeline of steps. The first must begin at 0 and no step before the one preceding it; of steps that
// begin at the same offset the last is in force.
func New[T any](steps ...Step[T]) (Timeline[T], error) {
	for i, s := range steps {
		switch {
		case i == 0 && s.After != 0:
			return Timeline[T]{}, fmt.Errorf("the first step begins at %s, not at 0", s.After)
		case i > 0 && s.After < steps[i-1].After:
			return Timeline[T]{}, fmt.Errorf("step %d begins at %s, before step %d at %s", i+1, s.After, i, steps[i-1].After)
		}
	}
	return Timeline[T]{steps: steps}, nil
}

// Steps are all steps in order. The slice is not to be changed.
func (t Timeline[T]) Steps() []Step[T] { return t.steps }

// At is the step in force at an offset; before the start it is the first. ok is false when there are no steps.
func (t Timeline[T]) At(offset time.Duration) (step Step[T], ok bool) {
	if len(t.steps) == 0 {
		return step, false
	}
	return t.steps[max(t.after(offset)-1, 0)], true
}

// Next is the offset of the first step that begins later than offset; ok is false when none does.
func (t Timeline[T]) Next(offset time.Duration) (next time.Duration, ok bool) {
	if i := t.after(offset); i < len(t.steps) {
		return t.steps[i].After, true
	}
	return 0, false
}

// after is the index of the first step that begins later than offset.
func (t Timeline[T]) after(offset time.Duration) int {
	return sort.Search(len(t.steps), func(i int) bool { return t.steps[i].After > offset })
}
