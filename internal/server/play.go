package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"poligon/internal/admin"
	"poligon/internal/fault"
	"poligon/internal/journal"
	"poligon/internal/partner"
	"poligon/internal/session"
	"poligon/internal/store"
)

// exchange is a request to a partner API on its way through a session.
type exchange struct {
	server  *Server
	api     partner.API
	session *session.Session // nil when nothing is left to abandon
	run     partner.Run
	body    *tee // of the request; nil when it has none
	answer  answer
}

// attempts bounds how often a request is played again because another server of the same store was faster.
const attempts = 1000

// play has a partner API answer in the session of the request. Where a store keeps the session, what was decided may not stand; then it is
// played again from its beginning.
func (s *Server) play(w http.ResponseWriter, r *http.Request, at place, name string, api partner.API) {
	if s.config.Registry.Store == nil {
		_ = s.playOnce(w, r, at, name, api)
		return
	}
	again := remember(r)
	var err error
	for range attempts {
		if err = s.playOnce(w, r, at, name, api); !errors.Is(err, store.ErrMoved) {
			break
		}
		clear(w.Header())
		r.Body = again()
	}
	if err != nil {
		s.away(w, r, api, err)
	}
}

// playOnce is play; an error says that nothing was sent and nothing decided.
func (s *Server) playOnce(w http.ResponseWriter, r *http.Request, at place, name string, api partner.API) error {
	sess, err := s.config.Registry.Use(at.session)
	if errors.Is(err, store.ErrAway) || errors.Is(err, store.ErrMoved) {
		return err
	}
	if err != nil {
		s.refuseSession(w, err)
		return nil
	}
	x := &exchange{server: s, api: api, session: sess, run: partner.Run{Where: at.where(r), Exchange: journal.Exchange{
		API: name, Operation: s.operation(r.Method, at.path),
		Request: journal.Request{Method: r.Method, Target: at.target(r), Host: r.Host, Header: fields(r.Header)}}}}
	sess.Begin(&x.run)
	err = x.choose(r)
	if err != nil && s.config.Registry.Store != nil && sess.Fresh() == nil { // another server may know what is asked for
		x.run.Faults = nil
		sess.Again(&x.run)
		err = x.choose(r)
	}
	if err != nil {
		sess.Abandon(&x.run)
		own(w)
		admin.WriteProblem(w, http.StatusBadRequest, err.Error(), "")
		return nil
	}
	if s.config.Recorded != nil {
		x.run.Recorded = s.config.Recorded()
	}
	defer x.abandon()
	inside := r.WithContext(partner.With(r.Context(), &x.run))
	if at.path != r.URL.Path {
		u := *r.URL
		u.Path, u.RawPath = at.path, ""
		inside.URL = &u
	}
	if r.Body != nil && r.Body != http.NoBody {
		x.body = &tee{ReadCloser: r.Body, into: &x.run.Exchange.Request, limit: x.run.Kept.Limits().Bytes}
		inside.Body = x.body
	}
	x.answer.take(w)
	defer x.answer.release()
	x.serve(inside, r.Header)
	for x.run.Outdated {
		x.again(w, inside)
		x.serve(inside, r.Header)
	}
	return x.finish(w, inside)
}

// serve has the partner API answer.
func (x *exchange) serve(r *http.Request, header http.Header) {
	if x.body != nil && x.server.config.Registry.Store != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		drain(r.Body, header) // before the turn, which lasts until the answer is known: nobody waits for a slow client
	}
	x.api.ServeHTTP(&x.answer, r)
	if x.body != nil {
		drain(r.Body, header)
	}
	x.session.Settle(&x.run)
}

// again makes ready for another answer, for the session has gone over to other scenarios before anything was decided.
func (x *exchange) again(w http.ResponseWriter, r *http.Request) {
	x.answer.reset(w)
	x.answer.reason = ""
	chosen := x.run.Chosen
	x.session.Again(&x.run)
	if x.chooseScenario(r) != nil {
		x.run.Chosen = chosen // it was there when the request came
	}
	if x.body != nil {
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(x.run.Exchange.Request.Body), x.body), x.body}
	}
}

// choose reads what a request asks of the simulator in its headers: a scenario, a fault.
func (x *exchange) choose(r *http.Request) (err error) {
	if err := x.chooseScenario(r); err != nil {
		return err
	}
	for i, text := range r.Header[faultHeader] { // a line for each fault
		if text == "" {
			continue
		}
		f, err := fault.Parse([]byte(text), "header "+faultHeader, x.server.operationIDs, false)
		if err != nil {
			return err
		}
		die := x.run.Dice.Of("fault", "header", journal.WithoutSecrets(x.run.Exchange.Request.Target), strconv.Itoa(i)) // a replay has no more
		x.run.Faults = append(x.run.Faults, partner.Due{ID: "header", Fault: f, Die: die})
	}
	return nil
}

func (x *exchange) chooseScenario(r *http.Request) (err error) {
	if name := r.Header.Get(scenarioHeader); name != "" {
		if x.run.Chosen, err = x.run.Library.Find(name); err != nil {
			return errors.New("header " + scenarioHeader + ": " + err.Error() + "; GET /__admin/scenarios lists them")
		}
	}
	return nil
}

// abandon ends an exchange whose handler panicked.
func (x *exchange) abandon() {
	if x.session != nil {
		x.session.Abandon(&x.run)
	}
}

// finish spoils the answer as the faults say that are due, keeps it in the journal, and sends it.
func (x *exchange) finish(w http.ResponseWriter, r *http.Request) error {
	run := &x.run
	if run.Lost != nil {
		return run.Lost
	}
	if run.Held() {
		x.answer.reset(w)
		x.answer.reason = "" // of an answer that nobody gets
		x.api.Refuse(&x.answer, r, http.StatusServiceUnavailable)
	}
	a, plan := fault.Answer{Status: x.answer.code(), Header: w.Header(), Body: x.answer.body.Bytes()}, fault.Plan{Keep: -1}
	run.Exchange.Reason = x.answer.reason
	for _, due := range run.Faults {
		a, plan = x.spoil(r, due, a, plan)
	}
	x.head(w.Header(), r, a.Status)
	e := &run.Exchange
	e.Answer = sent(a, plan)
	run.Late = plan.Delay + plan.Slow
	if err := x.session.Conclude(run, plan.Delay == 0 && plan.Slow == 0); err != nil {
		return err
	}
	x.server.count(e, len(run.Faults))
	x.log(r)
	defer x.end()                        // where the client is gone before
	a.Header = nil                       // it is w's own
	if plan.Delay > 0 || plan.Slow > 0 { // the answer is late on purpose
		control := http.NewResponseController(w)
		_ = control.SetWriteDeadline(time.Time{})
		_ = control.SetReadDeadline(time.Time{}) // net/http reads on meanwhile, to see whether the client is there
	}
	pace := fault.Pace{Wait: x.server.patience(r.Context()), Last: x.end}
	if err := fault.Send(w, a, plan, pace); err != nil {
		if x.session != nil && !run.Ended { // before the end of the answer was sent
			e.Answer = journal.Answer{}
			e.Faults = append(e.Faults, "the client was gone before it was answered")
		}
		slog.Debug("the client is gone", "number", e.Number, "error", err)
	}
	return nil
}

// patience waits as long as a fault says, unless the client goes or the server stops: a server that stops makes nobody wait.
func (s *Server) patience(client context.Context) func(time.Duration) error {
	return func(d time.Duration) error {
		ctx, cancel := context.WithCancel(client)
		defer cancel()
		defer context.AfterFunc(s.life, cancel)()
		if err := s.config.Wait(ctx, d); client.Err() != nil || s.life.Err() == nil {
			return err
		}
		return nil
	}
}

// end has the journal keep the exchange: before the client sees the end of the answer, so that it finds it there.
func (x *exchange) end() {
	if done := x.session; done != nil {
		x.session = nil // nothing is left to abandon
		done.Finish(&x.run)
	}
}

// sent is what the client gets of an answer: nothing when the connection is reset.
func sent(a fault.Answer, plan fault.Plan) journal.Answer {
	if plan.Reset {
		return journal.Answer{}
	}
	body := a.Body
	if plan.Keep >= 0 {
		body = body[:min(plan.Keep, len(body))]
	}
	return journal.Answer{Status: a.Status, Header: fields(a.Header), Body: body, Size: int64(len(body))}
}

// spoil applies one fault.
func (x *exchange) spoil(r *http.Request, due partner.Due, a fault.Answer, plan fault.Plan) (fault.Answer, fault.Plan) {
	if status, ok := due.Fault.Own(); ok {
		x.answer.reset(nil)
		x.api.Refuse(&x.answer, r, status)
		a.Status, a.Body = status, x.answer.body.Bytes()
	}
	a, one, label := due.Fault.Spoil(a, x.api.Contract(), x.run.Exchange.Operation, due.Die)
	plan.Delay += one.Delay
	plan.Slow = max(plan.Slow, one.Slow)
	plan.Reset = plan.Reset || one.Reset
	if one.Keep >= 0 {
		plan.Keep = one.Keep
	}
	a.Header.Add(faultHeader, label)
	x.run.Exchange.Faults = append(x.run.Exchange.Faults, due.ID+": "+label)
	return a, plan
}

// log says what a refusal was about.
func (x *exchange) log(r *http.Request) {
	e := &x.run.Exchange
	level, message := slog.LevelDebug, "answered"
	switch {
	case len(e.Faults) > 0:
		level, message = slog.LevelInfo, "answered with a fault"
	case e.Reason != "":
		level, message = slog.LevelInfo, "refused"
	}
	if !slog.Default().Enabled(r.Context(), level) {
		return
	}
	args := []any{"session", x.session.Name(), "number", e.Number, "method", e.Request.Method, "path", r.URL.Path, "status", x.answer.code()}
	if e.Reason != "" {
		args = append(args, "reason", e.Reason)
	}
	if len(e.Faults) > 0 {
		args = append(args, "faults", e.Faults)
	}
	slog.Log(r.Context(), level, message, args...)
}

// refuseSession answers a request whose session cannot be used.
func (s *Server) refuseSession(w http.ResponseWriter, err error) {
	own(w)
	switch {
	case errors.Is(err, session.ErrFull):
		admin.WriteProblem(w, http.StatusServiceUnavailable, err.Error(), "")
	case errors.Is(err, session.ErrExpired):
		admin.WriteProblem(w, http.StatusGone, err.Error(), "PUT /__admin/sessions/{session} begins it anew")
	default:
		admin.WriteProblem(w, http.StatusBadRequest, err.Error(), "")
	}
}

// tee keeps what is read of a body, up to a limit.
type tee struct {
	io.ReadCloser
	into  *journal.Request
	limit int
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.into.Size += int64(n)
	if err != nil && err != io.EOF {
		t.into.Size++ // it did not come whole: what is kept is not what was sent
	}
	if room := t.limit - len(t.into.Body); room > 0 {
		t.into.Body = append(t.into.Body, p[:min(n, room)]...)
	}
	return n, err
}

// answer is what a partner API answers, before anything is sent.
type answer struct {
	header http.Header
	status int
	body   *bytes.Buffer
	reason string
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }} //nolint:gochecknoglobals // a pool

// maxPooled is the largest buffer that is kept for the next answer, in bytes.
const maxPooled = 1 << 20

func (a *answer) take(w http.ResponseWriter) {
	a.body, _ = buffers.Get().(*bytes.Buffer)
	a.reset(w)
}

// reset forgets what was answered; with w its headers too.
func (a *answer) reset(w http.ResponseWriter) {
	a.status = 0
	a.body.Reset()
	if w != nil {
		a.header = w.Header()
		clear(a.header)
	}
}

func (a *answer) release() {
	if a.body.Cap() <= maxPooled {
		buffers.Put(a.body)
	}
}

func (a *answer) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// Reason takes why a client is refused: see partner.Reason.
func (a *answer) Reason(why string) { a.reason = why }
