package admin

import (
	"net/http"
	"net/url"
	"strings"

	"poligon/internal/admin/internal/wire"
	"poligon/internal/contract"
	"poligon/internal/scenario"
)

// checkQuery holds a request's query against the admin contract, before the generated code reads it: that passes over a misspelt
// parameter, and a filter that does nothing answers with everything.
func checkQuery(want contract.Query, r *http.Request) *problem {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return &problem{status: http.StatusBadRequest, detail: "the query cannot be read: " + err.Error(), hint: "write % as %25 and ; as %3B"}
	}
	violations := want.Violations(values)
	if len(violations) == 0 {
		return nil
	}
	p := &problem{status: http.StatusBadRequest}
	var details []string
	for i, v := range violations {
		p.errors = append(p.errors, wire.ProblemDetail{Pointer: v.Path, Code: "query", Expected: &violations[i].Message})
		details = append(details, v.Path+": "+v.Message)
		if near := scenario.Nearest(v.Path, want.Names()); near != "" && near != v.Path && p.hint == "" {
			p.hint = "did you mean " + near + "?"
		}
	}
	if names := want.Names(); p.hint == "" && len(names) > 0 {
		p.hint = "the parameters are " + strings.Join(names, ", ")
	}
	p.detail = "the query breaks the admin contract: " + strings.Join(details, "; ")
	return p
}
