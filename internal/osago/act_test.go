package osago

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"poligon/internal/partner"
)

const (
	one   = "11111111-1111-4111-8111-111111111111"
	other = "22222222-2222-4222-8222-222222222222"
)

// get asks as a client does; it answers the run, for its note, and the body.
func (s *table) get(played, target string) (*partner.Run, string) {
	return s.send(played, httptest.NewRequest(http.MethodGet, "http://localhost"+target, nil))
}

func (s *table) send(played string, r *http.Request) (*partner.Run, string) {
	run, w := s.run(played), httptest.NewRecorder()
	s.api.ServeHTTP(w, r.WithContext(partner.With(context.Background(), run)))
	return run, w.Body.String()
}

func (s *table) status(played, id string) (*partner.Run, string) {
	return s.get(played, "/osago/calculate/status?request_id="+id)
}

func (s *table) act(id string, wanted partner.Act) (*partner.Run, partner.Explanation, error) {
	run := s.run("")
	e, err := s.api.Act(context.Background(), run, id, wanted)
	return run, e, err
}

// offerIDs are the ids of the offers, in the script's order.
func (s *table) offerIDs(t *testing.T, id string) (ids []string) {
	t.Helper()
	e, err := s.api.Explain(context.Background(), s.run(""), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range e.Parts {
		ids = append(ids, p.Part)
	}
	return ids
}

func TestActAndExplain(t *testing.T) {
	t.Parallel()
	s := newTable(t)
	s.status("aggregator-three-offers", one)
	s.now = start0.Add(20 * time.Second)
	ids := s.offerIDs(t, one)
	run, e, err := s.act(strings.ToUpper(one), partner.Act{Fire: "paid", Part: ids[0]})
	if err != nil {
		t.Fatal(err)
	}
	if n := run.Note; n.Before != "CALCULATION_READY" || n.After != "PAID" || !slices.Equal(n.Subjects, []string{one}) || n.Scenario.Name != "aggregator-three-offers" {
		t.Errorf("note %+v", n)
	}
	if e.ID != one || e.API != Name || e.Scenario != "aggregator-three-offers" || !e.Started.Equal(start0) || e.By != 1 || e.Forced {
		t.Errorf("%+v", e)
	}
	want := []partner.State{
		{Part: ids[0], Label: "alfa, АльфаСтрахование", Status: "PAYMENT_COMPLETED", Since: s.now, Cause: "event paid", By: 2, Waits: []string{"issued", "failed"}},
		{Part: ids[1], Label: "soglasie, Согласие", Status: "CLOSED_OTHER_OFFER", Since: s.now, Cause: "event paid of offer " + ids[0], By: 2, Waits: []string{}},
		{Part: ids[2], Label: "vsk, ВСК", Status: "CLOSED_OTHER_OFFER", Since: s.now, Cause: "event paid of offer " + ids[0], By: 2, Waits: []string{}},
	}
	for i := range want {
		want[i].Price = e.Parts[i].Price // TestPriceInWords
	}
	if !reflect.DeepEqual(e.Parts, want) {
		t.Errorf("got  %+v\nwant %+v", e.Parts, want)
	}
	if w := (partner.State{Label: "Полигон Агрегатор", Status: "PAID", Since: s.now, Cause: "event paid of offer " + ids[0], By: 2, Waits: []string{"issued", "failed"}}); !reflect.DeepEqual(e.Whole, w) {
		t.Errorf("got  %+v\nwant %+v", e.Whole, w)
	}
	last := e.Happened[len(e.Happened)-4:]
	for i, w := range []string{ids[0], ids[1], ids[2], ""} {
		if last[i].Part != w || last[i].Subject != one || !last[i].At.Equal(s.now) {
			t.Errorf("%+v", last[i])
		}
	}
	if again, err := s.api.Explain(context.Background(), s.run(""), one); err != nil || !reflect.DeepEqual(again, e) {
		t.Errorf("%+v, %v", again, err)
	}
	s.now = start0.Add(time.Hour)
	if _, body := s.status("", one); !strings.Contains(body, `"status":"PAID"`) || strings.Count(body, "CLOSED_OTHER_OFFER") != 2 {
		t.Error(body)
	}
	if _, body := s.get("", "/osago/calculate?request_id="+one); !strings.Contains(body, `"policy_number":`) {
		t.Error(body)
	}
}

func TestExplainTheStory(t *testing.T) {
	t.Parallel()
	s := newTable(t)
	s.status("calculation-error", one)
	s.status("default", other)
	s.now = start0.Add(4 * time.Second)
	e, err := s.api.Explain(context.Background(), s.run(""), one)
	if err != nil {
		t.Fatal(err)
	}
	if w := e.Whole; w.Cause != "step 2 of calculation (1s after the start)" || w.Next.Cause != "step 3 of calculation" || w.Next.To != "CALCULATION_ERROR" ||
		!w.Next.At.Equal(start0.Add(5*time.Second)) || !w.Since.Equal(start0.Add(time.Second)) || !slices.Equal(w.Waits, []string{"calculated", "rejected", "timed_out", "failed"}) {
		t.Errorf("%+v %+v", w, w.Next)
	}
	if p := e.Parts[0]; p.Cause != "step 3 of offers.only (2s after the start)" || p.By != 0 || p.Next.From != "PRE_CALC_IN_PROGRESS" || p.Next.To != "OFFER_ERROR" || p.Next.Part != p.Part {
		t.Errorf("%+v", p)
	}
	s.now = start0.Add(time.Hour)
	if e, _ = s.api.Explain(context.Background(), s.run(""), other); e.Parts[0].Cause != "step 7 of offers.alfa (30m after the start)" || e.Whole.Cause != "step 7 of offers.vsk (30m after the start)" || e.By != 2 {
		t.Errorf("%+v", e)
	}
	for _, id := range []string{"33333333-3333-4333-8333-333333333333", "alfa", ""} {
		if _, err := s.api.Explain(context.Background(), s.run(""), id); !errors.Is(err, partner.ErrUnknownSubject) {
			t.Errorf("%q: %v", id, err)
		}
		if _, _, err := s.act(id, partner.Act{Fire: "paid"}); !errors.Is(err, partner.ErrUnknownSubject) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if len(s.log.logs) != 2 {
		t.Errorf("an explanation or an act began a calculation: %d", len(s.log.logs))
	}
}

// TestRefusedActs: what is not allowed says why and what is, and changes nothing.
func TestRefusedActs(t *testing.T) {
	t.Parallel()
	s := newTable(t)
	s.status("aggregator-three-offers", one)
	s.now = start0.Add(8 * time.Second)
	ids := s.offerIDs(t, one)
	a, b, c := ids[0]+" (alfa) is PAYMENT_READY", ids[1]+" (soglasie) is APPROVED", ids[2]+" (vsk) is PRE_CALC_IN_PROGRESS"
	all := []string{"calculated", "rejected", "payment_ready", "payment_link_failed", "paid", "payment_cancelled", "timed_out", "failed"}
	for _, tt := range []struct {
		act       partner.Act
		what, why string
		allowed   []string
	}{
		{partner.Act{Fire: "paid", Part: ids[1]}, "event paid", "offer " + ids[1] + " is APPROVED", []string{"payment_ready", "payment_link_failed", "timed_out", "failed"}},
		{partner.Act{Fire: "issued"}, "event issued", "no offer can take it: " + a + ", " + b + ", " + c, all},
		{partner.Act{Fire: "piad"}, "event piad", `there is no event "piad" (did you mean paid?); known: ` + strings.Join(eventNames(), ", "), all},
		{partner.Act{Fire: "x", Part: ids[0]}, "event x", `there is no event "x"; known: ` + strings.Join(eventNames(), ", "), all},
		{partner.Act{Fire: "paid", Part: "1"}, "event paid", "there is no offer 1; the offers: " + a + ", " + b + ", " + c, all},
		{partner.Act{Force: "PIAD"}, "forcing PIAD", `there is no status "PIAD" (did you mean PAID?); known: ` + strings.Join(calculationStatuses, ", "), calculationStatuses},
		{partner.Act{Force: "APPROVED"}, "forcing APPROVED", "APPROVED is a status of offers, and no offer is named: " + a + ", " + b + ", " + c, calculationStatuses},
		{partner.Act{Force: "PAID", Part: ids[0]}, "forcing PAID", `there is no status "PAID"; known: ` + strings.Join(offerStatuses, ", "), offerStatuses},
	} {
		_, _, err := s.act(one, tt.act)
		no := new(partner.NotAllowed)
		if !errors.As(err, &no) || no.What != tt.what || no.Why != tt.why || !slices.Equal(no.Allowed, tt.allowed) {
			t.Errorf("%+v: %#v", tt.act, err)
		}
	}
	s.now = start0.Add(12 * time.Second)
	_, _, err := s.act(one, partner.Act{Fire: "payment_cancelled"})
	if err == nil || !strings.Contains(err.Error(), "2 offers can take it, so name one (offer_id, --offer): "+a+", "+ids[1]+" (soglasie) is PAYMENT_READY;") {
		t.Error(err)
	}
	for _, bad := range []partner.Act{{}, {Fire: "paid", Force: "PAID"}} {
		if _, _, err := s.act(one, bad); err == nil {
			t.Errorf("%+v was allowed", bad)
		}
	}
	if n := len(s.log.logs[s.api.Subject(one)]); n != 1 {
		t.Errorf("%d events", n)
	}
}

// TestActsWithoutAnOffer go where only one offer can take them, and time and failure to all that can; an offer has its name too.
func TestActsWithoutAnOffer(t *testing.T) {
	t.Parallel()
	s := newTable(t)
	s.status("aggregator-three-offers", one)
	s.now = start0.Add(8 * time.Second)
	for _, tt := range []struct {
		act  partner.Act
		want string
	}{
		{partner.Act{Fire: "payment_cancelled"}, "PARTNER_CALCULATION_IN_PROGRESS PAYMENT_CANCELLED APPROVED PRE_CALC_IN_PROGRESS"},
		{partner.Act{Fire: "payment_ready", Part: "soglasie"}, "PARTNER_CALCULATION_IN_PROGRESS PAYMENT_CANCELLED PAYMENT_READY PRE_CALC_IN_PROGRESS"},
		{partner.Act{Force: "PAYMENT_COMPLETED", Part: "alfa"}, "PAID PAYMENT_COMPLETED PAYMENT_READY PRE_CALC_IN_PROGRESS"},
		{partner.Act{Fire: "timed_out"}, "PAID PAYMENT_COMPLETED CLOSED_TIMEOUT CLOSED_TIMEOUT"},
		{partner.Act{Force: "DRAFT"}, "DRAFT PAYMENT_COMPLETED CLOSED_TIMEOUT CLOSED_TIMEOUT"},
		{partner.Act{Fire: "failed"}, "DRAFT OFFER_ERROR CLOSED_TIMEOUT CLOSED_TIMEOUT"},
	} {
		_, e, err := s.act(one, tt.act)
		got := e.Whole.Status
		for _, p := range e.Parts {
			got += " " + p.Status
		}
		if err != nil || got != tt.want {
			t.Errorf("%+v: %s, %v, want %s", tt.act, got, err, tt.want)
		}
		if tt.act.Fire == "failed" && (!e.Forced || e.Whole.Cause != "forced" || e.Whole.By == 0 || e.Parts[1].Cause != "event timed_out") {
			t.Errorf("%+v", e)
		}
	}
}

// TestOnlyOneIsPaid: of many payments at once one succeeds, and nobody else's calculation notices.
func TestOnlyOneIsPaid(t *testing.T) {
	t.Parallel()
	s := newTable(t)
	s.status("default", one)
	s.status("default", other)
	s.now = start0.Add(time.Minute)
	before, _ := s.api.Explain(context.Background(), s.run(""), other)
	ids := s.offerIDs(t, one)
	var wg sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		wg.Go(func() { _, _, errs[i] = s.act(one, partner.Act{Fire: "paid", Part: ids[i%3]}) })
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		if no := new(partner.NotAllowed); err == nil {
			done++
		} else if !errors.As(err, &no) {
			t.Error(err)
		}
	}
	after, _ := s.api.Explain(context.Background(), s.run(""), other)
	if done != 1 || !reflect.DeepEqual(before, after) {
		t.Errorf("%d were paid; the other one: %+v", done, after)
	}
}

// TestAnewWithoutActs: an application that begins the calculation anew begins it without what was done before.
func TestAnewWithoutActs(t *testing.T) {
	t.Parallel()
	s := newTable(t)
	s.status("default", one)
	if _, _, err := s.act(one, partner.Act{Force: "PAID"}); err != nil {
		t.Fatal(err)
	}
	ctx := partner.With(context.Background(), s.run("default"))
	u, _ := subjectID(one)
	if _, err := s.api.apply(ctx, u, applied{digest: 7, application: application{Category: "B"}}); err != nil {
		t.Fatal(err)
	}
	if n := partner.From(ctx).Note; n.Before != "PAID" || n.After != "DRAFT" {
		t.Errorf("%+v", n)
	}
	if e, _ := s.api.Explain(context.Background(), s.run(""), one); e.Forced || e.Whole.Status != "DRAFT" || e.By != 3 || len(e.Happened) != 0 {
		t.Errorf("%+v", e)
	}
	if got := s.api.Changes(s.run(""), s.api.Subject(one), s.log.logs[s.api.Subject(one)], start0, start0.Add(2*time.Second)); len(got) != 5 ||
		got[0].Cause != "step 2 of offers.alfa" || got[2].Part != "" || got[2].To != "PARTNER_CALCULATION_IN_PROGRESS" || !got[4].At.Equal(start0.Add(2*time.Second)) {
		t.Errorf("%+v", got)
	}
}

// TestNotes: what the journal hears of a request.
func TestNotes(t *testing.T) {
	t.Parallel()
	s := newTable(t)
	run, _ := s.status("insurer-happy-path", one)
	if n := run.Note; n.Before != "" || n.After != "DRAFT" || n.Scenario.Name != "insurer-happy-path" {
		t.Errorf("%+v", n)
	}
	s.now = start0.Add(time.Second)
	run, _ = s.get("default", "/osago/calculate?request_id="+one)
	if n := run.Note; n.Before != "PARTNER_CALCULATION_IN_PROGRESS" || n.After != n.Before || n.Scenario.Name != "insurer-happy-path" {
		t.Errorf("%+v", n)
	}
	post := func(body string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/osago/calculate", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		return r
	}
	for _, tt := range []struct {
		r    *http.Request
		want string
	}{
		{httptest.NewRequest(http.MethodGet, "http://localhost/osago/calculate?request_id=abc", nil), "abc"},
		{httptest.NewRequest(http.MethodGet, "http://localhost/osago/calculate", nil), ""},
		{httptest.NewRequest(http.MethodGet, "http://localhost/osago/offer?request_id="+strings.ToUpper(other[:8])+other[8:], nil), other},
		{post(`{"request_id":"` + other + `"}`), other},
		{post(`{"request_id":"abc"}`), "abc"},
		{post(`{"request_id":7}`), ""},
		{post(`{"request_id":"` + strings.Repeat("x", 101) + `"}`), ""},
		{post(`{`), ""},
	} {
		run, body := s.send("", tt.r)
		if strings.Join(run.Note.Subjects, " ") != tt.want || !strings.Contains(body, `"message":`) {
			t.Errorf("%s: %q, %s", tt.r.URL, run.Note.Subjects, body)
		}
	}
}

// TestTouch: a client touches the steps that it sees, and those alone.
func TestTouch(t *testing.T) {
	t.Parallel()
	s := newTable(t)
	played, _ := s.library.Find("calculation-error")
	script := s.library.Script(played, Name)
	places := s.api.Touchable(script)
	want := []string{"osago.offers.only.steps[0] (CREATED)", "osago.offers.only.steps[1] (PRE_CALC_SENT)", "osago.offers.only.steps[2] (PRE_CALC_IN_PROGRESS)",
		"osago.offers.only.steps[3] (OFFER_ERROR)", "osago.calculation[0] (DRAFT)", "osago.calculation[1] (PARTNER_CALCULATION_IN_PROGRESS)", "osago.calculation[2] (CALCULATION_ERROR)"}
	if !slices.Equal(places, want) {
		t.Errorf("%q", places)
	}
	touched := func(look string) (list []int) {
		clear(s.touched)
		s.get("calculation-error", look+"?request_id="+one)
		list = slices.Sorted(maps.Keys(s.touched))
		return list
	}
	for _, look := range []string{"/osago/calculate/status", "/osago/calculate"} {
		s.now = start0
		if got := touched(look); look == "/osago/calculate/status" && !slices.Equal(got, []int{0, 4}) {
			t.Errorf("%s: %v", look, got)
		}
		s.now = start0.Add(3 * time.Second)
		if got := touched(look); !slices.Equal(got, []int{2, 5}) {
			t.Errorf("%s: %v", look, got)
		}
	}
	if _, _, err := s.act(one, partner.Act{Fire: "calculated"}); err != nil {
		t.Fatal(err)
	}
	if got := touched("/osago/calculate"); got != nil {
		t.Errorf("after an act: %v", got)
	}
	s.now = start0.Add(time.Minute)
	if got := touched("/osago/calculate/status"); !slices.Equal(got, []int{3}) {
		t.Errorf("a step after an act: %v", got)
	}
	aggregator, _ := s.library.Find("aggregator-three-offers")
	script = s.library.Script(aggregator, Name)
	places = s.api.Touchable(script)
	clear(s.touched)
	s.status("aggregator-three-offers", other)
	if !s.touched[0] || !s.touched[7] || !s.touched[15] || len(s.touched) != 3 || places[15] != "osago.offers.vsk.steps[0] (CREATED)" {
		t.Errorf("%v of %q", s.touched, places)
	}
}
