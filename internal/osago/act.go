package osago

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/sim"
)

// The events of a calculation's log that acts add. Those before the last start belong to a calculation that is no more.
const (
	fired  = "fired"
	forced = "forced"
	looked = "looked" // a poll that a story waits for
)

// act is something that a person had happen to a calculation.
type act struct {
	at    time.Duration // since the start
	by    uint64        // its number
	force bool
	poll  bool   // nothing but a poll that a story waits for
	offer int    // by its place in the script; whole for the calculation, or for every offer that can take the event
	word  string // an event, or a status to force
}

// encode is the act as its event: for a poll without data, else the offer's place plus one (uvarint, 0 for the whole), then the word.
func (a act) encode() (name string, data []byte) {
	if a.poll {
		return looked, nil
	}
	name = fired
	if a.force {
		name = forced
	}
	return name, append(binary.AppendUvarint(nil, uint64(a.offer+1)), a.word...)
}

// decodeAct reads an act; its instant is left to the caller. An act that knows no event or status of ours is corrupt.
func decodeAct(name string, data []byte) (a act, err error) {
	if name == looked && len(data) == 0 {
		return act{poll: true, offer: whole}, nil
	}
	place, n := binary.Uvarint(data)
	if n <= 0 || place > maxOffers {
		return a, sim.ErrCorrupt
	}
	a = act{force: name == forced, offer: int(place) - 1, word: string(data[n:])}
	known := eventNames()
	switch {
	case a.force && a.offer == whole:
		known = calculationStatuses
	case a.force:
		known = offerStatuses
	}
	if name != fired && name != forced || !slices.Contains(known, a.word) {
		return act{}, sim.ErrCorrupt
	}
	return a, nil
}

// readActs reads the acts among the events after a start. One on an offer that the script does not have, because the scenario
// was rewritten since, is left out, and so are sales that were noted, and reports that were made.
func readActs(events []sim.Event, started time.Time, offers int) (list []act, err error) {
	var at time.Duration
	for _, e := range events {
		if e.Name == confirmedSale || e.Name == chosen || e.Name == sentSale {
			continue
		}
		a, err := decodeAct(e.Name, e.Data)
		if err != nil {
			return nil, err
		}
		at = max(at, e.At.Sub(started)) // as they were recorded, even if a clock differed
		a.at, a.by = at, e.By
		if a.offer < offers {
			list = append(list, a)
		}
	}
	return list, nil
}

// Act implements partner.Machine.
func (a *API) Act(ctx context.Context, run *partner.Run, id string, wanted partner.Act) (partner.Explanation, error) {
	c, err := happen(ctx, run, id, wanted)
	if err != nil {
		return partner.Explanation{}, err
	}
	return a.explained(c), nil
}

// errNoOffer says that a calculation has no offer of an id.
var errNoOffer = errors.New("the calculation has no such offer")

// happen has an act happen to the calculation of an id, and gives the calculation as it is then. Where the act is not allowed the
// error is a *partner.NotAllowed, and the calculation is as it stands.
func happen(ctx context.Context, run *partner.Run, id string, wanted partner.Act) (*calculation, error) {
	type answer struct {
		before, after *calculation
		err           error
	}
	u, err := subjectID(id)
	if err != nil {
		return nil, err
	}
	text := u.String()
	rule := func(m sim.Moment) (got answer, _ []sim.Event) {
		if got.before, got.err = recall(run, u, text, m.Events); got.err != nil {
			return got, nil
		}
		got.before.settle()
		if wanted.Exact && got.before.offerOf(wanted.Part) == whole {
			got.err = errNoOffer
			return got, nil
		}
		what, err := got.before.choose(wanted)
		if err != nil {
			got.err = err
			return got, nil
		}
		name, data := what.encode()
		add := sim.Event{At: m.Now, By: m.Number, Name: name, Data: data}
		if got.after, got.err = recall(run, u, text, append(slices.Clip(m.Events), add)); got.err != nil {
			return got, nil
		}
		return got, []sim.Event{add}
	}
	run.Note.Subjects = []string{text}
	if err := run.Session.Enter(run); err != nil {
		return nil, err
	}
	defer run.Session.Leave(run)
	got, err := sim.Decide(ctx, run.Log, subject(u), run.Moment(), rule)
	if err != nil {
		return nil, err
	}
	if got.before != nil {
		run.Note.Scenario, run.Note.Before, run.Note.After = got.before.played, string(got.before.whole), string(got.before.whole)
	}
	if got.err != nil {
		return got.before, got.err
	}
	got.after.settle()
	run.Note.After = string(got.after.whole)
	return got.after, nil
}

// choose is the act that is wanted, if the calculation can take it as it stands.
func (c *calculation) choose(wanted partner.Act) (act, error) {
	offer := whole
	what, allowed := "event "+wanted.Fire, waits(c.statuses()...)
	switch {
	case (wanted.Fire == "") == (wanted.Force == ""):
		return act{}, errors.New("an act either fires an event or forces a status")
	case wanted.Force != "" && wanted.Part == "":
		what, allowed = "forcing "+wanted.Force, calculationStatuses
	case wanted.Force != "":
		what, allowed = "forcing "+wanted.Force, offerStatuses
	}
	if wanted.Part != "" {
		if offer = c.offerNamed(wanted.Part); offer == whole {
			return act{}, &partner.NotAllowed{What: what, Why: fmt.Sprintf("there is no offer %s; the offers: %s", wanted.Part, c.list()), Allowed: allowed}
		}
	}
	if wanted.Force == "" {
		return c.chooseEvent(wanted.Fire, offer)
	}
	if !slices.Contains(allowed, wanted.Force) {
		why := unknown("status", wanted.Force, allowed)
		if offer == whole && slices.Contains(offerStatuses, wanted.Force) {
			why = wanted.Force + " is a status of offers, and no offer is named: " + c.list()
		}
		return act{}, &partner.NotAllowed{What: what, Why: why, Allowed: allowed}
	}
	return act{force: true, offer: offer, word: wanted.Force}, nil
}

// chooseEvent is the firing of an event at an offer, or at whatever can take it.
func (c *calculation) chooseEvent(name string, offer int) (act, error) {
	e, ok := eventNamed(name)
	refuse := func(allowed []string, why string) (act, error) {
		return act{}, &partner.NotAllowed{What: "event " + name, Why: why, Allowed: allowed}
	}
	allowed := waits(c.statuses()...)
	if !ok {
		return refuse(allowed, unknown("event", name, eventNames()))
	}
	if offer != whole {
		if now := c.offers[offer].status; !e.takes(now) {
			return refuse(waits(now), fmt.Sprintf("offer %s is %s", c.offerID(offer), now))
		}
		return act{offer: offer, word: name}, nil
	}
	var can []int
	for i := range c.offers {
		if e.takes(c.offers[i].status) {
			can = append(can, i)
		}
	}
	switch {
	case len(can) == 0 && len(c.offers) == 0:
		return refuse(allowed, "the calculation has no offers")
	case len(can) == 0:
		return refuse(allowed, "no offer can take it: "+c.list())
	case e.all:
		return act{offer: whole, word: name}, nil
	case len(can) > 1:
		return refuse(allowed, fmt.Sprintf("%d offers can take it, so name one (offer_id, --offer): %s", len(can), c.list(can...)))
	}
	return act{offer: can[0], word: name}, nil
}

// unknown says that there is no such word, which one was probably meant, and which there are.
func unknown(kind, word string, known []string) string {
	why := fmt.Sprintf("there is no %s %.100q", kind, word)
	if near := scenario.Nearest(word, known); near != "" {
		why += fmt.Sprintf(" (did you mean %s?)", near)
	}
	return why + "; known: " + strings.Join(known, ", ")
}

// offerNamed is the place of an offer in the script by its id, or else by its name there; whole when there is none.
func (c *calculation) offerNamed(name string) int {
	for i := range c.story.offers {
		if c.offerID(i) == name {
			return i
		}
	}
	return slices.IndexFunc(c.story.offers, func(o offer) bool { return o.key == name })
}

// list names offers, or all of them, with their statuses.
func (c *calculation) list(some ...int) string {
	var names []string
	for i := range c.offers {
		if len(some) == 0 || slices.Contains(some, i) {
			names = append(names, fmt.Sprintf("%s (%s) is %s", c.offerID(i), c.story.offers[i].key, c.offers[i].status))
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// statuses are those of the offers, in the script's order.
func (c *calculation) statuses() []OfferStatus {
	list := make([]OfferStatus, len(c.offers))
	for i := range c.offers {
		list[i] = c.offers[i].status
	}
	return list
}
