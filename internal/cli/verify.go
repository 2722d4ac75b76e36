package cli

import (
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/cobra"

	"poligon/internal/verify"
)

func (p Program) verify() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "verify FILE", Short: "Hold a session's journal against expectations", Args: exactly(1, "the file with the expectations, or - for standard input"),
		Long: "Holds a session's journal against the expectations of FILE, or of standard input for -. Exit code 0: pass; 1: fail; 3: inconclusive.",
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := p.read(args[0])
			if err != nil {
				return usage{fmt.Errorf("cannot read the expectations: %w", err), ""}
			}
			text, err := c.ask(cmd.Context(), http.MethodPost, c.of("/verify"), body)
			if err != nil {
				return err
			}
			return judged(c, text)
		}}
	c.sessionFlags(cmd)
	return cmd
}

// judged prints a report and ends the program as its verdict says.
func judged(c *client, text []byte) error {
	var report verify.Report
	if err := unpack(text, &report); err != nil {
		return err
	}
	var err error
	if c.asJSON {
		_, err = c.out.Write(text)
	} else {
		_, err = io.WriteString(c.out, report.Text())
	}
	switch {
	case err != nil:
		return err
	case report.Verdict == verify.Fail:
		return ended{exitFindings, ""}
	case report.Verdict == verify.Inconclusive:
		return ended{exitNoVerdict, ""}
	}
	return nil
}

func (p Program) unused() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "unused", Short: "List the parts of a session's scenario and the faults that no client has met", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), c, http.MethodGet, c.of("/unused"), nil, func(w io.Writer, left struct {
				Scenario string
				Parts    []string
				Faults   []faultShown
			}) error {
				for _, part := range left.Parts {
					fmt.Fprintf(w, "%s: %s\n", left.Scenario, part)
				}
				for _, f := range left.Faults {
					fmt.Fprintf(w, "fault %s: %s\n", f.ID, f.Words)
				}
				if len(left.Parts)+len(left.Faults) == 0 {
					fmt.Fprintln(w, "everything was met")
				}
				return nil
			})
		}}
	c.sessionFlags(cmd)
	return cmd
}
