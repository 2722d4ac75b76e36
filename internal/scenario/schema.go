package scenario

import (
	"bytes"
	"encoding/json"
	"strings"
)

// schema is a JSON Schema of draft 7, in the order in which it is written.
type schema struct {
	Schema        string      `json:"$schema,omitempty"`
	ID            string      `json:"$id,omitempty"`
	Title         string      `json:"title,omitempty"`
	Description   string      `json:"description,omitempty"`
	Ref           string      `json:"$ref,omitempty"`
	Type          any         `json:"type,omitempty"`
	Enum          []any       `json:"enum,omitempty"`
	Descriptions  []string    `json:"enumDescriptions,omitempty"`         // of the values, beside them
	Markdown      []string    `json:"markdownEnumDescriptions,omitempty"` // the same, where an editor reads that
	MinLength     int         `json:"minLength,omitempty"`
	Pattern       string      `json:"pattern,omitempty"`
	Minimum       json.Number `json:"minimum,omitempty"`
	Maximum       json.Number `json:"maximum,omitempty"`
	MinItems      int         `json:"minItems,omitempty"`
	UniqueItems   bool        `json:"uniqueItems,omitempty"`
	Items         *schema     `json:"items,omitempty"`
	MinProperties int         `json:"minProperties,omitempty"`
	Required      []string    `json:"required,omitempty"`
	PropertyNames *schema     `json:"propertyNames,omitempty"`
	Properties    members     `json:"properties,omitempty"`
	Additional    any         `json:"additionalProperties,omitempty"`
	Dependencies  members     `json:"dependencies,omitempty"`
	AllOf         []*schema   `json:"allOf,omitempty"`
	AnyOf         []*schema   `json:"anyOf,omitempty"`
	Examples      []any       `json:"examples,omitempty"`
	Definitions   members     `json:"definitions,omitempty"`
}

// members are the members of an object, in their order.
type members []member

type member struct {
	key   string
	value any
}

// MarshalJSON implements json.Marshaler.
func (ms members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range ms {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range []any{m.key, m.value} {
			text, err := encode(part)
			if err != nil {
				return nil, err
			}
			if j > 0 {
				b.WriteByte(':')
			}
			b.Write(text)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode is a value as JSON, in which < and > stand as they are.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return b.Bytes(), err
}

func (ms members) find(key string) *member {
	for i := range ms {
		if ms[i].key == key {
			return &ms[i]
		}
	}
	return nil
}

// Schema is the form of a scenario file as a JSON Schema of draft 7, for editors: made of the readers of the parts, and therefore
// never stricter than they are. It cannot say all that they say. Describe says what one of the choices means, "" where nobody
// knows: what is the word by which a reader names the choices ("offer status").
func Schema(parts []Part, describe func(what, value string) string) []byte {
	e := explore(func(n Node) { (&Scenario{scripts: map[string]any{}}).readAll(n.Map(), parts) })
	w := &writer{describe: describe}
	root := w.write(&e.root)
	root.Schema, root.ID = "http://json-schema.org/draft-07/schema#", "scenario.schema.json"
	root.Title, root.Description = "A scenario", "a story that Poligon plays, in one YAML file: docs/scenarios.md"
	var definitions members
	for _, d := range e.defs {
		definitions = append(definitions, member{d.name, w.write(d.form)})
	}
	root.Definitions = append(definitions, w.defined...)
	text, err := encode(root)
	if err != nil { // it holds texts and numbers alone
		panic(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// writer makes a schema of forms.
type writer struct {
	describe func(what, value string) string
	defined  members // what is written once
}

func joinKeys(keys []string) string  { return strings.Join(keys, "\n") }
func splitKeys(keys string) []string { return strings.Split(keys, "\n") }
