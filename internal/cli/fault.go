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
	cmd := &cobra.Command{Use: "fault", Short: "Put failures in force in a session, and remove them",
		RunE: func(_ *cobra.Command, args []string) error {
			return usage{fmt.Errorf("poligon fault does not know %q", args), "see poligon fault --help"}
		}}
	cmd.AddCommand(p.faultAdd())
	for _, one := range []struct{ use, short string }{{"list", "List the faults in force"}, {"clear", "Remove all faults that were added"}} {
		c := &client{out: p.Out}
		sub := &cobra.Command{Use: one.use, Short: one.short, Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				if one.use == "clear" {
					return c.say(cmd.Context(), http.MethodDelete, c.of("/faults"), "removed")
				}
				return show(cmd.Context(), c, http.MethodGet, c.of("/faults"), nil, func(w io.Writer, got struct{ Faults []faultShown }) error {
					return printFaults(w, got.Faults...)
				})
			}}
		c.sessionFlags(sub)
		cmd.AddCommand(sub)
	}
	c := &client{out: p.Out}
	remove := &cobra.Command{Use: "remove ID", Short: "Remove a fault that was added", Args: exactly(1, "the fault's id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.say(cmd.Context(), http.MethodDelete, c.of("/faults/"+url.PathEscape(args[0])), "removed")
		}}
	c.sessionFlags(remove)
	cmd.AddCommand(remove)
	return cmd
}

func (p Program) faultAdd() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "add FAULT", Short: "Put a fault in force", Args: exactly(1, "the fault, such as '{on: getCalculationStatus, first: 2, status: 503}'"),
		Long: "Puts a fault in force, written as in a scenario: '{on: getCalculationStatus, first: 2, status: 503}'.",
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := fault.Parse([]byte(args[0]), "fault", nil, true)
			if err != nil {
				return usage{errors.New("the fault is wrong\n" + err.Error()), "docs/faults.md has all keys"}
			}
			return show(cmd.Context(), c, http.MethodPost, c.of("/faults"), f.JSON(), func(w io.Writer, f faultShown) error { return printFaults(w, f) })
		}}
	c.sessionFlags(cmd)
	return cmd
}

func printFaults(w io.Writer, list ...faultShown) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range list {
		fmt.Fprintf(table, "%s\t%s\tmet %d times\tapplied %d times\n", f.ID, f.Words, f.Met, f.Applied)
	}
	return table.Flush()
}
