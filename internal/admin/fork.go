package admin

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"net/http"

	"poligon/internal/admin/internal/wire"
	"poligon/internal/bordereau"
	"poligon/internal/session"
)

// TakeSnapshot implements wire.StrictServerInterface.
func (h *handler) TakeSnapshot(ctx context.Context, req wire.TakeSnapshotRequestObject) (wire.TakeSnapshotResponseObject, error) {
	snap, _, err := h.snapshot(ctx, req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	return wire.TakeSnapshot200JSONResponse(*snap), nil
}

// snapshot is a session that owes nothing that is due, so that no two tell of one sale.
func (h *handler) snapshot(ctx context.Context, name string) (*session.Snapshot, session.Config, error) {
	if s, err := h.Registry.Find(name); err == nil {
		h.deliver(ctx, s)
	}
	return h.Registry.Snapshot(ctx, name)
}

// RestoreSnapshot implements wire.StrictServerInterface.
func (h *handler) RestoreSnapshot(ctx context.Context, req wire.RestoreSnapshotRequestObject) (wire.RestoreSnapshotResponseObject, error) {
	if err := h.Registry.Check(req.Body, h.Operations); err != nil { // whatever it is, the document is at fault
		return nil, &problem{status: http.StatusBadRequest, detail: err.Error(), errors: []wire.ProblemDetail{{Pointer: "", Code: "value"}}}
	}
	list, err := h.Registry.Fork(req.Body, h.Registry.Defaults, req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	shown, err := wireSession(ctx, list[0])
	return wire.RestoreSnapshot201JSONResponse(shown), err
}

// ForkSession implements wire.StrictServerInterface.
func (h *handler) ForkSession(ctx context.Context, req wire.ForkSessionRequestObject) (wire.ForkSessionResponseObject, error) {
	names := value(req.Body.To)
	switch {
	case (len(names) > 0) == (req.Body.Prefix != nil), (req.Body.Prefix == nil) != (req.Body.Count == nil):
		return nil, asProblem(errors.New(`give either {"to": ["a", "b"]} or {"prefix": "case-", "count": 50}`), req.Session, "")
	case req.Body.Prefix != nil:
		for i := range *req.Body.Count {
			names = append(names, fmt.Sprintf("%s%d", *req.Body.Prefix, i+1))
		}
	}
	snap, config, err := h.snapshot(ctx, req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	config.Partners, config.Users = nil, nil // credentials choose one session
	list, err := h.Registry.Fork(snap, config, names...)
	if err != nil {
		return nil, asProblem(err, req.Session, "/to")
	}
	answer := wire.ForkSession201JSONResponse{Sessions: make([]wire.Session, len(list))}
	for i, s := range list {
		if answer.Sessions[i], err = wireSession(ctx, s); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// RecordSession implements wire.StrictServerInterface.
func (h *handler) RecordSession(ctx context.Context, req wire.RecordSessionRequestObject) (wire.RecordSessionResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	h.deliver(ctx, s)
	recording, err := s.Recording(ctx)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	b := session.Bundle{Format: session.SnapshotFormat, Poligon: h.Version, Contracts: h.Hashes, Scenarios: recording.Told(), Server: h.Server, Recording: *recording}
	return wire.RecordSession200JSONResponse(b), nil
}

// ExplainSignature implements wire.StrictServerInterface.
func (h *handler) ExplainSignature(_ context.Context, req wire.ExplainSignatureRequestObject) (wire.ExplainSignatureResponseObject, error) {
	q := req.Body
	if (q.Body == nil) == (q.BodyBase64 == nil) {
		return nil, asProblem(errors.New("give exactly one of body and body_base64"), "", "/body")
	}
	body := []byte(value(q.Body))
	if q.BodyBase64 != nil {
		var err error
		if body, err = base64.StdEncoding.DecodeString(*q.BodyBase64); err != nil {
			return nil, &problem{status: http.StatusBadRequest, detail: "body_base64 is not base64: " + err.Error(),
				errors: []wire.ProblemDetail{{Pointer: "/body_base64", Code: "value"}}}
		}
	}
	var earlier iter.Seq[[]byte]
	if q.Session != nil {
		s, err := h.Registry.Find(*q.Session)
		if err != nil {
			return nil, asProblem(err, *q.Session, "/session")
		}
		earlier = s.Earlier(bordereau.ImportOperation)
	}
	right, mistakes, known := h.bordereau.ExplainSign(q.PartnerCode, q.Sign, body, earlier)
	answer := wire.ExplainSignature200JSONResponse{Right: right, PartnerKnown: known}
	answer.Mistakes = make([]struct {
		ID   string `json:"id"`
		Text string `json:"text"`
	}, len(mistakes))
	for i, m := range mistakes {
		answer.Mistakes[i].ID, answer.Mistakes[i].Text = m.ID, m.Text
	}
	return answer, nil
}
