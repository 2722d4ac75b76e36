package server

import (
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDateIsTheLibrarys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-100_000_000_000, 400_000_000_000).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
		if got, want := string(appendDate(nil, at)), at.Format(http.TimeFormat); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	})
}
