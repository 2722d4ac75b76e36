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

// clockShown is a clock as the admin API shows it.
type clockShown struct {
	Mode       string
	Speed      float64
	Start, Now time.Time
}

// String is what the clock shows, and how it runs.
func (c clockShown) String() string {
	how := c.Mode
	if how == "scaled" {
		how = fmt.Sprintf("x%v", c.Speed)
	}
	return instant(c.Now) + " " + how
}

func (p Program) clock() *cobra.Command {
	cmd := p.clockShow("clock", "Show, move, freeze and speed up a session's clock", known)
	cmd.AddCommand(p.clockShow("show", "Show what the clock shows", cobra.NoArgs), p.clockSpeed(), p.clockAdvance(),
		p.clockTurn("freeze", "Stop the clock"), p.clockTurn("resume", "Let the clock run again"))
	return cmd
}

func (p Program) clockShow(name, short string, args cobra.PositionalArgs) *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: name, Short: short, Args: args,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), c, http.MethodGet, c.of(""), nil, func(w io.Writer, s sessionShown) error { return printClock(w, s.Clock) })
		}}
	c.sessionFlags(cmd)
	return cmd
}

func (p Program) clockTurn(name, short string) *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), c, http.MethodPost, c.of("/clock/"+name), nil, printClock)
		}}
	c.sessionFlags(cmd)
	return cmd
}

func (p Program) clockSpeed() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "speed SPEED", Short: "Change how fast the clock runs", Args: exactly(1, "a speed such as 60, or real, or frozen"),
		Long: "Changes how fast the clock runs: 60 or x60 for a minute a second, real, or frozen.",
		RunE: func(cmd *cobra.Command, args []string) error {
			speed, err := parseSpeed(args[0])
			if err != nil {
				speed, err = parseSpeed("x" + args[0])
			}
			if err != nil {
				return usage{fmt.Errorf("%q is no speed", args[0]), "write 60 for a minute a second (at most 1000000), real, or frozen"}
			}
			return show(cmd.Context(), c, http.MethodPut, c.of("/clock"), pack(clockMode(speed)), printClock)
		}}
	c.sessionFlags(cmd)
	return cmd
}

// clockMode is a speed as the admin API takes it.
func clockMode(speed float64) map[string]any {
	switch speed {
	case 0:
		return map[string]any{"mode": "frozen"}
	case 1:
		return map[string]any{"mode": "real"}
	}
	return map[string]any{"mode": "scaled", "speed": speed}
}

// advanceFlags are where a clock is to go.
type advanceFlags struct {
	to, until, calculation, offer string
	next                          bool
}

func (p Program) clockAdvance() *cobra.Command {
	c, f := &client{out: p.Out}, advanceFlags{}
	cmd := &cobra.Command{Use: "advance [DURATION]", Short: "Move the clock on, and list what changed", Args: cobra.MaximumNArgs(1),
		Long: "Moves the clock on: by a duration such as 90s, --to an instant, to the --next change, or --until a calculation or an offer has a status.",
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
	if (f.until == "") != (f.calculation == "") || f.offer != "" && f.until == "" {
		return nil, usage{fmt.Errorf("--until needs a --calculation, and --calculation and --offer are for --until alone"),
			"write --until STATUS --calculation REQUEST_ID, and --offer ID for one offer of it"}
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
	fmt.Fprintf(w, "%s -> %s\n", instant(m.Before), m.Clock)
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
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s -> %s\t%s\n", instant(c.At), c.Subject, what, c.From, c.To, c.Cause)
	}
	return table.Flush()
}
