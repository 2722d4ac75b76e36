package contract

import "slices"

// Operations are the operationIds of the document by method and path: "GET /osago/calculate/status".
func (d *Document) Operations() map[string]string {
	list := make(map[string]string, len(d.doc.Operations))
	for _, op := range d.doc.Operations {
		list[op.Method+" "+op.Path] = op.ID
	}
	return list
}

// OperationsMarked are those operations whose extension of a name (x-…) is true.
func (d *Document) OperationsMarked(name string) map[string]string {
	list := map[string]string{}
	for _, op := range d.doc.Operations {
		if slices.Contains(op.Marks, name) {
			list[op.Method+" "+op.Path] = op.ID
		}
	}
	return list
}

// Bodies are the schemas of JSON request bodies by method and path, and whether a body is needed.
func (d *Document) Bodies() map[string]Body {
	list := map[string]Body{}
	for _, op := range d.doc.Operations {
		if op.Body != nil {
			list[op.Method+" "+op.Path] = Body{&Schema{op.Body.Schema}, op.Body.Required}
		}
	}
	return list
}

// Body is what the contract says about a request's body.
type Body struct {
	Schema   *Schema
	Required bool
}
