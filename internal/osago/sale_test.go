package osago

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"poligon/internal/dice"
	"poligon/internal/osago/internal/wire"
	"poligon/internal/sim"
)

// sold is a calculation whose first offer was paid an hour after the start, and a report of it that is right.
func sold(t *testing.T, after time.Duration) (*calculation, report) {
	t.Helper()
	c := calculationOf(t, "[PAYMENT_READY, {at: 1h, status: PAYMENT_COMPLETED}]", "[PRE_CALC_READY]")
	c.dice, c.started, c.offset = dice.New(1), start0, time.Hour+after
	c.story.partner.code = 12
	for i := range c.story.offers {
		c.story.offers[i].price, c.story.offers[i].insurer.code = "7072.50", 20+i
	}
	c.settle()
	return c, report{id: c.id, offer: c.offerID(0), partner: "12", counterparty: 20, amount: decimal.RequireFromString("7072.5")}
}

// sells has the first offer sell one option of no price, and be confirmed with a choice.
func sells(c *calculation, list ...takenSale) {
	c.story.offers[0].shows.upsales = []wire.UpsaleInfo{{ID: "1", Options: &[]wire.UpsaleOption{{ID: ptr(1)}}}}
	c.choices = map[int]choice{0: {Upsales: list}}
}

func option(c *calculation) *wire.UpsaleOption {
	return &(*c.story.offers[0].shows.upsales[0].Options)[0]
}

func TestWeigh(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		after  time.Duration
		change func(*calculation, *report)
		wrong  string
	}{
		"right":                        {0, func(*calculation, *report) {}, ""},
		"the same number":              {0, func(_ *calculation, r *report) { r.amount = decimal.RequireFromString("70725e-1") }, ""},
		"eleven days":                  {11 * day, func(*calculation, *report) {}, ""},
		"later":                        {11*day + 1, func(*calculation, *report) {}, "offer_id"},
		"before it is paid":            {-1, func(*calculation, *report) {}, "offer_id"},
		"an offer that is not":         {0, func(c *calculation, r *report) { r.offer, r.counterparty = c.offerID(1), 21 }, "offer_id"},
		"unknown offer":                {0, func(_ *calculation, r *report) { r.offer = "1" }, "offer_id unknown"},
		"a kopeck":                     {0, func(_ *calculation, r *report) { r.amount = decimal.RequireFromString("7072.51") }, "amount"},
		"other insurer":                {0, func(_ *calculation, r *report) { r.counterparty = 21 }, "counterparty_id"},
		"other partner":                {0, func(_ *calculation, r *report) { r.partner = "012" }, "partner_id"},
		"cross-sales without any":      {0, func(_ *calculation, r *report) { r.upsaled = ptr(true) }, "is_upsaled"},
		"cross-sales of a choice":      {0, func(c *calculation, _ *report) { sells(c, takenSale{"1", 1}) }, ""},
		"a choice, told":               {0, func(c *calculation, r *report) { sells(c, takenSale{"1", 1}); r.upsaled = ptr(true) }, ""},
		"a choice, denied":             {0, func(c *calculation, r *report) { sells(c, takenSale{"1", 1}); r.upsaled = ptr(false) }, "is_upsaled"},
		"confirmed without, told":      {0, func(c *calculation, r *report) { sells(c); r.upsaled = ptr(true) }, "is_upsaled"},
		"confirmed without":            {0, func(c *calculation, _ *report) { sells(c) }, ""},
		"sold elsewhere (unconfirmed)": {0, func(c *calculation, r *report) { sells(c); c.choices, r.upsaled = nil, ptr(true) }, ""},
		"without the option's price": {0, func(c *calculation, r *report) {
			sells(c, takenSale{"1", 1})
			r.amount = decimal.RequireFromString("7072.5")
			option(c).Price = number(decimal.RequireFromString("500"))
		}, "amount"},
		"all of it": {12 * day, func(_ *calculation, r *report) {
			r.partner, r.counterparty, r.amount, r.upsaled = "", 0, decimal.Zero, ptr(true)
		}, "partner_id counterparty_id amount is_upsaled offer_id"},
		"in a list":                 {0, func(_ *calculation, r *report) { r.path, r.counterparty, r.partner = "data[2].", 0, "" }, "partner_id data[2].counterparty_id"},
		"noted, very late":          {99 * day, func(c *calculation, _ *report) { c.sales = []sale{{amount: "7072.50"}} }, ""},
		"noted of another offer":    {12 * day, func(c *calculation, _ *report) { c.sales = []sale{{offer: 1, amount: "7072.50"}} }, "offer_id"},
		"noted with other amount":   {0, func(c *calculation, _ *report) { c.sales = []sale{{amount: "1"}} }, "amount"},
		"noted with cross-sales":    {0, func(c *calculation, _ *report) { c.sales = []sale{{amount: "7072.50", upsaled: true}} }, "is_upsaled"},
		"noted, by another insurer": {0, func(c *calculation, r *report) { c.sales, r.counterparty = []sale{{amount: "7072.50"}}, 21 }, "counterparty_id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, r := sold(t, test.after)
			test.change(c, &r)
			app, err := c.application()
			if err != nil {
				t.Fatal(err)
			}
			_, fresh, wrong := c.weigh(r, app)
			var names []string
			for _, w := range wrong {
				if names = append(names, w.property); w.unknown {
					names = append(names, "unknown")
				}
				if w.message == "" || w.reason == "" || w.id != c.id {
					t.Errorf("%+v", w)
				}
			}
			if got := strings.Join(names, " "); got != test.wrong {
				t.Errorf("wrong: %s, want %s", got, test.wrong)
			}
			if noted := len(c.sales) > 0 && c.sales[0].offer == 0; fresh != (test.wrong == "" && !noted) {
				t.Errorf("fresh: %t", fresh)
			}
		})
	}
}

func TestSaleWarning(t *testing.T) {
	t.Parallel()
	for after, want := range map[time.Duration]string{saleExpected: "", saleExpected + time.Hour: "was paid at 2026-01-15T10:00:00Z, 3d1h before the report"} {
		c, _ := sold(t, 20*24*time.Hour)
		if got := c.warning(sale{at: c.started.Add(time.Hour + after)}); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", after, got, want)
		}
	}
}

func TestReadAmount(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"7072": "7072", "7072.50": "7072.5", "7.0725e3": "7072.5", "-1": "-1", "": "", "7072,5": "", "0x10": "", "07": "", "+7": "", " 7": "",
		"NaN": "", "null": "", `"7"`: "", "1_0": "", "1e31": "", "1e999999999": "", "1e-999999999": "", "7072." + strings.Repeat("0", 40): ""} {
		d, ok := readAmount(text)
		if ok != (want != "") || ok && !d.Equal(decimal.RequireFromString(want)) {
			t.Errorf("%q is %s, %t; want %q", text, d, ok, want)
		}
	}
}

// TestToken: which requests the access token lets through, and that what was sent is never repeated.
func TestToken(t *testing.T) {
	t.Parallel()
	a := &API{token: "s3cr3t-token"}
	for _, test := range []struct{ query, header, want string }{
		{"token=s3cr3t-token", "", ""},
		{"", "Bearer s3cr3t-token", ""},
		{"", "bearer  s3cr3t-token", ""},
		{"token=s3cr3t-token", "Basic abc", ""},
		{"token=wrong&token=s3cr3t-token", "", ""},
		{"", "", "the request carries no access token"},
		{"token=", "", "the access token is a wrong one"},
		{"token=s3cr3t-toke", "", "the access token is a wrong one"},
		{"token=S3cr3t-token", "Bearer s3cr3t-token2", "the access token is a wrong one"},
		{"", "Basic s3cr3t-token", "the Authorization header is of another scheme than Bearer"},
		{"", "s3cr3t-token", "the Authorization header is of another scheme than Bearer"},
	} {
		r := httptest.NewRequest("GET", "/confirm?"+test.query, nil)
		if test.header != "" {
			r.Header.Set("Authorization", test.header)
		}
		got := a.tokenReason(r)
		if reason, _, _ := strings.Cut(got, ";"); reason != test.want || strings.Contains(got, "s3cr3t") {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

func TestByCalculation(t *testing.T) {
	t.Parallel()
	x, y := uuid.UUID{1}, uuid.UUID{2}
	list := byCalculation([]report{{id: x, path: "0"}, {id: y, path: "1"}, {id: x, path: "2"}})
	if len(list) != 2 || list[0].id != x || len(list[0].reports) != 2 || list[0].reports[1].path != "2" || list[1].reports[0].path != "1" {
		t.Errorf("%+v", list)
	}
}

// TestRuleNotesAllOrNothing, even where it decides again because the log has moved on.
func TestRuleNotesAllOrNothing(t *testing.T) {
	t.Parallel()
	s, id := newTable(t), uuid.MustParse(one)
	s.status("aggregator-three-offers", one)
	s.now = start0.Add(90 * time.Second)
	s.status("", one)
	run := s.run("")
	events, _ := s.log.Read(t.Context(), subject(id))
	c, err := recall(run, id, one, events)
	if err != nil {
		t.Fatal(err)
	}
	c.settle()
	app, _ := c.application()
	right := report{id: id, offer: c.offerID(1), partner: "12", counterparty: 2, amount: c.story.offers[1].premium(c, app)}
	open := right
	open.place, open.offer, open.counterparty = 1, c.offerID(0), 1
	m := sim.Moment{Now: s.now, Number: 7, Events: events}
	if got, add := (told{id, []report{right, open}}).rule(run)(m); len(add) != 0 || len(got.wrong) != 1 || got.wrong[0].place != 1 {
		t.Errorf("%+v, %+v", got.wrong, add)
	}
	if got, add := (told{id, []report{right, right}}).rule(run)(m); len(add) != 1 || len(got.wrong) != 0 || add[0].Name != confirmedSale {
		t.Errorf("%+v, %+v", got.wrong, add)
	}
}

// TestSalesOfALog: those of offers that the script has, with their instants and numbers; what cannot be read is corrupt.
func TestSalesOfALog(t *testing.T) {
	t.Parallel()
	log := []sim.Event{{Name: fired, Data: []byte("x")}}
	for i := range 3 {
		log = append(log, sim.Event{At: start0.Add(time.Duration(i)), By: uint64(i), Name: confirmedSale, Data: sale{offer: i, amount: "1.50", upsaled: i == 1}.encode()})
	}
	got, err := readSales(log, 2)
	want := []sale{{at: start0, amount: "1.50"}, {at: start0.Add(1), by: 1, offer: 1, amount: "1.50", upsaled: true}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if acts, err := readActs(log[1:], start0, 3); err != nil || len(acts) != 0 {
		t.Errorf("%+v, %v", acts, err)
	}
}

// FuzzSales: whatever a log holds, a sale that can be read says the same when it is written again.
func FuzzSales(f *testing.F) {
	f.Add(sale{offer: 99, amount: "7072.50", upsaled: true}.encode())
	f.Add([]byte{0})
	f.Add([]byte{0, 2, '1'})
	f.Add([]byte("\x00\x001e999999999"))
	f.Add(append(binary.AppendUvarint(nil, 1<<63+7), "\x007"...))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decodeSale(data)
		if err != nil {
			if !errors.Is(err, sim.ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		again, err := decodeSale(s.encode())
		if err != nil || again != s || s.offer >= maxOffers || len(data) < len(s.encode()) || !bytes.HasSuffix(data, []byte(s.amount)) {
			t.Fatalf("%+v became %+v, %v", s, again, err)
		}
		_ = decimal.RequireFromString(s.amount)
	})
}
