package cli

import (
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"poligon/internal/scenario"
)

const envPrefix = "POLIGON_"

// envName is the environment variable of a flag: POLIGON_PORT_FILE for --port-file.
func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// insteadOf is the annotation of a flag with the names of those that it stands instead of.
const insteadOf = "poligon_instead_of"

// instead says of two flags that each stands instead of the other: the variable of one is not looked at when the other is given.
func instead(flags *pflag.FlagSet, one, other string) {
	for name, not := range map[string]string{one: other, other: one} {
		_ = flags.SetAnnotation(name, insteadOf, []string{not}) // fails for a flag that does not exist alone
	}
}

// applyEnv sets every flag of a command that was not given from its variable, unless that is unset or empty; flags come before
// variables. A repeatable flag takes several values with white space between them.
func applyEnv(cmd *cobra.Command, environ []string) error {
	env := map[string]string{}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok && strings.HasPrefix(name, envPrefix) {
			env[name] = value
		}
	}
	given := map[string]bool{} // on the command line, or instead of one that is
	cmd.Flags().Visit(func(f *pflag.Flag) {
		given[f.Name] = true
		for _, other := range f.Annotations[insteadOf] {
			given[other] = true
		}
	})
	var err error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		value := env[envName(f.Name)]
		if given[f.Name] || value == "" || err != nil {
			return
		}
		values := []string{value}
		if kind := f.Value.Type(); kind == "stringArray" || kind == "stringSlice" {
			values = strings.Fields(value)
		}
		for _, v := range values {
			if e := cmd.Flags().Set(f.Name, v); e != nil {
				err = usage{fmt.Errorf("%s=%q: %w", envName(f.Name), v, e), "see " + cmd.CommandPath() + " --help"}
			}
		}
	})
	return err
}

// warnUnknownEnv names the POLIGON_ variables that no flag of any command has: most likely misspelt.
func warnUnknownEnv(root *cobra.Command, environ []string, to io.Writer) {
	var known []string
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, envName(f.Name)) })
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(root)
	sort.Strings(known)
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix) || contains(known, name) {
			continue
		}
		hint := ""
		if near := scenario.Nearest(name, known); near != "" {
			hint = "; did you mean " + near + "?"
		}
		fmt.Fprintf(to, "poligon: warning: the environment variable %s has no meaning%s\n", name, hint)
	}
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}
