package osago

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"poligon/internal/journal"
	"poligon/internal/osago/internal/wire"
	"poligon/internal/partner"
)

// /confirm, which the marketplace hosts and the partner calls (contract facts A11).

// guarded is a router on which reports of sales need the access token, and what the partner hosts needs credentials.
type guarded struct {
	*partner.Router
	api *API
}

// HandleFunc adds a route, as partner.Router does.
func (g guarded) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	switch _, path, _ := strings.Cut(pattern, " "); path {
	case "/confirm":
		h = g.api.withToken(h)
	case tokenPath:
		h = withHeader(h)
	default:
		h = g.api.withAccess(h)
	}
	g.Router.HandleFunc(pattern, h)
}

// RequireToken has reports of sales carry an access token; an empty one requires none. Call it before the API serves.
func (a *API) RequireToken(token string) { a.token = token }

// withToken lets those requests through that carry the access token.
func (a *API) withToken(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		run := partner.From(r.Context())
		access := run.Recorded
		if access == nil && a.token == "" {
			h(w, r)
			return
		}
		if access == nil {
			access = &journal.Access{}
			if access.Reason = a.tokenReason(r); access.Reason != "" {
				access.Code = "403"
			}
		}
		run.Note.Access = access
		if access.Code == "" {
			h(w, r)
			return
		}
		id := r.URL.Query().Get(requestID)
		note(r.Context(), id)
		refusal{status: http.StatusForbidden, requestID: id, message: "Доступ запрещён.", reason: access.Reason}.write(w)
	}
}

// tokenReason says why a request's access token does not let it through; empty when it does. How the token travels is not documented:
// it is taken as a bearer token (RFC 6750) and from the query (inferred). What was sent is never repeated.
func (a *API) tokenReason(r *http.Request) string {
	const cure = "; send the one of --confirm-token as Authorization: Bearer TOKEN or as the query parameter token"
	sent := r.URL.Query()["token"]
	other := false
	for _, value := range r.Header["Authorization"] {
		scheme, token, _ := strings.Cut(value, " ")
		if strings.EqualFold(scheme, "Bearer") {
			sent = append(sent, strings.TrimSpace(token))
		} else {
			other = true
		}
	}
	want, right := sha256.Sum256([]byte(a.token)), 0
	for _, token := range sent {
		got := sha256.Sum256([]byte(token))
		right |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	switch {
	case right == 1:
		return ""
	case len(sent) > 0:
		return "the access token is a wrong one" + cure
	case other:
		return "the Authorization header is of another scheme than Bearer" + cure
	}
	return "the request carries no access token" + cure
}

// parseSaleID reads the request_id of a report. The documents print it as an integer; their answer has a UUID (contract facts A16.4).
func parseSaleID(text string) (uuid.UUID, *refusal) {
	id, refused := parseID(text)
	if _, err := strconv.ParseUint(text, 10, 64); refused != nil && err == nil {
		refused.reason = "the documents print request_id as an integer here and answer with a UUID; send the UUID of the calculation"
	}
	return id, refused
}

// badAmount refuses an amount that is no number of roubles.
func badAmount(id, path string) refusal {
	return refusal{status: http.StatusBadRequest, requestID: id, message: messageBadRequest, reason: path + "amount is no sum of money such as 7072 or 7072.50",
		properties: []wire.ErrorDetail{{Property: path + "amount", Message: messageBadValue}}}
}

// ConfirmSale implements wire.StrictServerInterface.
func (h *handler) ConfirmSale(ctx context.Context, req wire.ConfirmSaleRequestObject) (wire.ConfirmSaleResponseObject, error) {
	p := req.Params
	id, refused := parseSaleID(p.RequestID)
	if refused != nil {
		note(ctx, p.RequestID)
		return *refused, nil
	}
	amount, ok := readAmount(p.Amount.String())
	if !ok {
		note(ctx, p.RequestID)
		return badAmount(p.RequestID, ""), nil
	}
	wrong, warning, err := h.api.confirm(ctx, []report{{id: id, offer: p.OfferID, partner: p.PartnerID, counterparty: p.CounterpartyID, amount: amount, upsaled: p.IsUpsaled}})
	switch {
	case err != nil:
		return nil, err
	case len(wrong) > 0:
		return refuseSale(wrong), nil
	}
	return saleNoted{id.String(), warning}, nil
}

// ConfirmSales implements wire.StrictServerInterface.
func (h *handler) ConfirmSales(ctx context.Context, req wire.ConfirmSalesRequestObject) (wire.ConfirmSalesResponseObject, error) {
	reports, refused := h.api.readReports(req.ContentType, req.Body)
	if refused != nil {
		note(ctx, refused.requestID)
		return *refused, nil
	}
	wrong, warning, err := h.api.confirm(ctx, reports)
	switch {
	case err != nil:
		return nil, err
	case len(wrong) > 0:
		return refuseSales(wrong), nil
	}
	return saleNoted{reports[0].id.String(), warning}, nil
}

// readReports reads a report of many sales and holds it against the contract.
func (a *API) readReports(contentType string, from io.Reader) ([]report, *refusal) {
	text, refused := readText(contentType, from)
	if refused != nil {
		return nil, refused
	}
	bad := func(property, reason string) *refusal {
		return &refusal{status: http.StatusBadRequest, message: messageBadRequest, reason: reason, properties: []wire.ErrorDetail{{Property: property, Message: messageBadValue}}}
	}
	value, err := decodeExact(text)
	if err != nil {
		return nil, &refusal{status: http.StatusBadRequest, message: messageBadRequest, reason: err.Error()}
	}
	if refused := broken(a.sales, value); refused != nil {
		return nil, refused
	}
	canonical, err := json.Marshal(value)
	if err != nil {
		return nil, &refusal{status: http.StatusBadRequest, message: messageBadRequest, reason: err.Error()}
	}
	var body wire.SalesConfirmation
	if err := unmarshal(canonical, &body); err != nil {
		return nil, bad(unfit(err), err.Error())
	}
	if len(body.Data) == 0 {
		return nil, bad("data", "data tells of no sale, and the answer has the request_id of the first")
	}
	reports := make([]report, len(body.Data))
	for i, item := range body.Data {
		path := fmt.Sprintf("data[%d].", i)
		amount, ok := readAmount(item.Amount.String())
		if !ok {
			f := badAmount(item.RequestID, path)
			return nil, &f
		}
		reports[i] = report{place: i, path: path, id: uuid.MustParse(item.RequestID), offer: item.OfferID, partner: body.PartnerID, counterparty: item.CounterpartyID,
			amount: amount, upsaled: item.IsUpsaled}
	}
	return reports, nil
}

// refuseSale refuses the report of one sale: as not found when there is nothing of its ids.
func refuseSale(wrong []slip) refusal {
	for _, w := range wrong {
		if w.unknown {
			return refusal{status: http.StatusNotFound, requestID: w.id.String(), message: w.message, reason: w.reason}
		}
	}
	return refuseSales(wrong)
}

// refuseSales refuses a report and names each field that is wrong, once.
func refuseSales(wrong []slip) refusal {
	f := refusal{status: http.StatusBadRequest, requestID: wrong[0].id.String(), message: messageBadRequest}
	seen, reasons := map[slip]bool{}, []string{}
	for _, w := range wrong {
		key := slip{property: w.property, message: w.message}
		if reasons = append(reasons, w.property+": "+w.reason); seen[key] || len(f.properties) == maxProperties {
			continue
		}
		seen[key] = true
		f.properties = append(f.properties, wire.ErrorDetail{Property: w.property, Message: w.message})
	}
	f.reason = firstFew(reasons)
	return f
}

// saleNoted is the answer to a report that was taken, with what it is warned of.
type saleNoted struct{ id, warning string }

// VisitConfirmSaleResponse implements the generated interface.
func (s saleNoted) VisitConfirmSaleResponse(w http.ResponseWriter) error {
	warn(w, s.warning)
	respond(w, http.StatusOK, wire.SaleConfirmed{RequestID: s.id})
	return nil
}

// VisitConfirmSalesResponse implements the generated interface.
func (s saleNoted) VisitConfirmSalesResponse(w http.ResponseWriter) error {
	return s.VisitConfirmSaleResponse(w)
}

// VisitConfirmSaleResponse implements the generated interface.
func (f refusal) VisitConfirmSaleResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}

// VisitConfirmSalesResponse implements the generated interface.
func (f refusal) VisitConfirmSalesResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}
