package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"poligon/internal/admin/internal/wire"
	"poligon/internal/scenario"
	"poligon/internal/session"
)

// handler maps sessions to and from the wire.
type handler struct {
	registry *session.Registry
	version  string
	ready    func() bool
}

// asProblem says how an error of the registry is answered; pointer is where in the body it belongs.
func asProblem(err error, name, pointer string) error {
	switch {
	case errors.Is(err, session.ErrUnknown):
		return &problem{status: http.StatusNotFound, detail: fmt.Sprintf("there is no session %q", name),
			hint: "create it with PUT /__admin/sessions/" + name + ", or by its first use"}
	case errors.Is(err, session.ErrExists):
		return &problem{status: http.StatusConflict, detail: fmt.Sprintf("session %q exists with another configuration", name),
			hint: "DELETE it first, or use another name; its first use may have created it"}
	case errors.Is(err, session.ErrFull):
		return &problem{status: http.StatusServiceUnavailable, detail: err.Error()}
	case errors.Is(err, session.ErrNothingToCome):
		return &problem{status: http.StatusConflict, detail: err.Error(), hint: "start a calculation, or advance by a duration"}
	case err != nil:
		return &problem{status: http.StatusBadRequest, detail: err.Error(), errors: []wire.ProblemDetail{{Pointer: pointer, Code: "value"}}}
	}
	return nil
}

// ListSessions implements wire.StrictServerInterface.
func (h *handler) ListSessions(ctx context.Context, _ wire.ListSessionsRequestObject) (wire.ListSessionsResponseObject, error) {
	list := wire.ListSessions200JSONResponse{Sessions: []wire.Session{}}
	for _, s := range h.registry.All() {
		item, err := wireSession(ctx, s)
		if err != nil {
			return nil, err
		}
		list.Sessions = append(list.Sessions, item)
	}
	return list, nil
}

// PutSession implements wire.StrictServerInterface.
func (h *handler) PutSession(ctx context.Context, req wire.PutSessionRequestObject) (wire.PutSessionResponseObject, error) {
	config, err := h.config(req.Body)
	if err != nil {
		return nil, err
	}
	s, created, err := h.registry.Put(req.Session, config)
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
	config := h.registry.Defaults
	if body == nil {
		return config, nil
	}
	if body.Scenario != nil {
		config.Scenario = *body.Scenario
	}
	if body.Seed != nil {
		config.Seed = uint64(*body.Seed)
	}
	if body.Clock == nil {
		return config, nil
	}
	if body.Clock.Start != nil {
		config.Start = body.Clock.Start.UTC()
		if !config.Start.After(time.Time{}) || config.Start.Year() > 9999 {
			return config, &problem{status: http.StatusBadRequest, detail: "a clock cannot start outside the years 1 to 9999",
				errors: []wire.ProblemDetail{{Pointer: "/clock/start", Code: "value"}}}
		}
	}
	speed, err := clockSpeed(body.Clock, config.Speed)
	config.Speed = speed
	return config, err
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
	s, err := h.registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	shown, err := wireSession(ctx, s)
	return wire.ShowSession200JSONResponse(shown), err
}

// DeleteSession implements wire.StrictServerInterface.
func (h *handler) DeleteSession(_ context.Context, req wire.DeleteSessionRequestObject) (wire.DeleteSessionResponseObject, error) {
	if err := h.registry.Delete(req.Session); err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	return wire.DeleteSession204Response{}, nil
}

// ResetSession implements wire.StrictServerInterface.
func (h *handler) ResetSession(ctx context.Context, req wire.ResetSessionRequestObject) (wire.ResetSessionResponseObject, error) {
	s, err := h.registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	if err := s.Reset(); err != nil {
		return nil, err
	}
	shown, err := wireSession(ctx, s)
	return wire.ResetSession200JSONResponse(shown), err
}

// AdvanceClock implements wire.StrictServerInterface.
func (h *handler) AdvanceClock(ctx context.Context, req wire.AdvanceClockRequestObject) (wire.AdvanceClockResponseObject, error) {
	s, err := h.registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	before, pointer, err := h.advance(ctx, s, *req.Body)
	if err != nil {
		return nil, asProblem(err, req.Session, pointer)
	}
	return wire.AdvanceClock200JSONResponse{Before: before, Clock: wireClock(s.State())}, nil
}

// advance moves the clock; pointer is the part of the body that asked for it.
func (h *handler) advance(ctx context.Context, s *session.Session, move wire.Advance) (before time.Time, pointer string, err error) {
	next := move.Next != nil && *move.Next
	asked := 0
	for _, is := range []bool{move.By != nil, move.To != nil, next} {
		if is {
			asked++
		}
	}
	switch {
	case asked != 1:
		return before, "", fmt.Errorf(`give exactly one of {"by": "90s"}, {"to": "2026-01-15T09:03:00Z"} and {"next": true}`)
	case move.By != nil:
		d, err := scenario.ParseDuration(*move.By)
		if err == nil {
			before, _, err = s.Move(session.By(d))
		}
		return before, "/by", err
	case move.To != nil:
		before, _, err = s.Move(session.To(*move.To))
		return before, "/to", err
	}
	before, _, err = h.registry.MoveToNext(ctx, s)
	return before, "/next", err
}

// ListScenarios implements wire.StrictServerInterface.
func (h *handler) ListScenarios(context.Context, wire.ListScenariosRequestObject) (wire.ListScenariosResponseObject, error) {
	list := wire.ListScenarios200JSONResponse{Scenarios: []wire.Scenario{}}
	for _, s := range h.registry.Library.All() {
		item := wire.Scenario{Name: s.Name, Title: s.Title, Story: s.Story, Magic: []wire.MagicValue{}}
		for _, m := range s.Magic {
			item.Magic = append(item.Magic, wire.MagicValue{API: m.API, Field: m.Field, Value: m.Value, Why: m.Why})
		}
		list.Scenarios = append(list.Scenarios, item)
	}
	return list, nil
}

// Live implements wire.StrictServerInterface.
func (h *handler) Live(context.Context, wire.LiveRequestObject) (wire.LiveResponseObject, error) {
	return wire.Live200JSONResponse(h.health()), nil
}

// Ready implements wire.StrictServerInterface.
func (h *handler) Ready(context.Context, wire.ReadyRequestObject) (wire.ReadyResponseObject, error) {
	if !h.ready() {
		return nil, &problem{status: http.StatusServiceUnavailable, detail: "the server is shutting down"}
	}
	return wire.Ready200JSONResponse(h.health()), nil
}

func (h *handler) health() wire.Health {
	n := len(h.registry.Library.All())
	return wire.Health{Status: wire.HealthStatusOk, Version: &h.version, Scenarios: &n}
}

func wireSession(ctx context.Context, s *session.Session) (wire.Session, error) {
	st := s.State()
	subjects, err := s.Subjects(ctx)
	origin, _ := ctx.Value(originKey{}).(string)
	return wire.Session{Name: st.Name, URL: session.BaseURL(origin, st.Name), Scenario: st.Scenario, Chosen: st.Chosen, Seed: int64(st.Seed),
		Clock: wireClock(st), Subjects: subjects}, err
}

func wireClock(st session.State) wire.Clock {
	return wire.Clock{Mode: wire.ClockMode(st.Mode), Speed: st.Speed, Start: st.Start, Now: st.Now}
}
