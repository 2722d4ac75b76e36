package admin

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

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
		return nil, faultProblem(*req.Body, err)
	}
	added, err := s.AddFault(partner.From(ctx), f)
	if err != nil {
		return nil, asProblem(err, req.Session, "")
	}
	return wire.AddFault201JSONResponse(wireFault(added)), nil
}

// faultProblem tells the mistakes of a fault, and where in the body they are.
func faultProblem(body []byte, err error) error {
	p := &problem{status: http.StatusBadRequest, detail: err.Error()}
	var mistakes scenario.Mistakes
	if errors.As(err, &mistakes) && len(mistakes) > 0 {
		p.detail, p.hint = "the fault is wrong: "+mistakes[0].Message, mistakes[0].Hint
		for i := range mistakes {
			p.errors = append(p.errors, wire.ProblemDetail{Pointer: pointerAt(body, mistakes[i]), Code: "value",
				Actual: &mistakes[i].Message, Expected: &mistakes[i].Hint})
		}
	}
	return p
}

// pointerAt is the JSON pointer to the part of a body that a mistake is about.
func pointerAt(body []byte, m scenario.Mistake) (pointer string) {
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := dec.ReadToken(); err != nil {
			return pointer
		}
		before := body[:dec.InputOffset()]
		line := bytes.Count(before, []byte("\n")) + 1
		column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
		pointer = string(dec.StackPointer())
		if line > m.Line || line == m.Line && column > m.Column {
			return pointer
		}
	}
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
	return wire.StandingFault{ID: f.ID, Fault: f.Fault.JSON(), Words: f.Fault.String(), Met: f.Met, Applied: f.Applied}
}
