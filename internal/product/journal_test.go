package product_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// kept is an exchange as the admin API shows it.
type kept struct {
	Number      int
	Act         bool
	API         string
	Operation   string
	RealTime    time.Time `json:"real_time"`
	SessionTime time.Time `json:"session_time"`
	Request     struct {
		Method, Target, Host, Body string
		Headers                    []struct{ Name, Value string }
		Size                       int
		Withheld, Cut              bool
	}
	Answer *struct {
		Status, Size int
		Body         string
		Headers      []struct{ Name, Value string }
		Cut          bool
	}
	Running  bool
	Subjects []string
	Scenario string
	Before   string `json:"status_before"`
	After    string `json:"status_after"`
	Reason   string
	Mistakes []string
	Faults   []string
}

// page is a page of the journal.
type page struct {
	Exchanges []kept
	Next      *int
	Dropped   int
	Arriving  int
}

// pageOf is a page of the journal by a query.
func (s *play) pageOf(t *testing.T, query string) (p page) {
	t.Helper()
	s.admin(t, "GET", "/journal?"+query, "").want(t, 200).decode(t, &p)
	return p
}

// numbers are the numbers of exchanges.
func numbers(list []kept) (all []int) {
	for _, e := range list {
		all = append(all, e.Number)
	}
	return all
}

// An exchange has all that is known of it, and acts are among the requests in the order in which they were decided.
func TestJournalOfASession(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.frozen(t, "all-rejected")
	p.real.pass(time.Hour)
	s.post(t, application(ours)).want(t, 200)
	s.moveTo(t, time.Second)
	p.real.pass(time.Second)
	polled := s.get(t, "/osago/calculate/status?request_id="+ours+"&x=1").want(t, 200)
	refused := s.get(t, "/osago/calculate?request_id=x").want(t, 400)
	s.importRisks(t, policy("J-1", nil), policy("J-2", nil))
	s.importRisks(t, policy("J-1", nil))
	s.admin(t, "POST", "/clock/freeze", "").want(t, 200)
	s.admin(t, "POST", "/clock/advance", `{"by": "-1s"}`).want(t, 400)
	s.get(t, "/osago/nothing").want(t, 404)

	all := s.pageOf(t, "").Exchanges
	var got []string
	for i, e := range all {
		got = append(got, fmt.Sprintf("%t %s %s %d %s %s-%s %t", e.Act, e.API, e.Operation, e.Answer.Status, e.Scenario, e.Before, e.After, e.Reason != ""))
		if e.Number != i+1 || e.Running || e.RealTime.IsZero() || !e.SessionTime.Equal(dawn.Add(min(time.Duration(max(i-1, 0)), 1)*time.Second)) && i != 1 {
			t.Errorf("exchange %d: %+v", i+1, e)
		}
	}
	want := []string{
		"false osago startCalculation 200 all-rejected -DRAFT false",
		"true admin advanceClock 200  - false",
		"false osago getCalculationStatus 200 all-rejected " + all[2].Before + "-" + all[2].After + " false",
		"false osago getCalculation 400  - true",
		"false bordereau importBordereau 200 all-rejected - false",
		"false bordereau importBordereau 200 all-rejected - true",
		"true admin freezeClock 200  - false",
		"false osago  404  - true",
	}
	if len(all) == 9 { // the move that cannot be had its turn, and is kept
		want = slices.Insert(want, 7, "true admin advanceClock 400  - false")
	}
	if !slices.Equal(got, want) {
		t.Errorf("the journal has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	look := all[2]
	if look.Request.Method != "GET" || look.Request.Target != "/osago/calculate/status?request_id="+ours+"&x=1" || look.Answer.Body != string(polled.body) || look.Answer.Size != len(polled.body) ||
		!slices.Equal(look.Subjects, []string{ours}) || look.After == "" || look.After != polled.header.Get("X-Poligon-Status-After") || look.Before != polled.header.Get("X-Poligon-Status-Before") ||
		fmt.Sprint(look.Number) != polled.header.Get("X-Poligon-Number") || look.RealTime.Sub(all[0].RealTime) != time.Second || !strings.HasPrefix(p.url, "http://"+look.Request.Host) {
		t.Errorf("the look is %+v", look)
	}
	if all[3].Reason != refused.header.Get("X-Poligon-Reason") || all[3].Reason == "" {
		t.Errorf("refused for %q, the header says %q", all[3].Reason, refused.header.Get("X-Poligon-Reason"))
	}
	if !slices.Equal(all[4].Subjects, []string{"J-1", "J-2"}) {
		t.Errorf("the import is about %q", all[4].Subjects)
	}
	for _, e := range all {
		var one kept
		s.admin(t, "GET", fmt.Sprint("/journal/", e.Number), "").want(t, 200).decode(t, &one)
		if fmt.Sprintf("%+v", one.Answer) != fmt.Sprintf("%+v", e.Answer) || one.Operation != e.Operation || !slices.Equal(one.Subjects, e.Subjects) {
			t.Errorf("alone it is %+v, in the list %+v", one, e)
		}
	}
}

func TestJournalFilters(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.post(t, application(ours)).want(t, 200)                                                            // 1
	s.look(t, ours)                                                                                      // 2, 3
	s.moveTo(t, time.Second)                                                                             // 4
	s.get(t, "/osago/calculate?request_id=x").want(t, 400)                                               // 5
	s.importRisks(t, policy("F-1", nil))                                                                 // 6
	s.importRisks(t, policy("F-1", nil))                                                                 // 7
	s.strike(t, call{method: "GET", path: "/dictionaries/brands"}.under(`{"status": 503}`)).want(t, 503) // 8
	s.do(t, call{method: "POST", path: imports}).want(t, 403)                                            // 9
	s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)                                    // 10
	for query, want := range map[string][]int{
		"":                                 {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
		"operation=getCalculation":         {3, 5},
		"operation=importBordereau":        {6, 7, 9},
		"operation=nothing":                nil,
		"subject=" + ours:                  {1, 2, 3, 10},
		"subject=" + strings.ToUpper(ours): {1, 2, 3, 10},
		"subject=F-1":                      {6, 7},
		"status=400":                       {5},
		"status=4xx":                       {5, 9},
		"status=2xx":                       {1, 2, 3, 4, 6, 7, 10},
		"status=5xx":                       {8},
		"refused=true":                     {5, 7, 9},
		"refused=false":                    {1, 2, 3, 4, 6, 8, 10},
		"acts=true":                        {4},
		"acts=false&status=2xx&after=2":    {3, 6, 7, 10},
		"after=8":                          {9, 10},
		"after=100":                        nil,
		"limit=2":                          {1, 2},
		"limit=2&after=2&status=4xx":       {5, 9},
		"limit=1&after=2&status=4xx":       {5},
	} {
		got := s.pageOf(t, query)
		if !slices.Equal(numbers(got.Exchanges), want) {
			t.Errorf("%s: %v, want %v", query, numbers(got.Exchanges), want)
		}
		if limited := query == "limit=2" || query == "limit=1&after=2&status=4xx"; limited != (got.Next != nil) || limited && *got.Next != want[len(want)-1] {
			t.Errorf("%s: next %v", query, got.Next)
		}
	}
	for _, query := range []string{"limit=0", "limit=-1", "limit=1001", "limit=x", "after=-1", "after=x", "status=4", "status=700", "status=", "refused=maybe", "acts=2x"} {
		if a := s.admin(t, "GET", "/journal?"+query, ""); a.status != 400 {
			t.Errorf("%s: %.150s", query, a)
		}
	}
	for _, query := range []string{"limit=0", "limit=-1", "limit=1001"} {
		if a := s.product.do(t, call{method: "GET", path: "/__admin/sessions?" + query}); a.status != 400 {
			t.Errorf("sessions, %s: %.150s", query, a)
		}
	}
}

// Page after page every exchange comes once, in order, while others come in.
func TestJournalPagesWhileTrafficGoesOn(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.play(t, `{"clock": {"mode": "frozen"}, `+wholeJournal+`}`)
	const clients, looks = 4, 150
	done := make(chan struct{})
	go func() {
		defer close(done)
		together(clients, func(i int) {
			for n := range looks {
				if n%10 == 0 {
					s.admin(t, "POST", "/clock/advance", `{"by": "1ms"}`)
					continue
				}
				s.get(t, fmt.Sprintf("/osago/calculate/status?request_id=%s%02d", ours[:34], i))
			}
		})
	}()
	var seen []int
	for running, last := true, 0; running || last > 0; {
		select {
		case <-done:
			running = false
		default:
		}
		got := s.pageOf(t, fmt.Sprintf("limit=7&after=%d", last))
		if seen = append(seen, numbers(got.Exchanges)...); len(got.Exchanges) == 0 && !running {
			break
		}
		if len(seen) > 0 {
			last = seen[len(seen)-1]
		}
	}
	for i, n := range seen {
		if n != i+1 {
			t.Fatalf("the %dth exchange is number %d", i+1, n)
		}
	}
	if len(seen) != clients*looks {
		t.Errorf("%d exchanges", len(seen))
	}
}

// What was dropped or cleared is a 404 that says so; what never was is another.
func TestJournalForgets(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.play(t, `{"clock": {"mode": "frozen"}, "journal": {"entries": 4}}`)
	for range 10 {
		s.get(t, "/osago/calculate/status?request_id="+ours)
	}
	if got := s.pageOf(t, ""); got.Dropped != 6 || !slices.Equal(numbers(got.Exchanges), []int{7, 8, 9, 10}) {
		t.Errorf("%d dropped, %v kept", got.Dropped, numbers(got.Exchanges))
	}
	s.admin(t, "GET", "/journal/6", "").wantProblem(t, 404, "no longer holds exchange 6", "")
	s.admin(t, "GET", "/journal/7", "").want(t, 200)
	if a := s.admin(t, "GET", "/journal/11", "").want(t, 404); strings.Contains(a.String(), "no longer") {
		t.Errorf("number 11: %s", a)
	}
	for _, number := range []string{"0", "-1", "x", "1.5", "99999999999999999999"} {
		if a := s.admin(t, "GET", "/journal/"+number, ""); a.status != 400 {
			t.Errorf("number %s: %s", number, a)
		}
	}
	s.admin(t, "DELETE", "/journal", "").want(t, 204)
	s.admin(t, "GET", "/journal/9", "").wantProblem(t, 404, "no longer holds exchange 9", "")
	if got := s.pageOf(t, ""); got.Dropped != 0 || len(got.Exchanges) != 0 {
		t.Errorf("after clearing: %+v", got)
	}
	s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
	if got := s.pageOf(t, ""); !slices.Equal(numbers(got.Exchanges), []int{11}) {
		t.Errorf("after clearing: %v", numbers(got.Exchanges))
	}
	tiny := p.play(t, `{"clock": {"mode": "frozen"}, "journal": {"entries": 0}}`)
	tiny.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
	if got := tiny.pageOf(t, ""); got.Dropped != 1 || len(got.Exchanges) != 0 {
		t.Errorf("without entries: %+v", got)
	}
	cut := p.play(t, `{"clock": {"mode": "frozen"}, "journal": {"bytes": 8000}}`)
	body := application(ours)
	cut.post(t, body+strings.Repeat(" ", 4000)).want(t, 200)
	if got := cut.pageOf(t, "").Exchanges; len(got) != 1 || !got[0].Request.Cut || got[0].Request.Size != len(body)+4000 || len(got[0].Request.Body) > 2000 {
		t.Errorf("cut: %+v", got)
	}
}

// The people of TestJournalMasks.
var (
	personalValues = []string{"Аристарх", "Кузькин-Мать", "Елпидифорович", "79031112233", "13.11.1991", "1991-11-13", "9944", "771199", "8833", "665544", "Заречная-Тупиковая"}
	personalOwner  = map[string]any{"first_name": "Аристарх", "last_name": "Кузькин-Мать", "middle_name": "Елпидифорович", "birth_date": "1991-11-13"}
)

// The archive is one that other tools read.
func TestJournalAsHAR(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.post(t, application(ours)).want(t, 200)
	s.moveTo(t, time.Second)
	looked := s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
	s.importRisks(t, risk(nil))
	s.strike(t, poll(ours).under("{answer: reset}"))
	a := s.admin(t, "GET", "/journal.har", "").want(t, 200)
	if kind := a.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("content type %q", kind)
	}
	var har struct {
		Log struct {
			Version string
			Creator struct{ Name, Version string }
			Entries []struct {
				StartedDateTime time.Time
				Time            *float64
				Request         struct {
					Method, URL, HTTPVersion string
					Cookies, Headers         []any
					QueryString              []struct{ Name, Value string }
					PostData                 *struct{ MimeType, Text string }
					HeadersSize, BodySize    *int
				}
				Response struct {
					Status                               *int
					StatusText, HTTPVersion, RedirectURL *string
					Cookies, Headers                     []any
					Content                              struct {
						Size           int
						MimeType, Text string
					}
					HeadersSize, BodySize *int
				}
				Cache   *struct{}
				Timings *struct{ Send, Wait, Receive *float64 }
			}
		}
	}
	a.decode(t, &har)
	if har.Log.Version != "1.2" || har.Log.Creator.Name == "" || har.Log.Creator.Version == "" || len(har.Log.Entries) != 4 {
		t.Fatalf("%s", a)
	}
	for i, e := range har.Log.Entries {
		if e.StartedDateTime.IsZero() || e.Time == nil || e.Request.Cookies == nil || e.Request.Headers == nil || e.Request.QueryString == nil || e.Request.HeadersSize == nil ||
			e.Request.BodySize == nil || e.Response.Status == nil || e.Response.StatusText == nil || e.Response.RedirectURL == nil || e.Response.Cookies == nil || e.Response.Headers == nil ||
			e.Response.Content.MimeType == "" || e.Cache == nil || e.Timings == nil || e.Timings.Send == nil || e.Timings.Wait == nil || e.Timings.Receive == nil || e.Request.HTTPVersion == "" {
			t.Errorf("entry %d lacks something: %+v", i, e)
		}
	}
	look := har.Log.Entries[1]
	if look.Request.URL != s.url+"/s/"+s.name+"/osago/calculate/status?request_id="+ours || look.Request.QueryString[0].Value != ours || look.Response.Content.Text != string(looked.body) || *look.Response.Status != 200 {
		t.Errorf("%+v", look)
	}
	if har.Log.Entries[2].Request.PostData == nil || !json.Valid([]byte(har.Log.Entries[2].Request.PostData.Text)) || *har.Log.Entries[3].Response.Status != 0 {
		t.Errorf("%+v", har.Log.Entries[2:])
	}
}

// What cannot be found is a problem, wherever it is asked for.
func TestJournalOfNobody(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	nobody := &play{p, "nobody"}
	for _, path := range []string{"/journal", "/journal/1", "/journal.har", "/journal/stream", "/unused", "/recording", "/faults"} {
		nobody.admin(t, http.MethodGet, path, "").wantProblem(t, 404, "nobody", "")
	}
	nobody.admin(t, "DELETE", "/journal", "").wantProblem(t, 404, "nobody", "")
	nobody.admin(t, "POST", "/verify", `{"expectations": [{"operation": "importBordereau"}]}`).wantProblem(t, 404, "nobody", "")
}
