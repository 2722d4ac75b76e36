package product_test

import (
	"io"
	"log/slog"
	"os"
	"testing"
)

// What the server logs of so many refusals would bury what a test says.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	os.Exit(m.Run())
}
