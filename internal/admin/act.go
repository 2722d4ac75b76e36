package admin

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"poligon/internal/journal"
	"poligon/internal/partner"
	"poligon/internal/store"
)

// keep has the session's journal keep an act with its answer, so that a replay can repeat it. The handler finds the act's run
// in its context. An act that was refused before it had its turn changed nothing and is not kept.
func (a *API) keep(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		operation, isAct := a.h.acts[r.Pattern]
		if !isAct {
			next.ServeHTTP(w, r)
			return
		}
		text, err := io.ReadAll(r.Body)
		if err != nil {
			unread(w, err)
			return
		}
		for range attempts {
			if err = a.act(next, w, r, operation, text); !errors.Is(err, store.ErrMoved) {
				break
			}
			clear(w.Header())
		}
		if err != nil {
			failed(w, r, asProblem(err, r.PathValue("session"), "session"))
		}
	})
}

// attempts bounds how often an act is done again because another server of the same store was faster.
const attempts = 1000

// act is one attempt of an act. An error says that nothing was answered: what it did does not stand, or there is no session.
func (a *API) act(next http.Handler, w http.ResponseWriter, r *http.Request, operation string, text []byte) error {
	sess, err := a.h.Registry.Find(r.PathValue("session"))
	if err != nil {
		return err
	}
	run := &partner.Run{Exchange: journal.Exchange{Act: true, API: "admin", Operation: operation, Request: journal.Request{
		Method: r.Method, Target: r.URL.RequestURI(), Host: r.Host, Body: text, Size: int64(len(text))}}}
	sess.Begin(run)
	ended := false
	defer func() {
		if !ended { // the handler panicked
			sess.Abandon(run)
		}
	}()
	r = r.WithContext(partner.With(r.Context(), run))
	r.Body = io.NopCloser(bytes.NewReader(text))
	answer := &said{ResponseWriter: w, status: http.StatusOK}
	next.ServeHTTP(answer, r)
	run.Exchange.Answer = journal.Answer{Status: answer.status, Body: answer.body.Bytes(), Size: int64(answer.body.Len())}
	sess.Abandon(run) // before the client sees the answer, so that it finds the act in the journal
	ended = true
	if run.Lost != nil {
		return run.Lost
	}
	a.h.deliver(r.Context(), sess)
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body.Bytes()) // what fails here is the client's connection
	return nil
}

// said keeps what a handler answers, and sends nothing.
type said struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (s *said) WriteHeader(status int) { s.status = status }

// Write implements http.ResponseWriter.
func (s *said) Write(p []byte) (int, error) {
	return s.body.Write(p)
}
