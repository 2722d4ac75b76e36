package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

var update = flag.Bool("update", false, "write what the simulator reads of the contracts")

// names are the contracts.
var names = []string{"osago", "bordereau", "admin"}

// read is a contract as kin-openapi reads it.
func read(t testing.TB, name string) *openapi3.T {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "openapi", name, "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, text)
}

func parsed(t testing.TB, text []byte) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err == nil {
		err = doc.Validate(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestContractsAreGenerated makes again what the simulator reads of the contracts, and compares bytes.
func TestContractsAreGenerated(t *testing.T) {
	for _, name := range names {
		text := made(t, name, read(t, name))
		var want bytes.Buffer
		if err := json.Indent(&want, text, "", ""); err != nil { // a line a value, so that a change can be read
			t.Fatal(err)
		}
		want.WriteByte('\n')
		file := filepath.Join("..", "..", "openapi", name, "contract.gen.json")
		if *update {
			if err := os.WriteFile(file, want.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s is not what the contract generates: run make generate (%v)", file, err)
		}
	}
}

// Made is what the simulator reads of a contract as YAML.
func Made(t testing.TB, text string) []byte {
	t.Helper()
	return made(t, "a contract", parsed(t, []byte(text)))
}

func made(t testing.TB, name string, doc *openapi3.T) []byte {
	t.Helper()
	c := converter{t: t, name: name}
	text, err := json.Marshal(c.document(doc))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// converter makes of a contract what the simulator reads. What it does not know it refuses, so that nothing is passed over in silence.
type converter struct {
	t    testing.TB
	name string // of the contract
}

func (c *converter) document(doc *openapi3.T) (d document) {
	d.Schemas = map[string]*schema{}
	for name, ref := range doc.Components.Schemas {
		d.Schemas[name] = c.schema(name, ref)
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			d.Operations = append(d.Operations, c.operation(operation{Method: method, Path: path, ID: op.OperationID}, item.Parameters, op))
		}
	}
	slices.SortFunc(d.Operations, func(a, b operation) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	return d
}

func (c *converter) operation(o operation, shared openapi3.Parameters, op *openapi3.Operation) operation {
	for name, value := range op.Extensions {
		if value == true {
			o.Marks = append(o.Marks, name)
		}
	}
	slices.Sort(o.Marks)
	for _, ref := range slices.Concat(shared, op.Parameters) {
		if p := ref.Value; p.In == openapi3.ParameterInQuery {
			if o.Query == nil {
				o.Query = map[string]*schema{}
			}
			o.Query[p.Name] = c.schema(o.ID+" "+p.Name, p.Schema)
		}
	}
	if op.RequestBody != nil {
		if media := op.RequestBody.Value.Content["application/json"]; media != nil {
			o.Body = &body{c.schema(o.ID+" request", media.Schema), op.RequestBody.Value.Required}
		}
	}
	o.Answers = map[string]*schema{}
	for status, ref := range op.Responses.Map() {
		o.Answers[status] = nil
		if media := ref.Value.Content.Get("application/json"); media != nil && media.Schema != nil {
			o.Answers[status] = c.schema(o.ID+" "+status, media.Schema)
		}
	}
	return o
}

// supported are the formats that the check of values knows, and those that no value can break.
var supported = []string{"", "date", "date-time", "uuid", "int64", "double", "binary", "uri"}

func (c *converter) schema(where string, ref *openapi3.SchemaRef) *schema {
	if ref == nil {
		return nil
	}
	if ref.Ref != "" {
		return &schema{Ref: named(ref.Ref)}
	}
	s := ref.Value
	c.known(where, s)
	made := &schema{Format: s.Format, Enum: s.Enum, Pattern: s.Pattern, MinLength: int(s.MinLength), MaxLength: whole(s.MaxLength),
		Minimum: s.Min, ExclusiveMin: s.ExclusiveMin.IsTrue(), Maximum: s.Max, MinItems: int(s.MinItems), MaxItems: whole(s.MaxItems), UniqueItems: s.UniqueItems,
		Items: c.schema(where, s.Items), MinProperties: int(s.MinProps), MaxProperties: whole(s.MaxProps), Required: s.Required,
		Additional: c.schema(where, s.AdditionalProperties.Schema), Closed: s.AdditionalProperties.Has != nil && !*s.AdditionalProperties.Has, Nullable: s.Nullable,
		AllOf: c.list(where, s.AllOf), AnyOf: c.list(where, s.AnyOf), OneOf: c.list(where, s.OneOf)}
	if types := s.Type.Slice(); len(types) == 1 {
		made.Type = types[0]
	} else if len(types) > 1 {
		c.t.Errorf("%s: several types are not supported", where)
	}
	for name, property := range s.Properties {
		if made.Properties == nil {
			made.Properties = map[string]*schema{}
		}
		made.Properties[name] = c.schema(where+"."+name, property)
	}
	if s.Discriminator != nil {
		made.Discriminator = &discriminator{Property: s.Discriminator.PropertyName, Mapping: map[string]*schema{}}
		for value, ref := range s.Discriminator.Mapping {
			made.Discriminator.Mapping[value] = &schema{Ref: named(ref.Ref)}
		}
	}
	for name, value := range s.Extensions {
		if name == "x-note" { // for people
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			c.t.Fatal(err)
		}
		if made.Extensions == nil {
			made.Extensions = map[string]json.RawMessage{}
		}
		made.Extensions[name] = text
	}
	return made
}

// keywords are those of a schema that are read, and those that are words for people.
var keywords = strings.Fields(`$ref type format enum pattern minLength maxLength minimum exclusiveMinimum maximum minItems maxItems uniqueItems items
	minProperties maxProperties required properties additionalProperties nullable allOf anyOf oneOf discriminator
	description title example default`)

// known refuses what a check would pass over.
func (c *converter) known(where string, s *openapi3.Schema) {
	text, err := s.MarshalJSON()
	if err != nil {
		c.t.Fatal(err)
	}
	var has map[string]json.RawMessage
	if err := json.Unmarshal(text, &has); err != nil {
		c.t.Fatal(err)
	}
	for keyword := range has {
		if !strings.HasPrefix(keyword, "x-") && !slices.Contains(keywords, keyword) {
			c.t.Errorf("%s %s: the keyword %s is not supported", c.name, where, keyword)
		}
	}
	if !slices.Contains(supported, s.Format) {
		c.t.Errorf("%s %s: the format %s is not supported", c.name, where, s.Format)
	}
	if _, err := regexp.Compile(s.Pattern); err != nil || strings.Contains(s.Pattern, `\u`) {
		c.t.Errorf("%s %s: the pattern %s is not supported (%v)", c.name, where, s.Pattern, err)
	}
	if s.Discriminator != nil && (len(s.OneOf) == 0 || len(s.AnyOf) > 0) {
		c.t.Errorf("%s %s: a discriminator stands beside oneOf alone", c.name, where)
	}
}

func (c *converter) list(where string, refs openapi3.SchemaRefs) (list []*schema) {
	for _, ref := range refs {
		list = append(list, c.schema(where, ref))
	}
	return list
}

// named is the name of the schema that a reference leads to.
func named(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

func whole(n *uint64) *int {
	if n == nil {
		return nil
	}
	i := int(*n)
	return &i
}
