// Package bordereau simulates the partner API that imports people insured against flight delay: its rules, and its mapping to
// and from the wire. What it promises is in openapi/bordereau.
package bordereau

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"poligon/internal/bordereau/internal/wire"
	"poligon/internal/contract"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/sim"
)

// Name is the API's name, in scenarios and everywhere.
const Name = "bordereau"

// API is the simulated partner API.
type API struct {
	book       *rulebook
	router     partner.Router
	doc        *contract.Document
	access     Access
	operations map[string]string
}

var _ partner.API = (*API)(nil)

// New returns the API that the contract describes, open to those that have access.
func New(contractText []byte, access Access) (*API, error) {
	doc, err := contract.Load(contractText)
	if err != nil {
		return nil, err
	}
	a := &API{doc: doc, access: access, operations: doc.Operations()}
	if a.book, err = newRulebook(doc); err != nil {
		return nil, fmt.Errorf("the bordereau contract: %w", err)
	}
	h := &handler{a.book, access}
	refuse := func(code, reason string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { h.refuse(r.Context(), code, reason).write(w) }
	}
	a.router.NotFound = refuse(wrongPath, "the bordereau API has only POST /api/v2/importBordereau")
	a.router.WrongMethod = refuse(wrongMethod, "an import is a POST")
	a.router.Failed = h.failed
	strict := wire.NewStrictHandlerWithOptions(h, []wire.StrictMiddlewareFunc{withLength}, wire.StrictHTTPServerOptions{
		RequestErrorHandlerFunc:  h.badRequest,
		ResponseErrorHandlerFunc: h.failed,
	})
	quick := partner.Quick{Routes: &a.router, Pattern: "POST /api/v2/importBordereau", Answers: quickImport(strict)}
	wire.HandlerWithOptions(strict, wire.StdHTTPServerOptions{BaseRouter: quick, ErrorHandlerFunc: h.badRequest})
	return a, nil
}

// Part implements partner.API.
func (a *API) Part() scenario.Part {
	return scenario.Part{API: Name, Doc: "what the import of insured people knows and refuses, beside what the contract says", MagicFields: magicNames(), Magic: a.book.checkMagic, Read: a.book.readScript, Check: a.book.check}
}

// Prefixes implements partner.API.
func (a *API) Prefixes() []string { return []string{"/api/"} }

// Operations implements partner.API.
func (a *API) Operations() map[string]string { return a.operations }

// ServeHTTP implements partner.API.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.router.ServeHTTP(w, r) }

// Next implements partner.API: an imported risk does not change by itself.
func (a *API) Next(*partner.Run, sim.Subject, []sim.Event) (time.Time, bool) {
	return time.Time{}, false
}

// texts are the messages of the scenario that a request as a whole plays; the one of a code is about to be used.
func texts(ctx context.Context, code string) map[string]string {
	run := partner.From(ctx)
	s := run.Library.Script(run.Default(), Name).(*script)
	s.touchMessage(run, code)
	return s.messages
}

// Changes implements partner.API.
func (a *API) Changes(*partner.Run, sim.Subject, []sim.Event, time.Time, time.Time) []partner.Change {
	return nil
}
