package bordereau

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"poligon/internal/bordereau/internal/wire"
)

// TestResponseIsTheLibrarys writes responses as encoding/json does, byte for byte.
func TestResponseIsTheLibrarys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string {
			return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "S7-155", "a\"b\\<&>", "\u2028", "\xff\x00", "Полис\x7f"})).Draw(t, name)
		}
		r := wire.ImportResponse{ResultImport: []wire.ImportResult{}}
		for range rapid.IntRange(0, 3).Draw(t, "results") {
			one := wire.ImportResult{FlightNumber: text("flight"), PolicyNumber: text("policy")}
			if rapid.Bool().Draw(t, "good") {
				id := uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
				one.UUID = &id
			} else {
				list := []wire.ImportError{}
				for range rapid.IntRange(0, 2).Draw(t, "errors") {
					list = append(list, wire.ImportError{Code: wire.ErrorCode(text("code")), Message: text("message")})
				}
				one.Errors = &list
			}
			r.ResultImport = append(r.ResultImport, one)
		}
		var want bytes.Buffer
		if err := json.NewEncoder(&want).Encode(r); err != nil {
			t.Fatal(err)
		}
		if got := appendResponse(nil, &r); !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("got\n%s\nwant\n%s", got, want.Bytes())
		}
	})
}
