package osago

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"poligon/internal/contract"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/sim"
)

// forever is later than every step of a story.
const forever = never - 1

// subjectID reads the id of a subject as people write it.
func subjectID(id string) (uuid.UUID, error) {
	if !contract.IsUUID(id) {
		return uuid.Nil, fmt.Errorf("%q is not a request_id: %w", id, partner.ErrUnknownSubject)
	}
	return uuid.MustParse(id), nil
}

// Subject implements partner.Machine. What is not a UUID is the id of nothing.
func (a *API) Subject(id string) sim.Subject {
	u, err := subjectID(id)
	if err != nil {
		return sim.Subject{API: Name}
	}
	return subject(u)
}

// recall is the calculation as its log has it, or an error that wraps partner.ErrUnknownSubject when it was never started.
func recall(run *partner.Run, id uuid.UUID, text string, events []sim.Event) (*calculation, error) {
	at := lastStart(events)
	if at < 0 {
		return nil, fmt.Errorf("calculation %s: %w", text, partner.ErrUnknownSubject)
	}
	s, err := decodeStart(events[at].Data)
	if err != nil {
		return nil, err
	}
	c := newCalculation(run, id, text, events[at].At, s)
	c.by = events[at].By
	if len(events) > at+1 {
		if c.acts, err = readActs(events[at+1:], c.started, len(c.story.offers)); err != nil {
			return nil, err
		}
		if c.choices, err = readChoices(events[at+1:]); err != nil {
			return nil, err
		}
		if c.sales, err = readSales(events[at+1:], len(c.story.offers)); err != nil {
			return nil, err
		}
		c.attempts, err = readAttempts(events[at+1:], c.started, len(c.story.offers))
	}
	return c, err
}

// recallSubject is recall for a subject of the log.
func recallSubject(run *partner.Run, s sim.Subject, events []sim.Event) (*calculation, bool) {
	if len(s.ID) != len(uuid.UUID{}) {
		return nil, false
	}
	id := uuid.UUID([]byte(s.ID))
	c, err := recall(run, id, id.String(), events)
	return c, err == nil
}

// Check implements partner.API.
func (a *API) Check(run *partner.Run, s sim.Subject, events []sim.Event) error {
	if len(s.ID) != len(uuid.UUID{}) {
		return errors.New("the id of a calculation is no UUID")
	}
	id := uuid.UUID([]byte(s.ID))
	c, err := recall(run, id, id.String(), events)
	if err != nil {
		return fmt.Errorf("calculation %s: %w", id, err)
	}
	if _, err := run.Library.Find(c.start.scenario); err != nil {
		return fmt.Errorf("calculation %s: %w", id, err)
	}
	if run.Library.Told(c.start.version) == nil {
		return fmt.Errorf("calculation %s: the version of scenario %s that it began with is not there", id, c.start.scenario)
	}
	_, err = c.application()
	return err
}

// Explain implements partner.Machine. It is a look that starts nothing and takes no number.
func (a *API) Explain(ctx context.Context, run *partner.Run, id string) (partner.Explanation, error) {
	u, err := subjectID(id)
	if err != nil {
		return partner.Explanation{}, err
	}
	events, err := run.Log.Read(ctx, subject(u))
	if err != nil {
		return partner.Explanation{}, fmt.Errorf("reading the log of %s: %w", Name, err)
	}
	c, err := recall(run, u, u.String(), events)
	if err != nil {
		return partner.Explanation{}, err
	}
	c.settle()
	return a.explained(c), nil
}

// explain says where a settled calculation stands.
func (c *calculation) explain() partner.Explanation {
	life := c.follow(forever)
	e := partner.Explanation{ID: c.text, API: Name, Scenario: c.played.Name, Started: c.started, By: c.by, Now: c.started.Add(c.offset), Happened: []partner.Change{}, Parts: []partner.State{}}
	for _, a := range c.acts {
		e.Forced = e.Forced || a.force && a.at <= c.offset
	}
	e.Whole = c.state(life, whole)
	e.Whole.Label, e.Whole.Status, e.Whole.Waits = c.story.partner.name, string(c.whole), waits(c.statuses()...)
	for i, now := range c.offers {
		s, o := c.state(life, i), &c.story.offers[i]
		s.Part, s.Label, s.Status, s.Waits = c.offerID(i), o.key+", "+o.insurer.name, string(now.status), waits(now.status)
		s.Price = c.priceWords(i)
		e.Parts = append(e.Parts, s)
	}
	for _, t := range life.turns {
		if t.at <= c.offset {
			e.Happened = append(e.Happened, c.change(t))
		}
	}
	e.Choices, e.Sales, e.Reports = c.shownChoices(), c.shownSales(), c.shownAttempts()
	return e
}

// state says since when and why an offer or the whole is what it is, and what comes next by itself.
func (c *calculation) state(life *course, offer int) (s partner.State) {
	s.Since, s.Cause = c.started, c.first(offer)
	if c.life != nil {
		s.Awaits = c.life.awaits(offer)
	}
	for _, t := range life.turns {
		switch {
		case t.offer != offer:
		case t.at <= c.offset:
			s.Since, s.Cause, s.By = c.started.Add(t.at), c.longCause(t.cause, offer), 0
			if t.cause.act != nil {
				s.By = t.cause.act.by
			}
		case t.cause.act == nil:
			next := c.change(t)
			s.Next = &next
			return s
		}
	}
	return s
}

// first says why an offer or the whole was what it was at the start.
func (c *calculation) first(offer int) string {
	life := c.story.begin(drawn{c.dice, c.text, c.story})
	if r := life.runner(offer); r.track != nil {
		return c.longCause(cause{offer: offer, item: r.item}, offer)
	}
	return "the start"
}

// change is a turn as others see it.
func (c *calculation) change(t turn) partner.Change {
	change := partner.Change{At: c.started.Add(t.at), Subject: c.text, From: t.from, To: t.to, Cause: c.cause(t.cause, t.offer)}
	if t.offer != whole {
		change.Part = c.offerID(t.offer)
	}
	return change
}

// cause is a cause in words, for a change of an offer or the whole: "step 3 of offers.alfa", "event paid".
func (c *calculation) cause(why cause, of int) string {
	switch {
	case why.item != none && why.offer == whole:
		return c.stepOf(why, "calculation", c.story.stated)
	case why.item != none:
		return c.stepOf(why, "offers."+c.story.offers[why.offer].key, c.story.offers[why.offer].track)
	case why.act.force && (why.act.offer == of || why.act.offer == whole):
		return "forced"
	case why.act.force:
		return "forced offer " + c.offerID(why.act.offer)
	case why.act.offer == of || why.act.offer == whole:
		return "event " + why.act.word
	}
	return "event " + why.act.word + " of offer " + c.offerID(why.act.offer)
}

// stepOf is a step of a track in words, with what brought it unless that was time.
func (c *calculation) stepOf(why cause, of string, t *track) string {
	text := "step " + t.items[why.item].path + " of " + of
	if c.story.name != "" {
		text += " of story " + c.story.name
	}
	if w := t.items[why.item].wait; w.kind >= polled {
		text += " (" + w.String() + ")"
	}
	return text
}

// longCause is a cause in words that also say when a step begins.
func (c *calculation) longCause(why cause, of int) string {
	text := c.cause(why, of)
	if why.item == none {
		return text
	}
	t := c.story.stated
	if why.offer != whole {
		t = c.story.offers[why.offer].track
	}
	if t.fixed == nil {
		if w := t.items[why.item].wait; w.kind == afterStep || w.kind == afterStart {
			text += " (" + w.String() + ")"
		}
		return text
	}
	for _, s := range t.fixed.Steps() {
		if s.Value == why.item && s.After == 0 {
			return text + " (at the start)"
		} else if s.Value == why.item {
			return text + " (" + scenario.Words(s.After) + " after the start)"
		}
	}
	return text
}

// Next implements partner.API.
func (a *API) Next(run *partner.Run, s sim.Subject, events []sim.Event) (time.Time, bool) {
	c, ok := recallSubject(run, s, events)
	if !ok {
		return time.Time{}, false
	}
	offset, ok := c.next()
	if !ok {
		return time.Time{}, false
	}
	return c.started.Add(offset), true
}

// Changes implements partner.API. What acts did is left out.
func (a *API) Changes(run *partner.Run, s sim.Subject, events []sim.Event, after, until time.Time) (list []partner.Change) {
	c, ok := recallSubject(run, s, events)
	if !ok {
		return nil
	}
	from := after.Sub(c.started)
	for _, t := range c.follow(until.Sub(c.started)).turns {
		if t.at > from && t.cause.act == nil {
			list = append(list, c.change(t))
		}
	}
	return list
}

// Version implements partner.API: what the last start of a calculation says.
func (a *API) Version(events []sim.Event) uint64 {
	at := lastStart(events)
	if at < 0 {
		return 0
	}
	s, _ := decodeStart(events[at].Data)
	return s.version
}

// Touchable implements partner.API: the steps of every story, of each those of its offers and then the stated ones.
func (a *API) Touchable(of any) []string { return of.(*script).places }
