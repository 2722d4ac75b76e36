package bench

import (
	"os"
	"testing"

	"poligon/internal/cli"
)

// TestMain has the collector work as it does in the program.
func TestMain(m *testing.M) {
	release := cli.Program{Environ: os.Environ()}.Collect()
	code := m.Run()
	release()
	os.Exit(code)
}
