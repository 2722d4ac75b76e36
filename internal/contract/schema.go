package contract

import (
	"encoding/json"
	"sync"
)

// schema is what the contract says about a value, in the words of OpenAPI 3.0. What is said for people alone is left out.
type schema struct {
	Ref           string                     `json:"ref,omitempty"` // of a named schema, which stands in its place once the document is read
	Type          string                     `json:"type,omitempty"`
	Format        string                     `json:"format,omitempty"`
	Enum          []any                      `json:"enum,omitempty"`
	Pattern       string                     `json:"pattern,omitempty"`
	MinLength     int                        `json:"minLength,omitempty"`
	MaxLength     *int                       `json:"maxLength,omitempty"`
	Minimum       *float64                   `json:"minimum,omitempty"`
	ExclusiveMin  bool                       `json:"exclusiveMinimum,omitempty"`
	Maximum       *float64                   `json:"maximum,omitempty"`
	MinItems      int                        `json:"minItems,omitempty"`
	MaxItems      *int                       `json:"maxItems,omitempty"`
	UniqueItems   bool                       `json:"uniqueItems,omitempty"`
	Items         *schema                    `json:"items,omitempty"`
	MinProperties int                        `json:"minProperties,omitempty"`
	MaxProperties *int                       `json:"maxProperties,omitempty"`
	Required      []string                   `json:"required,omitempty"`
	Properties    map[string]*schema         `json:"properties,omitempty"`
	Additional    *schema                    `json:"additional,omitempty"` // of properties that are not named
	Closed        bool                       `json:"closed,omitempty"`     // there are no others than the named
	Nullable      bool                       `json:"nullable,omitempty"`
	AllOf         []*schema                  `json:"allOf,omitempty"`
	AnyOf         []*schema                  `json:"anyOf,omitempty"`
	OneOf         []*schema                  `json:"oneOf,omitempty"`
	Discriminator *discriminator             `json:"discriminator,omitempty"`
	Extensions    map[string]json.RawMessage `json:"extensions,omitempty"`

	pattern func() *Pattern // compiles it once, when it is first needed
}

// discriminator is the field that says which of the alternatives a value is.
type discriminator struct {
	Property string             `json:"property"`
	Mapping  map[string]*schema `json:"mapping"`
}

// operation is what the contract says about a method and a path.
type operation struct {
	ID      string             `json:"id"`
	Method  string             `json:"method"`
	Path    string             `json:"path"`
	Marks   []string           `json:"marks,omitempty"` // the extensions that are true
	Query   map[string]*schema `json:"query,omitempty"`
	Body    *body              `json:"body,omitempty"`
	Answers map[string]*schema `json:"answers,omitempty"` // by the status, as 4XX for a class of them, or default; null where it is not JSON
}

type body struct {
	Schema   *schema `json:"schema"`
	Required bool    `json:"required,omitempty"`
}

// document is a contract as `go generate ./openapi` writes it.
type document struct {
	Operations []operation        `json:"operations"`
	Schemas    map[string]*schema `json:"schemas"`
}

// resolve puts the named schemas in the places that refer to them. It reports the name of one that there is not.
func (d *document) resolve() (missing string) {
	r := resolver{named: d.Schemas}
	for _, s := range d.Schemas {
		r.within(s)
	}
	for i := range d.Operations {
		op := &d.Operations[i]
		r.each(op.Query)
		r.each(op.Answers)
		if op.Body != nil {
			r.at(&op.Body.Schema)
		}
	}
	return r.missing
}

// says is whether the schema says anything: one that does not takes every value but null.
func (s *schema) says() bool {
	return s.Type != "" || s.Nullable || s.Closed || s.UniqueItems || s.ExclusiveMin || s.MinLength+s.MinItems+s.MinProperties > 0 ||
		len(s.Enum)+len(s.Required)+len(s.AllOf)+len(s.AnyOf)+len(s.OneOf)+len(s.Format)+len(s.Pattern) > 0 || s.limits() || s.saysOfParts()
}

func (s *schema) limits() bool {
	return s.MaxLength != nil || s.Minimum != nil || s.Maximum != nil || s.MaxItems != nil || s.MaxProperties != nil
}

func (s *schema) saysOfParts() bool {
	for _, p := range s.Properties {
		if p.says() {
			return true
		}
	}
	return s.Items != nil && s.Items.says() || s.Additional != nil && s.Additional.says()
}

type resolver struct {
	named   map[string]*schema
	missing string
}

// at resolves the schema at a place, and those within it.
func (r *resolver) at(place **schema) {
	s := *place
	if s == nil {
		return
	}
	if s.Ref == "" {
		r.within(s)
		return
	}
	if *place = r.named[s.Ref]; *place == nil {
		r.missing, *place = s.Ref, &schema{}
	}
}

func (r *resolver) each(of map[string]*schema) {
	for name, s := range of {
		r.at(&s)
		of[name] = s
	}
}

func (r *resolver) within(s *schema) {
	if s.Pattern != "" {
		s.pattern = sync.OnceValue(func() *Pattern { return mustCompile(s.Pattern) })
	}
	r.at(&s.Items)
	r.at(&s.Additional)
	r.each(s.Properties)
	for _, list := range [][]*schema{s.AllOf, s.AnyOf, s.OneOf} {
		for i := range list {
			r.at(&list[i])
		}
	}
	if s.Discriminator != nil {
		r.each(s.Discriminator.Mapping)
	}
}
