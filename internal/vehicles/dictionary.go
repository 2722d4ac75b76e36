// Package vehicles is the simulated partner's dictionary of vehicles, and its register of those that have a plate or a VIN.
package vehicles

import (
	"fmt"
	"slices"
)

// Dictionary is all brands with their models. Nothing changes it.
type Dictionary struct {
	Brands []*Brand // in the order of their ids

	brands map[string]*Brand
	models map[string]*Model
	issued map[string][]*Model // by category: those of which the register has vehicles
}

// Brand is a maker of vehicles.
type Brand struct {
	ID, Name, NameRu string
	Models           []*Model

	makers []string // the first three characters of its VINs
}

// Model is a model of a brand.
type Model struct {
	ID, Name, NameRu string
	Brand            *Brand
	Categories       []string // A to E, as on a driving licence; its own first
	Modifications    []*Modification

	vin string // its first characters
}

// Modification is a model's engine and gear.
type Modification struct {
	ID       int
	From, To int // years of production
	Power    int // hp; 0 for a trailer
	kind     string
}

// Name is what the modification is called: "2.5 AT (181 л.с.)".
func (m *Modification) Name() string {
	if m.Power == 0 {
		return m.kind
	}
	return fmt.Sprintf("%s (%d л.с.)", m.kind, m.Power)
}

// Brand is the brand of an id; nil when there is none.
func (d *Dictionary) Brand(id string) *Brand { return d.brands[id] }

// Model is the model of an id; nil when there is none.
func (d *Dictionary) Model(id string) *Model { return d.models[id] }

// Of are the brands that have a model of one of the categories, all when none is named.
func (d *Dictionary) Of(categories ...string) (list []*Brand) {
	for _, b := range d.Brands {
		if len(b.Of(categories...)) > 0 {
			list = append(list, b)
		}
	}
	return list
}

// Of are the brand's models of one of the categories, all when none is named.
func (b *Brand) Of(categories ...string) (list []*Model) {
	for _, m := range b.Models {
		if m.Is(categories...) {
			list = append(list, m)
		}
	}
	return list
}

// Categories are those of the brand's models, sorted.
func (b *Brand) Categories() (list []string) {
	for _, m := range b.Models {
		list = append(list, m.Categories...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Is says whether the model is of one of the categories, or none is named.
func (m *Model) Is(categories ...string) bool {
	return len(categories) == 0 || slices.ContainsFunc(m.Categories, func(c string) bool { return slices.Contains(categories, c) })
}

// String is the model with its brand: Toyota Camry.
func (m *Model) String() string { return m.Brand.Name + " " + m.Name }

// Years are the years of production, ascending.
func (m *Model) Years() (list []int) {
	for _, one := range m.Modifications {
		for year := one.From; year <= one.To; year++ {
			list = append(list, year)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Powers are the engine powers of a year, ascending, in hp; none when it was not made then.
func (m *Model) Powers(year int) (list []int) {
	for _, one := range m.Modifications {
		if one.From <= year && year <= one.To {
			list = append(list, one.Power)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// With are the modifications of a year with a power.
func (m *Model) With(year, power int) (list []*Modification) {
	for _, one := range m.Modifications {
		if one.From <= year && year <= one.To && one.Power == power {
			list = append(list, one)
		}
	}
	return list
}
