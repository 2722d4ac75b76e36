package picture

import (
	"bytes"
	"encoding/json"
	"time"
)

// JSON is the picture as data, untidied: every key is always there except those that say they may be absent. Instants are
// milliseconds of simulated time since the story began.
//
//	name, title, story  texts
//	until_ms            where the picture ends
//	lanes[]             label, whole (true for the one that stands for all), spans[]
//	lanes[].spans[]     from_ms, to_ms, text, kind, open (nothing ends it); cause and message may be absent
//	notes[]             texts
//	strip               may be absent: label, cells[] of text, kind and detail, which may be absent; rules[]
func (p Picture) JSON() []byte {
	data := pictureJSON{Name: p.Name, Title: p.Title, Story: p.Story, Until: ms(p.Until), Lanes: []laneJSON{}, Notes: list(p.Notes)}
	for _, l := range p.Lanes {
		lane := laneJSON{Label: l.Label, Whole: l.Whole, Spans: []spanJSON{}}
		for _, s := range l.Spans {
			lane.Spans = append(lane.Spans, spanJSON{ms(s.From), ms(s.To), s.Text, s.Kind.known(), s.Open, s.Cause, s.Message})
		}
		data.Lanes = append(data.Lanes, lane)
	}
	if p.Strip != nil {
		data.Strip = &stripJSON{Label: p.Strip.Label, Cells: []cellJSON{}, Rules: list(p.Strip.Rules)}
		for _, c := range p.Strip.Cells {
			data.Strip.Cells = append(data.Strip.Cells, cellJSON{c.Text, c.Kind.known(), c.Detail})
		}
	}
	var b bytes.Buffer
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	to.SetIndent("", "  ")
	if err := to.Encode(data); err != nil {
		panic(err) // texts and finite numbers alone are encoded
	}
	return b.Bytes()
}

type pictureJSON struct {
	Name  string     `json:"name"`
	Title string     `json:"title"`
	Story string     `json:"story"`
	Until float64    `json:"until_ms"`
	Lanes []laneJSON `json:"lanes"`
	Notes []string   `json:"notes"`
	Strip *stripJSON `json:"strip,omitempty"`
}

type laneJSON struct {
	Label string     `json:"label"`
	Whole bool       `json:"whole"`
	Spans []spanJSON `json:"spans"`
}

type spanJSON struct {
	From    float64 `json:"from_ms"`
	To      float64 `json:"to_ms"`
	Text    string  `json:"text"`
	Kind    Kind    `json:"kind"`
	Open    bool    `json:"open"`
	Cause   string  `json:"cause,omitempty"`
	Message string  `json:"message,omitempty"`
}

type stripJSON struct {
	Label string     `json:"label"`
	Cells []cellJSON `json:"cells"`
	Rules []string   `json:"rules"`
}

type cellJSON struct {
	Text   string `json:"text"`
	Kind   Kind   `json:"kind"`
	Detail string `json:"detail,omitempty"`
}

// ms is a duration in milliseconds, exact to the nanosecond for whatever is shorter than three months.
func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// list is never null.
func list(texts []string) []string { return append([]string{}, texts...) }
