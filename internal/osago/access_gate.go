package osago

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"

	"poligon/internal/journal"
	"poligon/internal/partner"
)

// RequireAccess has the operations that the partner hosts ask for credentials. Call it before the API serves.
func (a *API) RequireAccess(access Access) { a.access = access }

// errDenied says that a request's credentials do not let it decide anything.
var errDenied = fmt.Errorf("%w: access is denied", partner.ErrHeld)

// gate is a session whose turns are for those alone whose credentials are good at the instant of the turn. So a request that is denied
// changes nothing, wherever it would have decided.
type gate struct {
	partner.Session
	pass     pass
	recorded *journal.Access // what was found out then; nil unless this is a replay
}

// Enter implements partner.Session.
func (g *gate) Enter(run *partner.Run) error {
	if err := g.Session.Enter(run); err != nil {
		return err
	}
	access := g.recorded
	if access == nil {
		access = &journal.Access{}
		if access.Reason = g.pass.at(run.Now); access.Reason != "" {
			access.Code = "403"
		}
	}
	if run.Note.Access = access; access.Code != "" {
		g.Leave(run)
		return errDenied
	}
	return nil
}

// withAccess lets those requests through whose credentials are good. What they are answered is held back until their turn has shown
// that, for nobody knows the time before.
func (a *API) withAccess(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		run := partner.From(r.Context())
		if !a.access.asks() && (run.Recorded == nil || run.Recorded.Code == "") {
			h(w, r)
			return
		}
		g := &gate{Session: run.Session, recorded: run.Recorded}
		if g.recorded == nil {
			g.pass = a.access.look(sent{r.Header, r.URL.Query(), run.Session.Name(), tokenKey(run.Dice)})
		}
		run.Session = g
		defer func() { run.Session = g.Session }()
		answer := heldBack{header: http.Header{}}
		h(&answer, r)
		if !run.Entered() && !run.Outdated && g.Enter(run) == nil {
			g.Leave(run)
		}
		switch access := run.Note.Access; {
		case access == nil: // a fault answers, or the request is asked again
		case access.Code == "":
			answer.send(w)
		default:
			id := r.URL.Query().Get(requestID)
			if len(run.Note.Subjects) > 0 {
				id = run.Note.Subjects[0]
			}
			note(r.Context(), id)
			refusal{status: http.StatusForbidden, requestID: id, message: "Доступ запрещён.", reason: access.Reason}.write(w)
		}
	}
}

// heldBack is an answer that is not sent yet.
type heldBack struct {
	header http.Header
	status int
	body   bytes.Buffer
	reason string
}

// Header implements http.ResponseWriter.
func (b *heldBack) Header() http.Header { return b.header }

// WriteHeader implements http.ResponseWriter.
func (b *heldBack) WriteHeader(status int) {
	if b.status == 0 {
		b.status = status
	}
}

// Write implements http.ResponseWriter.
func (b *heldBack) Write(p []byte) (int, error) {
	b.WriteHeader(http.StatusOK)
	return b.body.Write(p)
}

// Reason takes why a client is refused: see partner.Reason.
func (b *heldBack) Reason(why string) { b.reason = why }

func (b *heldBack) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), b.header)
	if b.reason != "" {
		partner.Reason(w, b.reason)
	}
	w.WriteHeader(max(b.status, http.StatusOK))
	_, _ = w.Write(b.body.Bytes()) // what fails here is the client's connection
}
