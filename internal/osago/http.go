package osago

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"poligon/internal/contract"
	"poligon/internal/osago/internal/wire"
	"poligon/internal/partner"
)

// What the partner says in refusals.
const (
	messageBadRequest = "Ошибка в запросе."
	messageBadValue   = "Неверное значение."
	messageRequired   = "Обязательное поле не заполнено."
)

// handler maps the rules to and from the wire.
type handler struct{ api *API }

var _ wire.StrictServerInterface = (*handler)(nil)

// parseID reads a request_id in its canonical form; anything else is refused.
func parseID(text string) (uuid.UUID, *refusal) {
	if !contract.IsUUID(text) {
		return uuid.Nil, &refusal{status: http.StatusBadRequest, message: messageBadRequest, reason: "request_id is not a UUID such as 123e4567-e89b-12d3-a456-426614174000",
			properties: []wire.ErrorDetail{{Property: requestID, Message: messageBadValue}}}
	}
	return uuid.MustParse(text), nil
}

// note tells the session which request_id a refused request carried, if it carried one.
func note(ctx context.Context, id string) {
	const longest = 100 // bytes; what is longer was meant for something else
	if contract.IsUUID(id) {
		id = strings.ToLower(id)
	}
	if id != "" && len(id) <= longest {
		partner.From(ctx).Note.Subjects = []string{id}
	}
}

// found looks a calculation up, or says how the look is refused.
func (h *handler) found(ctx context.Context, text string, how glance) (*calculation, *refusal, error) {
	id, refused := parseID(text)
	if refused != nil {
		note(ctx, text)
		return nil, refused, nil
	}
	c, err := h.api.look(ctx, id, how)
	if errors.Is(err, errUnknownID) {
		return nil, &refusal{status: http.StatusNotFound, requestID: text, message: "Расчет не найден.",
			reason: "no calculation was started under this request_id, and unknown ids are not started here"}, nil
	}
	return c, nil, err
}

// GetCalculationStatus implements wire.StrictServerInterface.
func (h *handler) GetCalculationStatus(ctx context.Context, req wire.GetCalculationStatusRequestObject) (wire.GetCalculationStatusResponseObject, error) {
	c, refused, err := h.found(ctx, req.Params.RequestID, polls)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return *refused, nil
	}
	c.touch(partner.From(ctx).Session)
	return statusBody{c}, nil
}

// GetCalculation implements wire.StrictServerInterface.
func (h *handler) GetCalculation(ctx context.Context, req wire.GetCalculationRequestObject) (wire.GetCalculationResponseObject, error) {
	c, refused, err := h.found(ctx, req.Params.RequestID, polls)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return *refused, nil
	}
	app, err := c.application()
	if err != nil {
		return nil, err
	}
	run := partner.From(ctx)
	c.touch(run.Session)
	offers, base := make([]wire.Offer, len(c.offers)), run.Where.String()
	for i := range c.offers {
		offers[i] = c.wireOffer(i, app, base)
	}
	body := wire.Calculation{RequestID: c.text, Status: wire.CalculationStatus(c.whole), Partner: c.story.partner.wire(), Offers: &offers}
	if drivers := c.wireDrivers(app); len(drivers) > 0 {
		body.Drivers = &drivers
	}
	return calculationBody(body), nil
}

func (p party) wire() wire.PartnerInfo { return wire.PartnerInfo{Code: &p.code, Name: &p.name} }

// wireOffer is an offer as it is now. What it shows grows with its status (contract facts A15): a price once it is
// calculated, a link to pay while there is something to pay, a policy once it is paid, a message when something went wrong.
func (c *calculation) wireOffer(i int, app application, base string) wire.Offer {
	o := &c.story.offers[i]
	status, id := c.offers[i].status, c.offerID(i)
	query := url.Values{"request_id": {c.text}, "offer_id": {id}}.Encode()
	w := wire.Offer{OfferID: id, Partner: o.insurer.wire(), Status: wire.OfferStatus(status), IsProlongation: o.shows.prolongation,
		IsExtProlongation: o.shows.extProlongation, IsReinsurancePool: o.shows.pool}
	if message := c.message(i); message != "" {
		w.Message = &message
	} else if message, ok := messages[status]; ok {
		w.Message = &message
	}
	if !c.showsPrice(i) {
		return w
	}
	w.Price = number(c.priceOf(i, app))
	w.DraftURL = o.shows.draft.at(base + "/osago/offer/draft?" + query)
	if !app.NoCross && len(o.shows.upsales) > 0 {
		w.Upsales = c.upsalesOf(i)
	}
	switch status {
	case PaymentReady, PaymentCancelled:
		w.PaymentURL = o.shows.payment.at(base + "/pay?" + query)
	case PaymentCompleted, ClosedPaid:
		series, policy := policyNumber(c, id)
		w.PolicySeries, w.PolicyNumber = &series, &policy
	}
	return w
}

// showsPrice says whether an offer shows its price as it is now.
func (c *calculation) showsPrice(i int) bool {
	return c.offers[i].status != Rejected && c.offers[i].status != OfferError && c.priced(i)
}

// message is what the scenario has the partner say of an offer as it is now; empty when it has no words for it.
func (c *calculation) message(i int) string {
	now := c.offers[i]
	if now.step == byAct {
		return ""
	}
	return c.story.offers[i].track.items[now.step].text
}

// messages are what the partner says of an offer when the scenario has no words of its own.
var messages = map[OfferStatus]string{
	Rejected:          "Страховая компания отказала в оформлении полиса.",
	OfferError:        "Ошибка обработки предложения.",
	PaymentLinkFailed: "Не удалось получить ссылку на оплату.",
	PaymentCancelled:  "Оплата отменена.",
	ClosedOtherOffer:  "Клиент выбрал другое предложение.",
	ClosedTimeout:     "Предложение закрыто по таймауту.",
}

// premium is the offer's price: the scenario's, or the product of the coefficients.
func (o *offer) premium(c *calculation, app application) decimal.Decimal {
	if o.price != "" {
		return decimal.RequireFromString(o.price) // read by scenario.Node.Money
	}
	return price(c.dice, o.maker(), app, c.started)
}

// policyNumber is the series and number of an issued policy: ХХХ and ten digits (contract facts A6, A18).
func policyNumber(c *calculation, offerID string) (series, policy string) {
	return "ХХХ", "0" + digits(c.dice.Of(Name, c.text, offerID, "policy").IntN(1_000_000_000), 9)
}

// wireDrivers are the drivers who are named, each with its coefficients.
func (c *calculation) wireDrivers(app application) []wire.DriverInfo {
	var list []wire.DriverInfo
	for i, k := range app.driverCoefficients(c.dice, c.shownBy(), c.started) {
		d := app.Drivers[i]
		list = append(list, wire.DriverInfo{Series: &d.Series, Number: &d.Number, Coefficients: &wire.DriverCoefficients{
			Tb: number(k.tb), Kt: number(k.kt), Kbm: number(k.kbm), Kvs: number(k.kvs), Ks: number(k.ks), Kp: number(k.kp),
			Km: number(k.km), Kn: number(k.kn), Ko: number(k.ko), Kpr: number(k.kpr),
		}})
	}
	return list
}

// number is a decimal as it stands on the wire: 7072, 1.8.
func number(d decimal.Decimal) *json.Number {
	n := json.Number(d.String())
	return &n
}

// StartCalculation implements wire.StrictServerInterface.
func (h *handler) StartCalculation(ctx context.Context, req wire.StartCalculationRequestObject) (wire.StartCalculationResponseObject, error) {
	body, refused := h.api.readRequest(req.ContentType, req.Body)
	if refused != nil {
		note(ctx, refused.requestID)
		return *refused, nil
	}
	c, err := h.api.apply(ctx, uuid.MustParse(body.request.RequestID), applied{body.digest, h.api.named(body), body.value})
	if errors.Is(err, errOtherBody) {
		return refusal{status: http.StatusBadRequest, requestID: body.request.RequestID, message: messageBadRequest,
			reason:     "this request_id is already taken by a calculation with another body; use a new one for each calculation, or a scenario with repeated: replace",
			properties: []wire.ErrorDetail{{Property: requestID, Message: "Расчет с таким идентификатором уже начат с другими данными."}}}, nil
	}
	if err != nil {
		return nil, err
	}
	date := c.started.Truncate(time.Millisecond)
	return started200{wire.CalculationStarted{RequestID: c.text, CalculationDate: &date}, h.api.fields.request.unknown(body.value)}, nil
}

// started200 is the answer to a request that was taken, with what it is warned of.
type started200 struct {
	body    wire.CalculationStarted
	warning string
}

// VisitStartCalculationResponse implements the generated interface.
func (s started200) VisitStartCalculationResponse(w http.ResponseWriter) error {
	warn(w, s.warning)
	respond(w, http.StatusOK, s.body)
	return nil
}

// warn tells what a request that was taken is warned of, if anything.
func warn(w http.ResponseWriter, warning string) {
	if warning != "" {
		partner.Reason(w, "taken with a warning: "+warning)
	}
}
