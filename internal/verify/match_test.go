package verify

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"poligon/internal/journal"
)

func read(t *testing.T, text string, cut bool) value {
	t.Helper()
	v, err := parse([]byte(text), cut)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestSubset(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		want, got string
		cut       bool
		is        ruling
	}{
		{`{}`, `{"a":1}`, false, yes},
		{`{"a":1}`, `{"a":1,"b":2}`, false, yes},
		{`{"a":1}`, `{"b":2}`, false, no},
		{`{"a":null}`, `{}`, false, no},
		{`{"a":null}`, `{"a":null}`, false, yes},
		{`{"A":1}`, `{"a":1}`, false, no},
		{`{"a":{"b":[2]}}`, `{"a":{"b":[1,2,3]}}`, false, yes},
		{`12000`, `12000.0`, false, yes},
		{`12000`, `1.2e4`, false, yes},
		{`-0`, `0.00e5`, false, yes},
		{`0.1`, `0.10000000000000000000001`, false, no},
		{`9007199254740993`, `9007199254740992`, false, no},
		{`1e999999999999999999999`, `1e999999999999999999999`, false, yes},
		{`1e1000000000`, `10e999999999`, false, yes},
		{`-5`, `5`, false, no},
		{`12`, `"12"`, false, no},
		{`true`, `true`, false, yes},
		{`true`, `false`, false, no},
		{`"a"`, `"а"`, false, no},
		{`"a "`, `"a"`, false, no},
		{`"é"`, `"\u00e9"`, false, yes},
		{`[]`, `[1]`, false, yes},
		{`[1,3]`, `[1,2,3]`, false, yes},
		{`[3,1]`, `[1,2,3]`, false, no},
		{`[1,1]`, `[1,2]`, false, no},
		{`[1,1]`, `[1,2,1]`, false, yes},
		{`[{"a":1},{"b":1}]`, `[{"a":1,"b":1}]`, false, no},
		{`[{"a":1},{"b":1}]`, `[{"a":1,"b":1},{"b":1}]`, false, yes},
		{`{"a":2}`, `{"a":1,"a":2}`, false, yes},
		// What the journal cut.
		{`{"a":1}`, `{"a":1,"b":"x`, true, yes},
		{`{"a":2}`, `{"a":1,"b":"x`, true, no},
		{`{"b":"xy"}`, `{"a":1,"b":"x`, true, unknown},
		{`{"c":1}`, `{"a":1,"b":"x`, true, unknown},
		{`{"a":12}`, `{"a":12`, true, unknown},
		{`{"a":12}`, `{"a":12,`, true, yes},
		{`12`, `12`, true, unknown},
		{`[1]`, `[1,2`, true, yes},
		{`[3]`, `[1,2`, true, unknown},
		{`[1,2]`, `[1,`, true, unknown},
		{`{"r":[{"n":"A"}]}`, `{"r":[{"n":"A"},{"n":"B"},{"n"`, true, yes},
		{`{"r":{"n":"A"}}`, `{"r":[{"n":"A"},{"n":"B"},{"n"`, true, no},
		{`{"a":1}`, ``, true, unknown},
		{`{"a":1}`, `{`, true, unknown},
		{`[1]`, `{`, true, no},
	} {
		if is := subset(read(t, test.want, false), read(t, test.got, test.cut)); is != test.is {
			t.Errorf("%s in %s (cut %v): %d, want %d", test.want, test.got, test.cut, is, test.is)
		}
	}
}

func TestNotJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		cut  bool
	}{{``, false}, {`{"a":1`, false}, {`{"a":1}}`, false}, {`[1 2]`, false}, {`{"a" 1`, true}, {`1 2`, true}, {`<a>`, true}} {
		if v, err := parse([]byte(test.text), test.cut); err == nil {
			t.Errorf("%q (cut %v) is read as %v", test.text, test.cut, v)
		}
	}
}

// TestHardSubset would not end if arrays were matched by trying every choice.
func TestHardSubset(t *testing.T) {
	t.Parallel()
	want, got := `{"x":1}`, `{"y":1}`
	for range 10 {
		want = "[" + strings.Repeat(want+",", 2) + want + "]"
		got = "[" + strings.Repeat(got+",", 2) + got + "]"
	}
	w, g := read(t, want, false), read(t, got, false)
	from := time.Now()
	if subset(w, g) != no {
		t.Error("it matches")
	}
	d := newDiffer(nil)
	d.values("request", w, g, false)
	if took := time.Since(from); took > 5*time.Second {
		t.Error("it took", took)
	}
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	if is := subset(read(t, "[[1]]", false), read(t, deep, false)); is != unknown {
		t.Error("what was not read for its depth is taken for known:", is)
	}
	if is := subset(read(t, `{"b":1}`, false), read(t, `{"a":`+deep+`}`, false)); is != no {
		t.Error("a member that is not there is taken for unknown:", is)
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	const body = `{"risks":[{"n":"P-1","s":5},{"n":"X-2","s":7.50,"odd.name":true}],"empty":[],"o":{"deep":{"a":[[1,2],[3]]}}}`
	cutAt := strings.Index(body, `"odd`)
	for _, test := range []struct {
		path, want string
		whole, cut ruling
	}{
		{`risks[0].n`, `"P-1"`, yes, yes},
		{`risks[1].n`, `"P-1"`, no, no},
		{`risks[*].n`, `"X-2"`, yes, yes},
		{`risks[*].n`, `"nobody"`, no, unknown},
		{`risks[*].n`, `{"matches":"^P-"}`, yes, yes},
		{`risks[*].s`, `7.5`, yes, yes},
		{`risks[*].s`, `{"matches":"^7"}`, yes, yes},
		{`risks[1]["odd.name"]`, `true`, yes, unknown},
		{`risks[1]["odd.name"]`, `{"matches":"tr"}`, yes, unknown},
		{`risks[2].n`, `"P-1"`, no, unknown},
		{`risks[2].n`, `{"present":false}`, yes, unknown},
		{`risks[0].m`, `{"present":false}`, yes, yes},
		{`risks[0].n`, `{"present":false}`, no, no},
		{`risks[0].n`, `{"present":true}`, yes, yes},
		{`empty[*]`, `{"present":true}`, no, unknown},
		{`risks`, `[{"n":"X-2"}]`, yes, yes},
		{`risks[0]`, `{"s":5}`, yes, yes},
		{`risks.n`, `"P-1"`, no, no},
		{`o.deep.a[*][*]`, `3`, yes, unknown},
	} {
		for i, want := range []ruling{test.whole, test.cut} {
			e := journal.Exchange{Request: journal.Request{Body: []byte(body), Size: int64(len(body))}}
			if i == 1 {
				e.Request.Body = e.Request.Body[:cutAt]
			}
			b := builder{}
			b.body("", ofRequest, &Body{Paths: map[string]json.RawMessage{test.path: []byte(test.want)}})
			if len(b.mistakes) > 0 {
				t.Fatal(b.mistakes)
			}
			if is := b.criteria[0].judge(see(&e)); is != want {
				t.Errorf("%s: %s (cut %d): %d, want %d", test.path, test.want, i, is, want)
			}
		}
	}
}

func TestBadPaths(t *testing.T) {
	t.Parallel()
	for _, path := range []string{``, `.`, `a.`, `a..b`, `a[`, `a[]`, `a[-1]`, `a[x]`, `a]`, `a[0]b`, `$.a`, `["a]`, `["a"`, `a.[0]`,
		strings.Repeat("a.", 100) + "a", `a[99999999999]`} {
		if steps, err := parsePath(path); err == nil {
			t.Errorf("%q is read as %v", path, steps)
		}
	}
}

func TestWordsOfCutBodies(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		matches, kept string
		is            ruling
	}{
		{`ab`, "xaby", yes}, {`ab`, "xab", unknown}, {`b$`, "ab", unknown}, {`(?m)a$`, "a\nb", yes}, {`^b`, "ab", unknown},
		{`x[^€]`, "x\xe2\x82", unknown}, {`x`, "xy\xe2\x82", unknown}, {`x`, "xyzw\xe2\x82", yes}, {`x`, "", unknown},
	} {
		e := journal.Exchange{Request: journal.Request{Body: []byte(test.kept), Size: 100}}
		if is := (ofWords{ofRequest, regexp.MustCompile(test.matches)}).judge(see(&e)); is != test.is {
			t.Errorf("%s in %q: %d, want %d", test.matches, test.kept, is, test.is)
		}
	}
}

func exchange(change func(*journal.Exchange)) journal.Exchange {
	body, answer := `{"risks":[{"lastName":"Пассажир"}]}`, `{"request_id":"1","status":"DRAFT","offers":[{"offer_status":"CREATED"}]}`
	e := journal.Exchange{
		Number: 1, Operation: "calculate", API: "osago", Subjects: []string{"0aB00000-0000-4000-8000-000000000001", "policy"},
		Before: "DRAFT", After: "READY", Faults: []string{"delay of 2s"},
		Request: journal.Request{Method: "POST", Target: "/osago/a%20b?x=1&x=2&empty=", Header: []journal.Field{{Name: "X-Sign", Value: "abc"}},
			Body: []byte(body), Size: int64(len(body))},
		Answer: journal.Answer{Status: 201, Body: []byte(answer), Size: int64(len(answer))},
	}
	if change != nil {
		change(&e)
	}
	return e
}

func TestCriteria(t *testing.T) {
	t.Parallel()
	running := func(e *journal.Exchange) { e.Running, e.Answer, e.Subjects = true, journal.Answer{}, nil }
	refused := func(e *journal.Exchange) { e.Reason, e.Answer.Status = "the sign is wrong", 400 }
	silent := func(e *journal.Exchange) { e.Answer = journal.Answer{} }
	act := func(e *journal.Exchange) { e.Act, e.Operation = true, "advanceClock" }
	cut := func(e *journal.Exchange) { e.Request.Body = e.Request.Body[:38] }
	answerCut := func(e *journal.Exchange) { e.Answer.Body = e.Answer.Body[:20] }
	for _, test := range []struct {
		expectation string
		change      func(*journal.Exchange)
		is          ruling
	}{
		{`{}`, nil, yes}, {`{}`, act, no}, {`{"operation":"advanceClock"}`, act, yes}, {`{"operation":"calculate"}`, act, no},
		{`{"operation":"calculate"}`, nil, yes}, {`{"operation":"calculat"}`, nil, no}, {`{"operation":"calculate"}`, running, yes},
		{`{"method":"POST","path":"/osago/a b"}`, nil, yes}, {`{"path":"/osago/a%20b"}`, nil, yes}, {`{"path":"/osago/a"}`, nil, no},
		{`{"query":{"x":"2"}}`, nil, yes}, {`{"query":{"x":"3"}}`, nil, no}, {`{"query":{"empty":""}}`, nil, yes},
		{`{"query":{"none":""}}`, nil, no}, {`{"query":{"none":{"present":false}}}`, nil, yes}, {`{"query":{"x":{"present":false}}}`, nil, no},
		{`{"query":{"x":{"matches":"^[2]$"}}}`, nil, yes}, {`{"header":{"x-SIGN":"abc"}}`, nil, yes}, {`{"header":{"X-Sign":"ABC"}}`, nil, no},
		{`{"header":{"X-Sign":{"present":true}}}`, nil, yes}, {`{"header":{"X-None":{"present":true}}}`, nil, no},
		{`{"subject":"0ab00000-0000-4000-8000-000000000001"}`, nil, yes}, {`{"subject":"policy"}`, nil, yes}, {`{"subject":"POLICY"}`, nil, no},
		{`{"subject":"policy"}`, running, unknown},
		{`{"status":201}`, nil, yes}, {`{"status":"2xx"}`, nil, yes}, {`{"status":"4xx"}`, nil, no}, {`{"status":201}`, running, unknown},
		{`{"status":"4xx"}`, silent, no},
		{`{"seen":"READY"}`, nil, yes}, {`{"seen":"DRAFT"}`, nil, yes}, {`{"seen":"CREATED"}`, nil, yes}, {`{"seen":"draft"}`, nil, no},
		{`{"seen":"READY"}`, refused, no}, {`{"seen":"READY"}`, silent, no}, {`{"seen":"READY"}`, running, unknown},
		{`{"seen":"CREATED"}`, answerCut, unknown}, {`{"seen":"READY"}`, answerCut, yes},
		{`{"refused":true}`, nil, no}, {`{"refused":false}`, nil, yes}, {`{"refused":true}`, refused, yes}, {`{"refused":false}`, running, unknown},
		{`{"fault":"delay"}`, nil, yes}, {`{"fault":"reset"}`, nil, no}, {`{"fault":"reset"}`, running, unknown},
		{`{"request":{"json":{"risks":[{"lastName":"Пассажир"}]}}}`, nil, yes}, {`{"request":{"matches":"Пасс.*ир"}}`, nil, yes},
		{`{"request":{"matches":"^risks"}}`, nil, no}, {`{"request":{"matches":"lastName"}}`, cut, yes}, {`{"request":{"matches":"Z"}}`, cut, unknown},
		{`{"request":{"matches":"Пасса$"}}`, cut, unknown}, {`{"request":{"matches":"Пас"}}`, cut, yes},
		{`{"answer":{"json":{"status":"DRAFT"}}}`, nil, yes}, {`{"answer":{"json":{"status":"DRAFT"}}}`, running, unknown},
		{`{"answer":{"json":{"status":"DRAFT"}}}`, silent, no}, {`{"answer":{"paths":{"status":{"present":false}}}}`, silent, yes},
		{`{"answer":{"matches":"D"}}`, running, unknown}, {`{"operation":"other","answer":{"matches":"D"}}`, running, no},
		{`{"answer":{"json":{"status":"DRAFT"}}}`, answerCut, unknown}, {`{"answer":{"json":{"request_id":"2"}}}`, answerCut, no},
	} {
		var r Request
		if err := json.Unmarshal([]byte(`{"expectations":[`+test.expectation+`]}`), &r); err != nil {
			t.Fatal(test.expectation, err)
		}
		if mistakes := r.Check(); len(mistakes) > 0 {
			t.Fatal(test.expectation, mistakes)
		}
		report := Evaluate(r, Seen{Exchanges: []journal.Exchange{exchange(test.change)}}, nil)
		o, is := report.Expectations[0], no
		switch {
		case o.Count == 1:
			is = yes
		case o.CountAtMost != nil:
			is = unknown
		}
		if is != test.is {
			t.Errorf("%s: %d, want %d\n%s", test.expectation, is, test.is, report.Text())
		}
		if verdict := []Verdict{Fail, Inconclusive, Pass}[test.is]; o.Verdict != verdict || report.Verdict != verdict {
			t.Errorf("%s: verdict %s, want %s", test.expectation, o.Verdict, verdict)
		}
		back, err := json.Marshal(r)
		var again Request
		if err != nil || json.Unmarshal(back, &again) != nil || fmt.Sprint(again.Check()) != "[]" {
			t.Errorf("%s comes back as %s, %v", test.expectation, back, err)
		}
	}
}
