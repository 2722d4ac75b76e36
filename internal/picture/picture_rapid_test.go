package picture_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/picture"
)

var (
	odd      = []string{"", "a", "ЩЖЮ", `<&">'`, "x:y;z#1", "%% end", "style", "classDef a:b#c;", "a\nb\tc", "\x00\x1b[31m", "\xff\xfe", "\u202eabc", "𝔘😀", "`x`", "[{(|)}]", "---", "PRE_CALC_IN_PROGRESS", "─", "子丑寅卯", "\ufffe\uffff", "end"}
	instants = []time.Duration{0, 1, time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 90 * time.Second, 30 * time.Minute, 25 * time.Hour, 36500 * 24 * time.Hour}
)

func text(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(odd), rapid.String()), 0, 6).Draw(t, "texts"), rapid.SampledFrom([]string{"", " ", "_"}).Draw(t, "joint"))
}

func instant(t *rapid.T) time.Duration {
	return rapid.OneOf(rapid.SampledFrom(instants), rapid.Map(rapid.Int64Range(-5, 1e12), func(n int64) time.Duration { return time.Duration(n) })).Draw(t, "instant")
}

func anyPicture(t *rapid.T) picture.Picture {
	kinds := rapid.SampledFrom([]picture.Kind{picture.Waiting, picture.Working, picture.Ready, picture.Good, picture.Bad, picture.Ended, "", `"><x>`})
	p := picture.Picture{Name: text(t), Title: text(t), Story: text(t), Until: instant(t)}
	for range rapid.IntRange(0, 5).Draw(t, "lanes") {
		l := picture.Lane{Label: text(t), Whole: rapid.Bool().Draw(t, "whole")}
		for range rapid.IntRange(0, 6).Draw(t, "spans") {
			l.Spans = append(l.Spans, picture.Span{From: instant(t), To: instant(t), Text: text(t), Kind: kinds.Draw(t, "kind"), Cause: text(t), Message: text(t),
				Open: rapid.Bool().Draw(t, "open")})
		}
		p.Lanes = append(p.Lanes, l)
	}
	for range rapid.IntRange(0, 2).Draw(t, "notes") {
		p.Notes = append(p.Notes, text(t))
	}
	if rapid.Bool().Draw(t, "strip") {
		p.Strip = &picture.Strip{Label: text(t), Rules: []string{text(t)}}
		for range rapid.IntRange(0, 40).Draw(t, "cells") {
			p.Strip.Cells = append(p.Strip.Cells, picture.Cell{Text: text(t), Kind: kinds.Draw(t, "kind"), Detail: text(t)})
		}
	}
	return p
}

type box struct{ left, right, top, bottom int }

// words are all texts of an image with their places, and those of each group of a class.
type image struct {
	all           []box
	lanes         [][]box
	width, height int
}

func number(t *rapid.T, text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// look reads an image and fails where it is no XML, or something of it is outside.
func look(t *rapid.T, svg []byte) (im image) {
	dec := xml.NewDecoder(strings.NewReader(string(svg)))
	var depth, lane int
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return im
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.EndElement:
			if depth--; depth < lane {
				lane = 0
			}
		case xml.StartElement:
			depth++
			of := map[string]string{}
			for _, a := range token.Attr {
				of[a.Name.Local] = a.Value
			}
			switch token.Name.Local {
			case "svg":
				im.width, im.height = number(t, of["width"]), number(t, of["height"])
			case "g":
				if of["class"] == "lane" {
					lane, im.lanes = depth, append(im.lanes, nil)
				}
			case "rect":
				x, y := number(t, of["x"]), number(t, of["y"])
				im.within(t, svg, box{x, x + number(t, of["width"]), y, y + number(t, of["height"])})
			case "path":
				path(t, svg, im, of["d"])
			case "text":
				content, err := dec.Token()
				if err != nil {
					t.Fatal(err)
				}
				data, ok := content.(xml.CharData)
				if !ok {
					t.Fatalf("a text without text in\n%s", svg)
				}
				b := place(t, of, string(data))
				im.within(t, svg, b)
				for _, other := range im.all {
					if b.left < other.right && other.left < b.right && b.top < other.bottom && other.top < b.bottom {
						t.Fatalf("%q is over another text in\n%s", data, svg)
					}
				}
				im.all = append(im.all, b)
			}
		}
	}
}

func place(t *rapid.T, of map[string]string, text string) box {
	x, y, size := number(t, of["x"]), number(t, of["y"]), number(t, of["font-size"])
	w := picture.Width(text, size, of["font-weight"] != "")
	if of["text-anchor"] == "middle" {
		x -= w / 2
	}
	return box{x, x + w, y - size*8/10, y + size*2/10}
}

func (im image) within(t *rapid.T, svg []byte, b box) {
	if b.left < 0 || b.top < 0 || b.right > im.width || b.bottom > im.height || b.left > b.right || b.top > b.bottom {
		t.Fatalf("%v is not within %d×%d in\n%s", b, im.width, im.height, svg)
	}
}

var move = regexp.MustCompile(`([MHVL])(\d+)(?: (\d+))?`)

func path(t *rapid.T, svg []byte, im image, d string) {
	for _, m := range move.FindAllStringSubmatch(d, -1) {
		n := number(t, m[2])
		switch m[1] {
		case "V":
			im.within(t, svg, box{0, 0, n, n})
		case "H":
			im.within(t, svg, box{n, n, 0, 0})
		default:
			im.within(t, svg, box{n, n, number(t, m[3]), number(t, m[3])})
		}
	}
}

func TestSVGIsSoundWhateverThePicture(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPicture(t)
		svg := p.SVG()
		look(t, svg)
		if string(svg) != string(p.SVG()) {
			t.Fatal("two images of one picture differ")
		}
	})
}

func TestTextIsSoundWhateverThePicture(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyPicture(t).Text()
		if text != "" && !strings.HasSuffix(text, "\n") || strings.HasPrefix(text, "\n") || strings.HasSuffix(text, "\n\n") {
			t.Fatalf("%q", text)
		}
		for line := range strings.Lines(text) {
			if strings.HasSuffix(line, " \n") || strings.ContainsAny(line, "\x00\x1b\t") {
				t.Fatalf("%q in\n%s", line, text)
			}
		}
	})
}

func TestJSONIsSoundWhateverThePicture(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := anyPicture(t).JSON()
		if !json.Valid(data) || data[len(data)-1] != '\n' {
			t.Fatalf("%s", data)
		}
	})
}

// grammar are the lines that a diagram has, and no others. A text holds a number sign only in a code.
var grammar = func() map[string]*regexp.Regexp {
	text := `(?:[^#:;%"<>\x60\[\]{}|]|#\d+;)+`
	of := func(lines ...string) *regexp.Regexp {
		return regexp.MustCompile(`^(?:%% .+|title ` + text + `|` + strings.Join(lines, "|") + `)$`)
	}
	return map[string]*regexp.Regexp{
		"gantt":           of(`dateFormat x`, `axisFormat %M:%S`, `section `+text, text+` :(?:(?:done|active|crit), )?s\d+_\d+, \d+, \d+`),
		"sequenceDiagram": of(`participant (?:l\d+|strip) as `+text, `Note over (?:l\d+|strip): `+text),
		"flowchart TB": of(`title\["`+text+`"\]`, `subgraph strip\["`+text+`"\]`, `direction LR`, `end`, `c\d+ ~~~ c\d+`, `strip ~~~ key`, `key\["`+text+`(?:<br/>`+text+`)*"\]`,
			`c\d+\["`+text+`(?:<br/>`+text+`)?"\]:::[a-z]+`, `classDef [a-z]+ fill:#\w{6},stroke:#\w{6},color:#\w{6}`),
	}
}()

func TestMermaidIsSoundWhateverThePicture(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, rest, _ := strings.Cut(anyPicture(t).Mermaid(), "\n")
		if regexp.MustCompile(`^%%\{init: \{"gantt": \{"leftPadding": \d+\}\}\}%%$`).MatchString(first) {
			first, rest, _ = strings.Cut(rest, "\n")
		}
		if grammar[first] == nil {
			t.Fatalf("a diagram of no known kind: %q", first)
		}
		for line := range strings.Lines(rest) {
			line = strings.TrimLeft(strings.TrimSuffix(line, "\n"), " ")
			if !grammar[first].MatchString(line) || !strings.HasPrefix(line, "classDef ") && strings.Contains(line, "classDef") || strings.Contains(line, "style") {
				t.Fatalf("%s: %q", first, line)
			}
			if task := regexp.MustCompile(`, (\d+), (\d+)$`).FindStringSubmatch(line); first == "gantt" && task != nil {
				if number(t, task[1]) >= number(t, task[2]) {
					t.Fatalf("a task lasts no time: %s", line)
				}
			}
		}
	})
}
