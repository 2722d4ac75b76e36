package product_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

type object = map[string]any

// A whole purchase as a marketplace makes it, from the dictionaries to the report of the sale, in a session whose clock stands still
// unless the client waits. Every answer is held against the contract on the way.
func TestWholePurchase(t *testing.T) {
	t.Parallel()
	shop := shop(t)
	s := start(t, setup{}).play(t, `{"scenario": "cross-sales", "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}}`)
	waited := time.Duration(0)
	wait := func(d time.Duration) {
		waited += d
		s.moveTo(t, waited)
	}
	began := time.Now()

	// The dictionaries lead to the vehicle, which its plate leads to as well.
	vehicle := s.vehicle(t, "car_number", "А123АА123")
	s.inDictionaries(t, vehicle)

	// The calculation is asked for, and polled once a second until it is ready.
	body := clone(example("osago", "/osago/calculate", "calculation")).(object)
	body["request_id"], body["vehicle"] = ours, vehicle
	body["return_urls"] = object{"success_url": shop + "/calculated", "failure_url": shop + "/failed"}
	vehicle["car_documents"] = list(object{"document_type": "sts", "series": "77AA", "number": "123456", "date": "2020-05-15"})
	s.post(t, asJSON(body)).want(t, 200)
	for s.statusIs(t) != "CALCULATION_READY" {
		if waited > 3*time.Minute {
			t.Fatal("the calculation was never ready")
		}
		wait(time.Second)
	}

	// Of the offers the customer takes the one with two cross-sales, and of these one option.
	now := s.calculation(t, ours)
	place := slices.IndexFunc(now.Offers, func(o map[string]any) bool { return o["upsales"] != nil && o["is_reinsurance_pool"] == false })
	offer := now.Offers[place]
	id, premium := offer["offer_id"].(string), offer["price"].(float64)
	s.confirm(t, id, fmt.Sprintf(`, "upsales": [{"upsale_id": "1", "option_id": "2"}], "return_urls": {"success_url": "%s/paid?order=1", "failure_url": "%[1]s/failed"}`, shop)).want(t, 200)

	// The draft comes once it is made.
	draft := s.paper(t, "draft", id, "")
	for draft.Status == "inProcess" {
		wait(5 * time.Second)
		draft = s.paper(t, "draft", id, "")
	}
	pdf := s.get(t, documentOf("draft", id, "&format=binary")).want(t, 200).body
	if !strings.HasPrefix(string(pdf), "%PDF-") {
		t.Errorf("the draft is %.20q", pdf)
	}

	// The customer pays on the page, and comes back to the shop.
	is := s.oneOffer(t, id)
	if is.Status != "PAYMENT_READY" || is.Price != premium+900 {
		t.Fatalf("to be paid is %+v, the premium was %v", is, premium)
	}
	link, err := url.Parse(is.Payment)
	if err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(link.RequestURI(), "/s/"+s.name)
	page, _ := s.page(t, "GET", path, nil)
	page.want(t, 200)
	paid, to := s.page(t, "POST", "/pay", url.Values{"request_id": {ours}, "offer_id": {id}, "action": {"pay"}})
	if paid.want(t, 303); to != shop+"/paid?order=1" {
		t.Fatalf("led to %s", to)
	}
	back, err := http.Get(to) //nolint:gosec,noctx // the test's own page
	if err != nil || back.StatusCode != http.StatusOK {
		t.Fatal(back, err)
	}
	_ = back.Body.Close()
	if whole, offers, _ := s.statusOf(t, ours); whole != "PAID" || offers[id] != "PAYMENT_COMPLETED" {
		t.Errorf("%s, %v", whole, offers)
	}

	// The policy comes too, and the marketplace is told of the sale, twice.
	policy := s.paper(t, "policy", id, "")
	for policy.URL == "" {
		wait(5 * time.Second)
		policy = s.paper(t, "policy", id, "")
	}
	if _, err := exec.LookPath("pdftotext"); err == nil {
		reads(t, s.get(t, documentOf("policy", id, "&format=binary")).want(t, 200).body, "Иванов Иван Иванович", "ХХХ", fmt.Sprint(vehicle["vin"]))
	}
	sold := sale{"request_id": ours, "offer_id": id, "amount": is.Price, "partner_id": fmt.Sprint(now.Partner.Code),
		"counterparty_id": offer["partner"].(map[string]any)["code"], "is_upsaled": true}
	for range 2 {
		s.report(t, sold).want(t, 200).says(t, `{"request_id": "`+ours+`"}`)
	}
	t.Logf("%d exchanges in %s; on the session's clock %s", len(s.journal(t)), time.Since(began).Round(time.Millisecond), waited)
}

// statusIs polls the status of our calculation.
func (s *play) statusIs(t *testing.T) string {
	t.Helper()
	whole, _, _ := s.statusOf(t, ours)
	return whole
}

// inDictionaries finds a vehicle step by step, as the scheduler of a marketplace does.
func (s *play) inDictionaries(t *testing.T, vehicle map[string]any) {
	t.Helper()
	id := func(of, key string) string { return vehicle[of].(map[string]any)[key].(string) }
	has := func(path, what string) {
		if a := s.get(t, path).want(t, 200); !strings.Contains(string(a.body), what) {
			t.Errorf("%s has no %s", path, what)
		}
	}
	brand, model, year, power := id("brand", "brand_id"), id("model", "model_id"), vehicle["year"], vehicle["engine_power"]
	has("/dictionaries/brands?category=B", fmt.Sprintf(`"brand_id":%q`, brand))
	has("/dictionaries/models?category=B&brand_id="+brand, fmt.Sprintf(`"model_id":%q`, model))
	has("/dictionaries/years?category=B&model_id="+model, fmt.Sprint(year))
	has(fmt.Sprintf("/dictionaries/powers?model_id=%s&year=%v", model, year), fmt.Sprint(power))
	has(fmt.Sprintf("/dictionaries/modifications?model_id=%s&year=%v&power=%v", model, year, power), `"modifications":[{`)
	has("/dictionaries/sync-all?category=B", fmt.Sprintf(`"brand_id":%q`, brand))
}
