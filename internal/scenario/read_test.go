package scenario_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"poligon/internal/scenario"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "500ms": 500 * time.Millisecond, "4s": 4 * time.Second, "1.5s": 1500 * time.Millisecond, "2m30s": 150 * time.Second,
		"1h": time.Hour, "1d": 24 * time.Hour, "1d2h3m4s5ms": 26*time.Hour + 3*time.Minute + 4*time.Second + 5*time.Millisecond,
		"0.1d": 144 * time.Minute, "1.5d": 36 * time.Hour, "1d1.5h": 25*time.Hour + 30*time.Minute, "90s": 90 * time.Second, "007s": 7 * time.Second,
		"36500d": 36500 * 24 * time.Hour, "876000h": scenario.Longest, "0.001d": 86400 * time.Millisecond,
	} {
		if got, err := scenario.ParseDuration(text); err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", " ", "1", "1 s", " 1s", "1s ", "-1s", "+1s", "1sec", "1.5.5s", "1,5s", ".5s", "1.s", "s", "d", "1s1d", "1m1h", "1s1s", "1ms1s",
		"1us", "1ns", "1µs", "1w", "1D", "1S", "1e3s", "0x1s", "∞", "99999999999h", "99999999999999999999s", "36500d1ms", "36501d", "876001h", "36499d25h"} {
		if got, err := scenario.ParseDuration(text); err == nil || got != 0 {
			t.Errorf("%q: read as %s, %v", text, got, err)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	statuses := []string{"CREATED", "PAYMENT_READY", "PAYMENT_COMPLETED", "REJECTED", "CLOSED_PAID"}
	for _, c := range []struct{ word, want string }{
		{"CREATED", "CREATED"}, {"created", "CREATED"}, {"CREATD", "CREATED"}, {"CRAETED", "CREATED"}, {"PAYMENT_REDY", "PAYMENT_READY"}, {"PAYMENT COMPLETED", "PAYMENT_COMPLETED"},
		{"REJECT", "REJECTED"}, {"CLOSEDPAID", "CLOSED_PAID"}, {"CREATED_AT_LAST", ""}, {"x", ""}, {"", ""}, {"СОЗДАН", ""}, {"title: of the story", ""},
	} {
		if got := scenario.Nearest(c.word, statuses); got != c.want {
			t.Errorf("%q: got %q, want %q", c.word, got, c.want)
		}
	}
	if got := scenario.Nearest("at", []string{"after", "ta"}); got != "ta" {
		t.Errorf("two letters that changed places: %q", got)
	}
	if got := scenario.Nearest("отказ", []string{"оплата", "отказы"}); got != "отказы" {
		t.Errorf("in Cyrillic: %q", got)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	text := `# yaml-language-server: $schema=scenario.schema.json
title: "A  title"
story: >
  What happens,
  and what  a client learns.
seed: 9223372036854775807
magic:
  - {trains.ticket: 0012, why: a number stays a text}
  - ships.deck: D 1
    why: >-
      over
      lines
trains:
  name: АльфаСтрахование
  colour: DARK_BLUE
  price: 7072.50
  seats: 500
  wait: 1d2h
  stops: [007, "on: time", {at: yes}]
  fares:
    child: 0
    1: "1"
ships: {name: 'null'}
`
	s, err := scenario.Read("folder/a-story-2.yaml", []byte(text), fakeParts)
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "a-story-2" || s.Title != "A title" || s.Story != "What happens, and what a client learns." || s.Seed != 1<<63-1 || string(s.Source) != text {
		t.Errorf("%+v", s)
	}
	var magic []string
	for _, m := range s.Magic {
		magic = append(magic, fmt.Sprintf("%s.%s=%s (%s)", m.API, m.Field, m.Value, m.Why))
	}
	if want := []string{"trains.ticket=0012 (a number stays a text)", "ships.deck=D 1 (over lines)"}; !reflect.DeepEqual(magic, want) {
		t.Errorf("got %q, want %q", magic, want)
	}
	want := &journey{name: "АльфаСтрахование", colour: "DARK_BLUE", price: "7072.50", seats: 500, wait: 26 * time.Hour,
		stops: []string{"007", "on: time", "yes"}, fares: map[string]string{"child": "0", "1": "1"}}
	lib := load(t, file{"default.yaml", text})
	if got := lib.Script(lib.All()[0], "trains"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := lib.Script(lib.All()[0], "ships"); !reflect.DeepEqual(got, &journey{name: "null"}) {
		t.Errorf("null in quotes is a text: %+v", got)
	}
}

// TestShortest: what a story needs at least.
func TestShortest(t *testing.T) {
	t.Parallel()
	for _, text := range []string{head + "trains: {name: x}", "{\"title\": \"x\", \"story\": \"y\", \"ships\": {\"name\": \"z\"}}", "\ufeff---\r\ntitle: x\r\nstory: |\r\n  y\r\ntrains:\r\n  name: z"} {
		s, err := scenario.Read("x.yml", []byte(text), fakeParts)
		if err != nil || s.Name != "x" || s.Seed != 0 || len(s.Magic) != 0 {
			t.Errorf("%+v, %v", s, err)
		}
	}
}
