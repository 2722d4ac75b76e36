package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// loadedShown is a scenario that was put into a session.
type loadedShown struct {
	Name, Title string
	Warnings    []struct {
		File, Message, Hint, Code string
		Line, Column              int
	}
}

func (p Program) sessionScenario() *cobra.Command {
	show := p.sessionFile("show", "Print the file of the story that a session plays", "scenario")
	show.Long = ""
	return family("scenario", "Change the story of a session while it runs", p.sessionScenarioPut(), show)
}

func (p Program) sessionScenarioPut() *cobra.Command {
	c, name := &client{out: p.Out}, ""
	cmd := &cobra.Command{Use: "put FILE", Short: "Have a session play a story from now on", Args: exactly(1, "a scenario file, or - for standard input"),
		Long: "Has a session play the story of a file from now on. Calculations that have begun keep theirs. A file with mistakes changes nothing.",
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := p.read(args[0])
			if err != nil {
				return usage{fmt.Errorf("cannot read the scenario: %w", err), ""}
			}
			query := url.Values{}
			if name == "" && args[0] != "-" {
				base := filepath.Base(args[0])
				name = strings.TrimSuffix(strings.TrimSuffix(base, ".yaml"), ".yml")
			}
			if name != "" {
				query.Set("name", name)
			}
			return show(cmd.Context(), c, http.MethodPut, c.of("/scenario?"+query.Encode()), text, func(w io.Writer, got loadedShown) error {
				for _, m := range got.Warnings {
					fmt.Fprintf(w, "%s:%d:%d: warning: %s [%s]\n  hint: %s\n", m.File, m.Line, m.Column, m.Message, m.Code, m.Hint)
				}
				_, err := fmt.Fprintf(w, "session %s plays %s from now on: %s\n", c.session, got.Name, got.Title)
				return err
			})
		}}
	c.sessionFlags(cmd)
	cmd.Flags().StringVar(&name, "name", "", "name of the scenario (default: the file's without .yaml)")
	return cmd
}
