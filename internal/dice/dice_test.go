package dice

import (
	"math"
	"strconv"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func TestSeedAndQuestionBothMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed, other := rapid.Uint64().Draw(t, "seed"), rapid.Uint64().Draw(t, "other seed")
		q, p := rapid.SliceOf(rapid.String()).Draw(t, "question"), rapid.String().Draw(t, "part")
		d := New(seed).Of(q...)
		if d != New(seed).Of(q...) {
			t.Fatal("the same question was answered differently")
		}
		if seed != other && d == New(other).Of(q...) {
			t.Fatal("the seed has no effect")
		}
		if d == New(seed).Of(append(q, p)...) {
			t.Fatal("a longer question has the same answer")
		}
	})
}

func TestPartsAreNotGlued(t *testing.T) {
	t.Parallel()
	if New(1).Of("ab", "c") == New(1).Of("a", "bc") {
		t.Error(`("ab","c") and ("a","bc") are one question`)
	}
}

// Ten thousand throws of a ten-sided die: each side comes up roughly a thousand times.
func TestEven(t *testing.T) {
	t.Parallel()
	var sides [10]int
	for i := range 10_000 {
		sides[New(7).Of("throw", strconv.Itoa(i)).IntN(10)]++
	}
	for side, n := range sides {
		if math.Abs(float64(n)-1000) > 150 {
			t.Errorf("side %d came up %d times in 10,000", side, n)
		}
	}
}

func TestViews(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := Die(rapid.Uint64().Draw(t, "die"))
		if f := d.Float(); f < 0 || f >= 1 {
			t.Fatalf("float %v", f)
		}
		if n := d.Between(-3, 3); n < -3 || n > 3 {
			t.Fatalf("between %d", n)
		}
		if id := uuid.UUID(d.UUID()); id.Version() != 4 || id.Variant() != uuid.RFC4122 {
			t.Fatalf("uuid %s", id)
		}
	})
}
