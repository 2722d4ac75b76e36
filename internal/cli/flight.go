package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"
	"time"

	"github.com/shopspring/decimal"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"poligon/internal/bordereau"
	"poligon/internal/payout"
	"poligon/openapi"
)

// flightFlags say what becomes of a flight.
type flightFlags struct {
	hours, date string
	cancelled   bool
}

func (f *flightFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.hours, "delay-hours", "", "so many hours after its schedule, such as 3.5")
	flags.BoolVar(&f.cancelled, "cancelled", false, "it was cancelled; with --delay-hours after that delay")
	flags.StringVar(&f.date, "date", "", "the local date of its departure, 2018-04-09; without it any")
}

// event is what the flags say.
func (f *flightFlags) event(number string) (e bordereau.FlightEvent, err error) {
	if f.hours == "" && !f.cancelled {
		return e, usage{errors.New("nothing becomes of the flight"), "add --delay-hours 3.5, --cancelled, or both"}
	}
	e = bordereau.FlightEvent{FlightNumber: number, Date: f.date, Cancelled: f.cancelled}
	if f.hours != "" {
		if e.DelayHours, err = decimal.NewFromString(f.hours); err != nil || e.DelayHours.IsNegative() || e.DelayHours.GreaterThan(decimal.NewFromInt(payout.MaxHours)) {
			return e, usage{fmt.Errorf("--delay-hours: %q is no number of hours", f.hours), fmt.Sprintf("write it as 3 or 3.5, up to %d", payout.MaxHours)}
		}
	}
	if _, err = time.Parse(time.DateOnly, f.date); f.date != "" && err != nil {
		return e, usage{fmt.Errorf("--date: %q is no date", f.date), "write it as 2018-04-09"}
	}
	return e, nil
}

func (p Program) flight() *cobra.Command {
	c, f := &client{out: p.Out}, &flightFlags{}
	cmd := &cobra.Command{Use: "flight NUMBER", Short: "Have a flight be late or cancelled, and show what its risks pay", Args: exactly(1, "the flight's number, such as S7-155"),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := f.event(args[0])
			if err != nil {
				return err
			}
			body := map[string]any{"flight_number": e.FlightNumber, "delay_hours": json.Number(e.DelayHours.String()), "cancelled": e.Cancelled}
			if e.Date != "" {
				body["date"] = e.Date
			}
			return show(cmd.Context(), c, http.MethodPost, c.of("/flights"), pack(body), printPayouts)
		}}
	c.sessionFlags(cmd)
	f.add(cmd.Flags())
	return cmd
}

func (p Program) payout() *cobra.Command {
	c, f, number := &client{out: p.Out}, &flightFlags{}, ""
	cmd := &cobra.Command{Use: "payout FILE", Short: "Compute what the risks of an import pay for a delay", Args: exactly(1, "the file with the import's body, or - for standard input"),
		RunE: func(_ *cobra.Command, args []string) error {
			e, err := f.event(number)
			if err != nil {
				return err
			}
			body, err := p.read(args[0])
			if err != nil {
				return usage{fmt.Errorf("cannot read the body: %w", err), ""}
			}
			api, err := bordereau.New(openapi.Bordereau, bordereau.Access{})
			if err != nil {
				return err
			}
			list, skipped, err := api.RiskPayouts(body, e)
			if err != nil {
				return usage{fmt.Errorf("%s is no import: %w", args[0], err), `give the JSON that is sent, {"risks": […]}`}
			}
			for _, at := range skipped {
				fmt.Fprintf(p.Err, "record %d is refused by the contract and left out\n", at)
			}
			if c.asJSON {
				_, err = p.Out.Write(append(pack(list), '\n'))
				return err
			}
			return printPayouts(p.Out, list)
		}}
	f.add(cmd.Flags())
	cmd.Flags().StringVar(&number, "flight", "", "the risks of this flight alone")
	cmd.Flags().BoolVar(&c.asJSON, "json", false, "print JSON")
	return cmd
}

func printPayouts(w io.Writer, list bordereau.FlightPayouts) error {
	if len(list.Risks) == 0 {
		_, err := fmt.Fprintln(w, "no imported risk is of this flight")
		return err
	}
	for _, r := range list.Risks {
		fmt.Fprintf(w, "policy %s, flight %s of %s\n", r.PolicyNumber, r.FlightNumber, r.Payout.Departure.Format("2006-01-02 15:04 Z07:00"))
		if err := printPayout(w, &r.Payout); err != nil {
			return err
		}
	}
	return nil
}

// printPayout prints what a policy pays as a table, indented.
func printPayout(w io.Writer, p *bordereau.FlightPaid) error {
	told := "is not told"
	if p.NotifiedAt != nil {
		told = "is told at " + p.NotifiedAt.Format("2006-01-02 15:04")
	}
	fmt.Fprintf(w, "  pays %s %s, the client %s\n", p.Total, p.Currency, told)
	if p.Note != "" {
		fmt.Fprintf(w, "  %s\n", p.Note)
	}
	if len(p.Accruals) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  hours\taccrues\tamount\ttotal\tpaid")
	for _, a := range p.Accruals {
		cut := ""
		if a.CutBy != "" {
			cut = " (cut by " + a.CutBy + ")"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s%s\t%s\t%s\n", a.Hours, a.Reason, a.Amount, cut, a.Total, a.PaidAt.Format("2006-01-02 15:04"))
	}
	if p.Omitted > 0 {
		fmt.Fprintf(table, "  and %d more\n", p.Omitted)
	}
	return table.Flush()
}
