// Poligon is a simulator of partner APIs for integration tests. See README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"poligon/internal/cli"
)

func main() {
	program := cli.Program{Args: os.Args[1:], Environ: os.Environ(), In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	release := program.Collect()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt) }) // who presses Ctrl-C again will not wait; a second SIGTERM changes nothing
	code := cli.Main(ctx, program)
	stop()
	release()
	os.Exit(code)
}
