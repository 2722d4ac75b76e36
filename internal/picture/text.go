package picture

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	widest = 160 // runes, beyond which a table is no longer one
	quiet  = "·" // as before
	gone   = "—" // no status any more
	ruled  = "─" // fills its cell
)

// Text is the picture for a terminal: a row for each instant at which anything changes and a column for each lane, with a
// status where it is new, · where it is the one before, and — where it ends with none to follow. What is too wide for a
// terminal is a list of changes instead. Every line is written whole, with a line feed at its end.
func (p Picture) Text() string {
	p = p.tidy()
	var b strings.Builder
	if head := p.heading(); head != "" {
		line(&b, head)
	}
	if len(p.Lanes) > 0 {
		if b.Len() > 0 {
			line(&b, "")
		}
		rows := p.table()
		if total(widths(rows)) <= widest {
			align(&b, rows)
			p.messages(&b)
		} else {
			align(&b, p.list())
		}
	}
	if p.Strip != nil {
		if b.Len() > 0 {
			line(&b, "")
		}
		p.Strip.text(&b)
	}
	if len(p.Notes) > 0 && b.Len() > 0 {
		line(&b, "")
	}
	for _, n := range p.Notes {
		line(&b, n)
	}
	return b.String()
}

// heading is the title and the name.
func (p Picture) heading() string {
	switch {
	case p.Title == "":
		return p.Name
	case p.Name == "":
		return p.Title
	}
	return p.Title + " (" + p.Name + ")"
}

func (p Picture) table() [][]string {
	head := []string{"time"}
	for _, l := range p.Lanes {
		head = append(head, l.Label)
	}
	rows := [][]string{head, rule(len(head))}
	for _, at := range p.changes() {
		row := []string{words(at)}
		for _, l := range p.Lanes {
			row = append(row, l.cell(at))
		}
		rows = append(rows, row)
	}
	return rows
}

// cell is what a table says of the lane at an instant of change.
func (l Lane) cell(at time.Duration) string {
	switch s, begins := l.begins(at); {
	case begins:
		return s.title()
	case l.holds(at):
		return quiet
	case l.ends(at):
		return gone
	}
	return ""
}

// title is the status, and what brought it if that was not time.
func (s Span) title() string {
	if s.moved() {
		return s.Text + " (" + s.Cause + ")"
	}
	return s.Text
}

// list is a row for each change: when, of what, to what.
func (p Picture) list() [][]string {
	rows := [][]string{{"time", "lane", "status"}, rule(3)}
	for _, at := range p.changes() {
		when := words(at)
		for _, l := range p.Lanes {
			s, begins := l.begins(at)
			status := s.title()
			switch {
			case !begins && !l.ends(at):
				continue
			case !begins:
				status = gone
			case s.Message != "":
				status += ": " + s.Message
			}
			rows = append(rows, []string{when, l.Label, status})
			when = ""
		}
	}
	return rows
}

// messages are what is said beside a status, below a table.
func (p Picture) messages(b *strings.Builder) {
	var rows [][]string
	for _, at := range p.changes() {
		for _, l := range p.Lanes {
			if s, begins := l.begins(at); begins && s.Message != "" {
				rows = append(rows, []string{words(at), l.Label, s.Text + ": " + s.Message})
			}
		}
	}
	if len(rows) > 0 {
		line(b, "")
		align(b, rows)
	}
}

func (s Strip) text(b *strings.Builder) {
	line(b, s.Label)
	mark, details := s.marks()
	var numbers, below []string
	for _, c := range s.Cells {
		numbers, below = append(numbers, c.Text), append(below, cmp.Or(mark[c.Detail], quiet))
	}
	columns := widths([][]string{numbers, below})
	for len(columns) > 0 {
		n := len(columns)
		for n > 1 && total(columns[:n]) > widest {
			n--
		}
		align(b, [][]string{numbers[:n], below[:n]})
		columns, numbers, below = columns[n:], numbers[n:], below[n:]
	}
	for _, d := range details {
		line(b, mark[d]+"  "+d)
	}
	for _, r := range s.Rules {
		line(b, r)
	}
}

const between = "  "

// align writes rows with each column as wide as its widest cell.
func align(b *strings.Builder, rows [][]string) {
	columns := widths(rows)
	for _, row := range rows {
		var text strings.Builder
		for i, cell := range row {
			fill := " "
			if cell == ruled {
				fill = ruled
			}
			text.WriteString(cell + strings.Repeat(fill, columns[i]-utf8.RuneCountInString(cell)) + between)
		}
		line(b, text.String())
	}
}

func line(b *strings.Builder, text string) { b.WriteString(strings.TrimRight(text, " ") + "\n") }

// widths are how many runes the widest cell of each column has.
func widths(rows [][]string) (columns []int) {
	for _, row := range rows {
		for i, cell := range row {
			if i == len(columns) {
				columns = append(columns, 0)
			}
			columns[i] = max(columns[i], utf8.RuneCountInString(cell))
		}
	}
	return columns
}

// total is how wide a line of columns is.
func total(columns []int) (runes int) {
	for _, c := range columns {
		runes += c + len(between)
	}
	return runes - len(between)
}

// rule is a row of lines below the heads of columns.
func rule(columns int) []string { return slices.Repeat([]string{ruled}, columns) }
