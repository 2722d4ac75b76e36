package partner

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRouter(t *testing.T) {
	t.Parallel()
	says := func(word string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(word)) })
	}
	rt := &Router{NotFound: says("not found"), WrongMethod: says("wrong method"), Failed: func(w http.ResponseWriter, _ *http.Request, err error) {
		if !strings.Contains(err.Error(), "boom") {
			t.Errorf("the error does not say what happened: %v", err)
		}
		_, _ = w.Write([]byte("failed"))
	}}
	rt.HandleFunc("GET /a", says("got a").ServeHTTP)
	rt.HandleFunc("POST /a", says("posted a").ServeHTTP)
	rt.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("boom") })
	for request, want := range map[string]string{
		"GET /a": "got a", "HEAD /a": "got a", "POST /a": "posted a", "PUT /a": "wrong method", "GET /a/": "not found", "GET //a": "not found",
		"GET /b": "not found", "GET /panic": "failed",
	} {
		method, path, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		rt.ServeHTTP(w, httptest.NewRequest(method, "http://localhost"+path, nil))
		if got := w.Body.String(); got != want {
			t.Errorf("%s: %s, want %s", request, got, want)
		}
		if allow := w.Header().Get("Allow"); (want == "wrong method") != (allow == "GET, POST") {
			t.Errorf("%s: Allow is %q", request, allow)
		}
	}
}

func TestReasonIsAHeader(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	Reason(w, "a\r\nX-Evil: 1 Ж"+strings.Repeat("x", 5000))
	if got := w.Header().Get(ReasonHeader); !strings.HasPrefix(got, "a??X-Evil: 1 Zh") || len(got) > maxReason+3 {
		t.Errorf("%d bytes: %.40s", len(got), got)
	}
}

func TestLatin(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"Согласие": "Soglasie", "ЩЁТКА №1 «Юг» — ×2": `ShchETKA No1 "Iug" - x2`, "объявь": "obieiav'", "": "", "plain ~": "plain ~", "日\x00": "?\x00"} {
		if got := latin(text); got != want {
			t.Errorf("%s is %s, not %s", text, got, want)
		}
	}
}
