package product_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"poligon/internal/session"
)

// A recording with changes in the middle, of the session's story and of the server's, plays again to the byte.
func TestReplayWithChangedStories(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.frozen(t, "all-rejected")
	s.look(t, numbered(1))
	s.tell(t, "", refusing(5, "faults: [{on: getCalculation, first: 1, status: 503}]\n")).want(t, 200)
	s.strike(t, call{method: "GET", path: "/osago/calculate?request_id=" + numbered(2)})
	s.look(t, numbered(2))
	p.putScenario(t, "default", complete(7)).want(t, 200)
	p.putScenario(t, "all-rejected", refusing(9, "")).want(t, 200) // the session has its own
	s.tell(t, "?name=other", refusing(6, "")).want(t, 200)
	s.look(t, numbered(3))
	s.moveTo(t, 20*time.Second)
	for i := range 3 {
		s.act(t, `"force": "CALCULATION_ERROR"`)
		s.look(t, numbered(i+1))
	}
	_, b := s.recording(t)
	if n := len(b.Recording.Exchanges); n < 12 {
		t.Errorf("%d exchanges are recorded", n)
	}
	replay(t, b)
	s.admin(t, "POST", "/reset", "").want(t, 200)
	s.look(t, numbered(4))
	_, b = s.recording(t)
	replay(t, b)
	fork := &play{p, "fork"}
	s.tell(t, "", refusing(8, "")).want(t, 200)
	s.look(t, numbered(5))
	fork.fork(t, s, 201)
	fork.moveTo(t, 30*time.Second)
	fork.look(t, numbered(4))
	fork.look(t, numbered(5))
	_, b = fork.recording(t)
	replay(t, b)
}

// complete is a story that can stand in for what others leave out.
func complete(after int) string { return refusing(after, "bordereau: {}\n") }

func (p *product) putScenario(t *testing.T, name, story string) answer {
	t.Helper()
	return p.do(t, call{method: "PUT", path: "/__admin/scenarios/" + name, body: []byte(story)})
}

// A change of the server's scenario is seen by what begins then in every session that has none of its own, and by no running
// calculation. In a session in which something has happened it is an act; a fresh one begins with it.
func TestScenarioOfTheServerChanged(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	plays, own, magic, fresh := p.frozen(t, "all-rejected"), p.frozen(t, "all-rejected"), p.frozen(t, ""), p.frozen(t, "all-rejected")
	own.tell(t, "", refusing(60, "")).want(t, 200)
	a, b := numbered(1), numbered(2)
	third := "00000000-0000-4000-8000-000000000003" // chooses all-rejected
	for _, s := range []*play{plays, own, magic} {
		s.look(t, a)
	}
	withMagic := refusing(5, "magic: [{osago.request_id: "+third+", why: test id 3}]\n")
	p.putScenario(t, "all-rejected", withMagic).want(t, 200).says(t, `{"name":"all-rejected","title":"Refused after 5 seconds","warnings":[]}`)
	if got := p.do(t, call{method: "GET", path: "/__admin/scenarios/all-rejected"}).want(t, 200).body; string(got) != withMagic {
		t.Errorf("the file is %s", got)
	}
	if n := fresh.get(t, "/osago/calculate/status?request_id="+b).number(t); n != 1 {
		t.Errorf("in a fresh session the change has taken a number: the first request is %d", n)
	}
	for _, s := range []*play{plays, own, fresh, magic} {
		s.look(t, b)
		s.look(t, third)
		s.moveTo(t, 6*time.Second)
	}
	plays.sees(t, over, b)
	own.sees(t, sent+", "+sent, a, b)
	fresh.sees(t, over, b)
	magic.sees(t, over, third)
	if got := plays.look(t, a); !strings.HasPrefix(got, "PARTNER_CALCULATION_IN_PROGRESS REJECTED PRE_CALC") {
		t.Errorf("what runs does not keep its story: %s", got)
	}
	for _, s := range []*play{plays, own, fresh, magic} {
		_, bundle := s.recording(t)
		replay(t, bundle)
	}
	for _, bad := range []string{refusing(5, "x: y\n"), refusing(5, "magic: [{osago.request_id: 00000000-0000-4000-8000-000000000002, why: x}]\n")} {
		p.putScenario(t, "all-rejected", bad).want(t, 422)
	}
	p.putScenario(t, "default", refusing(5, "")).want(t, 422)
	p.putScenario(t, "new", refusing(5, "")).want(t, 200)
	p.frozen(t, "new").look(t, a)
}

// A change of several takes effect as a whole; a scenario that is taken away stays with what it has begun.
func TestScenariosRenamed(t *testing.T) {
	t.Parallel()
	const value = "magic: [{osago.request_id: 00000000-0000-4000-8000-0000000000aa, why: mine}]\n"
	p := start(t, setup{scenarios: fstest.MapFS{"mine.yaml": {Data: []byte(refusing(5, value))}}})
	s, by := p.frozen(t, "mine"), p.frozen(t, "")
	const id = "00000000-0000-4000-8000-0000000000aa"
	s.look(t, id)
	by.look(t, id)
	rename := fmt.Sprintf(`{"scenarios": [{"name": "yours", "source": %s}], "remove": ["mine"]}`, asJSON(refusing(9, value)))
	p.do(t, call{method: "POST", path: "/__admin/scenarios", body: []byte(strings.Replace(rename, `"mine"`, `"other"`, 1))}).want(t, 422) // the value is taken
	p.do(t, call{method: "POST", path: "/__admin/scenarios", body: []byte(rename)}).want(t, 200).says(t, `{"changed":["yours"],"removed":["mine"]}`)
	for _, s := range []*play{s, by} {
		s.moveTo(t, 6*time.Second)
		s.sees(t, over, id)
		fork := &play{p, s.name + "-fork"}
		fork.fork(t, s, 201)
		fork.sees(t, over, id)
		_, b := s.recording(t)
		replay(t, b)
	}
	if now := s.shown(t); now.Scenario != "mine" {
		t.Errorf("who chose it plays %s", now.Scenario)
	}
	if a := p.do(t, call{method: "PUT", path: "/__admin/sessions/late", body: []byte(`{"scenario": "mine"}`)}); a.status != 400 {
		t.Errorf("a new session can choose it: %s", a)
	}
}

// Clients who begin calculations while the story changes all the time see each one either in the old or in the new story, whole, and
// later never another; the recording plays again.
func TestStoryChangedInACrowd(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	p.real.step.Store(int64(time.Millisecond))
	s := p.play(t, `{"clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}, `+wholeJournal+`}`)
	s.tell(t, "", refusing(3, "")).want(t, 200)
	together(8, func(i int) {
		for n := range 25 {
			switch {
			case i == 0:
				s.tell(t, "", refusing(3+n%20, "")).want(t, 200)
			case i == 1 && n%2 == 0:
				s.tell(t, []string{"?name=mine", "?name=other", ""}[n%3], refusing(3+n%20, "# another\n")).want(t, 200)
			case i == 1:
				p.putScenario(t, "busy-partner", refusing(3+n%20, "")).want(t, 200)
			case i%2 == 0:
				s.look(t, numbered(i*100+n))
			default:
				s.post(t, application(numbered(i*100+n))).want(t, 200)
			}
		}
	})
	_, b := s.recording(t)
	replay(t, b)
	s.moveTo(t, 12*time.Second)
	fork := &play{p, "fork"}
	fork.fork(t, s, 201)
	for i := 2; i < 8; i++ {
		for n := range 25 {
			id := numbered(i*100 + n)
			if a, b := s.look(t, id), fork.look(t, id); a != b || a != over && a != sent {
				t.Errorf("%s is %s, and in a fork %s", id, a, b)
			}
		}
	}
}

// A session keeps a bounded number of versions, says so, and can be reset. Without subjects none is kept.
func TestTooManyVersions(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	for i := range 210 {
		s.tell(t, "", refusing(3, fmt.Sprintf("# %d\n", i))).want(t, 200)
	}
	s.look(t, ours)
	refusedAt, number := 0, 0
	for i := range 210 {
		if a := s.tell(t, "", refusing(3, fmt.Sprintf("#! %d\n", i))); a.status != http.StatusOK {
			a.wantProblem(t, 409, "at most 200", "")
			refusedAt = i
			break
		}
		number = i
	}
	if refusedAt < 150 || refusedAt != number+1 {
		t.Errorf("version %d was refused, %d was taken", refusedAt, number)
	}
	s.moveTo(t, 2*time.Second)
	s.sees(t, sent, ours)
	(&play{s.product, "fork"}).fork(t, s, 201)
	s.admin(t, "POST", "/reset", "").want(t, 200)
	s.tell(t, "", refusing(4, "")).want(t, 200)
}

// The magic values are listed with the scenario that each chooses.
func TestMagicListed(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	var list struct {
		Magic []struct{ API, Field, Value, Scenario, Why string }
	}
	p.do(t, call{method: "GET", path: "/__admin/magic"}).want(t, 200).decode(t, &list)
	found := false
	for _, m := range list.Magic {
		found = found || m.API == "osago" && m.Field == "request_id" && m.Value == "00000000-0000-4000-8000-000000000003" && m.Scenario == "all-rejected" && m.Why == "test id 3"
	}
	if !found {
		t.Errorf("the value of all-rejected is not in %+v", list)
	}
}

// A session whose own story would have a magic value twice keeps its scenarios when the server's change, and says so to nobody but the
// log; all that can be done with a session can still be done. A reset lets it follow.
func TestSessionThatCannotFollow(t *testing.T) {
	t.Parallel()
	const value = "magic: [{osago.request_id: 00000000-0000-4000-8000-0000000000bb, why: mine}]\n"
	p := start(t, setup{})
	s := p.frozen(t, "")
	s.tell(t, "", refusing(5, value)).want(t, 200)
	s.look(t, ours)
	p.putScenario(t, "busy-partner", refusing(9, value)).want(t, 200)
	fork := &play{p, "fork"}
	fork.fork(t, s, 201)
	for _, s := range []*play{s, fork} {
		s.moveTo(t, 6*time.Second)
		s.sees(t, over, ours)
		_, b := s.recording(t)
		replay(t, b)
	}
	s.admin(t, "POST", "/reset", "").want(t, 200)
	a := s.get(t, "/osago/calculate/status?request_id=00000000-0000-4000-8000-0000000000bb").want(t, 200)
	if got := a.told()["X-Poligon-Scenario"]; got != "busy-partner" {
		t.Errorf("reset it plays %q", got)
	}
	_, b := s.recording(t)
	replay(t, b)
}

// The scenario that the server was started with cannot be taken away, nor the default one.
func TestScenarioThatIsNeeded(t *testing.T) {
	t.Parallel()
	p := start(t, setup{defaults: session.Config{Scenario: "all-rejected"}})
	for name, status := range map[string]int{"all-rejected": 400, "default": 422, "busy-partner": 200} {
		p.do(t, call{method: "POST", path: "/__admin/scenarios", body: []byte(fmt.Sprintf(`{"remove": [%q]}`, name))}).want(t, status)
	}
}

// A snapshot whose stories cannot be played is refused, with their mistakes.
func TestSnapshotWithABrokenStory(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.frozen(t, "")
	s.tell(t, "", refusing(5, "")).want(t, 200)
	s.look(t, ours)
	s.tell(t, "", refusing(6, "")).want(t, 200)
	good := string(s.admin(t, "GET", "/snapshot", "").want(t, 200).body)
	again := &play{p, "again"}
	for from, to := range map[string]string{
		"REJECTED":                     "REJECTD",
		`"name":"put"`:                 `"name":"../put"`,
		`"name":"put","source":"title`: `"name":"default","source":"title`,
	} {
		bad := strings.ReplaceAll(good, from, to)
		if bad == good {
			t.Fatalf("the snapshot has no %s: %s", from, good)
		}
		again.admin(t, "PUT", "/snapshot", bad).want(t, 400)
	}
	again.admin(t, "PUT", "/snapshot", good).want(t, 201)
	again.moveTo(t, 5*time.Second)
	again.sees(t, over, ours)
}

// A calculation stays with its story wherever it goes: in a session that a snapshot is restored to, in a fork that is reset, on a server
// that has another story of that name, or none; and in a session whose story was taken away from the server.
func TestStoryStaysWhereverASessionGoes(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	p.putScenario(t, "vx", refusing(10, "")).want(t, 200)
	s := p.frozen(t, "vx")
	id := numbered(1)
	s.look(t, id)
	snap := string(s.admin(t, "GET", "/snapshot", "").body)
	fork := &play{p, "fork"}
	fork.fork(t, s, 201)
	p.putScenario(t, "vx", refusing(3, "")).want(t, 200)
	other := start(t, setup{})
	third := start(t, setup{})
	third.putScenario(t, "vx", refusing(3, "")).want(t, 200)
	var all []*play
	for i, at := range []*product{p, other, third} {
		restored := &play{at, fmt.Sprintf("restored-%d", i)}
		restored.admin(t, "PUT", "/snapshot", snap).want(t, 201)
		all = append(all, restored)
	}
	fork.admin(t, "POST", "/reset", "").want(t, 200)
	for _, s := range append(all, s, fork) {
		s.moveTo(t, 4*time.Second)
		s.sees(t, sent, id)
		s.moveTo(t, 10*time.Second)
		s.sees(t, over, id)
	}

	p.do(t, call{method: "POST", path: "/__admin/scenarios", body: []byte(`{"scenarios": [], "remove": ["vx"]}`)}).want(t, 200)
	for _, s := range []*play{s, fork} {
		s.admin(t, "POST", "/reset", "").want(t, 200)
		s.moveTo(t, 10*time.Second)
		s.look(t, numbered(2))
		s.moveTo(t, 20*time.Second)
		s.sees(t, over, numbered(2))
	}
	broken := strings.Replace(snap, `"scenarios":[`, `"scenarios_":[`, 1)
	if broken == snap {
		t.Fatal("the snapshot holds no scenario")
	}
	(&play{other, "broken"}).admin(t, "PUT", "/snapshot", broken).want(t, 400)
}
