package generate

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// VehicleInfo is a vehicle with its papers: VehicleInfo of the contract openapi/osago (contract facts A5). It is told by its VIN,
// so it has no numbers of the body and of the chassis.
type VehicleInfo struct {
	CarNumber    string           `json:"car_number"` // in Cyrillic letters
	Category     string           `json:"category"`   // A to E
	VIN          string           `json:"vin"`
	Brand        BrandInfo        `json:"brand"`
	Model        ModelInfo        `json:"model"`
	Modification ModificationInfo `json:"modification"`
	Year         int              `json:"year"`
	EnginePower  int              `json:"engine_power"` // hp
	CarDocuments []CarDocument    `json:"car_documents"`
}

// BrandInfo is a brand in our dictionary.
type BrandInfo struct {
	ID     string `json:"brand_id"`
	Name   string `json:"name"`
	NameRu string `json:"name_ru"`
}

// ModelInfo is a model of a brand.
type ModelInfo struct {
	ID     string `json:"model_id"`
	Name   string `json:"name"`
	NameRu string `json:"name_ru"`
}

// ModificationInfo is a model's modification: its engine and gear.
type ModificationInfo struct {
	ID   string `json:"modification_id"`
	Name string `json:"name"`
}

// CarDocument is a paper of the vehicle. An electronic one (epts) has no series.
type CarDocument struct {
	Kind   string `json:"document_type"` // sts, pts or epts
	Series string `json:"series,omitempty"`
	Number string `json:"number"`
	Date   string `json:"date"` // yyyy-MM-dd
}

// model is a model of the market, as the table has it.
type model struct {
	brand    BrandInfo
	name, ru string
	category string
	maker    string // the first three characters of its VINs
	from, to int    // years of production; to is 0 while it is made
	trims    []trim
}

type trim struct {
	power int // hp
	name  string
}

// Categories are the categories of vehicles that there are models of.
func Categories() []string {
	list := []string{}
	for _, m := range models() {
		list = append(list, m.category)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// oldest is how many years back the vehicles were made.
const oldest = 20

// vehicle draws a vehicle of a category that its owner has on a day.
func (d draws) vehicle(category string, owner resident) VehicleInfo {
	var choice []int
	all, on := models(), owner.on
	for i, m := range all {
		if m.category == category && m.from <= on.Year() && (m.to == 0 || m.to > on.Year()-oldest) {
			choice = append(choice, i)
		}
	}
	nth := pick(d, "model", choice)
	m := all[nth]
	last := on.Year()
	if m.to != 0 {
		last = min(last, m.to)
	}
	year := d.between("year", max(m.from, on.Year()-oldest), last)
	trim := d.die("trim").IntN(len(m.trims))
	id := strconv.Itoa(101 + nth)
	return VehicleInfo{CarNumber: d.of("plate").plate(owner.home, category), Category: category, VIN: d.of("vin").vin(m.maker, year), Brand: m.brand,
		Model:        ModelInfo{id, m.name, m.ru},
		Modification: ModificationInfo{id + strconv.Itoa(trim+1), fmt.Sprintf("%s (%d л.с.)", m.trims[trim].name, m.trims[trim].power)},
		Year:         year, EnginePower: m.trims[trim].power, CarDocuments: d.of("documents").carDocuments(owner, year)}
}

// carDocuments are the registration, not before the owner came of age, and the vehicle's passport of its year: since late 2020
// an electronic one.
func (d draws) carDocuments(owner resident, year int) []CarDocument {
	made := sooner(d.day("made", day(year, time.January, 15), day(year, time.December, 15)), owner.on)
	registered := d.day("registered", latest(made, owner.born.AddDate(18, 0, 0)), owner.on)
	sts := CarDocument{"sts", owner.home.code + d.digits("sts series", 2), d.digits("sts", 6), iso(registered)}
	if year > 2020 {
		return []CarDocument{sts, {"epts", "", "1643" + d.digits("epts", 11), iso(made)}}
	}
	return []CarDocument{sts, {"pts", owner.home.code + d.plateLetters("pts series", 2), d.digits("pts", 6), iso(made)}}
}
