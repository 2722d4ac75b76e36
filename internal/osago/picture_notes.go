package osago

import (
	"fmt"
	"strconv"
	"strings"

	"poligon/internal/scenario"
)

// mostNotes of a kind are said below a picture.
const mostNotes = 20

// notes are what a picture cannot show: what was supposed and drawn, and what else could happen.
func (p *play) notes() (list []string) {
	s := p.story
	list = append(list, s.told()...)
	if s.waitsFor(polled) {
		list = append(list, p.pollNote())
	}
	if len(p.fate.draws) > 0 {
		list = append(list, fmt.Sprintf("drawn by seed %d for request_id %s", p.view.Seed, exampleID))
	}
	list = append(list, few(p.supposed)...)
	list = append(list, few(p.drawNotes())...)
	list = append(list, few(p.raceNotes())...)
	list = append(list, few(p.waitNotes())...)
	if !s.script.unknownIDs {
		list = append(list, "a look at an unknown request_id is answered 404")
	}
	return append(list, s.others()...)
}

// few are the first of the notes, and how many more there are.
func few(list []string) []string {
	if len(list) <= mostNotes {
		return list
	}
	return append(list[:mostNotes:mostNotes], fmt.Sprintf("… and %d more of these", len(list)-mostNotes))
}

func (p *play) pollNote() string {
	if p.view.Polls <= 0 {
		return "supposed: nobody polls"
	}
	return fmt.Sprintf("supposed: a client polls every %s until the calculation is decided, for %s at most", scenario.Words(p.view.Polls), scenario.Words(pollsFor))
}

// drawNotes say what was drawn, and what could have been.
func (p *play) drawNotes() (list []string) {
	for _, d := range p.fate.draws {
		it := &d.track.items[d.item]
		if !it.drawn {
			list = append(list, fmt.Sprintf("drawn: %s, %s: %s", p.stepOf(d.track, d.item), it.wait, scenario.Words(d.wait)))
			continue
		}
		var others []string
		for i, w := range it.ways {
			if i != d.way {
				others = append(others, fmt.Sprintf("%s %s", percent(w.share), d.track.step(w.item)))
			}
		}
		chosen := it.ways[d.way]
		list = append(list, fmt.Sprintf("drawn: %s, chance %s; the other %s", p.stepOf(d.track, chosen.item), percent(chosen.share), strings.Join(others, ", ")))
	}
	return list
}

// raceNotes say which steps came before others that could have come first.
func (p *play) raceNotes() (list []string) {
	for _, pass := range p.passed {
		t := p.runner(pass.offer).track
		it := &t.items[pass.from]
		if it.drawn || len(it.ways) < 2 {
			continue
		}
		var others []string
		for _, w := range it.ways {
			if w.item != pass.item {
				others = append(others, t.step(w.item)+" ("+t.items[w.item].wait.String()+")")
			}
		}
		list = append(list, fmt.Sprintf("%s (%s) came before %s", p.stepOf(t, pass.item), t.items[pass.item].wait, strings.Join(others, ", ")))
	}
	return list
}

// waitNotes say what is still waited for at the end.
func (p *play) waitNotes() (list []string) {
	for _, offer := range p.order() {
		r := p.runner(offer)
		for _, w := range r.open {
			list = append(list, fmt.Sprintf("never came: %s (%s)", p.stepOf(r.track, w.item), r.track.items[w.item].wait))
		}
	}
	return list
}

// told says which of several stories this is, and for whom.
func (s *story) told() []string {
	switch {
	case len(s.script.stories) == 1:
		return nil
	case s.name == "":
		return []string{"the first story, for calculations that no other one fits"}
	}
	return []string{"story " + s.name + ", " + s.whenWords()}
}

// others are the other stories of the section.
func (s *story) others() (list []string) {
	for _, other := range s.script.stories {
		switch {
		case other == s:
		case other.name == "":
			list = append(list, "another story: the first one, for calculations that none fits (without --story)")
		default:
			list = append(list, fmt.Sprintf("another story: %s, %s (--story %s)", other.name, other.whenWords(), other.name))
		}
	}
	return few(list)
}

// whenWords are the conditions of a story as the file has them.
func (s *story) whenWords() string {
	m := s.node.Map()
	when, ok := m.Take("when", "")
	if !ok {
		return "never"
	}
	var list []string
	for _, e := range when.Map().All() {
		list = append(list, e.Key.PlainText()+" is "+valueWords(e.Value))
	}
	return "when " + strings.Join(list, " and ")
}

// valueWords is a value, or one of several, as the file has them.
func valueWords(n scenario.Node) string {
	if !n.IsList() {
		return n.PlainText()
	}
	var list []string
	for _, item := range n.List() {
		list = append(list, item.PlainText())
	}
	return strings.Join(list, " or ")
}

// waitsFor says whether a step of the story waits so.
func (s *story) waitsFor(kind waitKind) bool {
	for _, t := range s.tracks() {
		for i := range t.items {
			if t.items[i].status != "" && t.items[i].wait.kind == kind {
				return true
			}
		}
	}
	return false
}

func (s *story) tracks() (list []*track) {
	for i := range s.offers {
		list = append(list, s.offers[i].track)
	}
	if s.stated != nil {
		list = append(list, s.stated)
	}
	return list
}

// nameOf is an offer or the calculation as explanations name it.
func (p *play) nameOf(offer int) string {
	if offer == whole {
		return "calculation"
	}
	return "offers." + p.story.offers[offer].key
}

// stepOf is a step with the offer that it belongs to.
func (p *play) stepOf(t *track, item int) string {
	for i := range p.story.offers {
		if p.story.offers[i].track == t {
			return t.step(item) + " of " + p.nameOf(i)
		}
	}
	return t.step(item) + " of " + p.nameOf(whole)
}

// step is a step in words.
func (t *track) step(item int) string {
	return "step " + t.items[item].path + " " + t.items[item].status
}

// chance is the share of a step that one is drawn for; 0 for any other.
func (t *track) chance(item int) int {
	for i := range t.items {
		if !t.items[i].drawn {
			continue
		}
		for _, w := range t.items[i].ways {
			if w.item == item {
				return w.share
			}
		}
	}
	return 0
}

func percent(share int) string { return strconv.FormatFloat(float64(share)/100, 'f', -1, 64) + "%" }

// because is what brings a step: its chance, a poll, an event, or time.
func (t *track) because(item int) string {
	w := t.items[item].wait
	switch share := t.chance(item); {
	case w.kind == polled:
		return w.String()
	case w.kind == onEvent:
		return "event " + w.event
	case share > 0:
		return "chance " + percent(share)
	case w.kind == atOnce:
		return "" // the beginning, or with the step before
	}
	return w.String()
}

// because is what brought a change of an offer or the whole.
func (p *play) because(t turn) string {
	switch why := t.cause; {
	case why.item != none:
		return p.runner(why.offer).track.because(why.item)
	case why.act.offer != t.offer && t.offer != whole && why.act.offer != whole:
		return "event " + why.act.word + " of " + p.story.offers[why.act.offer].key
	default:
		return "event " + why.act.word
	}
}
