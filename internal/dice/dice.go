// Package dice is the simulator's only source of chance: every draw is named by a question and depends on the seed and
// that question alone, so what is drawn for one subject never disturbs another, whatever the order.
package dice

import (
	"encoding/binary"
	"math/bits"
)

// Dice answers questions under one seed. It is a value and holds no state.
type Dice struct{ seed uint64 }

// New returns the dice of a seed.
func New(seed uint64) Dice { return Dice{seed} }

// Die is the one draw that belongs to a question. Its methods are views of the same draw.
type Die uint64

// Of draws for a question, given as its parts, such as ("osago", request id, offer, "price").
func (d Dice) Of(question ...string) Die {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for _, part := range question {
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * prime
		}
		h = (h ^ uint64(len(part)) ^ 0xff00) * prime
	}
	return Die(mix(h ^ mix(d.seed+0x9e3779b97f4a7c15)))
}

// mix spreads every bit of x over the whole word (the finisher of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// IntN is a whole number in [0, n); n must be positive.
func (d Die) IntN(n int) int {
	hi, _ := bits.Mul64(uint64(d), uint64(n))
	return int(hi)
}

// Between is a whole number in [low, high].
func (d Die) Between(low, high int) int { return low + d.IntN(high-low+1) }

// Float is a number in [0, 1).
func (d Die) Float() float64 { return float64(d>>11) / (1 << 53) }

// UUID is a version 4 UUID.
func (d Die) UUID() (id [16]byte) {
	binary.BigEndian.PutUint64(id[:8], mix(uint64(d)+1))
	binary.BigEndian.PutUint64(id[8:], mix(uint64(d)+2))
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Pick is one of the choices, which must not be empty.
func Pick[T any](d Die, choices []T) T { return choices[d.IntN(len(choices))] }
