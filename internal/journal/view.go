package journal

import (
	"cmp"
	"iter"
	"slices"
	"sort"
)

// View is a journal at one instant.
type View struct {
	Exchanges []Exchange        // finished and running, in the order of their numbers
	Dropped   uint64            // finished exchanges that went over the limits
	DroppedOf map[string]uint64 // the same by operation; "" for those without one
	Arriving  int               // requests that are not decided yet: they have no number
	Changed   <-chan struct{}   // closed when the journal is no longer like this
}

// View is the journal as it is now.
func (j *Journal) View() View {
	v, x, running := j.view()
	v.Exchanges = x.exchanges(make([]Exchange, 0, len(x.lengths)+len(running)))
	for _, b := range running {
		v.Exchanges = append(v.Exchanges, mustDecode(b))
	}
	slices.SortStableFunc(v.Exchanges, func(a, b Exchange) int { return cmp.Compare(a.Number, b.Number) })
	return v
}

func (j *Journal) view() (v View, x excerpt, running [][]byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	v = View{Arriving: j.arriving, DroppedOf: make(map[string]uint64), Changed: j.waiting()}
	for i, n := range j.dropped {
		if n > 0 {
			v.Dropped += n
			v.DroppedOf[j.names[i]] = n
		}
	}
	for _, r := range j.running {
		running = append(running, slices.Clone(r.bytes))
	}
	return v, j.kept.excerpt(0), running
}

// Since lists the finished exchanges from a place in the order of their ends on. It returns the place to go on from, how many
// were dropped or cleared before they could be listed, and a channel that is closed when the journal changes. Place 0, and one
// that the journal has not reached, stand for the oldest exchange kept.
func (j *Journal) Since(place uint64) (list []Exchange, next, missed uint64, changed <-chan struct{}) {
	x, next, missed, changed := j.since(place)
	return x.exchanges(nil), next, missed, changed
}

func (j *Journal) since(place uint64) (x excerpt, next, missed uint64, changed <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	next = j.ended + 1
	if place > next {
		place = 0
	}
	x = j.kept.excerpt(j.from(place))
	if place > 0 {
		missed = next - place - uint64(len(x.lengths))
	}
	return x, next, missed, j.waiting()
}

// from is the first entry that stands at a place or behind it.
func (j *Journal) from(place uint64) int {
	return sort.Search(j.kept.count, func(i int) bool { return j.kept.at(i).place >= place })
}

// Find is the exchange of a number, if it is kept or runs. See Known for telling why it is not.
func (j *Journal) Find(number uint64) (Exchange, bool) {
	b := j.encoded(number)
	if b == nil {
		return Exchange{}, false
	}
	return mustDecode(b), true
}

func (j *Journal) encoded(number uint64) []byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	if i, ok := j.find(number); ok {
		return slices.Clone(j.running[i].bytes)
	}
	for i := j.kept.count - 1; i >= 0; i-- {
		if j.kept.at(i).number == number {
			return j.kept.entry(i)
		}
	}
	return nil
}

// Latest yields the finished exchanges of an operation that are kept, the one that ended last first. The journal is not locked
// while one is yielded; what is dropped meanwhile is left out.
func (j *Journal) Latest(operation string) iter.Seq[Exchange] {
	return func(yield func(Exchange) bool) {
		for place := ^uint64(0); ; {
			b, at := j.before(place, operation)
			if b == nil || !yield(mustDecode(b)) {
				return
			}
			place = at
		}
	}
}

// before copies the last exchange of an operation before a place.
func (j *Journal) before(place uint64, operation string) (b []byte, at uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	op, ok := j.ops[operation]
	if !ok {
		return nil, 0
	}
	for i := j.from(place) - 1; i >= 0; i-- {
		if e := j.kept.at(i); e.operation == op {
			return j.kept.entry(i), e.place
		}
	}
	return nil, 0
}

// Stats say how full a journal is.
type Stats struct {
	Entries  int    // finished exchanges kept
	Bytes    int    // that they take
	Capacity int    // bytes of the buffer that they are kept in
	Dropped  uint64 // finished exchanges that went over the limits
	Running  int
	Arriving int
}

// Stats are the journal's numbers now.
func (j *Journal) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := Stats{Entries: j.kept.count, Bytes: j.kept.used(), Capacity: len(j.kept.buf), Running: len(j.running), Arriving: j.arriving}
	for _, n := range j.dropped {
		s.Dropped += n
	}
	return s
}
