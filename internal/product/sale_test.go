package product_test

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// What the marketplace says of reports of sales.
const (
	notPaid       = "Предложение не оплачено."
	otherAmount   = "Сумма не равна стоимости полиса."
	otherInsurer  = "Страховая компания не та, что в предложении."
	otherPartner  = "Партнер не тот, у которого начат расчет."
	soldOtherwise = "Продажа уже подтверждена с другими данными."
	tooLate       = "Срок подтверждения продажи истек."
	noUpsales     = "К полису не предлагались дополнительные продукты."
	noOffer       = "Предложение не найдено."
	noAccess      = "Доступ запрещён."
	unknownID     = "Расчет не найден."
)

// theirs is the request_id of a second calculation.
const theirs = "7d1f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f7"

// sale is what a partner reports.
type sale map[string]any

// sold is the report of the first offer of a calculation in customer-decides, which is right once it is paid.
func (s *play) sold(t *testing.T, id string) sale {
	t.Helper()
	offer := s.calculation(t, id).Offers[0]
	return sale{"request_id": id, "offer_id": offer["offer_id"], "counterparty_id": 1, "partner_id": "1", "amount": offer["price"]}
}

// with is a report with another field; nil takes it out.
func (r sale) with(field string, value any) sale {
	r = maps.Clone(r)
	if r[field] = value; value == nil {
		delete(r, field)
	}
	return r
}

func (r sale) query() string {
	q := url.Values{}
	for name, value := range r {
		q.Set(name, strings.Trim(asJSON(value), `"`))
	}
	return "/confirm?" + q.Encode()
}

// tell reports sales: one as a query, any number as a body.
func (s *play) report(t *testing.T, r sale) answer {
	t.Helper()
	return s.get(t, r.query())
}

func (s *play) reportAll(t *testing.T, list ...sale) answer {
	t.Helper()
	data := []any{}
	for _, r := range list {
		data = append(data, r.with("partner_id", nil))
	}
	return s.do(t, call{method: "POST", path: "/confirm", header: jsonType, body: []byte(asJSON(map[string]any{"partner_id": "1", "data": data}))})
}

// told are the sales that a calculation was told of.
func (s *play) told(t *testing.T, id string) (list []struct {
	Offer   string `json:"offer_id"`
	At      time.Time
	By      uint64
	Amount  float64
	Upsaled bool `json:"is_upsaled"`
	Warning string
}) {
	t.Helper()
	var e struct{ Sales any }
	e.Sales = &list
	s.admin(t, "GET", "/calculations/"+id, "").want(t, 200).decode(t, &e)
	return list
}

// paid is a session in which the offer of the first calculation, and with both that of the second, was paid after ten seconds.
func (p *product) paid(t *testing.T, both bool) *play {
	t.Helper()
	s := p.frozen(t, "customer-decides")
	s.calculation(t, ours)
	s.calculation(t, theirs)
	s.moveTo(t, 10*time.Second)
	s.act(t, `"fire": "paid"`).want(t, 200)
	if both {
		s.admin(t, "POST", "/calculations/"+theirs+"/events", `{"fire": "paid"}`).want(t, 200)
	}
	return s
}

// TestSale reports a sale, and again; what is wrong with a report is told and not noted.
func TestSale(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).paid(t, false)
	right, open := s.sold(t, ours), s.sold(t, theirs)
	for _, c := range []struct {
		report sale
		status int
		says   string
	}{
		{open, 400, refusal(theirs, badWhole, "offer_id", notPaid)},
		{right.with("amount", 1), 400, refusal(ours, badWhole, "amount", otherAmount)},
		{right.with("counterparty_id", 2), 400, refusal(ours, badWhole, "counterparty_id", otherInsurer)},
		{right.with("partner_id", "2"), 400, refusal(ours, badWhole, "partner_id", otherPartner)},
		{right.with("is_upsaled", true), 400, refusal(ours, badWhole, "is_upsaled", noUpsales)},
		{right.with("offer_id", open["offer_id"]), 404, refusal(ours, noOffer)},
		{right.with("request_id", nobody), 404, refusal(nobody, unknownID)},
		{right.with("request_id", "123"), 400, refusal(nobody, badWhole, "request_id", badValue)},
		{right.with("request_id", nil), 400, refusal(nobody, badWhole, "request_id", required)},
		{right.with("offer_id", nil), 400, refusal(ours, badWhole, "offer_id", required)},
		{right.with("partner_id", nil), 400, refusal(ours, badWhole, "partner_id", required)},
		{right.with("amount", nil), 400, refusal(ours, badWhole, "amount", required)},
		{right.with("amount", "1e999999999"), 400, refusal(ours, badWhole, "amount", badValue)},
		{right.with("amount", "many"), 400, refusal(ours, badWhole, "amount", badValue)},
		{right.with("counterparty_id", "x"), 400, refusal(ours, badWhole, "counterparty_id", badValue)},
		{right.with("is_upsaled", "perhaps"), 400, refusal(ours, badWhole, "is_upsaled", badValue)},
	} {
		a := s.report(t, c.report).want(t, c.status)
		if a.says(t, c.says); a.header.Get("X-Poligon-Reason") == "" {
			t.Errorf("%s: no reason", a)
		}
	}
	if list := s.told(t, ours); list != nil {
		t.Fatalf("sales that were refused are noted: %+v", list)
	}
	before := s.look(t, ours)
	for range 3 {
		a := s.report(t, right).want(t, 200)
		a.says(t, `{"request_id": "`+ours+`"}`)
		if a.header.Get("X-Poligon-Reason") != "" || a.header.Get("X-Poligon-Status-After") != "PAID" {
			t.Errorf("%v", a.told())
		}
	}
	s.report(t, right.with("request_id", strings.ToUpper(ours)).with("is_upsaled", false)).want(t, 200).says(t, `{"request_id": "`+ours+`"}`)
	s.report(t, right.with("amount", 1)).want(t, 400).says(t, refusal(ours, badWhole, "amount", soldOtherwise))
	s.report(t, right.with("is_upsaled", true)).want(t, 400).says(t, refusal(ours, badWhole, "is_upsaled", soldOtherwise))
	list := s.told(t, ours)
	if len(list) != 1 || list[0].Offer != right["offer_id"] || list[0].Amount != right["amount"] || !list[0].At.Equal(dawn.Add(10*time.Second)) || list[0].By == 0 || list[0].Warning != "" || list[0].Upsaled {
		t.Errorf("%+v", list)
	}
	if after := s.look(t, ours); after != before {
		t.Errorf("a report has made %s of %s", after, before)
	}
	s.holds(t, 2) // a report of what is unknown starts nothing
	_, bundle := s.recording(t)
	replay(t, bundle)
}

// TestSaleInTime: a report is best within three days, and taken within eleven.
func TestSaleInTime(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	const day, at = 24 * time.Hour, 10 * time.Second
	for after, want := range map[time.Duration]string{0: "", 3 * day: "", 3*day + time.Nanosecond: "taken with a warning: ", 11 * day: "taken with a warning: ", 11*day + time.Nanosecond: "offer_id: "} {
		s := p.paid(t, false)
		right := s.sold(t, ours)
		s.moveTo(t, at+after)
		a := s.report(t, right)
		reason := a.header.Get("X-Poligon-Reason")
		if !strings.HasPrefix(reason, want) || (reason == "") != (want == "") || want != "" && !strings.Contains(reason, "was paid at 2026-01-15T09:00:10Z, ") {
			t.Errorf("after %s: %s", after, reason)
		}
		if after > 11*day {
			a.want(t, 400).says(t, refusal(ours, badWhole, "offer_id", tooLate))
			continue
		}
		a.want(t, 200)
		s.moveTo(t, at+20*day)
		again := s.report(t, right).want(t, 200) // it was noted in time
		if list := s.told(t, ours); len(list) != 1 || (list[0].Warning == "") != (want == "") || again.header.Get("X-Poligon-Reason") != reason {
			t.Errorf("after %s: %+v, then %s", after, list, again.header.Get("X-Poligon-Reason"))
		}
	}
}

// TestSales reports many sales at once: all of them are noted, or none.
func TestSales(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.paid(t, false)
	right, open := s.sold(t, ours), s.sold(t, theirs)
	s.reportAll(t, right, right.with("amount", 1), open, right.with("request_id", nobody), right.with("offer_id", "1")).want(t, 400).says(t, refusal(ours, badWhole,
		"data[1].amount", soldOtherwise, "data[2].offer_id", notPaid, "data[3].request_id", unknownID, "data[4].offer_id", noOffer))
	s.reportAll(t, right, open).want(t, 400).says(t, refusal(theirs, badWhole, "data[1].offer_id", notPaid))
	s.reportAll(t).want(t, 400).says(t, refusal(nobody, badWhole, "data", badValue))
	s.reportAll(t, right.with("request_id", "x")).want(t, 400).says(t, refusal(nobody, badWhole, "data[0].request_id", badValue))
	s.reportAll(t, right.with("amount", nil), right.with("offer_id", 7)).want(t, 400).says(t, refusal(nobody, badWhole, "data[0].amount", required, "data[1].offer_id", badValue))
	for _, body := range []string{"", "[]", "{", "{} {}", `{"partner_id": 1, "data": []}`, "\xff", `{"partner_id":"1","data":[{"request_id":"` + ours + `","offer_id":"1","counterparty_id":1,"amount":1e999999999}]}`} {
		s.do(t, call{method: "POST", path: "/confirm", header: jsonType, body: []byte(body)}).want(t, 400)
	}
	s.do(t, call{method: "POST", path: "/confirm", header: map[string]string{"Content-Type": "text/plain"}, body: []byte("{}")}).want(t, 415)
	s.do(t, call{method: "POST", path: "/confirm", header: jsonType, body: []byte(strings.Repeat(" ", 1<<20))}).want(t, 413)
	if mine, other := s.told(t, ours), s.told(t, theirs); mine != nil || other != nil {
		t.Fatalf("half of a refused report is noted: %+v, %+v", mine, other)
	}

	s = p.paid(t, true)
	right, open = s.sold(t, ours), s.sold(t, theirs)
	for range 2 {
		s.reportAll(t, open, right, right, open.with("is_upsaled", false)).want(t, 200).says(t, `{"request_id": "`+theirs+`"}`)
	}
	if mine, other := s.told(t, ours), s.told(t, theirs); len(mine) != 1 || len(other) != 1 || mine[0].By != other[0].By {
		t.Errorf("%+v, %+v", mine, other)
	}
	var page struct{ Exchanges []struct{ Subjects []string } }
	s.admin(t, "GET", "/journal?operation=confirmSales&subject="+theirs, "").decode(t, &page)
	if len(page.Exchanges) != 2 || !slices.Equal(page.Exchanges[0].Subjects, []string{theirs, ours}) {
		t.Errorf("%+v", page)
	}
	_, bundle := s.recording(t)
	replay(t, bundle)
}

// TestSalesAtOnce: of many reports at the same time one is noted.
func TestSalesAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).paid(t, true)
	right, open := s.sold(t, ours), s.sold(t, theirs)
	each(16, func(i int) {
		if i%2 == 0 {
			s.report(t, right).want(t, 200)
		} else {
			s.reportAll(t, open, right).want(t, 200)
		}
	})
	if mine, other := s.told(t, ours), s.told(t, theirs); len(mine) != 1 || len(other) != 1 {
		t.Errorf("%+v, %+v", mine, other)
	}
}

// TestSaleOfAFork: what was noted goes with a fork, and what is noted there stays there.
func TestSaleOfAFork(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.paid(t, true)
	right, open := s.sold(t, ours), s.sold(t, theirs)
	s.report(t, right).want(t, 200)
	branch := &play{p, s.name + "-fork"}
	branch.fork(t, s, 201)
	branch.report(t, right.with("amount", 1)).want(t, 400).says(t, refusal(ours, badWhole, "amount", soldOtherwise))
	branch.report(t, open).want(t, 200)
	if here, there := s.told(t, theirs), branch.told(t, theirs); here != nil || len(there) != 1 {
		t.Errorf("%+v, %+v", here, there)
	}
}

// TestSaleBehindAFault, one of the scenario that the calculation plays by its magic id: a fault that answers in the marketplace's place keeps the sale from being noted; an answer that is lost does not.
func TestSaleBehindAFault(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	p.putScenario(t, "busy", "title: x\nstory: y\nmagic:\n  - {osago.request_id: "+ours+", why: test}\nosago:\n  offers:\n    a: {insurer: {code: 1, name: А}, price: 7072.50, steps: [PAYMENT_COMPLETED]}\n"+
		"faults:\n  - {on: confirmSale, first: 1, status: 500}\n  - {on: confirmSales, first: 1, answer: lost}\n").want(t, 200)
	s := p.frozen(t, "")
	right := s.sold(t, ours)
	s.report(t, right).want(t, 500)
	if list := s.told(t, ours); list != nil {
		t.Errorf("noted behind a fault: %+v", list)
	}
	s.fling(t, call{method: "POST", path: "/confirm", header: jsonType, body: []byte(asJSON(map[string]any{"partner_id": "1", "data": []any{right}}))})
	list := s.told(t, ours)
	if len(list) != 1 {
		t.Fatalf("an answer that is lost keeps the sale from being noted: %+v", list)
	}
	s.report(t, right).want(t, 200)
	if again := s.told(t, ours); len(again) != 1 || again[0] != list[0] {
		t.Errorf("%+v, then %+v", list, again)
	}
}

// TestSaleIsNoPoll: a story that waits for polls does not go on for a report.
func TestSaleIsNoPoll(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	p.putScenario(t, "sold", "title: x\nstory: y\nosago:\n  offers:\n    a:\n      insurer: {code: 1, name: А}\n      price: 7072.50\n"+
		"      steps: [PAYMENT_COMPLETED, {poll: 2, status: CLOSED_PAID}]\n").want(t, 200)
	s := p.frozen(t, "sold")
	right := s.sold(t, ours) // the first poll
	for range 3 {
		s.report(t, right).want(t, 200)
		s.report(t, right.with("amount", 1)).want(t, 400)
	}
	if got := s.report(t, right).header.Get("X-Poligon-Status-After"); got != "PAID" {
		t.Errorf("reports have brought %s", got)
	}
	if got := s.calculation(t, ours).Status; got != "CLOSED" {
		t.Errorf("the second poll finds %s", got)
	}
}

// TestSaleToken: a server with an access token takes no report without it, never shows it, and plays a recording without knowing it.
func TestSaleToken(t *testing.T) {
	t.Parallel()
	const token = "tok-8f2e6b"
	s := start(t, setup{token: token}).paid(t, false)
	right := s.sold(t, ours)
	confirm := func(path, authorization string) answer {
		c := call{method: "GET", path: path}
		if authorization != "" {
			c.header = map[string]string{"Authorization": authorization}
		}
		return s.do(t, c)
	}
	for _, c := range []answer{confirm(right.query(), ""), confirm(right.query()+"&token=other", ""), confirm(right.query(), "Bearer other"), confirm(right.query(), "Basic "+token)} {
		if c.want(t, 403).says(t, refusal(ours, noAccess)); !strings.Contains(c.header.Get("X-Poligon-Reason"), "--confirm-token") {
			t.Errorf("%v", c.told())
		}
	}
	confirm("/confirm", "").want(t, 403).says(t, refusal(nobody, noAccess))
	s.reportAll(t, right).want(t, 403).says(t, refusal(nobody, noAccess))
	if list := s.told(t, ours); list != nil {
		t.Fatalf("%+v", list)
	}
	confirm(right.query(), "Bearer "+token).want(t, 200)
	confirm(right.query()+"&token="+token, "").want(t, 200)
	confirm("/confirm?request_id="+ours, "Bearer "+token).want(t, 400)
	text, bundle := s.recording(t)
	for what, shown := range map[string]string{"recording": string(text), "journal": string(s.admin(t, "GET", "/journal", "").body), "snapshot": string(s.admin(t, "GET", "/snapshot", "").body)} {
		if strings.Contains(shown, token) {
			t.Errorf("the %s shows the token", what)
		}
	}
	replay(t, bundle)
}
