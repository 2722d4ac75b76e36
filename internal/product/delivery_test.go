package product_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// marketplace is a server that partners tell of their sales. It answers with statuses one after the other, then with 200.
type marketplace struct {
	*httptest.Server
	mu       sync.Mutex
	statuses []int
	calls    []told
}

// told is a report as it came.
type told struct {
	path          string
	query         url.Values
	session, auth string
}

func newMarketplace(t *testing.T, statuses ...int) *marketplace {
	t.Helper()
	m := &marketplace{statuses: statuses}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.calls = append(m.calls, told{r.Method + " " + r.URL.Path, r.URL.Query(), r.Header.Get("X-Poligon-Session"), r.Header.Get("Authorization")})
		status := http.StatusOK
		if len(m.statuses) > 0 {
			status, m.statuses = m.statuses[0], m.statuses[1:]
		}
		if status/100 == 3 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"request_id": %q}`, r.URL.Query().Get("request_id"))
	}))
	t.Cleanup(m.Close)
	return m
}

// took are the reports so far.
func (m *marketplace) took() []told {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

// sending is a story that pays its offer after ten seconds, of a partner that tells of it in a way.
func sending(how string) string {
	if how != "" {
		how = "  confirm: " + how + "\n"
	}
	return "title: x\nstory: y\nosago:\n" + how + "  partner: {code: 12, name: П}\n  offers:\n    a: {insurer: {code: 7, name: А}, price: 7072.50, steps: [PAYMENT_READY, {after: 10s, status: PAYMENT_COMPLETED}]}\n"
}

// sells is a frozen session of that story with a calculation of ours that was begun.
func (p *product) sells(t *testing.T, how string) *play {
	t.Helper()
	name := fmt.Sprintf("sells-%d", p.sessions.Add(1))
	p.putScenario(t, name, sending(how)).want(t, 200)
	s := p.frozen(t, name)
	s.look(t, ours)
	return s
}

// sentOut is a request that a session sent, as its journal has it.
type sentOut struct {
	Number      uint64
	API         string
	Operation   string
	SessionTime time.Time `json:"session_time"`
	Subjects    []string
	Scenario    string
	Reason      string
	Faults      []string
	Request     struct {
		Method, Target, Host, Body string
		Headers                    []struct{ Name, Value string }
	}
	Answer struct {
		Status int
		Body   string
	}
	Out struct {
		To, Outcome string
		Offer       string `json:"offer_id"`
		Attempt     int
		Copy        bool `json:"duplicate"`
	}
}

func (o sentOut) String() string {
	text := fmt.Sprintf("%s #%d %s", o.SessionTime.Format("15:04:05"), o.Out.Attempt, o.Out.Outcome)
	if o.Answer.Status > 0 {
		text += fmt.Sprint(" ", o.Answer.Status)
	}
	if o.Out.Copy {
		text += " again"
	}
	return text
}

// sent are the requests that a session sent, in order.
func (s *play) sent(t *testing.T) (list []sentOut) {
	t.Helper()
	var page struct{ Exchanges []sentOut }
	s.admin(t, "GET", "/journal?operation=sendSale", "").want(t, 200).decode(t, &page)
	return page.Exchanges
}

// hasSent checks what a session sent, in words.
func (s *play) hasSent(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, o := range s.sent(t) {
		got = append(got, o.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("it sent %q, not %q", got, want)
	}
}

// owed is when the next report of our calculation is due, from dawn; negative when none is.
func (s *play) owed(t *testing.T) time.Duration {
	t.Helper()
	var e struct {
		Next *struct{ At time.Time } `json:"next_report"`
	}
	s.admin(t, "GET", "/calculations/"+ours, "").want(t, 200).decode(t, &e)
	if e.Next == nil {
		return -1
	}
	return e.Next.At.Sub(dawn)
}

// TestTellsOfASale: who moves the clock over the payment finds it told of, with all that the documents want.
func TestTellsOfASale(t *testing.T) {
	t.Parallel()
	m := newMarketplace(t)
	p := start(t, setup{confirms: []string{m.URL + "/confirm"}, callToken: "tok-8f2e6b"})
	s := p.sells(t, "")
	if due := s.owed(t); due != 10*time.Second {
		t.Errorf("it is due after %s", due)
	}
	s.moveTo(t, 10*time.Second-1)
	if n := len(m.took()); n > 0 {
		t.Fatalf("%d reports before the payment", n)
	}
	s.moveTo(t, 10*time.Second)
	s.hasSent(t, "09:00:10 #1 accepted 200")
	offer := s.calculation(t, ours).Offers[0]["offer_id"].(string)
	want := url.Values{"request_id": {ours}, "offer_id": {offer}, "partner_id": {"12"}, "counterparty_id": {"7"}, "amount": {"7072.50"}, "is_upsaled": {"false"}}
	calls := m.took()
	if len(calls) != 1 || calls[0].path != "GET /confirm" || calls[0].query.Encode() != want.Encode() || calls[0].session != s.name || calls[0].auth != "Bearer tok-8f2e6b" {
		t.Fatalf("%+v", calls)
	}
	o := s.sent(t)[0]
	if o.API != "osago" || o.Out.To != m.URL || o.Out.Offer != offer || o.Request.Target != "/confirm?"+want.Encode() || !slices.Equal(o.Subjects, []string{ours}) || o.Scenario != s.shown(t).Scenario ||
		o.Reason != "" || o.Faults != nil || o.Answer.Body != `{"request_id": "`+ours+`"}` {
		t.Errorf("%+v", o)
	}
	if due := s.owed(t); due >= 0 {
		t.Errorf("another one is due after %s", due)
	}
	s.moveTo(t, 20*24*time.Hour)
	if n := len(m.took()); n != 1 {
		t.Errorf("%d reports", n)
	}
	text, b := s.recording(t)
	for what, shown := range map[string][]byte{"recording": text, "journal": s.admin(t, "GET", "/journal", "").body, "archive": s.admin(t, "GET", "/journal.har", "").body, "snapshot": s.admin(t, "GET", "/snapshot", "").body} {
		if strings.Contains(string(shown), "tok-8f2e6b") {
			t.Errorf("the %s shows the token", what)
		}
	}
	replay(t, b)
	if n := len(m.took()); n != 1 {
		t.Errorf("a replay has made it %d reports", n)
	}
}

// TestTellsAgain: what is not accepted is told again, each time after twice as long, and not for ever.
func TestTellsAgain(t *testing.T) {
	t.Parallel()
	m := newMarketplace(t, 500, 429, 200)
	s := start(t, setup{confirms: []string{m.URL}}).sells(t, "{after: 1h, backoff: 30s}")
	const paid = 10 * time.Second
	for _, step := range []struct {
		to, next time.Duration
		sent     int
	}{
		{paid, paid + time.Hour, 0}, {paid + time.Hour - 1, paid + time.Hour, 0},
		{paid + time.Hour, paid + time.Hour + 30*time.Second, 1},
		{paid + time.Hour + 30*time.Second - 1, paid + time.Hour + 30*time.Second, 1},
		{paid + time.Hour + 40*time.Second, paid + time.Hour + 100*time.Second, 2}, // ten seconds late
		{paid + time.Hour + 100*time.Second - 1, paid + time.Hour + 100*time.Second, 2},
		{paid + time.Hour + 100*time.Second, -1, 3}, {24 * time.Hour, -1, 3},
	} {
		s.moveTo(t, step.to)
		if n := len(m.took()); n != step.sent {
			t.Fatalf("at %s: %d reports, not %d", step.to, n, step.sent)
		}
		if due := s.owed(t); due != step.next {
			t.Errorf("at %s the next is due at %s, not %s", step.to, due, step.next)
		}
	}
	s.hasSent(t, "10:00:10 #1 failed 500", "10:00:50 #2 failed 429", "10:01:50 #3 accepted 200")
	s.admin(t, "POST", "/verify", `{"in_order": true, "expectations": [{"status": "5xx", "count": {"never": true}}, {"operation": "sendSale", "status": "5xx", "count": {"exactly": 1}},
		{"operation": "sendSale", "status": 200, "path": "/", "query": {"is_upsaled": "false"}, "subject": "`+ours+`"}]}`).want(t, 200).hasVerdict(t, "pass")
	_, b := s.recording(t)
	replay(t, b)

	m = newMarketplace(t, 500, 500, 500, 500)
	s = start(t, setup{confirms: []string{m.URL}}).sells(t, "{attempts: 3, backoff: 0}")
	s.moveTo(t, time.Hour)
	s.hasSent(t, "10:00:00 #1 failed 500", "10:00:00 #2 failed 500", "10:00:00 #3 failed 500")
}

// TestTellsNoMoreOfWhatIsRefused: a no is a no, and a redirect leads nowhere.
func TestTellsNoMoreOfWhatIsRefused(t *testing.T) {
	t.Parallel()
	for _, status := range []int{302, 307, 400, 403, 404} {
		m := newMarketplace(t, status)
		s := start(t, setup{confirms: []string{m.URL + "/confirm"}}).sells(t, "")
		s.moveTo(t, time.Minute)
		s.moveTo(t, 24*time.Hour)
		s.hasSent(t, fmt.Sprintf("09:01:00 #1 refused %d", status))
		if calls := m.took(); len(calls) != 1 {
			t.Errorf("%d: %+v", status, calls)
		}
		if o := s.sent(t)[0]; !strings.HasPrefix(o.Reason, fmt.Sprintf("answered %d ", status)) {
			t.Errorf("%d: %s", status, o.Reason)
		}
	}
}

// TestTellsTwice: duplicates on purpose are entries of their own.
func TestTellsTwice(t *testing.T) {
	t.Parallel()
	m := newMarketplace(t, 503)
	s := start(t, setup{confirms: []string{m.URL}}).sells(t, "{duplicates: 100%, backoff: 1m}")
	s.moveTo(t, 10*time.Second)
	s.moveTo(t, time.Hour)
	s.hasSent(t, "09:00:10 #1 failed 503", "10:00:00 #2 accepted 200", "10:00:00 #2 accepted 200 again")
	if calls := m.took(); len(calls) != 3 || calls[1].query.Encode() != calls[2].query.Encode() {
		t.Errorf("%+v", calls)
	}
	if o := s.sent(t)[2]; len(o.Faults) != 1 || !strings.HasPrefix(o.Faults[0], "duplicate: ") {
		t.Errorf("%+v", o)
	}
	_, b := s.recording(t)
	replay(t, b)
}

// TestTellingGetsLost: a report that gets lost is planned and not sent, and told again like one that has no answer.
func TestTellingGetsLost(t *testing.T) {
	t.Parallel()
	m := newMarketplace(t)
	s := start(t, setup{confirms: []string{m.URL + "/confirm"}}).sells(t, "{loss: 100%, attempts: 2, backoff: 1m}")
	s.moveTo(t, 10*time.Second)
	if due := s.owed(t); due != 70*time.Second {
		t.Errorf("the next is due at %s", due)
	}
	s.moveTo(t, time.Hour)
	s.moveTo(t, 2*time.Hour)
	s.hasSent(t, "09:00:10 #1 lost", "10:00:00 #2 lost")
	s.admin(t, "POST", "/verify", `{"expectations": [{"operation": "sendSale", "fault": "lost", "count": {"exactly": 2}}]}`).want(t, 200).hasVerdict(t, "pass")
	o := s.sent(t)[0]
	if len(o.Faults) != 1 || o.Faults[0] != "lost: planned, not sent" || o.Out.To != "" || !strings.HasPrefix(o.Request.Target, "/confirm?amount=7072.50&") {
		t.Errorf("%+v", o)
	}
	if calls := m.took(); len(calls) > 0 {
		t.Errorf("%+v", calls)
	}
	if har := string(s.admin(t, "GET", "/journal.har", "").body); strings.Contains(har, "sendSale") {
		t.Errorf("what was not sent is in the archive: %s", har)
	}
	_, b := s.recording(t)
	replay(t, b)
}

// TestTellingIsLate: each attempt is late by a time that is drawn by the seed.
func TestTellingIsLate(t *testing.T) {
	t.Parallel()
	m := newMarketplace(t)
	p := start(t, setup{confirms: []string{m.URL}})
	seen := map[time.Duration]bool{}
	for seed := range 8 {
		p.putScenario(t, "late", sending("{after: 1m, delay: 1s..10m}")).want(t, 200)
		s := p.play(t, fmt.Sprintf(`{"scenario": "late", "seed": %d, "clock": {"mode": "frozen", "start": %q}}`, seed+1, dawn.Format(time.RFC3339)))
		s.look(t, ours)
		due := s.owed(t)
		if seen[due] = true; due < 71*time.Second || due > 11*time.Minute+10*time.Second {
			t.Errorf("seed %d: due at %s", seed+1, due)
		}
		s.moveTo(t, due-1)
		s.hasSent(t)
		s.moveTo(t, due)
		if n := len(s.sent(t)); n != 1 {
			t.Errorf("seed %d: %d reports", seed+1, n)
		}
	}
	if len(seen) < 7 {
		t.Errorf("eight seeds are late by %v", seen)
	}
}

// TestTellsNobodyElse: what a scenario names and the server does not allow is never called, and that is told.
func TestTellsNobodyElse(t *testing.T) {
	t.Parallel()
	m, other := newMarketplace(t), newMarketplace(t)
	p := start(t, setup{confirms: []string{m.URL + "/first", m.URL + "/second"}})
	for to, path := range map[string]string{"": "GET /first", m.URL + "/second": "GET /second", m.URL + "/third": "", other.URL + "/first": "", m.URL + "/first?x=1": "", m.URL + "/first/": ""} {
		how := ""
		if to != "" {
			how = fmt.Sprintf("{to: %q}", to)
		}
		before := len(m.took())
		s := p.sells(t, how)
		s.moveTo(t, time.Minute)
		s.moveTo(t, time.Hour)
		calls := m.took()[before:]
		if path != "" {
			if s.hasSent(t, "09:01:00 #1 accepted 200"); len(calls) != 1 || calls[0].path != path {
				t.Errorf("%s: %+v", to, calls)
			}
			continue
		}
		s.hasSent(t, "09:01:00 #1 refused")
		if o := s.sent(t)[0]; len(calls) > 0 || !strings.HasPrefix(o.Reason, "not sent: ") {
			t.Errorf("%s: %+v, %s", to, calls, o.Reason)
		}
	}
	if calls := other.took(); len(calls) > 0 {
		t.Errorf("another server was called: %+v", calls)
	}
}

// TestTellsNobody: without a target, and where the story says never, nothing is sent and nothing is due.
func TestTellsNobody(t *testing.T) {
	t.Parallel()
	m := newMarketplace(t)
	for _, s := range []*play{start(t, setup{}).sells(t, "{to: "+m.URL+"}"), start(t, setup{confirms: []string{m.URL}}).sells(t, "{after: never}")} {
		if due := s.owed(t); due >= 0 {
			t.Errorf("due at %s", due)
		}
		s.moveTo(t, 24*time.Hour)
		s.hasSent(t)
	}
	if calls := m.took(); len(calls) > 0 {
		t.Errorf("%+v", calls)
	}
}

// TestTellsWhoDoesNotListen: a target that is down, one that hangs, and one that breaks off are no answer.
func TestTellsWhoDoesNotListen(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	for name, c := range map[string]struct {
		h      http.HandlerFunc
		reason string
	}{
		"hangs": {func(http.ResponseWriter, *http.Request) { <-hang }, "no answer within 50ms"},
		"half": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			w.Write([]byte("{"))
		}, "no answer: unexpected EOF"},
		"breaks off": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "no answer: EOF"},
		"down":       {nil, "no answer: dial tcp "},
	} {
		ts := httptest.NewServer(c.h)
		if c.h == nil {
			ts.Close()
		} else {
			t.Cleanup(ts.Close)
		}
		limit := 50 * time.Millisecond
		if name != "hangs" {
			limit = 0
		}
		s := start(t, setup{confirms: []string{ts.URL}, callLimit: limit}).sells(t, "{attempts: 2}")
		s.moveTo(t, 10*time.Second)
		s.moveTo(t, 40*time.Second)
		s.hasSent(t, "09:00:10 #1 failed", "09:00:40 #2 failed")
		if o := s.sent(t)[0]; !strings.HasPrefix(o.Reason, c.reason) {
			t.Errorf("%s: %s", name, o.Reason)
		}
		_, b := s.recording(t)
		replay(t, b)
	}
	close(hang)
}

// TestAForkTellsOfNothingTwice: what was told goes with forks, snapshots and resets to them; what was not is told by each.
func TestAForkTellsOfNothingTwice(t *testing.T) {
	t.Parallel()
	m := newMarketplace(t)
	p := start(t, setup{confirms: []string{m.URL}})
	s := p.sells(t, "")
	before := &play{p, s.name + "-before"}
	before.fork(t, s, 201)
	s.moveTo(t, time.Minute)
	after := &play{p, s.name + "-after"}
	after.fork(t, s, 201)
	restored := &play{p, s.name + "-restored"}
	p.do(t, call{method: "PUT", path: "/__admin/sessions/" + restored.name + "/snapshot", body: s.admin(t, "GET", "/snapshot", "").body}).want(t, 201)
	for _, one := range []*play{s, after, restored} {
		one.moveTo(t, time.Hour)
		if one != s {
			one.admin(t, "POST", "/reset", "").want(t, 200)
			one.moveTo(t, 2*time.Hour)
		}
	}
	if calls := m.took(); len(calls) != 1 {
		t.Errorf("%+v", calls)
	}
	before.moveTo(t, time.Minute)
	if calls := m.took(); len(calls) != 2 || calls[1].session != before.name {
		t.Errorf("%+v", calls)
	}
	s.admin(t, "POST", "/reset", "").want(t, 200)
	s.look(t, ours)
	s.moveTo(t, time.Minute)
	if calls := m.took(); len(calls) != 3 || calls[2].session != s.name {
		t.Errorf("a session that begins anew tells anew: %+v", calls)
	}
}

// TestTellsItself: the server's own /confirm is a marketplace like another one, in forty sessions at once.
func TestTellsItself(t *testing.T) {
	t.Parallel()
	p := start(t, setup{confirms: []string{"http://SELF/confirm"}, token: "in", callToken: "in"})
	p.putScenario(t, "self", sending("{duplicates: 100%}")).want(t, 200)
	together(40, func(int) {
		s := p.frozen(t, "self")
		for i := range 5 {
			s.look(t, fmt.Sprintf("%s%02d", ours[:34], i))
		}
		s.moveTo(t, 10*time.Second)
		sent := s.sent(t)
		for _, o := range sent {
			if o.Out.Outcome != "accepted" || o.Answer.Status != 200 {
				t.Errorf("%s: %s", s.name, o)
			}
		}
		var page struct{ Exchanges []struct{ Reason string } }
		s.admin(t, "GET", "/journal?operation=confirmSale", "").decode(t, &page)
		if len(sent) != 10 || len(page.Exchanges) != 10 {
			t.Errorf("%s: %d sent, %d received", s.name, len(sent), len(page.Exchanges))
		}
		for i := range 5 {
			if list := s.told(t, fmt.Sprintf("%s%02d", ours[:34], i)); len(list) != 1 || list[0].Amount != 7072.5 {
				t.Errorf("%s: %+v", s.name, list)
			}
		}
		_, b := s.recording(t)
		replay(t, b)
	})
}

// TestTellsOfWhatIsPaidByAnAct: who fires the payment finds it told of.
func TestTellsOfWhatIsPaidByAnAct(t *testing.T) {
	t.Parallel()
	m := newMarketplace(t)
	s := start(t, setup{confirms: []string{m.URL}}).paid(t, true)
	s.hasSent(t, "09:00:10 #1 accepted 200", "09:00:10 #1 accepted 200")
	if calls := m.took(); len(calls) != 2 || calls[0].query.Get("request_id") != ours || calls[1].query.Get("request_id") != theirs {
		t.Errorf("%+v", calls)
	}
	s.admin(t, "POST", "/verify", `{"expectations": [
		{"operation": "sendSale", "subject": "`+ours+`", "status": 200, "query": {"amount": {"matches": "^\\d+\\.\\d\\d$"}}, "count": {"exactly": 1}},
		{"status": "5xx", "count": {"never": true}}]}`).want(t, 200).hasVerdict(t, "pass")
	_, b := s.recording(t)
	replay(t, b)
}

// TestTellsByARunningClock: nobody moves the clock, and the report comes.
func TestTellsByARunningClock(t *testing.T) {
	t.Parallel()
	m := newMarketplace(t, 500)
	s := start(t, setup{confirms: []string{m.URL}})
	s.real.step.Store(int64(time.Millisecond)) // each look at the clock moves it
	p := s.play(t, `{"scenario": "`+s.sells(t, "").shown(t).Scenario+`", "clock": {"mode": "scaled", "speed": 10000}}`)
	p.get(t, "/osago/calculate?request_id="+ours).want(t, 200)
	p.admin(t, "POST", "/verify", `{"within": {"real": "30s"}, "expectations": [{"operation": "sendSale", "status": 200}, {"operation": "sendSale", "status": 500}]}`).hasVerdict(t, "pass")
}

// TestTellsWhenTheClockIsSetGoing: what is due far off in a session that stood still comes when its clock runs, and not when it is frozen again.
func TestTellsWhenTheClockIsSetGoing(t *testing.T) {
	t.Parallel()
	m := newMarketplace(t)
	p := start(t, setup{confirms: []string{m.URL}})
	s := p.sells(t, "{after: 1d}")
	s.admin(t, "PUT", "/clock", `{"mode": "scaled", "speed": 1}`).want(t, 200)
	s.admin(t, "POST", "/clock/freeze", "").want(t, 200)
	p.real.pass(48 * time.Hour)
	s.hasSent(t)
	p.real.step.Store(int64(time.Second))
	s.admin(t, "PUT", "/clock", `{"mode": "scaled", "speed": 1000000}`).want(t, 200)
	s.admin(t, "POST", "/verify", `{"within": {"real": "30s"}, "expectations": [{"operation": "sendSale", "status": 200}]}`).hasVerdict(t, "pass")
}

func (a answer) hasVerdict(t *testing.T, want string) {
	t.Helper()
	var report struct{ Verdict string }
	if err := json.Unmarshal(a.body, &report); err != nil || report.Verdict != want {
		t.Errorf("%v: %s", err, a)
	}
}
