package generate

// PlateLetters are the letters of Russian plates: those that look like a Latin one (ГОСТ Р 50577).
const PlateLetters = "АВЕКМНОРСТУХ"

// plate draws the plate of a vehicle of a region: А123ВС77, of a motorcycle 1234АВ77. No plate has the number 0.
func (d draws) plate(r region, category string) string {
	code := pick(d, "code", r.plates)
	if category == "A" {
		return padded(d.between("number", 1, 9999), 4) + d.plateLetters("series", 2) + r.plates[0]
	}
	return d.plateLetters("first", 1) + padded(d.between("number", 1, 999), 3) + d.plateLetters("series", 2) + code
}

// plateLetters are n letters of a plate.
func (d draws) plateLetters(what string, n int) string {
	letters, text := []rune(PlateLetters), make([]rune, n)
	for i := range text {
		text[i] = pick(d.at(what, i), "letter", letters)
	}
	return string(text)
}
