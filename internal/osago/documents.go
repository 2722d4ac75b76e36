package osago

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"poligon/internal/osago/internal/wire"
	"poligon/internal/partner"
)

// The documents of an offer: the draft of the policy and the policy itself (contract facts A9, A10). When each is ready follows from
// the calculation's course and the clock alone, and so does every byte of it.

// asked is a request for a document.
type asked struct {
	request, offer string // ids as they were sent
	format         *wire.DocumentFormat
	draft          bool
}

// documentAnswer answers a request for either document.
type documentAnswer interface {
	wire.GetOfferDraftResponseObject
	wire.GetOfferPolicyResponseObject
}

// GetOfferDraft implements wire.StrictServerInterface.
func (h *handler) GetOfferDraft(ctx context.Context, req wire.GetOfferDraftRequestObject) (wire.GetOfferDraftResponseObject, error) {
	return h.document(ctx, asked{req.Params.RequestID, req.Params.OfferID, req.Params.Format, true})
}

// GetOfferPolicy implements wire.StrictServerInterface.
func (h *handler) GetOfferPolicy(ctx context.Context, req wire.GetOfferPolicyRequestObject) (wire.GetOfferPolicyResponseObject, error) {
	return h.document(ctx, asked{req.Params.RequestID, req.Params.OfferID, req.Params.Format, false})
}

func (h *handler) document(ctx context.Context, a asked) (documentAnswer, error) {
	if a.format != nil && !a.format.Valid() {
		note(ctx, a.request)
		return refusal{status: http.StatusBadRequest, requestID: a.request, message: messageBadRequest, reason: "format is base64 or binary, or left out",
			properties: []wire.ErrorDetail{{Property: "format", Message: messageBadValue}}}, nil
	}
	c, refused, err := h.found(ctx, a.request, looks)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return *refused, nil
	}
	i := c.offerOf(a.offer)
	if i == whole {
		return c.noOffer(), nil
	}
	made, ready, refused := c.documentOf(i, a.draft)
	if refused != nil {
		return *refused, nil
	}
	run := partner.From(ctx)
	if !a.draft { // a draft shows no status
		c.touchOffer(run.Session, i)
	}
	if !ready {
		return c.documentBody(i, a, nil), nil
	}
	return c.readyDocument(i, a, made, run.Where.String())
}

// readyDocument is a document in the form that was asked for.
func (c *calculation) readyDocument(i int, a asked, made time.Time, base string) (documentAnswer, error) {
	paper, err := c.paper(i, a.draft, made)
	if err != nil {
		return nil, err
	}
	pdf, err := paper.PDF()
	if err != nil {
		return nil, err
	}
	if value(a.format) == wire.DocumentFormatBinary {
		return binaryDocument(pdf), nil
	}
	link := ""
	if a.format == nil {
		path := "/osago/offer/policy?"
		if a.draft {
			path = "/osago/offer/draft?"
		}
		link = base + path + url.Values{"request_id": {c.text}, "offer_id": {c.offerID(i)}, "format": {string(wire.DocumentFormatBinary)}}.Encode()
	}
	return c.documentBody(i, a, &handedOver{pdf, link, paper.From}), nil
}

// offerOf is the place of the offer of an id in the script; whole when there is none.
func (c *calculation) offerOf(id string) int {
	for i := range c.story.offers {
		if c.offerID(i) == id {
			return i
		}
	}
	return whole
}

// documentOf says whether an offer's document is ready and when it came to be, or why there will be none. An offer has a draft as long
// as it shows its price. A client that waits for the policy of an offer that can still be paid is told its status; where the offer is
// gone there is nothing to wait for (inferred).
func (c *calculation) documentOf(i int, draft bool) (made time.Time, ready bool, refused *refusal) {
	status, since, wait := c.offers[i].status, c.since(i), c.story.offers[i].papers
	reason := "offer " + c.offerID(i) + " is " + string(status)
	switch gone := status.phase() == gone; {
	case draft && (status == Rejected || status == OfferError):
		return made, false, &refusal{status: http.StatusNotFound, requestID: c.text, message: "Проект полиса не составляется: " + lower(messages[status]), reason: reason + " and has no draft"}
	case draft && !c.priced(i):
		return made, false, &refusal{status: http.StatusNotFound, requestID: c.text, message: "Проект полиса не составляется: предложение не рассчитано.",
			reason: reason + " and never had a price; a draft is made once an offer has one: wait, or fire an event"}
	case draft:
		made, ready = c.ready(since.priced, wait.draft)
	case gone:
		return made, false, &refusal{status: http.StatusNotFound, requestID: c.text, message: "Полис не оформляется: " + lower(messages[status]), reason: reason + " and will have no policy"}
	case paidStatuses[status]:
		made, ready = c.ready(since.paid, wait.policy)
	}
	return made, ready, nil
}

// lower begins a sentence as the second half of another.
func lower(sentence string) string {
	first, rest, _ := strings.Cut(sentence, " ")
	return strings.ToLower(first) + " " + rest
}

// handedOver is a document that is ready.
type handedOver struct {
	pdf   []byte
	link  string // empty for none
	since time.Time
}

// documentBody is the JSON of a document; ready is nil while it is in process.
func (c *calculation) documentBody(i int, a asked, ready *handedOver) documentAnswer {
	var file *wire.DocumentFile
	var link *string
	var begins *time.Time
	if ready != nil {
		file = &wire.DocumentFile{Type: ptr("base64"), Data: ptr("data:application/pdf;base64," + base64.StdEncoding.EncodeToString(ready.pdf))}
		begins = &ready.since
		if ready.link != "" {
			link = &ready.link
		}
	}
	id := c.offerID(i)
	switch {
	case !a.draft:
		return jsonDocument{wire.OfferPolicy{OfferID: id, RequestID: c.text, Status: wire.OfferStatus(c.offers[i].status), PolicyStartDate: begins, URL: link, File: file}}
	case ready == nil:
		return jsonDocument{wire.OfferDraftInProcess{OfferID: id, RequestID: c.text, Status: wire.OfferDraftInProcessStatusInProcess}}
	}
	return jsonDocument{wire.OfferDraftSuccess{OfferID: id, RequestID: c.text, Status: wire.OfferDraftSuccessStatusSuccess, URL: link, File: file}}
}

// jsonDocument is a document, or word of it, in JSON.
type jsonDocument struct{ body any }

// VisitGetOfferDraftResponse implements the generated interface.
func (d jsonDocument) VisitGetOfferDraftResponse(w http.ResponseWriter) error {
	respond(w, http.StatusOK, d.body)
	return nil
}

// VisitGetOfferPolicyResponse implements the generated interface.
func (d jsonDocument) VisitGetOfferPolicyResponse(w http.ResponseWriter) error {
	respond(w, http.StatusOK, d.body)
	return nil
}

// binaryDocument is the PDF itself.
type binaryDocument []byte

// VisitGetOfferDraftResponse implements the generated interface.
func (d binaryDocument) VisitGetOfferDraftResponse(w http.ResponseWriter) error { return d.write(w) }

// VisitGetOfferPolicyResponse implements the generated interface.
func (d binaryDocument) VisitGetOfferPolicyResponse(w http.ResponseWriter) error { return d.write(w) }

func (d binaryDocument) write(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "application/pdf")
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(d)
	return err
}

// VisitGetOfferDraftResponse implements the generated interface.
func (f refusal) VisitGetOfferDraftResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}

// VisitGetOfferPolicyResponse implements the generated interface.
func (f refusal) VisitGetOfferPolicyResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}
