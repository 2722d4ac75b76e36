package product_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
)

// personalApplication is an application of a person.
func personalApplication() string {
	body := clone(example("osago", "/osago/calculate", "calculation")).(map[string]any)
	body["request_id"] = ours
	for _, role := range []string{"owner", "insurer"} {
		person := body[role].(map[string]any)
		maps.Copy(person, personalOwner)
		person["phone"] = "79031112233"
		if passport, ok := person["passport"].(map[string]any); ok {
			passport["series"], passport["number"] = "9944", "771199"
		}
		addresses, _ := person["addresses"].([]any)
		for _, address := range addresses {
			address.(map[string]any)["address"] = "Заречная-Тупиковая"
		}
	}
	driver := body["drivers_info"].(map[string]any)["drivers"].([]any)[0].(map[string]any)
	maps.Copy(driver, personalOwner)
	driver["license"].(map[string]any)["series"], driver["license"].(map[string]any)["number"] = "8833", "665544"
	return asJSON(body)
}

// personalTraffic sends personal data in all ways that a client does, well and badly.
func (s *play) personalTraffic(t *testing.T) {
	t.Helper()
	person := map[string]any{"firstName": "Аристарх", "lastName": "Кузькин-Мать", "birthdate": "13.11.1991", "phoneNumber": "+79031112233"}
	s.post(t, personalApplication()).want(t, 200)
	s.moveTo(t, 10*time.Second)
	s.look(t, ours)
	s.post(t, strings.Replace(personalApplication(), `"1991-11-13"`, `"13.11.1991"`, 1)).want(t, 400)
	s.post(t, strings.Replace(personalApplication(), `"Аристарх"`, `79031112233`, 1)).want(t, 400)
	s.post(t, personalApplication()[:900]).want(t, 400)
	s.importRisks(t, policy("M-1", person))
	s.importRisks(t, policy("M-1", person))
	bad := maps.Clone(person)
	bad["birthdate"], bad["phoneNumber"] = "1991-11-13", "79031112233x"
	s.importRisks(t, policy("M-2", bad))
	body := asJSON(map[string]any{"risks": list(policy("M-3", person))})
	s.importBody(t, body[:len(body)-3]).want(t, 400)
	s.do(t, call{method: "POST", path: imports + "?partnerCode=" + code + "&sign=" + sign([]byte(password+body), ""), header: map[string]string{"Authorization": "Basic " + opened,
		"Cookie": "sid=" + opened, "X-Api-Key": opened}, body: []byte(body)}).want(t, 403)
	s.importBody(t, cp1251(body))
	s.importBody(t, "\xef\xbb\xbf"+body)
	s.importBody(t, strings.ReplaceAll(body, "Аристарх", `\u0410\u0440\u0438\u0441\u0442\u0430\u0440\u0445`))
	s.do(t, call{method: "GET", path: "/osago/calculate/status?request_id=" + ours + "&token=" + opened + "&password=" + opened})
	for _, c := range []struct{ kind, body string }{
		{"application/x-www-form-urlencoded", "lastName=Кузькин-Мать&phoneNumber=79031112233"},
		{"application/xml", "<lastName>Кузькин-Мать</lastName>"},
		{"application/json", `"Кузькин-Мать"`},
	} {
		s.do(t, call{method: "POST", path: "/osago/calculate", header: map[string]string{"Content-Type": c.kind}, body: []byte(c.body)})
	}
}

// Wherever the journal is shown, nobody's name, number or paper is; with the flag they are. Credentials never are.
func TestJournalMasks(t *testing.T) {
	t.Parallel()
	for _, open := range []bool{false, true} {
		s := start(t, setup{showPersonal: open}).frozen(t, "")
		events := s.follow(t, "start")
		s.personalTraffic(t)
		all := s.pageOf(t, "")
		shown := map[string]string{
			"the list": string(s.admin(t, "GET", "/journal", "").body),
			"HAR":      string(s.admin(t, "GET", "/journal.har", "").want(t, 200).body),
			"a verdict": string(s.verify(t, `{"expectations": [{"operation": "importBordereau", "request": {"json": {"risks": [{"lastName": "Nobody", "birthdate": "x", "phoneNumber": "y", "firstName": "z"}]}}},
				{"operation": "startCalculation", "request": {"paths": {"owner.last_name": "x", "owner.passport.number": "x", "owner.addresses[0].address": "x", "drivers_info.drivers[0].license.series": "x"}}},
				{"operation": "importBordereau", "request": {"matches": "nothing like it"}},
				{"operation": "startCalculation", "subject": "`+ours+`", "request": {"json": {"owner": "x", "drivers_info": [1], "insurer": {"passport": "x"}}}},
				{"operation": "startCalculation", "subject": "`+ours+`", "request": {"paths": {"owner": "x", "drivers_info.drivers[*]": 1, "drivers_info.drivers[*].last_name": "x"}}}]}`).body),
		}
		for i := range all.Exchanges {
			shown[fmt.Sprint("number ", i+1)] = string(s.admin(t, "GET", fmt.Sprint("/journal/", i+1), "").want(t, 200).body)
			shown[fmt.Sprint("event ", i+1)] = (<-events).data
		}
		for _, number := range []string{"M-1", "M-2", "M-3"} {
			shown["risks "+number] = string(s.admin(t, "GET", "/risks?policy_number="+number, "").want(t, 200).body)
		}
		found := map[string]bool{}
		for where, text := range shown {
			for _, value := range append(personalValues, cp1251("Кузькин-Мать")) {
				escaped := strings.Trim(fmt.Sprintf("%+q", value), `"`)
				if has := strings.Contains(text, value) || strings.Contains(text, escaped); has && !open {
					t.Errorf("%s shows %s: %.1500s", where, value, around(text, value))
				} else if has {
					found[value] = true
				}
			}
			if strings.Contains(text, opened) || strings.Contains(text, `"`+password+`"`) {
				t.Errorf("%s shows credentials", where)
			}
		}
		if open && len(found) < len(personalValues) {
			t.Errorf("with the flag are shown only %v", found)
		}
	}
}

// around is a text near a value.
func around(text, value string) string {
	i := max(strings.Index(text, value), 0)
	return text[max(i-200, 0):min(i+200, len(text))]
}
