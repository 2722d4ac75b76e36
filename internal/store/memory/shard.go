package memory

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"
)

// shard holds subjects. What has few events, as nearly all do, is packed: its record stands in a block of bytes, and a table of numbers
// says where, so that a million of them cost the collector of garbage nothing. The others are in a map.
type shard struct {
	mu     sync.RWMutex
	table  []slot
	packed int // subjects that are
	blocks [][]byte
	next   uint32 // where the next record comes, in grains
	dead   int    // bytes of records that are not used any more
	large  map[string]record
}

// record is what is kept of a subject. Bytes once written never change: a reader needs the lock only to find them.
type record struct {
	events []byte
	count  int
}

// slot is a place of the table: the upper half of a key's hash, and behind it where its record is, from 1; 0 when it is free. A key is
// looked for from the place on that its hash stands for, up to the first that is free.
type slot uint64

// A packed record is the length of its key, the number of its events and the length of those, then key and events. These are its limits.
const (
	headSize   = 4
	mostKey    = 255
	mostCount  = 255
	mostEvents = 1 << 10
)

// Blocks double from the first to the largest size. A grain is what positions are counted in.
const (
	grain      = 4
	firstBlock = 128
	doublings  = 9
	lastBlock  = firstBlock << doublings
)

// find is the record of a key.
func (s *shard) find(hash uint64, key []byte) (r record, known bool) {
	if r, known = s.large[string(key)]; known || len(s.table) == 0 {
		return r, known
	}
	if i, found := s.look(hash, key); found {
		_, r = s.at(uint32(s.table[i]))
		return r, true
	}
	return record{}, false
}

// look is the place of a key in the table, or the free one where it belongs.
func (s *shard) look(hash uint64, key []byte) (place int, found bool) {
	for i := s.home(hash); ; i++ {
		if i == len(s.table) {
			i = 0
		}
		switch at := s.table[i]; {
		case at == 0:
			return i, false
		case uint32(at>>32) == uint32(hash>>32):
			if known, _ := s.at(uint32(at)); string(known) == string(key) {
				return i, true
			}
		}
	}
}

func (s *shard) home(hash uint64) int {
	return int(hash >> 32 * uint64(len(s.table)) >> 32) //nolint:gosec // less than the length
}

// at is the key and the record at a position, from 1.
func (s *shard) at(position uint32) ([]byte, record) {
	i, offset := block(position - 1)
	b := s.blocks[i][offset:]
	key, events := headSize+int(b[0]), int(binary.LittleEndian.Uint16(b[2:]))
	return b[headSize:key:key], record{b[key : key+events : key+events], int(b[1])}
}

// block is the block of a position, and the byte in it.
func block(position uint32) (i, offset int) {
	at := int(position) * grain
	const behind = firstBlock * (1<<doublings - 1) // all that are smaller than the last
	if at >= behind {
		return doublings + (at-behind)/lastBlock, (at - behind) % lastBlock
	}
	i = bits.Len(uint(at/firstBlock+1)) - 1
	return i, at - firstBlock*(1<<i-1)
}

// keep keeps a copy of the record of a key, of which there may be one already.
func (s *shard) keep(hash uint64, key []byte, r record) {
	_, isLarge := s.large[string(key)]
	if isLarge || len(key) > mostKey || r.count > mostCount || len(r.events) > mostEvents {
		s.keepLarge(hash, key, record{slices.Clone(r.events), r.count})
		return
	}
	s.grow()
	i, found := s.look(hash, key)
	if found {
		s.dead += s.sizeAt(i)
	} else {
		s.packed++
	}
	s.table[i] = slot(hash>>32<<32 | uint64(s.write(key, r)))
	s.tidy()
}

// keepLarge keeps a record that is not packed, or is not any more, as it is.
func (s *shard) keepLarge(hash uint64, key []byte, r record) {
	if s.large == nil {
		s.large = map[string]record{}
	}
	s.large[string(key)] = r
	if len(s.table) == 0 {
		return
	}
	if i, found := s.look(hash, key); found {
		s.dead += s.sizeAt(i)
		s.packed--
		s.free(i)
		s.tidy()
	}
}

// free frees a place of the table, and moves up those that stand behind it for want of a better one.
func (s *shard) free(i int) {
	n := len(s.table)
	for j := i; ; {
		s.table[i] = 0
		for {
			if j = (j + 1) % n; s.table[j] == 0 {
				return
			}
			if home := s.home(uint64(s.table[j])); (j-home+n)%n >= (j-i+n)%n {
				break
			}
		}
		s.table[i], i = s.table[j], j
	}
}

func (s *shard) sizeAt(i int) int {
	key, r := s.at(uint32(s.table[i]))
	return headSize + len(key) + len(r.events)
}

// write writes a record where the next one comes, and says where that is.
func (s *shard) write(key []byte, r record) (position uint32) {
	size := headSize + len(key) + len(r.events)
	i, offset := block(s.next)
	for ; offset+size > firstBlock<<min(i, doublings); offset = 0 { // a record is in one block
		s.next += uint32((firstBlock<<min(i, doublings) - offset) / grain) //nolint:gosec // a block is small
		i++
	}
	for len(s.blocks) <= i {
		s.blocks = append(s.blocks, nil)
	}
	if s.blocks[i] == nil {
		s.blocks[i] = make([]byte, firstBlock<<min(i, doublings))
	}
	b := s.blocks[i][offset : offset+size]
	b[0], b[1] = byte(len(key)), byte(r.count)                  //nolint:gosec // within the limits of a record
	binary.LittleEndian.PutUint16(b[2:], uint16(len(r.events))) //nolint:gosec // as above
	copy(b[headSize+copy(b[headSize:], key):], r.events)        // key, events
	position = s.next + 1                                       // from 1
	s.next += uint32((size + grain - 1) / grain)                //nolint:gosec // a record is small
	return position
}

// grow makes room in the table for one more.
func (s *shard) grow() {
	const full, of = 7, 8
	if (s.packed+1)*of <= len(s.table)*full {
		return
	}
	old := s.table
	s.table = make([]slot, max(4, len(old)+len(old)/4+1))
	for _, at := range old {
		if at != 0 {
			s.put(at)
		}
	}
}

// put puts a slot into a table that does not have its key.
func (s *shard) put(at slot) {
	i := s.home(uint64(at))
	for s.table[i] != 0 {
		if i++; i == len(s.table) {
			i = 0
		}
	}
	s.table[i] = at
}

// tidy packs the records anew when half of their bytes are not used any more.
func (s *shard) tidy() {
	if s.dead < lastBlock || s.dead < int(s.next)*grain/2 {
		return
	}
	old := shard{blocks: s.blocks}
	s.blocks, s.next, s.dead = nil, 0, 0
	for i, at := range s.table {
		if at != 0 {
			key, r := old.at(uint32(at))
			s.table[i] = at>>32<<32 | slot(s.write(key, r))
		}
	}
}

// all are the bytes of all subjects: those that are packed as records, and the others as keys with their events.
func (s *shard) all(each func(key []byte, events []byte)) {
	for _, at := range s.table {
		if at != 0 {
			key, r := s.at(uint32(at))
			each(key, r.events)
		}
	}
	for key, r := range s.large {
		each([]byte(key), r.events)
	}
}
