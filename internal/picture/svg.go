package picture

import (
	"cmp"
	"fmt"
	"strings"
)

// SVG is the picture as an image: time runs from left to right, a lane for each part below the whole. The axis is not to
// scale: a story has changes a second apart and others half an hour apart, and all of them are to be read; so each stretch
// between two changes is as wide as its text, and one that is drawn far too short for its time is marked as cut. The image
// reads on light and dark pages, needs no script, font or other file, and says itself to a screen reader.
func (p Picture) SVG() []byte {
	p = p.tidy()
	var c canvas
	wide := narrow
	var a axis
	if len(p.Lanes) > 0 {
		left := 40
		for _, l := range p.Lanes {
			lines, f := l.label()
			left = max(left, widestOf(lines, f.size, f.bold))
		}
		a = p.axis(margin + left + 20)
		a.stretch(margin + narrow)
		wide = a.right() - margin
	}
	y := p.head(&c, wide)
	var said []string
	if len(p.Lanes) > 0 {
		y, said = p.lanes(&c, a, y+8)
		y += 8
	}
	if p.Strip != nil {
		y = p.Strip.draw(&c, y, wide)
	}
	y = p.foot(&c, a, y, wide, said)
	return p.sheet(&c, wide+2*margin, y)
}

// sheet is the image around what was drawn.
func (p Picture) sheet(c *canvas, w, h int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="poligon-picture" role="img" width="%d" height="%d" viewBox="0 0 %d %d">`+"\n", w, h, w, h)
	fmt.Fprintf(&b, "<title>%s</title>\n", markup(cmp.Or(p.heading(), "a story")))
	if p.Story != "" {
		fmt.Fprintf(&b, "<desc>%s</desc>\n", markup(p.Story))
	}
	fmt.Fprintf(&b, "<style>\n%s</style>\n", style())
	fmt.Fprintf(&b, `<rect x="1" y="1" width="%d" height="%d" rx="10" class="paper"/>`+"\n", w-2, h-2)
	b.WriteString(c.b.String() + "</svg>\n")
	return []byte(b.String())
}

// head writes the title and the story, and gives where they end.
func (p Picture) head(c *canvas, wide int) (y int) {
	y = margin + 14
	title := font{size: 18, bold: true, class: "ink"}
	y = c.lines(margin, y, title, 24, wrap(p.Title, title.size, wide, true))
	if p.Name != "" {
		y = c.lines(margin, y-4, font{size: normal, class: "dim"}, leading, wrap(p.Name, normal, wide, false))
	}
	if p.Story != "" {
		y = c.lines(margin, y+4, font{size: 13, class: "ink"}, 19, wrap(p.Story, 13, min(wide, 900), false))
	}
	return y
}

// foot writes what is said below, and the meaning of colours and signs, and gives the image's height.
func (p Picture) foot(c *canvas, a axis, y, wide int, said []string) int {
	y += 6
	for _, text := range said {
		y = c.lines(margin, y+12, font{size: normal, class: "ink"}, leading, wrap(text, normal, wide, false)) - 12
	}
	for _, text := range p.Notes {
		y = c.lines(margin, y+12, font{size: normal, class: "dim"}, leading, wrap(text, normal, wide, false)) - 12
	}
	keys := p.keys(a)
	if len(keys) == 0 {
		return y + margin - 6
	}
	x := margin
	y += 10
	for _, k := range keys {
		w := 20 + width(k.text, small, false)
		if x > margin && x+w > margin+wide {
			x, y = margin, y+18
		}
		k.draw(c, x, y)
		x += w + 16
	}
	return y + 12 + margin - 4
}

// key explains a colour or a sign.
type key struct {
	text string
	draw func(c *canvas, x, y int)
}

// keys explain what is in the picture, and nothing else.
func (p Picture) keys(a axis) (keys []key) {
	used, moved, open := p.used()
	add := func(text string, sign func(c *canvas, x, y int)) {
		keys = append(keys, key{text, func(c *canvas, x, y int) {
			sign(c, x, y)
			c.text(x+20, y+10, font{size: small, class: "dim"}, "", text)
		}})
	}
	for _, k := range kinds() {
		if used[k] {
			add(string(k), func(c *canvas, x, y int) { c.rect(x+1, y, 13, 12, 3, string(k)) })
		}
	}
	if moved {
		add("brought by what stands below it", func(c *canvas, x, y int) { c.path("mark", "M%d %dl4 5l-4 5l-4 -5z", x+7, y+1) })
	}
	if open {
		add("nothing ends it", func(c *canvas, x, y int) {
			c.path(string(Waiting), "M%d %dh7l6 6l-6 6h-7z", x+1, y)
		})
	}
	for i := range a.at {
		if a.cut(i, p.Until) {
			add("a long time, drawn short", func(c *canvas, x, y int) { c.path("axis", "M%d %dl4 -8M%d %dl4 -8", x+1, y+10, x+9, y+10) })
			break
		}
	}
	return keys
}

// used are the kinds that the picture has, and whether something moved a status, and whether one stays open.
func (p Picture) used() (kinds map[Kind]bool, moved, open bool) {
	kinds = map[Kind]bool{}
	for _, l := range p.Lanes {
		for _, s := range l.Spans {
			kinds[s.Kind], moved, open = true, moved || s.moved(), open || s.Open
		}
	}
	if p.Strip != nil {
		for _, c := range p.Strip.Cells {
			kinds[c.Kind] = true
		}
	}
	return kinds, moved, open
}

// draw draws the strip from y on, and gives where it ends.
func (s Strip) draw(c *canvas, y, wide int) int {
	y = c.lines(margin, y+16, font{size: 13, bold: true, class: "ink"}, 19, wrap(s.Label, 13, wide, true)) - 8
	mark, details := s.marks()
	size := 26
	for _, cell := range s.Cells {
		size = min(max(size, width(cell.Text, small, false)+8, width(mark[cell.Detail], small, true)+8), 200)
	}
	x, tall := margin, 36
	for i, cell := range s.Cells {
		if i > 0 && x+size > margin+wide {
			x, y = margin, y+tall+6
		}
		c.open("cell", cell.Detail)
		c.rect(x, y, size, tall, 4, string(cell.Kind))
		f, base := font{size: small, class: "on-" + string(cell.Kind)}, y+22
		if m := mark[cell.Detail]; m != "" {
			base = y + 15
			c.text(x+size/2, y+30, font{size: small, bold: true, class: f.class}, "middle", m)
		}
		c.text(x+size/2, base, f, "middle", shorten(cell.Text, small, size-8, false))
		c.close()
		x += size + 6
	}
	if len(s.Cells) > 0 {
		y += tall + 6
	}
	for _, d := range details {
		y = c.item(y, wide, mark[d], d)
	}
	for _, r := range s.Rules {
		y = c.item(y, wide, "–", r)
	}
	return y + 4
}

// item writes a line of a list behind its sign.
func (c *canvas) item(y, wide int, sign, text string) int {
	c.text(margin, y+14, font{size: normal, bold: true, class: "ink"}, "", sign)
	indent := max(24, width(sign, normal, true)+6)
	return c.lines(margin+indent, y+14, font{size: normal, class: "ink"}, leading, wrap(text, normal, wide-indent, false)) - 14
}
