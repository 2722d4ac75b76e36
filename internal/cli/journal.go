package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"poligon/internal/journal"
)

// journalFlags are the filters of a journal.
type journalFlags struct {
	operation, subject, status string
	refused, follow, fromStart bool
	limit, after               int
}

func (p Program) journal() *cobra.Command {
	c, f := &client{out: p.Out}, journalFlags{}
	cmd := &cobra.Command{Use: "journal", Short: "Print what was asked and answered in a session", Args: known,
		Long: "Prints a line for each exchange: its number, the session's time, the request, the status, what became of the calculation, and why it was refused.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.follow {
				for _, name := range []string{"operation", "subject", "status", "refused", "limit", "after"} {
					if cmd.Flags().Changed(name) {
						return usage{fmt.Errorf("--%s does not go with --follow, which prints every exchange", name), "leave one of them out"}
					}
				}
				return c.follow(cmd.Context(), f.fromStart)
			}
			return show(cmd.Context(), c, http.MethodGet, c.of("/journal?"+f.query().Encode()), nil, printJournal)
		}}
	c.sessionFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.operation, "operation", "", "only this operationId")
	flags.StringVar(&f.subject, "subject", "", "only exchanges about this request_id or policy number")
	flags.StringVar(&f.status, "status", "", "only answers of this status, 403, or class, 4xx")
	flags.BoolVar(&f.refused, "refused", false, "only exchanges that were refused")
	flags.BoolVar(&f.follow, "follow", false, "print exchanges as they end, until interrupted")
	flags.BoolVar(&f.fromStart, "from-start", false, "with --follow: print those before, too")
	flags.IntVar(&f.limit, "limit", 1000, "most lines, at most 1000")
	flags.IntVar(&f.after, "after", 0, "only exchanges of higher numbers")
	cmd.AddCommand(p.journalShow(), p.journalClear(), p.journalHAR())
	return cmd
}

func (f *journalFlags) query() url.Values {
	query := url.Values{"limit": {fmt.Sprint(f.limit)}, "after": {fmt.Sprint(f.after)}}
	for key, value := range map[string]string{"operation": f.operation, "subject": f.subject, "status": f.status} {
		if value != "" {
			query.Set(key, value)
		}
	}
	if f.refused {
		query.Set("refused", "true")
	}
	return query
}

func printJournal(w io.Writer, page struct {
	Exchanges []journal.Shown
	Dropped   int64
	Arriving  int
	Next      *int64
}) error {
	if page.Dropped > 0 {
		fmt.Fprintf(w, "(%d exchanges are forgotten)\n", page.Dropped)
	}
	for _, e := range page.Exchanges {
		printExchange(w, e)
	}
	if page.Next != nil {
		fmt.Fprintf(w, "(there are more: --after %d)\n", *page.Next)
	}
	if len(page.Exchanges) == 0 {
		fmt.Fprintln(w, "(no exchanges)")
	}
	return nil
}

func printExchange(w io.Writer, e journal.Shown) {
	line := fmt.Sprintf("%5d  %s  %s %s", e.Number, e.SessionTime.Format(time.RFC3339Nano), e.Request.Method, e.Request.Target)
	if o := e.Out; o != nil {
		line = fmt.Sprintf("%5d  %s  out: %s %s%s", e.Number, e.SessionTime.Format(time.RFC3339Nano), e.Request.Method, o.To, e.Request.Target)
	}
	switch {
	case e.Running:
		line += "  in flight"
	case e.Answer != nil && (e.Out == nil || e.Answer.Status > 0):
		line += fmt.Sprintf("  %d", e.Answer.Status)
	}
	if e.After != "" && e.Out == nil {
		from := e.Before
		if from == "" {
			from = "new"
		}
		line += "  " + from + " -> " + e.After
	}
	if o := e.Out; o != nil {
		line += fmt.Sprintf("  attempt %d %s", o.Attempt, o.Outcome)
	}
	for _, more := range append([]string{e.Reason}, e.Faults...) {
		if more != "" {
			line += "  " + more
		}
	}
	fmt.Fprintln(w, line)
}

// follow prints the server's events until the stream or the context ends.
func (c *client) follow(ctx context.Context, fromStart bool) error {
	from := "now"
	if fromStart {
		from = "start"
	}
	resp, err := c.open(ctx, http.MethodGet, c.of("/journal/stream?from="+from), nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	lines, event := bufio.NewScanner(resp.Body), ""
	lines.Buffer(nil, 256<<20) // an event is a line, and a body may be long
	for lines.Scan() {
		kind, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case kind == "event":
			event = value
		case kind == "data" && c.asJSON:
			fmt.Fprintln(c.out, value)
		case kind == "data" && event == "missed":
			fmt.Fprintf(c.out, "(%s exchanges were forgotten before they could be shown)\n", value)
		case kind == "data":
			var e journal.Shown
			if err := json.Unmarshal([]byte(value), &e); err != nil {
				return ended{exitNoVerdict, fmt.Sprintf("the server's event cannot be read: %v", err)}
			}
			printExchange(c.out, e)
		}
	}
	if ctx.Err() == nil && lines.Err() != nil {
		return ended{exitNoVerdict, fmt.Sprintf("the stream broke off: %v", lines.Err())}
	}
	return nil
}

func (p Program) journalShow() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "show NUMBER", Short: "Print one exchange as JSON", Args: exactly(1, "the number in the answer's X-Poligon-Number"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return show(cmd.Context(), c, http.MethodGet, c.of("/journal/"+url.PathEscape(args[0])), nil, func(w io.Writer, e any) error {
				enc := json.NewEncoder(w)
				enc.SetEscapeHTML(false)
				enc.SetIndent("", "  ")
				return enc.Encode(e)
			})
		}}
	c.sessionFlags(cmd)
	return cmd
}

func (p Program) journalClear() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "clear", Short: "Forget what was asked and answered", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.remove(cmd.Context(), c.of("/journal"), "cleared")
		}}
	c.sessionFlags(cmd)
	return cmd
}

func (p Program) journalHAR() *cobra.Command {
	c, file := &client{out: p.Out}, ""
	cmd := &cobra.Command{Use: "har", Short: "Save the journal as an HTTP archive", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := c.ask(cmd.Context(), http.MethodGet, c.of("/journal.har"), nil)
			if err != nil {
				return err
			}
			return c.save(file, text)
		}}
	c.sessionFlags(cmd)
	cmd.Flags().StringVarP(&file, "output", "o", "", "file to write (default: the output)")
	return cmd
}
