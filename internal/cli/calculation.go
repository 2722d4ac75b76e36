package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"poligon/internal/bordereau"
	"poligon/internal/partner"
)

func (p Program) explainCommand() *cobra.Command {
	c, policy, flight := &client{out: p.Out}, "", ""
	cmd := &cobra.Command{Use: "explain [REQUEST_ID]", Short: "Say where a calculation or an insured risk stands, and why", Args: cobra.MaximumNArgs(1),
		Long: "Says of a calculation and its offers since when they stand as they do, why, what comes next and what they wait for; or, with --policy, " +
			"of an insured risk why it was accepted or refused.",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case (len(args) == 1) == (policy != ""):
				return usage{fmt.Errorf("nothing to explain, or two things"), "give a request_id, or --policy NUMBER"}
			case len(args) == 1 && flight != "":
				return usage{fmt.Errorf("a calculation has no flight"), "give --flight with --policy alone"}
			case policy != "":
				query := url.Values{"policy_number": {policy}}
				if flight != "" {
					query.Set("flight_number", flight)
				}
				return show(cmd.Context(), c, http.MethodGet, c.of("/risks?"+query.Encode()), nil, printRisks)
			}
			return show(cmd.Context(), c, http.MethodGet, c.of("/calculations/"+url.PathEscape(args[0])), nil, printExplanation)
		}}
	c.sessionFlags(cmd)
	cmd.Flags().StringVar(&policy, "policy", "", "policy number of an insured risk")
	cmd.Flags().StringVar(&flight, "flight", "", "its flight number")
	return cmd
}

// act is a command that has something happen to a calculation.
func (p Program) act(name, what, short string) *cobra.Command {
	c, calculation, offer := &client{out: p.Out}, "", ""
	cmd := &cobra.Command{Use: name + " " + what, Short: short, Args: exactly(1, "the "+strings.ToLower(what)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if calculation == "" {
				return usage{fmt.Errorf("no calculation is given"), "add --calculation REQUEST_ID"}
			}
			body := map[string]string{name: args[0]}
			if offer != "" {
				body["offer_id"] = offer
			}
			return show(cmd.Context(), c, http.MethodPost, c.of("/calculations/"+url.PathEscape(calculation)+"/events"), pack(body), printExplanation)
		}}
	c.sessionFlags(cmd)
	cmd.Flags().StringVar(&calculation, "calculation", "", "request_id of the calculation")
	cmd.Flags().StringVar(&offer, "offer", "", "id of the offer; without it the calculation, or the only offer that can take the event")
	return cmd
}

func printExplanation(w io.Writer, e partner.Explanation) error {
	forced := ""
	if e.Forced {
		forced = ", forced"
	}
	fmt.Fprintf(w, "calculation %s, scenario %s, started %s by exchange %d%s\nnow %s\n\n", e.ID, e.Scenario, instant(e.Started), e.By, forced, instant(e.Now))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\tstatus\tsince\twhy\tnext\tevents allowed now")
	printState(table, "calculation", e.Whole)
	for _, s := range e.Parts {
		printState(table, s.Part+" "+s.Label, s)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	printPrices(w, e.Parts)
	if len(e.Happened) > 0 {
		fmt.Fprintln(w, "\nso far")
	}
	if err := printChanges(w, e.Happened); err != nil {
		return err
	}
	if len(e.Choices) > 0 {
		fmt.Fprintln(w, "\nwhat the marketplace confirmed")
	}
	for _, c := range e.Choices {
		upsales := "without cross-sales"
		for i, u := range c.Upsales {
			if upsales += ", "; i == 0 {
				upsales = ""
			}
			upsales += fmt.Sprintf("upsale %s with option %s", u.Upsale, u.Option)
		}
		fmt.Fprintf(w, "%s  offer %s, %s, exchange %d\n", instant(c.At), c.Part, upsales, c.By)
	}
	printReports(w, e)
	if len(e.Sales) > 0 {
		fmt.Fprintln(w, "\nsales that the marketplace was told of")
	}
	for _, s := range e.Sales {
		warning := ""
		if s.Warning != "" {
			warning = "; late: " + s.Warning
		}
		fmt.Fprintf(w, "%s  offer %s, amount %s, is_upsaled %t, exchange %d%s\n", instant(s.At), s.Part, s.Amount, s.Upsaled, s.By, warning)
	}
	return nil
}

// printReports prints how the partner told of its sales, and when it will.
func printReports(w io.Writer, e partner.Explanation) {
	name := func(r partner.Report) string {
		if r.Copy {
			return fmt.Sprintf("offer %s, attempt %d once more", r.Part, r.Attempt)
		}
		return fmt.Sprintf("offer %s, attempt %d", r.Part, r.Attempt)
	}
	if len(e.Reports) > 0 || e.Owes != nil {
		fmt.Fprintln(w, "\nsales that the partner tells of")
	}
	for _, r := range e.Reports {
		status := ""
		if r.Status > 0 {
			status = fmt.Sprintf(" (%d)", r.Status)
		}
		fmt.Fprintf(w, "%s  %s: %s%s, exchange %d\n", instant(r.At), name(r), r.Outcome, status, r.By)
	}
	if e.Owes != nil {
		fmt.Fprintf(w, "%s  %s: due\n", instant(e.Owes.At), name(*e.Owes))
	}
}

// printPrices prints how the prices come about that the offers show.
func printPrices(w io.Writer, offers []partner.State) {
	title := "\nprices\n"
	for _, s := range offers {
		if s.Price != "" {
			fmt.Fprintf(w, "%s%s %s: %s\n", title, s.Part, s.Label, s.Price)
			title = ""
		}
	}
}

func printState(w io.Writer, name string, s partner.State) {
	next, why := "nothing by itself", s.Cause
	if s.Next != nil {
		next = s.Next.To + " at " + instant(s.Next.At)
	}
	if len(s.Awaits) > 0 {
		next += "; " + strings.Join(s.Awaits, ", ")
	}
	if s.By > 0 {
		why += fmt.Sprintf(" (act %d)", s.By)
	}
	waits := strings.Join(s.Waits, ", ")
	if waits == "" {
		waits = "none"
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", name, s.Status, instant(s.Since), why, next, waits)
}

func instant(t time.Time) string { return t.Format(time.RFC3339Nano) }

func printRisks(w io.Writer, found bordereau.RiskExplanations) error {
	if len(found.Risks) == 0 {
		fmt.Fprintf(w, "nothing is known of policy %s: it was not imported, or the journal has forgotten it\n", found.PolicyNumber)
	}
	for _, r := range found.Risks {
		fmt.Fprintf(w, "policy %s, flight %s, partner %s\n", r.PolicyNumber, r.FlightNumber, r.PartnerCode)
		if r.Kept == nil {
			fmt.Fprintln(w, "  not imported")
		} else {
			for _, e := range r.Kept.Events {
				fmt.Fprintf(w, "  %s at %s by exchange %d, uuid %s\n", e.Event, instant(e.At), e.By, r.Kept.UUID)
			}
			if r.Kept.Payout != nil {
				if err := printPayout(w, r.Kept.Payout); err != nil {
					return err
				}
			}
		}
		for _, a := range r.Attempts {
			printAttempt(w, a)
		}
	}
	return nil
}

func printAttempt(w io.Writer, a bordereau.RiskAttempt) {
	fmt.Fprintf(w, "  exchange %d at %s, record %d, scenario %s: %s\n", a.Exchange, instant(a.At), a.Position, a.Scenario, strings.ReplaceAll(a.Outcome, "_", " "))
	if a.Note != "" {
		fmt.Fprintf(w, "    %s\n", a.Note)
	}
	for _, e := range a.Errors {
		fmt.Fprintf(w, "    %s %s\n", e.Code, e.Message)
		for _, why := range e.Reasons {
			line := why.Why
			for _, v := range why.Values {
				if v.Value == "" {
					v.Value = "absent"
				}
				line += fmt.Sprintf("; %s: %s", v.Field, v.Value)
			}
			for _, from := range []string{why.Place, why.Source} {
				if from != "" {
					line += " [" + from + "]"
				}
			}
			fmt.Fprintf(w, "      %s\n", line)
		}
	}
}
