package admin

import (
	"context"
	"errors"
	"net/http"

	"poligon/internal/admin/internal/wire"
	"poligon/internal/fault"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/session"
)

// ListFaults implements wire.StrictServerInterface.
func (h *handler) ListFaults(_ context.Context, req wire.ListFaultsRequestObject) (wire.ListFaultsResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	return wire.ListFaults200JSONResponse{Faults: wireFaults(s.Faults())}, nil
}

// AddFault implements wire.StrictServerInterface.
func (h *handler) AddFault(ctx context.Context, req wire.AddFaultRequestObject) (wire.AddFaultResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	f, err := fault.Parse(*req.Body, "body", h.Operations, true)
	if err != nil {
		return nil, faultProblem(err)
	}
	added, err := s.AddFault(partner.From(ctx), f)
	if err != nil {
		return nil, asProblem(err, req.Session, "")
	}
	return wire.AddFault201JSONResponse(wireFault(added)), nil
}

// faultProblem tells the mistakes of a fault.
func faultProblem(err error) error {
	p := &problem{status: http.StatusBadRequest, detail: err.Error()}
	var mistakes scenario.Mistakes
	if errors.As(err, &mistakes) && len(mistakes) > 0 {
		p.detail, p.hint = "the fault is wrong: "+mistakes[0].Message, mistakes[0].Hint
		for i := range mistakes {
			p.errors = append(p.errors, wire.ProblemDetail{Code: "value", Actual: &mistakes[i].Message, Expected: &mistakes[i].Hint})
		}
	}
	return p
}

// RemoveFaults implements wire.StrictServerInterface.
func (h *handler) RemoveFaults(ctx context.Context, req wire.RemoveFaultsRequestObject) (wire.RemoveFaultsResponseObject, error) {
	return wire.RemoveFaults204Response{}, h.removeFault(ctx, req.Session, "")
}

// RemoveFault implements wire.StrictServerInterface.
func (h *handler) RemoveFault(ctx context.Context, req wire.RemoveFaultRequestObject) (wire.RemoveFaultResponseObject, error) {
	return wire.RemoveFault204Response{}, h.removeFault(ctx, req.Session, req.Fault)
}

func (h *handler) removeFault(ctx context.Context, name, id string) error {
	s, err := h.Registry.Find(name)
	if err == nil {
		err = s.RemoveFault(partner.From(ctx), id)
	}
	return asProblem(err, name, "fault")
}

func wireFaults(list []session.Standing) []wire.StandingFault {
	shown := make([]wire.StandingFault, len(list))
	for i, f := range list {
		shown[i] = wireFault(f)
	}
	return shown
}

func wireFault(f session.Standing) wire.StandingFault {
	return wire.StandingFault{ID: f.ID, Fault: session.FaultText(f.Fault.JSON()), Words: f.Fault.String(), Met: f.Met, Applied: f.Applied}
}
