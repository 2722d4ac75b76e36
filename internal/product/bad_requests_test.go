package product_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// patch changes a body: pairs of a path and a value, absent for none.
type patch []any

func (p patch) of(body any) any {
	for i := 0; i < len(p); i += 2 {
		body = set(body, strings.Split(strings.ReplaceAll(p[i].(string), "[", ".["), "."), p[i+1])
	}
	return body
}

func (p patch) String() string {
	var b strings.Builder
	for i := 0; i < len(p); i += 2 {
		value := "absent"
		if p[i+1] != absent {
			value = asJSON(p[i+1])
		}
		if len(value) > 60 {
			value = fmt.Sprintf("%.40s… (%d bytes)", value, len(value))
		}
		fmt.Fprintf(&b, "  %s = %s\n", p[i], value)
	}
	return b.String()
}

type object = map[string]any

// driver is a driver with nothing but what is needed, and more.
func driver(more object) object {
	d := object{"first_name": "Иван", "last_name": "Иванов", "birth_date": "1980-06-12", "license": object{"series": "77AA", "number": "123456", "date": "2000-01-01"}}
	for name, value := range more {
		if d[name] = value; value == absent {
			delete(d, name)
		}
	}
	return d
}

// badRequests are calculation requests that the partner refuses, as changes of the contract's example, by what is wrong with them.
func badRequests() (all []struct {
	name  string
	patch patch
}) {
	add := func(name string, p ...any) {
		all = append(all, struct {
			name  string
			patch patch
		}{name, p})
	}
	for _, field := range strings.Fields("product_type partner is_cross_allowed policy_start_date vehicle drivers_info owner insurer vehicle.brand vehicle.model vehicle.year vehicle.engine_power vehicle.car_documents " +
		"owner.birth_date owner.first_name owner.last_name insurer.birth_date insurer.first_name insurer.last_name drivers_info.drivers[0].birth_date drivers_info.drivers[0].first_name " +
		"drivers_info.drivers[0].last_name owner.passport.issue_date owner.passport.number owner.passport.series owner.addresses[0].address owner.addresses[0].addresses_kladr_code " +
		"owner.addresses[0].city_type owner.addresses[0].region_kladr_code owner.addresses[0].region_name owner.addresses[0].region_type owner.addresses[0].type") {
		add(field+" is needed", field, absent)
	}
	add("request_id is needed", "request_id", absent)
	add("request_id is no UUID", "request_id", "42")
	add("request_id without dashes", "request_id", strings.ReplaceAll(ours, "-", ""))
	add("request_id is a number", "request_id", 42)
	add("partner is null", "partner", nil)
	add("product_type is a number", "product_type", 1)
	add("is_cross_allowed is a text", "is_cross_allowed", "true")
	add("purpose is another", "purpose", "cargo")
	add("purpose is null", "purpose", nil)
	add("policy_start_date is a day", "policy_start_date", "2023-12-01")
	add("policy_start_date has no zone", "policy_start_date", "2023-12-01T00:00:00")
	add("policy_start_date is no day of the calendar", "policy_start_date", "2023-02-29T00:00:00Z")
	add("policy_start_date is Russian", "policy_start_date", "01.12.2023")
	add("policy_start_date counts seconds", "policy_start_date", 1701388800)
	add("vehicle is a list", "vehicle", list())
	add("category is another", "vehicle.category", "BE")
	add("category is small", "vehicle.category", "b")
	add("year is a text", "vehicle.year", "2020")
	add("year has a fraction", "vehicle.year", 2020.5)
	add("year is beyond all numbers", "vehicle.year", raw("1e30"))
	add("engine_power is a text", "vehicle.engine_power", "150")
	add("engine_power is null", "vehicle.engine_power", nil)
	add("brand is a text", "vehicle.brand", "Toyota")
	add("brand_id is a number", "vehicle.brand.brand_id", 1)
	add("model_id is a number", "vehicle.model.model_id", 101)
	add("modification_id is a number", "vehicle.modification.modification_id", 1)
	add("car_number is a number", "vehicle.car_number", 777)
	add("car_documents is one document", "vehicle.car_documents", object{"document_type": "sts"})
	add("document_type is another", "vehicle.car_documents[0].document_type", "srts")
	add("the document's date is Russian", "vehicle.car_documents[0].date", "15.05.2020")
	add("the document's number is a number", "vehicle.car_documents[0].number", 123456)
	add("no VIN, no body, no chassis", "vehicle.vin", absent, "vehicle.body_number", absent, "vehicle.chassis_number", absent)
	add("VIN, body and chassis are empty", "vehicle.vin", "", "vehicle.body_number", "", "vehicle.chassis_number", "")
	add("an empty VIN alone", "vehicle.vin", "", "vehicle.body_number", absent, "vehicle.chassis_number", absent)
	add("the VIN alone is null", "vehicle.vin", nil, "vehicle.body_number", absent, "vehicle.chassis_number", absent)
	add("an STS without a plate", "vehicle.car_number", absent)
	add("an STS with an empty plate", "vehicle.car_number", "")
	add("an STS behind a PTS without a plate", "vehicle.car_number", absent, "vehicle.car_documents", list(object{"document_type": "pts"}, object{"document_type": "sts"}))
	add("drivers_info is a list", "drivers_info", list())
	add("is_unlimited_drivers is a number", "drivers_info.is_unlimited_drivers", 0)
	add("drivers is one driver", "drivers_info.drivers", driver(nil))
	add("a driver is null", "drivers_info.drivers", list(nil))
	add("a driver without licences", "drivers_info.drivers", list(driver(object{"license": absent})))
	add("the second driver without licences", "drivers_info.drivers", list(driver(nil), driver(object{"license": absent})))
	add("two drivers without licences", "drivers_info.drivers", list(driver(object{"license": absent}), driver(nil), driver(object{"license": absent})))
	add("a driver's licence is null", "drivers_info.drivers", list(driver(object{"license": nil})))
	add("a driver's licence is a text", "drivers_info.drivers[0].license", "77AA 123456")
	add("a licence's date has no zero", "drivers_info.drivers[0].license.date", "2015-6-10")
	add("a licence's number is a number", "drivers_info.drivers[0].license.number", 123456)
	add("a foreign licence's date is a number", "drivers_info.drivers[0].foreign_license", object{"date": 2015})
	add("an earlier licence's name is a number", "drivers_info.drivers[0].previous_license", object{"last_name": 1, "license": object{"series": 77}})
	add("a driver was born in the thirteenth month", "drivers_info.drivers[0].birth_date", "1980-13-01")
	add("the owner was born at an instant", "owner.birth_date", "1980-06-12T00:00:00Z")
	add("the owner's birthday is empty", "owner.birth_date", "")
	add("the owner's name is a list", "owner.first_name", list("Иван"))
	add("the owner's contact is a text", "owner.contact", "79161234567")
	add("the owner's phone is a number", "owner.contact", object{"phone": 79161234567})
	add("the owner's passport is null", "owner.passport", nil)
	add("the passport was issued on a day that is not", "owner.passport.issue_date", "2010-02-30")
	add("the passport's number is a number", "owner.passport.number", 567890)
	add("addresses is one address", "owner.addresses", object{"type": "registration"})
	add("an address is a text", "owner.addresses", list("Москва"))
	add("an address is of another type", "owner.addresses[0].type", "home")
	add("a house is a number", "owner.addresses[0].house", 12)
	add("return_urls is a text", "return_urls", "https://example.com")
	add("success_url is no URL", "return_urls.success_url", "example.com/ok")
	add("failure_url runs a script", "return_urls.failure_url", "javascript:alert(1)")
	add("success_url is empty", "return_urls.success_url", "")
	add("success_url is a number", "return_urls.success_url", 1)
	add("several of all kinds", "product_type", absent, "purpose", "race", "vehicle.year", "x", "vehicle.car_number", absent, "vehicle.vin", absent, "vehicle.body_number", absent, "vehicle.chassis_number", absent,
		"drivers_info.drivers", list(driver(object{"license": absent, "birth_date": "x"})), "return_urls.failure_url", "/no", "owner.last_name", absent)
	add("nothing at all", "", absent)
	return all
}

// Each bad request of the table is refused as the golden file says: the field, the partner's words, and why. Nothing of it stays.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.frozen(t, "")
	cases := badRequests()
	if len(cases) < 80 {
		t.Errorf("%d bad requests are fewer than 80", len(cases))
	}
	var got strings.Builder
	seen := map[string]bool{}
	for _, c := range cases {
		if seen[c.name] {
			t.Errorf("%s stands twice", c.name)
		}
		seen[c.name] = true
		body := clone(example("osago", "/osago/calculate", "calculation"))
		body.(object)["request_id"] = ours
		if c.name == "nothing at all" {
			body = object{}
		} else {
			body = c.patch.of(body)
		}
		a := s.post(t, asJSON(body)).want(t, 400)
		var is struct {
			RequestID  string `json:"request_id"`
			Message    string
			Properties []struct{ Property, Message string }
		}
		a.decode(t, &is)
		fmt.Fprintf(&got, "%s\n%s  %d %s %s\n", c.name, c.patch, a.status, strings.Replace(is.RequestID, ours, "the request_id", 1), is.Message)
		for _, one := range is.Properties {
			fmt.Fprintf(&got, "    %s: %s\n", one.Property, one.Message)
		}
		fmt.Fprintf(&got, "    # %s\n\n", a.header.Get("X-Poligon-Reason"))
	}
	s.holds(t, 0)
	const golden = "testdata/bad_requests.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got.String())) {
		is, was := strings.Split(got.String(), "\n\n"), strings.Split(string(want), "\n\n")
		for i := range max(len(is), len(was)) {
			if i >= len(is) || i >= len(was) || is[i] != was[i] {
				t.Fatalf("%d of %d cases; the first that differs from %s (-update writes it anew):\n%s", len(is), len(was), golden, at(is, i))
			}
		}
	}
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "there is none"
}

// What the documents' own samples hold is accepted untouched: the contract's examples whole, and each value alone in the smallest one.
func TestSamplesAreAccepted(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	whole := example("osago", "/osago/calculate", "calculation").(object)
	p.frozen(t, "").post(t, asJSON(whole)).want(t, 200)
	for name, value := range whole {
		body := clone(example("osago", "/osago/calculate", "smallest")).(object)
		body[name] = clone(value)
		p.frozen(t, "").post(t, asJSON(body)).want(t, 200)
	}
	vehicle := whole["vehicle"].(object)
	for name, value := range vehicle {
		if name == "car_documents" {
			continue // its sts needs the plate
		}
		body := clone(example("osago", "/osago/calculate", "smallest")).(object)
		body["vehicle"].(object)[name] = value
		p.frozen(t, "").post(t, asJSON(body)).want(t, 200)
	}
}

// A request under a taken id whose body differs is refused, begins the calculation anew, or is ignored, as the scenario says.
func TestChangedRequests(t *testing.T) {
	t.Parallel()
	offers := "  offers: {a: {insurer: А, steps: [CREATED, {after: 1s, status: PRE_CALC_SENT}, {after: 1s, status: PRE_CALC_IN_PROGRESS}, {after: 1s, status: PRE_CALC_READY}, {after: 1h, status: CLOSED_TIMEOUT}]}}\nbordereau: {}\n"
	for how, c := range map[string]struct {
		key    string
		status int
		sees   string
	}{
		"unsaid":  {"", 400, "CALCULATION_READY PRE_CALC_READY"},
		"refuse":  {"  changed_requests: refuse\n", 400, "CALCULATION_READY PRE_CALC_READY"},
		"restart": {"  changed_requests: restart\n", 200, "DRAFT CREATED"},
		"ignore":  {"  changed_requests: ignore\n", 200, "CALCULATION_READY PRE_CALC_READY"},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{}).frozen(t, "")
			s.tell(t, "", "title: T\nstory: S.\nosago:\n"+c.key+offers).want(t, 200)
			first := s.post(t, application(ours)).want(t, 200).String()
			s.moveTo(t, 5_000_000_000)
			price := func() any { return s.calculation(t, ours).Offers[0]["price"] }
			was := price()
			if again := s.post(t, application(ours)).want(t, 200).String(); again != first {
				t.Errorf("the same again: %s", again)
			}
			s.post(t, change("vehicle.engine_power", 300)).want(t, c.status)
			if got := s.look(t, ours); got != c.sees {
				t.Errorf("it is %s", got)
			}
			s.moveTo(t, 10_000_000_000)
			if is := price(); (is != was) != (how == "restart") {
				t.Errorf("the price was %v and is %v", was, is)
			}
			_, b := s.recording(t)
			replay(t, b)
		})
	}
}
