package osago

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"poligon/internal/partner"
)

// The payment page: where payment_url leads. No document tells of it, so that all of it is ours.

var (
	//go:embed pay.html
	payHTML string
	//go:embed pay.css
	payCSS string
)

// payStyle allows the page's own style and no other, in a Content-Security-Policy.
func payStyle() string {
	sum := sha256.Sum256([]byte(payCSS))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// payPage is what the page shows.
type payPage struct {
	Style              template.CSS
	Offer              *payOffer // nil when there is none
	Message            string
	Expires, Now       string // on the session's clock; empty when the time does not run out
	CanPay             bool
	Action             string // where the form goes
	RequestID, OfferID string
	Self               string   // the page's own link
	Back               string   // to the shop; empty where nobody named a page
	goes               []string // where the form may lead
}

type payOffer struct {
	Insurer, Price, Amount, Status, Words, Policy string // the price for people and for programs
	Sales                                         []paySale
}

type paySale struct{ Name, Option, Price string }

// payWords are the statuses as the page says them; those before the payment say that it is too early.
var payWords = map[OfferStatus]string{PreCalcReady: "Рассчитано", Approved: "Одобрено", PaymentReady: "Ожидает оплаты", PaymentCompleted: "Оплачено",
	ClosedPaid: "Полис оформлен", PaymentCancelled: "Оплата отменена", PaymentLinkFailed: "Ссылка на оплату не получена", Rejected: "Отказ",
	ClosedTimeout: "Время на оплату истекло", ClosedOtherOffer: "Выбрано другое предложение", OfferError: "Ошибка"}

// pageOf is the page of an offer as it stands.
func (c *calculation) pageOf(run *partner.Run, i int) (payPage, error) {
	app, err := c.application()
	if err != nil {
		return payPage{}, err
	}
	o, status, id := &c.story.offers[i], c.offers[i].status, c.offerID(i)
	words := payWords[status]
	if words == "" {
		words = "Рассчитывается"
	}
	shown := payOffer{Insurer: o.insurer.name, Price: "—", Status: string(status), Words: words}
	if c.priced(i) {
		sum := c.priceOf(i, app)
		shown.Price, shown.Amount = roubles(sum), sum.String()
	}
	if paidStatuses[status] {
		series, number := policyNumber(c, id)
		shown.Policy = series + " " + number
	}
	for _, taken := range c.choices[i].Upsales {
		if upsale, option := o.shows.find(taken); option != nil {
			sale := paySale{Name: upsale.ShortName, Option: value(option.Name), Price: roubles(decimal.Zero)}
			if option.Price != nil {
				sale.Price = roubles(decimal.RequireFromString(option.Price.String()))
			}
			shown.Sales = append(shown.Sales, sale)
		}
	}
	p := payPage{Offer: &shown, RequestID: c.text, OfferID: id, CanPay: status == PaymentReady, Action: run.Where.Prefix + "/pay"}
	p.Self = p.Action + "?" + url.Values{requestID: {c.text}, "offer_id": {id}}.Encode()
	returns := c.returnsOf(i, app)
	for _, link := range []string{returns.Success, returns.Failure} {
		if link != "" {
			p.goes = append(p.goes, link)
		}
	}
	if p.Back = returns.Failure; paidStatuses[status] {
		p.Back = returns.Success
	}
	if at, ok := c.closes(i); ok && p.CanPay {
		p.Expires, p.Now = clockWords(c.started.Add(at)), clockWords(c.started.Add(c.offset))
	}
	p.Message = c.payMessage(i)
	return p, nil
}

// payMessage says why an offer cannot be paid now; empty when it can.
func (c *calculation) payMessage(i int) string {
	switch status, words := c.offers[i].status, c.message(i); {
	case status == PaymentReady:
		return ""
	case words != "":
		return words
	case paidStatuses[status]:
		return "Предложение оплачено."
	case status == ClosedTimeout:
		return "Время на оплату истекло."
	case messages[status] != "":
		return messages[status]
	}
	return "Предложение еще нельзя оплатить."
}

// returnsOf are the pages that the confirmation of an offer named, or else the request for the calculation.
func (c *calculation) returnsOf(i int, app application) returns {
	r := c.choices[i].Returns
	if r.Success == "" {
		r.Success = app.Returns.Success
	}
	if r.Failure == "" {
		r.Failure = app.Returns.Failure
	}
	return r
}

// closes is when an offer will time out by itself, since the start; false when it will not.
func (c *calculation) closes(i int) (time.Duration, bool) {
	for _, t := range c.follow(forever).turns {
		if t.at > c.offset && t.offer == i && t.cause.act == nil {
			return t.at, t.to == string(ClosedTimeout)
		}
	}
	return 0, false
}

// roubles is a sum as the page says it: 7 072,50 with a space that does not break.
func roubles(d decimal.Decimal) string {
	whole, kopecks, _ := strings.Cut(d.StringFixed(2), ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "\u00a0" + whole[at:]
	}
	return whole + "," + kopecks
}

func clockWords(t time.Time) string { return t.UTC().Format("02.01.2006 15:04:05") + " UTC" }

// payPage serves GET /pay.
func (h *handler) payPage(w http.ResponseWriter, r *http.Request) {
	if err := h.showPay(r.Context(), w, r.URL.Query()); err != nil {
		failed(w, r, err)
	}
}

func (h *handler) showPay(ctx context.Context, w http.ResponseWriter, query url.Values) error {
	c, refused, err := h.found(ctx, query.Get(requestID), passes)
	if err != nil {
		return err
	}
	if refused != nil {
		return refusedPage(w, *refused)
	}
	i := c.offerOf(query.Get("offer_id"))
	if i == whole {
		return refusedPage(w, c.noOffer())
	}
	run := partner.From(ctx)
	p, err := c.pageOf(run, i)
	if err != nil {
		return err
	}
	c.touchOffer(run.Session, i)
	return p.write(w, http.StatusOK)
}

// refusedPage is a refusal as a page.
func refusedPage(w http.ResponseWriter, f refusal) error {
	partner.Reason(w, f.reason)
	return payPage{Message: f.message}.write(w, f.status)
}

// maxForm bounds the form of a payment, in bytes.
const maxForm = 8 << 10

// payEvents are what the buttons of the page have happen.
var payEvents = map[string]string{"pay": "paid", "cancel": "payment_cancelled"}

// pay serves POST /pay.
func (h *handler) pay(w http.ResponseWriter, r *http.Request) {
	if err := h.takePay(r.Context(), w, r); err != nil {
		failed(w, r, err)
	}
}

func (h *handler) takePay(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return refusedPage(w, refusal{status: http.StatusForbidden, message: "Оплата возможна только со страницы оплаты.", reason: "the form was sent from a page of another site"})
	}
	form, ok := readForm(r)
	fire := payEvents[form.Get("action")]
	id, refused := parseID(form.Get(requestID))
	if refused != nil || !ok || fire == "" {
		note(ctx, form.Get(requestID))
		return refusedPage(w, refusal{status: http.StatusBadRequest, message: messageBadRequest,
			reason: "the form of the payment page has request_id, offer_id and action, which is pay or cancel, as application/x-www-form-urlencoded"})
	}
	return h.payOffer(ctx, w, id.String(), form.Get("offer_id"), fire)
}

// readForm reads the form of a payment; false when it is none.
func readForm(r *http.Request) (url.Values, bool) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, false
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, maxForm+1))
	if err != nil || len(text) > maxForm {
		return nil, false
	}
	form, err := url.ParseQuery(string(text))
	for _, values := range form {
		if len(values) > 1 { // whichever is meant
			return nil, false
		}
	}
	return form, err == nil
}

// payOffer fires an event as a person would by hand, and sends the customer on.
func (h *handler) payOffer(ctx context.Context, w http.ResponseWriter, id, offer, fire string) error {
	run := partner.From(ctx)
	var not *partner.NotAllowed
	c, err := happen(ctx, run, id, partner.Act{Fire: fire, Part: offer, Exact: true})
	switch {
	case errors.Is(err, partner.ErrUnknownSubject):
		return refusedPage(w, refusal{status: http.StatusNotFound, message: "Расчет не найден.", reason: "no calculation was started under this request_id"})
	case errors.Is(err, errNoOffer):
		return refusedPage(w, c.noOffer())
	case err != nil && !errors.As(err, &not):
		return err
	}
	i := c.offerOf(offer)
	p, err := c.pageOf(run, i)
	if err != nil {
		return err
	}
	c.touchOffer(run.Session, i)
	if not != nil {
		partner.Reason(w, not.Error())
		p.CanPay = false
		return p.write(w, http.StatusConflict)
	}
	app, err := c.application()
	if err != nil {
		return err
	}
	returns := c.returnsOf(i, app)
	to := returns.Success
	if fire != payEvents["pay"] {
		to = returns.Failure
	}
	if to == "" { // a page of our own
		to = p.Self
	}
	securePage(w.Header(), p.goes)
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// write answers with the page.
func (p payPage) write(w http.ResponseWriter, status int) error {
	p.Style = template.CSS(payCSS) //nolint:gosec // ours
	page, err := template.New("pay").Parse(payHTML)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := page.Execute(&text, p); err != nil {
		return err
	}
	securePage(w.Header(), p.goes)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // what fails here is the client's connection
	return nil
}

// securePage keeps the page to itself. The form may lead to the pages that the requests named, for browsers hold redirects to it too.
func securePage(h http.Header, goes []string) {
	form := "'self'"
	for _, link := range goes {
		u, err := url.Parse(link)
		switch {
		case err != nil:
		case strings.HasPrefix(u.Host, "["): // such a policy knows no addresses of IPv6
			form += " " + u.Scheme + ":"
		default:
			form += " " + u.Scheme + "://" + u.Host // isReturnURL has looked at the host
		}
	}
	h.Set("Content-Security-Policy", "default-src 'none'; style-src "+payStyle()+"; base-uri 'none'; frame-ancestors 'none'; form-action "+form)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}
