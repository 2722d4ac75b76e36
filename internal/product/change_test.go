package product_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// refusing is a story in which one insurer refuses at an offset, in seconds; more is added to its file.
func refusing(after int, more string) string {
	return fmt.Sprintf(`title: Refused after %[1]d seconds
story: One insurer refuses after %[1]d seconds.
osago:
  offers:
    alfa: {insurer: {code: 1, name: Альфа}, steps: [CREATED, {at: 1s, status: PRE_CALC_SENT}, {at: 2s, status: PRE_CALC_IN_PROGRESS}, {at: %[1]ds, status: REJECTED}]}
%[2]s`, after, more)
}

// Ids of subjects that tests begin one after the other.
func numbered(i int) string { return fmt.Sprintf("22222222-2222-4222-8222-%012d", i) }

// tell has the session play a story.
func (s *play) tell(t *testing.T, query, story string) answer {
	t.Helper()
	return s.admin(t, "PUT", "/scenario"+query, story)
}

// looks are what a client sees of calculations at this moment.
func (s *play) looks(t *testing.T, ids ...string) string {
	t.Helper()
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = s.look(t, id)
	}
	return strings.Join(list, ", ")
}

func (s *play) sees(t *testing.T, want string, ids ...string) {
	t.Helper()
	if got := s.looks(t, ids...); got != want {
		t.Errorf("%s sees %s, not %s", s.name, got, want)
	}
}

const (
	sent = "PARTNER_CALCULATION_IN_PROGRESS PRE_CALC_IN_PROGRESS"
	over = "NO_CALCULATION_AVAILABLE REJECTED"
)

// What begins after a change plays the new story; what has begun keeps its own, at the same instant, whatever happens to the session
// then.
func TestStoryChangedWhileItRuns(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.frozen(t, "all-rejected")
	s.tell(t, "", refusing(10, "")).want(t, 200)
	a, b, c := numbered(1), numbered(2), numbered(3)
	s.look(t, a)
	s.tell(t, "", refusing(5, "")).want(t, 200).says(t, `{"name":"all-rejected","title":"Refused after 5 seconds","warnings":[]}`)
	s.look(t, b)
	s.tell(t, "", refusing(60, "")).want(t, 200)
	s.look(t, c)
	s.moveTo(t, 4*time.Second)
	s.sees(t, sent+", "+sent+", "+sent, a, b, c)
	s.moveTo(t, 5*time.Second)
	half := sent + ", " + over + ", " + sent
	s.sees(t, half, a, b, c)

	fork := &play{p, "fork"}
	fork.fork(t, s, 201)
	other := start(t, setup{})
	restored := &play{other, "restored"}
	restored.admin(t, "PUT", "/snapshot", string(s.admin(t, "GET", "/snapshot", "").body)).want(t, 201)
	for _, s := range []*play{s, fork, restored} {
		s.sees(t, half, a, b, c)
		s.moveTo(t, 10*time.Second)
		s.sees(t, over+", "+over+", "+sent, a, b, c)
		d := numbered(4)
		s.look(t, d)
		s.moveTo(t, 21*time.Second)
		s.sees(t, sent, d)
		s.moveTo(t, 70*time.Second)
		s.sees(t, over+", "+over, c, d)
		if e := s.explain(t, b); e.Scenario != "all-rejected" || !strings.Contains(asJSON(e), "2026-01-15T09:00:05Z") {
			t.Errorf("the explanation of the second is %+v", e)
		}
	}
	for _, s := range []*play{fork, restored} { // they go back to where they were forked
		s.admin(t, "POST", "/reset", "").want(t, 200)
		s.sees(t, half, a, b, c)
	}
	s.admin(t, "POST", "/reset", "").want(t, 200)
	s.look(t, a)
	s.moveTo(t, 5*time.Second)
	if got := s.look(t, a); !strings.HasPrefix(got, "PARTNER_CALCULATION_IN_PROGRESS REJECTED PRE_CALC") {
		t.Errorf("reset, the session does not play what it was created with: %s", got)
	}
}

// A session in which nobody chose plays what was put into it before magic values; seed and clock stay.
func TestStoryPutWhereNobodyChose(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	before := s.shown(t)
	s.tell(t, "", refusing(5, "seed: 99\n")).want(t, 200).says(t, `{"name":"put","title":"Refused after 5 seconds","warnings":[]}`)
	now := s.shown(t)
	if now.Scenario != "put" || !now.Chosen || now.Seed != before.Seed || now.Clock != before.Clock {
		t.Errorf("the session was %+v and is %+v", before, now)
	}
	a := s.get(t, "/osago/calculate/status?request_id="+ours)
	if got := a.told()["X-Poligon-Scenario"]; got != "put" {
		t.Errorf("it plays %q", got)
	}
	if file := s.admin(t, "GET", "/scenario", "").want(t, 200).body; string(file) != refusing(5, "seed: 99\n") {
		t.Errorf("its file is %s", file)
	}
	s.tell(t, "?name=mine", refusing(7, "")).want(t, 200)
	if got := s.shown(t).Scenario; got != "mine" {
		t.Errorf("then it plays %q", got)
	}
	s.do(t, call{method: "GET", path: "/osago/calculate/status?request_id=" + numbered(9), header: map[string]string{"X-Poligon-Scenario": "put"}}).want(t, 200)
	other := s.frozen(t, "")
	other.fling(t, call{method: "GET", path: "/osago/calculate/status?request_id=" + ours, header: map[string]string{"X-Poligon-Scenario": "mine"}})
	other.holds(t, 0)
}

// A bad file changes nothing, takes no number, and is answered with all that is wrong in it.
func TestBadStoryChangesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "all-rejected")
	s.look(t, ours)
	before := s.admin(t, "GET", "/snapshot", "").body
	bad := strings.Replace(refusing(5, "osgo: {}\n"), "REJECTED", "REJECTD", 1)
	a := s.tell(t, "", bad)
	var p struct {
		Detail, Hint string
		Errors       []struct {
			Code, Message, Hint, Text, File string
			Line, Column                    int
		}
	}
	a.want(t, 422).decode(t, &p)
	if !strings.Contains(p.Detail, "all-rejected.yaml:5:") || !strings.Contains(p.Detail, "\n    5 | …") || !strings.Contains(p.Detail, "all-rejected.yaml:6:1: unknown key \"osgo\"") {
		t.Errorf("the detail is\n%s", p.Detail)
	}
	if len(p.Errors) != 2 {
		t.Fatalf("the mistakes are %+v", p.Errors)
	}
	if e := p.Errors[1]; e.Line != 6 || e.Column != 1 || e.Code != "format" || e.Text != "osgo: {}" || e.Hint != "did you mean osago?" || e.Message == "" || e.File != "all-rejected.yaml" {
		t.Errorf("the second mistake is %+v", e)
	}
	for query, story := range map[string]string{
		"":              "",
		"?name=put":     ": : :",
		"?name=mine":    refusing(5, "magic: [{osago.request_id: 00000000-0000-4000-8000-000000000003, why: test}]\n"),
		"?name=default": "title: x\nstory: y\nosago: {offers: {alfa: {insurer: {code: 1, name: x}, steps: [CREATED, {at: 1s, status: REJECTED}]}}}\n",
	} {
		s.tell(t, query, story).want(t, 422)
	}
	s.tell(t, "?name=mine", refusing(5, "magic: [{osago.request_id: 00000000-0000-4000-8000-000000000003, why: test}]\n")).
		wantProblem(t, 422, "already taken", "")
	s.tell(t, "?name=No_Name", refusing(5, "")).want(t, 400)
	s.tell(t, "?nme=x", refusing(5, "")).want(t, 400)
	s.tell(t, "", refusing(5, "#"+strings.Repeat("x", 1<<20))).wantProblem(t, 413, "1048576 bytes", "")
	if after := s.admin(t, "GET", "/snapshot", "").body; string(after) != string(before) {
		t.Errorf("the session was\n%s\nand is\n%s", before, after)
	}
}

// The faults of the new story take the place of those of the old one, and count anew; the same file again changes nothing. What is
// unused is of the new story.
func TestFaultsOfAChangedStory(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	busy := func(status int) string {
		return refusing(5, fmt.Sprintf("faults: [{on: getCalculationStatus, first: 1, status: %d}]\n", status))
	}
	status := func() int { return s.strike(t, poll(ours)).status }
	s.tell(t, "", busy(503)).want(t, 200)
	got := []int{status(), status()}
	s.tell(t, "", busy(503)).want(t, 200)
	got = append(got, status())
	s.tell(t, "", busy(429)).want(t, 200)
	got = append(got, status(), status())
	s.tell(t, "", busy(503)).want(t, 200)
	got = append(got, status(), status())
	s.tell(t, "", refusing(6, "")).want(t, 200)
	if got = append(got, status()); !slices.Equal(got, []int{503, 200, 200, 429, 200, 503, 200, 200}) {
		t.Errorf("the statuses are %v", got)
	}
	if _, parts, faults := s.unused(t); len(parts) != 4 || len(faults) != 0 {
		t.Errorf("unused are %v and %v", parts, faults)
	}
	s.look(t, numbered(1))
	if _, parts, _ := s.unused(t); len(parts) != 3 {
		t.Errorf("after a look unused are %v", parts)
	}
}
