package simulator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing/fstest"
	"time"

	"poligon/internal/admin"
	"poligon/internal/bordereau"
	"poligon/internal/journal"
	"poligon/internal/osago"
	"poligon/internal/scenario"
	"poligon/internal/server"
	"poligon/internal/session"
)

// Replayed is what came of playing a bundle again.
type Replayed struct {
	Exchanges int
	Notes     []string    // what is not as it was when the bundle was written: versions, contracts
	Diverged  *Divergence // nil when every answer is as it was
}

// Divergence is the first exchange whose answer is another one.
type Divergence struct {
	Number  uint64
	Request string // GET /osago/calculate/status?…
	What    string // "body", "status", "header X-Poligon-Time"
	Was, Is string
}

// Replay plays a bundle again: the same requests and acts in the same order, at the instants of then. Signs and other
// credentials are not checked again, for a bundle holds none; what was found out about them then counts.
func Replay(ctx context.Context, b *session.Bundle, version string) (*Replayed, error) {
	if b.Format == session.SnapshotFormat && b.Recording.Origin == nil {
		return nil, errors.New("the file is no recording; a snapshot is restored, not played")
	}
	if b.Format != session.SnapshotFormat {
		return nil, fmt.Errorf("the file has format %d, this Poligon reads format %d", b.Format, session.SnapshotFormat)
	}
	p := &player{bundle: b, at: b.Recording.Real}
	sim, err := p.simulator(version)
	if err != nil {
		return nil, err
	}
	if err := sim.Registry.Check(b.Recording.Origin, sim.Server.Operations()); err != nil {
		return nil, err
	}
	limits := journal.Limits{Entries: len(b.Recording.Exchanges) + 1, Bytes: 1 << 40}
	list, err := sim.Registry.Fork(b.Recording.Origin, session.Config{Journal: limits, Labels: b.Recording.Labels}, b.Recording.Session)
	if err != nil {
		return nil, err
	}
	return p.play(ctx, sim, list[0], p.notes(version))
}

// player plays a bundle.
type player struct {
	bundle *session.Bundle
	at     time.Time       // the real instant of then
	access *journal.Access // of the exchange that is being played
}

// simulator is the simulator as it was then, with the scenarios of then and no others.
func (p *player) simulator(version string) (*Simulator, error) {
	flags := p.bundle.Server
	c := Config{Version: version, UnknownNotFound: flags[flagUnknownIDs] == "not_found", Headers: server.Headers(flags[flagHeaders]),
		Now: func() time.Time { return p.at }, Recorded: func() *journal.Access { return p.access },
		Wait: func(context.Context, time.Duration) error { return nil }, TellSales: flags[flagTells] == "yes"}
	var err error
	if c.Access.Signatures, err = bordereau.ParseSignatures(flags[flagSignature]); err != nil {
		return nil, fmt.Errorf("the bundle's server: %w", err)
	}
	if c.OSAGOAccess.Auth, err = osago.ParseAuth(flags[flagAuth]); err != nil {
		return nil, fmt.Errorf("the bundle's server: %w", err)
	}
	if c.OSAGOAccess.Auth == osago.AuthOAuth2 {
		if c.OSAGOAccess.TTL, err = time.ParseDuration(flags[flagTokenTTL]); err != nil {
			return nil, fmt.Errorf("the bundle's server: %w", err)
		}
	}
	if c.MaxBody, err = strconv.ParseInt(flags[flagMaxBody], 10, 64); err != nil {
		return nil, fmt.Errorf("the bundle's server: %w", err)
	}
	apis, err := c.Partners()
	if err != nil {
		return nil, err
	}
	files := fstest.MapFS{}
	for _, s := range p.bundle.Scenarios {
		files[s.Name+".yaml"] = &fstest.MapFile{Data: []byte(s.Source)}
	}
	lib, err := scenario.Load(Parts(apis), scenario.Source{Name: "bundle", Files: files})
	if err != nil {
		return nil, err
	}
	return Over(c, apis, lib)
}

// notes are what is not as it was then.
func (p *player) notes(version string) (list []string) {
	if p.bundle.Poligon != version {
		list = append(list, fmt.Sprintf("written by Poligon %s, played by %s", p.bundle.Poligon, version))
	}
	for name, hash := range Hashes() {
		if then := p.bundle.Contracts[name]; then != hash {
			list = append(list, fmt.Sprintf("the contract of %s is another one now", name))
		}
	}
	for _, s := range p.bundle.Scenarios {
		if sum := sha256.Sum256([]byte(s.Source)); hex.EncodeToString(sum[:]) != s.SHA256 {
			list = append(list, fmt.Sprintf("scenario %s was changed after the bundle was written", s.Name))
		}
	}
	slices.Sort(list)
	return list
}

// play plays all exchanges up to the first that diverges.
func (p *player) play(ctx context.Context, sim *Simulator, s *session.Session, notes []string) (*Replayed, error) {
	r := &Replayed{Notes: notes}
	last := p.bundle.Recording.Origin.Number
	for _, was := range p.bundle.Recording.Exchanges {
		if was.Number <= last {
			return nil, fmt.Errorf("exchange %d does not come behind exchange %d", was.Number, last)
		}
		last = was.Number
		p.at, p.access = was.Real, was.Access
		if was.Access == nil {
			p.access = &journal.Access{}
		}
		again := p.send
		if was.Out != nil {
			again = func(ctx context.Context, _ *Simulator, was journal.Exchange) error { return s.Repeat(ctx, was) }
		}
		if err := again(ctx, sim, was); err != nil {
			return nil, fmt.Errorf("exchange %d: %w", was.Number, err)
		}
		r.Exchanges++
		is, ok := s.Journal().Find(was.Number)
		if r.Diverged = compare(was, is, ok); r.Diverged != nil {
			return r, nil
		}
	}
	return r, nil
}

// send sends one request of then. A fault that cuts the connection ends it with a panic, as net/http wants it.
func (p *player) send(ctx context.Context, sim *Simulator, was journal.Exchange) (err error) {
	defer func() {
		if cut := recover(); cut != nil && cut != any(http.ErrAbortHandler) {
			err = fmt.Errorf("panic: %v", cut)
		}
	}()
	target := was.Request.Target
	if !was.Act && !byHost(was.Request.Host, p.bundle.Recording.Session) {
		target = "/s/" + url.PathEscape(p.bundle.Recording.Session) + target
	}
	isAdmin := slices.ContainsFunc(admin.Prefixes, func(prefix string) bool { return strings.HasPrefix(target, prefix) })
	switch {
	case !strings.HasPrefix(target, "/"):
		return errors.New("the bundle's request has no path")
	case isAdmin != was.Act || was.Act && was.Request.Method == http.MethodGet:
		return errors.New("the bundle's request is no act, and none to a partner API")
	}
	req, err := http.NewRequestWithContext(ctx, was.Request.Method, "http://replay"+target, bytes.NewReader(was.Request.Body))
	if err != nil {
		return err
	}
	req.Host = was.Request.Host
	for _, f := range was.Request.Header {
		req.Header.Add(f.Name, f.Value)
	}
	sim.Server.ServeHTTP(httptest.NewRecorder(), req)
	return nil
}

// byHost says whether a host's name chooses a session.
func byHost(host, session string) bool {
	host, _, _ = strings.Cut(host, ":")
	rest, ok := strings.CutPrefix(host, session)
	return ok && strings.EqualFold(rest, ".localhost")
}

// answerOf is the body of an answer as a recording has it.
func answerOf(e journal.Exchange) string {
	if e.Act {
		return string(e.Answer.Body)
	}
	return string(journal.AnswerWithoutSecrets(e.Answer.Body))
}

// compare says how an answer differs from that of then.
func compare(was, is journal.Exchange, ok bool) *Divergence {
	d := &Divergence{Number: was.Number, Request: was.Request.Method + " " + was.Request.Target}
	differ := func(what, a, b string) {
		if a != b && d.What == "" {
			d.What, d.Was, d.Is = what, a, b
		}
	}
	if !ok {
		d.What, d.Was = "exchange", "an answer of "+strconv.Itoa(was.Answer.Status)
		d.Is = "nothing of this number"
		return d
	}
	differ("status", strconv.Itoa(was.Answer.Status), strconv.Itoa(is.Answer.Status))
	differ("operation", was.Operation, is.Operation)
	if was.Operation != "resetSession" { // it tells how full the journal is
		differ("body", answerOf(was), answerOf(is))
	}
	differ("faults", strings.Join(was.Faults, "; "), strings.Join(is.Faults, "; "))
	for i := range max(len(was.Answer.Header), len(is.Answer.Header)) {
		var a, b journal.Field
		if i < len(was.Answer.Header) {
			a = was.Answer.Header[i]
		}
		if i < len(is.Answer.Header) {
			b = is.Answer.Header[i]
		}
		differ("header", a.Name+": "+a.Value, b.Name+": "+b.Value)
	}
	if d.What == "" {
		return nil
	}
	return d
}
