package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"poligon/internal/bordereau"
	"poligon/internal/delivery"
	"poligon/internal/journal"
	"poligon/internal/osago"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/server"
	"poligon/internal/session"
	"poligon/internal/simulator"
	"poligon/internal/store"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	listen, portFile       string
	scenario, scenarios    string
	watch                  bool
	seed                   uint64
	clock, clockStart      string
	partners               []string
	partnerFile, signature string
	unknownIDs             string
	confirmToken           string
	confirmURLs            []string
	confirmCallToken       string
	osago                  osagoFlags
	maxBody                int64
	maxSessions            int
	sessionTTL             string
	journalEntries         int
	journalBytes           int
	showPersonal           bool
	headers                string
	adminToken             string
	store                  string
	allowHosts             []string
	tls                    tlsFlags
	limits                 limitFlags
	logFormat, logLevel    string
}

func (p Program) serve() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve the simulated partner APIs", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("seed") && (f.seed == 0 || f.seed > math.MaxInt64) {
				return usage{fmt.Errorf("seed %d is no seed", f.seed), "give a seed of 1 or more, of at most 63 bits"}
			}
			return f.run(cmd.Context(), p.Out)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8080", "address to listen on; port 0 chooses a free one")
	flags.StringVar(&f.portFile, "port-file", "", "file to write the port to once the server listens")
	flags.StringVar(&f.scenario, "scenario", "", "scenario of sessions that choose none; without it magic values act")
	flags.StringVar(&f.scenarios, "scenarios", "", "folder of scenario files that add to the embedded ones or replace them")
	flags.BoolVar(&f.watch, "watch", false, "load the folder of --scenarios again when its files change; what has begun keeps its story")
	flags.Uint64Var(&f.seed, "seed", 0, "seed of sessions that choose none (default: the scenario's, else 1)")
	flags.StringVar(&f.clock, "clock", "real", "clock of sessions that choose none: real, frozen, or x60 for a minute a second")
	flags.StringVar(&f.clockStart, "clock-start", "", "simulated instant at which sessions begin, as 2026-01-15T09:00:00Z (default: now)")
	flags.StringArrayVar(&f.partners, "partner", nil, "CODE:PASSWORD of a partner that may import; repeatable (default demo:secret)")
	flags.StringVar(&f.partnerFile, "partner-file", "", "file with a CODE:PASSWORD on each line")
	flags.StringVar(&f.signature, "signature", string(bordereau.Enforce), "wrong signatures of imports: enforce, warn or off")
	flags.StringVar(&f.unknownIDs, "unknown-ids", "start", "a look at an unknown request_id: start its calculation, or not_found")
	flags.StringVar(&f.confirmToken, "confirm-token", "", "access token that reports of sales (/confirm) carry (default: none is asked for)")
	flags.StringArrayVar(&f.confirmURLs, "confirm-url", nil, "URL that partners tell of paid offers, and nothing else is called; repeatable (default: none is told)")
	flags.StringVar(&f.confirmCallToken, "confirm-call-token", "", "access token that is sent to --confirm-url, as Authorization: Bearer")
	flags.StringVar(&f.osago.auth, "osago-auth", "", "credentials that requests of osago carry: none, basic, bearer or oauth2 (default none)")
	flags.StringArrayVar(&f.osago.clients, "osago-client", nil, "ID:SECRET of a client of osago, for basic and oauth2; repeatable")
	flags.StringVar(&f.osago.clientFile, "osago-client-file", "", "file with an ID:SECRET on each line")
	flags.StringVar(&f.osago.token, "osago-token", "", "token of --osago-auth bearer")
	flags.StringVar(&f.osago.tokenTTL, "osago-token-ttl", "", "how long a token of oauth2 is good on the session's clock, such as 90s (default 1h)")
	flags.Int64Var(&f.maxBody, "max-body", 32<<20, "most bytes of a request's body")
	flags.IntVar(&f.maxSessions, "max-sessions", session.MaxSessions, "most sessions; a new one is refused then, a live one is never thrown out")
	flags.StringVar(&f.sessionTTL, "session-ttl", "", "forget sessions that chose no ttl after this time without a request, such as 24h (default: never)")
	flags.IntVar(&f.journalEntries, "journal-entries", session.JournalEntries, "most exchanges that the journal of a session keeps")
	flags.IntVar(&f.journalBytes, "journal-bytes", session.JournalBytes, "most bytes that the journal of a session keeps")
	flags.BoolVar(&f.showPersonal, "show-personal", false, "show personal data in journals, which is masked otherwise")
	flags.StringVar(&f.headers, "headers", string(server.HeadersOn), "X-Poligon headers of answers: on, or off (but the label of a fault)")
	flags.StringVar(&f.adminToken, "admin-token", "", "token that requests of the admin API carry; one is made and printed for a server that listens beyond this machine (default: none)")
	flags.StringArrayVar(&f.allowHosts, "allow-host", nil, "name by which the admin API is called without a token, besides localhost and addresses; repeatable")
	flags.StringVar(&f.store, "store", "", "what keeps the sessions: memory, file:PATH, or redis://host:6379/0 to share them with other servers (default memory)")
	f.tls.flags(flags)
	f.limits.flags(flags)
	flags.StringVar(&f.logFormat, "log-format", "text", "text or json")
	flags.StringVar(&f.logLevel, "log-level", "info", "debug (every request), info, warn or error")
	return cmd
}

func (f *serveFlags) run(ctx context.Context, out io.Writer) error {
	if err := f.setLog(out); err != nil {
		return err
	}
	if f.maxBody < 1 {
		return usage{fmt.Errorf("--max-body %d would refuse every body", f.maxBody), "give a number of bytes, such as 33554432"}
	}
	if err := f.limits.check(); err != nil {
		return err
	}
	if f.watch && f.scenarios == "" {
		return usage{errors.New("--watch watches the folder of --scenarios, and there is none"), "add --scenarios FOLDER"}
	}
	if f.portFile != "" { // an old port would be taken for the new one
		if err := os.Remove(f.portFile); err != nil && !errors.Is(err, os.ErrNotExist) {
			return usage{fmt.Errorf("cannot replace the port file: %w", err), ""}
		}
	}
	kept, err := openStore(ctx, f.store)
	if err != nil {
		return err
	}
	defer closeStore(kept)
	sim, err := f.simulator(kept)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", f.listen)
	if err != nil {
		return usage{fmt.Errorf("cannot listen on %s: %w", f.listen, err), "choose another address with --listen; port 0 takes a free one"}
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := f.writePort(port); err != nil {
		_ = l.Close()
		return err
	}
	f.announce(sim, l.Addr())
	if f.watch {
		defer f.watching(ctx, sim, out)()
	}
	remove := sync.OnceFunc(func() { f.removePort(port) })
	defer context.AfterFunc(ctx, remove)() // while the port is this server's still
	err = sim.Server.Serve(ctx, l)
	remove()
	slog.Info("poligon has stopped")
	return err
}

// announce says where the server is, and what whoever started it has to know.
func (f *serveFlags) announce(sim *simulator.Simulator, at net.Addr) {
	slog.Info("poligon is ready", "url", f.tls.scheme()+"://"+at.String(), "scenarios", len(sim.Library.All()), "scenario", orDefault(f.scenario, "default (magic values act)"),
		"seed", f.seedText(), "clock", f.clock, "version", version())
	for _, warning := range sim.Library.Warnings() {
		slog.Warn("a scenario has a warning", "lint", warning.Error())
	}
	if len(f.partners) == 0 && f.partnerFile == "" {
		slog.Info("no partner was given: the demo partner may import", "partnerCode", demoCode, "password", demoPassword)
	}
	if f.osago.auth != "" && f.osago.auth != string(osago.AuthNone) {
		slog.Info("osago asks for credentials", "osago-auth", f.osago.auth)
	}
}

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (f *serveFlags) seedText() string {
	if f.seed == 0 {
		return "the scenario's, else 1"
	}
	return strconv.FormatUint(f.seed, 10)
}

func (f *serveFlags) setLog(out io.Writer) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.logLevel)); err != nil {
		return usage{fmt.Errorf("unknown log level %q", f.logLevel), "--log-level takes debug, info, warn or error"}
	}
	options := &slog.HandlerOptions{Level: level}
	switch f.logFormat {
	case "text":
		slog.SetDefault(slog.New(slog.NewTextHandler(out, options)))
	case "json":
		slog.SetDefault(slog.New(slog.NewJSONHandler(out, options)))
	default:
		return usage{fmt.Errorf("unknown log format %q", f.logFormat), "--log-format takes text or json"}
	}
	return nil
}

// simulator puts everything together: partner APIs from their contracts, scenarios, sessions.
func (f *serveFlags) simulator(kept store.Store) (*simulator.Simulator, error) {
	access, err := f.access()
	if err != nil {
		return nil, err
	}
	clients, err := f.osago.access()
	if err != nil {
		return nil, err
	}
	if f.unknownIDs != "start" && f.unknownIDs != "not_found" {
		return nil, usage{fmt.Errorf("unknown value %q of --unknown-ids", f.unknownIDs), "write start or not_found"}
	}
	if f.headers != string(server.HeadersOn) && f.headers != string(server.HeadersOff) {
		return nil, usage{fmt.Errorf("unknown value %q of --headers", f.headers), "write on or off"}
	}
	if f.maxSessions < 1 {
		return nil, usage{fmt.Errorf("--max-sessions %d would refuse every session", f.maxSessions), "give a number such as 10000"}
	}
	targets, err := f.targets()
	if err != nil {
		return nil, err
	}
	guard, err := f.guard()
	if err != nil {
		return nil, err
	}
	secure, err := f.tls.config(hostsOf(f.listen, f.allowHosts))
	if err != nil {
		return nil, err
	}
	config := simulator.Config{ConfirmTargets: targets, ConfirmCallToken: f.confirmCallToken, Access: access, OSAGOAccess: clients, ConfirmToken: f.confirmToken, UnknownNotFound: f.unknownIDs == "not_found",
		MaxSessions: f.maxSessions, MaxBody: f.maxBody, Headers: server.Headers(f.headers), Guard: guard, Store: kept, Limits: f.limits.Limits, TLS: secure, ShowPersonal: f.showPersonal, Version: version()}
	apis, err := config.Partners()
	if err != nil {
		return nil, err
	}
	lib, err := load(apis, f.scenarios)
	if err != nil {
		return nil, err
	}
	if config.Defaults, err = f.defaults(lib); err != nil {
		return nil, err
	}
	began := time.Now() // instants follow from it by the monotonic clock, so that no correction of the host's clock moves time
	config.Now = func() time.Time { return began.Add(time.Since(began)).Round(0).UTC() }
	return simulator.Over(config, apis, lib)
}

// targets are the URLs that are told of sales.
func (f *serveFlags) targets() (list []delivery.Target, err error) {
	if f.confirmCallToken != "" && len(f.confirmURLs) == 0 {
		return nil, usage{errors.New("--confirm-call-token is sent to --confirm-url, and there is none"), "add --confirm-url URL"}
	}
	for _, text := range f.confirmURLs {
		target, err := delivery.ParseTarget(text)
		if err != nil {
			return nil, usage{fmt.Errorf("--confirm-url: %w", err), "write it as https://host/confirm; a token goes into --confirm-call-token"}
		}
		list = append(list, target)
	}
	if len(list) > 0 {
		slog.Info("partners tell of their sales", "to", f.confirmURLs)
	}
	return list, nil
}

// load reads the embedded scenarios and those of a folder, which may be empty for none.
func load(apis []partner.API, folder string) (*scenario.Library, error) {
	var sources []scenario.Source
	if folder != "" {
		sources = append(sources, scenario.Source{Name: folder, Files: os.DirFS(folder)})
	}
	lib, err := simulator.Load(apis, sources...)
	if err != nil {
		return nil, usage{fmt.Errorf("the scenarios are broken\n%w", err), "poligon lint checks them without a server"}
	}
	return lib, nil
}

// defaults are the configuration of sessions that choose none.
func (f *serveFlags) defaults(lib *scenario.Library) (c session.Config, err error) {
	c = session.Config{Scenario: f.scenario, Seed: f.seed, Journal: journal.Limits{Entries: f.journalEntries, Bytes: f.journalBytes}}
	if f.journalEntries < 0 || f.journalBytes < 0 {
		return c, usage{errors.New("--journal-entries and --journal-bytes cannot be negative"), "0 keeps nothing"}
	}
	if f.sessionTTL != "" {
		if c.TTL, err = scenario.ParseDuration(f.sessionTTL); err != nil || c.TTL <= 0 {
			return c, usage{fmt.Errorf("--session-ttl %q is no time to live", f.sessionTTL), "write it as 30m or 24h"}
		}
	}
	if f.scenario != "" {
		if _, err := lib.Find(f.scenario); err != nil {
			return c, usage{err, "poligon scenarios list shows them"}
		}
	}
	if c.Speed, err = parseSpeed(f.clock); err != nil {
		return c, err
	}
	if f.clockStart != "" {
		if c.Start, err = time.Parse(time.RFC3339, f.clockStart); err != nil {
			return c, usage{fmt.Errorf("--clock-start %q is not an instant", f.clockStart), "write it as 2026-01-15T09:00:00Z"}
		}
		c.Start = c.Start.UTC()
	}
	return c, nil
}

// parseSpeed reads real, frozen, or x60.
func parseSpeed(s string) (float64, error) {
	switch s {
	case "real":
		return 1, nil
	case "frozen":
		return 0, nil
	}
	if n, ok := strings.CutPrefix(s, "x"); ok {
		if speed, err := strconv.ParseFloat(n, 64); err == nil && speed > 0 && speed <= 1e6 {
			return speed, nil
		}
	}
	return 0, usage{fmt.Errorf("unknown clock %q", s), "--clock takes real, frozen, or a speed such as x60 (at most x1000000)"}
}

// writePort writes the port to the file at once, so that nobody reads half of it.
func (f *serveFlags) writePort(port int) error {
	if f.portFile == "" {
		return nil
	}
	tmp, err := os.CreateTemp(filepath.Dir(f.portFile), ".port-*")
	if err == nil {
		_, err = fmt.Fprintln(tmp, port)
		if e := tmp.Close(); err == nil {
			err = e
		}
		if err == nil {
			err = os.Rename(tmp.Name(), f.portFile)
		}
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}
	if err != nil {
		return usage{fmt.Errorf("cannot write the port file: %w", err), "--port-file names a file in a folder that exists"}
	}
	return nil
}

// removePort removes the port file, unless another server has written its own into it meanwhile.
func (f *serveFlags) removePort(port int) {
	if f.portFile == "" {
		return
	}
	if text, err := os.ReadFile(f.portFile); err == nil && strings.TrimSpace(string(text)) == strconv.Itoa(port) {
		_ = os.Remove(f.portFile)
	}
}
