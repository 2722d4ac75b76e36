package vehicles

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"poligon/internal/dice"
	"poligon/internal/plate"
)

// Vehicle is a vehicle of the register.
type Vehicle struct {
	Plate        string // in Cyrillic letters; empty for one that is not registered
	VIN          string
	Model        *Model
	Modification *Modification
	Year         int
	Documents    []Document
}

// Document is a paper of a vehicle.
type Document struct {
	Kind           string // sts, pts or epts
	Series, Number string // an electronic passport has no series
	Date           time.Time
}

// latest is the last year of which the register has vehicles, so that their papers are older than most sessions.
const latest = 2024

// span is for how many years back from a model's last year the register has vehicles.
const span = 20

// samples are vehicles whose plates and VINs the partner's documents print (contract facts A5, A12).
func samples() [2]struct{ plate, vin string } {
	return [...]struct{ plate, vin string }{{"А123АА123", "WVWZZZ1JZDW123456"}, {"А123БВ777", "XTA210990Y2765439"}}
}

// ByPlate is the vehicle that bears a plate, the same at all times; false when there is none: nothing is registered in the region 00.
// The error is plate.ErrMalformed.
func (d *Dictionary) ByPlate(text string) (v Vehicle, found bool, err error) {
	for _, s := range samples() {
		if len(text) < 100 && plate.Compact(text) == plate.Fold(s.plate) {
			return d.alien(s.vin).bearing(s.plate), true, nil
		}
	}
	p, err := plate.Parse(text)
	if err != nil || p.Region == 0 {
		return v, false, err
	}
	return d.registered(p), true, nil
}

// ByVIN is the vehicle of a VIN, the same at all times; false when there is none: nothing has the serial number 000000. One that the
// register knows comes with its plate; any other one is a vehicle that is not registered, of the maker that the VIN tells. The error
// is ErrVIN.
func (d *Dictionary) ByVIN(text string) (v Vehicle, found bool, err error) {
	vin, err := ParseVIN(text)
	if err != nil || strings.HasSuffix(vin, "000000") {
		return v, false, err
	}
	for _, s := range samples() {
		if s.vin == vin {
			return d.alien(vin).bearing(s.plate), true, nil
		}
	}
	if p, ok := plateOf(vin); ok && p.Region != 0 {
		if v := d.registered(p); v.VIN == vin {
			return v, true, nil
		}
	}
	return d.alien(vin), true, nil
}

// draw draws for a vehicle, whatever the session's seed.
func draw(key, what string) dice.Die { return dice.New(0).Of("vehicle", key, what) }

// pickModel picks a model for a vehicle. Each has a draw of its own and the highest wins, so that when the dictionary grows a vehicle stays
// what it is, or becomes something new.
func pickModel(key string, list []*Model) *Model {
	return slices.MaxFunc(list, func(a, b *Model) int { return cmp.Compare(draw(key, "model "+a.ID), draw(key, "model "+b.ID)) })
}

// pickModification picks a modification for a vehicle, as pickModel does.
func pickModification(key string, list []*Modification) *Modification {
	of := func(m *Modification) dice.Die { return draw(key, "modification "+strconv.Itoa(m.ID)) }
	return slices.MaxFunc(list, func(a, b *Modification) int { return cmp.Compare(of(a), of(b)) })
}

// registered is the vehicle that bears a plate.
func (d *Dictionary) registered(p plate.Plate) Vehicle {
	key := p.String()
	category := map[plate.Kind]string{plate.Car: "B", plate.Motorcycle: "A", plate.Trailer: "E", plate.Bus: "D"}[p.Kind]
	const trucks = 10 // of a hundred plates of cars
	if p.Kind == plate.Car && draw(key, "category").IntN(100) < trucks {
		category = "C"
	}
	v := Vehicle{Model: pickModel(key, d.issued[category])}
	v.Modification = pickModification(key, v.Model.issuable())
	last := min(v.Modification.To, latest)
	v.Year = draw(key, "year").Between(max(v.Modification.From, min(last, latest-span)), last)
	v.VIN = vinOf(v.Model.vin, v.Year, p)
	return v.passported().bearing(key)
}

// issuable are the modifications of which the register has vehicles.
func (m *Model) issuable() []*Modification {
	return slices.DeleteFunc(slices.Clone(m.Modifications), func(one *Modification) bool { return one.From > latest })
}

func (m *Model) issues() bool { return len(m.issuable()) > 0 }

// alien is a vehicle that is not registered: one that its VIN can be of, as far as the dictionary knows the maker.
func (d *Dictionary) alien(vin string) Vehicle {
	choice := d.likely(vin)
	v := Vehicle{VIN: vin}
	for _, v.Year = range yearsOf(vin) {
		var made []*Model
		for _, m := range choice {
			if len(m.Powers(v.Year)) > 0 {
				made = append(made, m)
			}
		}
		if len(made) == 0 {
			continue
		}
		v.Model = pickModel(vin, made)
		v.Modification = pickModification(vin, slices.DeleteFunc(slices.Clone(v.Model.Modifications), func(m *Modification) bool {
			return v.Year < m.From || v.Year > m.To
		}))
		return v.passported()
	}
	v.Model = pickModel(vin, choice)
	v.Modification = pickModification(vin, v.Model.issuable())
	v.Year = draw(vin, "year").Between(v.Modification.From, min(v.Modification.To, latest))
	return v.passported()
}

// likely are the models that a VIN can be of: those with which it has most of its first characters in common, else those of brands that
// its maker belongs to, else all cars.
func (d *Dictionary) likely(vin string) (list []*Model) {
	best := 0
	for _, b := range d.Brands {
		for _, m := range b.Models {
			if !m.issues() || !strings.HasPrefix(vin, m.vin) || len(m.vin) < best {
				continue
			}
			if len(m.vin) > best {
				best, list = len(m.vin), nil
			}
			list = append(list, m)
		}
	}
	if len(list) > 0 {
		return list
	}
	for _, b := range d.Brands {
		if slices.Contains(b.makers, vin[:3]) {
			list = append(list, slices.DeleteFunc(slices.Clone(b.Models), func(m *Model) bool { return !m.issues() })...)
		}
	}
	if len(list) > 0 {
		return list
	}
	return d.issued["B"]
}

// yearsOf are the years that the tenth character of a VIN can stand for, the likelier first.
func yearsOf(vin string) (list []int) {
	place := strings.IndexByte(modelYears, vin[9])
	if place < 0 {
		return nil
	}
	for year := firstModelYear + modelYearCycle + place; year >= firstModelYear; year -= modelYearCycle {
		if year <= latest {
			list = append(list, year)
		}
	}
	return list
}

// passported is the vehicle with its passport: since late 2020 an electronic one.
func (v Vehicle) passported() Vehicle {
	made := time.Date(v.Year, time.January, 15+draw(v.VIN, "made").IntN(330), 0, 0, 0, 0, time.UTC)
	pts := Document{"pts", fmt.Sprintf("%02d%s", draw(v.VIN, "pts region").Between(1, 99), letters(v.VIN, "pts")), digits(v.VIN, "pts", 6), made}
	if v.Year > 2020 {
		pts = Document{"epts", "", "1643" + digits(v.VIN, "epts", 11), made}
	}
	v.Documents = []Document{pts}
	return v
}

// bearing is the vehicle as it is registered under a plate, within a year after it was made.
func (v Vehicle) bearing(number string) Vehicle {
	v.Plate = number
	registered := v.Documents[0].Date.AddDate(0, 0, draw(v.VIN, "registered").IntN(365))
	v.Documents = append([]Document{{"sts", "99" + digits(v.VIN, "sts series", 2), digits(v.VIN, "sts", 6), registered}}, v.Documents...)
	return v
}

// letters are two letters that plates have.
func letters(key, what string) string {
	choice := []rune("АВЕКМНОРСТУХ")
	return string([]rune{dice.Pick(draw(key, what+" first"), choice), dice.Pick(draw(key, what+" second"), choice)})
}

// digits are n digits.
func digits(key, what string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + draw(key, fmt.Sprint(what, i)).IntN(10))
	}
	return string(b)
}
