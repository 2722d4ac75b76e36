package product_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"
)

// explained is where a calculation stands, as the admin API tells it.
type explained struct {
	ID          string `json:"request_id"`
	Scenario    string
	Started     time.Time
	By          int
	Forced      bool
	Now         time.Time
	Calculation stands
	Offers      []stands
	Happened    []happened
}

// stands is where the calculation or an offer stands.
type stands struct {
	ID, Label, Status string
	Offer             string `json:"offer_id"`
	Since             time.Time
	Cause             string
	By                int
	Next              *happened
	Waits             []string `json:"waits_for"`
	Awaits            []string
	Price             string
}

// happened is a change.
type happened struct {
	At                       time.Time
	Subject, From, To, Cause string
	Offer                    string `json:"offer_id"`
}

func (s *play) explain(t *testing.T, id string) (e explained) {
	t.Helper()
	s.admin(t, "GET", "/calculations/"+id, "").want(t, 200).decode(t, &e)
	return e
}

// act has something happen to our calculation; body is what, without the braces.
func (s *play) act(t *testing.T, body string) answer {
	t.Helper()
	return s.admin(t, "POST", "/calculations/"+ours+"/events", "{"+body+"}")
}

// The events by which an offer goes on, in the order of the lifecycle, and those that end it.
const ending = " timed_out failed"

// Every event, at every status of an offer that pays: only those that the lifecycle has go through, and a refusal lists them.
func TestEveryEventAtEveryStatus(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	events := strings.Fields("sent calculating calculated confirmed rejected payment_ready payment_link_failed paid payment_cancelled issued timed_out failed")
	for _, c := range []struct {
		at              time.Duration
		status, allowed string
	}{
		{0, "CREATED", "sent" + ending},
		{1 * time.Second, "PRE_CALC_SENT", "calculating" + ending},
		{2 * time.Second, "PRE_CALC_IN_PROGRESS", "calculated rejected" + ending},
		{5 * time.Second, "PRE_CALC_READY", "confirmed rejected" + ending},
		{7 * time.Second, "APPROVED", "payment_ready payment_link_failed" + ending},
		{10 * time.Second, "PAYMENT_READY", "paid payment_cancelled" + ending},
		{90 * time.Second, "PAYMENT_COMPLETED", "issued failed"},
		{120 * time.Second, "CLOSED_PAID", ""},
	} {
		t.Run(c.status, func(t *testing.T) {
			t.Parallel()
			allowed := strings.Fields(c.allowed)
			for _, event := range events {
				s := p.frozen(t, "insurer-happy-path")
				s.look(t, ours)
				s.moveTo(t, c.at)
				before := s.explain(t, ours)
				if o := before.Offers[0]; o.Status != c.status || !slices.Equal(o.Waits, allowed) || !slices.Equal(before.Calculation.Waits, allowed) {
					t.Errorf("the offer is %s and waits for %v", o.Status, o.Waits)
				}
				a := s.act(t, fmt.Sprintf(`"fire": %q, "offer_id": %q`, event, before.Offers[0].Offer))
				if slices.Contains(allowed, event) {
					a.want(t, 200)
					if after := s.look(t, ours); strings.HasSuffix(after, " "+c.status) {
						t.Errorf("%s changes nothing: %s", event, after)
					}
					continue
				}
				says := "nothing is allowed now"
				if len(allowed) > 0 {
					says = "allowed now: " + strings.Join(allowed, ", ")
				}
				a.wantProblem(t, http.StatusConflict, fmt.Sprintf("event %s is not allowed: offer %s is %s; %s | ", event, before.Offers[0].Offer, c.status, says), "")
				if after := s.look(t, ours); !strings.HasSuffix(after, " "+c.status) {
					t.Errorf("a refused %s changes it to %s", event, after)
				}
			}
		})
	}
}

// A person pays the second of three offers: polls see it, the others close, and what comes next is told.
func TestPaidByHand(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "aggregator-three-offers")
	s.post(t, application(ours)).want(t, 200) // 1
	s.moveTo(t, 20*time.Second)               // 2
	alfa, soglasie := s.explain(t, ours).Offers[0], s.explain(t, ours).Offers[1]
	if alfa.Status != "PAYMENT_READY" || alfa.Cause != "step 6 of offers.alfa (8s after the start)" || alfa.By != 0 || !alfa.Since.Equal(dawn.Add(8*time.Second)) ||
		alfa.Next == nil || alfa.Next.To != "CLOSED_OTHER_OFFER" || !alfa.Next.At.Equal(dawn.Add(90*time.Second)) || alfa.Next.Cause != "step 7 of offers.alfa" {
		t.Errorf("before it is paid: %+v, next %+v", alfa, alfa.Next)
	}
	s.act(t, `"fire": "paid"`).wantProblem(t, 409, "3 offers can take it, so name one", "") // 3
	s.act(t, `"fire": "paied"`).wantProblem(t, 409, "did you mean paid?", "")               // 4
	s.act(t, `"fire": "paid", "offer_id": "nothing"`).wantProblem(t, 409, "there is no offer nothing; the offers: "+alfa.Offer, "")
	var after explained
	s.act(t, `"fire": "paid", "offer_id": "`+soglasie.Offer+`"`).want(t, 200).decode(t, &after) // 6
	if got := s.look(t, ours); got != "PAID CLOSED_OTHER_OFFER PAYMENT_COMPLETED CLOSED_OTHER_OFFER" {
		t.Errorf("polls see %s", got)
	}
	paid, closed := after.Offers[1], after.Offers[0]
	if paid.Cause != "event paid" || paid.By != 6 || !paid.Since.Equal(dawn.Add(20*time.Second)) || paid.Next == nil || paid.Next.To != "CLOSED_PAID" ||
		!paid.Next.At.Equal(dawn.Add(120*time.Second)) || !slices.Equal(paid.Waits, []string{"issued", "failed"}) {
		t.Errorf("the paid offer: %+v, next %+v", paid, paid.Next)
	}
	if closed.Cause != "event paid of offer "+soglasie.Offer || closed.By != 6 || closed.Next != nil || len(closed.Waits) > 0 {
		t.Errorf("the closed offer: %+v, next %+v", closed, closed.Next)
	}
	if w := after.Calculation; w.Status != "PAID" || w.By != 6 || w.Next == nil || w.Next.To != "CLOSED" || after.Forced || after.By != 1 || !after.Started.Equal(dawn) {
		t.Errorf("the calculation: %+v, next %+v", after, w.Next)
	}
	if n := len(after.Happened); n < 4 || after.Happened[n-1].To != "PAID" || after.Happened[n-1].Offer != "" {
		t.Errorf("happened: %+v", after.Happened)
	}
	moved := s.admin(t, "POST", "/clock/advance", `{"next": true}`).want(t, 200)
	if now := s.shown(t).Clock.Now; !now.Equal(dawn.Add(120 * time.Second)) {
		t.Errorf("the next change comes at %s: %s", now, moved)
	}
	if got := s.look(t, ours); got != "CLOSED CLOSED_OTHER_OFFER CLOSED_PAID CLOSED_OTHER_OFFER" {
		t.Errorf("then polls see %s", got)
	}
}

// A status may be forced whatever the lifecycle says; the calculation is marked from then on.
func TestForce(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "insurer-happy-path")
	s.look(t, ours)
	offer := s.explain(t, ours).Offers[0].Offer
	for _, c := range []struct{ act, sees, cause string }{
		{`"force": "CLOSED_PAID", "offer_id": "` + offer + `"`, "CLOSED CLOSED_PAID", "forced"},
		{`"force": "CREATED", "offer_id": "` + offer + `"`, "DRAFT CREATED", "forced"},
		{`"force": "CALCULATION_ERROR"`, "CALCULATION_ERROR CREATED", "forced"},
		{`"force": "DRAFT"`, "DRAFT CREATED", "forced"},
	} {
		s.act(t, c.act).want(t, 200)
		e := s.explain(t, ours)
		if got := s.look(t, ours); got != c.sees || !e.Forced || !strings.HasPrefix(e.Calculation.Cause, c.cause) {
			t.Errorf("%s: %s, forced %t by %q", c.act, got, e.Forced, e.Calculation.Cause)
		}
	}
	s.act(t, `"force": "CALCULATION_EROR"`).wantProblem(t, 409, "did you mean CALCULATION_ERROR?", "")
	s.act(t, `"force": "PAYMENT_READY"`).wantProblem(t, 409, "PAYMENT_READY is a status of offers, and no offer is named", "")
	s.act(t, `"force": "PAID", "offer_id": "`+offer+`"`).want(t, 409)
	if s.explain(t, ours).Calculation.Status != "DRAFT" {
		t.Error("what was refused changed the calculation")
	}
}

// Of many who pay at once exactly one does, and its act is the one that the explanation names.
func TestPaidOnce(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for range 20 {
		s := p.frozen(t, "insurer-happy-path")
		s.look(t, ours)
		s.moveTo(t, 10*time.Second)
		var paid, refused atomic.Int64
		together(4, func(int) {
			switch a := s.act(t, `"fire": "paid"`); a.status {
			case http.StatusOK:
				paid.Add(1)
			case http.StatusConflict:
				refused.Add(1)
			default:
				t.Errorf("%s", a)
			}
		})
		if paid.Load() != 1 || refused.Load() != 3 {
			t.Errorf("paid %d times, refused %d times", paid.Load(), refused.Load())
		}
		for _, e := range s.pageOf(t, "operation=actOnCalculation").Exchanges {
			if by := s.explain(t, ours).Offers[0].By; e.Answer.Status == http.StatusOK != (e.Number == by) {
				t.Errorf("the act %d was answered %d, and the offer was paid by %d", e.Number, e.Answer.Status, by)
			}
		}
	}
}

// To look into a calculation starts nothing, and what is not there is a 404 for every question.
func TestExplainStartsNothing(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	for _, id := range []string{ours, nobody, "x", "%00", strings.ToUpper(ours)} {
		s.admin(t, "GET", "/calculations/"+id, "").wantProblem(t, 404, "there is nothing of this id in the session", "")
		s.admin(t, "POST", "/calculations/"+id+"/events", `{"fire": "paid"}`).wantProblem(t, 404, "there is nothing of this id in the session", "")
	}
	s.admin(t, "POST", "/clock/advance", `{"until": {"request_id": "`+ours+`", "status": "PAID"}}`).wantProblem(t, 404, "there is nothing of this id", "")
	s.holds(t, 0)
	s.get(t, "/osago/calculate/status?request_id="+ours).want(t, 200)
	if e := s.explain(t, strings.ToUpper(ours)); e.ID != ours || e.Calculation.Cause != "the start" || e.Scenario != "default" || len(e.Happened) != 0 {
		t.Errorf("in capitals: %+v", e)
	}
	for _, body := range []string{``, `"fire": "paid", "force": "PAID"`, `"offer_id": "x"`} {
		s.act(t, body).wantProblem(t, 400, "give exactly one of", "")
	}
	s.act(t, `"fires": "paid"`).wantProblem(t, 400, `property "fires" is unsupported`, "")
	s.act(t, `"fire": 5`).wantProblem(t, 400, "", "/fire")
}

// A calculation of which nothing but its own status is told has no offers, and says so in every question.
func TestExplainWithoutOffers(t *testing.T) {
	t.Parallel()
	story := "title: x\nstory: x\nosago:\n  offers: {}\n"
	s := start(t, setup{scenarios: fstest.MapFS{"bare.yaml": {Data: []byte(story)}}}).frozen(t, "bare")
	s.look(t, ours)
	if e := s.explain(t, ours); e.Offers == nil || len(e.Offers) > 0 || e.Calculation.Waits == nil {
		t.Errorf("explained as %+v", e)
	}
	s.act(t, `"fire": "paid"`).wantProblem(t, 409, "the calculation has no offers; nothing is allowed now", "")
	s.act(t, `"force": "PAID"`).want(t, 200)
}

// riskExplained is what became of a risk, as the admin API tells it.
type riskExplained struct {
	Partner  string `json:"partner_code"`
	Policy   string `json:"policy_number"`
	Flight   string `json:"flight_number"`
	Kept     *struct{ UUID string }
	Attempts []struct {
		Exchange, Position      int
		Scenario, Outcome, UUID string
		Errors                  []struct {
			Code    string
			Reasons []struct{ Why, Rule, Source, Scenario, Place string }
		}
	}
}

// Why a risk was accepted, refused by a rule of the documents, or refused because the scenario plans it.
func TestExplainRisksOverHTTP(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "mixed-import")
	first := s.importRisks(t, policy("E-1", nil), policy("E-2", nil), policy("E-3", nil), policy("E-4", with("currency", "EURO")))
	s.importRisks(t, policy("E-1", nil))
	ask := func(query string) (list []riskExplained) {
		var body struct {
			Policy string `json:"policy_number"`
			Risks  []riskExplained
		}
		s.admin(t, "GET", "/risks?"+query, "").want(t, 200).decode(t, &body)
		return body.Risks
	}
	one := ask("policy_number=E-1&flight_number=SU-1402")
	if len(one) != 1 || one[0].Kept == nil || one[0].Kept.UUID != *first[0].UUID || len(one[0].Attempts) != 2 || one[0].Partner != code || one[0].Flight != "SU-1402" {
		t.Fatalf("E-1: %+v", one)
	}
	if a := one[0].Attempts; a[0].Outcome != "accepted" || a[0].Exchange != 1 || a[0].Position != 1 || a[0].UUID != *first[0].UUID || a[1].Outcome != "refused" || a[1].Exchange != 2 ||
		a[1].Errors[0].Code != "WRONG_RISK_OVERRIDE" || a[1].Errors[0].Reasons[0].Rule == "" || a[1].Errors[0].Reasons[0].Source == "" {
		t.Errorf("E-1: %+v", a)
	}
	planned := ask("policy_number=E-3")[0]
	if a := planned.Attempts[0]; planned.Kept != nil || a.Position != 3 || a.Outcome != "refused" || a.Errors[0].Code != "WRONG_FLIGHT_DEPARTURE_TIME" ||
		a.Errors[0].Reasons[0].Scenario != "mixed-import" || !strings.HasPrefix(a.Errors[0].Reasons[0].Place, "bordereau.records[0]") || a.Errors[0].Reasons[0].Rule != "" {
		t.Errorf("E-3: %+v", a)
	}
	wrong := ask("policy_number=E-4")[0]
	if a := wrong.Attempts[0]; wrong.Kept != nil || a.Outcome != "refused" || a.Errors[0].Code != "WRONG_POLICY_CURRENCY" || a.Errors[0].Reasons[0].Source == "" ||
		a.Errors[0].Reasons[0].Scenario != "" {
		t.Errorf("E-4: %+v", a)
	}
	if list := ask("policy_number=E-9"); len(list) != 0 {
		t.Errorf("E-9: %+v", list)
	}
	if list := ask("policy_number=E-1&flight_number=SU-9"); len(list) != 0 {
		t.Errorf("E-1 on another flight: %+v", list)
	}
	s.holds(t, 2)
}
