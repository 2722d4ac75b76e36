package osago

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"poligon/internal/dice"
	"poligon/internal/partner"
	"poligon/internal/picture"
	"poligon/internal/scenario"
)

// exampleID is the calculation that a picture is of: what is drawn depends on it.
const exampleID = "123e4567-e89b-12d3-a456-426614174000"

// Picture implements partner.API: the story as the machine that answers plays it.
func (a *API) Picture(given any, v partner.View) (picture.Picture, error) {
	s := given.(*script)
	told := s.stories[0]
	if v.Story != "" {
		i := slices.IndexFunc(s.stories, func(one *story) bool { return one.name == v.Story })
		if i < 0 {
			return picture.Picture{}, fmt.Errorf("%w %q of %s: %s", partner.ErrUnknownStory, v.Story, Name, s.suggest(v.Story))
		}
		told = s.stories[i]
	}
	p := newPlay(told, v, drawn{dice.New(v.Seed), exampleID, told}, pollsFor)
	p.run()
	return p.picture(), nil
}

// suggest is what a person may have meant by the name of a story.
func (s *script) suggest(name string) string {
	var names []string
	for _, one := range s.stories[1:] {
		names = append(names, one.name)
	}
	if near := scenario.Nearest(name, names); near != "" {
		return "did you mean " + near + "?"
	} else if len(names) == 0 {
		return "it has one story alone, without a name"
	}
	return "known: " + strings.Join(names, ", ")
}

// look draws what has changed by now.
func (p *play) look() {
	causes := map[int]string{}
	for _, t := range p.turns[p.seen:] {
		causes[t.offer] = p.because(t)
	}
	p.seen = len(p.turns)
	for i, now := range p.offers {
		t, said := p.story.offers[i].track, ""
		if now.step != byAct {
			said = t.items[now.step].text
		}
		if !p.shows(i, string(now.status), said) {
			continue
		}
		if causes[i] == "" && now.step != byAct {
			causes[i] = t.because(now.step)
		}
		p.show(i, picture.Span{Text: string(now.status), Kind: now.status.kind(), Message: said, Cause: causes[i]})
	}
	if p.shows(len(p.offers), string(p.whole), "") {
		if p.now == 0 && p.stated != byAct {
			causes[whole] = p.story.stated.because(p.stated)
		}
		p.show(len(p.offers), picture.Span{Text: string(p.whole), Kind: p.whole.kind(), Cause: causes[whole]})
	}
}

// shows says whether what is to be shown differs from what a lane shows.
func (p *play) shows(lane int, status, message string) bool {
	spans := p.lanes[lane]
	return len(spans) == 0 || spans[len(spans)-1].Text != status || spans[len(spans)-1].Message != message
}

// show puts a status behind those of a lane. One that ends as it begins is seen by nobody.
func (p *play) show(lane int, s picture.Span) {
	s.From = p.now
	spans := p.lanes[lane]
	if n := len(spans); n > 0 {
		if last := &spans[n-1]; last.From == p.now {
			spans = spans[:n-1]
		} else {
			last.To = p.now
		}
	}
	p.lanes[lane] = append(spans, s)
}

// picture is what was played.
func (p *play) picture() picture.Picture {
	pic := picture.Picture{Until: p.until(), Notes: p.notes()}
	for i, spans := range p.lanes {
		last := &spans[len(spans)-1]
		last.To, last.Open = pic.Until, true
		lane := picture.Lane{Label: "calculation", Whole: i == len(p.offers), Spans: spans}
		if !lane.Whole {
			lane.Label = p.story.offers[i].key + ": " + p.story.offers[i].insurer.name
			pic.Lanes = append(pic.Lanes, lane)
		} else {
			pic.Lanes = slices.Insert(pic.Lanes, 0, lane)
		}
	}
	return pic
}

// until is where the picture ends: about a tenth behind the last change, at a time that is short to write.
func (p *play) until() time.Duration {
	var last time.Duration
	for _, spans := range p.lanes {
		last = max(last, spans[len(spans)-1].From)
	}
	const day = 24 * time.Hour
	units := []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute,
		2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 6 * time.Hour, day, 10 * day, 100 * day, 1000 * day}
	unit := units[len(units)-1]
	for _, u := range units {
		if u >= last/10 {
			unit = u
			break
		}
	}
	if last > never-2*unit {
		return last
	}
	return (last + unit + unit - 1) / unit * unit
}

// kind is what an offer's status means for the one who waits.
func (s OfferStatus) kind() picture.Kind {
	switch s {
	case Created:
		return picture.Waiting
	case PreCalcReady, Approved, PaymentReady, PaymentCancelled:
		return picture.Ready
	case PaymentCompleted, ClosedPaid:
		return picture.Good
	case Rejected, OfferError, PaymentLinkFailed:
		return picture.Bad
	case ClosedOtherOffer, ClosedTimeout:
		return picture.Ended
	}
	return picture.Working
}

// kind is what a calculation's status means for the one who waits.
func (s CalculationStatus) kind() picture.Kind {
	switch s {
	case Draft:
		return picture.Waiting
	case CalculationReady:
		return picture.Ready
	case Paid, Closed:
		return picture.Good
	case NoCalculationAvailable, CalculationError:
		return picture.Bad
	}
	return picture.Working
}
