package vehicles

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed vehicles.txt
var embedded string

// Read reads the dictionary that comes with Poligon.
func Read() (*Dictionary, error) { return read(embedded) }

// reader reads a dictionary line by line; its head tells the format.
type reader struct {
	to    *Dictionary
	brand *Brand
	model *Model
	taken map[string]bool // ids, with what they are of
}

func read(text string) (*Dictionary, error) {
	r := reader{&Dictionary{brands: map[string]*Brand{}, models: map[string]*Model{}, issued: map[string][]*Model{}}, nil, nil, map[string]bool{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := r.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %w: %s", number, err, line)
		}
	}
	if err := r.whole(); err != nil {
		return nil, fmt.Errorf("line %d: %w", number, err)
	}
	for _, m := range r.to.models {
		if m.issues() {
			r.to.issued[m.Categories[0]] = append(r.to.issued[m.Categories[0]], m)
		}
	}
	for _, list := range r.to.issued {
		slices.SortFunc(list, func(a, b *Model) int { return strings.Compare(a.ID, b.ID) })
	}
	return r.to, nil
}

func (r *reader) line(line string) error {
	text := strings.TrimLeft(line, " ")
	fields := strings.Split(text, " | ")
	if slices.ContainsFunc(fields, func(f string) bool { return f == "" || strings.TrimSpace(f) != f || strings.Contains(f, "|") }) {
		return fmt.Errorf("the fields are not separated by \" | \"")
	}
	depth := len(line) - len(text)
	for _, kind := range []struct {
		depth, fields int
		name          string
		read          func([]string) error
	}{{0, 4, "brand", r.readBrand}, {2, 5, "model", r.readModel}, {4, 4, "modification", r.readModification}} {
		if kind.depth != depth {
			continue
		}
		if len(fields) != kind.fields {
			return fmt.Errorf("a %s has %d fields, not %d", kind.name, kind.fields, len(fields))
		}
		id, err := whole(fields[0])
		if key := kind.name + strconv.Itoa(id); err != nil || r.taken[key] {
			return fmt.Errorf("%s is no id, or is taken by another %s", fields[0], kind.name)
		} else {
			r.taken[key] = true
		}
		return kind.read(fields)
	}
	return fmt.Errorf("it is indented by %d", depth)
}

// whole says what is missing where a brand or a model ends.
func (r *reader) whole() error {
	switch {
	case r.brand == nil:
		return fmt.Errorf("there is no brand")
	case r.model == nil:
		return fmt.Errorf("the brand %s has no model", r.brand.Name)
	case len(r.model.Modifications) == 0:
		return fmt.Errorf("the model %s has no modification", r.model.Name)
	}
	return nil
}

func (r *reader) readBrand(f []string) error {
	if r.brand != nil {
		if err := r.whole(); err != nil {
			return err
		}
	}
	b := &Brand{ID: f[0], Name: f[1], NameRu: f[2], makers: strings.Split(f[3], ", ")}
	for _, maker := range b.makers {
		if len(maker) != 3 || !vinBegin.MatchString(maker) {
			return fmt.Errorf("%s does not begin a VIN", maker)
		}
	}
	r.brand, r.model = b, nil
	r.to.Brands, r.to.brands[b.ID] = append(r.to.Brands, b), b
	return nil
}

var vinBegin = regexp.MustCompile(`^[` + VINLetters + `]{3,6}$`)

func (r *reader) readModel(f []string) error {
	if r.model != nil {
		if err := r.whole(); err != nil {
			return err
		}
	} else if r.brand == nil {
		return fmt.Errorf("it belongs to no brand")
	}
	m := &Model{ID: f[0], Name: f[1], NameRu: f[2], Brand: r.brand, Categories: strings.Split(f[3], ","), vin: f[4]}
	for i, c := range m.Categories {
		if len(c) != 1 || c < "A" || c > "E" || slices.Contains(m.Categories[:i], c) {
			return fmt.Errorf("%q is no category, or is there twice", c)
		}
	}
	if !vinBegin.MatchString(m.vin) || !slices.Contains(r.brand.makers, m.vin[:3]) {
		return fmt.Errorf("%s does not begin a VIN of %s", m.vin, r.brand.Name)
	}
	r.model = m
	r.brand.Models, r.to.models[m.ID] = append(r.brand.Models, m), m
	return nil
}

func (r *reader) readModification(f []string) error {
	if r.model == nil {
		return fmt.Errorf("it belongs to no model")
	}
	if len(f[0]) != len(r.model.ID)+1 || !strings.HasPrefix(f[0], r.model.ID) {
		return fmt.Errorf("its id is not the model's with one more digit")
	}
	first, last, _ := strings.Cut(f[1], "-")
	m := &Modification{kind: f[3]}
	for _, number := range []struct {
		text string
		to   *int
	}{{f[0], &m.ID}, {first, &m.From}, {last, &m.To}, {f[2], &m.Power}} {
		var err error
		if *number.to, err = whole(number.text); err != nil {
			return err
		}
	}
	if m.From < 1900 || m.To < m.From || m.To < 1980 || m.To > 2100 {
		return fmt.Errorf("%s are no years", f[1])
	}
	r.model.Modifications = append(r.model.Modifications, m)
	return nil
}

// whole reads a number that is written without a sign and leading zeros.
func whole(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || strconv.FormatUint(n, 10) != text {
		return 0, fmt.Errorf("%q is no whole number", text)
	}
	return int(n), nil
}
