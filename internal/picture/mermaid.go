package picture

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// finest is how much longer a story may last than its shortest gap for an axis that is true to scale to show both.
const finest = 200

// Mermaid is the picture as a Mermaid diagram, which GitHub draws in Markdown: a gantt chart; or a sequence diagram when the
// story lasts so long beside its shortest gap that a true axis would hide it, when nothing lasts, and when it has both lanes
// and a strip; or a flowchart for a strip alone. It is for Mermaid 10 and later. All lines end with a line feed.
func (p Picture) Mermaid() string {
	p = p.tidy()
	var b strings.Builder
	switch changes := p.changes(); {
	case len(p.Lanes) == 0:
		p.flowchart(&b)
	case p.Strip == nil && scaled(changes, p.Until):
		p.gantt(&b)
	default:
		p.sequence(&b, changes)
	}
	return b.String()
}

// scaled says whether an axis that is true to scale shows every gap.
func scaled(changes []time.Duration, until time.Duration) bool {
	if until < time.Millisecond {
		return false
	}
	for i := 1; i < len(changes); i++ {
		if gap := changes[i] - changes[i-1]; gap < time.Millisecond || until/gap >= finest {
			return false
		}
	}
	return true
}

// gantt writes a section for each lane and a task for each span. A task lasts some time even where the picture ends with it.
func (p Picture) gantt(b *strings.Builder) {
	room := 75 // for the names of sections, which Mermaid would write over the tasks
	for _, l := range p.Lanes {
		room = max(room, min(width(l.Label, small, false)+20, 400))
	}
	fmt.Fprintf(b, "%%%%{init: {\"gantt\": {\"leftPadding\": %d}}}%%%%\n", room)
	fmt.Fprintln(b, "gantt")
	p.mermaidTitle(b)
	fmt.Fprintln(b, "    dateFormat x")
	fmt.Fprintln(b, "    axisFormat %M:%S")
	least := max(p.Until/20, time.Millisecond)
	for i, l := range p.Lanes {
		fmt.Fprintf(b, "    section %s\n", escape(l.Label))
		for n, s := range l.Spans {
			to := s.To
			if to-s.From < time.Millisecond || (s.Open && to-s.From < least) {
				to = s.From + least
			}
			fmt.Fprintf(b, "    %s :%ss%d_%d, %d, %d\n", escape(s.at()), s.Kind.tag(), i, n, s.From.Milliseconds(), to.Milliseconds())
		}
	}
	p.asides(b)
}

// at is a status with the instant that it begins and what brought it.
func (s Span) at() string { return words(s.From) + " " + s.title() }

// tag is how a gantt chart colours a kind.
func (k Kind) tag() string {
	switch k {
	case Good, Ended:
		return "done, "
	case Working, Ready:
		return "active, "
	case Bad:
		return "crit, "
	}
	return ""
}

// sequence writes a participant for each lane and a note for each change.
func (p Picture) sequence(b *strings.Builder, changes []time.Duration) {
	fmt.Fprintln(b, "sequenceDiagram")
	p.mermaidTitle(b)
	for i, l := range p.Lanes {
		fmt.Fprintf(b, "    participant l%d as %s\n", i, escape(l.Label))
	}
	if p.Strip != nil {
		fmt.Fprintf(b, "    participant strip as %s\n", escape(p.Strip.Label))
	}
	for _, at := range changes {
		for i, l := range p.Lanes {
			if s, begins := l.begins(at); begins {
				fmt.Fprintf(b, "    Note over l%d: %s\n", i, escape(s.at()))
			} else if l.ends(at) {
				fmt.Fprintf(b, "    Note over l%d: %s\n", i, escape(words(at)+" "+gone))
			}
		}
	}
	if p.Strip != nil {
		for _, d := range append(p.Strip.groups(), p.Strip.Rules...) {
			fmt.Fprintf(b, "    Note over strip: %s\n", escape(d))
		}
	}
	p.asides(b)
}

// groups are the strip's records by what is wrong with them, those with nothing first.
func (s Strip) groups() (texts []string) {
	_, details := s.marks()
	for _, d := range append([]string{""}, details...) {
		var numbers []string
		for _, c := range s.Cells {
			if c.Detail == d {
				numbers = append(numbers, c.Text)
			}
		}
		if len(numbers) > 0 {
			texts = append(texts, strings.TrimSuffix(strings.Join(numbers, ", ")+" — "+d, " — "))
		}
	}
	return texts
}

// flowchart writes a row of the strip's records, each with a letter for what is wrong with it, and below what they mean.
func (p Picture) flowchart(b *strings.Builder) {
	fmt.Fprintln(b, "flowchart TB")
	if p.Strip == nil {
		fmt.Fprintf(b, "    title[\"%s\"]\n", escape(cmp.Or(p.heading(), "a story")))
		p.asides(b)
		return
	}
	mark, details := p.Strip.marks()
	fmt.Fprintf(b, "    subgraph strip[\"%s\"]\n", escape(p.Strip.Label))
	fmt.Fprintln(b, "        direction LR")
	for i, c := range p.Strip.Cells {
		text := escape(c.Text)
		if c.Detail != "" {
			text += "<br/>" + mark[c.Detail]
		}
		fmt.Fprintf(b, "        c%d[\"%s\"]:::%s\n", i, text, c.Kind)
		if i > 0 {
			fmt.Fprintf(b, "        c%d ~~~ c%d\n", i-1, i)
		}
	}
	fmt.Fprintln(b, "    end")
	var below []string
	for _, d := range details {
		below = append(below, escape(mark[d]+" — "+d))
	}
	for _, r := range p.Strip.Rules {
		below = append(below, escape(r))
	}
	if len(below) > 0 {
		fmt.Fprintf(b, "    key[\"%s\"]\n    strip ~~~ key\n", strings.Join(below, "<br/>"))
	}
	for _, k := range kinds() {
		paint := k.paint()
		fmt.Fprintf(b, "    classDef %s fill:%s,stroke:%s,color:%s\n", k, paint.fill, paint.edge, paint.text)
	}
	p.asides(b)
}

// mermaidTitle writes a diagram's title, if there is one.
func (p Picture) mermaidTitle(b *strings.Builder) {
	if head := p.heading(); head != "" {
		fmt.Fprintf(b, "    title %s\n", escape(head))
	}
}

// asides writes as comments what a diagram has no place for.
func (p Picture) asides(b *strings.Builder) {
	for _, n := range p.Notes {
		fmt.Fprintf(b, "    %%%% %s\n", escape(n))
	}
}

// escape writes text so that no grammar of Mermaid takes any of it for its own: letters, digits, spaces and a few signs stay,
// everything else is its code point. A line with style or classDef in it is cut by Mermaid before it is read, so these words
// lose their first letter to its code too.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 && !strings.ContainsRune(" _-.,()/+'", r) && !isWord(r) {
			fmt.Fprintf(&b, "#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return strings.NewReplacer("style", "#115;tyle", "classDef", "#99;lassDef").Replace(b.String())
}

func isWord(r rune) bool { return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
