package picture

import (
	"fmt"
	"strings"
)

// canvas is the body of an image in the making.
type canvas struct{ b strings.Builder }

// font is how text is set.
type font struct {
	size  int
	bold  bool
	class string
}

func (c *canvas) text(x, y int, f font, anchor, text string) {
	if text == "" {
		return
	}
	fmt.Fprintf(&c.b, `<text x="%d" y="%d" font-size="%d" class="%s"`, x, y, f.size, f.class)
	if f.bold {
		c.b.WriteString(` font-weight="700"`)
	}
	if anchor != "" {
		fmt.Fprintf(&c.b, ` text-anchor="%s"`, anchor)
	}
	fmt.Fprintf(&c.b, ">%s</text>\n", markup(text))
}

// lines sets lines of text below each other from y, the first one's base line, and gives the next one's.
func (c *canvas) lines(x, y int, f font, leading int, texts []string) int {
	for _, t := range texts {
		c.text(x, y, f, "", t)
		y += leading
	}
	return y
}

func (c *canvas) rect(x, y, w, h, round int, class string) {
	fmt.Fprintf(&c.b, `<rect x="%d" y="%d" width="%d" height="%d" rx="%d" class="%s"/>`+"\n", x, y, w, h, round, class)
}

func (c *canvas) path(class, format string, args ...any) {
	fmt.Fprintf(&c.b, `<path class="%s" d="%s"/>`+"\n", class, fmt.Sprintf(format, args...))
}

// open begins a group, with a text that a pointer over it shows if it is not empty.
func (c *canvas) open(class, tip string) {
	fmt.Fprintf(&c.b, `<g class="%s">`+"\n", class)
	if tip != "" {
		fmt.Fprintf(&c.b, "<title>%s</title>\n", markup(tip))
	}
}

func (c *canvas) close() { c.b.WriteString("</g>\n") }

// markup is text within XML. Text is tidy by now, so it holds no control character.
func markup(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(text)
}
