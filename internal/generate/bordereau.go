package generate

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxRisks is how many records an import takes in one request.
const MaxRisks = 20_000

// Bordereau is what a bordereau is wished to be.
type Bordereau struct {
	Seed    uint64
	Date    time.Time // a day: the first departures
	Count   int       // of records
	Product int       // Delay or Travel
	Shares  []Share   // of wrong records
}

// Share is how many records are wrong in one way.
type Share struct {
	Code string // the error code that they get
	Part int    // of all records, in ten thousandths
}

// of is how many of so many records the share is, rounded half up.
func (s Share) of(count int) int { return (count*s.Part + 5000) / 10_000 }

// Mistake is a wish that cannot be met: what is wrong with it, and the cure.
type Mistake struct{ What, Cure string }

func (m Mistake) Error() string { return m.What }

// Risks makes the records. Which of them are wrong is drawn by the seed, so many of each code as its share says, and none for
// two codes. The error is a Mistake.
func (f *Faults) Risks(b Bordereau) ([]Risk, error) {
	plan, err := f.plan(b)
	if err != nil {
		return nil, err
	}
	risks := make([]Risk, b.Count)
	var sound []int // the good records so far
	for i := range risks {
		r := b.good(i)
		if code := plan[i]; code != "" {
			d := newDraws(b.Seed, "generate", "bordereau").at("record", i).of("wrong")
			r = f.spoil(d, r, code, func() (Risk, bool) {
				if len(sound) == 0 {
					return Risk{}, false
				}
				return risks[pick(d, "earlier", sound)].clone(), true
			})
			r.Fault = code
		} else {
			sound = append(sound, i)
		}
		risks[i] = r
	}
	return risks, nil
}

// plan is the code that each record is to be wrong for, empty for none. The records are put in an order drawn by the seed; the
// codes take theirs from it one after the other, in the catalogue's order.
func (f *Faults) plan(b Bordereau) ([]string, error) {
	plan := make([]string, b.Count)
	order := make([]int, b.Count)
	keys := make([]uint64, b.Count)
	d := newDraws(b.Seed, "generate", "bordereau", "plan")
	for i := range order {
		order[i], keys[i] = i, uint64(d.die(strconv.Itoa(i)))
	}
	slices.SortStableFunc(order, func(i, j int) int {
		if keys[i] < keys[j] {
			return -1
		}
		return 1
	})
	shares := slices.Clone(b.Shares)
	slices.SortStableFunc(shares, func(x, y Share) int { return slices.Index(f.codes, x.Code) - slices.Index(f.codes, y.Code) })
	for n, s := range shares {
		if err := f.possible(s.Code); err != nil {
			return nil, err
		}
		if n > 0 && shares[n-1].Code == s.Code {
			return nil, Mistake{s.Code + " has two shares", "give it one"}
		}
		if s.of(b.Count) > len(order) {
			return nil, Mistake{fmt.Sprintf("the shares are more than all of the %d records", b.Count), "make them smaller: no record is wrong for two codes"}
		}
		for _, i := range order[:s.of(b.Count)] {
			plan[i] = s.Code
		}
		order = order[s.of(b.Count):]
	}
	return plan, nil
}

// JSON is the body of an import (contract openapi/bordereau, ImportRequest), a record on each line.
func JSON(risks []Risk) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`{"risks":[`)
	for i := range risks {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		text, err := risks[i].MarshalJSON()
		if err != nil {
			return nil, err
		}
		b.Write(text)
	}
	b.WriteString("\n]}\n")
	return b.Bytes(), nil
}

// MarshalJSON writes the fields in the order of the partner's page.
func (r Risk) MarshalJSON() ([]byte, error) {
	if r.text != "" {
		return json.Marshal(r.text)
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for _, name := range Fields() {
		value, ok := r.values[name]
		if !ok {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
		fmt.Fprintf(&b, "%q:%s", name, text)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// CSV is the records as comma-separated values (RFC 4180): a line of the fields' names, then a line for each record, where an
// absent field is empty. A record that is no object cannot be written so; the error is a Mistake.
func CSV(risks []Risk) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	_ = w.Write(Fields()) // a buffer takes everything, and Flush would tell
	for i := range risks {
		if risks[i].text != "" {
			return nil, Mistake{"a record that is wrong for " + risks[i].Fault + " has no fields, and so no place in a CSV", "write it as JSON, or leave out its share"}
		}
		row := make([]string, 0, len(risks[i].values))
		for _, name := range Fields() {
			row = append(row, cell(risks[i].values[name]))
		}
		_ = w.Write(row)
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// cell is a value as CSV has it.
func cell(value any) string {
	if value == nil {
		return ""
	}
	return strings.TrimSpace(fmt.Sprint(value))
}
