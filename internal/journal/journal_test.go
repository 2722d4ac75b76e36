package journal

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

var operations = []string{"", "getOffer", "startCalculation"}

// model is a journal as one would write it who has all the memory in the world.
type model struct {
	limits            Limits
	arriving          int
	running, ended    []Exchange // ended: since the last Clear
	cleared           int        // how many ended before it
	known             uint64
	everLost, cleanup bool
}

// short is an exchange as a journal of these limits keeps it, and whether that is less than it was.
func (m *model) short(e Exchange) (Exchange, bool) {
	cut := max(m.limits.Bytes, 0) / 4
	if len(appendExchange(nil, &e, cut)) > m.limits.Bytes {
		cut = 0
	}
	short, err := decode(appendExchange(nil, &e, cut))
	if err != nil {
		panic(err)
	}
	return short, !reflect.DeepEqual(short, e)
}

// kept says how many of those that ended last a journal of these limits can hold.
func (m *model) kept() (list []Exchange) {
	used := 0
	if m.limits.Entries <= 0 {
		return nil
	}
	for _, e := range slices.Backward(m.ended) {
		short, _ := m.short(e)
		size := len(appendExchange(nil, &short, uncut))
		if size > m.limits.Bytes {
			continue // it never came in
		}
		if used += size; used > m.limits.Bytes || len(list) == m.limits.Entries {
			break
		}
		list = append(list, short)
	}
	slices.Reverse(list)
	return list
}

func TestJournalIsLikeItsModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &model{limits: Limits{rapid.IntRange(-1, 12).Draw(t, "entries"), rapid.IntRange(-1, 6000).Draw(t, "bytes")}}
		j := New(m.limits)
		all := exchanges()
		t.Repeat(map[string]func(*rapid.T){
			"arrive": func(*rapid.T) { j.Arrive(); m.arriving++ },
			"abandon": func(t *rapid.T) {
				if m.arriving == 0 {
					t.Skip("nothing to abandon")
				}
				j.Abandon()
				m.arriving--
			},
			"decide": func(t *rapid.T) {
				e := all.Draw(t, "exchange")
				m.known++
				e.Number = m.known
				j.Arrive()
				j.Decide(&e)
				m.running = append(m.running, e)
			},
			"end": func(t *rapid.T) {
				if len(m.running) == 0 {
					t.Skip("nothing runs")
				}
				i := rapid.IntRange(0, len(m.running)-1).Draw(t, "which")
				e := m.running[i]
				j.End(&e)
				m.running = slices.Delete(m.running, i, i+1)
				m.ended = append(m.ended, e)
				if _, cut := m.short(e); cut {
					m.everLost = true
				}
			},
			"clear": func(*rapid.T) {
				j.Clear()
				m.cleared += len(m.ended)
				m.ended, m.everLost, m.cleanup = nil, true, true
			},
			"": func(t *rapid.T) { check(t, j, m) },
		})
	})
}

func check(t *rapid.T, j *Journal, m *model) {
	kept := m.kept()
	m.everLost = m.everLost || len(kept) < len(m.ended)
	v, s := j.View(), j.Stats()
	if s.Entries != len(kept) || v.Dropped != s.Dropped || s.Dropped+uint64(s.Entries) != uint64(len(m.ended)) {
		t.Fatalf("kept %d and dropped %d of %d; the model keeps %d", s.Entries, s.Dropped, len(m.ended), len(kept))
	}
	var dropped uint64
	for op, n := range v.DroppedOf {
		dropped += n
		want := count(m.ended, op) - count(kept, op)
		if uint64(want) != n {
			t.Fatalf("dropped %d of %q, the model %d", n, op, want)
		}
	}
	if dropped != v.Dropped || v.Arriving != m.arriving || s.Arriving != m.arriving || s.Running != len(m.running) {
		t.Fatalf("by operation %d; %+v %+v", dropped, v, s)
	}
	if s.Entries > max(m.limits.Entries, 0) || s.Bytes > s.Capacity || s.Capacity > max(m.limits.Bytes, 0) {
		t.Fatalf("%+v goes over %+v", s, m.limits)
	}
	want := slices.Clone(kept)
	for _, e := range m.running {
		e.Running, e.Answer, e.Took = true, Answer{}, 0
		r, err := decode(appendExchange(nil, &e, max(m.limits.Bytes, 0)/4))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, r)
	}
	slices.SortFunc(want, func(a, b Exchange) int { return cmp.Compare(a.Number, b.Number) })
	if !slices.EqualFunc(v.Exchanges, want, func(a, b Exchange) bool { return reflect.DeepEqual(a, b) }) {
		t.Fatalf("have %+v\nwant %+v", v.Exchanges, want)
	}
	for n := range m.known + 2 {
		e, ok := j.Find(n)
		i := slices.IndexFunc(want, func(e Exchange) bool { return e.Number == n })
		if ok != (i >= 0) || ok && !reflect.DeepEqual(e, want[i]) {
			t.Fatalf("Find(%d): %v", n, ok)
		}
	}
	if j.Known() != m.known || j.Whole() == m.everLost || j.Cleared() != m.cleanup || j.Limits() != m.limits {
		t.Fatalf("known %d of %d, whole %v, cleared %v", j.Known(), m.known, j.Whole(), j.Cleared())
	}
	checkOrder(t, j, m, kept)
}

func checkOrder(t *rapid.T, j *Journal, m *model, kept []Exchange) {
	all := m.cleared + len(m.ended)
	for place := range uint64(all + 3) {
		list, next, missed, _ := j.Since(place)
		want := kept
		if left := all + 1 - int(place); place > 0 && left >= 0 {
			if missed != uint64(left-len(list)) {
				t.Fatalf("Since(%d) misses %d of %d with %d listed", place, missed, left, len(list))
			}
			if len(list) > left || len(list) > len(kept) {
				t.Fatalf("Since(%d) lists %d", place, len(list))
			}
			want = kept[len(kept)-len(list):]
		} else if missed != 0 {
			t.Fatalf("Since(%d) misses %d", place, missed)
		}
		if next != uint64(all+1) || !slices.EqualFunc(list, want, func(a, b Exchange) bool { return reflect.DeepEqual(a, b) }) {
			t.Fatalf("Since(%d): next %d, %v, want %v", place, next, list, want)
		}
	}
	for _, op := range append(operations, "never") {
		latest := slices.Collect(j.Latest(op))
		slices.Reverse(latest)
		if want := slices.DeleteFunc(slices.Clone(kept), func(e Exchange) bool { return e.Operation != op }); len(want)+len(latest) > 0 && !reflect.DeepEqual(latest, want) {
			t.Fatalf("Latest(%q): %v, want %v", op, latest, want)
		}
	}
}

func count(list []Exchange, operation string) (n int) {
	for _, e := range list {
		if e.Operation == operation {
			n++
		}
	}
	return n
}

func TestChangeIsTold(t *testing.T) {
	t.Parallel()
	j, e := New(Limits{10, 10000}), &Exchange{Number: 1}
	for name, change := range map[string]func(){"Clear": j.Clear, "Abandon": func() { j.Abandon() }} {
		ch := j.View().Changed
		if change(); !isClosed(ch) {
			t.Errorf("%s is not told", name)
		}
	}
	for i, change := range []func(){j.Arrive, func() { j.Decide(e) }, func() { j.End(e) }} {
		_, _, _, ch := j.Since(0)
		if isClosed(ch) {
			t.Fatal("a change is told that was not")
		}
		if change(); !isClosed(ch) {
			t.Errorf("change %d is not told", i)
		}
	}
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

func TestBodiesAreCutBetweenLetters(t *testing.T) {
	t.Parallel()
	j := New(Limits{10, 400})
	e := Exchange{Number: 1, Request: Request{Body: []byte("a" + strings.Repeat("ж", 100)), Size: 201}}
	j.End(&e)
	got, _ := j.Find(1)
	if body := string(got.Request.Body); body != "a"+strings.Repeat("ж", 49) || got.Request.Size != 201 || j.Whole() {
		t.Errorf("%q %d", body, got.Request.Size)
	}
	e.Number, e.Request.Target = 2, strings.Repeat("x", 320)
	j.End(&e)
	if got, ok := j.Find(2); !ok || got.Request.Body != nil || got.Request.Size != 201 {
		t.Errorf("what does not fit with a body is not kept without one: %+v", got)
	}
	e.Number, e.Request.Target = 3, strings.Repeat("x", 400)
	j.End(&e)
	if s := j.Stats(); s.Entries != 1 || s.Dropped != 2 {
		t.Errorf("what does not fit at all is not counted, or pushed others out: %+v", s)
	}
}

func TestJournalKeepsItsOwnCopy(t *testing.T) {
	t.Parallel()
	j := New(Limits{10, 10000})
	body := []byte("one")
	e := Exchange{Number: 1, Request: Request{Body: body}}
	j.Decide(&e)
	copy(body, "two")
	if got, _ := j.Find(1); string(got.Request.Body) != "one" || !got.Running {
		t.Errorf("%+v", got)
	}
	j.End(&e)
	got, _ := j.Find(1)
	copy(got.Request.Body, "xxx")
	if again, _ := j.Find(1); string(again.Request.Body) != "two" {
		t.Errorf("%+v", again)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	j := New(Limits{50, 20_000})
	const workers, each = 8, 200
	var turn sync.Mutex
	var number uint64
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				e := poll(0)
				e.Operation = operations[w%3]
				j.Arrive()
				if i%10 == 9 {
					j.Abandon()
					continue
				}
				turn.Lock()
				number++
				e.Number = number
				j.Decide(&e)
				turn.Unlock()
				if _, ok := j.Find(e.Number); !ok {
					t.Error("a running exchange is not found")
				}
				j.End(&e)
			}
		})
	}
	for range 4 {
		wg.Go(func() {
			place := uint64(1)
			seen := uint64(0)
			for seen < workers*each*9/10 {
				list, next, missed, changed := j.Since(place)
				seen, place = seen+uint64(len(list))+missed, next
				v := j.View()
				if !slices.IsSortedFunc(v.Exchanges, func(a, b Exchange) int { return cmp.Compare(a.Number, b.Number) }) {
					t.Error("numbers are not in order")
				}
				for e := range j.Latest(operations[1]) {
					if e.Operation != operations[1] {
						t.Error("another operation")
					}
				}
				if seen < workers*each*9/10 {
					<-changed
				}
			}
			if seen != workers*each*9/10 {
				t.Errorf("a follower counts %d exchanges", seen)
			}
		})
	}
	wg.Wait()
	if s := j.Stats(); s.Arriving != 0 || s.Running != 0 || s.Dropped+uint64(s.Entries) != number {
		t.Errorf("%+v after %d", s, number)
	}
}
