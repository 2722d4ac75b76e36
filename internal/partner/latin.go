package partner

import "strings"

// latin are the letters of Russian in Latin ones, as in passports. A header holds no others safely: what a client makes of them differs.
var latin = strings.NewReplacer(
	"а", "a", "б", "b", "в", "v", "г", "g", "д", "d", "е", "e", "ё", "e", "ж", "zh", "з", "z", "и", "i", "й", "i", "к", "k", "л", "l", "м", "m", "н", "n", "о", "o", "п", "p",
	"р", "r", "с", "s", "т", "t", "у", "u", "ф", "f", "х", "kh", "ц", "ts", "ч", "ch", "ш", "sh", "щ", "shch", "ъ", "ie", "ы", "y", "ь", "", "э", "e", "ю", "iu", "я", "ia",
	"А", "A", "Б", "B", "В", "V", "Г", "G", "Д", "D", "Е", "E", "Ё", "E", "Ж", "Zh", "З", "Z", "И", "I", "Й", "I", "К", "K", "Л", "L", "М", "M", "Н", "N", "О", "O", "П", "P",
	"Р", "R", "С", "S", "Т", "T", "У", "U", "Ф", "F", "Х", "Kh", "Ц", "Ts", "Ч", "Ch", "Ш", "Sh", "Щ", "Shch", "Ъ", "Ie", "Ы", "Y", "Ь", "", "Э", "E", "Ю", "Iu", "Я", "Ia",
	"«", `"`, "»", `"`, "—", "-", "–", "-", "…", "...", "№", "No", "×", "x", "\u00a0", " ")
