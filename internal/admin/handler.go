package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"poligon/internal/admin/internal/wire"
	"poligon/internal/bordereau"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/session"
	"poligon/internal/store"
)

// handler maps sessions to and from the wire.
type handler struct {
	Config
	machine   partner.Machine // whose subjects are calculations
	bordereau *bordereau.API
	acts      map[string]string // operationIds of acts, by the pattern of their route
}

// asProblem says how an error of the registry is answered; pointer is where in the body it belongs.
func asProblem(err error, name, pointer string) error {
	var notAllowed *partner.NotAllowed
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrAway), errors.Is(err, store.ErrMoved):
		return away(err)
	case errors.Is(err, session.ErrUnknown):
		return &problem{status: http.StatusNotFound, detail: fmt.Sprintf("there is no session %q", name),
			hint: "create it with PUT /__admin/sessions/" + name + ", or by its first use"}
	case errors.Is(err, session.ErrExpired):
		return &problem{status: http.StatusGone, detail: err.Error(), hint: "PUT /__admin/sessions/" + name + " begins it anew"}
	case errors.Is(err, session.ErrExists):
		return &problem{status: http.StatusConflict, detail: fmt.Sprintf("session %q exists with another configuration", name),
			hint: "DELETE it first, or use another name; its first use may have created it"}
	case errors.Is(err, session.ErrFull):
		return &problem{status: http.StatusServiceUnavailable, detail: err.Error()}
	case errors.Is(err, session.ErrBound):
		return &problem{status: http.StatusConflict, detail: err.Error(), hint: "credentials choose one session; take them away from the other, or delete it"}
	case errors.Is(err, session.ErrNothingToCome):
		return &problem{status: http.StatusConflict, detail: err.Error(), hint: "start a calculation, or advance by a duration: documents and reports of sales become due by the clock alone, which changes no status"}
	case errors.Is(err, session.ErrNeverReached):
		return &problem{status: http.StatusConflict, detail: err.Error(), hint: "choose a status on its way, or fire the event that leads there"}
	case errors.Is(err, session.ErrNotWhole):
		return &problem{status: http.StatusConflict, detail: err.Error()}
	case errors.Is(err, session.ErrVersions):
		return &problem{status: http.StatusConflict, detail: err.Error(), hint: "reset the session, or delete it"}
	case errors.Is(err, session.ErrNoFault):
		return &problem{status: http.StatusNotFound, detail: err.Error(), hint: "GET …/faults lists them; those of a scenario cannot be removed"}
	case errors.Is(err, partner.ErrUnknownSubject):
		return &problem{status: http.StatusNotFound, detail: err.Error(), hint: "ask for its status once, or start it, in this session"}
	case errors.As(err, &notAllowed):
		return &problem{status: http.StatusConflict, detail: err.Error(), hint: "fire one of those that are allowed, or force a status"}
	}
	return &problem{status: http.StatusBadRequest, detail: err.Error(), errors: []wire.ProblemDetail{{Pointer: pointer, Code: "value"}}}
}

// ListSessions implements wire.StrictServerInterface.
func (h *handler) ListSessions(ctx context.Context, req wire.ListSessionsRequestObject) (wire.ListSessionsResponseObject, error) {
	list, limit, after := wire.ListSessions200JSONResponse{Sessions: []wire.Session{}}, pageOf(req.Params.Limit), value(req.Params.After)
	for _, label := range value(req.Params.Label) {
		if !strings.Contains(label, "=") {
			return nil, &problem{status: http.StatusBadRequest, detail: fmt.Sprintf("%q is not a label", label), hint: "write it as key=value",
				errors: []wire.ProblemDetail{{Pointer: "label", Code: "value"}}}
		}
	}
	all, err := h.Registry.All()
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if s.Name() <= after || !labelled(s, value(req.Params.Label)) {
			continue
		}
		if len(list.Sessions) == limit {
			list.Next = &list.Sessions[limit-1].Name
			break
		}
		item, err := wireSession(ctx, s)
		if err != nil {
			return nil, err
		}
		list.Sessions = append(list.Sessions, item)
	}
	return list, nil
}

func labelled(s *session.Session, labels []string) bool {
	for _, label := range labels {
		key, want, _ := strings.Cut(label, "=")
		if got, ok := s.Labels()[key]; !ok || got != want {
			return false
		}
	}
	return true
}

// pageOf is the size of a page.
func pageOf(limit *int) int {
	if limit == nil {
		return 100
	}
	return *limit
}

// wrongParameter refuses the value of a parameter.
func wrongParameter(name, detail string) *problem {
	return &problem{status: http.StatusBadRequest, detail: name + ": " + detail, errors: []wire.ProblemDetail{{Pointer: name, Code: "value"}}}
}

// value is what p points to, or the zero value.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// PutSession implements wire.StrictServerInterface.
func (h *handler) PutSession(ctx context.Context, req wire.PutSessionRequestObject) (wire.PutSessionResponseObject, error) {
	config, err := h.config(req.Body)
	if err != nil {
		return nil, err
	}
	s, created, err := h.Registry.Put(req.Session, config)
	switch {
	case errors.Is(err, scenario.ErrUnknown):
		return nil, asProblem(err, req.Session, "/scenario")
	case err != nil:
		return nil, asProblem(err, req.Session, "session")
	}
	shown, err := wireSession(ctx, s)
	if created {
		return wire.PutSession201JSONResponse(shown), err
	}
	return wire.PutSession200JSONResponse(shown), err
}

// config is the configuration that a body asks for; what it leaves out is the server's default.
func (h *handler) config(body *wire.SessionConfig) (session.Config, error) {
	config := h.Registry.Defaults
	if body == nil {
		return config, nil
	}
	if body.Scenario != nil {
		config.Scenario = *body.Scenario
	}
	if body.Seed != nil {
		config.Seed = uint64(*body.Seed)
	}
	if err := h.limits(body, &config); err != nil {
		return config, err
	}
	if body.Clock == nil {
		return config, nil
	}
	if body.Clock.Start != nil {
		config.Start = body.Clock.Start.UTC()
		if !config.Start.After(time.Time{}) || config.Start.Year() > lastYear {
			return config, &problem{status: http.StatusBadRequest, detail: "a clock cannot start outside the years 1 to 9999",
				errors: []wire.ProblemDetail{{Pointer: "/clock/start", Code: "value"}}}
		}
	}
	speed, err := clockSpeed(body.Clock, config.Speed)
	config.Speed = speed
	return config, err
}

// limits reads how long the session lives, what it keeps, and what it is found by.
func (h *handler) limits(body *wire.SessionConfig, config *session.Config) error {
	if body.TTL != nil {
		d, err := scenario.ParseDuration(*body.TTL)
		if err == nil && d <= 0 {
			err = errors.New("a ttl of 0 would forget the session at once")
		}
		if err != nil {
			return &problem{status: http.StatusBadRequest, detail: err.Error(), hint: "write it as 30m", errors: []wire.ProblemDetail{{Pointer: "/ttl", Code: "value"}}}
		}
		config.TTL = d
	}
	if j := body.Journal; j != nil {
		if j.Entries != nil {
			config.Journal.Entries = *j.Entries
		}
		if j.Bytes != nil {
			config.Journal.Bytes = *j.Bytes
		}
	}
	config.Labels, config.Partners, config.Users = value(body.Labels), value(body.Partners), value(body.Users)
	return nil
}

func clockSpeed(c *wire.ClockConfig, otherwise float64) (float64, error) {
	wrong := func(detail, hint string) (float64, error) {
		return 0, &problem{status: http.StatusBadRequest, detail: detail, hint: hint, errors: []wire.ProblemDetail{{Pointer: "/clock/speed", Code: "value"}}}
	}
	mode := wire.ClockMode("")
	if c.Mode != nil {
		mode = *c.Mode
	}
	switch {
	case mode == wire.ClockModeScaled && c.Speed == nil:
		return wrong("a scaled clock needs a speed", `add "speed": 60 for a minute a second`)
	case mode == wire.ClockModeScaled:
		return *c.Speed, nil
	case c.Speed != nil:
		return wrong("a speed goes with a scaled clock alone", `set "mode": "scaled" or leave speed out`)
	case mode == wire.ClockModeFrozen:
		return 0, nil
	case mode == wire.ClockModeReal:
		return 1, nil
	}
	return otherwise, nil
}

// ShowSession implements wire.StrictServerInterface.
func (h *handler) ShowSession(ctx context.Context, req wire.ShowSessionRequestObject) (wire.ShowSessionResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	shown, err := wireSession(ctx, s)
	return wire.ShowSession200JSONResponse(shown), err
}

// DeleteSession implements wire.StrictServerInterface.
func (h *handler) DeleteSession(_ context.Context, req wire.DeleteSessionRequestObject) (wire.DeleteSessionResponseObject, error) {
	if err := h.Registry.Delete(req.Session); err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	return wire.DeleteSession204Response{}, nil
}

// ResetSession implements wire.StrictServerInterface.
func (h *handler) ResetSession(ctx context.Context, req wire.ResetSessionRequestObject) (wire.ResetSessionResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	parts := session.Everything()
	if req.Body != nil && req.Body.Only != nil {
		only := func(part wire.ResetOnly) bool { return slices.Contains(*req.Body.Only, part) }
		parts = session.Parts{Subjects: only(wire.ResetOnlySubjects), Clock: only(wire.ResetOnlyClock), Journal: only(wire.ResetOnlyJournal), Faults: only(wire.ResetOnlyFaults)}
	}
	if err := s.Reset(ctx, partner.From(ctx), parts); err != nil {
		return nil, err
	}
	shown, err := wireSession(ctx, s)
	return wire.ResetSession200JSONResponse(shown), err
}

// metrics is the answer of showMetrics.
type metrics struct{ http.Handler }

// VisitShowMetricsResponse implements wire.ShowMetricsResponseObject.
func (m metrics) VisitShowMetricsResponse(w http.ResponseWriter) error {
	m.ServeHTTP(w, &http.Request{Method: http.MethodGet, Header: http.Header{}})
	return nil
}

// ShowMetrics implements wire.StrictServerInterface.
func (h *handler) ShowMetrics(context.Context, wire.ShowMetricsRequestObject) (wire.ShowMetricsResponseObject, error) {
	return metrics{h.Metrics}, nil
}

// Live implements wire.StrictServerInterface.
func (h *handler) Live(context.Context, wire.LiveRequestObject) (wire.LiveResponseObject, error) {
	return wire.Live200JSONResponse(h.health()), nil
}

// Ready implements wire.StrictServerInterface.
func (h *handler) Ready(ctx context.Context, _ wire.ReadyRequestObject) (wire.ReadyResponseObject, error) {
	if !h.Config.Ready() {
		return nil, &problem{status: http.StatusServiceUnavailable, detail: "the server is shutting down"}
	}
	if h.Registry.Store != nil {
		if err := h.Registry.Store.Ready(ctx); err != nil {
			return nil, away(err)
		}
	}
	return wire.Ready200JSONResponse(h.health()), nil
}

func (h *handler) health() wire.Health {
	n := len(h.Registry.Library().All())
	return wire.Health{Status: wire.HealthStatusOk, Version: &h.Version, Scenarios: &n}
}

func wireSession(ctx context.Context, s *session.Session) (wire.Session, error) {
	st := s.State()
	subjects, err := s.Subjects(ctx)
	origin, _ := ctx.Value(originKey{}).(string)
	shown := wire.Session{Name: st.Name, URL: session.BaseURL(origin, st.Name), Scenario: st.Scenario, Chosen: st.Chosen, Seed: int64(st.Seed),
		Clock: wireClock(st), Subjects: subjects, Number: int64(st.Number),
		Journal: wire.JournalState{Entries: st.Journal.Entries, Bytes: st.Journal.Bytes, Dropped: int64(st.Journal.Dropped)}}
	if len(st.Config.Labels) > 0 {
		shown.Labels = &st.Config.Labels
	}
	if !st.Expires.IsZero() {
		shown.Expires = &st.Expires
	}
	if st.Forked != "" {
		shown.ForkedFrom = &st.Forked
	}
	return shown, err
}

func wireClock(st session.State) wire.Clock {
	return wire.Clock{Mode: wire.ClockMode(st.Mode), Speed: st.Speed, Start: st.Start, Now: st.Now}
}
