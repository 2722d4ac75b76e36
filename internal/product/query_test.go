package product_test

import (
	"net/http"
	"strings"
	"testing"
)

// Every operation of the admin API refuses a parameter that its contract does not have, and one that it has in another spelling.
func TestUnknownQueryParameters(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	p.do(t, call{method: "PUT", path: "/__admin/sessions/s"}).want(t, 201)
	operations := 0
	for path, item := range contracts()["admin"].Paths.Map() {
		path = strings.NewReplacer("{session}", "s", "{number}", "1", "{fault}", "1", "{request_id}", ours).Replace(path)
		for method, op := range item.Operations() {
			operations++
			if !strings.HasPrefix(path, "/__admin") { // probes of health send what they like
				resp, err := p.client.Get(p.url + path + "?verbose")
				if err != nil || resp.StatusCode != http.StatusOK {
					t.Errorf("%s: %v, %v", path, resp, err)
				}
				resp.Body.Close()
				continue
			}
			c := call{method: method, path: path + "?nonsense=1"}
			p.do(t, c).wantProblem(t, 400, "nonsense: there is no such parameter", "nonsense")
			for _, ref := range op.Parameters {
				if name := ref.Value.Name; ref.Value.In == "query" {
					c.path = path + "?" + strings.ToUpper(name) + "=1"
					p.do(t, c).wantProblem(t, 400, "did you mean "+name+"?", strings.ToUpper(name))
				}
			}
		}
	}
	if operations < 30 {
		t.Errorf("%d operations", operations)
	}
	if list := p.list(t); len(list) != 1 || list[0].Name != "s" {
		t.Errorf("what was refused did something: %+v", list)
	}
}

func TestBadQueryParameters(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.play(t, `{}`)
	s.look(t, ours)
	for query, want := range map[string]struct{ contains, pointers string }{
		"/journal?limit=0":                       {"limit: number must be at least 1", "limit"},
		"/journal?limit=1001":                    {"limit: number must be at most 1000", "limit"},
		"/journal?limit=1.5":                     {"", "limit"},
		"/journal?limit=1e2":                     {"", "limit"},
		"/journal?limit=%2B1":                    {"", "limit"},
		"/journal?limit=01":                      {"", "limit"},
		"/journal?limit=":                        {"", "limit"},
		"/journal?limit":                         {"", "limit"},
		"/journal?limit=null":                    {"", "limit"},
		"/journal?limit=many":                    {"", "limit"},
		"/journal?limit=1&limit=1":               {"limit: is given several times", "limit"},
		"/journal/x":                             {"number: write a whole number", "number"},
		"/journal/99999999999999999999":          {"number: write a whole number", "number"},
		"/journal/0":                             {"number: numbers begin at 1", "number"},
		"/journal?after=-1":                      {"", "after"},
		"/journal?after=9223372036854775808":     {"", "after"},
		"/journal?after=99999999999999999999999": {"", "after"},
		"/journal?status=4x":                     {"", "status"},
		"/journal?status=600":                    {"", "status"},
		"/journal?status=4XX":                    {"", "status"},
		"/journal?status=":                       {"", "status"},
		"/journal?refused=yes":                   {"", "refused"},
		"/journal?acts=1":                        {"", "acts"},
		"/journal?acts=True":                     {"", "acts"},
		"/journal?limit=0&acts=1&x=2":            {"", "acts limit x"},
		"/journal/stream?from=Start":             {"", "from"},
		"/journal/stream?from=":                  {"", "from"},
		"/risks?policy_number=":                  {"", "policy_number"},
		"/risks":                                 {"policy_number: it is missing", "policy_number"},
		"/risks?flight_number=S7":                {"policy_number: it is missing", "policy_number"},
		"/journal?status=%zz":                    {"the query cannot be read", ""},
		"/journal?acts=true;refused=false":       {"the query cannot be read", ""},
	} {
		s.admin(t, "GET", query, "").wantProblem(t, 400, want.contains, want.pointers)
	}
	for _, query := range []string{"", "?", "?limit=1", "?limit=1000&after=0", "?acts=false&refused=false&status=2xx&operation=getCalculation&subject=" + ours,
		"?after=9223372036854775807", "?subject=", "?operation=%D1%8F", "?%6Cimit=2"} {
		s.admin(t, "GET", "/journal"+query, "").want(t, 200)
	}
}
