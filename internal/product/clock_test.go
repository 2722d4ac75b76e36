package product_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAdvance(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "slow-partner")
	s.look(t, ours)
	for _, step := range []struct{ body, now string }{
		{`{"by": "0s"}`, "09:00:00Z"},
		{`{"by": "1ms"}`, "09:00:00.001Z"},
		{`{"to": "2026-01-15T09:00:00.001000001Z"}`, "09:00:00.001000001Z"},
		{`{"to": "2026-01-15T09:00:00.001000001Z"}`, "09:00:00.001000001Z"},
		{`{"to": "2026-01-15T12:00:01+03:00"}`, "09:00:01Z"},
		{`{"next": true}`, "09:00:05Z"},
		{`{"by": "90s", "next": false}`, "09:01:35Z"},
		{`{"next": true}`, "09:02:50Z"},
		{`{"by": "1m30.5s"}`, "09:04:20.5Z"},
	} {
		a := s.admin(t, "POST", "/clock/advance", step.body).want(t, 200)
		var moved struct {
			Before time.Time
			Clock  clockShown
		}
		a.decode(t, &moved)
		if got := moved.Clock.Now.Format("15:04:05.999999999Z07:00"); got != step.now || moved.Clock.Mode != "frozen" {
			t.Errorf("%s: %s, want %s", step.body, a, step.now)
		}
		if shown := s.shown(t).Clock; !shown.Now.Equal(moved.Clock.Now) || !shown.Start.Equal(dawn) || moved.Before.After(shown.Now) {
			t.Errorf("%s: %s, and then %v", step.body, a, shown)
		}
	}
	s.admin(t, "POST", "/clock/advance", `{"next": true}`).wantProblem(t, 409, "will change by itself any more | start a calculation, or advance", "")
	s.admin(t, "POST", "/clock/advance", `{"to": "9999-12-31T23:59:59.999999999Z"}`).want(t, 200)
	s.admin(t, "POST", "/clock/advance", `{"by": "1ms"}`).wantProblem(t, 400, "outside the years 1 to 9999", "/by")
	if got := s.look(t, ours); got != "CALCULATION_READY PAYMENT_READY" {
		t.Errorf("at the end of time: %s", got)
	}
}

func TestBadAdvance(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "slow-partner")
	s.look(t, ours)
	s.moveTo(t, time.Minute)
	for body, want := range map[string]struct {
		contains, pointers string
	}{
		``:                           {"not JSON", ""},
		`{`:                          {"not JSON", ""},
		`{"by": "1s"}{}`:             {"not JSON", ""},
		`null`:                       {"", ""},
		`[{"by": "1s"}]`:             {"", ""},
		`"90s"`:                      {"", ""},
		`{}`:                         {"give exactly one of", ""},
		`{"next": false}`:            {"give exactly one of", ""},
		`{"by": "1s", "next": true}`: {"give exactly one of", ""},
		`{"by": "1s", "to": "2027-01-01T00:00:00Z"}`:                                     {"give exactly one of", ""},
		`{"by": "1s", "to": "2027-01-01T00:00:00Z", "next": true}`:                       {"give exactly one of", ""},
		`{"till": "2027-01-01T00:00:00Z"}`:                                               {`property "till" is unsupported`, ""},
		`{"until": "2027-01-01T00:00:00Z"}`:                                              {"value must be an object", "/until"},
		`{"until": {}}`:                                                                  {"is missing", "/until/request_id /until/status"},
		`{"until": {"request_id": "x", "status": "CALCULATION_REDY"}}`:                   {"did you mean CALCULATION_READY?", "/until"},
		`{"until": {"request_id": "x", "status": "PAID"}, "next": true}`:                 {"give exactly one of", ""},
		`{"until": {"request_id": "x", "offer_id": "y", "status": "CALCULATION_READY"}}`: {"unknown status", "/until"},
		`{"By": "1s"}`:                   {`property "By" is unsupported`, ""},
		`{"by": 90}`:                     {"", "/by"},
		`{"by": null}`:                   {"", "/by"},
		`{"by": ""}`:                     {"is not a duration", "/by"},
		`{"by": "90"}`:                   {"is not a duration", "/by"},
		`{"by": "-1s"}`:                  {"is not a duration", "/by"},
		`{"by": "+1s"}`:                  {"is not a duration", "/by"},
		`{"by": "1 s"}`:                  {"is not a duration", "/by"},
		`{"by": "1y"}`:                   {"is not a duration", "/by"},
		`{"by": "NaNs"}`:                 {"is not a duration", "/by"},
		`{"by": "99999999999999h"}`:      {"longer than a duration can be", "/by"},
		`{"to": "tomorrow"}`:             {"", "/to"},
		`{"to": ""}`:                     {"", "/to"},
		`{"to": 5}`:                      {"", "/to"},
		`{"to": "2027-01-01"}`:           {"", "/to"},
		`{"to": "2027-02-29T00:00:00Z"}`: {"", "/to"},
		`{"to": "2027-01-01T00:00:00"}`:  {"", "/to"},
		`{"to": "2026-01-15T09:00:59.999999999Z"}`: {"simulated time never goes back", "/to"},
		`{"to": "0001-01-01T00:00:00Z"}`:           {"simulated time never goes back", "/to"},
		`{"to": "10000-01-01T00:00:00Z"}`:          {"", "/to"},
		`{"to": "9999-12-31T23:59:59-00:01"}`:      {"outside the years 1 to 9999", "/to"},
		`{"next": "yes"}`:                          {"", "/next"},
		`{"next": 1}`:                              {"", "/next"},
	} {
		s.admin(t, "POST", "/clock/advance", body).wantProblem(t, 400, want.contains, want.pointers)
		if now := s.shown(t).Clock.Now; !now.Equal(dawn.Add(time.Minute)) {
			t.Fatalf("%s: the clock shows %s", body, now)
		}
	}
	empty := (&play{s.product, "empty"})
	empty.admin(t, "PUT", "", `{"clock": {"mode": "frozen"}}`)
	empty.admin(t, "POST", "/clock/advance", `{"next": true}`).wantProblem(t, 409, "no subject of this session", "")
	empty.importRisks(t, risk(nil))
	empty.admin(t, "POST", "/clock/advance", `{"next": true}`).wantProblem(t, 409, "no subject of this session", "")
}

// Next goes to the first change of any subject, and changes of several at one instant are one.
func TestNextOfManySubjects(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "calculation-error") // changes at 1, 2 and 5 s
	s.look(t, ours)
	s.moveTo(t, 500*time.Millisecond)
	s.look(t, "0c9f1e2d-3b4a-4958-8766-554433221100")
	var got []string
	for at, more := s.moveToNext(t); more; at, more = s.moveToNext(t) {
		got = append(got, at.String())
	}
	if line := strings.Join(got, " "); line != "1s 1.5s 2s 2.5s 5s 5.5s" {
		t.Errorf("changes at %s", line)
	}
}

// The clocks of three modes over one real clock, each moved on by hand as well.
func TestClockModes(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	clock := func(config string) *play { return p.play(t, `{"scenario": "insurer-happy-path", "clock": `+config+`}`) }
	frozen, real, scaled := clock(`{"mode": "frozen"}`), clock(`{"mode": "real"}`), clock(`{"mode": "scaled", "speed": 60, "start": "2030-06-01T00:00:00Z"}`)
	begin := time.Date(2030, 6, 1, 0, 0, 0, 0, time.UTC)
	shows := func(s *play, mode string, speed float64, now time.Time) {
		t.Helper()
		if got := s.shown(t).Clock; got.Mode != mode || got.Speed != speed || !got.Now.Equal(now) {
			t.Errorf("the %s clock shows %+v, want %s", mode, got, now)
		}
	}
	for _, s := range []*play{frozen, real, scaled} {
		s.look(t, ours)
	}
	p.real.pass(1500*time.Millisecond - 1)
	shows(frozen, "frozen", 0, dawn)
	shows(real, "real", 1, dawn.Add(1500*time.Millisecond-1))
	shows(scaled, "scaled", 60, begin.Add(90*time.Second-60))
	for s, want := range map[*play]string{frozen: "DRAFT CREATED", real: "PARTNER_CALCULATION_IN_PROGRESS PRE_CALC_SENT", scaled: "CALCULATION_READY PAYMENT_READY"} {
		if got := s.look(t, ours); got != want {
			t.Errorf("%s: %s, want %s", s.shown(t).Clock.Mode, got, want)
		}
	}
	p.real.pass(1)
	if got := scaled.look(t, ours); got != "PAID PAYMENT_COMPLETED" {
		t.Errorf("scaled, at the change: %s", got)
	}
	for _, s := range []*play{frozen, real, scaled} {
		s.admin(t, "POST", "/clock/advance", `{"by": "1h"}`).want(t, 200)
	}
	p.real.pass(time.Second)
	shows(frozen, "frozen", 0, dawn.Add(time.Hour))
	shows(real, "real", 1, dawn.Add(time.Hour+2500*time.Millisecond))
	shows(scaled, "scaled", 60, begin.Add(time.Hour+150*time.Second))
	p.real.pass(-time.Minute) // a host whose clock is set back
	shows(real, "real", 1, dawn.Add(time.Hour+1500*time.Millisecond))
	shows(scaled, "scaled", 60, begin.Add(time.Hour+90*time.Second))
}

// Reset forgets the subjects and begins again: at the stated start, or at the real instant where none was stated.
func TestReset(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	stated := p.play(t, `{"scenario": "slow-partner", "seed": 5, "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}}`)
	open := p.play(t, `{"clock": {"mode": "frozen"}}`)
	tell := func() string {
		stated.look(t, ours)
		id := *stated.importRisks(t, risk(nil))[0].UUID
		stated.moveTo(t, 175*time.Second)
		return string(stated.get(t, "/osago/calculate?request_id="+ours).body) + id
	}
	first := tell()
	p.real.pass(time.Hour)
	for s, begin := range map[*play]time.Time{stated: dawn, open: dawn.Add(time.Hour)} {
		a := s.admin(t, "POST", "/reset", "").want(t, 200)
		var now shown
		a.decode(t, &now)
		if now.Subjects != 0 || !now.Clock.Start.Equal(begin) || !now.Clock.Now.Equal(begin) || now.Clock.Mode != "frozen" {
			t.Errorf("after a reset: %s", a)
		}
	}
	if again := tell(); again != first {
		t.Errorf("after a reset it tells\n%s\nnot\n%s", again, first)
	}
	if now := stated.shown(t); now.Seed != 5 || now.Scenario != "slow-partner" || now.Subjects != 2 {
		t.Errorf("%+v", now)
	}
}

// Whatever happens in one session, the other's answers stay as they are.
func TestSessionsAreApart(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	quiet, loud := p.frozen(t, "aggregator-three-offers"), p.frozen(t, "all-rejected")
	quiet.post(t, application(ours)).want(t, 200)
	quiet.importRisks(t, risk(nil))
	quiet.moveTo(t, 10*time.Second)
	see := func() string {
		return fmt.Sprint(quiet.get(t, "/osago/calculate?request_id="+ours), quiet.get(t, "/osago/calculate/status?request_id="+ours), quiet.shown(t),
			quiet.importRisks(t, risk(nil))[0].codes())
	}
	before := see()
	for name, do := range map[string]func(){
		"look":    func() { loud.look(t, ours) },
		"post":    func() { loud.post(t, change("purpose", "taxi")).want(t, 200) },
		"import":  func() { loud.importRisks(t, risk(nil), risk(with("override", true)), policy("other", nil)) },
		"advance": func() { loud.admin(t, "POST", "/clock/advance", `{"by": "1h"}`).want(t, 200) },
		"reset":   func() { loud.admin(t, "POST", "/reset", "").want(t, 200) },
		"delete":  func() { loud.admin(t, "DELETE", "", "") },
		"put":     func() { loud.admin(t, "PUT", "", `{"scenario": "slow-partner", "seed": 99}`) },
		"real":    func() { p.real.pass(time.Hour) },
	} {
		if do(); see() != before {
			t.Errorf("after %s in another session: %s, before %s", name, see(), before)
		}
	}
}
