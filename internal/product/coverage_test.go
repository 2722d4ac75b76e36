package product_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"poligon/internal/fault"
	"poligon/internal/osago"
)

// coverage is what clients have seen of the embedded scenarios: by a kind of things, their names.
type coverage struct {
	mu   sync.Mutex
	seen map[string]map[string]bool
}

// The kinds of things that the scenarios show together.
const (
	calculationIs   = "calculation status"
	offerIs         = "offer status"
	calculationTurn = "change of a calculation"
	offerTurn       = "change of an offer"
	importError     = "error code of the import"
	faultKind       = "kind of fault"
	faultKey        = "key of a fault"
	upsaleRule      = "rule of cross-sales"
)

// completeCoverage is all that there is to show. It comes from the contracts, the lifecycle and the kinds of faults, and not from the scenarios.
func completeCoverage() map[string][]string {
	enum := func(api, schema string) (names []string) {
		for _, v := range contracts()[api].Components.Schemas[schema].Value.Enum {
			names = append(names, v.(string))
		}
		return names
	}
	arrows := func(pairs [][2]string) (names []string) {
		for _, p := range pairs {
			names = append(names, p[0]+" → "+p[1])
		}
		return names
	}
	offers, calculations := osago.Transitions()
	return map[string][]string{
		calculationIs:   enum("osago", "CalculationStatus"),
		offerIs:         enum("osago", "OfferStatus"),
		calculationTurn: arrows(calculations),
		offerTurn:       arrows(offers),
		importError:     enum("bordereau", "ErrorCode"),
		faultKind:       append(fault.Kinds(), "status", "delay", "slow"),
		faultKey:        strings.Fields("on first every after share status headers body accepted delay slow answer"),
		upsaleRule: {"an offer without any", "a compulsory one", "the pool, with a compulsory one", "an option chosen at first", "a choice without a default",
			"options that exclude each other", "what is paid for a risk", "none, for the request allows none"},
	}
}

func (c *coverage) note(kind, name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen = map[string]map[string]bool{}
	}
	if c.seen[kind] == nil {
		c.seen[kind] = map[string]bool{}
	}
	c.seen[kind][name] = true
}

// TestCatalogue plays every embedded scenario, every way that it can go, through the server: each answer keeps the contract, no part
// of a scenario is never met, and together they show all there is.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	p, c := start(t, setup{wait: new(waits).wait}), &coverage{}
	t.Run("play", func(t *testing.T) {
		for _, scenario := range p.magic(t) {
			t.Run(scenario.Name, func(t *testing.T) {
				t.Parallel()
				s := p.frozen(t, scenario.Name)
				c.plays(t, s, scenario.Name)
				c.imports(t, s, scenario)
				c.strikes(t, s)
				if _, parts, faults := s.unused(t); len(parts)+len(faults) > 0 {
					t.Errorf("nobody met %q %q", parts, faults)
				}
			})
		}
	})
	for kind, names := range completeCoverage() {
		if len(names) == 0 {
			t.Errorf("there is no %s at all", kind)
		}
		for _, name := range names {
			if !c.seen[kind][name] {
				t.Errorf("no embedded scenario shows the %s %s", kind, name)
			}
		}
	}
}

// asks are the requests that choose a scenario's other stories; every scenario is asked with the contract's example, too.
func asks(scenario string) []string {
	return append([]string{change("purpose", "personal")}, map[string][]string{
		"by-request":             {change("vehicle.car_number", "А123ВС99"), change("purpose", "taxi"), change("drivers_info.drivers[0].birth_date", "2005-03-08")},
		"paid-but-policy-failed": {change("purpose", "taxi")},
		"ways-to-fail":           {change("insurer.last_name", "Молчанов"), change("insurer.last_name", "Аварийный"), change("insurer.last_name", "Передумов")},
		"cross-sales":            {change("is_cross_allowed", false)},
	}[scenario]...)
}

// plays starts calculations until every branch was taken: of those that wait for an event each in turn, of those that chance takes as
// many as it needs.
func (c *coverage) plays(t *testing.T, s *play, scenario string) {
	n := 0
	for _, body := range asks(scenario) {
		for w := (&ways{}); ; {
			n++
			c.calculation(t, s, numbered(n), body, w)
			if !w.next() {
				break
			}
		}
	}
	for ; n < 50 && s.stepsLeft(t); n++ {
		c.calculation(t, s, numbered(n+1), asks(scenario)[0], &ways{})
	}
}

// stepsLeft says whether nobody has met some step of an offer.
func (s *play) stepsLeft(t *testing.T) bool {
	_, parts, _ := s.unused(t)
	return slices.ContainsFunc(parts, func(part string) bool { return strings.HasPrefix(part, "osago.") })
}

// calculation starts one and looks at it at every change, until nothing happens any more.
func (c *coverage) calculation(t *testing.T, s *play, id, body string, w *ways) {
	t.Helper()
	body = strings.Replace(body, ours, id, 1)
	for range 3 { // a fault may hold the first
		if got := c.strike(t, s, call{method: "POST", path: "/osago/calculate", header: jsonType, body: []byte(body)}); got.status == 200 {
			break
		}
	}
	for idle, turns := 0, -1; idle < 4; {
		c.look(t, s, id, strings.Contains(body, `"is_cross_allowed":true`))
		e := s.explain(t, id)
		for _, h := range e.Happened {
			kind := offerTurn
			if h.Offer == "" {
				kind = calculationTurn
			}
			c.note(kind, h.From+" → "+h.To)
		}
		event, offer := w.fire(e)
		if event != "" {
			s.admin(t, "POST", "/calculations/"+id+"/events", fmt.Sprintf(`{"fire": %q, "offer_id": %q}`, event, offer)).want(t, 200)
		} else if _, moved := s.moveToNext(t); !moved && len(e.Happened) == turns {
			idle++
			continue
		}
		idle, turns = 0, len(e.Happened)
	}
}

// ways are the choices of what to have happen where a story waits for an event, one after the other.
type ways struct {
	taken, of []int
	at        int
}

// fire is the event to fire now, none for nothing.
func (w *ways) fire(e explained) (event, offer string) {
	for _, o := range e.Offers {
		events := []string{""}
		for _, wait := range o.Awaits {
			if _, event, ok := strings.Cut(wait, " on "); ok {
				events = append(events, event)
			}
		}
		if len(events) == 1 {
			continue
		}
		if w.at == len(w.taken) {
			w.taken, w.of = append(w.taken, 0), append(w.of, len(events))
		}
		w.at++
		if event = events[w.taken[w.at-1]]; event != "" {
			return event, o.Offer
		}
	}
	return "", ""
}

// next turns to another way; false when all were gone.
func (w *ways) next() bool {
	w.at = 0
	for i := len(w.taken) - 1; i >= 0; i-- {
		if w.taken[i]++; w.taken[i] < w.of[i] {
			w.taken, w.of = w.taken[:i+1], w.of[:i+1]
			return true
		}
	}
	return false
}

// strike sends a call. What comes without a fault keeps the contract.
func (c *coverage) strike(t *testing.T, s *play, ask call) (got seen) {
	t.Helper()
	got = s.strike(t, ask)
	if got.err != nil || got.header.Get("X-Poligon-Fault") != "" {
		return got
	}
	if err := conforms(ask, got.answer); err != nil {
		t.Errorf("%s %.200s: %s\nbreaks its contract: %v", ask.method, ask.path, got.answer, err)
	}
	return got
}

// look asks for a calculation in both ways and notes what a client sees that no fault spoilt.
func (c *coverage) look(t *testing.T, s *play, id string, crossAllowed bool) {
	t.Helper()
	for _, path := range []string{"/osago/calculate/status?request_id=", "/osago/calculate?request_id="} {
		got := c.strike(t, s, call{method: "GET", path: path + id})
		if got.err != nil || got.status != 200 || got.header.Get("X-Poligon-Fault") != "" {
			continue
		}
		var body struct {
			Status string
			Offers []shownOffer
		}
		got.decode(t, &body)
		c.note(calculationIs, body.Status)
		sold := false
		for _, o := range body.Offers {
			c.note(offerIs, o.Status+o.Short)
			sold = sold || len(o.Upsales) > 0
		}
		for _, o := range body.Offers {
			c.upsales(o, sold, crossAllowed)
		}
	}
}

// shownOffer is an offer in both answers, as far as the coverage looks into it.
type shownOffer struct {
	Status  string
	Short   string `json:"offer_status"`
	Price   json.Number
	Pool    bool `json:"is_reinsurance_pool"`
	Upsales []struct {
		Required bool `json:"is_required"`
		Options  []struct {
			Default      bool  `json:"is_default"`
			Compatible   int   `json:"compatibility_id"`
			RiskPayments []any `json:"risk_payments"`
		}
	}
}

// upsales notes which rules an offer shows; sold says whether some offer of the calculation has any.
func (c *coverage) upsales(o shownOffer, sold, crossAllowed bool) {
	note := func(rule string, shows bool) {
		if shows {
			c.note(upsaleRule, rule)
		}
	}
	priced := o.Price != ""
	note("none, for the request allows none", priced && !sold && !crossAllowed)
	note("an offer without any", priced && sold && len(o.Upsales) == 0)
	for _, u := range o.Upsales {
		note("a compulsory one", u.Required)
		note("the pool, with a compulsory one", u.Required && o.Pool)
		defaults, compatible := 0, map[int]bool{}
		for _, option := range u.Options {
			compatible[option.Compatible] = true
			if option.Default {
				defaults++
			}
			note("what is paid for a risk", len(option.RiskPayments) > 0)
		}
		note("an option chosen at first", defaults == 1)
		note("a choice without a default", defaults == 0 && len(u.Options) > 1)
		note("options that exclude each other", len(compatible) > 1)
	}
}
