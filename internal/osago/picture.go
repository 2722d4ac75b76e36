package osago

import (
	"cmp"
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

// pollsFor is how long a client polls (contract facts A3).
const pollsFor = 3 * time.Minute

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

// play is a story being played to its end, by a client that polls and by events that come when a track waits for them.
type play struct {
	*course
	view     partner.View
	fate     *witness
	patience time.Duration // how long the client polls
	polled   time.Duration // when it polled last
	polling  bool

	lanes    [][]picture.Span // of the offers, the last of the whole
	seen     int              // the turns that are in the lanes
	acts     []act            // as a log would have them
	supposed []string         // the events, in words
	declined map[awaited]bool // those that the lifecycle does not let happen
	passed   []passage
}

// awaited is an event that a track waits for.
type awaited struct {
	at     time.Duration
	offer  int // or whole
	item   int // that it brings
	event  string
	status string // of the offer
}

// passage is a step that a track came to, from the item where it could have gone another way.
type passage struct{ offer, from, item int }

// witness is a fate that remembers what was drawn.
type witness struct {
	fate
	draws []draw
}

type draw struct {
	track *track
	item  int
	way   int           // which was drawn, where ways are
	wait  time.Duration // otherwise
}

// wait implements fate.
func (w *witness) wait(t *track, item int) time.Duration {
	d := w.fate.wait(t, item)
	w.draws = append(w.draws, draw{track: t, item: item, wait: d})
	return d
}

// way implements fate.
func (w *witness) way(t *track, item int) int {
	way := w.fate.way(t, item)
	w.draws = append(w.draws, draw{track: t, item: item, way: way})
	return way
}

func newPlay(s *story, v partner.View, f fate, patience time.Duration) *play {
	w := &witness{fate: f}
	p := &play{course: s.begin(w), view: v, fate: w, patience: patience, polling: v.Polls > 0, declined: map[awaited]bool{},
		lanes: make([][]picture.Span, len(s.offers)+1)}
	p.watch = func(h happening) { p.pass(h.offer, h.item) }
	p.look()
	return p
}

// run plays the story until nothing happens any more.
func (p *play) run() {
	for {
		due, _ := p.due()
		poll, next := never, p.awaits()
		if p.polling && p.polled+p.view.Polls <= p.patience {
			poll = p.polled + p.view.Polls
		}
		switch at := min(due, next.at, poll); {
		case at == never:
			return
		case at == due:
			p.to(at)
		case at == next.at:
			p.to(at)
			p.suppose(next)
		default:
			p.to(at)
			p.ask(at)
		}
		p.look()
	}
}

// ask has the client poll, for the last time if it sees that the calculation is decided (contract facts A3).
func (p *play) ask(at time.Duration) {
	p.polled = at
	if p.polls() {
		p.meets(act{at: at, poll: true, offer: whole})
	}
	p.polling = p.whole != CalculationReady && p.whole != NoCalculationAvailable && p.whole != CalculationError
}

// meets has an act happen and keeps it.
func (p *play) meets(a act) {
	p.acts = append(p.acts, a)
	p.meet(&a)
}

// awaits is the event that comes first; never when none does.
func (p *play) awaits() awaited {
	first := awaited{at: never}
	if p.view.Events <= 0 {
		return first
	}
	for _, offer := range p.order() {
		r := p.runner(offer)
		for _, w := range r.open {
			if it := &r.track.items[w.item]; it.wait.kind == onEvent {
				a := awaited{max(r.since+p.view.Events, p.now), offer, w.item, it.wait.event, p.statusOf(offer)}
				if !p.declined[a.timeless()] && a.at < first.at {
					first = a
				}
			}
		}
	}
	return first
}

func (a awaited) timeless() awaited { a.at = 0; return a }

// order are the tracks: the offers', then the stated one if there is one.
func (p *play) order() (list []int) {
	for i := range p.tracks {
		list = append(list, i)
	}
	if p.says.track != nil {
		list = append(list, whole)
	}
	return list
}

func (p *play) statusOf(offer int) string {
	if offer == whole {
		return string(p.whole)
	}
	return string(p.offers[offer].status)
}

// suppose has an event happen, if it can: to the offer that waits for it, or for the calculation to the first offer that can take it.
func (p *play) suppose(a awaited) {
	c := &calculation{text: exampleID, story: p.story, offers: p.offers}
	to := a.offer
	if e, _ := eventNamed(a.event); to == whole && !e.all {
		to = slices.IndexFunc(p.offers, func(now present) bool { return e.takes(now.status) })
	}
	chosen, err := c.chooseEvent(a.event, to)
	if err != nil {
		p.declined[a.timeless()] = true
		return
	}
	before := map[int]runner{}
	for _, offer := range p.order() {
		before[offer] = *p.runner(offer)
	}
	chosen.at = p.now
	p.meets(chosen)
	p.supposed = append(p.supposed, fmt.Sprintf("supposed: event %s for %s at %s, %s after the wait for it began", a.event, p.nameOf(chosen.offer),
		scenario.Words(p.now), scenario.Words(p.view.Events)))
	for _, offer := range p.order() {
		if was, is := before[offer], p.runner(offer); was.item != is.item || was.since != is.since {
			p.passed = append(p.passed, passage{offer, was.from, is.item})
		}
	}
}

// pass notes that a track is about to come to a step.
func (p *play) pass(offer, item int) {
	if item != none {
		p.passed = append(p.passed, passage{offer, p.runner(offer).from, item})
	}
}

// look draws what has changed by now.
func (p *play) look() {
	causes := map[int]string{}
	for _, t := range p.turns[p.seen:] {
		causes[t.offer] = p.because(t)
	}
	p.seen = len(p.turns)
	for i, now := range p.offers {
		o, said, cause := &p.story.offers[i], "", causes[i]
		if now.step != byAct {
			said, cause = o.track.items[now.step].text, cmp.Or(cause, o.track.because(now.step))
		}
		p.show(i, picture.Span{Text: string(now.status), Kind: now.status.kind(), Message: said, Cause: cause})
	}
	cause := causes[whole]
	if p.now == 0 && p.stated != byAct {
		cause = p.story.stated.because(p.stated)
	}
	p.show(len(p.offers), picture.Span{Text: string(p.whole), Kind: p.whole.kind(), Cause: cause})
}

// show puts a status behind those of a lane, if it is another one.
func (p *play) show(lane int, s picture.Span) {
	spans := p.lanes[lane]
	s.From = p.now
	if n := len(spans); n > 0 {
		last := &spans[n-1]
		if last.Text == s.Text && last.Message == s.Message {
			return
		}
		if last.To = p.now; last.From == p.now { // nobody sees it
			spans = spans[:n-1]
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
