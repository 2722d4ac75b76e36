package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"poligon/internal/session"
	"poligon/internal/simulator"
)

func (p Program) replay() *cobra.Command {
	return &cobra.Command{Use: "replay FILE", Short: "Play a recorded session again", Args: exactly(1, "the file that poligon session record wrote, or - for standard input"),
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
			played, err := simulator.Replay(cmd.Context(), &b, version())
			if err != nil {
				return usage{fmt.Errorf("the recording cannot be played: %w", err), ""}
			}
			for _, note := range played.Notes {
				fmt.Fprintln(p.Err, "poligon: note:", note)
			}
			if d := played.Diverged; d != nil {
				fmt.Fprintf(p.Out, "exchange %d, %s\n%s was\n  %s\nand is\n  %s\n", d.Number, d.Request, d.What, d.Was, d.Is)
				return ended{exitFindings, fmt.Sprintf("the answers diverge at exchange %d, after %d that did not", d.Number, played.Exchanges-1)}
			}
			_, err = fmt.Fprintf(p.Out, "%d exchanges, every answer as it was\n", played.Exchanges)
			return err
		}}
}
