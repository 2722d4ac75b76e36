package document

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// longest is how many letters of a text are looked at: more than any place on the page holds.
const longest = 300

// clean is text as the font can show it, in one line: what it has no letter for is a question mark, what is empty a dash.
func clean(text string) string {
	if len(text) > 4*longest {
		text = text[:4*longest]
	}
	text = norm.NFC.String(strings.ToValidUTF8(text, ""))
	if letters := []rune(text); len(letters) > longest {
		text = string(letters[:longest])
	}
	text = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r == '\u00ad':
			return -1
		case !shown(r):
			return '?'
		}
		return r
	}, text)), " ")
	if text == "" {
		return "—"
	}
	return text
}

// shown says whether the font has the letter: Latin, Cyrillic and common signs.
func shown(r rune) bool {
	switch {
	case r < 0x180, 0x400 <= r && r <= 0x45f, r == 'Ґ', r == 'ґ':
		return true
	}
	return strings.ContainsRune("–—‘’‚“”„•…№", r)
}

// day is a date as it is written in Russia; a dash when it is not known.
func day(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.Format("02.01.2006")
}

// roubles is an amount with its thousands apart and its kopecks: 7 072,50.
func roubles(amount string) string {
	whole, part, _ := strings.Cut(amount, ".")
	part = (part + "00")[:2]
	var b strings.Builder
	for i, digit := range whole {
		if left := len(whole) - i; i > 0 && left%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(digit)
	}
	return b.String() + "," + part
}

// comma is a number as it is written in Russia.
func comma(number string) string { return strings.Replace(number, ".", ",", 1) }
