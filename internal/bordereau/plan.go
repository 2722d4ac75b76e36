package bordereau

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"poligon/internal/dice"
	"poligon/internal/scenario"
)

// plan gives errors to the records it meets.
type plan struct {
	node      scenario.Node
	positions positions // none for any
	every     int       // every so many of the request; 0 for any
	share     int       // in ten thousandths, drawn by the session's dice; 0 for any
	where     []condition
	codes     []string

	at, period scenario.Node // what stands under position: and every:, for the checks
	said       []span        // the positions as they were written
}

// positions are places in a request, from 1: spans in order that do not touch.
type positions []span

// span is the places from low to high.
type span struct {
	low, high int
	node      scenario.Node
}

func (p positions) has(n int) bool {
	i := sort.Search(len(p), func(i int) bool { return p[i].high >= n })
	return i < len(p) && p[i].low <= n
}

// condition is what a field of a risk must hold.
type condition struct {
	field field
	want  scenario.Pattern
	texts map[string]bool // all that it may be, where no star is in it
	size  int             // how many texts there are, with stars or without
	node  scenario.Node
}

// holds says whether the risk's field has a value, and one that is wanted.
func (c *condition) holds(r *risk) bool {
	switch v := r.at(c.field); {
	case v.absent():
		return false
	case c.texts != nil:
		return c.texts[v.plain()]
	default:
		return c.want.Matches(v.plain())
	}
}

// hold says whether a risk fulfils all conditions.
func hold(list []condition, r *risk) bool {
	for i := range list {
		if !list[i].holds(r) {
			return false
		}
	}
	return true
}

// meets says whether the plan is for the record at a position of its request. What is drawn is the record's own.
func (p *plan) meets(r *risk, position int, draw func() dice.Die) bool {
	switch {
	case p.positions != nil && !p.positions.has(position),
		p.every > 0 && position%p.every != 0:
		return false
	}
	return hold(p.where, r) && (p.share == 0 || draw().IntN(everything) < p.share)
}

// everything is the share that is all.
const everything = 10_000

func (b *rulebook) readPlan(n scenario.Node) plan {
	p, m := plan{node: n}, n.Map()
	if when, ok := m.Take("when", "which records get the errors: those that all of these fit; every record without it"); ok {
		p.readWhen(when)
	}
	m.AtMostOne("error", "errors")
	if one, ok := m.Take("error", "the error code that the records get"); ok && one.IsList() {
		one.Mistake("write errors: with a list of codes", "error: takes one code")
	} else if ok {
		p.codes = append(p.codes, b.readCode(one, b.aboutRisks))
	}
	if several, ok := m.Take("errors", "the error codes that the records get, all of them"); ok {
		p.codes = readNames(several, func(n scenario.Node) string { return b.readCode(n, b.aboutRisks) })
	}
	for _, key := range []string{"position", "every", "share", "where"} {
		m.Cure(key, "put it under when:")
	}
	m.NeedOne("add error: with one code, or errors: with a list of them", "the record's plan names no error", "error", "errors")
	m.Done()
	return p
}

func (p *plan) readWhen(n scenario.Node) {
	m := n.Map()
	if v, ok := m.Take("position", "the records at this place of a request, counted from 1, at several as [2, 5], or from one to another as 10..20"); ok {
		p.at = v
		p.said = readSpans(v)
		p.positions = merged(p.said)
	}
	if v, ok := m.Take("every", "every so many of a request: 7 is the 7th, the 14th and so on"); ok {
		p.period = v
		p.every = int(v.Whole(1, math.MaxInt32))
	}
	if v, ok := m.Take("share", "so many of all records, such as 5%, drawn by the seed: the same record is always drawn the same way"); ok {
		p.share = v.Share()
	}
	if v, ok := m.Take("where", "records whose fields hold these values: a text, one in which * stands for any characters, or a list of them"); ok {
		p.where = readWhere(v)
	}
	m.Done()
}

// readSpans reads a place, a range of them, or a list of both.
func readSpans(n scenario.Node) (list []span) {
	items := []scenario.Node{n}
	if n.IsList() {
		if items = n.List(); len(items) == 0 {
			n.Mistake("name at least one place, or remove the key", "the list is empty")
		}
	}
	for _, item := range items {
		if s, ok := readSpan(item); ok {
			list = append(list, s)
		}
	}
	return list
}

func readSpan(n scenario.Node) (s span, ok bool) {
	n.Looks(`^\s*0*[1-9][0-9]*(\s*\.\.\s*0*[1-9][0-9]*)?\s*$`, "2", "10..20")
	text := n.Text()
	if text == "" {
		return span{}, false
	}
	from, to, isRange := strings.Cut(text, "..")
	if !isRange {
		to = from
	}
	low, err1 := strconv.ParseUint(strings.TrimSpace(from), 10, 31)
	high, err2 := strconv.ParseUint(strings.TrimSpace(to), 10, 31)
	switch {
	case err1 != nil || err2 != nil || low == 0:
		n.Mistake("write a number such as 2, or a range such as 10..20; the first place is 1", "%q is no place in a request", text)
	case low > high:
		n.Mistake("write the smaller first, as in 10..20", "the range %s is empty", text)
	default:
		return span{int(low), int(high), n}, true
	}
	return span{}, false
}

// merged puts spans in order and together where they touch.
func merged(list []span) (together positions) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(s, t span) int { return cmp.Compare(s.low, t.low) })
	for _, s := range list {
		if n := len(together); n > 0 && s.low <= together[n-1].high+1 {
			together[n-1].high = max(together[n-1].high, s.high)
			continue
		}
		together = append(together, s)
	}
	return together
}

func readField(n scenario.Node) string { return n.OneOf("field", fieldNames[:]) }

// readWhere reads conditions, in the order of the fields.
func readWhere(n scenario.Node) (list []condition) {
	entries := n.Map().All()
	if n.IsMap() && len(entries) == 0 {
		n.Mistake("name a field, as in {policyNumber: POLICY-1}", "the condition is empty")
	}
	for _, e := range entries {
		f, ok := fieldOf([]byte(readField(e.Key)))
		c := condition{field: f, want: e.Value.Pattern(false), size: sizeOf(e.Value), node: e.Value}
		if texts, exact := c.want.Exact(); exact {
			c.texts = make(map[string]bool, len(texts))
			for _, text := range texts {
				c.texts[text] = true
			}
		}
		if ok {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(c, d condition) int { return cmp.Compare(c.field, d.field) })
	return list
}

// sizeOf is how many texts a pattern has.
func sizeOf(n scenario.Node) int {
	if n.IsList() {
		return len(n.List())
	}
	return 1
}
