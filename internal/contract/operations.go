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
