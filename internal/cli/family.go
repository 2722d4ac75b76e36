package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"poligon/internal/scenario"
)

// family is a command that does nothing without one of its own commands.
func family(name, short string, members ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: name, Short: short, Args: known,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage{fmt.Errorf("%s does nothing by itself", cmd.CommandPath()), choices(cmd)}
		}}
	cmd.AddCommand(members...)
	return cmd
}

// known refuses an argument of a command that has commands of its own: none of them is called so.
func known(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range cmd.Commands() {
		names = append(names, sub.Name())
	}
	hint := choices(cmd)
	if near := scenario.Nearest(args[0], names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return usage{fmt.Errorf("%s does not know %q", cmd.CommandPath(), args[0]), hint}
}

// choices are the commands of a command.
func choices(cmd *cobra.Command) string {
	var names []string
	for _, sub := range cmd.Commands() {
		names = append(names, sub.Name())
	}
	return "write " + cmd.CommandPath() + " " + strings.Join(names, ", ") + "; --help says more"
}
