package admin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"poligon/internal/admin/internal/wire"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/session"
	"poligon/internal/verify"
)

// longest is the longest real time for which the server waits, whatever within says.
const longest = time.Minute

// Verify implements wire.StrictServerInterface.
func (h *handler) Verify(ctx context.Context, req wire.VerifyRequestObject) (wire.VerifyResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	if mistakes := req.Body.Check(slices.Concat(h.ownNames(), h.Operations)...); len(mistakes) > 0 {
		p := &problem{status: http.StatusBadRequest, detail: mistakes[0].Pointer + ": " + mistakes[0].Message, hint: mistakes[0].Hint}
		for i := range mistakes {
			p.errors = append(p.errors, wire.ProblemDetail{Pointer: mistakes[i].Pointer, Code: "value", Expected: &mistakes[i].Hint, Actual: &mistakes[i].Message})
		}
		return nil, p
	}
	if p := h.unknownStatus(req.Body.Expectations); p != nil {
		return nil, p
	}
	over, err := window(s, req.Body.Within)
	if err != nil {
		return nil, asProblem(err, req.Session, "/within")
	}
	report, err := h.verify(ctx, s, *req.Body, over)
	return wire.Verify200JSONResponse(report), err
}

// unknownStatus refuses a status that no calculation and no offer has: "never seen" of it would always pass.
func (h *handler) unknownStatus(list []verify.Expectation) error {
	known := slices.Concat(h.machine.Statuses(false), h.machine.Statuses(true))
	for i, e := range list {
		if e.Seen == "" || slices.Contains(known, e.Seen) {
			continue
		}
		p := &problem{status: http.StatusBadRequest, detail: fmt.Sprintf("unknown status %q", e.Seen), hint: "write a documented status of a calculation or an offer",
			errors: []wire.ProblemDetail{{Pointer: fmt.Sprintf("/expectations/%d/seen", i), Code: "value"}}}
		if near := scenario.Nearest(e.Seen, known); near != "" {
			p.hint = "did you mean " + near + "?"
		}
		return p
	}
	return nil
}

// ownNames are the operations of what no client asks: of acts, and of requests that sessions send.
func (h *handler) ownNames() []string {
	names := slices.Sorted(maps.Values(h.acts))
	if sender, ok := h.machine.(partner.Sender); ok {
		names = append(names, sender.Sends())
	}
	return names
}

// window says when the time is over for which a verification waits: nil waits for nothing.
func window(s *session.Session, within *verify.Within) (over func(waited time.Duration) bool, err error) {
	if within == nil {
		return nil, nil
	}
	if (within.Real == "") == (within.Session == "") {
		return nil, errors.New(`within takes exactly one of {"real": "2s"} and {"session": "3m"}`)
	}
	d, err := scenario.ParseDuration(within.Real + within.Session)
	switch {
	case err != nil:
		return nil, err
	case within.Session != "":
		end := s.State().Now.Add(d)
		return func(waited time.Duration) bool { return waited >= longest || !s.State().Now.Before(end) }, nil
	case d > longest:
		return nil, fmt.Errorf("the server waits for at most %s of real time", longest)
	}
	return func(waited time.Duration) bool { return waited >= d }, nil
}

// look is how often a waiting verification looks at the clock when the journal does not change.
const look = 20 * time.Millisecond

// restAfter is how many times as long as reading and judging the journal took a waiting verification rests at least before it does
// so again.
const restAfter = 4

// settling is for how long a verification waits for requests that have begun to arrive.
const settling = time.Second

// arrived waits a little until the requests that have begun to arrive are there, so that they count.
func (h *handler) arrived(ctx context.Context, s *session.Session) {
	for began, looks := time.Now(), 0; s.Journal().Stats().Arriving > 0 && time.Since(began) < settling && looks < int(settling/look); looks++ {
		if h.Wait(ctx, look) != nil {
			return
		}
	}
}

// verify holds the journal against expectations, and again when it changes, until waiting cannot change the verdict any more.
func (h *handler) verify(ctx context.Context, s *session.Session, r verify.Request, over func(time.Duration) bool) (verify.Report, error) {
	release := s.Hold() // who waits uses the session
	defer release()
	began, looks := time.Now(), 0
	waited := func() time.Duration { return max(time.Since(began), time.Duration(looks)*look) }
	h.arrived(ctx, s)
	h.deliver(ctx, s)
	for {
		last := over == nil || over(waited()) // before the journal is read: what came in time counts
		reading := time.Now()
		kept := s.Journal()
		view := kept.View()
		report := verify.Evaluate(r, verify.Seen{Exchanges: view.Exchanges, Dropped: view.Dropped, DroppedOf: view.DroppedOf, Arriving: view.Arriving}, h.personal())
		if last || r.Settled(report) {
			return report, nil
		}
		rest := restAfter * time.Since(reading) // a large journal is not read over and over
		for changed := false; !changed || time.Since(reading) < rest && !over(waited()); {
			if err := h.Wait(ctx, look); err != nil {
				return report, err
			}
			looks++
			select {
			case <-h.Stopping:
				return report, nil
			case <-s.Gone():
				return report, nil
			case <-view.Changed:
				changed = true
			default:
				changed = changed || s.Journal() != kept || over(waited()) // the session was reset, or it is time for the last look
			}
		}
	}
}

// ListUnused implements wire.StrictServerInterface.
func (h *handler) ListUnused(_ context.Context, req wire.ListUnusedRequestObject) (wire.ListUnusedResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	parts, faults := s.Unused()
	if parts == nil {
		parts = []string{}
	}
	return wire.ListUnused200JSONResponse{Scenario: s.State().Scenario, Parts: parts, Faults: wireFaults(faults)}, nil
}
