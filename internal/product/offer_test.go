package product_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// form asks for the payment page, or sends its form; the page is HTML and in no contract.
func (s *play) page(t *testing.T, method, path string, form url.Values) (answer, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+"/s/"+s.name+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, text}, resp.Header.Get("Location")
}

func (s *play) confirm(t *testing.T, offer, more string) answer {
	t.Helper()
	return s.do(t, call{method: "POST", path: "/osago/offer", header: jsonType, body: fmt.Appendf(nil, `{"request_id": %q, "offer_id": %q%s}`, ours, offer, more)})
}

// An offer is confirmed with a cross-sale and paid on its page, which leads to where the confirmation says.
func TestConfirmAndPay(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "cross-sales")
	s.post(t, application(ours)).want(t, 200)
	offer := s.explain(t, ours).Offers[1].Offer
	s.confirm(t, offer, "").want(t, 400)
	s.moveTo(t, 5*time.Second)
	more := `, "upsales": [{"upsale_id": "1", "option_id": "1"}], "return_urls": {"success_url": "https://shop.test/ok?a=1", "failure_url": "https://shop.test/no"}`
	for _, bad := range []string{`, "upsales": [{"upsale_id": "9", "option_id": "1"}]`, `, "upsales": [{"upsale_id": "1", "option_id": "9"}]`,
		`, "upsales": [{"upsale_id": "1", "option_id": "1"}, {"upsale_id": "1", "option_id": "2"}]`, `, "return_urls": {"success_url": "javascript:alert(1)"}`} {
		s.confirm(t, offer, bad).want(t, 400)
	}
	s.confirm(t, "1", "").want(t, 404)
	first := s.confirm(t, offer, more).want(t, 200)
	var is map[string]any
	first.decode(t, &is)
	if is["status"] != "APPROVED" || is["price"] != 7572.0 {
		t.Errorf("confirmed: %s", first)
	}
	if again := s.confirm(t, offer, more); again.String() != first.String() {
		t.Errorf("again: %s", again)
	}
	if one := s.get(t, "/osago/offer?request_id="+ours+"&offer_id="+offer); one.String() != first.String() {
		t.Errorf("one offer: %s", one)
	}
	pool := s.explain(t, ours).Offers[0].Offer
	s.confirm(t, pool, `, "upsales": []`).want(t, 400)
	path := "/pay?request_id=" + ours + "&offer_id=" + offer
	form := url.Values{"request_id": {ours}, "offer_id": {offer}, "action": {"pay"}}
	early, _ := s.page(t, "POST", "/pay", form)
	early.want(t, 409)
	s.moveTo(t, 9*time.Second)
	page, _ := s.page(t, "GET", path, nil)
	page.want(t, 200)
	for _, says := range []string{"Согласие", "7\u00a0572,00 ₽", `data-amount="7572"`, `data-status="PAYMENT_READY"`, "Базовая", "до 15.01.2026 09:30:00 UTC"} {
		if !strings.Contains(string(page.body), says) {
			t.Errorf("the page lacks %s:\n%s", says, page.body)
		}
	}
	if page.header.Get("X-Frame-Options") != "DENY" || !strings.Contains(page.header.Get("Content-Security-Policy"), "form-action 'self' https://shop.test") {
		t.Errorf("headers: %v", page.header)
	}
	paid, to := s.page(t, "POST", "/pay", form)
	if paid.want(t, 303); to != "https://shop.test/ok?a=1" {
		t.Errorf("leads to %s", to)
	}
	again, _ := s.page(t, "POST", "/pay", form)
	again.want(t, 409)
	s.confirm(t, offer, more).want(t, 400)
}
