// Poligon is a simulator of partner APIs for integration tests. See README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"poligon/internal/cli"
)

// gcPercent lets the heap grow to five times what lives before it is collected: the simulator keeps little and answers often,
// so that this is worth a quarter of the polls for some ten megabytes. GOGC in the environment comes first.
const gcPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Main(ctx, cli.Program{Args: os.Args[1:], Environ: os.Environ(), In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
