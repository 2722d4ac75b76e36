package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"poligon/internal/admin/internal/wire"
	"poligon/internal/store"
)

// problem is a mistake in an admin request as RFC 9457 writes it. It is an error, so that handlers can return it.
type problem struct {
	status int
	detail string
	hint   string
	errors []wire.ProblemDetail
}

func (p *problem) Error() string { return p.detail }

// WriteProblem answers with a problem: what is wrong, and how to mend it.
func WriteProblem(w http.ResponseWriter, status int, detail, hint string) {
	write(w, &problem{status: status, detail: detail, hint: hint})
}

func write(w http.ResponseWriter, p *problem) {
	body := wire.Problem{Type: "about:blank", Title: http.StatusText(p.status), Status: p.status, Detail: p.detail}
	if p.hint != "" {
		body.Hint = &p.hint
	}
	if len(p.errors) > 0 {
		body.Errors = &p.errors
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.status)
	_ = json.NewEncoder(w).Encode(body) // what fails here is the client's connection
}

// badRequest answers what the generated code could not read: of a body that keeps the contract, a number that is no int64.
func badRequest(w http.ResponseWriter, _ *http.Request, err error) {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		write(w, &problem{status: http.StatusBadRequest, detail: fmt.Sprintf("%s cannot be the %s", wrong.Field, wrong.Value),
			hint:   "write a whole number of at most 64 bits, without a point",
			errors: []wire.ProblemDetail{{Pointer: "/" + strings.ReplaceAll(wrong.Field, ".", "/"), Code: "value"}}})
		return
	}
	var missing *wire.RequiredParamError
	var unreadable *wire.InvalidParamFormatError
	switch {
	case errors.As(err, &missing):
		write(w, wrongParameter(missing.ParamName, "it is missing"))
	case errors.As(err, &unreadable):
		write(w, wrongParameter(unreadable.ParamName, "write a whole number of at most 64 bits in plain digits"))
	default:
		WriteProblem(w, http.StatusBadRequest, err.Error(), "")
	}
}

// failed answers an error of a handler: a problem as it is; anything else is a fault of ours, logged and never shown.
func failed(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	if errors.As(err, &p) {
		write(w, p)
		return
	}
	if errors.Is(err, store.ErrAway) || errors.Is(err, store.ErrMoved) {
		write(w, away(err))
		return
	}
	slog.Error("internal error", "api", "admin", "path", r.URL.Path, "error", err)
	WriteProblem(w, http.StatusInternalServerError, "internal error", "the server's log says more")
}

// away says that the store of the sessions cannot do its work, so that nothing was done.
func away(err error) *problem {
	return &problem{status: http.StatusServiceUnavailable, detail: "the store of the sessions is away: " + err.Error(),
		hint: "ask again when GET /readyz answers 200; what was asked has not been done, or has been done as a whole"}
}
