package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"poligon/internal/fault"
)

// faultShown is a fault as the admin API shows it.
type faultShown struct {
	ID           string
	Words        string
	Met, Applied int
}

func (p Program) fault() *cobra.Command {
	return family("fault", "Put failures in force in a session, and remove them", p.faultAdd(), p.faultList(), p.faultRemove(), p.faultClear())
}

func (p Program) faultList() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "list", Short: "List the faults in force", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), c, http.MethodGet, c.of("/faults"), nil, func(w io.Writer, got struct{ Faults []faultShown }) error {
				return printFaults(w, got.Faults...)
			})
		}}
	c.sessionFlags(cmd)
	return cmd
}

func (p Program) faultRemove() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "remove ID", Short: "Remove a fault that was added", Args: exactly(1, "the fault's id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.remove(cmd.Context(), c.of("/faults/"+url.PathEscape(args[0])), "removed")
		}}
	c.sessionFlags(cmd)
	return cmd
}

func (p Program) faultClear() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "clear", Short: "Remove all faults that were added", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.remove(cmd.Context(), c.of("/faults"), "removed")
		}}
	c.sessionFlags(cmd)
	return cmd
}

func (p Program) faultAdd() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "add FAULT", Short: "Put a fault in force", Args: exactly(1, "the fault, such as '{on: getCalculationStatus, first: 2, status: 503}'"),
		Long: "Puts a fault in force, written as in a scenario, in YAML or JSON: '{on: getCalculationStatus, first: 2, status: 503}'. " +
			"With - it is read from standard input.",
		RunE: func(cmd *cobra.Command, args []string) error {
			text := []byte(args[0])
			if args[0] == "-" {
				var err error
				if text, err = p.read("-"); err != nil {
					return usage{fmt.Errorf("cannot read the fault: %w", err), ""}
				}
			}
			f, err := fault.Parse(text, "fault", nil, true)
			if err != nil {
				return usage{errors.New("the fault is wrong\n" + err.Error()), "docs/faults.md has all keys"}
			}
			return show(cmd.Context(), c, http.MethodPost, c.of("/faults"), f.JSON(), func(w io.Writer, f faultShown) error { return printFaults(w, f) })
		}}
	c.sessionFlags(cmd)
	return cmd
}

func printFaults(w io.Writer, list ...faultShown) error {
	if len(list) == 0 {
		fmt.Fprintln(w, "no faults are in force")
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range list {
		fmt.Fprintf(table, "%s\t%s\tmet %d times\tapplied %d times\n", f.ID, f.Words, f.Met, f.Applied)
	}
	return table.Flush()
}
