package generate

import "strings"

// vinLetters are the letters and digits of a VIN: without I, O and Q, which look like 1 and 0 (ISO 3779).
const vinLetters = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"

// modelYears are the characters of the model years from 1980 on; after thirty years they begin again (ISO 3779, 49 CFR 565).
const modelYears = "ABCDEFGHJKLMNPRSTVWXY123456789"

// vin draws a VIN of a maker, whose code is three characters, for a year. Makers of North America, whose code begins with 1 to 5,
// have a check digit at position 9, and a letter at position 7 from 2010 on; of others the positions are free.
func (d draws) vin(maker string, year int) string {
	v := []byte(maker + strings.Repeat("0", 14))
	for i := 3; i < len(v); i++ {
		letters := vinLetters
		if i > 11 { // the serial number
			letters = "0123456789"
		}
		v[i] = letters[d.at("character", i).die("vin").IntN(len(letters))]
	}
	v[9] = modelYear(year)
	if '1' <= v[0] && v[0] <= '5' {
		seventh := "0123456789"
		if year >= 2010 {
			seventh = "ABCDEFGHJKLMNPRSTUVWXYZ"
		}
		v[6] = seventh[d.die("seventh").IntN(len(seventh))]
		v[8] = CheckDigit(string(v))
	}
	return string(v)
}

// modelYear is the tenth character of a VIN.
func modelYear(year int) byte { return modelYears[(year-1980)%len(modelYears)] }

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
