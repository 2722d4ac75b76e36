package vehicles

import (
	"errors"
	"strings"

	"poligon/internal/plate"
)

// VINLetters are the letters and digits of a VIN: without I, O and Q, which look like 1 and 0 (ISO 3779).
const VINLetters = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"

// modelYears are the characters of the model years from 1980 on; after thirty years they begin again (ISO 3779, 49 CFR 565).
const modelYears = "ABCDEFGHJKLMNPRSTVWXY123456789"

// The first model year and how many there are till their characters begin again.
const (
	firstModelYear = 1980
	modelYearCycle = len(modelYears)
)

// ModelYear is the tenth character of a VIN of a year, from 1980 on.
func ModelYear(year int) byte { return modelYears[(year-firstModelYear)%modelYearCycle] }

// CheckDigit is what stands at position 9 of a North American VIN of 17 characters, whatever stands there now: the sum of all
// characters' values, each by the weight of its position, modulo 11, where X is 10 (49 CFR 565.15).
func CheckDigit(vin string) byte {
	weights := [17]int{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2}
	sum := 0
	for i, weight := range weights {
		sum += weight * vinValue(vin[i])
	}
	return "0123456789X"[sum%11]
}

// vinValue is a digit's own value; the letters count from 1 to 9 in the rows A to I, J to R and S to Z, the last from 2.
func vinValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case c <= 'I':
		return int(c-'A') + 1
	case c <= 'R':
		return int(c-'J') + 1
	}
	return int(c-'S') + 2
}

// ErrVIN says that a text is no VIN.
var ErrVIN = errors.New("no VIN: 17 Latin letters and digits, without I, O and Q")

// ParseVIN reads a VIN in any case; Cyrillic letters that look like Latin ones are taken for them.
func ParseVIN(text string) (string, error) {
	const length, longest = 17, 100
	if len(text) > longest {
		return "", ErrVIN
	}
	vin := strings.ToUpper(plate.Compact(text))
	if len(vin) != length || strings.Trim(vin, VINLetters) != "" {
		return "", ErrVIN
	}
	return vin, nil
}

// serials is how many serial numbers a VIN has room for, 1 to 999999. Nothing has the number 0.
const serials = 999_999

// vinOf is the VIN of a vehicle of a model and a year that bears a plate. The plate can be read from it: its index stands in the serial
// number and in the characters 7, 8 and 11.
func vinOf(begin string, year int, p plate.Plate) string {
	const filler = "ZZZ" // of characters 4 to 6, as European makers have it
	n := p.Index()
	high, serial := n/serials, n%serials+1
	v := []byte(begin + filler + strings.Repeat("0", 17))[:17]
	copy(v[3:], (begin + filler)[3:6])
	base := uint64(len(VINLetters))
	seventh := byte('0') // a digit until 2009 and a letter then, by which North American makers tell the two cycles of years
	if year >= firstModelYear+modelYearCycle {
		seventh = 'A'
	}
	v[6], v[7], v[10] = seventh+byte(high/base/base), VINLetters[high/base%base], VINLetters[high%base]
	v[9] = ModelYear(year)
	for i := 16; i > 10; i-- {
		v[i], serial = byte('0'+serial%10), serial/10
	}
	v[8] = CheckDigit(string(v))
	return string(v)
}

// plateOf is the plate that a VIN tells, if vinOf made it; else it may be any, or none.
func plateOf(vin string) (plate.Plate, bool) {
	base, serial := uint64(len(VINLetters)), uint64(0)
	for _, c := range []byte(vin[11:]) {
		if c < '0' || c > '9' {
			return plate.Plate{}, false
		}
		serial = serial*10 + uint64(c-'0')
	}
	seventh := uint64(vin[6] - '0')
	if vin[6] >= 'A' {
		seventh = uint64(vin[6] - 'A')
	}
	if serial == 0 {
		return plate.Plate{}, false
	}
	high := (seventh*base+uint64(strings.IndexByte(VINLetters, vin[7])))*base + uint64(strings.IndexByte(VINLetters, vin[10]))
	return plate.At(high*serials + serial - 1)
}
