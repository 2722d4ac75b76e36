package picture

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// tidy is the picture as it can be drawn; p stays as it is.
func (p Picture) tidy() Picture {
	p.Name, p.Title, p.Story, p.Notes = clean(p.Name), clean(p.Title), clean(p.Story), cleanAll(p.Notes)
	lanes := make([]Lane, len(p.Lanes))
	for i, l := range p.Lanes {
		lanes[i] = Lane{Label: named(l.Label, i), Whole: l.Whole, Spans: tidySpans(l.Spans)}
		for _, s := range lanes[i].Spans {
			p.Until = max(p.Until, s.To)
		}
	}
	p.Lanes = lanes
	if p.Strip != nil {
		s := Strip{Label: cmp.Or(clean(p.Strip.Label), "records"), Rules: cleanAll(p.Strip.Rules)}
		for i, c := range p.Strip.Cells {
			s.Cells = append(s.Cells, Cell{Text: named(c.Text, i), Kind: c.Kind.known(), Detail: clean(c.Detail)})
		}
		p.Strip = &s
	}
	return p
}

// tidySpans are spans in order of time, none beginning before 0 or with another, each ending when the next begins at the latest.
func tidySpans(spans []Span) (tidy []Span) {
	spans = slices.Clone(spans)
	for i := range spans {
		s := &spans[i]
		s.From = max(s.From, 0)
		s.To = max(s.From, s.To)
		s.Text, s.Cause, s.Message, s.Kind = cmp.Or(clean(s.Text), "?"), clean(s.Cause), clean(s.Message), s.Kind.known()
	}
	slices.SortStableFunc(spans, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	for i, s := range spans {
		if i+1 < len(spans) {
			if s.From == spans[i+1].From {
				continue
			}
			s.To, s.Open = min(s.To, spans[i+1].From), false
		}
		tidy = append(tidy, s)
	}
	return tidy
}

// clean is text on one line: without what cannot be shown, and without what would turn its direction.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.In(r, unicode.Cf, unicode.Cs, unicode.Co) || r&0xfffe == 0xfffe:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(text), " ")
}

// named is a clean label, or its place for one that is empty: nothing is drawn without a name.
func named(label string, place int) string { return cmp.Or(clean(label), strconv.Itoa(place+1)) }

func cleanAll(texts []string) (list []string) {
	for _, t := range texts {
		if t = clean(t); t != "" {
			list = append(list, t)
		}
	}
	return list
}

// known is the kind, or Waiting for one that is none.
func (k Kind) known() Kind {
	if slices.Contains(kinds(), k) {
		return k
	}
	return Waiting
}

// kinds are all there are, in order.
func kinds() []Kind { return []Kind{Waiting, Working, Ready, Good, Bad, Ended} }

// moved says whether something else than time brought the status.
func (s Span) moved() bool {
	return s.Cause != "" && !strings.HasPrefix(s.Cause, "after ") && !strings.HasPrefix(s.Cause, "at ")
}

// changes are the instants at which a status begins, or ends with none to follow, in order; 0 is always one.
func (p Picture) changes() []time.Duration {
	at := []time.Duration{0}
	for _, l := range p.Lanes {
		for _, s := range l.Spans {
			at = append(at, s.From)
			if !s.Open && s.To < p.Until {
				at = append(at, s.To)
			}
		}
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// begins is the span that begins at an instant.
func (l Lane) begins(at time.Duration) (Span, bool) {
	for _, s := range l.Spans {
		if s.From == at {
			return s, true
		}
	}
	return Span{}, false
}

// holds says whether a span is in force at an instant.
func (l Lane) holds(at time.Duration) bool {
	return slices.ContainsFunc(l.Spans, func(s Span) bool { return s.From <= at && (at < s.To || s.Open || s.From == at) })
}

// ends says whether at an instant a span ends that none follows.
func (l Lane) ends(at time.Duration) bool {
	return !l.holds(at) && slices.ContainsFunc(l.Spans, func(s Span) bool { return s.To == at })
}

// marks gives each cell's detail a letter: A for the first detail, B for the next that differs. An empty one has none.
func (s Strip) marks() (of map[string]string, order []string) {
	of = map[string]string{}
	for _, c := range s.Cells {
		if _, known := of[c.Detail]; c.Detail != "" && !known {
			of[c.Detail] = letter(len(order))
			order = append(order, c.Detail)
		}
	}
	return of, order
}

// letter is A … Z, AA, AB and so on.
func letter(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letter(i/26-1) + letter(i%26)
}
