package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// sessionShown is a session as the admin API shows it.
type sessionShown struct {
	Name, URL, Scenario string
	Seed                int64
	Clock               clockShown
	Subjects            int
	Number              uint64
	Journal             struct{ Entries, Dropped int }
	Labels              map[string]string
	Chosen              bool
	Expires             *time.Time
	ForkedFrom          string `json:"forked_from"`
}

func (p Program) session() *cobra.Command {
	return family("session", "Create, fork, save and delete the sessions of a server",
		p.sessionList(), p.sessionCreate(), p.sessionShow(), p.sessionDelete(), p.sessionReset(), p.sessionFork(), p.sessionRestore(), p.sessionScenario(),
		p.sessionFile("snapshot", "Save a session at this moment", "snapshot"),
		p.sessionFile("record", "Save everything that happened in a session, for poligon replay", "recording"))
}

// about lets a command take the name of its session as an argument as well as by --session.
func (c *client) about(cmd *cobra.Command) {
	c.sessionFlags(cmd)
	cmd.Use += " [NAME]"
	cmd.Args = func(_ *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usage{fmt.Errorf("%d arguments given, at most 1 taken", len(args)), "give the name of a session, or none for that of --session"}
		}
		return nil
	}
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			c.session = args[0]
		}
		return run(cmd, args)
	}
}

func (p Program) sessionShow() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "show", Short: "Show a session",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), c, http.MethodGet, c.of(""), nil, printSession)
		}}
	c.about(cmd)
	return cmd
}

func (p Program) sessionDelete() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "delete NAME", Short: "Forget a session", Args: exactly(1, "the name of a session"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.session = args[0]
			return c.remove(cmd.Context(), c.of(""), "deleted")
		}}
	c.flags(cmd)
	return cmd
}

func (p Program) sessionList() *cobra.Command {
	c := &client{out: p.Out}
	var labels []string
	cmd := &cobra.Command{Use: "list", Short: "List sessions", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			query := url.Values{"label": labels, "limit": {"1000"}}
			type page struct {
				Sessions []sessionShown
				Next     string
			}
			next := ""
			for more := true; more; more = next != "" && !c.asJSON {
				query.Set("after", next)
				err := show(cmd.Context(), c, http.MethodGet, "/sessions?"+query.Encode(), nil, func(w io.Writer, got page) error {
					if len(got.Sessions) == 0 && next == "" {
						fmt.Fprintln(w, "no sessions")
					}
					next = got.Next
					return printSessions(w, got.Sessions)
				})
				if err != nil {
					return err
				}
			}
			return nil
		}}
	c.flags(cmd)
	cmd.Flags().StringArrayVar(&labels, "label", nil, "only sessions with this label, key=value; repeatable")
	return cmd
}

// sessionFlags are what a session is created with.
type sessionFlags struct {
	scenario, clock, clockStart, ttl string
	seed                             int64
	entries, bytes                   int
	labels, partners, users          []string
}

func (p Program) sessionCreate() *cobra.Command {
	c, f := &client{out: p.Out}, sessionFlags{}
	cmd := &cobra.Command{Use: "create NAME", Short: "Create a session", Args: exactly(1, "the name of a session"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.session = args[0]
			body, err := f.body(cmd)
			if err != nil {
				return err
			}
			return show(cmd.Context(), c, http.MethodPut, c.of(""), pack(body), printLine)
		}}
	c.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.scenario, "scenario", "", "scenario to play; without it magic values act")
	flags.Int64Var(&f.seed, "seed", 0, "what every chance depends on, 1 or more")
	flags.StringVar(&f.clock, "clock", "", "real, frozen, or x60 for a minute a second")
	flags.StringVar(&f.clockStart, "clock-start", "", "simulated instant at which it begins, as 2026-01-15T09:00:00Z")
	flags.StringVar(&f.ttl, "ttl", "", "forget it after this time without a request, such as 30m")
	flags.IntVar(&f.entries, "journal-entries", 0, "most exchanges that its journal keeps")
	flags.IntVar(&f.bytes, "journal-bytes", 0, "most bytes that its journal keeps")
	flags.StringArrayVar(&f.labels, "label", nil, "a label, key=value; repeatable")
	flags.StringArrayVar(&f.partners, "partner-code", nil, "partner code whose imports belong to it; repeatable")
	flags.StringArrayVar(&f.users, "user", nil, "HTTP Basic user whose requests belong to it; repeatable")
	return cmd
}

// body is the configuration that flags ask for; those that were not given are left to the server.
func (f *sessionFlags) body(cmd *cobra.Command) (map[string]any, error) {
	body, clock, journal := map[string]any{}, map[string]any{}, map[string]any{}
	given := func(flag string, into map[string]any, key string, value any) {
		if cmd.Flags().Changed(flag) {
			into[key] = value
		}
	}
	given("scenario", body, "scenario", f.scenario)
	given("seed", body, "seed", f.seed)
	given("ttl", body, "ttl", f.ttl)
	given("clock-start", clock, "start", f.clockStart)
	given("journal-entries", journal, "entries", f.entries)
	given("journal-bytes", journal, "bytes", f.bytes)
	given("partner-code", body, "partners", f.partners)
	given("user", body, "users", f.users)
	if f.clock != "" {
		speed, err := parseSpeed(f.clock)
		if err != nil {
			return nil, err
		}
		for key, value := range clockMode(speed) {
			clock[key] = value
		}
	}
	if len(f.labels) > 0 {
		labels := map[string]string{}
		for _, label := range f.labels {
			key, value, ok := strings.Cut(label, "=")
			if !ok || key == "" {
				return nil, usage{fmt.Errorf("%q is not a label", label), "write it as key=value"}
			}
			labels[key] = value
		}
		body["labels"] = labels
	}
	if len(clock) > 0 {
		body["clock"] = clock
	}
	if len(journal) > 0 {
		body["journal"] = journal
	}
	return body, nil
}

func (p Program) sessionReset() *cobra.Command {
	c, only := &client{out: p.Out}, []string{}
	cmd := &cobra.Command{Use: "reset", Short: "Set a session to how it began, or parts of it",
		RunE: func(cmd *cobra.Command, _ []string) error {
			body := map[string]any{}
			if len(only) > 0 {
				body["only"] = only
			}
			return show(cmd.Context(), c, http.MethodPost, c.of("/reset"), pack(body), printLine)
		}}
	c.about(cmd)
	cmd.Flags().StringSliceVar(&only, "only", nil, "parts: subjects, clock, journal, faults")
	return cmd
}

func (p Program) sessionFork() *cobra.Command {
	c, prefix, count := &client{out: p.Out}, "", 0
	cmd := &cobra.Command{Use: "fork FROM [TO…]", Short: "Create sessions that begin where another stands", Args: cobra.MinimumNArgs(1),
		Long: "Creates sessions that begin where another stands: those named, or --count of them whose names begin with --prefix.",
		RunE: func(cmd *cobra.Command, args []string) error {
			c.session = args[0]
			body := map[string]any{}
			if len(args) > 1 {
				body["to"] = args[1:]
			}
			if prefix != "" {
				body["prefix"] = prefix
			}
			if count > 0 {
				body["count"] = count
			}
			return show(cmd.Context(), c, http.MethodPost, c.of("/fork"), pack(body), func(w io.Writer, got struct{ Sessions []sessionShown }) error {
				return printSessions(w, got.Sessions)
			})
		}}
	c.flags(cmd)
	cmd.Flags().StringVar(&prefix, "prefix", "", "beginning of the new sessions' names")
	cmd.Flags().IntVar(&count, "count", 0, "how many of them")
	return cmd
}

// sessionFile is a command that saves a document about a session.
func (p Program) sessionFile(name, short, path string) *cobra.Command {
	c, file := &client{out: p.Out}, ""
	cmd := &cobra.Command{Use: name, Short: short,
		Long: short + ". The file holds what clients sent, personal data included, and no credentials.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := c.ask(cmd.Context(), http.MethodGet, c.of("/"+path), nil)
			if err != nil {
				return err
			}
			return c.save(file, text)
		}}
	c.about(cmd)
	cmd.Flags().StringVarP(&file, "output", "o", "", "file to write (default: the output)")
	return cmd
}

func (p Program) sessionRestore() *cobra.Command {
	c := &client{out: p.Out}
	cmd := &cobra.Command{Use: "restore NAME FILE", Short: "Create a session from a snapshot", Args: exactly(2, "the name of the new session and the file, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.session = args[0]
			text, err := p.read(args[1])
			if err != nil {
				return usage{fmt.Errorf("cannot read the snapshot: %w", err), ""}
			}
			return show(cmd.Context(), c, http.MethodPut, c.of("/snapshot"), text, printLine)
		}}
	c.flags(cmd)
	return cmd
}

// printSession prints all of a session.
func printSession(w io.Writer, s sessionShown) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	scenario := s.Scenario
	if !s.Chosen {
		scenario += " (nobody chose it, so magic values act)"
	}
	fmt.Fprintf(table, "session\t%s\nurl\t%s\nscenario\t%s\nseed\t%d\nclock\t%s, began %s\nsubjects\t%d\n",
		s.Name, s.URL, scenario, s.Seed, s.Clock, instant(s.Clock.Start), s.Subjects)
	fmt.Fprintf(table, "journal\t%d exchanges kept, %d forgotten, the last is number %d\n", s.Journal.Entries, s.Journal.Dropped, s.Number)
	if len(s.Labels) > 0 {
		fmt.Fprintf(table, "labels\t%s\n", strings.Join(s.labels(), ", "))
	}
	if s.Expires != nil {
		fmt.Fprintf(table, "expires\t%s in real time, unless a request comes\n", instant(*s.Expires))
	}
	if s.ForkedFrom != "" {
		fmt.Fprintf(table, "forked from\t%s\n", s.ForkedFrom)
	}
	return table.Flush()
}

// printLine prints a line about a session.
func printLine(w io.Writer, s sessionShown) error { return printSessions(w, []sessionShown{s}) }

// printSessions prints a line for each of some sessions.
func printSessions(w io.Writer, list []sessionShown) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range list {
		fmt.Fprintf(table, "%s\t%s\tseed %d\t%s\t%d subjects\t%s\n", s.Name, s.Scenario, s.Seed, s.Clock, s.Subjects, strings.Join(append([]string{s.URL}, s.labels()...), "  "))
	}
	return table.Flush()
}

// labels are a session's labels as they are written, in order.
func (s sessionShown) labels() (list []string) {
	for key, value := range s.Labels {
		list = append(list, key+"="+value)
	}
	slices.Sort(list)
	return list
}
