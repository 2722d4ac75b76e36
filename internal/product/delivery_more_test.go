package product_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"poligon/internal/bordereau"
	"poligon/internal/journal"
	"poligon/internal/server"
	"poligon/internal/session"
	"poligon/internal/simulator"
)

// gate is a marketplace that says when it is called and answers when it is let.
func gate(t *testing.T) (url string, called <-chan struct{}, answers chan<- int, calls *atomic.Int64) {
	t.Helper()
	came, says, count := make(chan struct{}, 100), make(chan int, 100), &atomic.Int64{}
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		count.Add(1)
		came <- struct{}{}
		if status, ok := <-says; ok {
			w.WriteHeader(status)
		}
	}))
	t.Cleanup(func() {
		close(says)
		ts.Close()
	})
	return ts.URL, came, says, count
}

// A server that is told to stop waits for the report that is under way, notes it, and makes no other.
func TestAReportUnderWayIsWaitedFor(t *testing.T) {
	t.Parallel()
	url, called, answers, calls := gate(t)
	c := simulator.Config{Access: bordereau.Access{Signatures: bordereau.Off}, ConfirmTargets: targets(t, []string{url}, ""), Defaults: session.Config{Start: dawn}, Now: (&realClock{}).now}
	sim, err := simulator.New(c)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a free port of this host
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- sim.Server.Serve(ctx, l) }()
	p := &product{url: "http://" + l.Addr().String(), client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	p.putScenario(t, "two", "title: x\nstory: y\nosago:\n  confirm: {attempts: 2, backoff: 0}\n  offers:\n    a: {insurer: А, steps: [PAYMENT_COMPLETED]}\n").want(t, 200)
	s := p.play(t, `{"scenario": "two"}`)
	s.get(t, "/osago/calculate?request_id="+ours).want(t, 200) // paid at once: nobody waits for the report
	<-called
	stop()
	for p.do(t, call{method: "GET", path: "/readyz"}).status == http.StatusOK { //nolint:revive // until it stops
	}
	select {
	case err := <-stopped:
		t.Fatalf("the server stopped while a report was under way: %v", err)
	default:
	}
	answers <- 500
	if err := <-stopped; err != nil {
		t.Errorf("the server stopped with %v", err)
	}
	one, err := sim.Registry.Find(s.name)
	if err != nil {
		t.Fatal(err)
	}
	var noted []string
	for _, e := range one.Journal().View().Exchanges {
		if e.Out != nil {
			noted = append(noted, fmt.Sprint(e.Out.Attempt, e.Out.Outcome))
		}
	}
	if !slices.Equal(noted, []string{"1failed"}) || calls.Load() != 1 {
		t.Errorf("noted %v of %d", noted, calls.Load())
	}
}

// What is paid by a poll is told without anybody moving the clock; a verdict waits for it.
func TestTellsOfWhatIsPaidByAPoll(t *testing.T) {
	t.Parallel()
	m := newMarketplace(t, 503)
	p := start(t, setup{confirms: []string{m.URL}})
	p.putScenario(t, "polled", "title: x\nstory: y\nosago:\n  confirm: {backoff: 0}\n  offers:\n    a:\n      insurer: А\n      steps: [PAYMENT_READY, {poll: 2, status: PAYMENT_COMPLETED}]\n").want(t, 200)
	for i := range 20 {
		s := p.frozen(t, "polled")
		for range 2 {
			s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
		}
		if i%2 == 0 { // a fork waits, too
			s.admin(t, "POST", "/verify", `{"expectations": [{"operation": "sendSale", "status": 200, "count": {"exactly": 1}}]}`).hasVerdict(t, "pass")
		}
		fork := &play{p, s.name + "-fork"}
		fork.fork(t, s, 201)
		fork.moveTo(t, time.Hour)
	}
	if n := len(m.took()); n != 21 {
		t.Errorf("%d reports", n)
	}
}

// What was confirmed with cross-sales is told with their price; what a marketplace that knows the choice is told, it takes.
func TestTellsOfCrossSales(t *testing.T) {
	t.Parallel()
	for more, want := range map[string]string{"": "6890.00 false", `, "upsales": [{"upsale_id": "2", "option_id": "21"}]`: "7490.00 true"} {
		s := start(t, setup{confirms: []string{"http://SELF/confirm"}}).frozen(t, "cross-sales")
		s.post(t, application(ours)).want(t, 200)
		s.moveTo(t, 10*time.Second)
		offer := s.offerOf(t, 2)
		s.confirm(t, offer, more).want(t, 200)
		s.act(t, `"fire": "paid", "offer_id": "`+offer+`"`).want(t, 200)
		s.hasSent(t, "09:00:10 #1 accepted 200")
		if list := s.told(t, ours); len(list) != 1 || fmt.Sprintf("%.2f %t", list[0].Amount, list[0].Upsaled) != want {
			t.Errorf("%q: %+v, not %s", more, list, want)
		}
	}
}

// Whoever moves the clock at the same time: every attempt is made once.
func TestTellsOnceAtOnce(t *testing.T) {
	t.Parallel()
	m := newMarketplace(t)
	for range 500 {
		m.statuses = append(m.statuses, 500, 200)
	}
	p := start(t, setup{confirms: []string{m.URL}})
	p.putScenario(t, "often", sending("{attempts: 20, backoff: 1s, duplicates: 50%, loss: 20%, delay: 0s..2s}")).want(t, 200)
	s := p.play(t, `{"scenario": "often", "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}, `+wholeJournal+`}`)
	const calculations = 20
	id := func(i int) string { return fmt.Sprintf("%s%02d", ours[:34], i) }
	together(8, func(i int) {
		for j := range calculations {
			s.get(t, "/osago/calculate/status?request_id="+id(j)).want(t, 200)
			s.admin(t, "POST", "/clock/advance", fmt.Sprintf(`{"by": "%dms"}`, 500*i)).want(t, 200)
		}
	})
	for range 20 {
		s.admin(t, "POST", "/clock/advance", `{"by": "30d"}`).want(t, 200)
	}
	seen, real := map[string]bool{}, 0
	list := s.sent(t)
	for _, o := range list {
		key := fmt.Sprint(o.Subjects, o.Out.Attempt, o.Out.Copy)
		if seen[key] {
			t.Errorf("%s is made twice", key)
		}
		if seen[key] = true; o.Out.Outcome != "lost" {
			real++
		}
	}
	if calls := len(m.took()); calls != real || real < calculations {
		t.Errorf("%d calls, %d in the journal", calls, real)
	}
	_, b := s.recording(t)
	replay(t, b)
}

// What is under way when a session is reset, or deleted, ends without a trace in what comes after it.
func TestWhatIsUnderWayAndReset(t *testing.T) {
	t.Parallel()
	url, called, answers, _ := gate(t)
	p := start(t, setup{confirms: []string{url}})
	for _, end := range []func(*play){
		func(s *play) { s.admin(t, "POST", "/reset", "").want(t, 200) },
		func(s *play) { s.admin(t, "POST", "/reset", `{"only": ["subjects"]}`).want(t, 200) },
		func(s *play) { s.admin(t, "DELETE", "", "").want(t, 204) },
	} {
		s := p.sells(t, "")
		moved, ended := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(moved)
			s.admin(t, "POST", "/clock/advance", `{"by": "1m"}`)
		}()
		<-called
		go func() {
			defer close(ended)
			end(s)
		}()
		for a := s.admin(t, "GET", "", ""); a.status == 200; a = s.admin(t, "GET", "", "") {
			var now shown
			if a.decode(t, &now); now.Subjects == 0 {
				break
			}
		}
		answers <- 200
		<-moved
		<-ended
		if s.admin(t, "GET", "", "").status != 200 {
			continue
		}
		s.look(t, ours)
		answers <- 200
		s.moveTo(t, time.Hour)
		<-called
		list := s.sent(t)
		if last := list[len(list)-1]; last.String() != "10:00:00 #1 accepted 200" {
			t.Errorf("%v", list)
		}
		_, b := s.recording(t)
		replay(t, b)
	}
}

// An answer may be anything: it is bounded, and what the journal shows of it is masked.
func TestAnswersOfAnyKind(t *testing.T) {
	t.Parallel()
	const token = "tok-8f2e6b"
	var says atomic.Value
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		w.Header().Set("Set-Cookie", "sid=COOK")
		says.Load().(func(http.ResponseWriter))(w)
	}))
	t.Cleanup(ts.Close)
	p := start(t, setup{confirms: []string{ts.URL}, callToken: token, headers: server.HeadersOff})
	for name, c := range map[string]struct {
		says func(http.ResponseWriter)
		want string
	}{
		"endless": {func(w http.ResponseWriter) {
			for i := 0; i < 10_000; i++ {
				if _, err := w.Write([]byte(strings.Repeat("x", 1000))); err != nil {
					return
				}
			}
		}, "accepted"},
		"headers": {func(w http.ResponseWriter) { w.Header().Set("X-Long", strings.Repeat("x", 200_000)) }, "failed"},
		"json": {func(w http.ResponseWriter) {
			fmt.Fprintf(w, `{"last_name": "Иванов", "token_again": "%s", "text": "%s"}`, token, token)
		}, "accepted"},
		"html":  {func(w http.ResponseWriter) { fmt.Fprintf(w, "<h1>Иванов</h1> %s", token) }, "accepted"},
		"empty": {func(w http.ResponseWriter) { w.WriteHeader(204) }, "accepted"},
	} {
		says.Store(c.says)
		s := p.sells(t, "{attempts: 1}")
		s.moveTo(t, time.Minute)
		list := s.sent(t)
		if len(list) != 1 || list[0].Out.Outcome != c.want || len(list[0].Answer.Body) > 64<<10 {
			t.Errorf("%s: %v", name, list)
		}
		text, b := s.recording(t)
		replay(t, b)
		har := s.admin(t, "GET", "/journal.har", "").body
		for _, shown := range []string{string(s.admin(t, "GET", "/journal", "").body), string(har), string(text)} {
			if strings.Contains(shown, token) {
				t.Errorf("%s: the token is shown", name)
			}
		}
		if strings.Contains(string(har), "Иванов") || strings.Contains(string(har), "COOK") {
			t.Errorf("%s: personal data is shown: %s", name, har)
		}
		var archive struct {
			Log struct {
				Entries []struct {
					Request struct {
						URL string
					}
				}
			}
		}
		if err := json.Unmarshal(har, &archive); err != nil || !strings.HasPrefix(archive.Log.Entries[len(archive.Log.Entries)-1].Request.URL, ts.URL+"/?amount=7072.50&") {
			t.Errorf("%s: %v, %+v", name, err, archive)
		}
		for _, h := range list[0].Request.Headers {
			if strings.HasPrefix(h.Name, "X-Poligon") {
				t.Errorf("with --headers off it sends %s", h.Name)
			}
		}
	}
}

// A recording that was tampered with is refused, and nothing of it is sent.
func TestBrokenRecordingsOfReports(t *testing.T) {
	t.Parallel()
	m := newMarketplace(t, 500, 200)
	s := start(t, setup{confirms: []string{m.URL}}).sells(t, "")
	s.moveTo(t, time.Minute)
	s.moveTo(t, time.Hour)
	text, b := s.recording(t)
	at := slices.IndexFunc(b.Recording.Exchanges, func(e journal.Exchange) bool { return e.Out != nil })
	for name, change := range map[string]func(*journal.Exchange){
		"outcome": func(e *journal.Exchange) { e.Out.Outcome = "perhaps" },
		"attempt": func(e *journal.Exchange) { e.Out.Attempt = -1 },
		"many":    func(e *journal.Exchange) { e.Out.Attempt = 1 << 40 },
		"status":  func(e *journal.Exchange) { e.Answer.Status, e.Out.Outcome = 1<<40, "accepted" },
		"nobody":  func(e *journal.Exchange) { e.Subjects = nil },
		"no uuid": func(e *journal.Exchange) { e.Subjects = []string{"x"} },
		"api":     func(e *journal.Exchange) { e.API = "bordereau" },
		"number":  func(e *journal.Exchange) { e.Number += 1000 },
	} {
		broken := readBundle(t, text)
		change(&broken.Recording.Exchanges[at])
		if got, err := simulator.Replay(t.Context(), broken, "test"); err == nil && got.Diverged == nil {
			t.Errorf("%s: it is played", name)
		}
	}
	if n := len(m.took()); n != 2 {
		t.Errorf("%d calls", n)
	}
}
