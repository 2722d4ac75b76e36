package contract

import (
	"encoding/json"
	"net/url"
	"slices"
)

// Query is what the contract says about the query of an operation.
type Query struct{ parameters map[string]*schema }

// Queries are the queries of all operations, by method and path.
func (d *Document) Queries() map[string]Query {
	list := make(map[string]Query, len(d.doc.Operations))
	for _, op := range d.doc.Operations {
		list[op.Method+" "+op.Path] = Query{op.Query}
	}
	return list
}

// Names are the names of the query's parameters, sorted.
func (q Query) Names() []string {
	names := make([]string, 0, len(q.parameters))
	for name := range q.parameters {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Violations are all ways in which values break what the contract says about the query, in the order of the names; the path of
// each is the parameter. One that the contract does not have is among them, one that is missing is not.
func (q Query) Violations(values url.Values) (list []Violation) {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		schema := q.parameters[name]
		if schema == nil {
			list = append(list, Violation{Path: name, Message: "there is no such parameter"})
			continue
		}
		if schema.Type != "array" && len(values[name]) > 1 {
			list = append(list, Violation{Path: name, Message: "is given several times"})
			continue
		}
		for _, v := range (&Schema{schema}).Violations(typed(schema, values[name])) {
			list = append(list, Violation{Path: name, Message: v.Message})
		}
	}
	return list
}

// typed is what the texts of a parameter stand for.
func typed(schema *schema, texts []string) any {
	if schema.Type == "array" {
		items := make([]any, len(texts))
		for i, text := range texts {
			items[i] = typed(schema.Items, []string{text})
		}
		return items
	}
	var value any
	if schema.Type != "string" && json.Unmarshal([]byte(texts[0]), &value) == nil {
		return value
	}
	return texts[0]
}
