package journal

import (
	"slices"
	"strings"
)

// Marks are what a journal knows beside its exchanges: what a store keeps of it so that another process has the same journal.
type Marks struct {
	Ended   uint64            `json:"ended"` // how many exchanges ever did: the place of the last one
	Known   uint64            `json:"known"` // the highest number seen
	First   uint64            `json:"first"` // the place of the oldest that is kept
	Broken  bool              `json:"broken,omitempty"`
	Cleared bool              `json:"cleared,omitempty"`
	Dropped map[string]uint64 `json:"dropped,omitempty"` // by operation
}

// Ending is what becomes of the journal when an exchange ends: what a store is to keep before it does. A journal that is kept by a store
// ends its exchanges one at a time, by Ending and Take.
type Ending struct {
	Place uint64   // in the order of the ends, from 1
	Entry []byte   // the exchange, encoded; nil when it is dropped at once
	Drop  []uint64 // the places of those that make room for it
	Marks Marks    // after it

	number    uint64
	operation string
}

// Ending is what End would do.
func (j *Journal) Ending(e *Exchange) Ending {
	j.mu.Lock()
	defer j.mu.Unlock()
	done := *e
	done.Running = false
	b, cut := j.fitted(&done)
	defer j.spent()
	next := Ending{Place: j.ended + 1, number: e.Number, operation: e.Operation, Marks: j.marks()}
	m := &next.Marks
	m.Ended, m.Known = next.Place, max(m.Known, e.Number)
	m.Broken = m.Broken || b != nil && done.Out == nil && (isShort(done.Request.Body, done.Request.Size, cut) || isShort(done.Answer.Body, done.Answer.Size, cut))
	drop := func(operation string) {
		if m.Dropped == nil {
			m.Dropped = map[string]uint64{}
		}
		m.Dropped[operation]++
		m.Broken = true
	}
	if b == nil {
		drop(e.Operation)
	} else {
		next.Entry = slices.Clone(b)
		used := j.kept.used()
		for i := 0; i < j.kept.count && (j.kept.count-i >= j.limits.Entries || used+len(b) > j.limits.Bytes); i++ {
			old := j.kept.at(i)
			used -= old.length
			next.Drop = append(next.Drop, old.place)
			drop(j.names[old.operation])
		}
	}
	m.First = j.firstAfter(&next)
	return next
}

// firstAfter is the place of the oldest exchange that is kept after an ending.
func (j *Journal) firstAfter(next *Ending) uint64 {
	switch {
	case len(next.Drop) < j.kept.count:
		return j.kept.at(len(next.Drop)).place
	case next.Entry != nil:
		return next.Place
	}
	return next.Place + 1
}

// Take makes an ending true that was made ready by Ending. Nothing else has ended since.
func (j *Journal) Take(next *Ending) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.forget(next.number)
	j.put(next.Place, next.Entry, next.number, next.operation)
	j.mark(next.Marks)
	j.change()
}

// put keeps an encoded exchange at a place.
func (j *Journal) put(place uint64, b []byte, number uint64, operation string) {
	j.ended, j.known = max(j.ended, place), max(j.known, number)
	if b == nil {
		return
	}
	for j.kept.count > 0 && (j.kept.count >= j.limits.Entries || j.kept.used()+len(b) > j.limits.Bytes) {
		j.kept.drop()
	}
	j.kept.put(b, entry{number: number, place: place, operation: j.operation(operation)}, j.limits)
}

// Undecide undoes a Decide: what was decided does not stand.
func (j *Journal) Undecide(number uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.forget(number)
	j.change()
}

// forget ends that an exchange runs.
func (j *Journal) forget(number uint64) {
	if i, ok := j.find(number); ok {
		j.save(j.running[i].bytes)
		j.running = slices.Delete(j.running, i, i+1)
	}
}

// Marks are the journal's marks now.
func (j *Journal) Marks() Marks {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.marks()
}

func (j *Journal) marks() Marks {
	m := Marks{Ended: j.ended, Known: j.known, First: j.ended + 1, Broken: j.broken, Cleared: j.cleared}
	if j.kept.count > 0 {
		m.First = j.kept.at(0).place
	}
	for i, n := range j.dropped {
		if n > 0 {
			if m.Dropped == nil {
				m.Dropped = map[string]uint64{}
			}
			m.Dropped[j.names[i]] = n
		}
	}
	return m
}

func (j *Journal) mark(m Marks) {
	j.ended, j.known, j.broken, j.cleared = m.Ended, m.Known, m.Broken, m.Cleared
	clear(j.dropped)
	for name, n := range m.Dropped {
		j.dropped[j.operation(name)] = n
	}
}

// Ended is how many exchanges have ended.
func (j *Journal) Ended() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.ended
}

// Missing are the places of what a journal with other marks has and this one has not, at most so many; whole says whether they are all
// that has to be put into this one.
func (j *Journal) Missing(m Marks) (places []uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for place := max(m.First, j.ended+1); place <= m.Ended; place++ {
		places = append(places, place)
	}
	return places
}

// Follow has the journal become one with other marks: what it lacks is given by place, encoded, nil for what is not there, and so are the
// exchanges that run. An error says that something is not what a journal wrote; nothing has changed then.
func (j *Journal) Follow(m Marks, places []uint64, entries, runs [][]byte) error {
	list, err := decodeAll(entries)
	if err != nil {
		return err
	}
	still, err := decodeAll(runs)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for i, e := range list {
		if entries[i] != nil {
			j.put(places[i], entries[i], e.Number, e.Operation)
		}
	}
	for j.kept.count > 0 && j.kept.at(0).place < m.First {
		j.kept.drop()
	}
	j.mark(m)
	j.running = j.running[:0]
	for i, e := range still {
		at, _ := j.find(e.Number)
		j.running = slices.Insert(j.running, at, running{e.Number, slices.Clone(runs[i])})
	}
	j.change()
	return nil
}

func decodeAll(encoded [][]byte) (list []Exchange, err error) {
	list = make([]Exchange, len(encoded))
	for i, b := range encoded {
		if b == nil {
			continue
		}
		if list[i], err = decode(b); err != nil {
			return nil, err
		}
		list[i].Operation = strings.Clone(list[i].Operation)
	}
	return list, nil
}

// Runs are the exchanges that run, encoded, in the order of their numbers.
func (j *Journal) Runs() (list [][]byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, r := range j.running {
		list = append(list, slices.Clone(r.bytes))
	}
	return list
}

// Running says whether any exchange runs.
func (j *Journal) Running() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.running) > 0
}

// IsRunning says whether an exchange runs.
func (j *Journal) IsRunning(number uint64) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	_, ok := j.find(number)
	return ok
}

// Decode reads an encoded exchange.
func Decode(b []byte) (Exchange, error) { return decode(b) }
