package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"poligon/internal/bordereau"
	"poligon/internal/scenario"
	"poligon/internal/simulator"
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
	}, p.show(&folder))
	return cmd
}
