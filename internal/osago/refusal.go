package osago

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"poligon/internal/contract"
	"poligon/internal/osago/internal/wire"
	"poligon/internal/partner"
	"poligon/internal/store"
)

// refusal is a "no" in the documented error body (contract facts A14).
type refusal struct {
	status     int
	requestID  string // empty when the request carried none that can be read; the body then has the nil UUID
	message    string
	properties []wire.ErrorDetail
	reason     string // for the person behind the client, in a header
}

func (f refusal) write(w http.ResponseWriter) {
	body := wire.ErrorResponse{RequestID: uuid.Nil.String(), Message: f.message}
	if contract.IsUUID(f.requestID) {
		body.RequestID = strings.ToLower(f.requestID) // as answers that are no refusals write it
	}
	if len(f.properties) > 0 {
		body.Properties = &f.properties
	}
	if f.reason != "" {
		partner.Reason(w, f.reason)
	}
	respond(w, f.status, body)
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // links stay links
	_ = enc.Encode(body)     // what fails here is the client's connection
}

// calculationBody is the answer of getCalculation.
type calculationBody wire.Calculation

// VisitGetCalculationResponse implements the generated interface.
func (c calculationBody) VisitGetCalculationResponse(w http.ResponseWriter) error {
	respond(w, http.StatusOK, wire.Calculation(c))
	return nil
}

// The refusal is every operation's answer.

// VisitGetCalculationStatusResponse implements the generated interface.
func (f refusal) VisitGetCalculationStatusResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}

// VisitGetCalculationResponse implements the generated interface.
func (f refusal) VisitGetCalculationResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}

// VisitStartCalculationResponse implements the generated interface.
func (f refusal) VisitStartCalculationResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}

// refusing answers every request with one refusal.
func refusing(status int, message, reason string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.URL.Query().Get(requestID)
		note(r.Context(), id)
		refusal{status: status, requestID: id, message: message, reason: reason}.write(w)
	})
}

// badRequest answers what the generated code could not read.
func badRequest(w http.ResponseWriter, r *http.Request, err error) {
	property, message, id, reason := requestID, messageBadValue, "", err.Error()
	var missing *wire.RequiredParamError
	var wrong *wire.InvalidParamFormatError
	switch {
	case errors.As(err, &missing):
		property, message = missing.ParamName, messageRequired
	case errors.As(err, &wrong):
		property = wrong.ParamName
		var number *strconv.NumError
		if errors.As(err, &number) {
			wanted := "a whole number such as 2012"
			if number.Func == "ParseBool" {
				wanted = "true or false"
			}
			reason = fmt.Sprintf("%s is %s, not %.100q", property, wanted, number.Num)
		}
	}
	if property != requestID {
		id = r.URL.Query().Get(requestID)
		note(r.Context(), id)
	}
	refusal{status: http.StatusBadRequest, requestID: id, message: messageBadRequest, reason: reason,
		properties: []wire.ErrorDetail{{Property: property, Message: message}}}.write(w)
}

// failed answers for a fault of ours: logged, never shown.
func failed(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, partner.ErrHeld) {
		return // a fault answers
	}
	if !errors.Is(err, store.ErrAway) { // the server says so itself, and answers again
		slog.Error("internal error", "api", Name, "error", err)
	}
	refusal{status: http.StatusInternalServerError, requestID: r.URL.Query().Get(requestID), message: "Внутренняя ошибка сервера."}.write(w)
}
