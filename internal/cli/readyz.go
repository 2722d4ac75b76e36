package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// How often readyz asks a server that is not ready yet, and how long one try may take.
const (
	readyEvery = 20 * time.Millisecond
	readyTry   = 2 * time.Second
)

func (p Program) readyz() *cobra.Command {
	var (
		to      connection
		wait    bool
		timeout time.Duration
	)
	cmd := &cobra.Command{
		Use: "readyz", Short: "Ask a server whether it is ready", Args: cobra.NoArgs,
		Long: "Asks a server whether it is ready, or with --wait until it is. Exit code 0: ready; 3: not.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := to.misfit(); err != nil {
				return err
			}
			err := to.ready(cmd.Context())
			if wait && err != nil {
				err = waitReady(cmd.Context(), timeout, to.ready)
			}
			if err != nil {
				return ended{exitNoVerdict, err.Error()}
			}
			_, err = fmt.Fprintln(p.Out, "ready")
			return err
		},
	}
	to.flags(cmd.Flags())
	cmd.Flags().BoolVar(&wait, "wait", false, "ask until the server is ready")
	cmd.Flags().DurationVar(&timeout, "timeout", 30*time.Second, "how long to wait")
	return cmd
}

// ready is nil when the server is ready. A file that is not there yet may come with the server.
func (c *connection) ready(ctx context.Context) error {
	base, err := c.server()
	if err != nil {
		return err
	}
	through, err := c.client()
	if err != nil {
		return err
	}
	return ask(ctx, through, base+"/readyz")
}

func waitReady(ctx context.Context, timeout time.Duration, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	last := errors.New("the server was not asked")
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready after %s: %w", timeout, last)
		case <-tick.C:
		}
		if err := ready(ctx); err == nil {
			return nil
		} else if ctx.Err() == nil {
			last = err
		}
	}
}

// ask is nil when the server answers 200.
func ask(ctx context.Context, through *http.Client, url string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTry)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := through.Do(req)
	if err != nil {
		return hinted(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10)) // of what goes wrong here the status tells
	if strings.Contains(string(text), plainly) {
		return errors.New("the server speaks TLS; write https:// in --url, and name its authority with --ca FILE")
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}
