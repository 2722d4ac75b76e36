package cli

import (
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"poligon/internal/partner"
)

func (p Program) clock() *cobra.Command {
	cmd := &cobra.Command{Use: "clock", Short: "Show, move, freeze and speed up a session's clock",
		RunE: func(_ *cobra.Command, args []string) error {
			return usage{fmt.Errorf("poligon clock does not know %q", args), "see poligon clock --help"}
		}}
	for _, one := range []struct{ use, short, method, path string }{
		{"freeze", "Stop the clock", http.MethodPost, "/clock/freeze"},
		{"resume", "Let the clock run again", http.MethodPost, "/clock/resume"},
	} {
		c := &client{out: p.Out}
		sub := &cobra.Command{Use: one.use, Short: one.short, Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return show(cmd.Context(), c, one.method, c.of(one.path), nil, printClock)
			}}
		c.sessionFlags(sub)
		cmd.AddCommand(sub)
	}
	cmd.AddCommand(p.clockShow(), p.clockSpeed(), p.clockAdvance())
	return cmd
}

func (p Program) clockShow() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "show", Short: "Show what the clock shows", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), c, http.MethodGet, c.of(""), nil, func(w io.Writer, s sessionShown) error { return printClock(w, s.Clock) })
		}}
	c.sessionFlags(cmd)
	return cmd
}

func (p Program) clockSpeed() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "speed real|frozen|x60", Short: "Change how fast the clock runs", Args: exactly(1, "real, frozen, or a speed such as x60"),
		RunE: func(cmd *cobra.Command, args []string) error {
			speed, err := parseSpeed(args[0])
			if err != nil {
				return err
			}
			return show(cmd.Context(), c, http.MethodPut, c.of("/clock"), pack(clockMode(speed)), printClock)
		}}
	c.sessionFlags(cmd)
	return cmd
}

// advanceFlags are where a clock is to go.
type advanceFlags struct {
	to, until, calculation, offer string
	next                          bool
}

func (p Program) clockAdvance() *cobra.Command {
	c, f := &client{out: p.Out}, advanceFlags{}
	cmd := &cobra.Command{Use: "advance [90s]", Short: "Move the clock on, and list what changed", Args: cobra.MaximumNArgs(1),
		Long: "Moves the clock on: by a duration, --to an instant, to the --next change, or --until a calculation or an offer has a status.",
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := f.body(args)
			if err != nil {
				return err
			}
			return show(cmd.Context(), c, http.MethodPost, c.of("/clock/advance"), pack(body), printMove)
		}}
	c.sessionFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.to, "to", "", "an instant, as 2026-01-15T09:03:00Z")
	flags.BoolVar(&f.next, "next", false, "the next change of anything in the session")
	flags.StringVar(&f.until, "until", "", "a status that --calculation, or its --offer, reaches by itself")
	flags.StringVar(&f.calculation, "calculation", "", "request_id of the calculation that --until is about")
	flags.StringVar(&f.offer, "offer", "", "id of the offer that --until is about")
	return cmd
}

func (f *advanceFlags) body(args []string) (map[string]any, error) {
	body := map[string]any{}
	if len(args) == 1 {
		body["by"] = args[0]
	}
	if f.to != "" {
		body["to"] = f.to
	}
	if f.next {
		body["next"] = true
	}
	if f.until != "" {
		until := map[string]any{"request_id": f.calculation, "status": f.until}
		if f.offer != "" {
			until["offer_id"] = f.offer
		}
		body["until"] = until
	}
	if len(body) != 1 {
		return nil, usage{fmt.Errorf("%d ways to go are given, and one is needed", len(body)), "give a duration, --to, --next or --until with --calculation"}
	}
	return body, nil
}

func printClock(w io.Writer, c clockShown) error {
	_, err := fmt.Fprintln(w, c)
	return err
}

func printMove(w io.Writer, m struct {
	Before  time.Time
	Clock   clockShown
	Changes []partner.Change
	More    int
}) error {
	fmt.Fprintf(w, "%s -> %s\n", m.Before.Format(time.RFC3339Nano), m.Clock)
	if err := printChanges(w, m.Changes); err != nil {
		return err
	}
	if m.More > 0 {
		fmt.Fprintf(w, "and %d more\n", m.More)
	}
	return nil
}

func printChanges(w io.Writer, list []partner.Change) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range list {
		what := "calculation"
		if c.Part != "" {
			what = "offer " + c.Part
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s -> %s\t%s\n", c.At.Format(time.RFC3339Nano), c.Subject, what, c.From, c.To, c.Cause)
	}
	return table.Flush()
}
