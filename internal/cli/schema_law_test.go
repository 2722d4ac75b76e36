package cli

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"poligon/internal/scenario"
)

// TestSchemaIsNeverStricter: what the schema refuses the reader refuses, whatever becomes of a good story.
func TestSchemaIsNeverStricter(t *testing.T) {
	t.Parallel()
	schema, readers := compiled(t, generatedSchema(t)), parts(t)
	var docs []string
	for _, story := range append(stories(t), longStory) {
		text, err := scenario.JSON(story.name, []byte(story.text))
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, string(text))
	}
	rapid.Check(t, func(t *rapid.T) {
		doc := decoded(t, rapid.SampledFrom(docs).Draw(t, "story"))
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			mutate(t, doc)
		}
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		refused := schema.Validate(value)
		if _, err := scenario.Read("story.yaml", text, readers); refused != nil && err == nil {
			t.Fatalf("the reader takes\n%s\nand the schema says %v", text, refused)
		}
	})
}

// longStory has keys that are rare.
var longStory = sample{"long.yaml", `title: A long story
story: Everything.
seed: 3
magic:
  - {osago.request_id: x-1, why: because}
osago:
  partner: {code: 3, name: A}
  unknown_ids: not_found
  calculation: [DRAFT, {at: 1s, status: CALCULATION_READY}]
  offers:
    a:
      insurer: {code: 7, name: B}
      price: 7072.50
      steps:
        - CREATED
        - {after: 1s..2s, status: PRE_CALC_SENT}
        - {poll: 3, status: PRE_CALC_IN_PROGRESS, message: m, stays: true}
        - {repeat: [{after: 1s, status: PRE_CALC_SENT, misbehaves: true}], times: 2}
        - either:
            - {chance: 70%, after: 1s, status: PRE_CALC_READY, then: [{on: confirmed, status: APPROVED}]}
            - {after: 2s, status: REJECTED}
bordereau:
  flights: {S7-155: "20:00 +03:00", SU-1: [cancelled]}
  records:
    - {when: {position: 2, every: 7, share: 50%, where: {lastName: X}}, errors: [WRONG_POLICY_NUMBER]}
    - {error: WRONG_INSURED_LAST_NAME}
  same_risk: [policyNumber, flightNumber]
  messages: {WRONG_POLICY_NUMBER: m}
faults:
  - {on: [getCalculation], first: 2, status: 503, headers: {Retry-After: "2"}, body: x, accepted: true}
  - {on: "*", delay: {median: 1s, p99: 2s}, share: 5%}
  - {on: "*", slow: 3s, answer: lost, every: 2, after: 1, subject: s}
`}

// values are what may stand anywhere, as JSON.
var values = []string{`""`, `"x"`, `"*"`, `"none"`, `"0"`, `"1"`, `"5s"`, `"1s..2s"`, `"5%"`, `"true"`, `"2024-01-01"`, `"CREATED"`, `"DRAFT"`, `0`, `1`, `2`, `-1`,
	`1.5`, `1e3`, `503`, `true`, `false`, `null`, `[]`, `["x"]`, `{}`, `{"x": "y"}`, `["CREATED", {"after": "1s", "status": "REJECTED"}]`,
	`{"name": "x", "code": 1}`, `{"median": "1s", "p99": "2s"}`}

func anyValue(t *rapid.T) any { return decoded(t, rapid.SampledFrom(values).Draw(t, "value")) }

func decoded(t *rapid.T, text string) (value any) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// keys are what may be a key anywhere.
var keys = []string{"x", "status", "after", "at", "poll", "on", "either", "repeat", "times", "then", "chance", "message", "price", "coefficients", "name", "code", "when",
	"where", "error", "errors", "delay", "slow", "answer", "body", "stories", "offers", "steps", "partner", "faults", "requests", "upsales", "POLIGON"}

// mutate changes one value within a mapping or a list.
func mutate(t *rapid.T, doc any) {
	for {
		var child any
		set := func(any) {}
		switch d := doc.(type) {
		case map[string]any:
			if len(d) == 0 || rapid.IntRange(0, 9).Draw(t, "key") == 0 {
				d[rapid.SampledFrom(keys).Draw(t, "new")] = anyValue(t)
				return
			}
			key := rapid.SampledFrom(slices.Sorted(maps.Keys(d))).Draw(t, "of")
			child, set = d[key], func(v any) { d[key] = v }
			switch rapid.IntRange(0, 9).Draw(t, "entry") {
			case 0:
				delete(d, key)
				return
			case 1:
				delete(d, key)
				d[rapid.SampledFrom(keys).Draw(t, "renamed")] = child
				return
			}
		case []any:
			if len(d) == 0 {
				return
			}
			i := rapid.IntRange(0, len(d)-1).Draw(t, "item")
			child, set = d[i], func(v any) { d[i] = v }
		}
		_, isMap := child.(map[string]any)
		_, isList := child.([]any)
		if !isMap && !isList || rapid.IntRange(0, 4).Draw(t, "here") == 0 {
			set(anyValue(t))
			return
		}
		doc = child
	}
}
