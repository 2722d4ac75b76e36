package generate

import (
	"strings"
	"unicode/utf8"
)

// Name is a Russian name whose three parts agree in gender.
type Name struct {
	Last, First, Middle string
	Female              bool
	family              string // the surname as the men of the family have it
}

// name draws a whole name; the father's name is drawn for the patronymic alone.
func (d draws) name(female bool) Name {
	n := Name{First: pick(d, "first name", maleNames()), Female: female, family: pick(d, "surname", surnames())}
	if female {
		n.First = pick(d, "first name", femaleNames())
	}
	n.Last, n.Middle = Surname(n.family, female), Patronymic(pick(d, "father", maleNames()), female)
	return n
}

// Surname is the form of a surname for a man or a woman, given the man's: Иванов and Иванова, Чайковский and Чайковская, Шевченко
// for both.
func Surname(masculine string, female bool) string {
	if !female {
		return masculine
	}
	for _, adjective := range [...]string{"ий", "ый", "ой"} {
		if stem, ok := strings.CutSuffix(masculine, adjective); ok {
			if softStem(masculine) {
				return stem + "яя"
			}
			return stem + "ая"
		}
	}
	for _, possessive := range [...]string{"ов", "ев", "ёв", "ин", "ын"} {
		if strings.HasSuffix(masculine, possessive) {
			return masculine + "а"
		}
	}
	return masculine
}

// softStem says whether an adjective has a soft stem, as Нижний has and Чайковский has not: г, к, х and the sibilants take -ий
// because they never take ы.
func softStem(adjective string) bool {
	stem, ok := strings.CutSuffix(adjective, "ий")
	last, _ := utf8.DecodeLastRuneInString(stem)
	return ok && !strings.ContainsRune("гкхжшчщ", last)
}

// Patronymic is what the children of a man of a first name are called after him, by the rules of spelling: Андреевич, Ильинична.
func Patronymic(father string, female bool) string {
	stem, son, daughter := patronymicParts(father)
	if female {
		return stem + daughter
	}
	return stem + son
}

// patronymicParts is the stem, and what is put behind it for a son and for a daughter.
func patronymicParts(father string) (stem, son, daughter string) {
	if stem, ok := oddStems()[father]; ok {
		return stem, "ович", "овна"
	}
	letters := []rune(father)
	last := len(letters) - 1
	stem = string(letters[:last])
	switch letters[last] {
	case 'ь': // Игорь
		return stem, "евич", "евна"
	case 'й':
		if bare, ok := strings.CutSuffix(stem, "и"); ok && !twoConsonants(bare) { // Юрий, and not Дмитрий
			return bare + "ь", "евич", "евна"
		}
		return stem, "евич", "евна" // Андрей
	case 'а', 'я':
		if stressedEnd(father) { // Илья
			return stem, "ич", "инична"
		}
		return stem, "ич", "ична" // Никита
	case 'ж', 'ш', 'ч', 'щ', 'ц':
		return father, "евич", "евна"
	}
	return father, "ович", "овна" // Иван
}

// twoConsonants says whether a stem ends in two consonants, which no soft sign can follow with ease.
func twoConsonants(stem string) bool {
	letters := []rune(stem)
	n := len(letters)
	return n >= 2 && !strings.ContainsRune(vowels, letters[n-1]) && !strings.ContainsRune(vowels, letters[n-2])
}

const vowels = "аеёиоуыэюяАЕЁИОУЫЭЮЯ"
