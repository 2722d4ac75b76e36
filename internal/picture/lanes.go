package picture

import (
	"fmt"
	"strings"
)

const (
	barLine  = 13 // between two lines within a bar
	causeRow = 15 // below the bars of a lane, for what moved them
)

// lanes draws the axis and the lanes from y on, and gives where they end and what is to be said below.
func (p Picture) lanes(c *canvas, a axis, y int) (end int, said []string) {
	head := y
	y += a.rows*14 + 12
	top, bottom := y, y
	for _, l := range p.Lanes {
		bottom += l.height()
	}
	for i := range a.at {
		if a.cut(i, p.Until) {
			c.rect(a.edges[i], top, a.edges[i+1]-a.edges[i], bottom-top, 0, "band")
		}
	}
	p.scale(c, a, head, bottom)
	for _, l := range p.Lanes {
		said = l.draw(c, a, y, said)
		y += l.height()
	}
	return bottom, said
}

// scale draws the axis: a line with the instants above it, broken where time is cut, and a rule down from each instant.
func (p Picture) scale(c *canvas, a axis, head, bottom int) {
	y := head + a.rows*14 + 6
	for _, m := range a.marks {
		x, base := a.edges[m.edge], head+10+(a.rows-1-m.row)*14
		c.text(x, base, font{size: small, class: "dim"}, "middle", m.text)
		c.path("grid", "M%d %dV%d", x, base+3, bottom)
	}
	from := a.edges[0]
	for i := range a.at {
		if a.cut(i, p.Until) {
			middle := (a.edges[i] + a.edges[i+1]) / 2
			c.path("axis", "M%d %dH%d", from, y, middle-4)
			c.path("axis", "M%d %dl4 -8M%d %dl4 -8", middle-6, y+4, middle+2, y+4)
			from = middle + 4
		}
	}
	c.path("axis", "M%d %dH%d", from, y, a.edges[len(a.edges)-1])
}

// label are the lines of a lane's name.
func (l Lane) label() (lines []string, f font) {
	f = font{size: normal, bold: l.Whole, class: "ink"}
	lines = wrap(l.Label, f.size, labelled, f.bold)
	if len(lines) > 3 {
		lines = append(lines[:2], shorten(lines[2]+"…", f.size, labelled, f.bold))
	}
	return lines, f
}

// height is of the lane with the space around it.
func (l Lane) height() int {
	h := l.thick() + 12
	if l.caused() {
		h += causeRow
	}
	lines, _ := l.label()
	if h = max(h, 16*len(lines)+8); l.Whole {
		h += 8
	}
	return h
}

// thick is the height of the lane's bars: room for two lines.
func (l Lane) thick() int {
	if l.Whole {
		return 2*barLine + 14
	}
	return 2*barLine + 8
}

func (l Lane) caused() bool {
	for _, s := range l.Spans {
		if s.moved() {
			return true
		}
	}
	return false
}

// draw draws the lane from y on, and adds to what is to be said below.
func (l Lane) draw(c *canvas, a axis, y int, said []string) []string {
	c.open("lane", "")
	y += 6
	lines, f := l.label()
	base := max(y+l.thick()/2-8*(len(lines)-1), y+8)
	for _, text := range lines {
		c.text(margin, base+4, f, "", text)
		base += 16
	}
	for _, s := range l.Spans {
		said = l.span(c, a, s, y, said)
	}
	c.close()
	return said
}

// span draws a bar, its text, and the mark of what moved it.
func (l Lane) span(c *canvas, a axis, s Span, y int, said []string) []string {
	from, to := a.columns(s)
	x, w, h, f := a.edges[from]+1, a.edges[to]-a.edges[from]-2, l.thick(), l.bar(s)
	class := string(s.Kind)
	if l.Whole {
		class += " whole"
	}
	c.open("span", s.tip())
	room := w - 2*padding
	if s.Open {
		room -= tip
		c.path(class, "M%d %dH%dL%d %dL%d %dH%dq-6 0 -6 -6V%dq0 -6 6 -6z",
			x+6, y, x+w-tip, x+w, y+h/2, x+w-tip, y+h, x+6, y+6)
	} else {
		c.rect(x, y, w, h, 6, class)
	}
	note := len(said) + 1
	text := s.Text
	if s.noted() {
		text += reference(note)
	}
	lines := fit(text, room, f)
	if lines == nil {
		lines = []string{strings.TrimSpace(reference(note))}
	}
	if s.noted() || lines[0] != text && len(lines) == 1 {
		said = append(said, strings.TrimSpace(reference(note))+" "+l.says(s))
	}
	base := y + h/2 + 4 - barLine*(len(lines)-1)/2
	for _, text := range lines {
		c.text(x+padding, base, f, "", text)
		base += barLine
	}
	if s.moved() {
		c.path("mark", "M%d %dl4 5l-4 5l-4 -5z", x, y+h-5)
		c.text(x+padding, y+h+12, font{size: 10, class: "dim"}, "", s.because())
	}
	c.close()
	return said
}

// fit breaks text into a line, or two, that fit into a room; there are none when it cannot.
func fit(text string, room int, f font) []string {
	if width(text, f.size, f.bold) <= room {
		return []string{text}
	}
	if lines := halves(text, f.size, f.bold); widestOf(lines, f.size, f.bold) <= room {
		return lines
	}
	return nil
}

// says is all of a span in a line.
func (l Lane) says(s Span) string {
	text := words(s.From) + " " + l.Label + ": " + s.title()
	if s.Message != "" {
		text += " — " + s.Message
	}
	return text
}

// tip is what a pointer over a span shows.
func (s Span) tip() string {
	end := words(s.To)
	if s.Open {
		end = "…"
	}
	text := fmt.Sprintf("%s\n%s – %s", s.title(), words(s.From), end)
	if s.Message != "" {
		text += "\n" + s.Message
	}
	return text
}
