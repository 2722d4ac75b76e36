package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"poligon/internal/admin/internal/wire"
	"poligon/internal/journal"
	"poligon/internal/session"
)

// ListJournal implements wire.StrictServerInterface.
func (h *handler) ListJournal(_ context.Context, req wire.ListJournalRequestObject) (wire.ListJournalResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	limit := pageOf(req.Params.Limit)
	view := s.Journal().View()
	page := wire.ListJournal200JSONResponse{Exchanges: []journal.Shown{}, Dropped: int64(view.Dropped), Arriving: view.Arriving}
	for _, e := range view.Exchanges {
		if !fits(e, req.Params) {
			continue
		}
		if len(page.Exchanges) == limit {
			last := int64(page.Exchanges[limit-1].Number)
			page.Next = &last
			break
		}
		page.Exchanges = append(page.Exchanges, journal.Show(e, h.Mask))
	}
	return page, nil
}

// fits says whether an exchange passes all filters.
func fits(e journal.Exchange, p wire.ListJournalParams) bool {
	status := strconv.Itoa(e.Answer.Status)
	switch {
	case int64(e.Number) <= value(p.After),
		p.Operation != nil && e.Operation != *p.Operation,
		p.Acts != nil && e.Act != *p.Acts,
		p.Refused != nil && (e.Reason != "") != *p.Refused,
		p.Status != nil && *p.Status != status && *p.Status != status[:1]+"xx":
		return false
	}
	return p.Subject == nil || slices.ContainsFunc(e.Subjects, func(s string) bool { return strings.EqualFold(s, *p.Subject) })
}

// ShowExchange implements wire.StrictServerInterface.
func (h *handler) ShowExchange(_ context.Context, req wire.ShowExchangeRequestObject) (wire.ShowExchangeResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	if req.Number < 1 {
		return nil, wrongParameter("number", "numbers begin at 1")
	}
	e, ok := s.Journal().Find(uint64(req.Number))
	switch {
	case ok:
		return wire.ShowExchange200JSONResponse(journal.Show(e, h.Mask)), nil
	case uint64(req.Number) <= s.State().Number:
		return nil, &problem{status: http.StatusNotFound, detail: fmt.Sprintf("the journal no longer holds exchange %d", req.Number),
			hint: "it keeps the latest only; create the session with larger limits, journal: {entries, bytes}"}
	}
	return nil, &problem{status: http.StatusNotFound, detail: fmt.Sprintf("the session has had no exchange %d", req.Number)}
}

// ClearJournal implements wire.StrictServerInterface.
func (h *handler) ClearJournal(_ context.Context, req wire.ClearJournalRequestObject) (wire.ClearJournalResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	return wire.ClearJournal204Response{}, s.ClearJournal()
}

// raw is a body that is written as it is.
type raw struct {
	kind string
	body []byte
}

// VisitExportHarResponse implements wire.ExportHarResponseObject.
func (b raw) VisitExportHarResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", b.kind)
	_, err := w.Write(b.body)
	return err
}

// ExportHar implements wire.StrictServerInterface.
func (h *handler) ExportHar(ctx context.Context, req wire.ExportHarRequestObject) (wire.ExportHarResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	origin, _ := ctx.Value(originKey{}).(string)
	body, err := journal.HAR(s.Journal().View().Exchanges, h.Mask, session.BaseURL(origin, req.Session), h.Version)
	return raw{"application/json", body}, err
}

// stream follows a session's journals: the one that it has now and, when it was reset, the one before as long as anything of it
// still runs.
type stream struct {
	h        *handler
	ctx      context.Context //nolint:containedctx // of the request that the stream answers
	session  *session.Session
	followed []*reading
}

// reading is how far a stream has come in a journal.
type reading struct {
	journal *journal.Journal
	place   uint64
}

// FollowJournal implements wire.StrictServerInterface.
func (h *handler) FollowJournal(ctx context.Context, req wire.FollowJournalRequestObject) (wire.FollowJournalResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	now := &reading{journal: s.Journal()}
	if value(req.Params.From) != wire.FollowJournalParamsFromStart {
		_, now.place, _, _ = now.journal.Since(0)
	}
	return stream{h: h, ctx: ctx, session: s, followed: []*reading{now}}, nil
}

// beat is how often a silent stream sends a comment, so that neither side takes the other for dead, and the deadline of what
// is written.
const beat = 15 * time.Second

// deadlined gives each write its own deadline: a stream has no end that could be late, but a reader that never reads must not
// hold it for ever.
type deadlined struct {
	io.Writer
	control *http.ResponseController
}

func (d deadlined) Write(p []byte) (int, error) {
	_ = d.control.SetWriteDeadline(time.Now().Add(beat)) // a transport without deadlines has none to miss
	return d.Writer.Write(p)
}

// VisitFollowJournalResponse implements wire.FollowJournalResponseObject.
func (f stream) VisitFollowJournalResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{})
	tick := time.NewTicker(beat)
	defer tick.Stop()
	defer f.session.Hold()()
	for {
		changed, before, err := f.send(deadlined{w, control})
		if err != nil {
			return nil // the client is gone
		}
		_ = control.Flush()
		select {
		case <-changed:
		case <-before:
		case <-tick.C:
			if _, err := fmt.Fprint(deadlined{w, control}, ": still here\n\n"); err != nil {
				return nil
			}
		case <-f.session.Gone():
			return nil
		case <-f.ctx.Done():
			return nil
		case <-f.h.Stopping:
			return nil
		}
	}
}

// send sends what is new, and gives what tells that the session's journal has changed, and the one before it; nil when that is
// done with.
func (f *stream) send(w io.Writer) (changed, before <-chan struct{}, err error) {
	for last := f.followed[len(f.followed)-1].journal; ; { // it may have been reset, more than once
		if last = last.Successor(); last == nil {
			break
		}
		f.followed = append(f.followed, &reading{journal: last, place: 1})
	}
	for i := 0; i < len(f.followed); i++ {
		one := f.followed[i]
		stats := one.journal.Stats() // before the rest is read: what runs no longer is there
		before = changed
		if changed, err = f.sendOf(w, one); err != nil {
			return nil, nil, err
		}
		if i < len(f.followed)-1 && stats.Running+stats.Arriving == 0 {
			f.followed, changed = slices.Delete(f.followed, i, i+1), nil
			i--
		}
	}
	return changed, before, nil
}

// sendOf sends what is new in one journal.
func (f *stream) sendOf(w io.Writer, from *reading) (changed <-chan struct{}, err error) {
	list, next, missed, changed := from.journal.Since(from.place)
	from.place = next
	if missed > 0 {
		if _, err := fmt.Fprintf(w, "event: missed\ndata: %d\n\n", missed); err != nil {
			return nil, err
		}
	}
	for _, e := range list {
		text, err := json.Marshal(journal.Show(e, f.h.Mask))
		if err != nil {
			return nil, err
		}
		if _, err := fmt.Fprintf(w, "id: %d\nevent: exchange\ndata: %s\n\n", e.Number, text); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

// personal says which members hold personal data that is masked.
func (h *handler) personal() func(string) bool {
	if h.Mask == journal.Open {
		return journal.SecretHeader // credentials are hidden whatever is shown
	}
	return journal.Personal
}
