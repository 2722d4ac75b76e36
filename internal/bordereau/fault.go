package bordereau

import (
	"net/http"

	"poligon/internal/contract"
)

// Refuse implements partner.API.
func (a *API) Refuse(w http.ResponseWriter, r *http.Request, status int) {
	h := handler{book: a.book}
	no := h.refuse(r.Context(), internal, "")
	no.status = status
	no.write(w)
}

// Contract implements partner.API.
func (a *API) Contract() *contract.Document { return a.doc }
