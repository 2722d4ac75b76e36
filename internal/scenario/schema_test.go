package scenario_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"poligon/internal/scenario"
)

// fakeSchema is the schema of trains and ships.
func fakeSchema(t *testing.T, parts []scenario.Part) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(scenario.Schema(parts, describeColour)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("s.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("s.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func describeColour(what, value string) string {
	if what == "colour" {
		return "the colour " + value
	}
	return ""
}

// validate holds a file to a schema; ok is false when an editor sees without one that the file is none.
func validate(t *testing.T, s *jsonschema.Schema, text string) (err error, ok bool) {
	t.Helper()
	asJSON, broken := scenario.JSON("x.yaml", []byte(text))
	if broken != nil {
		return broken, false
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(value), true
}

// beyond are broken stories that a schema takes, and why.
var beyond = map[string]string{
	"seed octal":                                "to an editor 010 is ten",
	"seed hexadecimal":                          "to an editor 0x10 is sixteen",
	"seed with a point":                         "7.0 is a whole number",
	"control characters in texts":               "no expression for them is the same in all editors",
	"duration too long":                         "lengths of time cannot be compared",
	"magic value twice":                         "in whatever case",
	"magic value for a section that is missing": "",
	"file name in capitals":                     "a schema knows no file",
	"file name with a space":                    "a schema knows no file",
	"file name in Cyrillic":                     "a schema knows no file",
	"file name with two dashes":                 "a schema knows no file",
	"file of another kind":                      "a schema knows no file",
}

func TestSchemaOfBrokenStories(t *testing.T) {
	t.Parallel()
	s := fakeSchema(t, fakeParts)
	for _, c := range brokenStories {
		err, ok := validate(t, s, c.text)
		_, excused := beyond[c.name]
		switch {
		case ok && err == nil && !excused:
			t.Errorf("the schema takes %q:\n%s", c.name, c.text)
		case excused && (!ok || err != nil):
			t.Errorf("%q is refused: take it off the list", c.name)
		}
	}
	for _, text := range []string{head + "trains: {name: x}", head + "seed: 7\nmagic:\n  - {ships.deck: 1, why: true}\nships: {name: 5, colour: RED, price: 7.50, seats: 3, wait: 0, stops: [a, {at: b}], fares: {a: 1, b: {}}}"} {
		if err, ok := validate(t, s, text); err != nil || !ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestSchemaOfForms: what readers tell apart, and what they say of keys and values.
func TestSchemaOfForms(t *testing.T) {
	t.Parallel()
	var read func(n scenario.Node)
	read = func(n scenario.Node) {
		if n.Is("*") || n.Is("none") {
			return
		}
		if !n.IsMap() {
			n.Def("form", func(n scenario.Node) {
				n.Distinct()
				for i, item := range n.List() {
					if m := item.Map(); i > 0 {
						later, _ := m.Need("later", "")
						later.Flag()
						m.Done()
					} else {
						deep, _ := m.Take("deep", "")
						read(deep)
						m.Take("later", "")
						m.Done()
					}
				}
			})
			return
		}
		m := n.Map()
		if wide, ok := m.Take("wide", ""); ok {
			if !wide.IsRange() {
				wide.Duration()
			}
		} else {
			v, _ := m.Need("narrow", "how narrow")
			v.Range()
			if w, ok := m.TakeWith("by", "of", ""); ok {
				w.Decimal()
			}
			by, _ := m.Take("by", "")
			by.Looks("^[a-z]+$", "abc")
			by.Text()
		}
		switch m.AtMostOne("left", "right") {
		case "left":
			v, _ := m.Take("left", "")
			v.Share()
		case "right":
			v, _ := m.Take("right", "")
			v.Pattern(true)
		}
		if m.Done() {
			m.NeedOne("write one", "nothing is there", "left", "right")
		}
	}
	s := fakeSchema(t, []scenario.Part{{API: "x", Doc: "the part", Read: func(n scenario.Node) any { read(n); return nil }}})
	for value, good := range map[string]bool{
		`"*"`: true, `none`: true, `"**"`: false, `5`: false, `[]`: true, `[{}]`: true, `[{deep: "*"}]`: true, `[{deep: [{deep: [{later: true}]}]}]`: true,
		`[{deep: 7}]`: false, `[{later: "yes"}]`: false, `[{later: true}, {later: true}]`: false, `[{seven: 7}]`: false,
		`{wide: 1s, left: 5%}`: true, `{wide: 1s..2s, right: [a, b]}`: true, `{wide: 1s}`: false, `{wide: 1s, left: 5%, right: a}`: false, `{wide: 5, left: 5%}`: false,
		`{narrow: 1s, left: 0.01%}`: true, `{narrow: 1s, left: 0.00%}`: false, `{narrow: 1s, by: abc, of: 1.17, right: "*"}`: true, `{narrow: 1s, of: 1, right: a}`: false,
		`{narrow: 1s, by: ABC, right: a}`: false, `{left: 5%}`: false, `{wide: 1s, narrow: 1s, left: 5%}`: false, `{wide: 1s, by: abc, left: 5%}`: false,
		`{wide: 1s, right: []}`: false, `{wide: 1s, right: {a: b}}`: false,
	} {
		if err, ok := validate(t, s, head+"x: "+value+"\n"); !ok || (err == nil) != good {
			t.Errorf("%s: %v", value, err)
		}
	}
}

func TestSchemaText(t *testing.T) {
	t.Parallel()
	text := string(scenario.Schema(fakeParts, describeColour))
	for _, want := range []string{`"$schema": "http://json-schema.org/draft-07/schema#"`, `"description": "the story in a line"`, `"the colour DARK_BLUE"`,
		`"$ref": "#/definitions/colour"`, `"ships.deck"`} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s", want)
		}
	}
	if !json.Valid([]byte(text)) || !strings.HasSuffix(text, "\n}\n") || text != string(scenario.Schema(fakeParts, describeColour)) {
		t.Error("not one text that is JSON and ends with its line")
	}
}
