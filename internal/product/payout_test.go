package product_test

import (
	"fmt"
	"strings"
	"testing"
)

// flightPaid is what an answer tells of a payout.
type flightPaid struct {
	Total    string
	Notified *string `json:"notified_at"`
	Accruals []struct{ Reason, Hours, Amount, Total, At string }
}

func (p *flightPaid) String() string {
	if p == nil {
		return "nothing yet"
	}
	var words []string
	for _, a := range p.Accruals {
		words = append(words, a.Amount+"@"+a.Hours)
	}
	return fmt.Sprintf("%s = %s", strings.Join(words, " "), p.Total)
}

// A flight is late, later, and cancelled: the imported risks pay as seed 001 says, whenever they were imported, and after a fork
// and a snapshot too.
func TestPayouts(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "default")
	on := func(number, departs string, cancelSum any) map[string]any {
		return map[string]any{"flightNumber": number, "departureDate": departs, "cancelSum": cancelSum, "insuranceSum": 12000, "delayTimeHours": 2,
			"firstCountHours": 2, "repeatedCountHours": 1, "firstCountPercent": 10, "repeatedCountPercent": 30}
	}
	s.importRisks(t, policy("P-1", on("S7-155", "2018-04-09 20:00 +03:00", nil)), policy("P-2", on("S7-155", "2018-04-10 20:00 +03:00", 500)),
		policy("P-3", on("SU-1", "2018-04-09 20:00 +03:00", nil)))
	happens := func(body string) (list []string) {
		var answer struct {
			Risks []struct {
				Policy string `json:"policy_number"`
				UUID   string
				Payout *flightPaid
			}
		}
		s.admin(t, "POST", "/flights", body).want(t, 200).decode(t, &answer)
		for _, r := range answer.Risks {
			list = append(list, r.Policy+" "+r.Payout.String())
		}
		return list
	}
	pays := func(policy string) string {
		var answer struct {
			Risks []struct {
				Kept *struct{ Payout *flightPaid }
			}
		}
		s.admin(t, "GET", "/risks?policy_number="+policy, "").want(t, 200).decode(t, &answer)
		return answer.Risks[0].Kept.Payout.String()
	}
	if got := pays("P-1"); got != "nothing yet" {
		t.Error(got)
	}
	for _, step := range []struct{ body, want string }{
		{`{"flight_number": "S7-155", "delay_hours": 3}`, "P-1 1200@2 3600@3 = 4800, P-2 1200@2 3600@3 = 4800"},
		{`{"flight_number": "S7-155", "date": "2018-04-09", "delay_hours": 99}`, "P-1 1200@2 3600@3 3600@4 3600@5 = 12000"},
		{`{"flight_number": "S7-155", "date": "2018-04-10", "cancelled": true}`, "P-2 500@0 = 500"},
		{`{"flight_number": "S7-155", "date": "2018-04-11", "cancelled": true}`, ""},
		{`{"flight_number": "S7-999", "cancelled": true}`, ""},
	} {
		if got := strings.Join(happens(step.body), ", "); got != step.want {
			t.Errorf("%s: %s, want %s", step.body, got, step.want)
		}
	}
	s.importRisks(t, policy("P-4", on("S7-155", "2018-04-09 21:00 +03:00", nil)))
	for policy, want := range map[string]string{"P-1": "1200@2 3600@3 3600@4 3600@5 = 12000", "P-2": "500@0 = 500", "P-3": "nothing yet",
		"P-4": "1200@2 3600@3 3600@4 3600@5 = 12000"} {
		if got := pays(policy); got != want {
			t.Errorf("%s: %s, want %s", policy, got, want)
		}
	}
	there := &play{s.product, "there"}
	there.admin(t, "PUT", "/snapshot", string(s.admin(t, "GET", "/snapshot", "").want(t, 200).body)).want(t, 201)
	fork := &play{s.product, "fork"}
	fork.fork(t, s, 201)
	for _, other := range []*play{there, fork} {
		was := s
		s = other
		if got := pays("P-2"); got != "500@0 = 500" {
			t.Errorf("in %s: %s", other.name, got)
		}
		s = was
	}
	for body, want := range map[string]string{
		`{}`:                          "flight_number",
		`{"flight_number": "S7-155"}`: "nothing becomes of the flight",
		`{"flight_number": "S7-155", "delay_hours": -1}`:                  "delay_hours",
		`{"flight_number": "S7-155", "delay_hours": 9000}`:                "delay_hours",
		`{"flight_number": "S7-155", "cancelled": true, "date": "today"}`: "date",
		`{"flight_number": "", "cancelled": true}`:                        "flight_number",
	} {
		if answer := s.admin(t, "POST", "/flights", body).want(t, 400); !strings.Contains(string(answer.body), want) {
			t.Errorf("%s: %s", body, answer.body)
		}
	}
}
