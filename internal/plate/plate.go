// Package plate knows Russian number plates (ГОСТ Р 50577): what stands on one, however it was typed.
package plate

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// The letters of plates, and the Latin ones that they look like, at the same places.
const (
	cyrillic = "авекмнорстух"
	upper    = "АВЕКМНОРСТУХ"
	latin    = "abekmhopctyx"
)

// Fold is a text as it is compared where case does not count, nor whether a letter of a plate is Latin or the Cyrillic one that looks
// like it: both are typed (contract facts A18).
func Fold(text string) string {
	for i := range len(text) {
		if text[i] >= 0x80 || text[i] >= 'A' && text[i] <= 'Z' {
			return strings.Map(Latin, strings.ToLower(text))
		}
	}
	return text
}

// Latin is the Latin letter that looks like a Cyrillic one of plates; any other letter is left.
func Latin(r rune) rune {
	if r < 0x80 {
		return r
	}
	if i := strings.IndexRune(cyrillic, r); i >= 0 {
		return rune(latin[i/2])
	}
	return r
}

// Compact is a folded text without spaces and hyphens.
func Compact(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, Fold(text))
}

// Kind is what a plate is fixed to, as far as its layout tells.
type Kind int

// The kinds, by their layouts.
const (
	Car        Kind = iota // А123ВС77: cars and trucks
	Motorcycle             // 1234АВ77
	Trailer                // АВ123477
	Bus                    // АВ12377: buses and taxis; their regions have two digits, for with three they could not be told from trailers
)

// layouts are what stands on the plates of the kinds before the region: L for a letter, N for a digit.
var layouts = [...]string{Car: "LNNNLL", Motorcycle: "NNNNLL", Trailer: "LLNNNN", Bus: "LLNNN"}

// Plate is what stands on a plate.
type Plate struct {
	Kind   Kind
	Region int    // 1 to 999; 0 for 00, where no vehicle is registered
	letter uint64 // its letters as a number
	number uint64
}

// ErrMalformed says that a text is no plate.
var ErrMalformed = errors.New("no plate such as A123BC77, 1234AB77, AB123477 or AB12377, of the Cyrillic letters that look like ABEKMHOPCTYX, or of these")

// Parse reads a plate in Cyrillic letters, in Latin ones that look like them, or in both, in any case.
func Parse(text string) (p Plate, err error) {
	const longest = 100 // bytes
	if len(text) > longest {
		return p, ErrMalformed
	}
	text = Compact(text)
	for kind, layout := range layouts {
		if digits := len(text) - len(layout); digits == 2 || digits == 3 && Kind(kind) != Bus {
			if p, ok := read(text, Kind(kind)); ok {
				return p, nil
			}
		}
	}
	return p, ErrMalformed
}

// read reads a compact text as a plate of a kind.
func read(text string, kind Kind) (p Plate, ok bool) {
	p.Kind = kind
	layout := layouts[kind]
	for i := range len(layout) {
		letter := strings.IndexByte(latin, text[i])
		switch digit := text[i] - '0'; {
		case layout[i] == 'L' && letter >= 0:
			p.letter = p.letter*uint64(len(latin)) + uint64(letter)
		case layout[i] == 'N' && digit <= 9:
			p.number = p.number*10 + uint64(digit)
		default:
			return p, false
		}
	}
	region := text[len(layout):]
	n, err := strconv.ParseUint(region, 10, 16)
	p.Region = int(n)
	return p, err == nil && (len(region) == 2 || region[0] != '0')
}

// String is the plate in Cyrillic letters: А123ВС77.
func (p Plate) String() string {
	layout := layouts[p.Kind]
	letters, number := p.letter, p.number
	text := make([]rune, len(layout))
	for i := len(layout) - 1; i >= 0; i-- {
		if layout[i] == 'N' {
			text[i], number = rune('0'+number%10), number/10
			continue
		}
		text[i], letters = []rune(upper)[letters%uint64(len(latin))], letters/uint64(len(latin))
	}
	return fmt.Sprintf("%s%02d", string(text), p.Region)
}

// Count is how many plates there can be.
func Count() (n uint64) {
	for kind := range layouts {
		n += Kind(kind).count()
	}
	return n
}

// regions are how many there can be on one layout.
const regions = 1000

// numbers is how many numbers a layout has room for.
func (k Kind) numbers() uint64 { return power(10, strings.Count(layouts[k], "N")) }

func (k Kind) count() uint64 {
	return power(uint64(len(latin)), strings.Count(layouts[k], "L")) * k.numbers() * regions
}

func power(base uint64, n int) uint64 {
	p := uint64(1)
	for range n {
		p *= base
	}
	return p
}

// Index numbers the plates from 0 to Count, each differently.
func (p Plate) Index() (n uint64) {
	for kind := range p.Kind {
		n += kind.count()
	}
	return n + (p.letter*p.Kind.numbers()+p.number)*regions + uint64(p.Region)
}

// At is the plate of an index; false when there is none.
func At(index uint64) (p Plate, ok bool) {
	for kind := range layouts {
		if p.Kind = Kind(kind); index >= p.Kind.count() {
			index -= p.Kind.count()
			continue
		}
		p.Region, index = int(index%regions), index/regions
		p.number, p.letter = index%p.Kind.numbers(), index/p.Kind.numbers()
		return p, p.Kind != Bus || p.Region < 100
	}
	return Plate{}, false
}
