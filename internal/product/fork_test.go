package product_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// seenBy is all that a client sees of our calculation and of an import sent again, whatever the session's name is.
func (s *play) seenBy(t *testing.T) string {
	t.Helper()
	results := s.importRisks(t, risk(nil), policy("F-1", nil))
	text := fmt.Sprint(s.look(t, ours), s.get(t, "/osago/calculate?request_id="+ours), results[0].codes(), *results[1].UUID)
	return strings.ReplaceAll(text, "/s/"+s.name+"/", "/")
}

// A fork of a fork stands where that stood, and neither reset, clock, acts nor deletion of any of them is seen in the others.
func TestForkOfAFork(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	first := p.frozen(t, "insurer-happy-path")
	first.post(t, application(ours)).want(t, 200)
	first.importRisks(t, risk(nil))
	first.moveTo(t, 10*time.Second)
	second, third := &play{p, "second"}, &play{p, "third"}
	second.fork(t, first, 201)
	second.act(t, `"fire": "paid"`).want(t, 200)
	paid := "PAID PAYMENT_COMPLETED"
	third.fork(t, second, 201)
	second.act(t, `"fire": "issued"`).want(t, 200)
	for _, c := range []struct {
		s    *play
		sees string
	}{{first, "CALCULATION_READY PAYMENT_READY"}, {second, "CLOSED CLOSED_PAID"}, {third, paid}} {
		if got := c.s.look(t, ours); got != c.sees {
			t.Errorf("%s sees %s, not %s", c.s.name, got, c.sees)
		}
	}
	first.admin(t, "DELETE", "", "").want(t, 204)
	second.admin(t, "POST", "/reset", "").want(t, 200)
	third.moveTo(t, time.Hour)
	third.admin(t, "POST", "/reset", "").want(t, 200)
	if a, b := second.look(t, ours), third.look(t, ours); a != "CALCULATION_READY PAYMENT_READY" || b != paid {
		t.Errorf("reset, the forks see %s and %s", a, b)
	}
	for _, s := range []*play{second, third} {
		if now := s.shown(t).Clock.Now; !now.Equal(dawn.Add(10 * time.Second)) {
			t.Errorf("reset, the clock of %s shows %s", s.name, now)
		}
	}
	third.act(t, `"fire": "issued"`).want(t, 200)
	third.importRisks(t, policy("mine", nil))
	second.holds(t, 2)
	third.holds(t, 3)
}

// Fifty forks made at once while the session is used are each the session at one moment, and answer as it would.
func TestFiftyForksAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.frozen(t, "aggregator-three-offers")
	s.post(t, application(ours)).want(t, 200)
	s.importRisks(t, risk(nil))
	s.moveTo(t, 20*time.Second)
	begun := time.Now()
	s.admin(t, "POST", "/fork", `{"prefix": "timed-", "count": 50}`).want(t, 201)
	if took := time.Since(begun); took > time.Second {
		t.Errorf("fifty forks took %s", took)
	}
	together(50, func(i int) {
		s.get(t, fmt.Sprintf("/osago/calculate/status?request_id=%s%02d", ours[:34], i)).want(t, 200)
		(&play{p, fmt.Sprintf("at-once-%d", i)}).fork(t, s, 201)
	})
	want := (&play{p, "timed-1"}).seenBy(t)
	for i := range 50 {
		f := &play{p, fmt.Sprintf("at-once-%d", i)}
		if got := f.seenBy(t); got != want {
			t.Errorf("fork %d sees\n%s\nnot\n%s", i, got, want)
		}
	}
}

// Of many who create one session at once one does; the others are given it.
func TestSessionCreatedOnce(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	var created atomic.Int64
	together(32, func(i int) {
		if i%2 == 0 {
			if p.do(t, call{method: "PUT", path: "/__admin/sessions/one"}).status == http.StatusCreated {
				created.Add(1)
			}
			return
		}
		(&play{p, "one"}).get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
	})
	if list := p.list(t); created.Load() > 1 || len(list) != 1 || list[0].Subjects != 1 {
		t.Errorf("created %d times: %+v", created.Load(), list)
	}
}

// A snapshot is the same document however often it is taken, and a session that is restored from it gives the same one but for its
// name: nothing is lost on the way.
func TestSnapshotOfARestoredSession(t *testing.T) {
	t.Parallel()
	p := start(t, setup{wait: new(waits).wait})
	s := p.frozen(t, "busy-partner")
	s.post(t, application(ours)).want(t, 200)
	s.strike(t, signed([]byte(asJSON(map[string]any{"risks": list(policy("S-1", nil), policy("S-2", nil))})))) // it is accepted, and the answer lost
	s.fault(t, `{"on": "getCalculation", "every": 2, "status": 500}`)
	s.strike(t, poll(ours))
	s.admin(t, "PUT", "/clock", `{"mode": "scaled", "speed": 60}`).want(t, 200)
	s.admin(t, "POST", "/clock/freeze", "").want(t, 200)
	s.moveTo(t, 10*time.Second)
	s.act(t, `"fire": "paid"`).want(t, 200)
	first := s.admin(t, "GET", "/snapshot", "").want(t, 200).body
	if again := s.admin(t, "GET", "/snapshot", "").body; string(again) != string(first) {
		t.Errorf("two snapshots of one moment are\n%s\nand\n%s", first, again)
	}
	other := start(t, setup{wait: new(waits).wait})
	there := &play{other, "there"}
	there.admin(t, "PUT", "/snapshot", string(first)).want(t, 201)
	second := there.admin(t, "GET", "/snapshot", "").body
	if want := strings.Replace(string(first), `"session":"`+s.name+`"`, `"session":"there"`, 1); string(second) != want {
		t.Errorf("restored it gives\n%s\nnot\n%s", second, want)
	}
	resumed := there.admin(t, "POST", "/clock/resume", "").want(t, 200)
	var now clockShown
	if resumed.decode(t, &now); now.Speed != 60 {
		t.Errorf("resumed at %v", now.Speed)
	}
	there.admin(t, "POST", "/reset", "").want(t, 200)
	if third := there.admin(t, "GET", "/snapshot", "").body; !sameButNumber(t, third, second) {
		t.Errorf("reset it gives\n%s\nnot\n%s", third, second)
	}
}

// sameButNumber says whether two snapshots differ in nothing but the number of the last act.
func sameButNumber(t *testing.T, a, b []byte) bool {
	t.Helper()
	var texts [2]string
	for i, text := range [][]byte{a, b} {
		var snapshot map[string]any
		if err := json.Unmarshal(text, &snapshot); err != nil {
			t.Fatal(err)
		}
		delete(snapshot, "number")
		texts[i] = asJSON(snapshot)
	}
	return texts[0] == texts[1]
}
