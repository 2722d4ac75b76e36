package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"poligon/internal/bordereau"
	"poligon/internal/scenario"
	"poligon/internal/simulator"
	"poligon/scenarios"
)

func (p Program) scenarios() *cobra.Command {
	cmd := family("scenarios", "Show the scenarios that can be played")
	var folder string
	cmd.PersistentFlags().StringVar(&folder, "scenarios", "", "folder of scenario files that add to the embedded ones or replace them")
	library := func() (*scenario.Library, error) {
		apis, err := simulator.APIs(bordereau.Access{}, false)
		if err != nil {
			return nil, err
		}
		return load(apis, folder)
	}
	cmd.AddCommand(p.schema(), &cobra.Command{
		Use: "list", Short: "List all scenarios with their magic values", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			lib, err := library()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
			for _, s := range lib.All() {
				fmt.Fprintf(w, "%s\t%s\n", s.Name, s.Title)
				for _, m := range s.Magic {
					fmt.Fprintf(w, "  %s.%s\t  %s  (%s)\n", m.API, m.Field, m.Value, m.Why)
				}
			}
			return w.Flush()
		},
	}, &cobra.Command{
		Use: "show NAME", Short: "Print a scenario's file", Args: exactly(1, "the name of a scenario"),
		RunE: func(_ *cobra.Command, args []string) error {
			lib, err := library()
			if err != nil {
				return err
			}
			s, err := lib.Find(args[0])
			if err != nil {
				return usage{err, "poligon scenarios list shows them; your own need --scenarios FOLDER"}
			}
			_, err = p.Out.Write(s.Source)
			return err
		},
	})
	return cmd
}

func (p Program) lint() *cobra.Command {
	return &cobra.Command{
		Use: "lint PATH…", Short: "Check scenario files", Args: cobra.MinimumNArgs(1),
		Long: "Checks scenario files, or all files of a folder, together with the embedded scenarios. Exit code 0: all good; 1: mistakes; 2: cannot be read.",
		RunE: func(_ *cobra.Command, args []string) error {
			apis, err := simulator.APIs(bordereau.Access{}, false)
			if err != nil {
				return err
			}
			sources := []scenario.Source{{Name: "embedded", Files: scenarios.Files}}
			for _, path := range args {
				source, err := sourceOf(path)
				if err != nil {
					return usage{err, "give a scenario file, or a folder of them"}
				}
				sources = append(sources, source)
			}
			var mistakes scenario.Mistakes
			if _, err := scenario.Load(simulator.Parts(apis), sources...); errors.As(err, &mistakes) {
				fmt.Fprintln(p.Out, mistakes)
				return ended{exitFindings, count(len(mistakes), "mistake")}
			} else if err != nil {
				return err
			}
			_, err = fmt.Fprintln(p.Out, "no mistakes")
			return err
		},
	}
}

// sourceOf is a folder of scenarios, or one file.
func sourceOf(path string) (scenario.Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return scenario.Source{}, err
	}
	if info.IsDir() {
		return scenario.Source{Name: path, Files: os.DirFS(path)}, nil
	}
	folder, name := filepath.Split(path)
	return scenario.Source{Name: folder, Files: only{os.DirFS(filepath.Clean(folder + ".")), name}}, nil
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
