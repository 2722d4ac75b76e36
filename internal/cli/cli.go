// Package cli is the program as a person meets it: its commands, its exit codes and its one voice.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitDone      = 0
	exitFindings  = 1
	exitUsage     = 2
	exitNoVerdict = 3
)

// Program is what the commands have of the world.
type Program struct {
	Args    []string // without the program's name
	Environ []string
	In      io.Reader
	Out     io.Writer
	Err     io.Writer
}

// usage is a mistake of the user: what is wrong, and the cure, which may be empty. It ends the program with code 2.
type usage struct {
	error
	hint string
}

func (u usage) Unwrap() error { return u.error }

// ended ends the program with a code of its own; an empty message says nothing more.
type ended struct {
	code    int
	message string
}

func (e ended) Error() string { return e.message }

// Main runs a command until it is done or the context ends, and returns the program's exit code.
func Main(ctx context.Context, p Program) int {
	root := p.commands()
	root.SetArgs(p.Args)
	root.SetIn(p.In)
	root.SetOut(p.Out)
	root.SetErr(p.Err)
	err := root.ExecuteContext(ctx)
	var (
		end  ended
		user usage
	)
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &end):
		if end.message != "" {
			fmt.Fprintln(p.Err, "poligon:", end.message)
		}
		return end.code
	case errors.As(err, &user):
		fmt.Fprintln(p.Err, "poligon:", user.error)
		if user.hint != "" {
			fmt.Fprintln(p.Err, "hint:", user.hint)
		}
	default:
		fmt.Fprintln(p.Err, "poligon:", err)
	}
	return exitUsage
}

func (p Program) commands() *cobra.Command {
	root := &cobra.Command{
		Use:   "poligon",
		Short: "A simulator of partner APIs for integration tests",
		Long: "Poligon simulates two partner APIs of Russian insurance, osago and bordereau, for integration tests.\n" +
			"Every flag is also an environment variable: --port-file is POLIGON_PORT_FILE.",
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			warnUnknownEnv(cmd.Root(), p.Environ, p.Err)
			return applyEnv(cmd, p.Environ)
		},
	}
	root.AddGroup(&cobra.Group{ID: "server", Title: "A server, and what it plays:"},
		&cobra.Group{ID: "session", Title: "Driving a running server:"}, &cobra.Group{ID: "file", Title: "Without a server:"})
	group := func(id string, commands ...*cobra.Command) {
		for _, cmd := range commands {
			cmd.GroupID = id
		}
		root.AddCommand(commands...)
	}
	group("server", p.serve(), p.readyz(), p.scenarios(), p.lint())
	group("session", p.session(), p.clock(), p.journal(), p.verify(), p.unused(), p.explainCommand(),
		p.act("fire", "EVENT", "Have an event of the lifecycle happen to a calculation"),
		p.act("force", "STATUS", "Set a status whatever the lifecycle says"), p.flight(), p.fault())
	group("file", p.generate(), p.sign(), p.payout(), p.replay(), p.version())
	return root
}

func (p Program) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(p.Out, "poligon", version())
			return err
		},
	}
}

// version is the module's version and the commit it was built from, as far as the build knows them.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v, revision, dirty := info.Main.Version, "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			revision = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	if revision != "" && v == "devel" {
		v += " " + revision + dirty
	}
	return v
}
