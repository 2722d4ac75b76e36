package product_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// verify holds the session's journal against expectations.
func (s *play) verify(t *testing.T, body string) answer {
	t.Helper()
	return s.admin(t, "POST", "/verify", body)
}

// verdict is what came of a verification.
type verdict struct {
	Verdict      string
	Expectations []outcome
	Running      int
	Arriving     int
	Dropped      int
}

// outcome is what became of an expectation.
type outcome struct {
	Name, Verdict, Expected, Why string
	Count                        int
	Most                         *int `json:"count_at_most"`
	Matched                      []int
	Misses                       []struct {
		Number      int
		Operation   string
		Matched     int `json:"matched_criteria"`
		Of          int
		Differences []struct{ Where, Expected, Actual, Note string }
	}
}

func (v verdict) String() string { return fmt.Sprintf("%s %+v", v.Verdict, v.Expectations) }

// verdict is the session's journal held against expectations.
func (s *play) verdict(t *testing.T, body string) (v verdict) {
	t.Helper()
	s.verify(t, body).want(t, 200).decode(t, &v)
	return v
}

// expects is the verdict on one expectation and how many exchanges matched it.
func (s *play) expects(t *testing.T, expectation string) string {
	t.Helper()
	v := s.verdict(t, `{"expectations": [`+expectation+`]}`)
	if len(v.Expectations) != 1 || v.Expectations[0].Verdict != v.Verdict || v.Expectations[0].Why == "" {
		t.Errorf("%s: %s", expectation, v)
		return ""
	}
	return fmt.Sprint(v.Verdict, " ", v.Expectations[0].Count)
}

// told is a session with some of everything in its journal.
func (p *product) told(t *testing.T) *play {
	t.Helper()
	s := p.frozen(t, "all-rejected")
	s.post(t, application(ours)).want(t, 200)                // 1
	s.look(t, ours)                                          // 2, 3
	s.moveTo(t, time.Minute)                                 // 4
	s.look(t, ours)                                          // 5, 6
	s.importRisks(t, policy("V-1", with("override", true)))  // 7
	s.importRisks(t, policy("V-1", nil), policy("V-2", nil)) // 8
	s.get(t, "/osago/calculate?request_id=x").want(t, 400)   // 9
	s.strike(t, poll(ours).under("{status: 429}"))           // 10
	return s
}

func TestVerify(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).told(t)
	upper := strings.ToUpper(ours)
	for expectation, want := range map[string]string{
		`{"operation": "importBordereau"}`:                                                                                        "pass 2",
		`{"operation": "importBordereau", "count": {"exactly": 2}}`:                                                               "pass 2",
		`{"operation": "importBordereau", "count": {"exactly": 1}}`:                                                               "fail 2",
		`{"operation": "importBordereau", "count": {"exactly": 3}}`:                                                               "fail 2",
		`{"operation": "importBordereau", "count": {"at_least": 2}}`:                                                              "pass 2",
		`{"operation": "importBordereau", "count": {"at_least": 3}}`:                                                              "fail 2",
		`{"operation": "importBordereau", "count": {"at_most": 2}}`:                                                               "pass 2",
		`{"operation": "importBordereau", "count": {"at_most": 1}}`:                                                               "fail 2",
		`{"operation": "importBordereau", "count": {"at_least": 1, "at_most": 2}}`:                                                "pass 2",
		`{"operation": "importBordereau", "count": {"never": true}}`:                                                              "fail 2",
		`{"operation": "confirmOffer", "count": {"never": true}}`:                                                                 "pass 0",
		`{"operation": "confirmOffer", "count": {"exactly": 0}}`:                                                                  "pass 0",
		`{"operation": "confirmOffer"}`:                                                                                           "fail 0",
		`{"operation": "importBordereau", "subject": "V-1", "count": {"exactly": 2}}`:                                             "pass 2",
		`{"operation": "importBordereau", "subject": "V-2", "count": {"exactly": 1}}`:                                             "pass 1",
		`{"operation": "importBordereau", "subject": "V-3"}`:                                                                      "fail 0",
		`{"subject": "` + upper + `", "count": {"exactly": 6}}`:                                                                   "pass 6",
		`{"operation": "advanceClock", "count": {"exactly": 1}}`:                                                                  "pass 1",
		`{"method": "POST", "path": "/api/v2/importBordereau", "count": {"exactly": 2}}`:                                          "pass 2",
		`{"path": "/osago/calculate", "query": {"request_id": {"matches": "^7d1f"}}, "count": {"exactly": 2}}`:                    "pass 2",
		`{"query": {"partnerCode": "312"}, "count": {"exactly": 2}}`:                                                              "pass 2",
		`{"query": {"partnerCode": {"present": true}}, "count": {"exactly": 2}}`:                                                  "pass 2",
		`{"header": {"content-type": "application/json"}, "count": {"exactly": 3}}`:                                               "pass 3",
		`{"operation": "importBordereau", "request": {"json": {"risks": [{"override": true}]}}, "count": {"exactly": 1}}`:         "pass 1",
		`{"operation": "importBordereau", "request": {"json": {"risks": [{"policyNumber": "V-2"}]}}}`:                             "pass 1",
		`{"operation": "importBordereau", "request": {"json": {"risks": [{"insuranceSum": 12000.00}]}}, "count": {"exactly": 2}}`: "pass 2",
		`{"operation": "importBordereau", "request": {"paths": {"risks[1].policyNumber": {"matches": "^V-"}}}}`:                   "pass 1",
		`{"operation": "importBordereau", "request": {"matches": "V-2"}}`:                                                         "pass 1",
		`{"operation": "importBordereau", "answer": {"paths": {"resultImport[0].errors[0].code": "WRONG_RISK_OVERRIDE"}}}`:        "pass 1",
		`{"status": 400, "count": {"exactly": 1}}`:                                                                                "pass 1",
		`{"status": "4xx", "count": {"exactly": 2}}`:                                                                              "pass 2",
		`{"status": "5xx", "count": {"never": true}}`:                                                                             "pass 0",
		`{"refused": true, "count": {"exactly": 2}}`:                                                                              "pass 2",
		`{"fault": "status 429", "count": {"exactly": 1}}`:                                                                        "pass 1",
		`{"operation": "getCalculationStatus", "seen": "DRAFT", "count": {"exactly": 1}}`:                                         "pass 1",
		`{"operation": "getCalculationStatus", "seen": "REJECTED"}`:                                                               "pass 1",
		`{"operation": "getCalculation", "seen": "PAYMENT_COMPLETED"}`:                                                            "fail 0",
	} {
		if got := s.expects(t, expectation); got != want {
			t.Errorf("%s: %s, want %s: %s", expectation, got, want, s.verdict(t, `{"expectations": [`+expectation+`]}`))
		}
	}
}

// A miss names the exchange that came nearest, and what is different in it.
func TestVerifyNearestMisses(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).told(t)
	v := s.verdict(t, `{"expectations": [{"name": "the update", "operation": "importBordereau", "subject": "V-1", "request": {"json": {"risks": [{"override": true, "paymentType": 2, "lastName": "Сидоров"}]}}}]}`)
	one := v.Expectations[0]
	if v.Verdict != "fail" || one.Name != "the update" || one.Expected != "at least 1" || len(one.Misses) == 0 || one.Misses[0].Number != 7 || one.Misses[0].Matched != 2 || one.Misses[0].Of != 3 {
		t.Fatalf("%s", v)
	}
	var where []string
	for _, d := range one.Misses[0].Differences {
		where = append(where, fmt.Sprintf("%s: %s, not %s", d.Where, d.Actual, d.Expected))
	}
	slices.Sort(where)
	want := []string{"request.risks[0].lastName: ***, not \"Сидоров\"", "request.risks[0].paymentType: 1, not 2"}
	if !slices.Equal(where, want) {
		t.Errorf("the differences are %q, not %q", where, want)
	}
	v = s.verdict(t, `{"expectations": [{"operation": "confirmOffer", "subject": "`+ours+`"}]}`)
	if why := v.Expectations[0].Why; !strings.Contains(why, "holds no confirmOffer") {
		t.Errorf("an operation that never came: %s", v)
	}
}

func TestVerifyOrder(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).told(t)
	const begin, draft, rejected, imported = `{"operation": "startCalculation"}`, `{"seen": "DRAFT", "operation": "getCalculation"}`, `{"seen": "REJECTED"}`, `{"operation": "importBordereau"}`
	for _, c := range []struct{ list, want string }{
		{begin + "," + draft + "," + rejected + "," + imported, "pass"},
		{begin + "," + rejected + "," + draft, "fail"},
		{imported + "," + begin, "fail"},
		{imported + "," + imported, "pass"},
		{imported + "," + imported + "," + imported, "fail"},
		{imported + `, {"operation": "confirmOffer", "count": {"never": true}}, {"status": 400}`, "pass"},
	} {
		if v := s.verdict(t, `{"in_order": true, "expectations": [`+c.list+`]}`); v.Verdict != c.want {
			t.Errorf("%s: %s", c.list, v)
		}
	}
	if v := s.verdict(t, `{"expectations": [`+imported+","+begin+`]}`); v.Verdict != "pass" {
		t.Errorf("in no order: %s", v)
	}
}

// What the journal has dropped may have matched: it is never "0 times".
func TestVerifyOfWhatWasDropped(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.play(t, `{"clock": {"mode": "frozen"}, "journal": {"entries": 10}}`)
	s.importRisks(t, policy("D-1", nil))
	s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
	if got := s.expects(t, `{"operation": "importBordereau", "subject": "D-1", "count": {"exactly": 1}}`); got != "pass 1" {
		t.Errorf("before: %s", got)
	}
	for range 9 {
		s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
	}
	for expectation, want := range map[string]string{
		`{"operation": "importBordereau", "subject": "D-1"}`:                           "inconclusive 0",
		`{"operation": "importBordereau", "subject": "D-1", "count": {"never": true}}`: "inconclusive 0",
		`{"operation": "importBordereau", "subject": "D-1", "count": {"exactly": 1}}`:  "inconclusive 0",
		`{"operation": "importBordereau", "count": {"exactly": 0}}`:                    "inconclusive 0",
		`{"operation": "importBordereau", "count": {"at_least": 2}}`:                   "fail 0", // one was dropped at most
		`{"operation": "importBordereau", "count": {"at_most": 1}}`:                    "pass 0",
		`{"operation": "startCalculation", "count": {"never": true}}`:                  "pass 0", // none was dropped
		`{"operation": "getCalculationStatus", "count": {"exactly": 10}}`:              "pass 10",
		`{"operation": "getCalculationStatus", "count": {"at_least": 3}}`:              "pass 10",
		`{"subject": "D-1", "count": {"never": true}}`:                                 "inconclusive 0",
	} {
		if got := s.expects(t, expectation); got != want {
			t.Errorf("%s: %s, want %s", expectation, got, want)
		}
	}
	v := s.verdict(t, `{"expectations": [{"operation": "importBordereau"}]}`)
	if v.Dropped != 1 || v.Expectations[0].Most == nil || *v.Expectations[0].Most != 1 || !strings.Contains(v.Expectations[0].Why, "dropped 1 exchange of importBordereau") {
		t.Errorf("%s", v)
	}
	if v = s.verdict(t, `{"in_order": true, "expectations": [{"operation": "importBordereau"}, {"operation": "getCalculationStatus"}]}`); v.Verdict != "inconclusive" {
		t.Errorf("in order: %s", v)
	}
	s.admin(t, "DELETE", "/journal", "").want(t, 204)
	if got := s.expects(t, `{"operation": "importBordereau", "count": {"never": true}}`); got != "pass 0" {
		t.Errorf("after clearing: %s", got)
	}
}

// A verification that cannot be meant is a mistake with its place and the cure, not a verdict.
func TestVerifyMistakes(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	for _, c := range []struct{ body, contains, pointers, hint string }{
		{`{"expectations": [{"operation": "importBordereaux", "count": {"never": true}}]}`, "importBordereaux", "/expectations/0/operation", "did you mean importBordereau?"},
		{`{"expectations": [{"operation": "importBordereau"}, {"operation": "nothingLikeIt"}]}`, "nothingLikeIt", "/expectations/1/operation", "advanceClock"},
		{`{"expectations": [{"status": "6xx"}]}`, "6xx", "/expectations/0/status", "4xx"},
		{`{"expectations": [{"request": {"matches": "("}}]}`, "missing closing", "/expectations/0/request/matches", "RE2"},
		{`{"expectations": [{"query": {"a/b": {"matches": "["}}}]}`, "missing closing", "/expectations/0/query/a~1b/matches", "RE2"},
		{`{"expectations": [{"request": {"paths": {"risks[": 1}}}]}`, "risks[", "/expectations/0/request/paths/risks[", "offers[*]"},
		{`{"expectations": [{"count": {"exactly": 1, "never": true}}]}`, "two things", "/expectations/0/count", "say exactly"},
		{`{"expectations": [{"count": {"at_least": 3, "at_most": 1}}]}`, "more than at_most", "/expectations/0/count", "below"},
		{`{"expectations": [{"operation": "importBordereau"}], "within": {"real": "2s", "session": "2s"}}`, "one of real and session", "/within", "2s"},
		{`{"expectations": [{"operation": "importBordereau"}], "within": {"real": "2 minutes"}}`, "2 minutes", "/within", ""},
		{`{"expectations": [{"operation": "importBordereau"}], "within": {"real": "2m"}}`, "at most 1m0s", "/within", ""},
	} {
		var told struct{ Hint string }
		a := s.verify(t, c.body)
		if a.wantProblem(t, 400, c.contains, c.pointers); c.hint != "" {
			if a.decode(t, &told); !strings.Contains(told.Hint, c.hint) {
				t.Errorf("%s: %s", c.body, a)
			}
		}
	}
	for _, body := range []string{``, `{}`, `{"expectations": []}`, `{"expectations": [{"operaton": "x"}]}`, `{"expectations": [{"count": {"exactly": -1}}]}`, `{"expectations": [{"request": {}}]}`} {
		s.verify(t, body).want(t, 400)
	}
}

// A verification that waits in real time sees the request that comes meanwhile; without it, the time runs out.
func TestVerifyWithinRealTime(t *testing.T) {
	t.Parallel()
	waiting := make(chan struct{}, 10_000)
	s := start(t, setup{wait: func(ctx context.Context, _ time.Duration) error {
		select {
		case waiting <- struct{}{}:
		default:
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
		}
		return ctx.Err()
	}}).frozen(t, "")
	go func() {
		<-waiting
		s.get(t, "/osago/calculate/status?request_id="+ours)
	}()
	if v := s.verdict(t, `{"expectations": [{"operation": "getCalculationStatus", "count": {"at_least": 1}}], "within": {"real": "60s"}}`); v.Verdict != "pass" {
		t.Errorf("%s", v)
	}
	for len(waiting) > 0 {
		<-waiting
	}
	v := s.verdict(t, `{"expectations": [{"operation": "importBordereau"}], "within": {"real": "2s"}}`)
	if n := len(waiting); v.Verdict != "fail" || n != 100 {
		t.Errorf("after %d looks of 20ms: %s", n, v)
	}
	for len(waiting) > 0 {
		<-waiting
	}
	v = s.verdict(t, `{"expectations": [{"operation": "importBordereau", "count": {"never": true}}], "within": {"real": "100ms"}}`)
	if n := len(waiting); v.Verdict != "pass" || n != 5 {
		t.Errorf("never is sure at the end alone; after %d looks: %s", n, v)
	}
	for len(waiting) > 0 {
		<-waiting
	}
	v = s.verdict(t, `{"expectations": [{"operation": "getCalculationStatus", "count": {"never": true}}], "within": {"real": "60s"}}`)
	if v.Verdict != "fail" || len(waiting) > 0 {
		t.Errorf("what is too much already is not waited for: %s", v)
	}
}

// A verification that waits in the session's time ends when another client has moved that far; what came before counts.
func TestVerifyWithinSessionTime(t *testing.T) {
	t.Parallel()
	waiting := make(chan struct{}, 1)
	s := start(t, setup{wait: func(ctx context.Context, _ time.Duration) error {
		select {
		case waiting <- struct{}{}:
		default:
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
		}
		return ctx.Err()
	}}).frozen(t, "")
	for _, comes := range []bool{true, false} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			<-waiting
			s.admin(t, "POST", "/clock/advance", `{"by": "2m59s"}`)
			if comes {
				s.importRisks(t, policy("W-1", nil))
			}
			s.admin(t, "POST", "/clock/advance", `{"by": "1s"}`)
		}()
		body := `{"expectations": [{"operation": "importBordereau", "subject": "W-1"}], "within": {"session": "3m"}}`
		if !comes {
			body = strings.Replace(body, "W-1", "W-2", 1)
		}
		select {
		case <-waiting:
		default:
		}
		if v := s.verdict(t, body); (v.Verdict == "pass") != comes {
			t.Errorf("comes %t: %s", comes, v)
		}
		<-done
	}
}

// A request that has come counts although its answer is not out: it may or may not be what is expected, and never is not sure.
func TestVerifyInFlight(t *testing.T) {
	t.Parallel()
	held, release := make(chan struct{}), make(chan struct{})
	s := start(t, setup{wait: func(ctx context.Context, d time.Duration) error {
		if d == 30*time.Second {
			close(held)
			select {
			case <-release:
			case <-ctx.Done():
			}
		}
		return ctx.Err()
	}}).frozen(t, "")
	id := s.fault(t, `{"on": "getCalculationStatus", "delay": "30s"}`)
	done := make(chan answer)
	go func() { done <- s.get(t, "/osago/calculate/status?request_id="+ours) }()
	<-held
	all := s.pageOf(t, "acts=false").Exchanges
	if len(all) != 1 || !all[0].Running || all[0].Answer != nil || !slices.Equal(all[0].Subjects, []string{ours}) {
		t.Errorf("in flight is %+v", all)
	}
	for expectation, want := range map[string]string{
		`{"operation": "getCalculationStatus", "count": {"exactly": 1}}`:                 "pass 1", // it came
		`{"operation": "getCalculationStatus", "count": {"never": true}}`:                "fail 1",
		`{"operation": "getCalculationStatus", "status": 200}`:                           "inconclusive 0", // how it ends is open
		`{"operation": "getCalculationStatus", "status": 500, "count": {"never": true}}`: "inconclusive 0",
		`{"operation": "getCalculationStatus", "subject": "` + ours + `"}`:               "pass 1",
		`{"operation": "importBordereau", "count": {"never": true}}`:                     "pass 0",
	} {
		if got := s.expects(t, expectation); got != want {
			t.Errorf("%s: %s, want %s", expectation, got, want)
		}
	}
	if v := s.verdict(t, `{"expectations": [{"operation": "getCalculationStatus", "status": 200}]}`); v.Running != 1 {
		t.Errorf("%d are running: %s", v.Running, v)
	}
	s.admin(t, "DELETE", "/faults/"+id, "").want(t, 204)
	verified := make(chan verdict)
	go func() {
		verified <- s.verdict(t, `{"expectations": [{"operation": "getCalculationStatus", "status": 200}], "within": {"real": "60s"}}`)
	}()
	close(release)
	(<-done).want(t, 200)
	if v := <-verified; v.Verdict != "pass" {
		t.Errorf("at last: %s", v)
	}
}
