package osago

import (
	"net/http"
	"strings"
	"sync"

	"poligon/internal/contract"
	"poligon/internal/osago/internal/wire"
)

// quickPoll answers a poll whose query is a request_id in its canonical form and nothing else, as nearly every one is.
func (h *handler) quickPoll(w http.ResponseWriter, r *http.Request) bool {
	id, ok := strings.CutPrefix(r.URL.RawQuery, requestID+"=")
	if !ok || !contract.IsUUID(id) {
		return false
	}
	answer, err := h.GetCalculationStatus(r.Context(), wire.GetCalculationStatusRequestObject{Params: wire.GetCalculationStatusParams{RequestID: id}})
	if err == nil {
		err = answer.VisitGetCalculationStatusResponse(w)
	}
	if err != nil {
		failed(w, r, err)
	}
	return true
}

// statusBody is the answer of a poll, which is the hottest path of all: it is written in one go, with the keys in the order of
// seed 000. That it says what wire.CalculationStatusResponse would is tested.
type statusBody struct{ c *calculation }

var _ wire.GetCalculationStatusResponseObject = statusBody{}

// VisitGetCalculationStatusResponse implements the generated interface.
func (s statusBody) VisitGetCalculationStatusResponse(w http.ResponseWriter) error {
	buf, _ := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = s.append((*buf)[:0])
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(*buf)
	return err
}

var (
	buffers  = sync.Pool{New: func() any { b := make([]byte, 0, 512); return &b }} //nolint:gochecknoglobals // a pool
	jsonType = []string{"application/json"}
)

// append writes the body behind b. Nothing in it needs escaping: ids are hex and digits, statuses are the contract's.
func (s statusBody) append(b []byte) []byte {
	b = append(b, `{"request_id":"`...)
	b = append(b, s.c.text...)
	b = append(b, `","status":"`...)
	b = append(b, s.c.whole...)
	b = append(b, `","offers":[`...)
	first := s.c.firstOfferID()
	for i, offer := range s.c.offers {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"offer_id":"`...)
		b = appendOfferID(b, first, i)
		b = append(b, `","offer_status":"`...)
		b = append(b, offer.status...)
		b = append(b, `"}`...)
	}
	return append(b, "]}\n"...)
}
