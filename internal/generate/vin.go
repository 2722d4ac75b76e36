package generate

import (
	"strings"

	"poligon/internal/vehicles"
)

// vin draws a VIN of a maker, whose code is three characters, for a year. Makers of North America, whose code begins with 1 to 5,
// have a check digit at position 9, and a letter at position 7 from 2010 on; of others the positions are free.
func (d draws) vin(maker string, year int) string {
	v := []byte(maker + strings.Repeat("0", 14))
	for i := 3; i < len(v); i++ {
		letters := vehicles.VINLetters
		if i > 11 { // the serial number
			letters = "0123456789"
		}
		v[i] = letters[d.at("character", i).die("vin").IntN(len(letters))]
	}
	v[9] = vehicles.ModelYear(year)
	if '1' <= v[0] && v[0] <= '5' {
		seventh := "0123456789"
		if year >= 2010 {
			seventh = "ABCDEFGHJKLMNPRSTUVWXYZ"
		}
		v[6] = seventh[d.die("seventh").IntN(len(seventh))]
		v[8] = vehicles.CheckDigit(string(v))
	}
	return string(v)
}
