package product_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// changed is a change of a status as the admin API lists it.
type changed struct {
	At                       time.Time
	Subject, From, To, Cause string
	OfferID                  string `json:"offer_id"`
}

// advance moves the clock and gives what changed on the way.
func (s *play) advance(t *testing.T, body string) (list []changed) {
	t.Helper()
	var moved struct{ Changes []changed }
	s.admin(t, "POST", "/clock/advance", body).want(t, http.StatusOK).decode(t, &moved)
	return moved.Changes
}

// statusOf is a calculation's status, and those of its offers by id, as a poll tells them.
func (s *play) statusOf(t *testing.T, id string) (whole string, offers map[string]string, order []string) {
	t.Helper()
	var body struct {
		Status string
		Offers []struct {
			ID     string `json:"offer_id"`
			Status string `json:"offer_status"`
		}
	}
	s.get(t, "/osago/calculate/status?request_id="+id).want(t, http.StatusOK).decode(t, &body)
	offers = map[string]string{}
	for _, o := range body.Offers {
		offers[o.ID] = o.Status
		order = append(order, o.ID)
	}
	return body.Status, offers, order
}

// The list of what changed in one long move is what a client sees that polls at every change.
func TestChangesAreWhatAClientSees(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for _, name := range []string{"default", "aggregator-three-offers", "insurer-happy-path", "all-rejected", "calculation-error", "closed-by-timeout",
		"payment-cancelled-then-paid", "payment-link-failed", "slow-partner"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			long, short := p.frozen(t, name), p.frozen(t, name)
			long.statusOf(t, ours)
			listed := long.advance(t, `{"by": "1d"}`)

			var seen []changed
			whole, offers, order := short.statusOf(t, ours)
			for {
				offset, moved := short.moveToNext(t)
				if !moved {
					break
				}
				after, now, _ := short.statusOf(t, ours)
				for _, id := range order {
					if now[id] != offers[id] {
						seen = append(seen, changed{At: dawn.Add(offset), Subject: ours, OfferID: id, From: offers[id], To: now[id]})
					}
				}
				if after != whole {
					seen = append(seen, changed{At: dawn.Add(offset), Subject: ours, From: whole, To: after})
				}
				whole, offers = after, now
			}
			for i := range listed {
				if listed[i].Cause == "" {
					t.Errorf("change %d has no cause", i)
				}
				listed[i].Cause = ""
			}
			if len(seen) == 0 || !slices.EqualFunc(listed, seen, func(a, b changed) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
				t.Errorf("listed\n%v\nseen\n%v", listed, seen)
			}
		})
	}
}

// The documents' flow: a poll a second for at most three minutes, in no time at all.
func TestThreeMinutesOfPolling(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "slow-partner")
	for second := range 180 {
		if status, _, _ := s.statusOf(t, ours); status == "CALCULATION_READY" {
			if second != 170 {
				t.Errorf("ready after %d seconds, the story says 2m50s", second)
			}
			return
		}
		s.advance(t, `{"by": "1s"}`)
	}
	t.Error("never ready")
}

func TestAdvanceUntil(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "aggregator-three-offers")
	until := func(offer, status string) answer {
		t.Helper()
		if offer != "" {
			offer = fmt.Sprintf(`"offer_id": %q, `, offer)
		}
		return s.admin(t, "POST", "/clock/advance", fmt.Sprintf(`{"until": {%s"request_id": %q, "status": %q}}`, offer, ours, status))
	}
	until("", "PAID").wantProblem(t, 404, "there is nothing of this id in the session", "")
	_, _, order := s.statusOf(t, ours)
	for _, step := range []struct {
		offer, status string
		at            time.Duration
	}{{"", "DRAFT", 0}, {order[0], "PAYMENT_READY", 8 * time.Second}, {order[0], "PAYMENT_READY", 8 * time.Second}, {"", "CALCULATION_READY", 9 * time.Second},
		{order[1], "PAYMENT_COMPLETED", 90 * time.Second}, {"", "PAID", 90 * time.Second}} {
		until(step.offer, step.status).want(t, 200)
		if now := s.shown(t).Clock.Now; !now.Equal(dawn.Add(step.at)) {
			t.Errorf("until %v the clock moves to %s", step, now)
		}
	}
	until("", "CALCULATION_ERROR").wantProblem(t, 409, "by itself it goes PAID, CLOSED and never CALCULATION_ERROR", "")
	until("1", "CLOSED_PAID").wantProblem(t, 409, `the calculation has no offer "1"`, "")
	until("", "CLOSD").wantProblem(t, 400, "did you mean CLOSED?", "/until")
}

// A change of speed changes what the clock will show, not what it shows; resume goes back to the speed of before.
func TestSpeed(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.play(t, `{"clock": {"mode": "real", "start": "2026-01-15T09:00:00Z"}}`)
	steps := []struct{ method, path, body, mode string }{
		{"PUT", "/clock", `{"mode": "scaled", "speed": 60}`, "scaled"}, {"POST", "/clock/freeze", "", "frozen"}, {"POST", "/clock/freeze", "", "frozen"},
		{"POST", "/clock/resume", "", "scaled"}, {"PUT", "/clock", `{"mode": "frozen"}`, "frozen"}, {"POST", "/clock/resume", "", "scaled"},
		{"PUT", "/clock", `{"mode": "real"}`, "real"},
	}
	want, speed := dawn, time.Duration(1)
	for _, step := range steps {
		p.real.pass(10 * time.Second)
		want = want.Add(speed * 10 * time.Second)
		var c clockShown
		s.admin(t, step.method, step.path, step.body).want(t, 200).decode(t, &c)
		if !c.Now.Equal(want) || c.Mode != step.mode || !s.shown(t).Clock.Now.Equal(want) {
			t.Errorf("after %v the clock is %+v, and should show %s", step, c, want)
		}
		speed = map[string]time.Duration{"scaled": 60, "frozen": 0, "real": 1}[step.mode]
	}
	for _, body := range []string{`{}`, `{"mode": "scaled"}`, `{"mode": "real", "speed": 2}`, `{"mode": "scaled", "speed": -1}`, `{"mode": "scaled", "speed": 1e9}`, `{"mode": "fast"}`} {
		s.admin(t, "PUT", "/clock", body).want(t, 400)
	}
}
