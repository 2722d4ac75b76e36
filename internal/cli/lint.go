package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"poligon/internal/bordereau"
	"poligon/internal/scenario"
	"poligon/internal/simulator"
	"poligon/scenarios"
)

// lintFormats are how findings can be printed.
func lintFormats() []string { return []string{"text", "json", "sarif"} }

func (p Program) lint() *cobra.Command {
	var format string
	var strict bool
	cmd := &cobra.Command{
		Use: "lint PATH…", Short: "Check scenario files", Args: cobra.MinimumNArgs(1),
		Long: "Checks scenario files, or all files of folders, together with the embedded scenarios: that they can be read, and that their stories make\n" +
			"sense. A mistake keeps a story from being played, a warning does not.\n\n" +
			"Exit code 0: no mistakes; 1: mistakes, or warnings with --strict; 2: something cannot be read.",
		Example: "  poligon lint stories\n  poligon lint stories --strict --format sarif > findings.sarif",
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains(lintFormats(), format) {
				return usage{fmt.Errorf("unknown format %q", format), nearest(format, lintFormats())}
			}
			found, err := lint(args)
			if err != nil {
				return err
			}
			if err := found.print(p, format); err != nil {
				return err
			}
			return found.verdict(strict)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "how to print what is found: "+strings.Join(lintFormats(), ", "))
	cmd.Flags().BoolVar(&strict, "strict", false, "count warnings as mistakes")
	return cmd
}

// linted is what was found in scenario files.
type linted struct {
	files    int
	findings scenario.Mistakes // in the order of files and lines
	known    map[string]bool   // the findings, as they are told
}

// set are scenario files that are read together, by the names of their scenarios.
type set struct {
	source scenario.Source
	files  []string // as mistakes name them
	names  []string // of the scenarios
}

// lint checks files and folders. Of two files that tell a scenario of one name, in different places, both are checked, each
// among the others.
func lint(paths []string) (linted, error) {
	apis, err := simulator.APIs(bordereau.Access{}, false)
	if err != nil {
		return linted{}, err
	}
	var rounds [][]set
	files := map[string]bool{}
	for _, one := range paths {
		s, err := setOf(one)
		if err != nil {
			return linted{}, err
		}
		i := slices.IndexFunc(rounds, func(round []set) bool { return !slices.ContainsFunc(round, s.clashes) })
		if i < 0 {
			i, rounds = len(rounds), append(rounds, nil)
		}
		rounds[i] = append(rounds[i], s)
		for _, f := range s.files {
			files[f] = true
		}
	}
	found := linted{files: len(files), known: map[string]bool{}}
	for _, round := range rounds {
		sources := []scenario.Source{{Name: "embedded", Files: scenarios.Files}}
		for _, s := range round {
			sources = append(sources, s.source)
		}
		var mistakes scenario.Mistakes
		lib, err := scenario.Load(simulator.Parts(apis), sources...)
		if err != nil && !errors.As(err, &mistakes) {
			return linted{}, err
		}
		found.add(mistakes)
		for _, w := range lib.Warnings() {
			if files[w.File] {
				found.add(scenario.Mistakes{w})
			}
		}
	}
	slices.SortStableFunc(found.findings, func(a, b scenario.Mistake) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return found, nil
}

// add adds findings that are not there yet: a file may have been given twice.
func (l *linted) add(list scenario.Mistakes) {
	for _, m := range list {
		if text := m.Error(); !l.known[text] {
			l.known[text] = true
			l.findings = append(l.findings, m)
		}
	}
}

// counts are how many mistakes and warnings there are.
func (l *linted) counts() (mistakes, warnings int) {
	for _, m := range l.findings {
		if m.Warning {
			warnings++
		} else {
			mistakes++
		}
	}
	return mistakes, warnings
}

// verdict is how the command ends.
func (l *linted) verdict(strict bool) error {
	mistakes, warnings := l.counts()
	var parts []string
	if mistakes > 0 {
		parts = append(parts, count(mistakes, "mistake"))
	}
	if warnings > 0 {
		parts = append(parts, count(warnings, "warning"))
	}
	if len(parts) == 0 {
		return nil
	}
	code := exitDone
	if mistakes > 0 || strict {
		code = exitFindings
	}
	return ended{code, strings.Join(parts, ", ") + " in " + count(l.files, "file")}
}

func (l *linted) print(p Program, format string) error {
	switch {
	case format == "json":
		return l.json(p.Out)
	case format == "sarif":
		return l.sarif(p.Out)
	case len(l.findings) == 0:
		_, err := fmt.Fprintln(p.Out, "no mistakes")
		return err
	}
	_, err := fmt.Fprintln(p.Out, l.findings)
	return err
}

// clashes says whether two sets have a scenario of one name in different files.
func (s set) clashes(other set) bool {
	for i, name := range s.names {
		for j, their := range other.names {
			if name == their && s.files[i] != other.files[j] {
				return true
			}
		}
	}
	return false
}

// setOf are the files of a folder, or one file.
func setOf(name string) (s set, err error) {
	if s.source, err = sourceOf(name); err != nil {
		return s, usage{err, "give a scenario file, or a folder of them"}
	}
	list, err := fs.Glob(s.source.Files, "*.[yY]*[mM][lL]") // as scenario.Load finds them
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%s holds no scenario files", name)
	}
	for _, file := range list {
		f, failed := s.source.Files.Open(file)
		if failed != nil {
			err = failed
			continue
		}
		_ = f.Close()
		s.files, s.names = append(s.files, path.Join(s.source.Name, file)), append(s.names, strings.TrimSuffix(file, path.Ext(file)))
	}
	if err != nil {
		return s, usage{err, "give a scenario file, or a folder of *.yaml files that can be read"}
	}
	return s, nil
}

// sourceOf is a folder of scenarios, or one file.
func sourceOf(name string) (scenario.Source, error) {
	info, err := os.Stat(name)
	if err != nil {
		return scenario.Source{}, err
	}
	if info.IsDir() {
		return scenario.Source{Name: filepath.ToSlash(name), Files: os.DirFS(name)}, nil
	}
	folder, file := filepath.Split(name)
	return scenario.Source{Name: filepath.ToSlash(folder), Files: only{os.DirFS(filepath.Clean(folder + ".")), file}}, nil
}

// only is a file system of which a single file is seen.
type only struct {
	fs.FS
	name string
}

// Glob implements fs.GlobFS.
func (o only) Glob(string) ([]string, error) { return []string{o.name}, nil }

// count is a number of things in words: 1 mistake, 2 mistakes.
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
