package osago

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/dice"
	"poligon/internal/partner"
	"poligon/internal/picture"
	"poligon/internal/scenario"
)

// usual is what a picture supposes unless it is told otherwise.
var usual = partner.View{Seed: 1, Events: 30 * time.Second, Polls: time.Second}

// pictured are stories with what becomes of them in a table; testdata/picture.golden has the tables.
var pictured = []struct {
	name, text string
	change     func(*partner.View)
}{
	{"an event", awaiting, nil},
	{"an event that never comes", awaiting, func(v *partner.View) { v.Events = 0 }},
	{"an event that comes soon", awaiting, func(v *partner.View) { v.Events = time.Second }},
	{"polls", polling, nil},
	{"polls every 2s", polling, func(v *partner.View) { v.Polls = 2 * time.Second }},
	{"no polls", polling, func(v *partner.View) { v.Polls = 0 }},
	{"polls end when the calculation is decided", steps("PRE_CALC_READY", "{poll: 3, status: APPROVED, stays: true}"), nil},
	{"polls end after three minutes", steps("CREATED", "{poll: 180, status: PRE_CALC_SENT}", "{poll: 1, status: PRE_CALC_IN_PROGRESS, stays: true}"), nil},
	{"chance by seed 1", drawing, nil},
	{"chance by seed 11", drawing, func(v *partner.View) { v.Seed = 11 }},
	{"repetition", steps("PAYMENT_READY", "repeat: [{after: 500ms, status: PAYMENT_CANCELLED, message: Отмена.}, {after: 2s..3s, status: PAYMENT_READY}]\n          times: 2"), nil},
	{"a story by its name", stories, func(v *partner.View) { v.Story = "refused" }},
	{"the first of two stories", stories, nil},
	{"a stated calculation that waits", head + "  calculation: [DRAFT, {on: paid, status: PAID}, {after: 1s, status: CLOSED}]\n" +
		"  offers: {a: {insurer: А, steps: [REJECTED]}, b: {insurer: Б, steps: [PAYMENT_READY]}}\n", nil},
	{"an event that cannot happen", steps("CREATED", "{on: paid, status: PAYMENT_COMPLETED}"), nil},
	{"no offers", head + "  offers: {}\n", nil},
	{"only a message changes", steps("REJECTED", "{after: 1s, status: REJECTED, message: Возраст.}"), nil},
	{"a choice at the start", offers + "        - either: [{chance: 40%, status: CREATED}, {status: REJECTED}]\n", nil},
}

const (
	awaiting = offers + "        - PAYMENT_READY\n        - either:\n            - {on: paid, status: PAYMENT_COMPLETED, then: [{on: issued, status: CLOSED_PAID}]}\n" +
		"            - {on: payment_cancelled, status: PAYMENT_CANCELLED}\n            - {after: 15m, status: CLOSED_TIMEOUT}\n" +
		"    beta:\n      insurer: Бета\n      steps: [PAYMENT_READY]\n"
	polling = offers + "        - CREATED\n        - {poll: 2, status: PRE_CALC_SENT}\n        - {after: 500ms, status: PRE_CALC_IN_PROGRESS}\n        - {poll: 3, status: PRE_CALC_READY}\n"
	drawing = offers + "        - CREATED\n        - {after: 1s..20s, status: PRE_CALC_IN_PROGRESS}\n        - either:\n" +
		"            - {chance: 70%, after: 2s, status: PRE_CALC_READY}\n            - {chance: 20%, after: 3s, status: REJECTED, message: Регион.}\n            - {after: 4s, status: OFFER_ERROR}\n"
	stories = head + "  unknown_ids: not_found\n  offers: {a: {insurer: А, steps: [CREATED]}}\n  stories:\n" +
		"    - {name: refused, when: {vehicle.car_number: [А1, В*], request_id: 0*}, offers: {a: {insurer: А, steps: [REJECTED]}}}\n"
)

func TestPictures(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, c := range pictured {
		v := usual
		if c.change != nil {
			c.change(&v)
		}
		p, err := new(API).Picture(readOne(t, c.text).script, v)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "=== %s\n%s", c.name, p.Text())
	}
	const golden = "testdata/picture.golden"
	if *updateGolden {
		if err := os.WriteFile(golden, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := all.String(); got != string(want) {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", golden, got)
	}
}

func TestUnknownStory(t *testing.T) {
	t.Parallel()
	v := usual
	v.Story = "refusd"
	if _, err := new(API).Picture(readOne(t, stories).script, v); err == nil || err.Error() != `unknown story "refusd" of osago: did you mean refused?` {
		t.Error(err)
	}
}

// TestPictureIsWhatIsAnswered: at every instant the picture has the statuses that a look at that instant is answered, had the log
// the events and polls that the picture supposes.
func TestPictureIsWhatIsAnswered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := randomCalculation(t)
		v := partner.View{Events: time.Duration(rapid.IntRange(0, 9).Draw(t, "events")), Polls: time.Duration(rapid.IntRange(0, 4).Draw(t, "polls"))}
		p := newPlay(c.story, v, drawn{c.dice, c.text, c.story}, 60)
		p.run()
		c.acts = p.acts
		pic := p.picture()
		for at := time.Duration(0); at < 120; at++ {
			sameAsAnswered(t, c, pic, at)
		}
	})
}

// sameAsAnswered compares a picture with a calculation at an instant.
func sameAsAnswered(t interface{ Fatalf(string, ...any) }, c *calculation, pic picture.Picture, at time.Duration) {
	then := c.at(at)
	want := []string{string(then.whole)}
	for _, s := range then.statuses() {
		want = append(want, string(s))
	}
	for i, lane := range pic.Lanes {
		got := ""
		for _, s := range lane.Spans {
			if s.From <= at && (at < s.To || s.Open) {
				got += s.Text
			}
		}
		if got != want[i] {
			t.Fatalf("at %d lane %q is %q, the answer says %s\n%s", at, lane.Label, got, want[i], pic.Text())
		}
	}
}

// TestPicturesOfEmbeddedStories: they too are what is answered, at every change and a nanosecond before it.
func TestPicturesOfEmbeddedStories(t *testing.T) {
	t.Parallel()
	s, api := newTable(t), new(API)
	for _, played := range s.library.All() {
		own, ok := played.Script(Name).(*script)
		if !ok || !own.stories[0].fixed {
			continue
		}
		pic, err := api.Picture(own, usual)
		if err != nil {
			t.Fatal(err)
		}
		c := &calculation{text: exampleID, story: own.stories[0], dice: dice.New(usual.Seed), started: start0}
		for _, lane := range pic.Lanes {
			for _, span := range lane.Spans {
				for _, at := range []time.Duration{span.From, max(span.From-1, 0), span.To - 1} {
					sameAsAnswered(t, c, pic, at)
				}
			}
		}
		if again, _ := api.Picture(own, usual); string(again.SVG()) != string(pic.SVG()) || again.Text() != pic.Text() {
			t.Errorf("%s is drawn another way the next time", played.Name)
		}
	}
}

// TestKinds: every documented status has a kind, and a final one is not one of those that go on.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, status := range offerStatuses {
		kind := OfferStatus(status).kind()
		if over := OfferStatus(status).phase() == gone || OfferStatus(status).phase() == issued; over && (kind == picture.Waiting || kind == picture.Working || kind == picture.Ready) {
			t.Errorf("%s is %s", status, kind)
		}
	}
	for _, status := range []CalculationStatus{Closed, NoCalculationAvailable, CalculationError} {
		if kind := status.kind(); kind != picture.Good && kind != picture.Bad {
			t.Errorf("%s is %s", status, kind)
		}
	}
}

// BenchmarkPicture draws a story of as many steps as a story can have.
func BenchmarkPicture(b *testing.B) {
	text := head + "  offers:\n"
	for i := range 10 {
		text += fmt.Sprintf("    o%d: {insurer: И%d, steps: [CREATED", i, i) + strings.Repeat(", {after: 1s..2s, status: PRE_CALC_SENT}, {after: 1s, status: CREATED}", 450) + "]}\n"
	}
	var own *script
	part := scenario.Part{API: Name, Read: func(n scenario.Node) any { own = scriptReader{}.read(n).(*script); return own }}
	if _, err := scenario.Read("long.yaml", []byte(text), []scenario.Part{part}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := new(API).Picture(own, usual); err != nil {
			b.Fatal(err)
		}
	}
}
