// Package osago simulates the partner API through which a marketplace asks for ОСАГО offers: its rules, and its mapping to and
// from the wire. What it promises is in openapi/osago.
package osago

import (
	"net/http"
	"sync"

	"poligon/internal/contract"
	"poligon/internal/osago/internal/wire"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/vehicles"
)

// Name is the API's name, in scenarios and everywhere.
const Name = "osago"

// requestID is the field whose magic values choose a scenario.
const requestID = "request_id"

// API is the simulated partner API.
type API struct {
	unknownNotFound bool
	request         *contract.Schema // of a calculation request
	router          partner.Router
	doc             *contract.Document
	operations      map[string]string
	reader          scriptReader
	offer           *contract.Schema // of an answer
	sales           *contract.Schema // of a report of many sales
	confirmation    *contract.Schema // of a request that confirms an offer
	fields          struct{ request, confirmation fields }
	token           string // that reports of sales carry; empty for none
	sends           bool   // whether partners tell of their sales by themselves
	access          Access
	vehicles        func() (*vehicles.Dictionary, error)
	plain           sync.Map // for the check of stories
}

var (
	_ partner.Machine = (*API)(nil)
	_ partner.Sender  = (*API)(nil)
)

// New returns the API that the contract describes. With unknownNotFound a look at an unknown request_id is a 404 whatever the
// scenario says.
func New(contractText []byte, unknownNotFound bool) (*API, error) {
	doc, err := contract.Load(contractText)
	if err != nil {
		return nil, err
	}
	a := &API{unknownNotFound: unknownNotFound, doc: doc, operations: doc.Operations(), vehicles: sync.OnceValues(vehicles.Read)}
	if a.request, err = doc.Schema("CalculationRequest"); err != nil {
		return nil, err
	}
	if a.confirmation, err = doc.Schema("ConfirmOfferRequest"); err != nil {
		return nil, err
	}
	if a.offer, err = doc.Schema("Offer"); err != nil {
		return nil, err
	}
	if a.sales, err = doc.Schema("SalesConfirmation"); err != nil {
		return nil, err
	}
	a.fields.request, a.fields.confirmation = fieldsOf(a.request), fieldsOf(a.confirmation)
	a.reader = scriptReader{paths: a.request.Paths()}
	a.router.NotFound = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reason := "the contract has no path " + r.URL.Path
		if near := scenario.Nearest(r.URL.Path, a.router.Paths()); near != "" {
			reason += "; did you mean " + near + "?"
		}
		refusing(http.StatusNotFound, "Метод не найден.", reason).ServeHTTP(w, r)
	})
	a.router.WrongMethod = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refusing(http.StatusMethodNotAllowed, "Метод не поддерживается.", "the path takes "+w.Header().Get("Allow")).ServeHTTP(w, r)
	})
	a.router.Failed = failed
	h := &handler{api: a}
	strict := wire.NewStrictHandlerWithOptions(h, nil, wire.StrictHTTPServerOptions{
		RequestErrorHandlerFunc:  badRequest,
		ResponseErrorHandlerFunc: failed,
	})
	poll := partner.Quick{Routes: guarded{&a.router, a}, Pattern: "GET /osago/calculate/status", Answers: h.quickPoll}
	wire.HandlerWithOptions(strict, wire.StdHTTPServerOptions{BaseRouter: poll, ErrorHandlerFunc: badRequest})
	a.router.HandleFunc("GET /pay", h.payPage) // not in the contract: where payment links lead
	a.router.HandleFunc("POST /pay", h.pay)
	return a, nil
}

// Part implements partner.API.
func (a *API) Part() scenario.Part {
	return scenario.Part{API: Name, Doc: "how the partner of the ОСАГО API answers", MagicFields: magicNames(), Magic: checkMagic, Read: a.reader.read, Check: a.check}
}

// Prefixes implements partner.API.
func (a *API) Prefixes() []string {
	return []string{"/osago/", "/dictionaries/", "/auto/", "/confirm", "/pay"}
}

// Operations implements partner.API.
func (a *API) Operations() map[string]string { return a.operations }

// ServeHTTP implements partner.API.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.router.ServeHTTP(w, r) }

// Statuses implements partner.Machine.
func (a *API) Statuses(part bool) []string {
	if part {
		return offerStatuses
	}
	return calculationStatuses
}
