package cli

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"poligon/internal/session"
	"poligon/internal/simulator"
)

// replayShown is what came of a replay, as --json prints it.
type replayShown struct {
	Exchanges int             `json:"exchanges"`
	Notes     []string        `json:"notes"`
	Diverged  *divergedReplay `json:"diverged"`
}

type divergedReplay struct {
	Number  uint64 `json:"number"`
	Request string `json:"request"`
	What    string `json:"what"`
	Was     string `json:"was"`
	Is      string `json:"is"`
}

func (p Program) replay() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{Use: "replay FILE", Short: "Play a recorded session again", Args: exactly(1, "the file that poligon session record wrote, or - for standard input"),
		Long: "Plays a recorded session again, without a server, and compares every answer with that of then. Exit code 0: all are the same; 1: one is not.",
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := p.read(args[0])
			if err != nil {
				return usage{fmt.Errorf("cannot read the recording: %w", err), ""}
			}
			var b session.Bundle
			if err := json.Unmarshal(text, &b); err != nil {
				return usage{fmt.Errorf("%s is no recording: %w", args[0], err), "poligon session record NAME -o FILE writes one"}
			}
			slog.SetDefault(slog.New(slog.NewTextHandler(p.Err, &slog.HandlerOptions{Level: slog.LevelError}))) // refusals of then are no news
			played, err := simulator.Replay(cmd.Context(), &b, version())
			if err != nil {
				return usage{fmt.Errorf("the recording cannot be played: %w", err), ""}
			}
			for _, note := range played.Notes {
				fmt.Fprintln(p.Err, "poligon: note:", note)
			}
			if asJSON {
				return p.replayed(played)
			}
			if d := played.Diverged; d != nil {
				fmt.Fprintf(p.Out, "exchange %d, %s\n%s was\n  %s\nand is\n  %s\n", d.Number, d.Request, d.What, d.Was, d.Is)
				return ended{exitFindings, fmt.Sprintf("the answers diverge at exchange %d, after %d that did not", d.Number, played.Exchanges-1)}
			}
			_, err = fmt.Fprintf(p.Out, "%d exchanges, every answer as it was\n", played.Exchanges)
			return err
		}}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what came of it as JSON")
	return cmd
}

// replayed prints what came of a replay as JSON.
func (p Program) replayed(r *simulator.Replayed) error {
	shown := replayShown{Exchanges: r.Exchanges, Notes: append([]string{}, r.Notes...), Diverged: (*divergedReplay)(r.Diverged)}
	enc := json.NewEncoder(p.Out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(shown); err != nil {
		return err
	}
	if r.Diverged != nil {
		return ended{exitFindings, ""}
	}
	return nil
}
