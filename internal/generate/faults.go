package generate

import (
	"fmt"
	"slices"
	"strings"

	"poligon/internal/contract"
	"poligon/internal/scenario"
)

// Faults are the error codes that records can be made wrong for, with the ways to do it. The codes, the fields that they belong
// to, and the limits of the fields are the contract's.
type Faults struct {
	codes  []string         // all of the catalogue, in its order
	ways   map[string][]way // by code
	format string           // the code of a record that is no object
	again  string           // the code of a record that is there already
}

// way is one way to make a record wrong.
type way func(d draws, r *Risk)

// xRule is what is needed of a rule of the contract over several fields.
type xRule struct {
	Code string `json:"x-import-error"`
}

// ReadFaults reads the contract of the import.
func ReadFaults(doc *contract.Document) (*Faults, error) {
	f := &Faults{ways: map[string][]way{}}
	catalogue, err := doc.Schema("ErrorCode")
	if err != nil {
		return nil, err
	}
	f.codes = catalogue.Enum()
	risk, err := doc.Schema("Risk")
	if err != nil {
		return nil, err
	}
	fields, err := risk.Fields()
	if err != nil {
		return nil, err
	}
	for _, name := range Fields() {
		field, ok := fields[name]
		if !ok {
			return nil, fmt.Errorf("the contract's Risk has no field %s", name)
		}
		code := field.Extensions["x-import-error"]
		f.ways[code] = append(f.ways[code], fieldWays(field)...)
	}
	var rules map[string]xRule
	if err := risk.Extension("x-rules", &rules); err != nil {
		return nil, err
	}
	for key, list := range ruleWays() {
		code := rules[key].Code
		if code == "" {
			return nil, fmt.Errorf("the contract's Risk has no rule %s with an error code", key)
		}
		f.ways[code] = append(f.ways[code], list...)
	}
	f.again = rules["repeated-risk"].Code
	return f, risk.Extension("x-import-error", &f.format)
}

// Codes are the codes that records can be made wrong for, in the catalogue's order.
func (f *Faults) Codes() (list []string) {
	for _, code := range f.codes {
		if f.has(code) {
			list = append(list, code)
		}
	}
	return list
}

func (f *Faults) has(code string) bool { return code == f.format || len(f.ways[code]) > 0 }

// possible refuses a code that no record can be made wrong for. The error is a Mistake.
func (f *Faults) possible(code string) error {
	switch {
	case f.has(code):
		return nil
	case slices.Contains(f.codes, code):
		return Mistake{code + " is about a request as a whole, not about a record", "choose a code of a record, such as " + f.Codes()[0]}
	}
	hint := "known: " + strings.Join(f.Codes(), ", ")
	if near := scenario.Nearest(code, f.Codes()); near != "" {
		hint = "did you mean " + near + "?"
	}
	return Mistake{fmt.Sprintf("unknown error code %q", code), hint}
}

// spoil makes a good record wrong for a code. Earlier gives an earlier good record of the bordereau, if there is one: half of the
// records that are wrong for being there already repeat it.
func (f *Faults) spoil(d draws, r Risk, code string, earlier func() (Risk, bool)) Risk {
	if code == f.format {
		r.text = fmt.Sprintf("%v %v; %v; %v", r.values["lastName"], r.values["firstName"], r.values["flightNumber"], r.values["departureDate"])
		return r
	}
	if code == f.again && d.chance("repeat", 50) {
		if before, ok := earlier(); ok {
			return before
		}
	}
	pick(d, "way", f.ways[code])(d, &r)
	return r
}
