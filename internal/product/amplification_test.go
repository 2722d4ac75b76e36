package product_test

import (
	"net/http"
	"strings"
	"testing"
)

// A body that is broken from end to end gets an answer of bounded size.
func TestAnswersOfBrokenBodiesAreBounded(t *testing.T) {
	t.Parallel()
	s := start(t, setup{defaults: realTime}).frozen(t, "")
	drivers := func(n int) string {
		return `{"request_id":"11111111-1111-4111-8111-111111111111","drivers_info":{"drivers":[` + strings.TrimSuffix(strings.Repeat("{},", n), ",") + `]}}`
	}
	for n, status := range map[int]int{1_000: http.StatusBadRequest, 60_000: http.StatusBadRequest, 100_000: http.StatusRequestEntityTooLarge} {
		a := s.do(t, call{method: "POST", path: "/osago/calculate", header: map[string]string{"Content-Type": "application/json"}, body: []byte(drivers(n))})
		if a.status != status || len(a.body) > 64<<10 {
			t.Errorf("%d drivers: %d with %d bytes, want %d", n, a.status, len(a.body), status)
		}
		if status == http.StatusBadRequest && !strings.Contains(a.header.Get("X-Poligon-Reason"), "more") {
			t.Errorf("%d drivers: the reason does not say that there are more: %s", n, a.header.Get("X-Poligon-Reason"))
		}
	}
}
