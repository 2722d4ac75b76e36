package osago

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
)

// A fault of ours is told as the documents' 500, and nothing of its text.
func TestFailed(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	failed(w, httptest.NewRequest("GET", "/osago/calculate?request_id=123e4567-e89b-12d3-a456-426614174000", nil), errors.New("disk on fire"))
	const want = `{"request_id":"123e4567-e89b-12d3-a456-426614174000","message":"Внутренняя ошибка сервера."}`
	if got := strings.TrimSpace(w.Body.String()); w.Code != 500 || got != want || w.Header().Get("X-Poligon-Reason") != "" {
		t.Errorf("%d %s", w.Code, got)
	}
}
