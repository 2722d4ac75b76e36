package osago

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"

	"poligon/internal/dice"
	"poligon/internal/journal"
	"poligon/internal/partner"
	"poligon/internal/sim"
)

// madeOf are the attempts of an offer so far.
func (c *calculation) madeOf(offer int) (list []attempt) {
	for _, a := range c.attempts {
		if a.offer == offer {
			list = append(list, a)
		}
	}
	return list
}

// owes is the first attempt that the settled calculation is to make, as far as it is known now; false when there is none.
func (c *calculation) owes() (first attempt, ok bool) {
	var ahead []turn
	for i, now := range c.offers {
		paid := c.since(i).paid
		if !paidStatuses[now.status] {
			if ahead == nil {
				ahead = c.follow(forever).turns
			}
			at := slices.IndexFunc(ahead, func(t turn) bool { return t.offer == i && t.at > c.offset && paidStatuses[OfferStatus(t.to)] })
			if at < 0 {
				continue
			}
			paid = ahead[at].at
		}
		n, owed := c.story.sending.next(paid, c.madeOf(i), func(n attempt, what string) dice.Die {
			return c.dice.Of(Name, c.text, "report", strconv.Itoa(i), strconv.Itoa(n.number), strconv.FormatBool(n.again), what)
		})
		if owed && (!ok || n.at < first.at) {
			first, ok = n, true
			first.offer = i
		}
	}
	return first, ok
}

// Sends implements partner.Sender.
func (a *API) Sends() string { return sendSale }

// TellSales has partners tell of their sales. Call it before the API serves.
func (a *API) TellSales() { a.sends = true }

// Owes implements partner.Sender.
func (a *API) Owes(run *partner.Run, s sim.Subject, events []sim.Event) (o partner.Owed, ok bool) {
	if !a.sends {
		return o, false
	}
	c, ok := recallSubject(run, s, events)
	if !ok {
		return o, false
	}
	c.settle()
	n, ok := c.owes()
	if !ok {
		return o, false
	}
	app, err := c.application()
	if err != nil {
		return o, false
	}
	of := &c.story.offers[n.offer]
	o = partner.Owed{Subject: c.text, Scenario: c.played, At: c.started.Add(n.at), To: c.story.sending.to,
		Out: journal.Out{Offer: c.offerID(n.offer), Start: c.by, Attempt: n.number, Copy: n.again, Outcome: n.outcome},
		Query: url.Values{"request_id": {c.text}, "offer_id": {c.offerID(n.offer)}, "partner_id": {strconv.Itoa(c.story.partner.code)},
			"counterparty_id": {strconv.Itoa(of.insurer.code)}, "amount": {c.priceOf(n.offer, app).StringFixed(2)}, "is_upsaled": {strconv.FormatBool(c.upsaled(n.offer))}}.Encode()}
	switch {
	case n.outcome == lost:
		o.Faults = []string{"lost: planned, not sent"}
	case n.again:
		o.Faults = []string{"duplicate: attempt " + strconv.Itoa(n.number) + " was accepted and is made once more"}
	}
	return o, true
}

// Sent implements partner.Sender. An attempt that the log has already, or that does not follow on it because the calculation began anew,
// is not noted there.
func (a *API) Sent(ctx context.Context, run *partner.Run) error {
	e := &run.Exchange
	if e.Out.Outcome == "" {
		outcome, why := outcomeOf(e.Answer.Status)
		e.Out.Outcome, e.Reason = outcome, cmp.Or(e.Reason, why)
	}
	n := attempt{number: e.Out.Attempt, again: e.Out.Copy, outcome: e.Out.Outcome, status: e.Answer.Status}
	if _, err := decodeAttempt(n.encode()); err != nil || len(e.Subjects) != 1 { // a recording may say anything
		return sim.ErrCorrupt
	}
	id, err := subjectID(e.Subjects[0])
	if err != nil {
		return err
	}
	run.Note.Subjects = e.Subjects
	if err := run.Session.Enter(run); err != nil {
		return err
	}
	defer run.Session.Leave(run)
	c, err := sim.Decide(ctx, run.Log, subject(id), run.Moment(), func(m sim.Moment) (*calculation, []sim.Event) {
		c, err := recall(run, id, id.String(), m.Events)
		if err != nil {
			return nil, nil
		}
		n.offer = c.offerOf(e.Out.Offer)
		if c.settle(); c.by != e.Out.Start || !c.follows(n) {
			return c, nil
		}
		return c, []sim.Event{{At: m.Now, Name: sentSale, Data: n.encode()}}
	})
	if c != nil {
		run.Note.Scenario, run.Note.Before, run.Note.After = c.played, string(c.whole), string(c.whole)
	}
	return err
}

// follows says whether an attempt comes behind those that were made.
func (c *calculation) follows(n attempt) bool {
	var last attempt
	if made := c.madeOf(n.offer); len(made) > 0 {
		last = made[len(made)-1]
	}
	if n.again {
		return n.offer != whole && last.number == n.number && !last.again
	}
	return n.offer != whole && last.number == n.number-1
}

// shownAttempts are the reports that were made, for an explanation.
func (c *calculation) shownAttempts() (list []partner.Report) {
	for _, a := range c.attempts {
		list = append(list, partner.Report{Part: c.offerID(a.offer), Attempt: a.number, Copy: a.again, At: c.started.Add(a.at), By: a.by, Outcome: a.outcome, Status: a.status})
	}
	return list
}

// explained is where a settled calculation stands.
func (a *API) explained(c *calculation) partner.Explanation {
	e := c.explain()
	if !a.sends {
		return e
	}
	if n, ok := c.owes(); ok {
		e.Owes = &partner.Report{Part: c.offerID(n.offer), Attempt: n.number, Copy: n.again, At: endOf(c.started, n.at)}
	}
	return e
}
