package server

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"

	"poligon/internal/partner"
)

// away answers a request in the partner's words that cannot be kept, and so has not happened.
func (s *Server) away(w http.ResponseWriter, r *http.Request, api partner.API, err error) {
	clear(w.Header())
	var a answer
	a.take(w)
	defer a.release()
	api.Refuse(&a, r.WithContext(partner.With(r.Context(), &partner.Run{Library: s.config.Registry.Library()})), http.StatusServiceUnavailable)
	w.Header().Set("Retry-After", "1")
	if s.config.Headers != HeadersOff {
		partner.SetReason(w.Header(), "the store of the sessions is away; what was asked has not been done, or has been done as a whole: "+err.Error())
	}
	slog.Warn("a request is refused because the store is away", "method", r.Method, "path", r.URL.Path, "error", err)
	w.WriteHeader(a.code())
	_, _ = w.Write(a.body.Bytes()) // what fails here is the client's connection
}

// remember has what is read of a request's body be kept; again is the body from its beginning.
func remember(r *http.Request) (again func() io.ReadCloser) {
	if r.Body == nil || r.Body == http.NoBody {
		return func() io.ReadCloser { return r.Body }
	}
	kept := &memory{ReadCloser: r.Body}
	r.Body = kept
	return func() io.ReadCloser {
		return struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(kept.text), kept), kept}
	}
}

// memory keeps what is read.
type memory struct {
	io.ReadCloser
	text []byte
}

func (m *memory) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.text = append(m.text, p[:n]...)
	return n, err
}
