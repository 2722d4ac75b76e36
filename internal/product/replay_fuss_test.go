package product_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// fuss is a client that does whatever a client can do, drawn from a seed.
type fuss struct {
	*rand.Rand
	s *play
}

func (f fuss) one(words ...string) string { return words[f.IntN(len(words))] }

func (f fuss) id() string { return fmt.Sprintf("%s%02d", ours[:34], f.IntN(12)) }

// call draws a call. Those of one kind in ten are faulty on purpose.
func (f fuss) call() (c call) {
	switch n := f.IntN(100); {
	case n < 35:
		c = f.look()
	case n < 48:
		c = f.apply()
	case n < 54:
		c = f.buy()
	case n < 72:
		c = f.imports()
	case n < 80:
		c = f.stray()
	default:
		return f.act()
	}
	if c.header = clonedHeader(c.header); f.IntN(6) == 0 {
		c.header["X-Poligon-Fault"] = f.one("{answer: truncated}", "{answer: unknown-enum}", "{answer: lost}", "{answer: reset}", "{status: 429, headers: {Retry-After: '2'}}",
			"{delay: 1s..9s}", "{answer: missing-field}", "{answer: wrong-type}", "{status: 503, accepted: true}", "{slow: 1s}", "{answer: malformed}", "{answer: extra-field}")
	}
	if f.IntN(5) == 0 {
		c.header["X-Poligon-Scenario"] = f.one("busy-partner", "all-rejected", "mixed-import", "insurer-happy-path", "default", "wrong-departure-time", "link-after-confirmation", "cross-sales")
	}
	if f.IntN(10) == 0 {
		c.header["Authorization"] = "Basic " + opened
		c.header["Cookie"] = "sid=" + opened
	}
	return c
}

// opened is a credential.
const opened = "b3BlbjpzZXNhbWU="

func clonedHeader(h map[string]string) map[string]string {
	all := map[string]string{}
	for name, value := range h {
		all[name] = value
	}
	return all
}

func (f fuss) look() call {
	id := f.one(f.id(), f.id(), f.id(), f.id(), strings.ToUpper(f.id()), "nonsense", "", "123e4567-e89b-12d3-a456-426614174000")
	return call{method: f.one("GET", "GET", "GET", "HEAD"), path: f.one("/osago/calculate", "/osago/calculate/status") + "?request_id=" + id}
}

func (f fuss) apply() call {
	body := application(f.id())
	switch f.IntN(6) {
	case 0:
		body = change("vehicle.engine_power", 100+f.IntN(5))
	case 1:
		body = change("owner.first_name", absent)
	case 2:
		body = body[:f.IntN(len(body))]
	}
	return call{method: "POST", path: "/osago/calculate", header: map[string]string{"Content-Type": f.one("application/json", "application/json", "text/html")}, body: []byte(body),
		chunked: f.IntN(4) == 0}
}

// buy confirms an offer, pays it or tells of its sale. Its id is guessed from what the calculation showed.
func (f fuss) buy() call {
	id, offer := f.id(), "1"
	if resp, err := f.s.client.Get(f.s.url + "/__admin/sessions/" + f.s.name + "/calculations/" + id); err == nil {
		var is explained
		if json.NewDecoder(resp.Body).Decode(&is) == nil && len(is.Offers) > 0 {
			offer = is.Offers[f.IntN(len(is.Offers))].Offer
		}
		_ = resp.Body.Close()
	}
	switch f.IntN(4) {
	case 0:
		more := f.one("", `, "upsales": []`, `, "return_urls": {"success_url": "http://shop.test/"}`, `, "return_urls": {"success_url": "x"}`, `, "upsales": [{"upsale_id": "1", "option_id": "1"}]`)
		return call{method: "POST", path: "/osago/offer", header: jsonType, body: fmt.Appendf(nil, `{"request_id": %q, "offer_id": %q%s}`, id, offer, more)}
	case 1:
		return call{method: "GET", path: f.one("/osago/offer", "/pay", "/osago/offer/draft", "/osago/offer/policy") + "?request_id=" + id + "&offer_id=" + offer}
	case 2:
		return call{method: "GET", path: "/confirm?partner_id=1&counterparty_id=1&amount=7072&request_id=" + id + "&offer_id=" + offer}
	}
	return call{method: "POST", path: "/pay", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		body: []byte("request_id=" + id + "&offer_id=" + offer + "&action=" + f.one("pay", "pay", "cancel", "x"))}
}

func (f fuss) imports() call {
	var risks []any
	for range 1 + f.IntN(3) {
		risks = append(risks, policy(fmt.Sprint("P-", f.IntN(20)), map[string]any{"override": f.IntN(3) == 0, "delayTimeHours": 3 + f.IntN(2),
			"lastName": f.one("Петров", "Сидоров", "", "X")}))
	}
	body := []byte(asJSON(map[string]any{"risks": risks}))
	switch f.IntN(14) {
	case 0:
		body = body[:f.IntN(len(body))]
	case 1:
		return call{method: "POST", path: imports + "?partnerCode=" + code + "&sign=" + sign(append([]byte(password), body...), ""), header: jsonType, body: body}
	case 2:
		return call{method: "POST", path: imports + "?partnerCode=" + f.one(code, "7", "nobody", "") + "&sign=" + f.one("", "abc", sign(body, "x")), header: jsonType, body: body}
	case 3:
		c := signed(body)
		c.header = map[string]string{"Content-Type": "text/html; charset=koi8-r"}
		return c
	case 4:
		c := signed(body)
		c.path = strings.Replace(c.path, "sign=", "s%69gn=", 1) + "&token=" + opened
		return c
	case 5:
		return signedBy(code, password, []byte(f.one("", "[]", "{}", `{"risks": []}`, `{"risks": 1}`, "\xef\xbb\xbf{}", "\xff")))
	}
	return signed(body)
}

// stray is a request that no contract has, or one about no calculation.
func (f fuss) stray() call {
	path := f.one("/osago/calculate/statu", "/osago/%D1%8F/%2F", "/osago/calculate%3Frequest_id="+f.id(), "/osago/a%25zz", "/osago/calc%23late", "/api/v2/nothing", "/dictionaries/brands", "/dictionaries/powers?model_id=101&year=2020", "/auto/info?vin=x", "/auto/info?car_number=A123AA123",
		"/pay?request_id="+f.id(), imports, "/osago/calculate/status?request_id=%zz", "/osago//calculate", "/osago/../x", "/osago/calculate?")
	return call{method: f.one("GET", "POST", "DELETE", "PATCH"), path: path, body: []byte(f.one("", "{}"))}
}

// story is a story, at times one that cannot be played.
func (f fuss) story() string {
	faults := f.one("", "", fmt.Sprintf("faults: [{on: getCalculationStatus, every: %d, status: 503}]\n", 1+f.IntN(3)), "nonsense: 1\n")
	return refusing(3+f.IntN(3), "bordereau: {records: [{when: {every: 3}, error: WRONG_POLICY_NUMBER}]}\n"+faults)
}

// act is an act of the admin API.
func (f fuss) act() call {
	base := "/__admin/sessions/" + f.s.name
	post := func(path, body string) call { return call{method: "POST", path: base + path, body: []byte(body)} }
	switch f.IntN(20) {
	case 0, 1:
		return post("/clock/advance", fmt.Sprintf(`{"by": "%dms"}`, f.IntN(5000)))
	case 2:
		return post("/clock/advance", fmt.Sprintf(`{"to": %q}`, dawn.Add(time.Duration(f.IntN(100))*time.Second).Format(time.RFC3339)))
	case 3, 4:
		return post("/clock/advance", `{"next": true}`)
	case 5:
		return post("/clock/advance", fmt.Sprintf(`{"until": {"request_id": %q, "status": %q}}`, f.id(), f.one("CALCULATION_READY", "PAYMENT_COMPLETED", "CALCULATION_REJECTED")))
	case 6:
		return call{method: "PUT", path: base + "/clock", body: []byte(f.one(`{"mode": "real"}`, `{"mode": "scaled", "speed": 7.5}`, `{"mode": "frozen"}`, `{"mode": "scaled", "speed": 0.1}`))}
	case 7:
		return post(f.one("/clock/freeze", "/clock/resume"), "")
	case 8, 9:
		return post("/calculations/"+f.id()+"/events", fmt.Sprintf(`{"fire": %q}`, f.one("paid", "confirmed", "timed_out", "failed", "payment_cancelled", "nonsense")))
	case 10:
		return post("/calculations/"+f.id()+"/events", fmt.Sprintf(`{"force": %q}`, f.one("CALCULATION_ERROR", "CALCULATION_READY", "NONSENSE")))
	case 11, 12:
		return post("/faults", f.one(`{"on": "getCalculationStatus", "every": 3, "status": 429}`, `{"on": "importBordereau", "share": "30%", "answer": "lost"}`,
			`{"on": "*", "share": "10%", "answer": "truncated"}`, `{"on": "getCalculation", "answer": "null-field", "first": 2}`, `{"on": "nonsense", "answer": "lost"}`))
	case 13:
		return call{method: "DELETE", path: base + "/faults" + f.one("", "/1", "/2", "/3")}
	case 14:
		return post("/reset", f.one(`{"only": ["subjects"]}`, `{"only": ["clock"]}`, `{"only": ["faults"]}`, `{"only": ["clock", "subjects"]}`, `{"only": ["nonsense"]}`))
	case 15, 16:
		return call{method: "PUT", path: base + "/scenario" + f.one("", "?name=mine", "?name=busy-partner"), body: []byte(f.story())}
	case 18:
		return post("/flights", f.one(`{"flight_number": "SU-1402", "delay_hours": 3}`, `{"flight_number": "S7-155", "cancelled": true}`, `{"flight_number": "SU-1402"}`))
	case 17:
		return call{method: "PUT", path: "/__admin/scenarios/" + f.one("default", "busy-partner", "all-rejected", "mine"), body: []byte(f.story())}
	}
	return post("/clock/advance", f.one(`{}`, `{"by": "-1s"}`, `{"to": "2000-01-01T00:00:00Z"}`))
}
