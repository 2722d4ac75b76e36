package product_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// holding is a wait that says when it holds an answer back, and does so until it is let go or its client is gone. What waits for
// less than a second does not wait.
func holding(held, letGo chan struct{}) func(context.Context, time.Duration) error {
	return func(ctx context.Context, d time.Duration) error {
		if d < time.Second {
			return ctx.Err()
		}
		close(held)
		select {
		case <-letGo:
		case <-ctx.Done():
		}
		return ctx.Err()
	}
}

// Nothing that verification says shows what the journal hides.
func TestVerificationHidesWhatTheJournalHides(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.post(t, application(ours)).want(t, 200)
	s.do(t, call{method: "GET", path: "/osago/calculate/status?request_id=" + ours + "&password=HUNTER2", header: map[string]string{
		"Authorization": "Basic c2VjcmV0OnBhc3M=", "X-Api-Key": "KEY42", "Cookie": "sid=COOK"}})
	said := string(s.admin(t, "POST", "/verify", `{"expectations": [
		{"operation": "getCalculationStatus", "header": {"Authorization": "x", "X-Api-Key": "y", "Cookie": {"matches": "^q"}}, "query": {"password": "q"}},
		{"operation": "startCalculation", "request": {"json": {"owner": {"first_name": "z", "addresses": [{"address": "q"}]},
			"drivers_info": {"drivers": [{"license": {"series": "q", "number": "z"}}]}}}},
		{"operation": "startCalculation", "request": {"paths": {"drivers_info.drivers[0].license.number": "q", "owner.addresses[0].address": "q"}}}]}`).want(t, 200).body)
	if !strings.Contains(said, "***") || !strings.Contains(said, `"verdict":"fail"`) {
		t.Errorf("nothing is compared: %s", said)
	}
	for _, secret := range []string{"c2VjcmV0OnBhc3M", "KEY42", "COOK", "HUNTER2", "123456", "77AA"} {
		if strings.Contains(said, secret) {
			t.Errorf("verification shows %s: %s", secret, said)
		}
	}
}

// A recording that would leave out what still runs is refused, and a verification does not call a request that is arriving "never".
func TestWhatIsUnderWayIsNotForgotten(t *testing.T) {
	t.Parallel()
	ofOneServer(t)
	held, letGo := make(chan struct{}), make(chan struct{})
	p := start(t, setup{wait: holding(held, letGo)})
	s := p.play(t, `{"clock": {"mode": "frozen"}, `+wholeJournal+`}`)
	over := make(chan struct{})
	go func() {
		defer close(over)
		s.do(t, call{method: "GET", path: "/osago/calculate/status?request_id=" + ours, header: map[string]string{"X-Poligon-Fault": "{delay: 30s}"}})
	}()
	<-held
	s.admin(t, "GET", "/recording", "").wantProblem(t, 409, "exchange 1 is still running", "")
	close(letGo)
	<-over
	s.admin(t, "GET", "/recording", "").want(t, 200)

	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /s/%s/api/v2/importBordereau?partnerCode=312 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{", s.name)
	for arriving := 0; arriving == 0; {
		var page struct{ Arriving int }
		s.admin(t, "GET", "/journal", "").decode(t, &page)
		arriving = page.Arriving
	}
	never := `{"expectations": [{"operation": "importBordereau", "count": {"never": true}}]}`
	if v := s.verdict(t, never); v.Verdict != "inconclusive" {
		t.Errorf("while an import arrives: %s", v)
	}
	fmt.Fprint(conn, "\"a\": 1   }")
	_, _ = io.Copy(io.Discard, io.LimitReader(conn, 10))
	if v := s.verdict(t, never); v.Verdict != "fail" {
		t.Errorf("when it is there: %s", v)
	}
}

// A client that goes before it is answered has seen nothing.
func TestWhoIsGoneHasSeenNothing(t *testing.T) {
	t.Parallel()
	held, letGo := make(chan struct{}), make(chan struct{})
	defer close(letGo)
	p := start(t, setup{wait: holding(held, letGo)})
	s := p.frozen(t, "")
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /s/%s/osago/calculate/status?request_id=%s HTTP/1.1\r\nHost: x\r\nX-Poligon-Fault: {delay: 30s}\r\n\r\n", s.name, ours)
	<-held
	conn.Close()
	for running := true; running; {
		var page struct{ Exchanges []struct{ Running bool } }
		s.admin(t, "GET", "/journal", "").decode(t, &page)
		running = page.Exchanges[0].Running
	}
	if v := s.verdict(t, `{"expectations": [{"seen": "DRAFT"}]}`); v.Verdict != "fail" {
		t.Errorf("what nobody saw is verified: %s", v)
	}
}

// A session does not expire while a request of it is under way.
func TestSessionInUseDoesNotExpire(t *testing.T) {
	t.Parallel()
	ofOneServer(t)
	held, letGo := make(chan struct{}), make(chan struct{})
	p := start(t, setup{wait: holding(held, letGo)})
	s := p.play(t, `{"ttl": "1s"}`)
	over := make(chan struct{})
	go func() {
		defer close(over)
		s.do(t, call{method: "GET", path: "/osago/calculate/status?request_id=" + ours, header: map[string]string{"X-Poligon-Fault": "{delay: 30s}"}})
	}()
	<-held
	p.real.pass(time.Minute)
	s.admin(t, "GET", "", "").want(t, 200)
	close(letGo)
	<-over
	p.real.pass(999 * time.Millisecond)
	s.admin(t, "GET", "", "").want(t, 200)
	p.real.pass(time.Millisecond)
	s.admin(t, "GET", "", "").wantProblem(t, 410, "the session has expired", "")
}

// A snapshot with a number beyond those that JSON keeps exactly, or with more faults than a session may have, is refused.
func TestSnapshotKeepsTheLimits(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	file := string(s.admin(t, "GET", "/snapshot", "").want(t, 200).body)
	other := &play{s.product, "other"}
	other.admin(t, "PUT", "/snapshot", strings.Replace(file, `"number":0`, `"number":9223372036854775807`, 1)).want(t, 400)
	faults := strings.Repeat(`{"id":"1","fault":{"on":"*","status":500},"met":0,"applied":0},`, 1001)
	other.admin(t, "PUT", "/snapshot", strings.Replace(file, `"subjects":`, `"faults":[`+strings.TrimSuffix(faults, ",")+`],"subjects":`, 1)).want(t, 400)
	other.admin(t, "GET", "", "").want(t, 404)
	s.admin(t, "POST", "/verify", `{"expectations": [{"request": {"matches": "((.{1,30}){1,30}z){1,1}Q0"}}]}`).wantProblem(t, 400, "too large", "/expectations/0/request/matches")
}

// "Never seen" of a status that does not exist would always pass.
func TestVerificationKnowsTheStatuses(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.admin(t, "POST", "/verify", `{"expectations": [{"seen": "PAID", "count": {"never": true}}, {"seen": "CLOSED_PAYD", "count": {"never": true}}]}`).
		wantProblem(t, 400, "did you mean CLOSED_PAID?", "/expectations/1/seen")
	s.admin(t, "POST", "/verify", `{"expectations": [{"seen": "PAID", "count": {"never": true}}, {"seen": "CLOSED_PAID", "count": {"never": true}}]}`).want(t, 200)
}
