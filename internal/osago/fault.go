package osago

import (
	"net/http"

	"poligon/internal/contract"
)

// Refuse implements partner.API.
func (a *API) Refuse(w http.ResponseWriter, r *http.Request, status int) {
	message := "Внутренняя ошибка сервера."
	switch {
	case status == http.StatusTooManyRequests:
		message = "Слишком много запросов."
	case status == http.StatusServiceUnavailable:
		message = "Сервис временно недоступен."
	case status < http.StatusInternalServerError:
		message = messageBadRequest
	}
	refusal{status: status, requestID: r.URL.Query().Get(requestID), message: message}.write(w)
}

// Contract implements partner.API.
func (a *API) Contract() *contract.Document { return a.doc }
