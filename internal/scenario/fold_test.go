package scenario

import (
	"testing"

	"pgregory.net/rapid"
)

// TestFoldHash: texts that are the same when folded have the same hash.
func TestFoldHash(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[АВЕКМНОРСТУХавекмнорстухABEKMHOPCTYX0-9ЁёİıßſK]{0,9}`)).Draw(t, "text")
		if foldHash("a", "b", text) != foldHash("a", "b", Fold(text)) {
			t.Fatalf("%q and %q", text, Fold(text))
		}
	})
}
