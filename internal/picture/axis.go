package picture

import (
	"math/bits"
	"slices"
	"strconv"
	"time"
)

// Sizes of an image, in pixels.
const (
	margin   = 24
	padding  = 8   // between a bar's edge and its text
	tip      = 8   // the point of an open bar
	labelled = 150 // the widest that a lane's label is
	inside   = 190 // the widest that a line within a bar is
	slim     = 24  // the narrowest that a column is
	narrow   = 740 // the narrowest that an image is, without margins
	small    = 11
	normal   = 12
	leading  = 17
)

// axis is time as an image has it: a column for each stretch between two changes, wide enough for what must be read there,
// and otherwise wider the longer it lasts, but far less so than it would be by scale.
type axis struct {
	at    []time.Duration // the changes; the last column has no end
	edges []int           // where the columns begin, and where the last one ends
	marks []mark
	rows  int // of marks
}

// mark is an instant's text on the axis.
type mark struct {
	edge, row int
	text      string
}

// half is half of a mark's width, with some space.
func (m mark) half() int { return width(m.text, small, false)/2 + 3 }

// columns are the first column of a span and the one after its last.
func (a axis) columns(s Span) (from, to int) {
	from, _ = slices.BinarySearch(a.at, s.From)
	to = len(a.at)
	if i, found := slices.BinarySearch(a.at, s.To); found && !s.Open {
		to = i
	}
	return from, max(to, from+1)
}

// axis lays the columns out from x on.
func (p Picture) axis(x int) axis {
	a := axis{at: p.changes(), rows: 1}
	texts := []string{}
	for _, at := range a.at {
		texts = append(texts, words(at))
	}
	texts = append(texts, "")
	if last := len(a.at); p.Until > a.at[last-1] {
		texts[last] = words(p.Until)
	}
	ends := [2]int{-margin, -margin} // of the texts so far in each row
	for j, text := range texts {
		if j > 0 {
			x += a.least(j-1, p.Until)
			for _, l := range p.Lanes {
				for _, s := range l.Spans {
					if from, to := a.columns(s); to == j {
						x = max(x, a.edges[from]+l.need(s))
					}
				}
			}
		}
		m := mark{edge: j, text: text}
		half := m.half()
		switch {
		case text == "" || x-half >= ends[0]:
		case x-half >= ends[1]:
			m.row = 1
		default:
			if ends[1] < ends[0] {
				m.row = 1
			}
			x = ends[m.row] + half
		}
		a.edges = append(a.edges, x)
		if text != "" {
			ends[m.row], a.rows = x+half, max(a.rows, m.row+1)
			a.marks = append(a.marks, m)
		}
	}
	return a
}

// least is how wide a column is in which nothing is to be read: each doubling of its time makes it a little wider.
func (a axis) least(column int, until time.Duration) int {
	return slim + 4*min(bits.Len64(uint64(a.lasts(column, until)/a.shortest(until))), 12)
}

// lasts is the time of a column.
func (a axis) lasts(column int, until time.Duration) time.Duration {
	if column+1 < len(a.at) {
		return a.at[column+1] - a.at[column]
	}
	return max(until-a.at[column], 0)
}

func (a axis) shortest(until time.Duration) time.Duration {
	least := max(until, 1)
	for i := range len(a.at) - 1 {
		least = min(least, max(a.lasts(i, until), 1))
	}
	return least
}

// cut says whether a column's time is drawn far shorter than the others' is.
func (a axis) cut(column int, until time.Duration) bool {
	var gaps []time.Duration
	for i := range a.at {
		if d := a.lasts(i, until); d > 0 {
			gaps = append(gaps, d)
		}
	}
	slices.Sort(gaps)
	return len(gaps) > 1 && a.lasts(column, until) >= 6*gaps[(len(gaps)-1)/2]
}

// stretch widens the columns until the last one ends at an x, and sets the marks in one row if that is enough now.
func (a *axis) stretch(to int) {
	last := len(a.edges) - 1
	spare := to - a.edges[last]
	if spare <= 0 {
		return
	}
	for j := range a.edges {
		a.edges[j] += spare * j / last
	}
	end := -margin
	for _, m := range a.marks {
		half := m.half()
		if a.edges[m.edge]-half < end {
			return
		}
		end = a.edges[m.edge] + half
	}
	a.rows = 1
	for i := range a.marks {
		a.marks[i].row = 0
	}
}

// right is where the last column ends, and the last mark.
func (a axis) right() int {
	x := a.edges[len(a.edges)-1]
	for _, m := range a.marks {
		x = max(x, a.edges[m.edge]+m.half())
	}
	return x
}

// bar is the font of a lane's bars.
func (l Lane) bar(s Span) font {
	return font{size: small, bold: l.Whole, class: "on-" + string(s.Kind)}
}

// need is the least width of a span's bar, its gap to the next included.
func (l Lane) need(s Span) int {
	f := l.bar(s)
	text := s.Text
	if s.noted() {
		text += reference(99)
	}
	wide := min(widestOf(halves(text, f.size, f.bold), f.size, f.bold), inside) + 2*padding + 3
	if s.moved() {
		wide = max(wide, width(s.because(), 10, false)+padding)
	}
	if s.Open {
		wide += tip
	}
	return wide
}

// noted says whether there is more to say of the span than fits into its bar.
func (s Span) noted() bool { return s.Message != "" || s.moved() && s.because() != s.Cause }

// reference is how a bar refers to what is said below.
func reference(number int) string { return " (" + strconv.Itoa(number) + ")" }

// because is the cause as far as there is room for it.
func (s Span) because() string { return shorten(s.Cause, 10, 110, false) }
