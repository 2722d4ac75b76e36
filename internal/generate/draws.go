// Package generate makes realistic Russian test data: bordereaux for the import and requests for calculations. It is pure: the
// same seed, date and wishes give the same bytes, and every draw is keyed by the record that it is for, so record 5 is the same
// in a list of ten and in one of ten thousand.
//
// Nobody here exists. Names, papers, numbers and the timetable are put together from tables of our own; a phone number or a
// plate may still be somebody's, so nothing must ever be sent to them.
package generate

import (
	"strconv"
	"time"

	"github.com/brianvoe/gofakeit/v7"

	"poligon/internal/dice"
)

// draws are the draws of one thing, such as a record or a person of it. Each is named, so a new one never moves the others.
type draws struct {
	dice dice.Dice
	path []string // the question so far
}

func newDraws(seed uint64, path ...string) draws { return draws{dice.New(seed), path} }

// of are the draws of a part of the thing.
func (d draws) of(part string) draws {
	return draws{d.dice, append(d.path[:len(d.path):len(d.path)], part)}
}

// at are the draws of the i-th part of a kind.
func (d draws) at(part string, i int) draws { return d.of(part).of(strconv.Itoa(i)) }

// die is the draw of a name.
func (d draws) die(what string) dice.Die { return d.dice.Of(d.of(what).path...) }

func (d draws) between(what string, low, high int) int { return d.die(what).Between(low, high) }

// chance is true in so many of a hundred.
func (d draws) chance(what string, percent int) bool { return d.die(what).IntN(100) < percent }

// day is a day from one to another, both included; the second when the first is later.
func (d draws) day(what string, from, to time.Time) time.Time {
	days := int(to.Sub(from) / (24 * time.Hour))
	if days <= 0 {
		return to
	}
	return from.AddDate(0, 0, d.die(what).IntN(days+1))
}

// pick is one of the choices.
func pick[T any](d draws, what string, choices []T) T { return dice.Pick(d.die(what), choices) }

// faker is the library's faker over these draws.
func (d draws) faker(what string) *gofakeit.Faker {
	return gofakeit.NewFaker(&source{draws: d.of(what)}, false)
}

// digits are n random decimal digits, the first of them perhaps 0.
func (d draws) digits(what string, n int) string {
	pattern := make([]byte, n)
	for i := range pattern {
		pattern[i] = '#'
	}
	return d.faker(what).Numerify(string(pattern))
}

// source is what the library draws from: the answers to the questions 1, 2, 3, … of a thing. It is a rand.Source.
type source struct {
	draws
	drawn int
}

// Uint64 is the next number.
func (s *source) Uint64() uint64 {
	s.drawn++
	return uint64(s.die(strconv.Itoa(s.drawn)))
}

// age is the full years from a birth date to a day.
func age(born, on time.Time) int {
	n := on.Year() - born.Year()
	if born.AddDate(n, 0, 0).After(on) {
		n--
	}
	return n
}

// latest is the last of the instants.
func latest(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}

func iso(t time.Time) string { return t.Format(time.DateOnly) }
