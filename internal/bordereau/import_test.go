package bordereau

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"poligon/internal/dice"
	"poligon/internal/partner"
	"poligon/internal/sim"
)

// keepOne is the documented way: a risk is kept once, and again only when it asks to update (seed 001, override).
func keepOne(events []sim.Event, r *risk, m sim.Moment) ([]sim.Event, bool) {
	switch {
	case len(events) == 0:
		return append(events, sim.Event{At: m.Now, By: m.Number, Name: imported, Data: r.raw}), true
	case !r.at(override).isTrue():
		return events, false
	case bytes.Equal(events[len(events)-1].Data, r.raw):
		return events, true
	}
	return append(events, sim.Event{At: m.Now, By: m.Number, Name: updated, Data: r.raw}), true
}

// Keeping the risks of a request together gives the answers and the log that keeping them one by one gives.
func TestKeepingTogetherIsKeepingOneByOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := newPlay(t, Off, nil)
		want := map[string][]sim.Event{}
		for range rapid.IntRange(1, 3).Draw(rt, "requests") {
			var list []string
			for range rapid.IntRange(1, 12).Draw(rt, "risks") {
				list = append(list, person(map[string]string{
					"policyNumber": rapid.SampledFrom([]string{`"A"`, `"B"`, `""`}).Draw(rt, "policy"),
					"override":     rapid.SampledFrom([]string{"", "false", "true", "true"}).Draw(rt, "override"),
					"lastName":     rapid.SampledFrom([]string{`"X"`, `"Y"`}).Draw(rt, "name"),
				}))
			}
			risks, _ := readRisks([]byte(`{"risks":[` + strings.Join(list, ",") + `]}`))
			got := codes(t, p.imports(list...))
			for i := range risks {
				policy, expected := risks[i].at(policyNumber).text(), "WRONG_POLICY_NUMBER"
				if policy != "" {
					events, kept := keepOne(want[policy], &risks[i], sim.Moment{Now: p.now, Number: p.number})
					want[policy], expected = events, map[bool]string{true: "ok", false: "WRONG_RISK_OVERRIDE"}[kept]
				}
				if got[i] != expected {
					rt.Fatalf("risk %d of %d: %s, want %s", i, len(list), got[i], expected)
				}
			}
		}
		got := map[string][]sim.Event{}
		for _, events := range p.log.All(context.Background()) {
			got[readEvent(events[0]).at(policyNumber).text()] = events
		}
		for _, list := range want {
			for i := range list {
				list[i].At = list[i].At.UTC()
			}
		}
		if !maps.EqualFunc(got, want, func(x, y []sim.Event) bool { return reflect.DeepEqual(x, y) }) {
			rt.Fatalf("the log is\n%v\nwant\n%v", got, want)
		}
	})
}

// However often one request updates a risk, the risk's log is read once.
func TestUpdatesOfOneRequestReadTheLogOnce(t *testing.T) {
	t.Parallel()
	p := newPlay(t, Off, nil)
	list := make([]string, 10_000)
	for i := range list {
		list[i] = person(map[string]string{"policyNumber": fmt.Sprintf(`"P-%d"`, i%2), "override": "true", "insuranceSum": fmt.Sprint(i + 1)})
	}
	if got := codes(t, p.imports(list...)); slices.ContainsFunc(got, func(s string) bool { return s != "ok" }) || len(got) != len(list) {
		t.Errorf("%d results, not all ok", len(got))
	}
	if p.log.reads != 2 {
		t.Errorf("the logs of two risks were read %d times", p.log.reads)
	}
}

// Judging needs neither the session's turn nor its log, so it can be done before the turn.
func TestJudgingNeedsNoTurn(t *testing.T) {
	t.Parallel()
	p := newPlay(t, Off, map[string]string{"default": "  flights: {S7-155: 21:00 +03:00}\n  records: [{when: {position: 2}, error: WRONG_POLICY_NUMBER}]\n"})
	risks, _ := readRisks([]byte(`{"risks":[` + person(nil) + "," + person(nil) + `]}`))
	b := newBatch(newJudge(p.api.book, &partner.Run{Dice: dice.New(1), Library: p.lib}, "312"), risks)
	if len(b.verdicts[0].flaws) != 1 || len(b.verdicts[1].flaws) != 2 || len(b.groups) != 0 {
		t.Errorf("judged as %+v", b.verdicts)
	}
}

// A request that a fault keeps from being accepted decides nothing.
func TestHeldRequestsDecideNothing(t *testing.T) {
	t.Parallel()
	p := newPlay(t, Off, map[string]string{"default": "  flights: {S7-155: 20:00 +03:00}\n"})
	p.held = true
	p.imports(person(nil))
	risks, _ := readRisks([]byte(`{"risks":[` + person(nil) + `]}`))
	run := p.run()
	if err := newBatch(newJudge(p.api.book, run, "312"), risks).keep(t.Context(), run); !errors.Is(err, partner.ErrHeld) {
		t.Errorf("the error is %v", err)
	}
	if n, _ := p.log.Count(t.Context()); n != 0 || p.inside || len(p.touched) != 0 {
		t.Errorf("%d subjects, in its turn %t, touched %v", n, p.inside, p.touched)
	}
}

// broken is a log that cannot be read.
type broken struct{ sim.Log }

func (broken) Read(context.Context, sim.Subject) ([]sim.Event, error) {
	return nil, errors.New("broken")
}

func TestTheTurnEndsWhateverHappens(t *testing.T) {
	t.Parallel()
	p := newPlay(t, Off, nil)
	run := p.run()
	run.Log = broken{}
	risks, _ := readRisks([]byte(`{"risks":[` + person(nil) + `]}`))
	if err := newBatch(newJudge(p.api.book, run, "312"), risks).keep(t.Context(), run); err == nil || p.inside {
		t.Errorf("%v; in its turn: %t", err, p.inside)
	}
}

func TestTouches(t *testing.T) {
	t.Parallel()
	const section = `  flights:
    SU-1: 10:00 +03:00
    S7-155: 20:00 +03:00
  requests:
    - {when: {more_than: 100}, error: WRONG_REQUEST_SIZE}
  records:
    - {when: {position: 3}, error: WRONG_POLICY_CURRENCY}
    - {when: {position: 1}, error: WRONG_RISK_FORMAT}
    - {when: {position: 99}, error: WRONG_RISK_FORMAT}
  messages:
    WRONG_REQUEST_BODY: Не читается.
    WRONG_POLICY_NUMBER: Нет.
    WRONG_RISK_OVERRIDE: Уже есть.
    WRONG_POLICY_CURRENCY: Не та.
`
	p := newPlay(t, Off, map[string]string{"default": section})
	s, _ := p.lib.Find("default")
	want := []string{"bordereau.flights.S7-155", "bordereau.flights.SU-1", "bordereau.requests[0]", "bordereau.records[0]", "bordereau.records[1]", "bordereau.records[2]",
		"bordereau.messages.WRONG_POLICY_CURRENCY", "bordereau.messages.WRONG_POLICY_NUMBER", "bordereau.messages.WRONG_REQUEST_BODY", "bordereau.messages.WRONG_RISK_OVERRIDE"}
	if got := p.api.Touchable(p.lib.Script(s, Name)); !slices.Equal(got, want) {
		t.Errorf("touchable are %q, want %q", got, want)
	}
	other := person(map[string]string{"flightNumber": `"RU-1"`})
	p.imports(person(nil), other, other, other, other, person(nil))
	once := map[string]int{"bordereau.flights.S7-155": 1, "bordereau.records[0]": 1, "bordereau.records[1]": 1,
		"bordereau.messages.WRONG_POLICY_CURRENCY": 1, "bordereau.messages.WRONG_RISK_OVERRIDE": 1}
	if !maps.Equal(p.touched, once) {
		t.Errorf("touched %v, want %v", p.touched, once)
	}
	p.touched = map[string]int{}
	p.send("", "{")
	if want := map[string]int{"bordereau.messages.WRONG_REQUEST_BODY": 1}; !maps.Equal(p.touched, want) {
		t.Errorf("a body that is no JSON touched %v", p.touched)
	}
}
