// Poligon is a simulator of partner APIs for integration tests. See README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"poligon/internal/cli"
)

// ballast is memory that is never touched, so that the system never provides it, but that counts when the collector decides how
// far the heap may grow: the simulator keeps little and answers often, and collecting that little forty times a second cost a
// quarter of the polls. With much alive it does not matter.
const ballast = 96 << 20

// growth is how far the heap grows, with its ballast, until it is collected, in percent. With a large ballast and little growth a heap of a
// few megabytes grows as far as with a small one and 100 percent, but one that is large for a while does not double.
const growth = 40

// settled is when a server has started, at the latest.
const settled = 2 * time.Second

func main() {
	weight := make([]byte, ballast)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
	}
	time.AfterFunc(settled, debug.FreeOSMemory) // what reading the contracts and the scenarios left behind
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Main(ctx, cli.Program{Args: os.Args[1:], Environ: os.Environ(), In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	runtime.KeepAlive(weight)
	os.Exit(code)
}
