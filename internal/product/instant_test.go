package product_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// told are the changes that a story has, in the order of a move's list: at each instant the offers, then the calculation.
func toldChanges(chapters []chapter, offers []string) (lines []string) {
	before := strings.Fields(chapters[0].statuses)
	for _, c := range chapters[1:] {
		now := strings.Fields(c.statuses)
		for i := range offers {
			if now[i+1] != before[i+1] {
				lines = append(lines, fmt.Sprint(c.at, " ", offers[i], " ", before[i+1], " ", now[i+1]))
			}
		}
		if now[0] != before[0] {
			lines = append(lines, fmt.Sprint(c.at, "  ", before[0], " ", now[0]))
		}
		before = now
	}
	return lines
}

// One move over a whole story lists what the story tells, as it was written by hand.
func TestChangesAreTheStorys(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := p.frozen(t, name)
			s.pastFaults(t)
			s.post(t, application(ours)).want(t, 200)
			var offers, got []string
			for _, o := range s.explain(t, ours).Offers {
				offers = append(offers, o.Offer)
			}
			for _, c := range s.advance(t, `{"by": "2d"}`) {
				got = append(got, fmt.Sprint(c.At.Sub(dawn), " ", c.OfferID, " ", c.From, " ", c.To))
				if c.Subject != ours || c.Cause == "" {
					t.Errorf("%+v", c)
				}
			}
			if want := toldChanges(chapters(t, story), offers); !slices.Equal(got, want) {
				t.Errorf("listed\n%s\ntold\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if again := s.advance(t, `{"by": "2d"}`); again == nil || len(again) > 0 {
				t.Errorf("then there are %v", again)
			}
		})
	}
}

// The changes of two calculations are in the order of their instants, and cut at the ends of the move: after its begin, to its end.
func TestChangesOfTwoCalculations(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "calculation-error") // changes at 1, 2 and 5 s
	other := "0c9f1e2d-3b4a-4958-8766-554433221100"
	s.look(t, ours)
	s.moveTo(t, 500*time.Millisecond)
	s.look(t, other)
	for _, step := range []struct{ to, want string }{
		{"999ms", ""},
		{"1s", "1s ours offer, 1s ours"},
		{"2.2s", "1.5s other offer, 1.5s other, 2s ours offer"},
		{"6s", "2.5s other offer, 5s ours offer, 5s ours, 5.5s other offer, 5.5s other"},
		{"1d", ""},
	} {
		d, err := time.ParseDuration(strings.Replace(step.to, "1d", "24h", 1))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range s.advance(t, fmt.Sprintf(`{"to": %q}`, dawn.Add(d).Format(time.RFC3339Nano))) {
			line := fmt.Sprint(c.At.Sub(dawn), " ", map[string]string{ours: "ours", other: "other"}[c.Subject])
			if c.OfferID != "" {
				line += " offer"
			}
			got = append(got, line)
		}
		if line := strings.Join(got, ", "); line != step.want {
			t.Errorf("to %s changes %s, not %s", step.to, line, step.want)
		}
	}
}

// Every date that a session shows is its clock's: in headers, in bodies, in the journal and in explanations.
func TestDatesFollowTheClock(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.play(t, `{"scenario": "insurer-happy-path", "clock": {"mode": "scaled", "speed": 3600, "start": "2040-02-28T23:00:00Z"}}`)
	p.real.pass(time.Second)
	now := time.Date(2040, 2, 29, 0, 0, 0, 0, time.UTC)
	a := s.post(t, application(ours)).want(t, 200)
	a.says(t, fmt.Sprintf(`{"request_id": %q, "calculation_date": "2040-02-29T00:00:00Z"}`, ours))
	if a.header.Get("Date") != now.Format(http.TimeFormat) || a.header.Get("X-Poligon-Time") != "2040-02-29T00:00:00Z" {
		t.Errorf("the headers are %v", a.header)
	}
	p.real.pass(time.Second)
	s.act(t, `"force": "CALCULATION_ERROR"`).want(t, 200)
	e := s.explain(t, ours)
	if !e.Started.Equal(now) || !e.Now.Equal(now.Add(time.Hour)) || !e.Calculation.Since.Equal(now.Add(time.Hour)) || !e.Offers[0].Since.Equal(now.Add(2*time.Minute)) {
		t.Errorf("explained as %+v", e)
	}
	list := s.pageOf(t, "").Exchanges
	if len(list) != 2 || !list[0].SessionTime.Equal(now) || !list[1].SessionTime.Equal(now.Add(time.Hour)) || !list[1].RealTime.Equal(dawn.Add(2*time.Second)) {
		t.Errorf("the journal has %+v", list)
	}
	if got := p.do(t, call{method: "GET", path: "/livez"}).header.Get("Date"); strings.Contains(got, "2040") {
		t.Errorf("the server's own date is %q", got)
	}
}

// A clock that is reset alone shows an instant before what the session's calculations have lived through: nothing breaks, and they
// are again where they were then.
func TestClockResetUnderACalculation(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "insurer-happy-path")
	s.moveTo(t, time.Hour)
	s.look(t, ours)
	s.importRisks(t, risk(nil))
	s.moveTo(t, time.Hour+10*time.Second)
	s.act(t, `"fire": "paid"`).want(t, 200)
	s.admin(t, "POST", "/reset", `{"only": ["clock"]}`).want(t, 200)
	if got := s.look(t, ours); got != "DRAFT CREATED" {
		t.Errorf("before it was started it is %s", got)
	}
	s.explain(t, ours)
	if got := s.importRisks(t, risk(nil))[0].codes(); got != "WRONG_RISK_OVERRIDE" {
		t.Errorf("the risk is %s", got)
	}
	s.admin(t, "POST", "/calculations/"+ours+"/events", `{"fire": "paid"}`).want(t, 409)
	list := s.advance(t, `{"by": "3h"}`)
	if len(list) < 8 || list[0].To != "PRE_CALC_SENT" || !list[0].At.Equal(dawn.Add(time.Hour+time.Second)) {
		t.Errorf("on the way: %+v", list)
	}
	if got := s.look(t, ours); got != "CLOSED CLOSED_PAID" {
		t.Errorf("at last it is %s", got)
	}
}

// Until goes to the first instant at which the status holds, the steps of all other subjects on the way included, and to now when it
// holds already; a nanosecond before, it does not hold.
func TestUntilIsTheFirstInstant(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for name, c := range map[string]struct {
		scenario, status string
		at               time.Duration
	}{
		"twice": {"payment-cancelled-then-paid", "PAYMENT_READY", 8 * time.Second},
		"final": {"payment-cancelled-then-paid", "CLOSED_PAID", 150 * time.Second},
		"first": {"payment-cancelled-then-paid", "CREATED", 0},
		"none":  {"payment-cancelled-then-paid", "REJECTED", -1},
		"late":  {"closed-by-timeout", "CLOSED_TIMEOUT", 120 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := p.frozen(t, c.scenario)
			s.look(t, ours)
			until := fmt.Sprintf(`{"until": {"request_id": %q, "offer_id": %q, "status": %q}}`, ours, s.explain(t, ours).Offers[0].Offer, c.status)
			a := s.admin(t, "POST", "/clock/advance", until)
			if c.at < 0 {
				a.wantProblem(t, 409, "and never "+c.status, "")
				if now := s.shown(t).Clock.Now; !now.Equal(dawn) {
					t.Errorf("refused, the clock moved to %s", now)
				}
				return
			}
			a.want(t, 200)
			if now := s.shown(t).Clock.Now; !now.Equal(dawn.Add(c.at)) {
				t.Errorf("it moves to %s", now.Sub(dawn))
			}
			if again := s.advance(t, until); len(again) != 0 || !s.shown(t).Clock.Now.Equal(dawn.Add(c.at)) {
				t.Errorf("again: %v", again)
			}
		})
	}
}

// At the end of time a calculation begins that will never go on, and every question about it has an answer.
func TestEndOfTime(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).play(t, `{"scenario": "insurer-happy-path", "clock": {"mode": "real", "start": "9999-12-31T23:59:58Z"}}`)
	s.look(t, ours)
	if next := s.explain(t, ours).Offers[0].Next; next == nil || next.To != "PRE_CALC_SENT" {
		t.Errorf("a second before it ends, next comes %+v", next)
	}
	s.real.pass(time.Hour)
	if got := s.look(t, ours); got != "PARTNER_CALCULATION_IN_PROGRESS PRE_CALC_SENT" {
		t.Errorf("at the end it is %s", got)
	}
	e := s.explain(t, ours)
	if e.Offers[0].Next != nil || e.Calculation.Next != nil || e.Offers[0].Status != "PRE_CALC_SENT" {
		t.Errorf("at the end: %+v", e)
	}
	s.act(t, `"fire": "calculating"`).want(t, 200)
	s.admin(t, "POST", "/clock/advance", `{"next": true}`).wantProblem(t, 400, "outside the years 1 to 9999", "/next")
	s.admin(t, "POST", "/clock/advance", `{"until": {"request_id": "`+ours+`", "status": "PAID"}}`).wantProblem(t, 400, "outside the years 1 to 9999", "/until")
	s.admin(t, "GET", "/snapshot", "").want(t, 200)
}
