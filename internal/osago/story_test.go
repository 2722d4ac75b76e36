package osago

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"poligon/internal/dice"
	"poligon/internal/partner"
	"poligon/internal/scenario"
)

// doings plays a calculation of a story of one offer; what is to happen to it is written as "3s", "poll" or an event. The answer is the
// offer's status after each.
func doings(t *testing.T, text string, seed uint64, doings ...string) (statuses []string) {
	t.Helper()
	c := &calculation{text: one, story: readOne(t, text), dice: dice.New(seed), started: start0}
	for _, doing := range doings {
		if d, err := time.ParseDuration(doing); err == nil {
			c.offset += d
		} else if doing == "poll" {
			c.acts = append(c.acts, act{at: c.offset, poll: true, offer: whole})
		} else {
			c.settle()
			a, err := c.choose(partner.Act{Fire: doing})
			if err != nil {
				statuses = append(statuses, "refused")
				continue
			}
			a.at = c.offset
			c.acts = append(c.acts, a)
		}
		c.settle()
		statuses = append(statuses, string(c.offers[0].status))
	}
	return statuses
}

func TestStepsThatWait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, story, doings, want string }{
		{"polls are counted from the step before", steps("CREATED", "{poll: 2, status: PRE_CALC_SENT}", "{poll: 1, status: OFFER_ERROR}"),
			"poll 5s poll 5s poll 1h", "CREATED CREATED PRE_CALC_SENT PRE_CALC_SENT OFFER_ERROR OFFER_ERROR"},
		{"time goes on behind a poll", steps("CREATED", "{poll: 1, status: PRE_CALC_SENT}", "{after: 2s, status: OFFER_ERROR}"),
			"10s poll 1s 1s", "CREATED PRE_CALC_SENT PRE_CALC_SENT OFFER_ERROR"},
		{"at counts from the start, or begins at once when it is late", steps("CREATED", "{poll: 1, status: PRE_CALC_SENT}", "{at: 5s, status: OFFER_ERROR}"),
			"10s poll", "CREATED OFFER_ERROR"},
		{"an event brings its step", steps("CREATED", "{on: sent, status: PRE_CALC_SENT}", "{after: 2s, status: OFFER_ERROR}"),
			"1h sent 1s 1s", "CREATED PRE_CALC_SENT PRE_CALC_SENT OFFER_ERROR"},
		{"an event brings what the story says", steps("CREATED", "{on: sent, status: OFFER_ERROR}"), "sent", "OFFER_ERROR"},
		{"another event does what the lifecycle says", steps("CREATED", "{on: sent, status: PRE_CALC_SENT}", "{after: 2s, status: CLOSED_TIMEOUT}"),
			"failed sent 1h", "OFFER_ERROR refused OFFER_ERROR"},
		{"the story waits on behind another event", steps("CREATED", ready, "{on: paid, status: PAYMENT_COMPLETED}", "{after: 1s, status: CLOSED_PAID}"),
			"5s payment_cancelled 1h payment_ready paid 1s", "PAYMENT_READY PAYMENT_CANCELLED PAYMENT_CANCELLED PAYMENT_READY PAYMENT_COMPLETED CLOSED_PAID"},
		{"the branch that is first: an event", steps("CREATED", "either:\n          - {on: sent, status: PRE_CALC_SENT, then: [{after: 1s, status: CLOSED_TIMEOUT}]}\n          - {after: 10s, status: OFFER_ERROR}"),
			"9s sent 1s 1h", "CREATED PRE_CALC_SENT CLOSED_TIMEOUT CLOSED_TIMEOUT"},
		{"the branch that is first: time", steps("CREATED", "either:\n          - {on: sent, status: PRE_CALC_SENT}\n          - {after: 10s, status: OFFER_ERROR}"),
			"10s sent", "OFFER_ERROR refused"},
		{"the branch that is first: a poll", steps("CREATED", "either:\n          - {after: 10s, status: OFFER_ERROR}\n          - {poll: 2, status: PRE_CALC_SENT}", "{after: 1s, status: CLOSED_TIMEOUT}"),
			"poll poll 1s", "CREATED PRE_CALC_SENT CLOSED_TIMEOUT"},
		{"repetition", steps("PAYMENT_READY", "repeat: [{after: 1s, status: PAYMENT_CANCELLED}, {after: 2s, status: PAYMENT_READY}]\n          times: 2", "{after: 5s, status: CLOSED_TIMEOUT}"),
			"1s 2s 1s 2s 4s 1s", "PAYMENT_CANCELLED PAYMENT_READY PAYMENT_CANCELLED PAYMENT_READY PAYMENT_READY CLOSED_TIMEOUT"},
		{"branches that repeat", steps("PAYMENT_READY", "repeat:\n          - either: [{on: payment_cancelled, status: PAYMENT_CANCELLED}, {after: 9s, status: PAYMENT_LINK_FAILED}]\n"+
			"          - {after: 1s, status: PAYMENT_READY}\n          times: 2", "{after: 5s, status: CLOSED_TIMEOUT}"),
			"payment_cancelled 1s 9s 1s 5s", "PAYMENT_CANCELLED PAYMENT_READY PAYMENT_LINK_FAILED PAYMENT_READY CLOSED_TIMEOUT"},
	} {
		if got := strings.Join(doings(t, c.story, 1, strings.Fields(c.doings)...), " "); got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.name, c.doings, got, c.want)
		}
	}
}

// TestDraws: a range and a chance are drawn within their bounds, as often as they say, and by the seed.
func TestDraws(t *testing.T) {
	t.Parallel()
	story := readOne(t, steps("CREATED", "either:\n          - {chance: 30%, after: 2s..5s, status: PRE_CALC_SENT}\n          - {after: 7s, status: OFFER_ERROR}"))
	sent, waits := 0, map[time.Duration]bool{}
	for seed := range uint64(2000) {
		c := &calculation{text: one, story: story, dice: dice.New(seed + 1), started: start0, offset: time.Minute}
		c.settle()
		again := &calculation{text: one, story: story, dice: dice.New(seed + 1), started: start0, offset: time.Minute}
		again.settle()
		turn := c.life.turns[0]
		if turn.at != again.life.turns[0].at || turn.to != again.life.turns[0].to {
			t.Fatal("the same seed draws otherwise")
		}
		if turn.to == string(OfferError) {
			continue
		}
		if sent++; turn.at < 2*time.Second || turn.at > 5*time.Second || turn.at%time.Millisecond != 0 {
			t.Fatal(turn.at)
		}
		waits[turn.at] = true
	}
	if sent < 520 || sent > 680 || len(waits) < 300 {
		t.Errorf("30%% of 2000 are %d, with %d different waits", sent, len(waits))
	}
}

// byRequest is a scenario that tells its stories by what is asked.
const byRequest = `title: By the request
story: What a client learns.
magic:
  - {osago.car_number: А001АА77, why: a test plate}
  - {osago.last_name: Отказов, why: a test name}
osago:
  offers: {}
  stories:
    - {name: plate, when: {vehicle.car_number: "X*77"}, calculation: [CALCULATION_ERROR], offers: {}}
    - {name: young, when: {drivers_info.drivers.birth_date: ["2005*", "2006*"], is_cross_allowed: true}, calculation: [CALCULATION_READY], offers: {}}
    - {name: id, when: {request_id: "11111111-1111-4111-8111*"}, calculation: [DRAFT, {poll: 3, status: PARTNER_CALCULATION_IN_PROGRESS}], offers: {}}
`

func TestStoriesByRequest(t *testing.T) {
	t.Parallel()
	request := func(plate, name string, births ...string) map[string]any {
		drivers := []any{}
		for _, b := range births {
			drivers = append(drivers, map[string]any{"birth_date": b})
		}
		return map[string]any{"vehicle": map[string]any{"car_number": plate}, "insurer": map[string]any{"last_name": name}, "is_cross_allowed": true,
			"drivers_info": map[string]any{"drivers": drivers}}
	}
	for i, c := range []struct {
		chosen  string
		request any
		want    string
	}{
		{"by-request", request("Х123ВС77", "Иванов"), "by-request CALCULATION_ERROR"}, // Cyrillic, the pattern's is Latin
		{"by-request", request("В123ВС99", "Иванов", "1980-01-01", "2006-05-05"), "by-request CALCULATION_READY"},
		{"by-request", request("В123ВС99", "Иванов", "1980-01-01"), "by-request NO_CALCULATION_AVAILABLE"},
		{"by-request", nil, "by-request NO_CALCULATION_AVAILABLE"},
		{"", request("a001aa77", "Иванов"), "by-request NO_CALCULATION_AVAILABLE"}, // magic, in Latin letters
		{"", request("В123ВС99", "ОТКАЗОВ"), "by-request NO_CALCULATION_AVAILABLE"},
		{"", request("В123ВС99", "Иванов"), "default DRAFT"},
	} {
		s := newTableOf(t, fstest.MapFS{"by-request.yaml": {Data: []byte(byRequest)}})
		ctx := partner.With(context.Background(), s.run(c.chosen))
		u, _ := subjectID(fmt.Sprintf("00000000-0000-4000-9000-%012d", i))
		by := applied{digest: 7, application: application{Category: "B"}, request: c.request}
		if _, err := s.api.apply(ctx, u, by); err != nil {
			t.Fatal(err)
		}
		if n := partner.From(ctx).Note; n.Scenario.Name+" "+n.After != c.want {
			t.Errorf("%v: %s %s, want %s", c.request, n.Scenario.Name, n.After, c.want)
		}
	}
}

// TestPollsAreKept: looks are kept as long as the story waits for them, and no longer.
func TestPollsAreKept(t *testing.T) {
	t.Parallel()
	s := newTableOf(t, fstest.MapFS{"by-request.yaml": {Data: []byte(byRequest)}})
	var got []string
	for range 5 {
		_, body := s.status("by-request", one)
		got = append(got, body)
	}
	u, _ := subjectID(one)
	var kept []string
	for _, e := range s.log.logs[subject(u)] {
		kept = append(kept, e.Name)
	}
	if want := []string{started, looked, looked, looked}; !slices.Equal(kept, want) {
		t.Errorf("the log holds %v, not %v", kept, want)
	}
	for i, want := range []string{"DRAFT", "DRAFT", "PARTNER_CALCULATION_IN_PROGRESS", "PARTNER_CALCULATION_IN_PROGRESS", "PARTNER_CALCULATION_IN_PROGRESS"} {
		if !strings.Contains(got[i], want) {
			t.Errorf("poll %d: %s, want %s", i+1, got[i], want)
		}
	}
}

// TestAwaits: an explanation says what the story waits for besides time.
func TestAwaits(t *testing.T) {
	t.Parallel()
	c := &calculation{text: one, story: readOne(t, steps("CREATED", "either:\n          - {poll: 3, status: OFFER_ERROR}\n          - {on: sent, status: PRE_CALC_SENT}\n          - {after: 1h, status: CLOSED_TIMEOUT}")),
		played: &scenario.Scenario{}, dice: dice.New(1), started: start0, acts: []act{{poll: true, offer: whole}}}
	c.settle()
	e := c.explain()
	if s := e.Parts[0]; !slices.Equal(s.Awaits, []string{"OFFER_ERROR with poll 3 (1 so far)", "PRE_CALC_SENT on sent"}) || s.Next == nil || s.Next.To != "CLOSED_TIMEOUT" || e.Whole.Awaits != nil {
		t.Errorf("%+v", s)
	}
}
