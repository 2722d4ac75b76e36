package product_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

// The partner's words in refusals.
const (
	nobody    = "00000000-0000-0000-0000-000000000000"
	badValue  = "Неверное значение."
	required  = "Обязательное поле не заполнено."
	badWhole  = "Ошибка в запросе."
	taken     = "Расчет с таким идентификатором уже начат с другими данными."
	notFound  = "Метод не найден."
	notMethod = "Метод не поддерживается."
)

// refusal is the documented error body; properties are pairs of a field and a message.
func refusal(id, message string, properties ...string) string {
	body := map[string]any{"request_id": id, "message": message}
	var list []any
	for i := 0; i < len(properties); i += 2 {
		list = append(list, map[string]any{"property": properties[i], "message": properties[i+1]})
	}
	if list != nil {
		body["properties"] = list
	}
	return asJSON(body)
}

func TestBadRequestID(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for _, path := range []string{"/osago/calculate", "/osago/calculate/status"} {
		for name, c := range map[string]struct{ query, message string }{
			"none":           {"", required},
			"other key":      {"?requestId=" + ours, required},
			"other case":     {"?Request_ID=" + ours, required},
			"no value":       {"?request_id", badValue},
			"empty":          {"?request_id=", badValue},
			"word":           {"?request_id=abc", badValue},
			"short":          {"?request_id=" + ours[:35], badValue},
			"long":           {"?request_id=" + ours + "0", badValue},
			"no dashes":      {"?request_id=" + strings.ReplaceAll(ours, "-", ""), badValue},
			"other dashes":   {"?request_id=7d1f2a345-b6c-4d7e-8f90-a1b2c3d4e5f6", badValue},
			"no hex":         {"?request_id=" + ours[:35] + "g", badValue},
			"braced":         {"?request_id=%7B" + ours + "%7D", badValue},
			"urn":            {"?request_id=urn:uuid:" + ours, badValue},
			"space before":   {"?request_id=%20" + ours, badValue},
			"line behind":    {"?request_id=" + ours + "%0A", badValue},
			"zero byte":      {"?request_id=" + ours + "%00", badValue},
			"cyrillic":       {"?request_id=%D1%8F%D1%8F%D1%8F%D1%8F-5b6c-4d7e-8f90-a1b2c3d4e5f6", badValue},
			"no utf-8":       {"?request_id=%FF", badValue},
			"broken percent": {"?request_id=%zz", required},
			"two":            {"?request_id=" + ours + "&request_id=0c9f1e2d-3b4a-4958-8766-554433221100", badValue},
			"the same twice": {"?request_id=" + ours + "&request_id=" + ours, badValue},
			"one and empty":  {"?request_id=" + ours + "&request_id=", badValue},
			"comma list":     {"?request_id=" + ours + "," + ours, badValue},
		} {
			t.Run(path+" "+name, func(t *testing.T) {
				t.Parallel()
				s := p.frozen(t, "")
				s.get(t, path+c.query).want(t, 400).says(t, refusal(nobody, badWhole, "request_id", c.message))
				s.holds(t, 0)
				s.get(t, path+"?request_id="+ours).want(t, 200)
				s.holds(t, 1)
			})
		}
	}
}

// An id in capitals is the same calculation; answers have it in small letters.
func TestRequestIDInCapitals(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "slow-partner")
	s.look(t, ours)
	s.moveTo(t, 5e9)
	var got status
	s.get(t, "/osago/calculate/status?request_id="+strings.ToUpper(ours)).want(t, 200).decode(t, &got)
	if got.RequestID != ours || got.Offers[0].Status != "PRE_CALC_SENT" {
		t.Errorf("%+v", got)
	}
	s.holds(t, 1)
	s.post(t, strings.ReplaceAll(change("purpose", "race"), ours, strings.ToUpper(ours))).want(t, 400).says(t, refusal(ours, badWhole, "purpose", badValue))
}

// A request_id may be a UUID of any version, the newest, the nil and the greatest among them.
func TestRequestIDOfAnyVersion(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	for _, id := range []string{"019b76da-a800-7000-8000-00000000000a", nobody, "ffffffff-ffff-ffff-ffff-ffffffffffff", "7d1f2a34-5b6c-0d7e-0f90-a1b2c3d4e5f6"} {
		s.look(t, id)
		s.post(t, application(id)).want(t, 200)
	}
	s.holds(t, 4)
}

func TestOSAGOMethodsAndPaths(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	id := "?request_id=" + ours
	for _, c := range []struct {
		method, path string
		status       int
		allow, body  string
	}{
		{"DELETE", "/osago/calculate" + id, 405, "GET, POST", refusal(ours, notMethod)},
		{"PUT", "/osago/calculate", 405, "GET, POST", refusal(nobody, notMethod)},
		{"OPTIONS", "/osago/calculate", 405, "GET, POST", refusal(nobody, notMethod)},
		{"BREW", "/osago/calculate", 405, "GET, POST", refusal(nobody, notMethod)},
		{"get", "/osago/calculate", 405, "GET, POST", refusal(nobody, notMethod)},
		{"POST", "/osago/calculate/status" + id, 405, "GET", refusal(ours, notMethod)},
		{"PATCH", "/osago/offer", 405, "GET, POST", refusal(nobody, notMethod)},
		{"GET", "/osago/calculate/" + id, 404, "", refusal(ours, notFound)},
		{"GET", "/osago/calculate/status/" + id, 404, "", refusal(ours, notFound)},
		{"GET", "/osago//calculate" + id, 404, "", refusal(ours, notFound)},
		{"GET", "/osago/./calculate" + id, 404, "", refusal(ours, notFound)},
		{"GET", "/osago/calculate/../calculate" + id, 404, "", refusal(ours, notFound)},
		{"GET", "/osago/Calculate" + id, 404, "", refusal(ours, notFound)},
		{"GET", "/osago/calculate%2Fstatus" + id, 404, "", refusal(ours, notFound)},
		{"GET", "/osago/calculate%20" + id, 404, "", refusal(ours, notFound)},
		{"GET", "/osago/", 404, "", refusal(nobody, notFound)},
		{"POST", "/osago/calculate/{id}", 404, "", refusal(nobody, notFound)},
		{"GET", "/payment", 404, "", refusal(nobody, notFound)},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			t.Parallel()
			s := p.frozen(t, "")
			a := s.do(t, call{method: c.method, path: c.path}).want(t, c.status)
			a.says(t, c.body)
			if got := a.header.Get("Allow"); got != c.allow {
				t.Errorf("Allow is %q, not %q", got, c.allow)
			}
			s.holds(t, 0)
		})
	}
}

// No operation of the contracts is left out.
func TestEveryOperationIsServed(t *testing.T) {
	t.Parallel()
	plain, tokens := start(t, setup{}), start(t, setup{access: byOAuth2})
	for name, doc := range contracts() {
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				if name == "admin" || strings.Contains(path, "{") {
					continue
				}
				p := plain
				if op.OperationID == "issueToken" { // which others issue none
					p = tokens
				}
				if a := p.do(t, call{method: method, path: path}); a.status == http.StatusNotImplemented || a.status == http.StatusNotFound && strings.Contains(a.String(), notFound) {
					t.Errorf("%s is not served: %s", op.OperationID, a)
				}
			}
		}
	}
}

// HEAD answers as GET does, without the body.
func TestHead(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	s.do(t, call{method: "HEAD", path: "/osago/calculate?request_id=" + ours}).want(t, 200)
	s.do(t, call{method: "HEAD", path: "/osago/calculate?request_id=x"}).want(t, 400)
}

// Where unknown ids are not started, a look is the documented 404, and a request starts the calculation.
func TestUnknownIDs(t *testing.T) {
	t.Parallel()
	story := "title: x\nstory: x\nosago:\n  unknown_ids: not_found\n  offers: {a: {insurer: x, steps: [CREATED]}}\n"
	for name, p := range map[string]*product{
		"flag":     start(t, setup{notFound: true}),
		"scenario": start(t, setup{scenarios: fstest.MapFS{"strict.yaml": {Data: []byte(story)}}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := p.frozen(t, map[string]string{"scenario": "strict"}[name])
			for _, path := range []string{"/osago/calculate", "/osago/calculate/status"} {
				s.get(t, path+"?request_id="+ours).want(t, 404).says(t, refusal(ours, "Расчет не найден."))
			}
			s.holds(t, 0)
			s.post(t, application(ours)).want(t, 200)
			s.look(t, ours)
			s.holds(t, 1)
		})
	}
}

// What no API has, and what no session can be, is answered in Poligon's own words.
func TestNowhere(t *testing.T) {
	t.Parallel()
	p := start(t, setup{defaults: realTime})
	status := "/osago/calculate/status?request_id=" + ours
	header := func(name string) map[string]string { return map[string]string{"X-Poligon-Session": name} }
	for _, c := range []struct {
		path   string
		header map[string]string
		status int
		detail string
	}{
		{"/", nil, 404, "no partner API has the path /"},
		{"/OSAGO/calculate/status?request_id=" + ours, nil, 404, "no partner API has the path /OSAGO/calculate/status"},
		{"/" + status, nil, 404, "no partner API has the path //osago/calculate/status"},
		{"/x" + status, nil, 404, "no partner API has the path /x/osago/calculate/status"},
		{"/s", nil, 404, "no partner API has the path /s"},
		{"/s/", nil, 404, "no partner API has the path /"},
		{"/s/a", nil, 404, "no partner API has the path /"},
		{"/s/a/s/a" + status, nil, 404, "no partner API has the path /s/a/osago/calculate/status"},
		{"/s/a/__admin/sessions", nil, 404, "no partner API has the path /__admin/sessions"},
		{"/s/a/livez", nil, 404, "no partner API has the path /livez"},
		{"/s/" + status, nil, 400, `"" is not a session name`},
		{"/s/b%20c" + status, nil, 400, `"b c" is not a session name`},
		{"/s/-a" + status, nil, 400, `"-a" is not a session name`},
		{"/s/.." + status, nil, 400, `".." is not a session name`},
		{"/s/%D1%8F" + status, nil, 400, `"я" is not a session name`},
		{"/s/" + strings.Repeat("a", 65) + status, nil, 400, "is not a session name"},
		{"/s/b%2fc" + status, nil, 400, `"b%2fc" is not a session name`},
		{"/s/a%2Fosago/calculate/status?request_id=" + ours, nil, 404, "no partner API has the path /calculate/status"},
		{status, header("b c"), 400, `"b c" is not a session name`},
		{status, header("a/osago"), 400, `"a/osago" is not a session name`},
		{"/s/a" + status, header("b"), 400, `the path names session "a" and the header X-Poligon-Session names "b"`},
		{"/s/" + status, header("b"), 400, `the path names session "" and the header`},
		{status, map[string]string{"X-Poligon-Scenario": "Default"}, 400, `unknown scenario "Default": did you mean default?`},
	} {
		a := p.do(t, call{method: "GET", path: c.path, header: c.header, problem: true}).want(t, c.status)
		var problem struct{ Detail string }
		if a.decode(t, &problem); !strings.Contains(problem.Detail, c.detail) {
			t.Errorf("%s %v: %s, want %s", c.path, c.header, a, c.detail)
		}
	}
	for _, s := range p.list(t) {
		if s.Subjects > 0 {
			t.Errorf("session %s holds %d subjects", s.Name, s.Subjects)
		}
	}
}

// The session is the same by its path and by its header.
func TestSessionByPathOrHeader(t *testing.T) {
	t.Parallel()
	s := start(t, setup{defaults: realTime}).frozen(t, "slow-partner")
	s.look(t, ours)
	s.moveTo(t, 170e9)
	for _, path := range []string{"/osago", "/s/" + s.name + "/osago"} {
		var got status
		s.product.do(t, call{method: "GET", path: path + "/calculate/status?request_id=" + ours, header: map[string]string{"X-Poligon-Session": s.name}}).decode(t, &got)
		if got.Status != "CALCULATION_READY" {
			t.Errorf("%s: %+v", path, got)
		}
	}
	if list := s.list(t); len(list) != 1 || list[0].Subjects != 1 {
		t.Errorf("sessions %+v", list)
	}
}

// list is all sessions of the server.
func (p *product) list(t *testing.T) []shown {
	t.Helper()
	var body struct{ Sessions []shown }
	p.do(t, call{method: "GET", path: "/__admin/sessions"}).want(t, 200).decode(t, &body)
	return body.Sessions
}
