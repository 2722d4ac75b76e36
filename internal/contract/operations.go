package contract

// Operations are the operationIds of the document by method and path: "GET /osago/calculate/status".
func (d *Document) Operations() map[string]string {
	list := map[string]string{}
	for path, item := range d.doc.Paths.Map() {
		for method, op := range item.Operations() {
			list[method+" "+path] = op.OperationID
		}
	}
	return list
}

// OperationsMarked are those operations whose extension of a name (x-…) is true.
func (d *Document) OperationsMarked(name string) map[string]string {
	list := map[string]string{}
	for path, item := range d.doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.Extensions[name] == true {
				list[method+" "+path] = op.OperationID
			}
		}
	}
	return list
}

// Bodies are the schemas of JSON request bodies by method and path, and whether a body is needed.
func (d *Document) Bodies() map[string]Body {
	list := map[string]Body{}
	for path, item := range d.doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody == nil || op.RequestBody.Value == nil {
				continue
			}
			if media := op.RequestBody.Value.Content["application/json"]; media != nil {
				list[method+" "+path] = Body{&Schema{media.Schema.Value}, op.RequestBody.Value.Required}
			}
		}
	}
	return list
}

// Body is what the contract says about a request's body.
type Body struct {
	Schema   *Schema
	Required bool
}
