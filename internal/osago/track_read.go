package osago

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"poligon/internal/scenario"
)

// Limits of a track: far more than a story needs, and so little that every answer can follow it.
const (
	maxItems = 1000
	maxTimes = 100
	maxPolls = 1000
)

// trackReader reads one track.
type trackReader struct {
	track    *track
	what     string   // "offer status"
	statuses []string // that a step may have
	messages bool     // whether steps may have a message
	room     *int     // how many items the script may still have
}

// spot is where a reader stands in a list of steps.
type spot struct {
	path, place string // of the list: "4.2.", "osago.offers.alfa.steps[3].either[1].then"
	low         time.Duration
	open        []int // the items whose next is what is read now; none at the beginning of the track
	first       bool
	round       bool // within repeat:
}

// readTrack reads a list of steps.
func (s *script) readTrack(n scenario.Node, place, what string, statuses []string, messages bool) *track {
	t := &track{start: none}
	r := trackReader{t, what, statuses, messages, &s.room}
	r.list(n, &spot{place: place, first: true})
	if n.IsList() && len(t.items) == 0 {
		n.Mistake("begin with a status", "there are no steps")
	}
	if len(t.items) > maxItems {
		n.Mistake("let the story be shorter, or repeat less often", "%d steps, those that repeat counted each time, are more than %d", len(t.items), maxItems)
	}
	t.fix()
	return t
}

// list reads a list of steps behind those that are open.
func (r *trackReader) list(n scenario.Node, s *spot) {
	n.Def(strings.ReplaceAll(r.what, " status", "_steps"), func(n scenario.Node) {
		for i, item := range n.List() {
			r.item(item, s, s.path+strconv.Itoa(i+1), fmt.Sprintf("%s[%d]", s.place, i))
		}
	})
}

// item reads a step, or a place where the track parts or repeats.
func (r *trackReader) item(n scenario.Node, s *spot, path, place string) {
	if !n.IsMap() {
		it := item{path: path, node: n, status: n.OneOf(r.what, r.statuses)}
		if !s.first && n.IsText() {
			n.Mistake("write {after: 1s, status: …}", "the step does not say when it begins")
		}
		r.add(it, s, place)
		return
	}
	m := n.Map()
	for _, key := range []string{"then", "chance"} {
		m.Cure(key, "it belongs to a branch of either:; after a plain step write the next one below")
	}
	m.Cure("either", "indent the branches below it")
	m.Cure("repeat", "indent the steps below it, and say times: beside it")
	either, parts := m.Take("either", "branches of which one is taken: by chance, or the first whose step begins")
	repeat, repeats := m.Take("repeat", "steps that come again and again, in their order")
	m.AtMostOne("either", "repeat")
	switch {
	case parts:
		r.either(either, s, path, place+".either")
	case repeats:
		r.repeat(m, repeat, s, path, place+".repeat")
	case m.Has("either"), m.Has("repeat"): // it has no value
		return
	default:
		silent := r.step(n, m, s, path, place)
		if m.Done() && silent {
			n.Mistake("write {after: 1s, status: …}; or at:, poll: or on:", "the step does not say when it begins")
		}
		return
	}
	m.Done()
}

// step reads a step of several keys. It says whether the step should say when it begins, and does not.
func (r *trackReader) step(n scenario.Node, m *scenario.Map, s *spot, path, place string) (silent bool) {
	w := r.wait(m, s)
	status, _ := m.Need("status", "what the status is from then on")
	it := item{path: path, node: n, wait: w, status: status.OneOf(r.what, r.statuses)}
	if r.messages {
		if v, ok := m.Take("message", "what the partner says in the offer's message, instead of its own words"); ok {
			it.text = v.Text()
		}
	}
	if v, ok := m.Take("misbehaves", "true for a step that the lifecycle does not allow, when the story is about a partner that breaks it"); ok {
		it.misbehaves = v.Flag()
	}
	if v, ok := m.Take("stays", "true when the story may end here, although the status is not final"); ok {
		it.stays = v.Flag()
	}
	silent = !s.first && !slices.ContainsFunc([]string{"after", "at", "poll", "on"}, m.Has)
	r.add(it, s, place)
	return silent
}

// add puts a step behind the open items.
func (r *trackReader) add(it item, s *spot, place string) {
	it.number, it.next = len(r.track.places), none
	r.track.places = append(r.track.places, place+" ("+it.status+")")
	at := len(r.track.items)
	it.ways = []way{{item: at}}
	r.track.items = append(r.track.items, it)
	*r.room--
	r.link(s, at)
	s.open, s.first = []int{at}, false
}

// link has the open items go on with an item.
func (r *trackReader) link(s *spot, at int) {
	if r.track.start == none {
		r.track.start = at
	}
	for _, i := range s.open {
		r.track.items[i].next = at
	}
	s.open = nil
}

// either reads branches. Where one has a chance, one is drawn; otherwise the one is taken whose step begins first.
func (r *trackReader) either(n scenario.Node, s *spot, path, place string) {
	items := n.List()
	if n.IsList() && len(items) < 2 {
		n.Mistake("write two branches or more", "a single branch is no choice")
	}
	at := len(r.track.items)
	r.track.items = append(r.track.items, item{path: path, node: n, next: none})
	r.link(s, at)
	var ways []way
	var ends []int
	var mute []scenario.Node // branches that do not say when they begin
	low, rest, chances := scenario.Longest, none, 0
	for i, branch := range items {
		m := branch.Map()
		w := way{item: len(r.track.items)}
		chance, hasChance := m.Take("chance", "how likely the branch is, such as 70%; the chances of all branches make 100%, one without has the rest")
		if hasChance {
			w.share = chance.Share()
			chances++
		} else if rest == none {
			rest = i
		}
		b := &spot{path: fmt.Sprintf("%s.%d.", path, i+1), place: fmt.Sprintf("%s[%d].then", place, i), low: s.low, first: s.first, round: s.round}
		silent := r.step(branch, m, b, fmt.Sprintf("%s.%d", path, i+1), fmt.Sprintf("%s[%d]", place, i))
		b.first = false
		if then, ok := m.Take("then", "steps that follow in this branch"); ok {
			r.list(then, b)
		}
		if m.Done() && silent {
			mute = append(mute, branch)
		}
		ways, ends, low = append(ways, w), append(ends, b.open...), min(low, b.low)
	}
	switch {
	case chances > 0:
		share(n, items, ways, rest, chances)
	case s.first && len(items) > 0:
		n.Mistake("put a status above it, or give the branches a chance:", "the story begins at once, so nothing can come first")
	default:
		for _, branch := range mute {
			branch.Mistake("write {after: 1s, status: …}; or at:, poll: or on:", "the branch does not say when it begins")
		}
	}
	if len(items) == 0 {
		low = s.low
	}
	r.track.items[at].ways, r.track.items[at].drawn = ways, chances > 0
	s.open, s.low, s.first = ends, low, false
}

// share completes the chances of branches, of which rest is the first without one, or says why they make no choice.
func share(n scenario.Node, items []scenario.Node, ways []way, rest, chances int) {
	left := 10_000
	for _, w := range ways {
		left -= w.share
	}
	unread := slices.ContainsFunc(ways, func(w way) bool { return w.share == 0 })
	switch {
	case unread && rest == none: // said already
	case chances < len(items)-1:
		items[rest].Mistake("write chance: in every branch but one, which has the rest", "branches with a chance and several without cannot be mixed")
	case rest == none && left != 0:
		n.Mistake("let them make 100%, or leave one branch without a chance: it has the rest", "the chances of the branches make %s%%",
			strconv.FormatFloat(float64(10_000-left)/100, 'f', -1, 64))
	case rest != none && left <= 0:
		items[rest].Mistake("make the others smaller", "the chances of the other branches leave nothing for this one")
	case rest != none:
		ways[rest].share = left
	}
}

// repeat reads steps that come several times: they are written out.
func (r *trackReader) repeat(m *scenario.Map, n scenario.Node, s *spot, path, place string) {
	times := 0
	if v, ok := m.Need("times", "how often"); ok {
		times = int(v.Whole(2, maxTimes))
	}
	if s.first {
		n.Mistake("put a status above it", "the story begins at once, and a repetition waits")
		s.first = false
	}
	begin, low := len(r.track.items), s.low
	b := &spot{path: path + ".", place: place, low: s.low, open: s.open, round: true}
	r.list(n, b)
	s.open, s.low = b.open, low+time.Duration(max(times, 1))*(b.low-low)
	if s.low > scenario.Longest {
		n.Mistake("let the story end sooner", "the repetition ends more than %d days after the start", scenario.Longest/(24*time.Hour))
		s.low = low
	}
	size := len(r.track.items) - begin
	if size == 0 {
		if n.IsList() {
			n.Mistake("write the steps that repeat", "nothing repeats")
		}
		return
	}
	if !slices.ContainsFunc(r.track.items[begin:], func(it item) bool {
		return len(it.ways) == 1 && it.wait.kind != atOnce && (it.wait.kind >= afterStart || it.wait.time.High > 0)
	}) {
		r.track.idle = append(r.track.idle, n)
	}
	times = min(times, 2+2*maxItems/size) // more are a mistake, which is said once all are counted
	if *r.room < 0 {
		times = min(times, 1)
	}
	for range times - 1 {
		r.again(begin, size, s)
		*r.room -= size
	}
}

// again writes a range of items out once more, behind those that are open.
func (r *trackReader) again(begin, size int, s *spot) {
	at := len(r.track.items)
	shift := at - (begin)
	inside := func(i int) bool { return i >= begin && i < begin+size }
	ends := map[int]bool{}
	for _, i := range s.open {
		ends[(i-begin)%size] = true
	}
	for _, it := range slices.Clone(r.track.items[begin : begin+size]) {
		it.ways = slices.Clone(it.ways)
		for w := range it.ways {
			it.ways[w].item += shift
		}
		if inside(it.next) {
			it.next += shift
		} else {
			it.next = none
		}
		r.track.items = append(r.track.items, it)
	}
	r.link(s, at)
	for i := range size {
		if ends[i] {
			r.track.items[at+i].next = none
			s.open = append(s.open, at+i)
		}
	}
}

// wait reads what a step waits for. After a mistake it waits for nothing.
func (r *trackReader) wait(m *scenario.Map, s *spot) (w wait) {
	after, isAfter := m.Take("after", "how long the step before lasts: 2s, or 2s..5s for a time that is drawn")
	at, isAt := m.Take("at", "when the step begins, counted from the start of the calculation: 10s, or 10s..20s")
	poll, isPoll := m.Take("poll", "which poll of the client brings the step, counted from where the step before began")
	on, isOn := m.Take("on", "the event that brings the step")
	given := m.AtMostOne("after", "at", "poll", "on")
	said := map[string]scenario.Node{"after": after, "at": at, "poll": poll, "on": on}[given]
	switch {
	case isAfter && given == "after":
		w = r.waitAfter(after, s)
	case isAt && given == "at":
		w = r.waitUntil(at, s)
	case isPoll && given == "poll":
		w.kind, w.polls = polled, int(poll.Whole(1, maxPolls))
	case isOn && given == "on":
		w.kind, w.event = onEvent, readEvent(on)
	}
	if s.first && (w.kind >= polled || w.time.High > 0) {
		said.Mistake("put a step without a wait above it", "the first step begins at once")
		w = wait{}
	}
	return w
}

// readEvent reads the name of an event. A status in its place is a slip that the event which brings it cures.
func readEvent(n scenario.Node) string {
	for _, e := range events {
		if e.name != "" && n.PlainText() == string(e.to) {
			n.Mistake("write the event that brings it: "+e.name, "%s is a status, and no event", e.to)
			return ""
		}
	}
	return n.OneOf("event", eventNames())
}

func (r *trackReader) waitAfter(n scenario.Node, s *spot) (w wait) {
	time, ok := n.Range()
	if ok {
		w = wait{kind: afterStep, time: time}
		s.low = r.begins(n, s, s.low+time.Low)
	}
	return w
}

func (r *trackReader) waitUntil(n scenario.Node, s *spot) (w wait) {
	if s.round {
		n.Mistake("write after:", "at: counts from the start, and the steps of a repetition come several times")
		return w
	}
	time, ok := n.Range()
	switch {
	case !ok:
	case time.Low < s.low:
		n.Mistake("the step above begins at "+scenario.Words(s.low), "the step begins before the one above it")
	default:
		w = wait{kind: afterStart, time: time}
		s.low = r.begins(n, s, time.Low)
	}
	return w
}

// begins is when a step begins at the earliest, or where the step before does when that is too late.
func (r *trackReader) begins(n scenario.Node, s *spot, low time.Duration) time.Duration {
	if low <= scenario.Longest {
		return low
	}
	n.Mistake("let the story end sooner", "the step begins more than %d days after the start", scenario.Longest/(24*time.Hour))
	return s.low
}
