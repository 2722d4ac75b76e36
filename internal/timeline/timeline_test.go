package timeline

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAtAndNext(t *testing.T) {
	t.Parallel()
	tl, err := New(Step[string]{0, "a"}, Step[string]{time.Second, "b"}, Step[string]{time.Second, "c"}, Step[string]{time.Minute, "d"})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		offset time.Duration
		value  string
		next   time.Duration
	}{
		{-1, "a", 0},
		{0, "a", time.Second},
		{time.Second - 1, "a", time.Second},
		{time.Second, "c", time.Minute},
		{time.Minute - 1, "c", time.Minute},
		{time.Minute, "d", -1},
		{1 << 62, "d", -1},
	}
	for _, tt := range tests {
		step, _ := tl.At(tt.offset)
		if step.Value != tt.value {
			t.Errorf("at %s: %s, want %s", tt.offset, step.Value, tt.value)
		}
		if next, ok := tl.Next(tt.offset); ok != (tt.next >= 0) || ok && next != tt.next {
			t.Errorf("next after %s: %s %t, want %s", tt.offset, next, ok, tt.next)
		}
	}
}

func TestOrderIsRequired(t *testing.T) {
	t.Parallel()
	if _, err := New(Step[int]{1, 1}); err == nil {
		t.Error("a timeline that does not begin at 0 was allowed")
	}
	if _, err := New(Step[int]{0, 1}, Step[int]{2, 1}, Step[int]{1, 1}); err == nil {
		t.Error("steps out of order were allowed")
	}
	var none Timeline[int]
	if _, ok := none.At(0); ok {
		t.Error("an empty timeline has a step")
	}
}

// Between two changes nothing changes.
func TestConstantBetweenChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		steps := []Step[int]{{0, 0}}
		for i := range rapid.IntRange(0, 10).Draw(t, "steps") {
			gap := time.Duration(rapid.Int64Range(0, 5).Draw(t, "gap"))
			steps = append(steps, Step[int]{steps[i].After + gap, i + 1})
		}
		tl, err := New(steps...)
		if err != nil {
			t.Fatal(err)
		}
		offset := time.Duration(rapid.Int64Range(0, 50).Draw(t, "offset"))
		here, _ := tl.At(offset)
		next, ok := tl.Next(offset)
		if !ok {
			next = offset + 100
		}
		if before, _ := tl.At(next - 1); before != here {
			t.Fatalf("changed from %v to %v before the change at %s", here, before, next)
		}
		if after, _ := tl.At(next); ok && after == here {
			t.Fatalf("nothing changed at %s", next)
		}
	})
}
