package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"poligon/internal/admin/internal/wire"
	"poligon/internal/bordereau"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/session"
)

// lastYear is the last one of which a clock can show an instant.
const lastYear = 9999

// AdvanceClock implements wire.StrictServerInterface.
func (h *handler) AdvanceClock(ctx context.Context, req wire.AdvanceClockRequestObject) (wire.AdvanceClockResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	target, pointer, err := h.target(*req.Body)
	if err != nil {
		return nil, asProblem(err, req.Session, pointer)
	}
	moved, err := s.Move(ctx, partner.From(ctx), target)
	if err != nil {
		return nil, asProblem(err, req.Session, pointer)
	}
	answer := wire.AdvanceClock200JSONResponse{Before: moved.Before, Clock: wireClock(moved.State), Changes: moved.Changes}
	if answer.Changes == nil {
		answer.Changes = []partner.Change{}
	}
	if moved.More > 0 {
		answer.More = &moved.More
	}
	return answer, nil
}

// target is where a body asks the clock to go; pointer is the part of the body that says so.
func (h *handler) target(move wire.Advance) (t session.Target, pointer string, err error) {
	asked := 0
	for _, is := range []bool{move.By != nil, move.To != nil, move.Next != nil && *move.Next, move.Until != nil} {
		if is {
			asked++
		}
	}
	switch {
	case asked != 1:
		return nil, "", errors.New(`give exactly one of {"by": "90s"}, {"to": "2026-01-15T09:03:00Z"}, {"next": true} and {"until": {"request_id": …, "status": …}}`)
	case move.By != nil:
		d, err := scenario.ParseDuration(*move.By)
		return session.By(d), "/by", err
	case move.To != nil:
		return session.To(*move.To), "/to", nil
	case move.Until != nil:
		u := move.Until
		if known := h.machine.Statuses(u.OfferID != nil); !slices.Contains(known, u.Status) {
			err = fmt.Errorf("unknown status %q; known: %v", u.Status, known)
			if near := scenario.Nearest(u.Status, known); near != "" {
				err = fmt.Errorf("unknown status %q: did you mean %s?", u.Status, near)
			}
		}
		return session.Until(h.machine, u.RequestID, value(u.OfferID), u.Status), "/until", err
	}
	return h.Registry.Next, "/next", nil
}

// SetClock implements wire.StrictServerInterface.
func (h *handler) SetClock(ctx context.Context, req wire.SetClockRequestObject) (wire.SetClockResponseObject, error) {
	speed, err := clockSpeed(&wire.ClockConfig{Mode: &req.Body.Mode, Speed: req.Body.Speed}, 1)
	if err != nil {
		var p *problem
		if errors.As(err, &p) {
			p.errors[0].Pointer = "/speed"
		}
		return nil, err
	}
	c, err := h.setSpeed(ctx, req.Session, speed)
	return wire.SetClock200JSONResponse(c), err
}

// FreezeClock implements wire.StrictServerInterface.
func (h *handler) FreezeClock(ctx context.Context, req wire.FreezeClockRequestObject) (wire.FreezeClockResponseObject, error) {
	c, err := h.setSpeed(ctx, req.Session, 0)
	return wire.FreezeClock200JSONResponse(c), err
}

// ResumeClock implements wire.StrictServerInterface.
func (h *handler) ResumeClock(ctx context.Context, req wire.ResumeClockRequestObject) (wire.ResumeClockResponseObject, error) {
	c, err := h.setSpeed(ctx, req.Session, session.Resume)
	return wire.ResumeClock200JSONResponse(c), err
}

func (h *handler) setSpeed(ctx context.Context, name string, speed float64) (wire.Clock, error) {
	s, err := h.Registry.Find(name)
	if err != nil {
		return wire.Clock{}, asProblem(err, name, "session")
	}
	c, err := s.SetSpeed(partner.From(ctx), speed)
	if err != nil {
		return wire.Clock{}, asProblem(err, name, "/speed")
	}
	return wireClock(c), nil
}

// ExplainCalculation implements wire.StrictServerInterface.
func (h *handler) ExplainCalculation(ctx context.Context, req wire.ExplainCalculationRequestObject) (wire.ExplainCalculationResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	var e partner.Explanation
	err = s.Look(func(run *partner.Run) (err error) {
		e, err = h.machine.Explain(ctx, run, req.RequestID)
		return err
	})
	if err != nil {
		return nil, asProblem(err, req.Session, "request_id")
	}
	return wire.ExplainCalculation200JSONResponse(listed(e)), nil
}

// ActOnCalculation implements wire.StrictServerInterface.
func (h *handler) ActOnCalculation(ctx context.Context, req wire.ActOnCalculationRequestObject) (wire.ActOnCalculationResponseObject, error) {
	if (req.Body.Fire == nil) == (req.Body.Force == nil) {
		return nil, &problem{status: http.StatusBadRequest, detail: `give exactly one of {"fire": "paid"} and {"force": "CALCULATION_ERROR"}`,
			errors: []wire.ProblemDetail{{Pointer: "", Code: "value"}}}
	}
	act := partner.Act{Fire: value(req.Body.Fire), Force: value(req.Body.Force), Part: value(req.Body.OfferID)}
	e, err := h.machine.Act(ctx, partner.From(ctx), req.RequestID, act)
	if err != nil {
		return nil, asProblem(err, req.Session, "/fire")
	}
	return wire.ActOnCalculation200JSONResponse(listed(e)), nil
}

// ActOnFlight implements wire.StrictServerInterface.
func (h *handler) ActOnFlight(ctx context.Context, req wire.ActOnFlightRequestObject) (wire.ActOnFlightResponseObject, error) {
	if req.Body.DelayHours.IsZero() && !req.Body.Cancelled {
		return nil, &problem{status: http.StatusBadRequest, detail: "nothing becomes of the flight",
			hint: `give {"delay_hours": 3.5}, {"cancelled": true}, or both`, errors: []wire.ProblemDetail{{Pointer: "", Code: "value"}}}
	}
	paid, err := h.bordereau.Happen(ctx, partner.From(ctx), *req.Body)
	if err != nil {
		return nil, asProblem(err, req.Session, "/flight_number")
	}
	return wire.ActOnFlight200JSONResponse(paid), nil
}

// listed is an explanation as the contract has it: no offers are an empty list, and what would come after the last instant that a
// clock can show, and JSON can write, does not come.
func listed(e partner.Explanation) partner.Explanation {
	if e.Parts == nil {
		e.Parts = []partner.State{}
	}
	never := func(s *partner.State) {
		if s.Next != nil && s.Next.At.Year() > lastYear {
			s.Next = nil
		}
	}
	never(&e.Whole)
	for i := range e.Parts {
		never(&e.Parts[i])
	}
	return e
}

// ExplainRisks implements wire.StrictServerInterface.
func (h *handler) ExplainRisks(ctx context.Context, req wire.ExplainRisksRequestObject) (wire.ExplainRisksResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	var found []bordereau.RiskExplanation
	err = s.Look(func(run *partner.Run) (err error) {
		found, err = h.bordereau.ExplainRisks(ctx, run, req.Params.PolicyNumber, value(req.Params.FlightNumber), s.Journal().View().Exchanges, h.personal())
		return err
	})
	if err != nil {
		return nil, err
	}
	return wire.ExplainRisks200JSONResponse(bordereau.RiskExplanations{PolicyNumber: req.Params.PolicyNumber, Risks: found}), nil
}
