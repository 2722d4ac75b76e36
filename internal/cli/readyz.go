package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
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
		base, portFile string
		wait           bool
		timeout        time.Duration
	)
	cmd := &cobra.Command{
		Use: "readyz", Short: "Ask a server whether it is ready", Args: cobra.NoArgs,
		Long: "Asks a server whether it is ready, or with --wait until it is. Exit code 0: ready; 3: not.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !strings.Contains(base, "://") {
				return usage{fmt.Errorf("%q is not a base URL", base), "write it as http://127.0.0.1:8080"}
			}
			err := askServer(cmd.Context(), base, portFile)
			if wait && err != nil {
				err = waitReady(cmd.Context(), timeout, func(ctx context.Context) error { return askServer(ctx, base, portFile) })
			}
			if err != nil {
				return ended{exitNoVerdict, err.Error()}
			}
			_, err = fmt.Fprintln(p.Out, "ready")
			return err
		},
	}
	cmd.Flags().StringVar(&base, "url", "http://127.0.0.1:8080", "base URL of the server")
	cmd.Flags().StringVar(&portFile, "port-file", "", "port file of a server on this machine, instead of --url")
	instead(cmd.Flags(), "url", "port-file")
	cmd.Flags().BoolVar(&wait, "wait", false, "ask until the server is ready")
	cmd.Flags().DurationVar(&timeout, "timeout", 30*time.Second, "how long to wait")
	return cmd
}

// askServer is nil when the server is ready that a port file names, or else a base URL.
func askServer(ctx context.Context, base, portFile string) error {
	if portFile != "" {
		port, err := os.ReadFile(portFile)
		if err != nil {
			return err
		}
		base = "http://127.0.0.1:" + strings.TrimSpace(string(port))
	}
	return ask(ctx, strings.TrimSuffix(base, "/")+"/readyz")
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
func ask(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTry)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}
