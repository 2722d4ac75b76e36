package product_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// ours is the request_id of most tests. It is no magic value.
const ours = "7d1f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6"

// status is the body of the status method (seed 000).
type status struct {
	RequestID string `json:"request_id"`
	Status    string
	Offers    []struct {
		ID     string `json:"offer_id"`
		Status string `json:"offer_status"`
	}
}

// calculation is the body of the calculation method, as far as tests look into it.
type calculation struct {
	RequestID string `json:"request_id"`
	Status    string
	Partner   struct{ Code int }
	Offers    []map[string]any
	Drivers   []any
}

func (s *play) calculation(t *testing.T, id string) (c calculation) {
	t.Helper()
	s.get(t, "/osago/calculate?request_id="+id).want(t, 200).decode(t, &c)
	return c
}

// look asks for a calculation in both ways, which must agree, and gives all statuses in a line, the calculation's first.
func (s *play) look(t *testing.T, id string) string {
	t.Helper()
	var short status
	s.get(t, "/osago/calculate/status?request_id="+id).want(t, 200).decode(t, &short)
	long := s.calculation(t, id)
	line, other := []string{short.Status}, []string{long.Status}
	for i, o := range short.Offers {
		line = append(line, o.Status)
		if i < len(long.Offers) {
			other = append(other, long.Offers[i]["status"].(string))
			if long.Offers[i]["offer_id"] != o.ID {
				t.Errorf("offer %d is %s in one answer and %v in the other", i, o.ID, long.Offers[i]["offer_id"])
			}
		}
	}
	if short.RequestID != id || long.RequestID != id || !slices.Equal(line, other) || len(short.Offers) != len(long.Offers) {
		t.Errorf("the two answers differ: %v of %s, %v of %s", line, short.RequestID, other, long.RequestID)
	}
	return strings.Join(line, " ")
}

// post starts a calculation.
func (s *play) post(t *testing.T, body string) answer {
	t.Helper()
	return s.do(t, call{method: "POST", path: "/osago/calculate", header: jsonType, body: []byte(body)})
}

var jsonType = map[string]string{"Content-Type": "application/json"}

// application is the contract's own example of a calculation request under another id.
func application(id string) string {
	body := maps.Clone(example("osago", "/osago/calculate", "calculation").(map[string]any))
	body["request_id"] = id
	return asJSON(body)
}

// example is the example of a name beside the request body of a POST.
func example(api, path, name string) any {
	return contracts()[api].Paths.Find(path).Post.RequestBody.Value.Content["application/json"].Examples[name].Value.Value
}

func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestStories walks the scenarios that were written down by hand from change to change: what is seen at each instant, and a
// nanosecond before it. TestCatalogue plays them all.
func TestStories(t *testing.T) {
	t.Parallel()
	p := start(t, setup{wait: new(waits).wait})
	t.Run("walk", func(t *testing.T) {
		for _, name := range p.scenarios(t) {
			story, ok := stories[name]
			if !ok {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				seen := p.walk(t, name)
				if want := chapters(t, story); !slices.Equal(seen, want) {
					t.Errorf("seen:\n%s\nwant:\n%s", lines(seen), lines(want))
				}
				p.walkAgain(t, name, seen)
			})
		}
	})
	for path, item := range contracts()["osago"].Paths.Map() {
		for method, op := range item.Operations() {
			if _, ok := p.met.Load(method + " " + path); !ok && op.OperationID != "issueToken" { // which answers where it is asked for: TestAccess
				t.Errorf("the walk never had a 200 from %s (%s %s)", op.OperationID, method, path)
			}
		}
	}
}

func (p *product) scenarios(t *testing.T) (names []string) {
	t.Helper()
	var list struct{ Scenarios []struct{ Name string } }
	p.do(t, call{method: "GET", path: "/__admin/scenarios"}).want(t, 200).decode(t, &list)
	for _, s := range list.Scenarios {
		names = append(names, s.Name)
	}
	for name := range stories {
		if !slices.Contains(names, name) {
			t.Errorf("there is no scenario %s", name)
		}
	}
	return names
}

// walk starts a calculation by a request and asks for it at every instant of change.
func (p *product) walk(t *testing.T, scenario string) (seen []chapter) {
	t.Helper()
	s, body := p.frozen(t, scenario), application(ours)
	s.pastFaults(t)
	taken := s.post(t, body).want(t, 200)
	for _, path := range []string{"brands?category=E", "models?brand_id=1&category=B", "years?model_id=101", "modifications?model_id=101&year=2020&power=87", "sync-all?category=E"} {
		s.get(t, "/dictionaries/"+path).want(t, 200)
	}
	for at, more := time.Duration(0), true; more; at, more = s.moveToNext(t) {
		seen = append(seen, chapter{at, s.look(t, ours)})
		s.checkOffers(t)
		s.checkDocuments(t)
		s.checkDictionaries(t)
		s.checkConfirmations(t)
		if again := s.post(t, body); again.String() != taken.String() {
			t.Errorf("the same request at %s: %s, at first %s", at, again, taken)
		}
	}
	s.holds(t, 1)
	return seen
}

// confirmable are the statuses in which an offer can be confirmed.
var confirmable = []string{"PRE_CALC_READY", "APPROVED", "PAYMENT_READY", "PAYMENT_CANCELLED", "PAYMENT_LINK_FAILED"}

// checkConfirmations asks for every offer alone, which is as in the calculation, and confirms each in a fork.
func (s *play) checkConfirmations(t *testing.T) {
	t.Helper()
	var all struct{ Offers []json.RawMessage }
	s.get(t, "/osago/calculate?request_id="+ours).want(t, 200).decode(t, &all)
	if len(all.Offers) == 0 {
		return
	}
	fork := &play{s.product, s.name + "-confirms"}
	fork.fork(t, s, 201)
	for _, text := range all.Offers {
		var offer struct {
			ID     string `json:"offer_id"`
			Status string
		}
		if err := json.Unmarshal(text, &offer); err != nil {
			t.Fatal(err)
		}
		s.get(t, "/osago/offer?request_id="+ours+"&offer_id="+offer.ID).want(t, 200).says(t, string(text))
		status := 400
		if slices.Contains(confirmable, offer.Status) {
			status = 200
		}
		fork.confirm(t, offer.ID, "").want(t, status)
		s.page(t, "GET", "/pay?request_id="+ours+"&offer_id="+offer.ID, nil)
	}
	fork.admin(t, "DELETE", "", "").want(t, 204)
}

// walkAgain goes the same way in a session of its own, where a look starts the calculation, and stops before every change.
func (p *product) walkAgain(t *testing.T, scenario string, seen []chapter) {
	t.Helper()
	s := p.frozen(t, scenario)
	s.pastFaults(t)
	for i, c := range seen {
		if i > 0 {
			s.moveTo(t, c.at-1)
			if got := s.look(t, ours); got != seen[i-1].statuses {
				t.Errorf("a nanosecond before %s: %s, want %s", c.at, got, seen[i-1].statuses)
			}
			s.moveTo(t, c.at)
		}
		if got := s.look(t, ours); got != c.statuses {
			t.Errorf("at %s: %s, want %s", c.at, got, c.statuses)
		}
	}
	if at, more := s.moveToNext(t); more {
		t.Errorf("something changes at %s, after the end", at)
	}
}

// pastFaults lets the faults of a scenario strike that strike the first requests, with requests that leave nothing behind. What
// a client sees of those faults is TestBusyPartner's.
func (s *play) pastFaults(t *testing.T) {
	t.Helper()
	for _, path := range []string{"/osago/calculate/status?request_id=x", "/osago/calculate?request_id=x", imports} {
		ask := call{method: "GET", path: path}
		if path == imports {
			ask = call{method: "POST", path: path, body: []byte("{")}
		}
		const many = 20
		for n := 0; ; n++ {
			if got := s.strike(t, ask); got.err == nil && got.header.Get("X-Poligon-Fault") == "" {
				break
			}
			if n == many {
				t.Errorf("the scenario's faults strike %s for ever", path)
				break
			}
		}
	}
}

func lines(list []chapter) string {
	var b strings.Builder
	for _, c := range list {
		fmt.Fprintf(&b, "%s %s\n", c.at, c.statuses)
	}
	return b.String()
}

// shows are the keys of an offer by its status (contract facts A15), beside offer_id, partner and status. In these
// scenarios every offer that closes without a policy had a price before.
var shows = map[string][]string{
	"CREATED":              {},
	"PRE_CALC_SENT":        {},
	"PRE_CALC_IN_PROGRESS": {},
	"PRE_CALC_READY":       {"draft_url", "price"},
	"APPROVED":             {"draft_url", "price"},
	"REJECTED":             {"message"},
	"PAYMENT_READY":        {"draft_url", "payment_url", "price"},
	"PAYMENT_LINK_FAILED":  {"draft_url", "message", "price"},
	"PAYMENT_COMPLETED":    {"draft_url", "policy_number", "policy_series", "price"},
	"PAYMENT_CANCELLED":    {"draft_url", "message", "payment_url", "price"},
	"CLOSED_PAID":          {"draft_url", "policy_number", "policy_series", "price"},
	"CLOSED_OTHER_OFFER":   {"draft_url", "message", "price"},
	"CLOSED_TIMEOUT":       {"draft_url", "message", "price"},
	"OFFER_ERROR":          {"message"},
}

// checkOffers checks what the offers show at their statuses, that their links lead into the session, and that those that are paid can
// be reported as sold.
func (s *play) checkOffers(t *testing.T) {
	t.Helper()
	now := s.calculation(t, ours)
	for _, offer := range now.Offers {
		want := append([]string{"offer_id", "partner", "status"}, shows[offer["status"].(string)]...)
		slices.Sort(want)
		if got := slices.Sorted(maps.Keys(offer)); !slices.Equal(got, want) {
			t.Errorf("an offer that is %v shows %v, not %v", offer["status"], got, want)
		}
		query := fmt.Sprintf("?offer_id=%v&request_id=%s", offer["offer_id"], ours)
		for key, path := range map[string]string{"draft_url": "/osago/offer/draft", "payment_url": "/pay"} {
			if link, ok := offer[key]; ok && link != s.url+"/s/"+s.name+path+query {
				t.Errorf("%s is %v", key, link)
			}
		}
		if price, ok := offer["price"].(float64); ok && price <= 0 {
			t.Errorf("the price is %v", price)
		}
		if status := offer["status"]; status == "PAYMENT_COMPLETED" || status == "CLOSED_PAID" {
			right := sale{"request_id": ours, "offer_id": offer["offer_id"], "amount": offer["price"], "partner_id": fmt.Sprint(now.Partner.Code),
				"counterparty_id": offer["partner"].(map[string]any)["code"]}
			s.report(t, right).want(t, 200).says(t, `{"request_id": "`+ours+`"}`)
			s.report(t, right.with("amount", 0.01)).want(t, 400)
			if now.Partner.Code == 1 {
				s.reportAll(t, right).want(t, 200)
			}
		}
	}
}

// checkDocuments asks for the documents of every offer: a draft wherever there is a link to it, a policy unless the offer is gone.
func (s *play) checkDocuments(t *testing.T) {
	t.Helper()
	for _, offer := range s.calculation(t, ours).Offers {
		draft, policy := 404, 200
		if offer["draft_url"] != nil {
			draft = 200
		}
		switch offer["status"] {
		case "REJECTED", "OFFER_ERROR", "CLOSED_OTHER_OFFER", "CLOSED_TIMEOUT":
			policy = 404
		}
		s.get(t, documentOf("draft", offer["offer_id"].(string), "")).want(t, draft)
		s.get(t, documentOf("policy", offer["offer_id"].(string), "&format=binary")).want(t, policy)
	}
}

// TestMagic sends every magic value of a calculation where nobody chose a scenario: its scenario is played, and a look at a magic
// request_id tells the story of it. Where default was chosen it is default.
func TestMagic(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	met := 0
	for _, scenario := range p.magic(t) {
		for _, magic := range scenario.Magic {
			if magic.API != "osago" {
				continue
			}
			met++
			id := ours
			var body string
			switch magic.Field {
			case "request_id":
				id, body = magic.Value, application(magic.Value)
			case "car_number":
				body = change("vehicle.car_number", strings.ReplaceAll(magic.Value, "А", "A")) // Latin, as people type it
			default:
				body = change("insurer.last_name", magic.Value)
			}
			for chosen, want := range map[string]string{"": scenario.Name, "default": "default"} {
				s := p.frozen(t, chosen)
				for range 3 { // a fault of the scenario may hold the first ones
					s.strike(t, call{method: "POST", path: "/osago/calculate", header: jsonType, body: []byte(body)})
				}
				if got := s.explain(t, id).Scenario; got != want {
					t.Errorf("%s of %s, where %q was chosen, plays %q", magic.Value, scenario.Name, chosen, got)
				}
			}
			if story := stories[scenario.Name]; story != "" && magic.Field == "request_id" && scenario.Name != "busy-partner" {
				p.tells(t, magic.Value, scenario.Name, chapters(t, story))
			}
		}
	}
	if met < 40 {
		t.Errorf("only %d magic values", met)
	}
}

// tells checks that a look at a magic request_id tells the story of its scenario.
func (p *product) tells(t *testing.T, id, scenario string, story []chapter) {
	t.Helper()
	s := p.frozen(t, "")
	s.look(t, id)
	for _, c := range story {
		s.moveTo(t, c.at)
		if got := s.look(t, id); got != c.statuses {
			t.Errorf("%s of %s at %s: %s, want %s", id, scenario, c.at, got, c.statuses)
		}
	}
}

// listed is a scenario with its magic values, as the admin API lists it.
type listed struct {
	Name  string
	Magic []struct{ API, Field, Value string }
}

func (p *product) magic(t *testing.T) []listed {
	t.Helper()
	var list struct{ Scenarios []listed }
	p.do(t, call{method: "GET", path: "/__admin/scenarios"}).want(t, 200).decode(t, &list)
	return list.Scenarios
}

// A header chooses the scenario of what it starts, and of nothing else.
func TestScenarioHeader(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "all-rejected")
	const other = "0c9f1e2d-3b4a-4958-8766-554433221100"
	s.do(t, call{method: "GET", path: "/osago/calculate/status?request_id=" + ours, header: map[string]string{"X-Poligon-Scenario": "slow-partner"}}).want(t, 200)
	s.look(t, other)
	s.moveTo(t, 20*time.Second)
	if got := s.look(t, ours); got != "PARTNER_CALCULATION_IN_PROGRESS PRE_CALC_IN_PROGRESS" {
		t.Errorf("with the header: %s", got)
	}
	if got := s.look(t, other); got != "NO_CALCULATION_AVAILABLE REJECTED REJECTED REJECTED" {
		t.Errorf("without it: %s", got)
	}
	a := s.do(t, call{method: "GET", path: "/osago/calculate/status?request_id=" + ours, problem: true,
		header: map[string]string{"X-Poligon-Scenario": "slow-partnr"}}).want(t, 400)
	if !strings.Contains(string(a.body), "did you mean slow-partner?") {
		t.Errorf("an unknown scenario: %s", a)
	}
}
