package product_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Sent again a request changes nothing, however its keys stand; another request under the same id is refused.
func TestApplicationSentAgain(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "insurer-happy-path")
	body := application(ours)
	want := fmt.Sprintf(`{"request_id": %q, "calculation_date": "2026-01-15T09:00:00Z"}`, ours)
	s.post(t, body).want(t, 200).says(t, want)
	s.moveTo(t, 5*time.Second)
	for name, again := range map[string]string{
		"same":            body,
		"other key order": backwards(t, body),
		"other spaces":    strings.NewReplacer(":", " :\n", ",", "\t, ").Replace(strings.ReplaceAll(strings.ReplaceAll(body, "00:00:00", "00-00-00"), "https:", "")),
		"escapes":         strings.ReplaceAll(body, "Иван", `\u0418\u0432\u0430\u043d`),
		"other number":    strings.ReplaceAll(body, `"year":2020`, `"year":2020.00`),
	} {
		if name == "other spaces" {
			again = strings.ReplaceAll(body, `":`, "\" :\n\t ")
		}
		if again == body && name != "same" {
			t.Fatalf("%s: nothing differs", name)
		}
		s.post(t, again).want(t, 200).says(t, want)
	}
	for _, other := range []string{change("vehicle.engine_power", 151), change("colour", "red"), change("purpose", absent)} {
		s.post(t, other).want(t, 400).says(t, refusal(ours, badWhole, "request_id", taken))
	}
	if got := s.look(t, ours); got != "CALCULATION_READY PRE_CALC_READY" {
		t.Errorf("after all that: %s", got)
	}
	s.holds(t, 1)
}

// backwards writes an object with its keys in the opposite order.
func backwards(t *testing.T, body string) string {
	t.Helper()
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	keys := 0
	for _, key := range []string{"vehicle", "return_urls", "request_id", "purpose", "product_type", "policy_start_date", "partner", "owner", "is_cross_allowed", "insurer", "drivers_info"} {
		fmt.Fprintf(&b, ",%q:%s", key, object[key])
		keys++
	}
	if keys != len(object) {
		t.Fatalf("%d keys of %d", keys, len(object))
	}
	return "{" + b.String()[1:] + "}"
}

// A request that comes after a look begins the calculation anew.
func TestLookThenApplication(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "insurer-happy-path")
	s.look(t, ours)
	s.moveTo(t, 90*time.Second)
	if got := s.look(t, ours); got != "PAID PAYMENT_COMPLETED" {
		t.Errorf("after the look: %s", got)
	}
	s.post(t, application(ours)).want(t, 200).says(t, fmt.Sprintf(`{"request_id": %q, "calculation_date": "2026-01-15T09:01:30Z"}`, ours))
	if got := s.look(t, ours); got != "DRAFT CREATED" {
		t.Errorf("after the request: %s", got)
	}
	s.moveTo(t, 91*time.Second-1)
	if got := s.look(t, ours); got != "DRAFT CREATED" {
		t.Errorf("a nanosecond too early: %s", got)
	}
	if at, _ := s.moveToNext(t); at != 91*time.Second {
		t.Errorf("the next change is at %s", at)
	}
	s.holds(t, 1)
}

// The price is of the application: dearer for more power, and the drivers' coefficients are shown as numbers with their licences.
func TestPriceFollowsTheApplication(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "insurer-happy-path")
	price := func(id, body string) float64 {
		s.post(t, strings.ReplaceAll(body, ours, id)).want(t, 200)
		s.moveToNext(t)
		s.admin(t, "POST", "/clock/advance", `{"by": "5s"}`).want(t, 200)
		c := s.calculation(t, id)
		if len(c.Offers) != 1 {
			t.Fatalf("%+v", c)
		}
		return c.Offers[0]["price"].(float64)
	}
	weak := price("00000000-0000-4000-8000-00000000aaaa", change("vehicle.engine_power", 50))
	strong := price("00000000-0000-4000-8000-00000000bbbb", change("vehicle.engine_power", 50.1))
	if ratio := strong / weak; ratio < 1.66 || ratio > 1.67 { // km 1.0 to 0.6
		t.Errorf("prices %v and %v", weak, strong)
	}
	drivers := s.calculation(t, "00000000-0000-4000-8000-00000000aaaa").Drivers
	if len(drivers) != 1 || drivers[0].(map[string]any)["series"] != "77AA" || drivers[0].(map[string]any)["number"] != "123456" {
		t.Errorf("drivers %v", drivers)
	}
	km := drivers[0].(map[string]any)["coefficients"].(map[string]any)["km"]
	if km != 0.6 {
		t.Errorf("km is %v", km)
	}
	unlimited := change("drivers_info", map[string]any{"is_unlimited_drivers": true})
	price("00000000-0000-4000-8000-00000000cccc", unlimited)
	if drivers := s.calculation(t, "00000000-0000-4000-8000-00000000cccc").Drivers; drivers != nil {
		t.Errorf("where anybody may drive: %v", drivers)
	}
}

// The same seed and request give the same bytes, another seed gives others; so does another id.
func TestSeed(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	tell := func(seed int, id string) string {
		s := p.play(t, fmt.Sprintf(`{"scenario": "aggregator-three-offers", "seed": %d, "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}}`, seed))
		s.look(t, id)
		s.moveTo(t, 120*time.Second)
		body := s.get(t, "/osago/calculate?request_id="+id).body
		imported := s.importRisks(t, risk(nil))
		return strings.NewReplacer("/s/"+s.name+"/", "/", id, "").Replace(string(body)) + *imported[0].UUID
	}
	first := tell(7, ours)
	if again := tell(7, ours); again != first {
		t.Errorf("seed 7 tells\n%s\nand\n%s", first, again)
	}
	if other := tell(8, ours); same(first, other) {
		t.Errorf("seeds 7 and 8 tell\n%s\n%s", first, other)
	}
	if other := tell(7, "0c9f1e2d-3b4a-4958-8766-554433221100"); strings.Contains(other, ids(first)[0]) {
		t.Errorf("two ids have the same offers:\n%s\n%s", first, other)
	}
}

// same says whether two answers share their first offer's id or its first price.
func same(a, b string) bool {
	x, y := ids(a), ids(b)
	return x[0] == y[0] || x[1] == y[1] && x[1] != ""
}

// ids are the first offer's id and the first price in an answer; the price is empty when there is none.
func ids(answer string) (found [2]string) {
	for i, key := range []string{`"offer_id":"`, `"price":`} {
		if _, rest, ok := strings.Cut(answer, key); ok {
			found[i] = rest[:strings.IndexAny(rest, `",}`)]
		}
	}
	return found
}
