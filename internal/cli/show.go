package cli

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"poligon/internal/bordereau"
	"poligon/internal/fault"
	"poligon/internal/partner"
	"poligon/internal/picture"
	"poligon/internal/scenario"
	"poligon/internal/simulator"
)

// showFlags are the flags of scenarios show.
type showFlags struct {
	format, story string
	events, polls string
	seed          uint64
	output        string
}

// showFormats are what a scenario can be shown as.
func showFormats() []string { return []string{"text", "mermaid", "svg", "json", "yaml"} }

// fastest is how often a client of a picture polls at most.
const fastest = 100 * time.Millisecond

func (p Program) show(folder *string) *cobra.Command {
	var f showFlags
	cmd := &cobra.Command{
		Use: "show NAME|FILE.yaml", Short: "Show what happens in a scenario, and when", Args: exactly(1, "the name of a scenario, or a scenario file"),
		Long: "Shows what happens in a scenario as the simulator plays it: every instant at which a status changes, of every offer and of the calculation,\n" +
			"and what becomes of the records of an import. A client is supposed to poll as the documents allow, and an event that the story waits for to\n" +
			"come by itself; what was supposed, and what chance could have had otherwise, is said below.",
		Example: "  poligon scenarios show default\n" +
			"  poligon scenarios show stories/mine.yaml --format svg --output mine.svg\n" +
			"  poligon scenarios show my-story --scenarios stories --events never",
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := f.view(cmd)
			if err != nil {
				return err
			}
			apis, err := simulator.APIs(bordereau.Access{}, false)
			if err != nil {
				return err
			}
			s, err := find(apis, args[0], *folder)
			if err != nil {
				return err
			}
			text, err := f.draw(apis, s, v)
			if err != nil {
				return err
			}
			return (&client{out: p.Out}).save(f.output, text)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "text", "what to print: "+strings.Join(showFormats(), ", ")+", which is the file itself")
	flags.StringVar(&f.story, "story", "", "which of several stories of a section (default: the first)")
	flags.Uint64Var(&f.seed, "seed", 0, "what chance is drawn by (default: the scenario's seed, else 1)")
	flags.StringVar(&f.events, "events", "30s", "how long after the story began to wait for an event the event comes, or never")
	flags.StringVar(&f.polls, "polls", "1s", "how often the client polls, or never")
	flags.StringVarP(&f.output, "output", "o", "", "file to write (default: the output)")
	return cmd
}

// view reads the flags that say what a picture supposes.
func (f *showFlags) view(cmd *cobra.Command) (v partner.View, err error) {
	v.Story, v.Seed = f.story, f.seed
	if !slices.Contains(showFormats(), f.format) {
		return v, usage{fmt.Errorf("unknown format %q", f.format), nearest(f.format, showFormats())}
	}
	if cmd.Flags().Changed("seed") && f.seed == 0 {
		return v, usage{errors.New("--seed 0 is no seed"), "give a number from 1 on, or leave it out for the scenario's own"}
	}
	if v.Events, err = readWait("events", f.events, 1); err == nil {
		v.Polls, err = readWait("polls", f.polls, fastest)
	}
	return v, err
}

// readWait reads a time from least on, or never, which is 0.
func readWait(flag, text string, least time.Duration) (time.Duration, error) {
	if text == "never" {
		return 0, nil
	}
	d, err := scenario.ParseDuration(text)
	if err != nil {
		return 0, usage{fmt.Errorf("--%s %q is not a duration", flag, text), "write it as 1s or 2m, or write never"}
	}
	if d < least {
		return 0, usage{fmt.Errorf("--%s %s is too short", flag, text), fmt.Sprintf("write %s or more, or never", scenario.Words(max(least, time.Millisecond)))}
	}
	return d, nil
}

// find is the scenario of a name among the embedded ones and those of a folder, or that of a file.
func find(apis []partner.API, name, folder string) (*scenario.Scenario, error) {
	if !isFile(name) {
		lib, err := load(apis, folder)
		if err != nil {
			return nil, err
		}
		s, err := lib.Find(name)
		if err != nil {
			return nil, usage{err, "poligon scenarios list shows them; your own need --scenarios FOLDER, or name the file"}
		}
		return s, nil
	}
	set, err := setOf(name)
	if err != nil {
		return nil, err
	}
	lib, err := simulator.Load(apis, set.source)
	if err != nil {
		return nil, usage{fmt.Errorf("the scenario is broken\n%w", err), "poligon lint checks scenario files"}
	}
	base := path.Base(filepath.ToSlash(name))
	return lib.Find(strings.TrimSuffix(base, path.Ext(base)))
}

// isFile says whether a word names a scenario file: the name of a scenario has neither dots nor slashes.
func isFile(word string) bool { return strings.ContainsAny(word, `./\`) }

// draw is the scenario in the format that was asked for.
func (f *showFlags) draw(apis []partner.API, s *scenario.Scenario, v partner.View) ([]byte, error) {
	if f.format == "yaml" {
		return s.Source, nil
	}
	p, err := pictureOf(apis, s, v)
	if err != nil {
		return nil, err
	}
	switch f.format {
	case "mermaid":
		return []byte(p.Mermaid()), nil
	case "svg":
		return p.SVG(), nil
	case "json":
		return p.JSON(), nil
	}
	return []byte(p.Text()), nil
}

// pictureOf draws all that a scenario itself says: not what the default one says in its place.
func pictureOf(apis []partner.API, s *scenario.Scenario, v partner.View) (picture.Picture, error) {
	all := picture.Picture{Name: s.Name, Title: s.Title, Story: s.Story}
	v.Seed = cmp.Or(v.Seed, s.Seed, 1)
	var unknown error
	known := v.Story == ""
	for _, api := range apis {
		script := s.Script(api.Part().API)
		if script == nil {
			continue
		}
		part, err := api.Picture(script, v)
		switch {
		case errors.Is(err, partner.ErrUnknownStory): // perhaps another section has it
			unknown = cmp.Or(unknown, err)
			first := v
			first.Story = ""
			part, err = api.Picture(script, first)
		case err == nil:
			known = true
		}
		if err != nil {
			return all, err
		}
		all.Lanes = append(all.Lanes, part.Lanes...)
		all.Notes = append(all.Notes, part.Notes...)
		all.Until = max(all.Until, part.Until)
		if part.Strip != nil {
			all.Strip = part.Strip
		}
	}
	if !known {
		return all, usage{unknown, "leave --story out for the first"}
	}
	faults, _ := s.Script(fault.Section).([]fault.Fault)
	for _, f := range faults {
		all.Notes = append(all.Notes, "fault: "+f.String())
	}
	return all, nil
}
