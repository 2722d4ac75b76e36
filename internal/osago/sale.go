package osago

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/sim"
)

// The sales that the marketplace notes (contract facts A11): the partner tells it of each policy that was paid, at best within three
// days and within eleven at the latest. That a day has 24 hours, on the session's clock, is inferred.
const (
	saleExpected = 3 * 24 * time.Hour
	saleLatest   = 11 * 24 * time.Hour
)

// confirmedSale is the event of a sale that was noted. Like an act it belongs to the calculation's last start; unlike one it changes
// no status.
const confirmedSale = "confirmed_sale"

// report is what the partner tells of one sale.
type report struct {
	place        int    // in the request, from 0
	path         string // of its fields there: "data[2]."; empty where it is alone
	id           uuid.UUID
	offer        string
	partner      string
	counterparty int
	amount       decimal.Decimal
	upsaled      *bool // whether cross-sales were sold too; nil where it is not told
}

// sale is a report that was noted.
type sale struct {
	at      time.Time
	by      uint64 // the number of the exchange
	offer   int    // by its place in the script
	amount  string // a decimal
	upsaled bool
}

// encode is the sale as its event's data: the offer's place (uvarint), 1 or 0 for cross-sales, then the amount.
func (s sale) encode() []byte {
	b := append(binary.AppendUvarint(nil, uint64(s.offer)), 0)
	if s.upsaled {
		b[len(b)-1] = 1
	}
	return append(b, s.amount...)
}

// decodeSale reads a sale; its instant and its number are left to the caller.
func decodeSale(data []byte) (s sale, err error) {
	place, n := binary.Uvarint(data)
	if n <= 0 || place >= maxOffers || len(data) < n+1 || data[n] > 1 {
		return s, sim.ErrCorrupt
	}
	s = sale{offer: int(place), upsaled: data[n] == 1, amount: string(data[n+1:])}
	if _, ok := readAmount(s.amount); !ok {
		return sale{}, sim.ErrCorrupt
	}
	return s, nil
}

// readSales reads the sales among the events after a start. One of an offer that the script does not have is left out, as by readActs.
func readSales(events []sim.Event, offers int) (list []sale, err error) {
	for _, e := range events {
		if e.Name != confirmedSale {
			continue
		}
		s, err := decodeSale(e.Data)
		if err != nil {
			return nil, err
		}
		if s.at, s.by = e.At, e.By; s.offer < offers {
			list = append(list, s)
		}
	}
	return list, nil
}

// readAmount reads a number of roubles as JSON writes numbers. One so long that it is no sum of money is not read: what is made of it
// would be as long as its exponent says.
func readAmount(text string) (decimal.Decimal, bool) {
	const longest, widest = 40, 30
	if len(text) > longest || !json.Valid([]byte(text)) {
		return decimal.Zero, false
	}
	d, err := decimal.NewFromString(text)
	return d, err == nil && d.Exponent() >= -widest && d.Exponent() <= widest
}

// slip is something that is wrong with a report.
type slip struct {
	place             int  // of the report
	unknown           bool // there is nothing of the id that the field holds
	id                uuid.UUID
	property, message string
	reason            string
}

// weigh holds a report against the settled calculation. It gives the sale as it is or will be noted, whether it is new, and what is
// wrong with the report.
func (c *calculation) weigh(r report, app application) (s sale, fresh bool, wrong []slip) {
	add := func(property, message, reason string, args ...any) {
		wrong = append(wrong, slip{place: r.place, id: c.id, property: r.path + property, message: message, reason: fmt.Sprintf(reason, args...)})
	}
	if code := strconv.Itoa(c.story.partner.code); r.partner != code {
		wrong = append(wrong, slip{place: r.place, id: c.id, property: "partner_id", message: "Партнер не тот, у которого начат расчет.",
			reason: fmt.Sprintf("calculation %s is of the partner of code %s (partner.code of GET /osago/calculate)", c.text, code)})
	}
	i := c.offerOf(r.offer)
	if i == whole {
		return s, false, append(wrong, slip{place: r.place, unknown: true, id: c.id, property: r.path + "offer_id", message: "Предложение не найдено.",
			reason: "calculation " + c.text + " has no offer of this offer_id; it has: " + c.list()})
	}
	o := &c.story.offers[i]
	if r.counterparty != o.insurer.code {
		add("counterparty_id", "Страховая компания не та, что в предложении.", "offer %s is of the insurer of code %d, %s (partner.code of the offer)", r.offer, o.insurer.code, o.insurer.name)
	}
	s = sale{offer: i, amount: r.amount.String(), upsaled: c.upsaled(i)}
	if r.upsaled != nil {
		s.upsaled = *r.upsaled
	}
	if at := slices.IndexFunc(c.sales, func(was sale) bool { return was.offer == i }); at >= 0 {
		was := c.sales[at]
		for _, f := range []struct {
			property, was string
			same          bool
		}{
			{"amount", was.amount, decimal.RequireFromString(was.amount).Equal(r.amount)},
			{"is_upsaled", strconv.FormatBool(was.upsaled), was.upsaled == s.upsaled},
		} {
			if !f.same {
				add(f.property, "Продажа уже подтверждена с другими данными.", "the sale of offer %s was noted by exchange %d with %s %s", r.offer, was.by, f.property, f.was)
			}
		}
		return was, false, wrong
	}
	if now := c.offers[i].status; !paidStatuses[now] {
		add("offer_id", "Предложение не оплачено.", "offer %s is %s; a sale is told of once it is PAYMENT_COMPLETED or CLOSED_PAID: wait, or fire paid", r.offer, now)
		return s, false, wrong
	}
	w := c.wireOffer(i, app, "")
	if shown := value(w.Price); shown == "" || !decimal.RequireFromString(shown.String()).Equal(r.amount) {
		add("amount", "Сумма не равна стоимости полиса.", "offer %s was paid at %s (its price), not %s", r.offer, shown, r.amount)
	}
	if message, reason := c.wrongUpsales(i, s.upsaled, w.Upsales != nil); message != "" {
		add("is_upsaled", message, "offer %s %s", r.offer, reason)
	}
	if late := c.sinceSale(i, c.now()); late > saleLatest {
		add("offer_id", "Срок подтверждения продажи истек.", "%s; a sale is noted for 11 days", c.lateness(i, c.now()))
	}
	return s, len(wrong) == 0, wrong
}

// wrongUpsales is what is wrong with a report's word on cross-sales; empty when it is right.
func (c *calculation) wrongUpsales(i int, told, offered bool) (message, reason string) {
	_, confirmed := c.choices[i]
	switch {
	case told && !offered:
		return "К полису не предлагались дополнительные продукты.", "shows no cross-sales, so none was sold with it"
	case !confirmed || told == c.upsaled(i):
		return "", ""
	case told:
		return "С полисом не проданы дополнительные продукты.", "was confirmed without cross-sales (upsales of POST /osago/offer)"
	}
	return "С полисом проданы дополнительные продукты.", "was confirmed with cross-sales (upsales of POST /osago/offer)"
}

// upsaled says whether an offer was confirmed with cross-sales. Where nobody confirmed it no document tells (inferred: it was not).
func (c *calculation) upsaled(i int) bool { return len(c.choices[i].Upsales) > 0 }

// now is the session's instant.
func (c *calculation) now() time.Time { return c.started.Add(c.offset) }

// sinceSale is how long before an instant an offer was paid.
func (c *calculation) sinceSale(i int, at time.Time) time.Duration {
	return at.Sub(c.started.Add(c.since(i).paid))
}

// lateness says when an offer was paid and how long after that an instant is.
func (c *calculation) lateness(i int, at time.Time) string {
	return fmt.Sprintf("offer %s was paid at %s, %s before the report", c.offerID(i), c.started.Add(c.since(i).paid).Format(time.RFC3339Nano), scenario.Words(c.sinceSale(i, at)))
}

// warning is what a sale that was noted late is warned of; empty for one in time. A status that was forced since, so that the offer is
// not paid any more, leaves nothing to count from.
func (c *calculation) warning(s sale) string {
	if !paidStatuses[c.offers[s.offer].status] || c.sinceSale(s.offer, s.at) <= saleExpected {
		return ""
	}
	return c.lateness(s.offer, s.at) + "; the documents want it within 3 days"
}

// shownSales are the sales that were noted, for an explanation.
func (c *calculation) shownSales() (list []partner.Sale) {
	for _, s := range c.sales {
		list = append(list, partner.Sale{Part: c.offerID(s.offer), At: s.at, By: s.by, Amount: json.Number(s.amount), Upsaled: s.upsaled, Warning: c.warning(s)})
	}
	return list
}

// told are the reports of one calculation in one request.
type told struct {
	id      uuid.UUID
	reports []report
}

// byCalculation groups reports, in the order in which the calculations are first told of.
func byCalculation(reports []report) (list []told) {
	places := map[uuid.UUID]int{}
	for _, r := range reports {
		i, ok := places[r.id]
		if !ok {
			i = len(list)
			places[r.id] = i
			list = append(list, told{id: r.id})
		}
		list[i].reports = append(list[i].reports, r)
	}
	return list
}

// outcome is what a calculation says to the reports of its sales.
type outcome struct {
	c        *calculation // nil when it is not known
	wrong    []slip
	warnings []string
	err      error
}

// rule notes the sales of one calculation if nothing is wrong with any of them. One that was noted already is not noted again.
func (t told) rule(run *partner.Run) sim.Rule[outcome] {
	return func(m sim.Moment) (got outcome, add []sim.Event) {
		c, err := recall(run, t.id, t.id.String(), m.Events)
		if errors.Is(err, partner.ErrUnknownSubject) {
			for _, r := range t.reports {
				got.wrong = append(got.wrong, slip{place: r.place, unknown: true, id: t.id, property: r.path + requestID, message: "Расчет не найден.",
					reason: "no calculation was started under the request_id " + t.id.String() + ", and a report of a sale starts none"})
			}
			return got, nil
		}
		if err != nil {
			return outcome{err: err}, nil
		}
		c.settle()
		app, err := c.application()
		if err != nil {
			return outcome{err: err}, nil
		}
		got.c = c
		for _, r := range t.reports {
			s, fresh, wrong := c.weigh(r, app)
			got.wrong = append(got.wrong, wrong...)
			if fresh {
				s.at, s.by = m.Now, m.Number
				c.sales = append(slices.Clip(c.sales), s)
				add = append(add, sim.Event{At: m.Now, Name: confirmedSale, Data: s.encode()})
			}
			if len(wrong) == 0 {
				if warning := c.warning(s); warning != "" && !slices.Contains(got.warnings, warning) {
					got.warnings = append(got.warnings, warning)
				}
			}
		}
		if len(got.wrong) > 0 {
			return got, nil
		}
		return got, add
	}
}

// confirm notes the sales of one request in one turn: all of them, or none when something is wrong with any (inferred). All are held
// against their calculations before the first is noted.
func (a *API) confirm(ctx context.Context, reports []report) (wrong []slip, warning string, err error) {
	run := partner.From(ctx)
	list := byCalculation(reports)
	for _, t := range list {
		run.Note.Subjects = append(run.Note.Subjects, t.id.String())
	}
	run.Note.Scenario = a.plays(run, run.Note.Subjects[0], nil) // whose faults strike
	if err := run.Session.Enter(run); err != nil {
		return nil, "", err
	}
	defer run.Session.Leave(run)
	for _, t := range list {
		m := run.Moment()
		if m.Events, err = run.Log.Read(ctx, subject(t.id)); err != nil {
			return nil, "", fmt.Errorf("reading the log of %s: %w", Name, err)
		}
		got, _ := t.rule(run)(m)
		if got.err != nil {
			return nil, "", got.err
		}
		wrong = append(wrong, got.wrong...)
		if len(list) == 1 && got.c != nil {
			run.Note.Scenario, run.Note.Before, run.Note.After = got.c.played, string(got.c.whole), string(got.c.whole)
		}
	}
	if len(wrong) > 0 {
		slices.SortStableFunc(wrong, func(a, b slip) int { return a.place - b.place })
		return wrong, "", nil
	}
	var warnings []string
	for _, t := range list {
		got, err := sim.Decide(ctx, run.Log, subject(t.id), run.Moment(), t.rule(run))
		if err = errors.Join(err, got.err); err != nil || len(got.wrong) > 0 { // wrong where somebody else appended since
			return got.wrong, "", err
		}
		warnings = append(warnings, got.warnings...)
	}
	return nil, strings.Join(warnings, "; "), nil
}
