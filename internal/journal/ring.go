package journal

import "slices"

// ring holds encoded exchanges in one circular buffer, the oldest first, and an index of them in another. Neither has pointers
// into it, so that a full journal costs the garbage collector nothing. Positions count all bytes ever written; the one at
// position p is at (p-base) modulo the buffer's length. That an entry's bytes may begin at the buffer's end and go on at its
// start is known to put and copy alone.
type ring struct {
	buf   []byte
	base  uint64 // the position of buf[0] when the buffer was made
	next  uint64 // the position behind the latest entry
	index []entry
	first int // the oldest entry's place in index
	count int
}

type entry struct {
	start     uint64
	length    int
	number    uint64
	place     uint64 // in the order of the ends, from 1
	operation int
}

// smallest is what the buffer begins with, enough for a few small exchanges; it doubles.
const smallest = 4 << 10

func (r *ring) at(i int) *entry { return &r.index[(r.first+i)%len(r.index)] }

// used is how many bytes the entries take.
func (r *ring) used() int {
	if r.count == 0 {
		return 0
	}
	return int(r.next - r.at(0).start)
}

// put adds an entry. The caller has made sure that it fits into the limits.
func (r *ring) put(b []byte, e entry, limits Limits) {
	if need := r.used() + len(b); need > len(r.buf) {
		r.grow(max(need, min(max(2*len(r.buf), smallest), limits.Bytes)))
	}
	if r.count == len(r.index) {
		index := make([]entry, min(max(2*len(r.index), 16), limits.Entries))
		for i := range r.count {
			index[i] = *r.at(i)
		}
		r.index, r.first = index, 0
	}
	e.start, e.length = r.next, len(b)
	n := copy(r.buf[r.offset(r.next):], b)
	copy(r.buf, b[n:])
	r.next += uint64(len(b))
	r.count++
	*r.at(r.count - 1) = e
}

func (r *ring) offset(position uint64) int { return int((position - r.base) % uint64(len(r.buf))) }

func (r *ring) grow(size int) {
	buf, from := make([]byte, size), r.next-uint64(r.used())
	if len(r.buf) > 0 {
		r.copy(buf[:r.used()], from)
	}
	r.buf, r.base = buf, from
}

// copy fills to with the bytes from a position on.
func (r *ring) copy(to []byte, position uint64) {
	n := copy(to, r.buf[r.offset(position):])
	copy(to[n:], r.buf)
}

// drop forgets the oldest entry.
func (r *ring) drop() entry {
	e := *r.at(0)
	r.first = (r.first + 1) % len(r.index)
	r.count--
	return e
}

// clear forgets all entries and gives their memory back.
func (r *ring) clear() { *r = ring{next: r.next} }

// excerpt is a copy of entries that is decoded when the journal's lock is released.
type excerpt struct {
	bytes   []byte
	lengths []int
}

// excerpt copies the entries from the i-th on.
func (r *ring) excerpt(i int) excerpt {
	if i >= r.count {
		return excerpt{}
	}
	from := r.at(i).start
	x := excerpt{bytes: make([]byte, r.next-from), lengths: make([]int, 0, r.count-i)}
	r.copy(x.bytes, from)
	for ; i < r.count; i++ {
		x.lengths = append(x.lengths, r.at(i).length)
	}
	return x
}

// entry copies the i-th entry's bytes.
func (r *ring) entry(i int) []byte {
	e := r.at(i)
	b := make([]byte, e.length)
	r.copy(b, e.start)
	return b
}

// exchanges decodes an excerpt behind a list.
func (x excerpt) exchanges(list []Exchange) []Exchange {
	list = slices.Grow(list, len(x.lengths))
	at := 0
	for _, n := range x.lengths {
		list = append(list, mustDecode(x.bytes[at:at+n:at+n]))
		at += n
	}
	return list
}

func mustDecode(b []byte) Exchange {
	e, err := decode(b)
	if err != nil {
		panic("journal: " + err.Error()) // what appendExchange encoded does not decode: a defect of this package
	}
	return e
}
