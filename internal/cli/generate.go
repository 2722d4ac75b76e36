package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"poligon/internal/contract"
	"poligon/internal/generate"
	"poligon/internal/scenario"
	"poligon/openapi"
)

// Most that generate makes at once.
const (
	maxCalculations = 100_000
	maxDrivers      = 20 // their request is still one that the simulator reads
)

// generateFlags are what all that is generated has in common.
type generateFlags struct {
	seed         uint64
	count        int
	date, format string
	file         string
}

func (p Program) generate() *cobra.Command {
	cmd := family("generate", "Make realistic test data", p.generateBordereau(), p.generateCalculation())
	cmd.Long = "Makes realistic Russian test data: people, papers, vehicles, flights that nobody has, and records that are wrong on purpose.\n" +
		"The same seed, date and flags give the same bytes."
	return cmd
}

// flags are the flags; formats are the first, which is the default, and the others.
func (f *generateFlags) flags(cmd *cobra.Command, count int, formats ...string) {
	flags := cmd.Flags()
	flags.Uint64Var(&f.seed, "seed", 1, "what everything is drawn by")
	flags.IntVar(&f.count, "count", count, "how many")
	flags.StringVar(&f.date, "date", "", "day that the data is for, as 2026-12-01 (default: tomorrow; name it for the same bytes on another day)")
	flags.StringVar(&f.format, "format", formats[0], "what to write: "+strings.Join(formats, ", "))
	flags.StringVarP(&f.file, "output", "o", "", "file to write (default: the output)")
}

// check reads the date and checks the rest. The formats are those of flags.
func (f *generateFlags) check(most int, cure string, formats ...string) (date time.Time, err error) {
	if f.count < 1 || f.count > most {
		return date, usage{fmt.Errorf("--count %d is not from 1 to %d", f.count, most), cure}
	}
	if !slices.Contains(formats, f.format) {
		return date, usage{fmt.Errorf("unknown format %q", f.format), nearest(f.format, formats)}
	}
	if f.date == "" {
		return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1), nil
	}
	if date, err = time.Parse(time.DateOnly, f.date); err != nil || date.Year() < 2020 || date.Year() > 2099 {
		return date, usage{fmt.Errorf("--date: %q is not a day of the years 2020 to 2099", f.date), "write it as 2026-12-01"}
	}
	return date, nil
}

// nearest is the hint for a word that is none of the choices.
func nearest(word string, choices []string) string {
	if near := scenario.Nearest(word, choices); near != "" {
		return "did you mean " + near + "?"
	}
	return "known: " + strings.Join(choices, ", ")
}

func (p Program) generateBordereau() *cobra.Command {
	var f generateFlags
	var shares []string
	var product int
	formats := []string{"json", "csv", "scenario"}
	cmd := &cobra.Command{Use: "bordereau", Short: "Make the body of an import, with records that are wrong on purpose", Args: cobra.NoArgs,
		Long: "Makes the body of an import, as JSON or as CSV. --share has that share of the records refused with an error code, each for one code alone.\n\n" +
			"The simulator knows no departure times by itself: --format scenario prints the scenario by which it refuses WRONG_FLIGHT_DEPARTURE_TIME.",
		Example: "  poligon generate bordereau --count 1000 --seed 7 --share WRONG_FLIGHT_DEPARTURE_TIME=5% --output import.json\n" +
			"  poligon generate bordereau --format scenario --output scenarios/timetable.yaml",
		RunE: func(*cobra.Command, []string) error {
			date, err := f.check(generate.MaxRisks, "an import takes no more in one request; make several, each with a seed of its own", formats...)
			if err != nil {
				return err
			}
			if product != generate.Delay && product != generate.Travel {
				return usage{fmt.Errorf("--product %d is not a product", product), "1 is flight delay, 2 is travel"}
			}
			b := generate.Bordereau{Seed: f.seed, Date: date, Count: f.count, Product: product}
			if b.Shares, err = readShares(shares); err != nil {
				return err
			}
			text, err := bordereauAs(f.format, b)
			if err != nil {
				return wish(err)
			}
			return (&client{out: p.Out}).save(f.file, text)
		}}
	f.flags(cmd, 10, formats...)
	cmd.Flags().StringArrayVar(&shares, "share", nil, "CODE=P%, so many records that get this error code; may be repeated")
	cmd.Flags().IntVar(&product, "product", generate.Delay, "1 is flight delay, 2 is travel")
	return cmd
}

// bordereauAs makes a bordereau in a format. What is wrong with the wish is told in every format.
func bordereauAs(format string, b generate.Bordereau) ([]byte, error) {
	doc, err := contract.Load(openapi.Bordereau)
	if err != nil {
		return nil, err
	}
	faults, err := generate.ReadFaults(doc)
	if err != nil {
		return nil, err
	}
	risks, err := faults.Risks(b)
	switch {
	case err != nil:
		return nil, err
	case format == "csv":
		return generate.CSV(risks)
	case format == "scenario":
		return generate.Timetable(), nil
	}
	return generate.JSON(risks)
}

// wish is what the user is told of a wish that cannot be met.
func wish(err error) error {
	var m generate.Mistake
	if errors.As(err, &m) {
		return usage{m, m.Cure}
	}
	return err
}

var shareFlag = regexp.MustCompile(`^([^=]+)=(100|\d{1,2}(?:\.\d{1,2})?)%$`)

// readShares reads the shares of wrong records.
func readShares(list []string) (shares []generate.Share, err error) {
	for _, text := range list {
		parts := shareFlag.FindStringSubmatch(text)
		if parts == nil {
			return nil, usage{fmt.Errorf("--share: %q is not an error code and a share from 0%% to 100%%", text), "write it as WRONG_FLIGHT_DEPARTURE_TIME=5% or CODE=0.25%"}
		}
		percent, err := strconv.ParseFloat(parts[2], 64)
		if err != nil {
			return nil, err
		}
		shares = append(shares, generate.Share{Code: parts[1], Part: int(percent*100 + 0.5)})
	}
	return shares, nil
}

func (p Program) generateCalculation() *cobra.Command {
	var f generateFlags
	var a generate.Application
	var id string
	formats := []string{"json", "jsonl"}
	cmd := &cobra.Command{Use: "calculation", Short: "Make the body of a request for a calculation", Args: cobra.NoArgs,
		Long: "Makes the body of POST /osago/calculate. With --count above 1 it is a JSON array of bodies, or with --format jsonl a body on each line.",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if a.Date, err = f.check(maxCalculations, "make several lots, each with a seed of its own", formats...); err != nil {
				return err
			}
			a.Seed = f.seed
			if a.Unlimited && !cmd.Flags().Changed("drivers") {
				a.Drivers = 0
			}
			switch categories := generate.Categories(); {
			case a.Drivers < 0 || a.Drivers > maxDrivers || a.Drivers == 0 && !a.Unlimited:
				return usage{fmt.Errorf("--drivers %d is not from 1 to %d", a.Drivers, maxDrivers), "for a policy that names none give --unlimited"}
			case !slices.Contains(categories, a.Category):
				return usage{fmt.Errorf("unknown category %q", a.Category), "known: " + strings.Join(categories, ", ")}
			case id != "" && !contract.IsUUID(id):
				return usage{fmt.Errorf("--request-id: %q is not a UUID", id), "write it as 123e4567-e89b-12d3-a456-426614174000, or leave it out"}
			case id != "" && f.count > 1:
				return usage{errors.New("--request-id is for one calculation, and --count wants more"), "leave out one of the two"}
			}
			return p.output(f.file, func(w io.Writer) error { return calculations(w, a, f, id) })
		}}
	f.flags(cmd, 1, formats...)
	flags := cmd.Flags()
	flags.IntVar(&a.Drivers, "drivers", 1, "how many drivers are named, the owner first")
	flags.BoolVar(&a.Unlimited, "unlimited", false, "anybody may drive; drivers are named only if --drivers says so")
	flags.StringVar(&a.Category, "category", "B", "category of the vehicle: "+strings.Join(generate.Categories(), ", "))
	flags.StringVar(&id, "request-id", "", "UUID of the calculation (default: drawn)")
	return cmd
}

// calculations writes the bodies, one at a time, for there may be many: one as a JSON object, several as an array, or each on a
// line of its own.
func calculations(w io.Writer, a generate.Application, f generateFlags, id string) error {
	before, between, after := "", "\n", "\n"
	if f.format == "json" && f.count > 1 {
		before, between, after = "[\n", ",\n", "\n]\n"
	}
	for i := range f.count {
		c := a.Calculation(i)
		if id != "" {
			c.RequestID = id
		}
		text, err := json.Marshal(c)
		if f.format == "json" && f.count == 1 && err == nil {
			text, err = json.MarshalIndent(c, "", "  ")
		}
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s%s", before, text); err != nil {
			return err
		}
		before = between
	}
	_, err := io.WriteString(w, after)
	return err
}

// output has something written to a file, or to the command's output for none.
func (p Program) output(name string, write func(io.Writer) error) error {
	if name == "" || name == "-" {
		b := bufio.NewWriter(p.Out)
		return errors.Join(write(b), b.Flush())
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) // as save does
	if err != nil {
		return usage{fmt.Errorf("cannot write the file: %w", err), ""}
	}
	b := bufio.NewWriter(file)
	err = errors.Join(write(b), b.Flush())
	size, _ := file.Seek(0, io.SeekCurrent)
	if err = errors.Join(err, file.Close()); err != nil {
		return usage{fmt.Errorf("cannot write the file: %w", err), ""}
	}
	_, err = fmt.Fprintf(p.Out, "%s: %d bytes\n", name, size)
	return err
}
