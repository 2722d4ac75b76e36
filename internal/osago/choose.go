package osago

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"poligon/internal/osago/internal/wire"
	"poligon/internal/partner"
	"poligon/internal/sim"
)

// offerBody is the answer of both operations on an offer: the bare offer (contract facts A7, A8), with what the request is warned of.
type offerBody struct {
	offer   wire.Offer
	warning string
}

// VisitGetOfferResponse implements the generated interface.
func (o offerBody) VisitGetOfferResponse(w http.ResponseWriter) error {
	respond(w, http.StatusOK, o.offer)
	return nil
}

// VisitConfirmOfferResponse implements the generated interface.
func (o offerBody) VisitConfirmOfferResponse(w http.ResponseWriter) error {
	warn(w, o.warning)
	respond(w, http.StatusOK, o.offer)
	return nil
}

// VisitGetOfferResponse implements the generated interface.
func (f refusal) VisitGetOfferResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}

// VisitConfirmOfferResponse implements the generated interface.
func (f refusal) VisitConfirmOfferResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}

// noOffer is the refusal of an offer_id that the calculation does not have.
func (c *calculation) noOffer() refusal {
	return refusal{status: http.StatusNotFound, requestID: c.text, message: "Предложение не найдено.",
		reason: "the calculation has no offer of this offer_id; it has: " + c.list()}
}

// touchOffer tells the session which step of one offer a client sees.
func (c *calculation) touchOffer(s partner.Session, i int) {
	if now := c.offers[i]; now.step != byAct {
		t := c.story.offers[i].track
		s.Touch(Name, c.story.script, t.base+t.items[now.step].number)
	}
}

// GetOffer implements wire.StrictServerInterface.
func (h *handler) GetOffer(ctx context.Context, req wire.GetOfferRequestObject) (wire.GetOfferResponseObject, error) {
	c, refused, err := h.found(ctx, req.Params.RequestID, looks)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return *refused, nil
	}
	i := c.offerOf(req.Params.OfferID)
	if i == whole {
		return c.noOffer(), nil
	}
	return c.offerBody(partner.From(ctx), i)
}

func (c *calculation) offerBody(run *partner.Run, i int) (offerBody, error) {
	app, err := c.application()
	if err != nil {
		return offerBody{}, err
	}
	c.touchOffer(run.Session, i)
	return offerBody{offer: c.wireOffer(i, app, run.Where.String())}, nil
}

// ConfirmOffer implements wire.StrictServerInterface.
func (h *handler) ConfirmOffer(ctx context.Context, req wire.ConfirmOfferRequestObject) (wire.ConfirmOfferResponseObject, error) {
	value, canonical, refused := readBody(h.api.confirmation, req.ContentType, req.Body)
	if refused != nil {
		note(ctx, refused.requestID)
		return *refused, nil
	}
	var body wire.ConfirmOfferRequest
	if err := unmarshal(canonical, &body); err != nil {
		return refusal{status: http.StatusBadRequest, requestID: requestIDOf(value), message: messageBadRequest, reason: err.Error(),
			properties: []wire.ErrorDetail{{Property: unfit(err), Message: messageBadValue}}}, nil
	}
	id := uuid.MustParse(body.RequestID) // the contract wants a UUID
	c, i, refused, err := confirmOffer(ctx, id, body)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return *refused, nil
	}
	answer, err := c.offerBody(partner.From(ctx), i)
	answer.warning = h.api.fields.confirmation.unknown(value)
	return answer, err
}

// confirmFires is what happens to an offer that is confirmed, by its status; nothing happens to one that is confirmed already and waits
// for its payment. A new link after a failed one is inferred, as in the lifecycle.
var confirmFires = map[OfferStatus]string{PreCalcReady: "confirmed", Approved: "", PaymentReady: "",
	PaymentCancelled: "payment_ready", PaymentLinkFailed: "payment_ready"}

// confirmOffer takes an offer in the session's turn. The same choice again changes nothing.
func confirmOffer(ctx context.Context, id uuid.UUID, body wire.ConfirmOfferRequest) (*calculation, int, *refusal, error) {
	type answer struct {
		before, after *calculation
		offer         int
		refused       *refusal
		err           error
	}
	run, text := partner.From(ctx), id.String()
	rule := func(m sim.Moment) (got answer, _ []sim.Event) {
		if got.before, got.err = recall(run, id, text, m.Events); got.err != nil {
			return got, nil
		}
		got.before.settle()
		var add []sim.Event
		if got.offer, add, got.refused, got.err = got.before.confirmed(body, m); got.err != nil || got.refused != nil {
			return got, nil
		}
		if got.after, got.err = recall(run, id, text, append(slices.Clip(m.Events), add...)); got.err != nil {
			return got, nil
		}
		return got, add
	}
	run.Note.Subjects = []string{text}
	if err := run.Session.Enter(run); err != nil {
		return nil, 0, nil, err
	}
	defer run.Session.Leave(run)
	got, err := sim.Decide(ctx, run.Log, subject(id), run.Moment(), rule)
	if err != nil {
		return nil, 0, nil, err
	}
	if errors.Is(got.err, partner.ErrUnknownSubject) {
		return nil, 0, &refusal{status: http.StatusNotFound, requestID: text, message: "Расчет не найден.",
			reason: "no calculation was started under this request_id, so it has no offers"}, nil
	}
	if got.before != nil {
		run.Note.Scenario, run.Note.Before, run.Note.After = got.before.played, string(got.before.whole), string(got.before.whole)
	}
	if got.err != nil || got.refused != nil {
		return nil, 0, got.refused, got.err
	}
	got.after.settle()
	run.Note.After = string(got.after.whole)
	return got.after, got.offer, nil, nil
}

// badReturn is the first return URL that nobody can be sent to; empty when there is none.
func badReturn(r *wire.ReturnUrls) string {
	switch {
	case r.SuccessURL != nil && !isReturnURL(*r.SuccessURL):
		return "return_urls.success_url"
	case r.FailureURL != nil && !isReturnURL(*r.FailureURL):
		return "return_urls.failure_url"
	}
	return ""
}

// confirmed are the events of a confirmation, or why it is refused.
func (c *calculation) confirmed(body wire.ConfirmOfferRequest, m sim.Moment) (i int, add []sim.Event, refused *refusal, err error) {
	if i = c.offerOf(body.OfferID); i == whole {
		no := c.noOffer()
		return i, nil, &no, nil
	}
	refuse := func(property, message, reason string) (int, []sim.Event, *refusal, error) {
		return i, nil, &refusal{status: http.StatusBadRequest, requestID: c.text, message: messageBadRequest, reason: reason,
			properties: []wire.ErrorDetail{{Property: property, Message: message}}}, nil
	}
	status := c.offers[i].status
	fire, can := confirmFires[status]
	if !can {
		message := messages[status]
		switch {
		case paidStatuses[status]:
			message = "Предложение уже оплачено."
		case message == "":
			message = "Предложение еще не рассчитано."
		}
		return refuse("offer_id", message, "offer "+c.offerID(i)+" is "+string(status)+": confirm one from PRE_CALC_READY on and until it is paid; the offers: "+c.list())
	}
	ch := choice{Offer: i}
	if body.ReturnUrls != nil {
		if property := badReturn(body.ReturnUrls); property != "" {
			return refuse(property, messageBadValue, property+" is an absolute http or https URL in ASCII, such as https://example.com/osago/success")
		}
		ch.Returns = readReturns(body.ReturnUrls)
	}
	app, err := c.application()
	if err != nil {
		return i, nil, nil, err
	}
	var wrong *wrongChoice
	if ch.Upsales, wrong = c.story.offers[i].shows.take(body.Upsales, !app.NoCross); wrong != nil {
		return refuse(wrong.property, wrong.message, wrong.reason)
	}
	if was, ok := c.choices[i]; !ok || !was.same(ch) {
		e, err := ch.event()
		if err != nil {
			return i, nil, nil, err
		}
		e.At, e.By = m.Now, m.Number
		add = append(add, e)
	}
	if fire != "" {
		name, data := act{offer: i, word: fire}.encode()
		add = append(add, sim.Event{At: m.Now, By: m.Number, Name: name, Data: data})
	}
	return i, add, nil, nil
}
