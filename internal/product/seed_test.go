package product_test

import (
	_ "embed"
	"fmt"
	"reflect"
	"regexp"
	"testing"
	"time"
)

// seedRequest is the sample request of seed 001 as the page prints it, with the one comma that it lacks.
//
//go:embed testdata/seed-request.json
var seedRequest string

var uuid4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// The second risk has birthday for birthdate and no phone number, so that exactly these two fields are wrong with it.
func TestSeedImport(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	lacks := `{"flightNumber":"RU-243","policyNumber":"policy_number2","errors":[` +
		`{"code":"WRONG_INSURED_BIRTHDATE","message":"Неверная дата рождения."},` +
		`{"code":"WRONG_INSURED_PHONE_NUMBER","message":"Неверный номер телефона."}]}`
	for _, c := range []struct{ scenario, first string }{
		{"", `{"flightNumber":"S7-155","policyNumber":"policy_number1","uuid":%q}`},
		{"clean-import", `{"flightNumber":"S7-155","policyNumber":"policy_number1","uuid":%q}`},
		{"wrong-departure-time", `{"flightNumber":"S7-155","policyNumber":"policy_number1","errors":[` +
			`{"code":"WRONG_FLIGHT_DEPARTURE_TIME","message":"Неверное время вылета."}]}`},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			t.Parallel()
			s := p.frozen(t, c.scenario)
			a := s.importBody(t, seedRequest).want(t, 200)
			if id := s.results(t, a, 2)[0].UUID; id != nil {
				if !uuid4.MatchString(*id) {
					t.Errorf("uuid %s", *id)
				}
				c.first = fmt.Sprintf(c.first, *id)
				s.holds(t, 1)
			} else {
				s.holds(t, 0)
			}
			a.says(t, `{"resultImport":[`+c.first+","+lacks+"]}")
		})
	}
}

// As it is printed, the request is no JSON: it is refused as a whole.
func TestSeedImportWithoutItsComma(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	printed := regexp.MustCompile(`("productType":1),(\n"paymentType": 1,\n"ignore)`).ReplaceAllString(seedRequest, "$1$2")
	if len(printed) != len(seedRequest)-1 {
		t.Fatal("the comma was not found")
	}
	s.importBody(t, printed).want(t, 400).says(t, `{"errors":[{"code":"WRONG_REQUEST_BODY","message":"Неверное тело запроса."}]}`)
	s.holds(t, 0)
}

// The seed's status request with its own example, in the documented shape: asked again later, a later status.
func TestSeedStatus(t *testing.T) {
	t.Parallel()
	const id = "123e4567-e89b-12d3-a456-426614174000"
	p := start(t, setup{defaults: realTime})
	ask := call{method: "GET", path: "/osago/calculate/status?request_id=" + id}
	want := func(status string, offers ...string) {
		t.Helper()
		var got map[string]any
		p.do(t, ask).want(t, 200).decode(t, &got)
		list, _ := got["offers"].([]any)
		ids := map[any]bool{}
		var wanted []any
		for i, o := range list {
			offer := o.(map[string]any)
			ids[offer["offer_id"]] = true
			wanted = append(wanted, map[string]any{"offer_id": offer["offer_id"], "offer_status": offers[min(i, len(offers)-1)]})
		}
		if full := map[string]any{"request_id": id, "status": status, "offers": wanted}; !reflect.DeepEqual(got, full) || len(ids) != len(offers) {
			t.Errorf("got %v, want %v", got, full)
		}
	}
	want("DRAFT", "CREATED", "CREATED", "CREATED")
	p.real.pass(time.Second - 1)
	want("DRAFT", "CREATED", "CREATED", "CREATED")
	p.real.pass(1)
	want("PARTNER_CALCULATION_IN_PROGRESS", "PRE_CALC_SENT", "PRE_CALC_SENT", "CREATED")
	p.real.pass(119 * time.Second)
	want("CLOSED", "CLOSED_OTHER_OFFER", "CLOSED_PAID", "CLOSED_OTHER_OFFER")
	p.real.pass(1000 * time.Hour)
	want("CLOSED", "CLOSED_OTHER_OFFER", "CLOSED_PAID", "CLOSED_OTHER_OFFER")
}
