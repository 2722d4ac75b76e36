package generate

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"poligon/internal/dice"
)

// AddressInfo is an address as one line and in parts: AddressInfo of the contract openapi/osago (contract facts A5). What
// addresses of the region's main city have no use for, such as a settlement, is not there.
type AddressInfo struct {
	Type      string `json:"type"` // registration or residence
	Address   string `json:"address"`
	Kladr     string `json:"addresses_kladr_code"` // 19 digits: region, district, city, settlement, street, house
	Country   string `json:"country_code"`         // 7, the dialling code, as in the documents' sample
	RegionT   string `json:"region_type"`
	Region    string `json:"region_name"`
	RegionF   string `json:"region_fias_code"`  // a GUID of ours, the same for the same region
	RegionK   string `json:"region_kladr_code"` // 13 digits
	CityT     string `json:"city_type"`
	City      string `json:"city_name"`
	CityF     string `json:"city_fias_code"`
	CityK     string `json:"city_kladr_code"` // 13 digits
	StreetT   string `json:"street_type"`
	Street    string `json:"street_name"`
	StreetF   string `json:"street_fias_code"`
	StreetK   string `json:"street_kladr_code"` // 19 digits, with 0 for the house
	House     string `json:"house"`
	HouseF    string `json:"house_fias_code"`
	Building  string `json:"building,omitempty"` // корпус
	Block     string `json:"block,omitempty"`    // строение
	Apartment string `json:"apartment"`
	Fias      string `json:"fias_code"` // of the house
}

// region is a part of Russia with its main city.
type region struct {
	code     string   // of the constituent, two digits: КЛАДР, passport offices and licences begin with it
	passport string   // ОКАТО, two digits: series of passports begin with it
	plates   []string // codes on plates
	kind     string   // г, обл, край or Респ
	name     string   // in full
	short    string   // as in one line: Свердловская обл
	city     string
	police   string // who issues passports
	streets  []string
}

// isCity says whether the region is a city by itself.
func (r region) isCity() bool { return r.kind == "г" }

// cityCode is the city in КЛАДР, 11 digits: the first city of the region, or the region itself.
func (r region) cityCode() string {
	if r.isCity() {
		return r.code + "000000000"
	}
	return r.code + "000001000"
}

// address draws a flat in the region's main city.
func (d draws) address(r region) AddressInfo {
	streets := r.streets
	nth := d.die("street").IntN(len(streets))
	kind, street, _ := strings.Cut(streets[nth], " ")
	house, flat := strconv.Itoa(d.between("house", 1, 140)), strconv.Itoa(d.between("flat", 1, 240))
	a := AddressInfo{Country: "7", RegionT: r.kind, Region: r.name, CityT: "г", City: r.city, StreetT: kind, Street: street, House: house, Apartment: flat}
	if d.chance("has a building", 20) {
		a.Building = strconv.Itoa(d.between("building", 1, 5))
	} else if d.chance("has a block", 5) {
		a.Block = strconv.Itoa(d.between("block", 1, 3))
	}
	streetCode := r.cityCode() + padded(nth*37+11, 4)
	a.RegionK, a.CityK = r.code+"00000000000", r.cityCode()+"00"
	a.StreetK, a.Kladr = streetCode+"0000", streetCode+padded(dice.New(0).Of("house", house, a.Building, a.Block).Between(1, 899), 4)
	a.RegionF, a.CityF, a.StreetF = guid(r.name), guid(r.name, r.city), guid(r.name, r.city, street)
	a.HouseF = guid(r.name, r.city, street, house, a.Building, a.Block)
	a.Fias, a.Address = a.HouseF, r.line(a)
	return a
}

// line is the address in one line, from the region down to the flat.
func (r region) line(a AddressInfo) string {
	parts := []string{"г " + a.City, a.StreetT + " " + a.Street, "д " + a.House}
	if !r.isCity() {
		parts = append([]string{r.short}, parts...)
	}
	for _, more := range [...][2]string{{"к ", a.Building}, {"стр ", a.Block}, {"кв ", a.Apartment}} {
		if more[1] != "" {
			parts = append(parts, more[0]+more[1])
		}
	}
	return strings.Join(parts, ", ")
}

// guid stands for a place's code in ФИАС. It is made up, and the same for the same place whatever the seed.
func guid(place ...string) string {
	return uuid.UUID(dice.New(0).Of(append([]string{"generate", "fias"}, place...)...).UUID()).String()
}

// padded is n with leading zeros.
func padded(n, width int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(width-len(s), 0)) + s
}
