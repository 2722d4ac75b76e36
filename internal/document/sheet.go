package document

import (
	"math"

	"codeberg.org/go-pdf/fpdf"
)

// face is the only font. Bold is the same letters with a thin line around them: a second font would double both the size of the file
// and the time that it takes.
const face = "text"

// The page, in millimetres.
const (
	left   = 15.0
	right  = 195.0
	top    = 13.0
	bottom = 284.0
	line   = 6.4 // the height of a row
)

// sheet is a page that is drawn on. Lengths are in millimetres, sizes of letters in points.
type sheet struct{ *fpdf.Fpdf }

// look is how a text is written.
type look struct {
	size  float64
	bold  bool
	align byte // L, C or R in the width it has
	pale  bool
}

func plain() look   { return look{size: 9.5, align: 'L'} }
func strong() look  { return look{size: 9.5, align: 'L', bold: true} }
func middle() look  { return look{size: 9.5, align: 'C'} }
func caption() look { return look{size: 6.8, align: 'L', pale: true} }
func columns() look { return look{size: 6.8, align: 'C', pale: true} }

// write puts text on a line at y, in a width from x. What does not fit is made smaller, and then cut.
func (s *sheet) write(x, y, width float64, text string, l look) {
	const smallest = 5.5
	text = clean(text)
	s.SetFont(face, "", l.size)
	if full := s.GetStringWidth(text); full > width {
		s.SetFontSize(max(smallest, l.size*width/full))
	}
	if s.GetStringWidth(text) > width {
		letters := []rune(text)
		for len(letters) > 0 && s.GetStringWidth(string(letters)+"…") > width {
			letters = letters[:len(letters)-1]
		}
		text = string(letters) + "…"
	}
	switch free := width - s.GetStringWidth(text); l.align {
	case 'C':
		x += free / 2
	case 'R':
		x += free
	}
	s.ink(l.pale)
	if l.bold {
		s.SetLineWidth(0.013 * l.size)
		s.SetTextRenderingMode(2)
		defer s.SetTextRenderingMode(0)
	}
	s.Text(x, y, text)
}

// ink is the colour of text and of the lines around its letters.
func (s *sheet) ink(pale bool) {
	shade := [3]int{24, 28, 40}
	if pale {
		shade = [3]int{98, 104, 120}
	}
	s.SetTextColor(shade[0], shade[1], shade[2])
	s.SetDrawColor(shade[0], shade[1], shade[2])
}

// rule draws a line across the page.
func (s *sheet) rule(y, width float64) {
	s.SetDrawColor(38, 70, 130)
	s.SetLineWidth(width)
	s.Line(left, y, right, y)
}

// box is a frame, filled lightly when it is the head of something.
func (s *sheet) box(x, y, width, height float64, head bool) {
	s.SetDrawColor(150, 160, 180)
	s.SetLineWidth(0.18)
	style := "D"
	if head {
		s.SetFillColor(236, 240, 247)
		style = "FD"
	}
	s.Rect(x, y, width, height, style)
}

// cell is one place in a row of a table, under a head or the head itself.
type cell struct {
	width float64
	text  string
	look  look
}

// row draws cells beside each other from the left, and gives where the next row begins.
func (s *sheet) row(y, height float64, head bool, cells ...cell) float64 {
	x := left
	for _, c := range cells {
		s.box(x, y, c.width, height, head)
		l := c.look
		if head {
			l = columns()
		}
		s.write(x+1.4, y+height/2+l.size*0.125, c.width-2.8, c.text, l)
		x += c.width
	}
	return y + height
}

// field is a value under its name.
type field struct {
	width float64
	name  string
	value string
	look  look
}

// fields draws fields beside each other, and gives where what is below begins.
func (s *sheet) fields(y float64, list ...field) float64 {
	const height = 10
	x := left
	for _, f := range list {
		s.box(x, y, f.width, height, false)
		s.write(x+1.6, y+3.4, f.width-3.2, f.name, caption())
		s.write(x+1.6, y+8.1, f.width-3.2, f.value, f.look)
		x += f.width
	}
	return y + height
}

// heading is the name of a part of the paper.
func (s *sheet) heading(y float64, text string) float64 {
	s.write(left, y+4.4, right-left, text, look{size: 9.5, bold: true, align: 'L'})
	return y + 6
}

// stamp says across the whole page that it is a sample, so pale that everything can still be read.
func (s *sheet) stamp() {
	const word, size, x, y = "ОБРАЗЕЦ", 128.0, 105.0, 150.0
	s.SetFont(face, "", size)
	s.SetTextColor(190, 40, 50)
	s.SetAlpha(0.13, "Normal")
	s.TransformBegin()
	s.TransformRotate(math.Atan2(240, 190)*180/math.Pi, x, y)
	s.RawWriteStr("/Span <</ActualText <FEFF>>> BDC") // who copies or searches the text does not find its letters between the others
	s.Text(x-s.GetStringWidth(word)/2, y+size*0.12, word)
	s.RawWriteStr("EMC")
	s.TransformEnd()
	s.SetAlpha(1, "Normal")
}
