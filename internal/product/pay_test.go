package product_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// offerOf is the id of an offer of our calculation, by its place.
func (s *play) offerOf(t *testing.T, place int) string { return s.explain(t, ours).Offers[place].Offer }

// oneOffer is GET /osago/offer of our calculation.
func (s *play) oneOffer(t *testing.T, offer string) (o struct {
	Status  string
	Price   float64
	Payment string `json:"payment_url"`
	Upsales []struct {
		ID      string
		Options []struct {
			ID        int
			IsDefault bool `json:"is_default"`
		}
	}
}) {
	t.Helper()
	s.get(t, "/osago/offer?request_id="+ours+"&offer_id="+offer).want(t, 200).decode(t, &o)
	return o
}

// Each way to confirm an offer wrongly is refused with the field, and changes nothing.
func TestConfirmationRefused(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "cross-sales")
	s.post(t, application(ours)).want(t, 200)
	s.moveTo(t, 6*time.Second)
	choice, either := s.offerOf(t, 1), s.offerOf(t, 2)
	before := s.get(t, "/osago/calculate?request_id="+ours).String()
	for name, c := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"not JSON":            {`{`, 400, refusal(nobody, badWhole)},
		"nothing":             {`{}`, 400, refusal(nobody, badWhole, "offer_id", required, "request_id", required)},
		"types":               {fmt.Sprintf(`{"request_id": %q, "offer_id": 7, "upsales": {}}`, ours), 400, refusal(ours, badWhole, "offer_id", badValue, "upsales", badValue)},
		"deep type":           {fmt.Sprintf(`{"request_id": %q, "offer_id": "7", "upsales": [{}, {"upsale_id": 1}]}`, ours), 400, refusal(ours, badWhole, "upsales[1].upsale_id", badValue)},
		"no UUID":             {`{"request_id": "7", "offer_id": "7"}`, 400, refusal(nobody, badWhole, "request_id", badValue)},
		"unknown calculation": {fmt.Sprintf(`{"request_id": %q, "offer_id": %q}`, theirs, choice), 404, refusal(theirs, unknownID)},
		"unknown offer":       {fmt.Sprintf(`{"request_id": %q, "offer_id": "7"}`, ours), 404, refusal(ours, noOffer)},
		"bad return": {fmt.Sprintf(`{"request_id": %q, "offer_id": %q, "return_urls": {"failure_url": "//evil.test"}}`, ours, choice), 400,
			refusal(ours, badWhole, "return_urls.failure_url", badValue)},
		"incompatible": {fmt.Sprintf(`{"request_id": %q, "offer_id": %q, "upsales": [{"upsale_id": "1", "option_id": "11"}, {"upsale_id": "2", "option_id": "22"}]}`, ours, either), 400,
			refusal(ours, badWhole, "upsales[1].option_id", "Выбранные варианты несовместимы.")},
	} {
		a := s.do(t, call{method: "POST", path: "/osago/offer", header: jsonType, body: []byte(c.body)}).want(t, c.status)
		if a.says(t, c.says); a.header.Get("X-Poligon-Reason") == "" {
			t.Errorf("%s: no reason", name)
		}
	}
	if after := s.get(t, "/osago/calculate?request_id="+ours).String(); after != before {
		t.Errorf("was %s\nis  %s", before, after)
	}
	s.look(t, theirs) // was not begun by the refused one
	if e := s.explain(t, theirs); e.By == 0 || e.Calculation.Status != "DRAFT" {
		t.Errorf("%+v", e)
	}
}

// An offer that is not yet, or no more, to be had is not confirmed: the partner says why.
func TestConfirmationTooEarlyOrTooLate(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for _, c := range []struct {
		scenario string
		at       time.Duration
		says     string
	}{
		{"insurer-happy-path", 0, "Предложение еще не рассчитано."},
		{"all-rejected", time.Minute, "Страховая компания отказала в оформлении полиса."},
		{"closed-by-timeout", 2 * time.Hour, "Предложение закрыто по таймауту."},
		{"insurer-happy-path", time.Hour, "Предложение уже оплачено."},
	} {
		s := p.frozen(t, c.scenario)
		s.post(t, application(ours)).want(t, 200)
		s.moveTo(t, c.at)
		a := s.confirm(t, s.offerOf(t, 0), "").want(t, 400)
		if a.says(t, refusal(ours, badWhole, "offer_id", c.says)); !strings.Contains(a.header.Get("X-Poligon-Reason"), "confirm one from PRE_CALC_READY on") {
			t.Errorf("%v", a.header)
		}
	}
}

// A request that allows no cross-sales gets none: an offer is confirmed without them, and with them not at all.
func TestConfirmationWithoutCrossSales(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "cross-sales")
	s.post(t, change("is_cross_allowed", false)).want(t, 200)
	s.moveTo(t, 6*time.Second)
	pool := s.offerOf(t, 0)
	was := s.oneOffer(t, pool)
	s.confirm(t, pool, `, "upsales": [{"upsale_id": "1", "option_id": "1"}]`).want(t, 400).says(t, refusal(ours, badWhole, "upsales", "Дополнительные продукты не разрешены запросом."))
	s.confirm(t, pool, "").want(t, 200)
	if is := s.oneOffer(t, pool); is.Price != was.Price || is.Upsales != nil {
		t.Errorf("%+v", is)
	}
}

// The last choice counts until the payment; each shows in the price and among the options.
func TestChoiceReplaced(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "cross-sales")
	s.post(t, application(ours)).want(t, 200)
	s.moveTo(t, 10*time.Second)
	offer := s.offerOf(t, 2)
	for _, c := range []struct {
		more  string
		price float64
		taken string
	}{
		{"", 6890, ""},
		{`, "upsales": [{"upsale_id": "1", "option_id": "12"}, {"upsale_id": "2", "option_id": "22"}]`, 13390, "1:12 2:22 "},
		{`, "upsales": [{"upsale_id": "2", "option_id": "21"}]`, 7490, "2:21 "},
		{`, "upsales": []`, 6890, ""},
		{`, "upsales": [{"upsale_id": "1", "option_id": "11"}]`, 8790, "1:11 "},
	} {
		s.confirm(t, offer, c.more).want(t, 200)
		is, taken := s.oneOffer(t, offer), ""
		for _, u := range is.Upsales {
			for _, o := range u.Options {
				if o.IsDefault {
					taken += fmt.Sprintf("%s:%d ", u.ID, o.ID)
				}
			}
		}
		if is.Price != c.price || taken != c.taken || is.Status != "PAYMENT_READY" {
			t.Errorf("%s: %+v, taken %s", c.more, is, taken)
		}
	}
	fork := &play{s.product, "forked"}
	fork.fork(t, s, 201)
	if is := fork.oneOffer(t, offer); is.Price != 8790 {
		t.Errorf("a fork shows %+v", is)
	}
	s.act(t, `"fire": "paid", "offer_id": "`+offer+`"`).want(t, 200)
	s.confirm(t, offer, `, "upsales": []`).want(t, 400)
	if is := s.oneOffer(t, offer); is.Price != 8790 {
		t.Errorf("paid, it shows %+v", is)
	}
}

// A story whose link waits for the confirmation is played through by the two calls alone.
func TestLinkAfterConfirmation(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "link-after-confirmation")
	s.post(t, application(ours)).want(t, 200)
	s.moveTo(t, time.Minute)
	offer := s.offerOf(t, 0)
	if o := s.oneOffer(t, offer); o.Status != "PRE_CALC_READY" || o.Payment != "" {
		t.Fatalf("%+v", o)
	}
	s.confirm(t, offer, `, "upsales": [{"upsale_id": "1", "option_id": "1"}]`).want(t, 200)
	s.moveTo(t, time.Minute+2*time.Second)
	form := url.Values{"request_id": {ours}, "offer_id": {offer}, "action": {"cancel"}}
	if a, to := s.page(t, "POST", "/pay", form); a.status != 303 || to != "https://example.com/osago/failure" { // that the request for the calculation names
		t.Errorf("%d to %s", a.status, to)
	}
	s.confirm(t, offer, `, "upsales": [{"upsale_id": "1", "option_id": "1"}], "return_urls": {"success_url": "http://shop.test/?x=y"}`).want(t, 200) // a new link
	form.Set("action", "pay")
	if a, to := s.page(t, "POST", "/pay", form); a.status != 303 || to != "http://shop.test/?x=y" {
		t.Errorf("%d to %s", a.status, to)
	}
	if got := s.look(t, ours); got != "PAID PAYMENT_COMPLETED CLOSED_OTHER_OFFER" {
		t.Errorf("it is %s", got)
	}
	_, b := s.recording(t)
	replay(t, b)
}

// The page takes the form of its buttons and nothing else; what it refuses changes nothing, and begins no calculation.
func TestPayRefused(t *testing.T) {
	t.Parallel()
	s, address := start(t, setup{}).payable(t, "cross-sales", "")
	link, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	offer := link.Query().Get("offer_id")
	before := s.look(t, ours)
	for _, c := range []struct {
		id, offer, action string
		status            int
	}{
		{ours, offer, "", 400},
		{ours, offer, "paid", 400},
		{ours, "", "pay", 404},
		{ours, "pool", "pay", 404}, // what the story calls it
		{ours, offer + "0", "pay", 404},
		{theirs, offer, "pay", 404},
		{"", offer, "pay", 400},
		{"x", offer, "pay", 400},
		{ours, strings.Repeat("9", 10_000), "pay", 400},
	} {
		a, to := s.page(t, "POST", "/pay", url.Values{"request_id": {c.id}, "offer_id": {c.offer}, "action": {c.action}})
		if a.status != c.status || to != "" || a.header.Get("X-Poligon-Reason") == "" || !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%.100v: %d to %s, %v", c, a.status, to, a.header)
		}
	}
	for _, path := range []string{"/pay", "/pay?request_id=" + ours, "/pay?request_id=" + ours + "&offer_id=1", "/pay?offer_id=" + offer, "/pay?request_id=" + theirs + "&offer_id=" + offer} {
		if a, _ := s.page(t, "GET", path, nil); a.status/100 != 4 || a.header.Get("X-Poligon-Reason") == "" {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	form := "request_id=" + ours + "&offer_id=" + offer + "&action=pay"
	for _, c := range []struct {
		body   string
		header map[string]string
		status int
	}{
		{form + "&offer_id=1", nil, 400},
		{form, map[string]string{"Origin": "https://evil.test"}, 403},
		{form, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
	} {
		ask := call{method: "POST", path: "/pay", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: []byte(c.body)}
		maps.Copy(ask.header, c.header)
		if a := s.strike(t, ask); a.status != c.status {
			t.Errorf("%s %v: %d", c.body, c.header, a.status)
		}
	}
	wrongType := call{method: "POST", path: "/pay", header: jsonType, body: fmt.Appendf(nil, `{"request_id": %q, "offer_id": %q, "action": "pay"}`, ours, offer)}
	if a := s.strike(t, wrongType); a.status != 400 {
		t.Errorf("JSON: %d", a.status)
	}
	if got := s.look(t, ours); got != before {
		t.Errorf("was %s, is %s", before, got)
	}
	if n := s.shown(t).Subjects; n != 1 {
		t.Errorf("%d subjects", n)
	}
}

// A field that is misspelt is let pass, and the request is warned of it.
func TestMisspeltFields(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "cross-sales")
	a := s.post(t, change("retrun_urls", map[string]any{})).want(t, 200)
	if got := a.header.Get("X-Poligon-Reason"); got != `taken with a warning: the field "retrun_urls" is unknown, did you mean return_urls?` {
		t.Error(got)
	}
	s.moveTo(t, 10*time.Second)
	a = s.confirm(t, s.offerOf(t, 1), `, "upsells": [{"upsale_id": "1", "option_id": "1"}]`).want(t, 200)
	if got := a.header.Get("X-Poligon-Reason"); !strings.Contains(got, "did you mean upsales?") {
		t.Error(got)
	}
	if a = s.confirm(t, s.offerOf(t, 1), "").want(t, 200); a.header.Get("X-Poligon-Reason") != "" {
		t.Error(a.header)
	}
}

// Whatever a client puts into a link or a form, the page leads nowhere but to itself and to what the requests named.
func TestPayLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s, address := start(t, setup{}).payable(t, "customer-decides", "")
	link, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	offer, evil := link.Query().Get("offer_id"), "https://evil.test/"
	more := url.Values{"success_url": {evil}, "failure_url": {evil}, "return_urls": {evil}, "back": {evil}, "url": {evil}}
	page, _ := s.page(t, "GET", "/pay?request_id="+ours+"&offer_id="+offer+"&"+more.Encode(), nil)
	if strings.Contains(string(page.body), "evil") || strings.Contains(fmt.Sprint(page.header["Content-Security-Policy"]), "evil") {
		t.Errorf("%s", page)
	}
	more.Set("request_id", ours)
	more.Set("offer_id", offer)
	more.Set("action", "pay")
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.url+"/s/"+s.name+"/pay?"+more.Encode(), strings.NewReader(more.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "evil.test"
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Referer", evil)
	req.Header.Set("X-Forwarded-Host", "evil.test")
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if to := resp.Header.Get("Location"); resp.StatusCode != 303 || !strings.HasPrefix(to, "/s/"+s.name+"/pay?") {
		t.Errorf("%d to %s", resp.StatusCode, to)
	}
}

// What a story calls its insurers and products stands on the page as text, whatever it is.
func TestPayPageShowsTextOnly(t *testing.T) {
	t.Parallel()
	const hostile = `</dd></main><script>document.title = "taken"</script><img src=x onerror=alert(1)>`
	story := fmt.Sprintf(`title: Hostile
story: The names are markup.
osago:
  offers:
    a:
      insurer: {code: 1, name: %q}
      upsales: [{short_name: %[1]q, full_name: x, insured: x, is_required: true, options: [{name: %[1]q, price: 1}]}]
      steps: [{status: PAYMENT_READY, message: %[1]q}, {on: payment_cancelled, status: PAYMENT_CANCELLED, message: %[1]q}, {after: 1h, status: CLOSED_TIMEOUT}]
bordereau: {}
`, hostile)
	p := start(t, setup{scenarios: fstest.MapFS{"hostile.yaml": {Data: []byte(story)}}})
	s := p.frozen(t, "hostile")
	s.post(t, application(ours)).want(t, 200)
	offer := s.offerOf(t, 0)
	s.confirm(t, offer, "").want(t, 200)
	path := "/pay?request_id=" + ours + "&offer_id=" + offer
	for range 2 {
		page, _ := s.page(t, "GET", path, nil)
		if text := string(page.want(t, 200).body); strings.Contains(text, "<script") || strings.Contains(text, "<img") || !strings.Contains(text, "&lt;script&gt;") {
			t.Errorf("%s", text)
		}
		s.act(t, `"fire": "payment_cancelled"`)
	}
}

// A fault strikes the page as it strikes any answer, and a payment that it keeps from being accepted has not happened.
func TestPayUnderFaults(t *testing.T) {
	t.Parallel()
	s, address := start(t, setup{}).payable(t, "customer-decides", "")
	link, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"request_id": {ours}, "offer_id": {link.Query().Get("offer_id")}, "action": {"pay"}}
	post := call{method: "POST", path: "/pay", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: []byte(form.Encode())}
	if a := s.strike(t, post.under(`{status: 503}`)); a.status != 503 {
		t.Errorf("%d", a.status)
	}
	if got := s.look(t, ours); got != "CALCULATION_READY PAYMENT_READY" {
		t.Errorf("it is %s", got)
	}
	s.strike(t, post.under(`{status: 503, accepted: true}`))
	if got := s.look(t, ours); got != "PAID PAYMENT_COMPLETED" {
		t.Errorf("it is %s", got)
	}
	_, b := s.recording(t)
	replay(t, b)
}
