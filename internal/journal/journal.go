package journal

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// Journal keeps the exchanges of one session. Its methods may be called at once from many goroutines. A request arrives (Arrive),
// is decided (Decide) and ends (End); one that never was decided is abandoned (Abandon). Use New.
type Journal struct {
	limits Limits

	mu       sync.Mutex
	arriving int
	running  []running // in the order of their numbers
	spare    [][]byte  // buffers of running exchanges that ended
	scratch  []byte
	kept     ring
	ended    uint64 // how many ever did
	known    uint64 // the highest number seen
	broken   bool   // something was dropped, cut or cleared
	cleared  bool
	ops      map[string]int // operations by name, which are few, and their places in names and dropped
	names    []string
	dropped  []uint64
	changed  chan struct{} // nil when nobody waits
	next     *Journal      // that the session went over to; nil while it has this one
}

// running is an exchange that is decided and has not ended, encoded.
type running struct {
	number uint64
	bytes  []byte
}

// New returns an empty journal. With limits of which one is not positive it keeps no finished exchange, and counts them all as
// dropped.
func New(limits Limits) *Journal {
	return &Journal{limits: limits, ops: make(map[string]int)}
}

// Succeed says that the session has gone over to another journal.
func (j *Journal) Succeed(next *Journal) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.next = next
	j.change()
}

// Successor is the journal that the session went over to from this one; nil while it has this one.
func (j *Journal) Successor() *Journal {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.next
}

// Limits are what bounds the journal.
func (j *Journal) Limits() Limits { return j.limits }

// Arrive notes that a request has come, or an act has begun, and is not decided yet.
func (j *Journal) Arrive() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.arriving++
	j.change()
}

// Abandon undoes an Arrive that no Decide followed.
func (j *Journal) Abandon() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.arriving--
	j.change()
}

// Decide notes that what arrived is decided: it has a number now, and runs. The journal keeps a copy of what is known of it.
func (j *Journal) Decide(e *Exchange) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.arriving--
	j.known = max(j.known, e.Number)
	var b []byte
	if n := len(j.spare); n > 0 {
		b, j.spare = j.spare[n-1], j.spare[:n-1]
	}
	now := *e
	now.Running, now.Answer, now.Took = true, Answer{}, 0
	b = appendExchange(roomFor(b[:0], &now, j.cut()), &now, j.cut())
	i, _ := j.find(e.Number)
	j.running = slices.Insert(j.running, i, running{e.Number, b})
	j.change()
}

// End keeps an exchange that is finished. It runs no longer.
func (j *Journal) End(e *Exchange) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if i, ok := j.find(e.Number); ok {
		j.save(j.running[i].bytes)
		j.running = slices.Delete(j.running, i, i+1)
	}
	j.known = max(j.known, e.Number)
	j.ended++
	j.keep(e)
	j.change()
}

// keep encodes an exchange and makes room for it. One that does not fit at all is kept without its bodies, and if it still does
// not fit, dropped.
func (j *Journal) keep(e *Exchange) {
	done := *e
	done.Running = false
	operation := j.operation(e.Operation)
	b, cut := j.fitted(&done)
	defer j.spent()
	j.broken = j.broken || done.Out == nil && (isShort(done.Request.Body, done.Request.Size, cut) || isShort(done.Answer.Body, done.Answer.Size, cut))
	if b == nil {
		j.drop(operation)
		return
	}
	for j.kept.count >= j.limits.Entries || j.kept.used()+len(b) > j.limits.Bytes {
		j.drop(j.kept.drop().operation)
	}
	j.kept.put(b, entry{number: done.Number, place: j.ended, operation: operation}, j.limits)
}

// fitted is an exchange encoded as it is kept: whole, or without its bodies where it would not fit with them; nil where it fits in no
// way. It is good until spent.
func (j *Journal) fitted(e *Exchange) (b []byte, cut int) {
	cut = j.cut()
	if j.limits.Entries <= 0 || j.limits.Bytes <= 0 {
		return nil, cut
	}
	b = appendExchange(roomFor(j.scratch[:0], e, cut), e, cut)
	if len(b) > j.limits.Bytes {
		cut = 0
		b = appendExchange(b[:0], e, cut)
	}
	j.scratch = b
	if len(b) > j.limits.Bytes {
		return nil, cut
	}
	return b, cut
}

// spent ends the use of what fitted gave.
func (j *Journal) spent() {
	if cap(j.scratch) > largest {
		release(j.scratch)
		j.scratch = nil
	}
}

// cut is how much of a body is kept.
func (j *Journal) cut() int { return max(j.limits.Bytes, 0) / 4 }

func isShort(body []byte, size int64, cut int) bool {
	return isCut(body, cut) || size > int64(len(body))
}

// Buffers that are kept to be used again.
const (
	largest   = 64 << 10 // bytes
	mostSpare = 64
)

func (j *Journal) save(b []byte) {
	if cap(b) > largest {
		release(b)
	} else if len(j.spare) < mostSpare {
		j.spare = append(j.spare, b)
	}
}

// large are buffers for exchanges with long bodies, of all journals together: a journal keeps none of that size.
var large sync.Pool //nolint:gochecknoglobals // a pool

// roomFor is a buffer for an exchange with a long body, the given one for any other.
func roomFor(b []byte, e *Exchange, cut int) []byte {
	n := min(len(e.Request.Body), cut) + min(len(e.Answer.Body), cut)
	if n <= largest/2 || n <= cap(b)/2 {
		return b
	}
	n += 1 << 10
	for _, subject := range e.Subjects {
		n += len(subject) + 1
	}
	if buf, ok := large.Get().(*[]byte); ok && cap(*buf) >= n {
		return (*buf)[:0]
	}
	return make([]byte, 0, n)
}

// release keeps a large buffer for the next exchange, for as long as the collector lets it be.
func release(b []byte) { large.Put(&b) }

func (j *Journal) find(number uint64) (place int, ok bool) {
	return slices.BinarySearchFunc(j.running, number, func(r running, n uint64) int { return cmp.Compare(r.number, n) })
}

func (j *Journal) operation(name string) int {
	i, ok := j.ops[name]
	if !ok {
		i, name = len(j.names), strings.Clone(name)
		j.ops[name] = i
		j.names, j.dropped = append(j.names, name), append(j.dropped, 0)
	}
	return i
}

func (j *Journal) drop(operation int) {
	j.dropped[operation]++
	j.broken = true
}

func (j *Journal) change() {
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}

// waiting is closed at the next change.
func (j *Journal) waiting() <-chan struct{} {
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	return j.changed
}

// Clear forgets all finished exchanges and what was dropped. The running ones stay.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.kept.clear()
	clear(j.dropped)
	j.cleared, j.broken = true, true
	j.change()
}

// Cleared says whether the journal was ever cleared.
func (j *Journal) Cleared() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.cleared
}

// Whole says whether the journal has everything since New: nothing was dropped or cleared, and no body cut, but for those of requests
// that the session sent, of which nothing follows.
func (j *Journal) Whole() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return !j.broken
}

// Known is the highest number that the journal has seen. What has a number up to it and is not found was dropped or cleared.
func (j *Journal) Known() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.known
}
