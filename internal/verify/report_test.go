package verify

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"poligon/internal/journal"
)

var update = flag.Bool("update", false, "write the golden files")

func imported(n uint64, request, answer string) journal.Exchange {
	return journal.Exchange{Number: n, Operation: "importBordereau", API: "bordereau",
		Request: journal.Request{Method: "POST", Target: "/api/v2/importBordereau", Body: []byte(request), Size: int64(len(request))},
		Answer:  journal.Answer{Status: 200, Body: []byte(answer), Size: int64(len(answer))}}
}

func session() Seen {
	risks := func(name, policy, sum string) string {
		return `{"risks":[{"lastName":"` + name + `","policyNumber":"` + policy + `","insuranceSum":` + sum + `,"currency":"RUB"}]}`
	}
	refused := imported(4, risks("Иванов", "P-4", `"12000"`), `{"error":"sign"}`)
	refused.Answer.Status, refused.Reason = 403, "the sign is not that of the body"
	cut := imported(6, risks("Сидоров", "P-6", "12000"), `{}`)
	cut.Request.Body = cut.Request.Body[:20]
	running := imported(7, risks("Петров", "P-7", "12000.00"), "")
	running.Running, running.Answer = true, journal.Answer{}
	act := journal.Exchange{Number: 5, Act: true, API: "admin", Operation: "advanceClock"}
	return Seen{Exchanges: []journal.Exchange{
		imported(2, risks("Пeтров", "P-2", "12000"), `{"risks":[{"uuid":"u-2"}]}`), // its second letter is Latin
		imported(3, risks("Петров ", "P-3", "12000.5"), `{"risks":[{"uuid":"u-3"}]}`),
		refused, act, cut, running}, Dropped: 1, DroppedOf: map[string]uint64{"calculate": 1}, Arriving: 2}
}

const nearest = `{"expectations":[
 {"name":"Petrov is insured","operation":"importBordereau","status":200,"count":{"exactly":3},
  "request":{"json":{"risks":[{"lastName":"Петров","insuranceSum":12000}]},"paths":{"risks[*].policyNumber":{"matches":"^P-"},"risks[0].middleName":"Ильич"}}},
 {"name":"nobody is refused","operation":"importBordereau","refused":true,"count":{"never":true}},
 {"name":"clock moved","operation":"advanceClock"},
 {"operation":"calculate","seen":"DRAFT"},
 {"operation":"importBordereaux","method":"POST"},
 {"operation":"importBordereau","answer":{"matches":"u-9"},"header":{"Sign":"x"},"query":{"a":{"matches":"b"}},"subject":"P-1"},
 {"operation":"importBordereau","request":{"matches":"Петров"},"count":{"at_least":1,"at_most":2}}
]}`

func TestReports(t *testing.T) {
	t.Parallel()
	personal := func(name string) bool { return name == "lastName" }
	for name, report := range map[string]Report{
		"nearest":  Evaluate(request(t, nearest), session(), nil),
		"masked":   Evaluate(request(t, nearest), session(), personal),
		"passed":   Evaluate(request(t, `{"expectations":[{"name":"an import","operation":"importBordereau"}]}`), session(), nil),
		"order":    Evaluate(request(t, `{"in_order":true,"expectations":[{"operation":"advanceClock"},{"operation":"importBordereau","request":{"paths":{"risks[0].policyNumber":"P-2"}}}]}`), session(), nil),
		"nothing":  Evaluate(request(t, `{"expectations":[{"operation":"calculate"}]}`), Seen{}, nil),
		"too-many": Evaluate(request(t, `{"expectations":[{"operation":"importBordereau","count":{"at_most":1}}]}`), session(), nil),
	} {
		golden := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(golden, []byte(report.Text()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if report.Text() != string(want) {
			t.Errorf("%s is not as in %s; look, and run with -update\n%s", name, golden, report.Text())
		}
		distinct(t, report)
	}
	whole, err := json.Marshal(Evaluate(request(t, nearest), session(), personal))
	if err != nil || strings.Contains(string(whole), "Иванов") || strings.Contains(string(whole), "Пeтров") {
		t.Errorf("masked values are shown: %s, %v", whole, err)
	}
}

// distinct holds differences to their word: never two lines that are the same.
func distinct(t testing.TB, report Report) {
	t.Helper()
	for _, o := range report.Expectations {
		for _, m := range o.Misses {
			if len(m.Differences) == 0 {
				t.Errorf("exchange %d differs in nothing", m.Number)
			}
			for _, d := range m.Differences {
				if d.Expected == d.Actual {
					t.Errorf("expected and actual are the same: %+v", d)
				}
			}
		}
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ы", 500)
	for _, test := range []struct{ want, got, where, actual, note string }{
		{`{"a":"x "}`, `{"a":"x"}`, "request.a", `"x"`, "at letter 2 expected a space, actual the end"},
		{`{"a":"Сa"}`, `{"a":"Ca"}`, "request.a", `"Ca"`, "Cyrillic 'С' (U+0421), actual Latin 'C' (U+0043)"},
		{`{"a":"x\u00a0y"}`, `{"a":"x y"}`, "request.a", `"x y"`, "white space"},
		{`{"a":"й"}`, `{"a":"и\u0306"}`, "request.a", "", "U+0439"},
		{`{"a":"RUB"}`, `{"a":"rub"}`, "request.a", `"rub"`, "only the case"},
		{`{"a":12}`, `{"a":"12"}`, "request.a", `"12"`, "expected a number, not a text"},
		{`{"lastName":1}`, `{"lastname":1}`, "request.lastName", "nothing", `there is a member "lastname"`},
		{`{"a":{"b":1}}`, `{"a":[1]}`, "request.a", "an array of 1 item", "expected an object, not an array"},
		{`{"a.b":1}`, `{"a.b":2}`, `request["a.b"]`, "2", ""},
		{`{"r":[{"a":1,"b":1}]}`, `{"r":[{"a":2,"b":2},{"a":1,"b":2}]}`, "request.r[1].b", "2", ""},
		{`[1,2]`, `[1]`, "request", "no more than 1 item", ""},
		{`"` + long + `1"`, `"` + long + `2"`, "request", `ы2" (501 letters)`, ""},
		{`1` + strings.Repeat("0", 300) + `1`, `1` + strings.Repeat("0", 300) + `2`, "request", `02" (302 letters)`, ""},
	} {
		d := newDiffer(nil)
		d.values("request", read(t, test.want, false), read(t, test.got, false), false)
		if len(d.list) != 1 {
			t.Errorf("%.80s: %v", test.want, d.list)
			continue
		}
		if one := d.list[0]; one.Where != test.where || !strings.Contains(one.Actual, test.actual) || !strings.Contains(one.Note, test.note) ||
			one.Expected == one.Actual {
			t.Errorf("%.80s: %+v", test.want, one)
		}
	}
}

// FuzzPath: a path that is read can be walked.
func FuzzPath(f *testing.F) {
	for _, path := range []string{`a.b[0].c`, `[*][*]`, `["a.b"].c`, `a[`, `$.a`, `["\u00`} {
		f.Add(path, `{"a":{"b":[{"c":1}]}}`)
	}
	f.Fuzz(func(_ *testing.T, path, body string) {
		steps, err := parsePath(path)
		if err != nil {
			return
		}
		for _, cut := range []bool{false, true} {
			if v, err := parse([]byte(body), cut); err == nil {
				walk(place{"request", v}, steps)
			}
		}
	})
}

// FuzzSubset: a value is a subset of itself; what is certain of a body that was cut holds of the whole one; and a difference is
// named where there is one.
func FuzzSubset(f *testing.F) {
	f.Add(`{"a":[1,{"b":"x"}]}`, `{"a":[0,1,{"b":"x","c":null}]}`, 12)
	f.Add(`[[1],[2]]`, `[[1,3],[2]]`, 5)
	f.Add(`12`, `12.0e0`, 2)
	f.Fuzz(func(t *testing.T, wanted, body string, cut int) {
		want, err := parse([]byte(wanted), false)
		if err != nil || want.unread() {
			return
		}
		if subset(want, want) != yes {
			t.Errorf("%q is no subset of itself", wanted)
		}
		got, err := parse([]byte(body), false)
		if err != nil {
			return
		}
		is := subset(want, got)
		d := newDiffer(nil)
		if d.values("request", want, got, false); is == yes && d.count > 0 || is == no && d.count == 0 && *d.steps > 0 && !got.unread() {
			t.Errorf("%q in %q: %d with differences %v", wanted, body, is, d.list)
		}
		for _, one := range d.list {
			if one.Expected == one.Actual {
				t.Errorf("%q in %q: %+v", wanted, body, one)
			}
		}
		if cut < 0 || cut >= len(body) || strings.Count(body, `"`) > 0 && twice(got) {
			return
		}
		part, err := parse([]byte(body[:cut]), true)
		if err != nil {
			t.Errorf("%q is read, %q of it is not", body, body[:cut])
		} else if early := subset(want, part); early != unknown && early != is && is != unknown {
			t.Errorf("%q in %q: %d, of the first %d bytes %d", wanted, body, is, cut, early)
		}
	})
}

// twice cannot see equal names, which the reader has merged; the fuzzer's bodies with fewer members than colons are left out.
func twice(v value) bool { return v.kind != 0 && strings.Count(v.String(), `":`) > 1 }
