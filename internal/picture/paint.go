package picture

import (
	"fmt"
	"strings"
)

// paint are the colours of a kind: of what it fills, of its edge and of text upon it.
type paint struct{ fill, edge, text string }

// paint is for a light page.
func (k Kind) paint() paint {
	switch k {
	case Working:
		return paint{"#dbe8ff", "#3b78d8", "#12366f"}
	case Ready:
		return paint{"#fff0c2", "#a87800", "#553c00"}
	case Good:
		return paint{"#d5f3dd", "#2f8f50", "#0d4723"}
	case Bad:
		return paint{"#fedddd", "#d04545", "#7a1010"}
	case Ended:
		return paint{"#ededed", "#868686", "#404040"}
	}
	return paint{"#e9edf3", "#7a8699", "#2a3342"}
}

// night is for a dark page.
func (k Kind) night() paint {
	switch k {
	case Working:
		return paint{"#16315e", "#6a9df0", "#d9e7ff"}
	case Ready:
		return paint{"#4a3800", "#d6a520", "#fff0c4"}
	case Good:
		return paint{"#103d21", "#4fb873", "#d3f7de"}
	case Bad:
		return paint{"#551a1a", "#f07878", "#ffe0e0"}
	case Ended:
		return paint{"#2b2b2b", "#8f8f8f", "#dadada"}
	}
	return paint{"#2a313d", "#8c98ab", "#e2e8f1"}
}

// style is the sheet of an image. Each rule begins with the image's class, so that it touches nothing around an image that
// stands within a page.
func style() string {
	var b strings.Builder
	write := func(paper, line, ink, dim, band, grid string, of func(Kind) paint) {
		rule := func(selector, format string, args ...any) {
			fmt.Fprintf(&b, ".poligon-picture %s{%s}\n", selector, fmt.Sprintf(format, args...))
		}
		rule(".paper", "fill:%s;stroke:%s", paper, line)
		rule(".ink", "fill:%s", ink)
		rule(".dim", "fill:%s", dim)
		rule(".band", "fill:%s", band)
		rule(".grid", "stroke:%s;fill:none", grid)
		rule(".axis", "stroke:%s;stroke-width:1.5;fill:none", dim)
		rule(".mark", "fill:%s;stroke:%s", ink, paper)
		for _, k := range kinds() {
			p := of(k)
			rule("."+string(k), "fill:%s;stroke:%s", p.fill, p.edge)
			rule(".on-"+string(k), "fill:%s", p.text)
		}
	}
	b.WriteString(".poligon-picture text{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif}\n")
	fmt.Fprintf(&b, ".poligon-picture .%s{stroke-dasharray:4 2}\n.poligon-picture .whole{stroke-width:2}\n", Ended)
	write("#ffffff", "#d3d9e2", "#1a2230", "#566072", "#f2f5f9", "#dfe4eb", Kind.paint)
	b.WriteString("@media (prefers-color-scheme:dark){\n")
	write("#12161d", "#343c4a", "#eef2f8", "#a3aebf", "#1a202a", "#2b3340", Kind.night)
	b.WriteString("}\n")
	return b.String()
}
