package osago

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/dice"
	"poligon/internal/scenario"
	"poligon/openapi"
)

// checked reads a file with all checks and gives what was found, warnings too.
func checked(t testing.TB, name, text string) (found scenario.Mistakes) {
	t.Helper()
	s := partsForCheck(t)
	read, err := scenario.Read(name, []byte(text), s)
	var mistakes scenario.Mistakes
	if err != nil && !errors.As(err, &mistakes) {
		t.Fatal(err)
	}
	return append(mistakes, read.Warnings...)
}

func partsForCheck(t testing.TB) []scenario.Part {
	t.Helper()
	o, err := New(openapi.OSAGO, false)
	if err != nil {
		t.Fatal(err)
	}
	return []scenario.Part{o.Part(), scripts[1]}
}

// steps is a story of one offer with these steps, one a line.
func steps(lines ...string) string {
	return offers + "        - " + strings.Join(lines, "\n        - ") + "\n"
}

const (
	ready = "{after: 1s, status: PRE_CALC_SENT}\n        - {after: 1s, status: PRE_CALC_IN_PROGRESS}\n        - {after: 1s, status: PRE_CALC_READY}\n" +
		"        - {after: 1s, status: APPROVED}\n        - {after: 1s, status: PAYMENT_READY}"
	timesOut = "{after: 30m, status: CLOSED_TIMEOUT}"
)

// twoOffers is a story of two offers that are ready to pay, with what comes behind that.
func twoOffers(a, b string) string {
	begin := strings.ReplaceAll(strings.ReplaceAll(ready, "\n        - ", ", "), "'", "")
	flow := func(s string) string {
		if strings.HasPrefix(s, "either") {
			return "{" + s + "}"
		}
		return s
	}
	return head + "  offers:\n    a: {insurer: А, steps: [CREATED, " + begin + ", " + flow(a) + "]}\n    b: {insurer: Б, steps: [CREATED, " + begin + ", " + flow(b) + "]}\n"
}

// findings are stories with what is found in them; the golden file has the findings in words.
var findings = []struct{ name, text, rules string }{
	{"good", steps("CREATED", ready, timesOut), ""},
	{"good with all that there is", steps("CREATED", ready,
		"either:\n          - {on: paid, status: PAYMENT_COMPLETED, then: [{after: 10s..60s, status: CLOSED_PAID}]}\n"+
			"          - {on: payment_cancelled, status: PAYMENT_CANCELLED, then: [{after: 1m, status: CLOSED_TIMEOUT}]}\n          - "+timesOut), ""},
	{"misbehaves", steps("CREATED", "{after: 1s, status: PAYMENT_READY, misbehaves: true}", timesOut), ""},
	{"step does not follow", steps("CREATED", "{after: 1s, status: PRE_CALC_SENT}", "{after: 3s, status: APPROVED}", timesOut), "lifecycle"},
	{"step behind a final one", steps("CREATED", "{after: 1s, status: OFFER_ERROR}", "{after: 3s, status: CREATED}"), "lifecycle hangs"},
	{"step does not follow by chance", steps("CREATED", ready,
		"either:\n          - {chance: 70%, after: 1s, status: PAYMENT_COMPLETED}\n          - {after: 2s, status: REJECTED}", "{after: 5s, status: CLOSED_PAID}"), "lifecycle lifecycle"},
	{"event that cannot come", steps("CREATED", "{on: paid, status: PAYMENT_COMPLETED, misbehaves: true}", timesOut), "never-happens never-final hangs"},
	{"branch that is never first", steps("CREATED", ready, "either:\n          - {after: 30m, status: CLOSED_TIMEOUT}\n          - {after: 1h, status: OFFER_ERROR}"), "never-happens"},
	{"branch that is first by its range", steps("CREATED", ready, "either:\n          - {after: 20m..40m, status: CLOSED_TIMEOUT}\n          - {after: 30m, status: OFFER_ERROR}"), ""},
	{"poll that never comes", steps("CREATED", "{poll: 1000, status: OFFER_ERROR}"), "never-final hangs never-happens"},
	{"polls", steps("CREATED", "{poll: 2, status: PRE_CALC_SENT}", "{poll: 1, status: PRE_CALC_IN_PROGRESS}", "{poll: 3, status: REJECTED}"), ""},
	{"poll after the last", steps("CREATED", ready, "{poll: 2, status: PAYMENT_CANCELLED}", timesOut), "never-polled"},
	{"hangs", steps("CREATED", ready), "hangs"},
	{"stays", steps("CREATED", "{after: 1s, status: PRE_CALC_SENT}", "{after: 1s, status: PRE_CALC_IN_PROGRESS}", "{after: 1s, status: PRE_CALC_READY, stays: true}"), ""},
	{"hangs when nobody pays", steps("CREATED", ready, "{on: paid, status: PAYMENT_COMPLETED}", "{after: 1s, status: CLOSED_PAID}"), "hangs"},
	{"never final", steps("CREATED", "{after: 4m, status: OFFER_ERROR}"), "never-final"},
	{"never final, and that is the story", strings.Replace(steps("CREATED", "{after: 4m, status: OFFER_ERROR}"), "osago:\n", "osago:\n  never_final: true\n", 1), ""},
	{"never final at the end of a range", steps("CREATED", "{after: 2m..4m, status: OFFER_ERROR}"), "never-final"},
	{"final between two polls", strings.Replace(steps("CREATED", ready, "{after: 100ms, status: PAYMENT_COMPLETED}", "{after: 1s, status: CLOSED_PAID}"),
		"osago:\n", "osago:\n  calculation: [DRAFT, {at: 100ms, status: PARTNER_CALCULATION_IN_PROGRESS}, {at: 5100ms, status: CALCULATION_READY}, {at: 5900ms, status: PAID}, {at: 7s, status: CLOSED}]\n", 1), "never-final"},
	{"same instant", steps("CREATED", "{at: 2s, status: PRE_CALC_SENT}", "{at: 2s, status: PRE_CALC_IN_PROGRESS}", "{after: 1s, status: REJECTED}"), "same-instant"},
	{"branches at the same instant", steps("CREATED", "either:\n          - {after: 2s, status: OFFER_ERROR}\n          - {after: 2s, status: CLOSED_TIMEOUT}"), "never-happens same-instant"},
	{"paid without an offer", head + "  calculation: [DRAFT, {at: 1s, status: PARTNER_CALCULATION_IN_PROGRESS}, {at: 2s, status: CALCULATION_READY}, {at: 4s, status: PAID}]\n  offers: {}\n", "paid-without-offer"},
	{"calculation goes back", head + "  calculation: [CALCULATION_READY, {at: 4s, status: DRAFT}]\n  offers: {}\n", "lifecycle"},
	{"two paid", steps("CREATED", ready, "{after: 1m, status: PAYMENT_COMPLETED}", "{after: 1s, status: CLOSED_PAID}") +
		"    b:\n      insurer: Б\n      steps:\n        - CREATED\n        - " + ready + "\n        - {after: 2m, status: PAYMENT_COMPLETED}\n        - {after: 1s, status: CLOSED_PAID}\n", "two-paid"},
	{"one of two paid", steps("CREATED", ready, "either:\n          - {on: paid, status: PAYMENT_COMPLETED, then: [{after: 1s, status: CLOSED_PAID}]}\n          - "+timesOut) +
		"    b:\n      insurer: Б\n      steps:\n        - CREATED\n        - " + ready + "\n        - either:\n          - {on: paid, status: PAYMENT_COMPLETED, then: [{after: 1s, status: CLOSED_PAID}]}\n          - " + timesOut + "\n", ""},
	{"a slow client", steps("CREATED", "{after: 1s, status: PRE_CALC_SENT}",
		"either:\n          - {poll: 5, status: PRE_CALC_IN_PROGRESS, then: [{after: 1s, status: REJECTED}]}\n          - {after: 30s, status: CLOSED_TIMEOUT}"), ""},
	{"a late event", steps("CREATED", ready, "either:\n          - {on: payment_cancelled, status: PAYMENT_CANCELLED, then: [{either: [{after: 5m, status: PAYMENT_READY, then: ["+timesOut+"]}, {at: 10m, status: CLOSED_TIMEOUT}]}]}\n"+
		"          - {at: 10m, status: CLOSED_TIMEOUT}"), ""},
	{"a time in the middle", steps("CREATED", "{after: 1ms..10s, status: PRE_CALC_SENT}", "either:\n          - {at: 6s, status: PRE_CALC_IN_PROGRESS, then: [{either: [{at: 8s, status: PRE_CALC_READY, stays: true}, {after: 1s, status: REJECTED}]}]}\n"+
		"          - {after: 3s, status: CLOSED_TIMEOUT}"), "same-instant same-instant never-happens"},
	{"a payment that is dropped", twoOffers("either: [{on: paid, status: PAYMENT_COMPLETED, then: [{after: 10s, status: CLOSED_PAID}]}, {after: 20s, status: CLOSED_TIMEOUT}]", "{after: 1m, status: PAYMENT_COMPLETED}, {after: 1s, status: CLOSED_PAID}"), ""},
	{"two paid by ranges", twoOffers("either: [{after: 10s..30s, status: PAYMENT_COMPLETED, then: [{after: 10m, status: CLOSED_PAID}]}, {after: 5s..25s, status: CLOSED_TIMEOUT}]", "{after: 1m, status: PAYMENT_COMPLETED}, {after: 10m, status: CLOSED_PAID}"), "two-paid"},
	{"two paid by a late event", twoOffers("either: [{on: paid, status: PAYMENT_COMPLETED, then: [{after: 2s, status: OFFER_ERROR}]}, "+timesOut+"]", "{after: 1m, status: PAYMENT_COMPLETED}, {after: 10m, status: CLOSED_PAID}"), "two-paid"},
	{"two paid by an early poll", head + "  offers:\n    a: {insurer: А, steps: [PAYMENT_READY, {after: 5200ms, status: PAYMENT_READY}, {either: [{poll: 1, status: PAYMENT_COMPLETED, then: [{after: 1h, status: CLOSED_PAID}]}, {after: 700ms, status: CLOSED_TIMEOUT}]}]}\n" +
		"    b: {insurer: Б, steps: [PAYMENT_READY, {after: 66s, status: PAYMENT_COMPLETED}, {after: 1h, status: CLOSED_PAID}]}\n    c: {insurer: В, steps: [CREATED, {after: 70s, status: OFFER_ERROR}]}\n", "two-paid never-final"},
	{"two paid by one event", head + "  offers:\n    a: {insurer: А, steps: [PAYMENT_READY, {on: timed_out, status: PAYMENT_COMPLETED}, {after: 1s, status: CLOSED_PAID}]}\n" +
		"    b: {insurer: Б, steps: [PAYMENT_READY, {on: timed_out, status: PAYMENT_COMPLETED}, {after: 1s, status: CLOSED_PAID}]}\n", "two-paid never-final hangs hangs"},
	{"two paid at the start", head + "  never_final: true\n  offers:\n    a: {insurer: А, steps: [PAYMENT_COMPLETED, {after: 1s, status: CLOSED_PAID}]}\n    b: {insurer: Б, steps: [PAYMENT_COMPLETED, {after: 1s, status: CLOSED_PAID}]}\n", "two-paid"},
	{"closed at the start", head + "  never_final: true\n  calculation: [CLOSED]\n  offers: {}\n", "paid-without-offer"},
	{"a paid offer that breaks", twoOffers("{after: 1m, status: PAYMENT_COMPLETED}, {after: 1s, status: OFFER_ERROR}", timesOut), ""},
	{"a branch that goes on below", steps("CREATED", ready, "either: [{on: paid, status: PAYMENT_COMPLETED}, "+timesOut+"]", "{after: 30s, status: CLOSED_PAID}"), "lifecycle"},
	{"repetition without time beside another", steps("CREATED", "repeat: [{after: 0s, status: PRE_CALC_SENT}, {after: 0s, status: PRE_CALC_SENT}]\n          times: 50", "repeat: [{after: 1s, status: PRE_CALC_SENT}]\n          times: 2", "{after: 1s, status: OFFER_ERROR}"), "zero-loop same-instant"},
	{"repetition without time", steps("CREATED", "repeat: [{after: 0, status: CREATED}, {after: 0s, status: CREATED}]\n          times: 3", "{after: 1s, status: OFFER_ERROR}"), "zero-loop"},
	{"repetition", steps("CREATED", ready, "repeat: [{after: 5s, status: PAYMENT_CANCELLED}, {after: 5s, status: PAYMENT_READY}]\n          times: 3", timesOut), ""},
	{"magic value that no request carries", strings.Replace(steps("CREATED", "{after: 1s, status: OFFER_ERROR}"), "osago:\n", "magic:\n  - {osago.request_id: test-1, why: x}\n  - {osago.car_number: test-1, why: x}\nosago:\n", 1), "format"},
	{"pool without a cross-sale", strings.Replace(steps("CREATED", ready, timesOut), "insurer:", "is_reinsurance_pool: true\n      insurer:", 1), "pool-without-upsale"},
	{"story behind a wider one", strings.Replace(steps("CREATED", "{after: 1s, status: OFFER_ERROR}"), "  offers:", "  stories:\n    - {name: wide, when: {partner: \"yan*\"}, offers: {}}\n"+
		"    - {name: narrow, when: {partner: yandex, vehicle.car_number: А001АА77}, offers: {}}\n    - {name: nobody, when: {request_id: 12}, offers: {}}\n  offers:", 1), "hidden never-matches"},
}

// TestFindings holds what the checks say of stories to testdata/check.golden.
func TestFindings(t *testing.T) {
	t.Parallel()
	const golden = "testdata/check.golden"
	var all strings.Builder
	for _, c := range findings {
		found := checked(t, "story.yaml", c.text)
		var rules []string
		for _, m := range found {
			rules = append(rules, m.RuleName())
		}
		if got := strings.Join(rules, " "); got != c.rules {
			t.Errorf("%s: found %q, want %q\n%v", c.name, got, c.rules, found)
		}
		fmt.Fprintf(&all, "=== %s\n%v\n", c.name, found)
	}
	if *updateGolden {
		if err := os.WriteFile(golden, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != all.String() {
		t.Errorf("%s is not what the checks say; run with -update and read the difference (%v)", golden, err)
	}
}

// TestWhatPassesIsKept: where the check finds no step that the lifecycle forbids, none is ever played, whatever the dice, the polls
// and the events that the story waits for.
func TestWhatPassesIsKept(t *testing.T) {
	t.Parallel()
	passed, wild := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := randomCalculation(t)
		c.story = &story{script: &script{}, offers: []offer{{key: "a", track: lawfulTrack(t)}}}
		check, budget := &checker{told: map[toldOf]bool{}}, maxHappened
		k := 0
		all := explore(c.story, true, &budget, watcher{nil, func(w *walk, h happening) {
			if h.item != none {
				check.follows(w, h, &c.story.offers[0].track.items[h.item])
			}
		}, func(*walk) { k++ }})
		if !all || len(check.told) > 0 {
			return
		}
		passed++
		if k > 1 {
			wild++
		}
		c.offset = 0
		for range 20 {
			c.offset += time.Duration(rapid.Int64Range(0, 8).Draw(t, "wait"))
			c.settle()
			now := c.follow(c.offset)
			for _, w := range now.tracks[0].open {
				it := &now.tracks[0].track.items[w.item]
				if e, ok := eventNamed(it.wait.event); ok && e.takes(c.offers[0].status) {
					c.acts = append(c.acts, act{at: c.offset, word: e.name})
				} else if it.wait.kind == polled {
					c.acts = append(c.acts, act{at: c.offset, poll: true, offer: whole})
				}
				break
			}
		}
		for _, turn := range c.follow(forever).turns {
			if turn.offer != whole && !follows(OfferStatus(turn.from), OfferStatus(turn.to)) {
				t.Fatalf("%+v in %v", turn, c.story.offers[0].track.places)
			}
		}
	})
	if passed == 0 || wild == 0 {
		t.Errorf("%d stories passed, %d of them can go in several ways: the test tries nothing", passed, wild)
	}
}

// lawfulTrack is a wild track of statuses that mostly follow each other.
func lawfulTrack(t *rapid.T) *track {
	tr := randomTrack(t, []string{string(Created)}, 1, true)
	for i := range tr.items {
		it := &tr.items[i]
		if it.next == none {
			continue
		}
		for _, w := range tr.items[it.next].ways {
			var after []string
			for _, s := range offerStatuses {
				if len(it.ways) == 1 && follows(OfferStatus(it.status), OfferStatus(s)) && (!final(OfferStatus(s)) || rapid.IntRange(0, 3).Draw(t, "final") == 0) {
					after = append(after, s)
				}
			}
			if len(after) > 0 {
				tr.items[w.item].status = rapid.SampledFrom(after).Draw(t, "next")
			}
		}
	}
	return tr
}

// FuzzStory: whatever is written, reading and checking it ends, without a panic; and what passes can be played.
func FuzzStory(f *testing.F) {
	for _, c := range findings {
		f.Add(c.text)
	}
	for _, c := range brokenScripts {
		f.Add(c.text)
	}
	api, err := New(openapi.OSAGO, false)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := scenario.Read("fuzz.yaml", []byte(text), []scenario.Part{api.Part(), scripts[1]})
		if err != nil || read.Script(Name) == nil {
			return
		}
		for _, s := range read.Script(Name).(*script).stories {
			for _, offset := range []time.Duration{0, time.Second, time.Hour, scenario.Longest, forever} {
				c := &calculation{text: one, story: s, played: read, dice: dice.New(1), started: start0, offset: offset,
					acts: []act{{poll: true, offer: whole}, {at: time.Second, poll: true, offer: whole}}}
				c.settle()
				if c.whole == "" || len(c.offers) != len(s.offers) {
					t.Fatalf("%+v", c)
				}
				if offset < scenario.Longest {
					c.explain()
				}
			}
		}
	})
}
