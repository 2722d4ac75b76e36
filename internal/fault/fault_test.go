package fault_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/dice"
	"poligon/internal/fault"
)

func parse(t testing.TB, text string) fault.Fault {
	t.Helper()
	f, err := fault.Parse([]byte(text), "test", operations, true)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return f
}

func TestDue(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]int{
		`first: 2`:                     {1, 2},
		`every: 3`:                     {3, 6, 9, 12},
		`after: 9`:                     {10, 11, 12},
		`after: 5, first: 7`:           {6, 7},
		`after: 3, every: 4`:           {4, 8, 12},
		`after: 4, every: 4, first: 9`: {8},
		`share: 100%`:                  {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
		`status: 503`:                  {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
	} {
		f := parse(t, `{on: "*", slow: 1s, `+text+`}`)
		var got []int
		for n := 1; n <= 12; n++ {
			if f.Due(n, dice.New(1).Of(strconv.Itoa(n))) {
				got = append(got, n)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s strikes %v, not %v", text, got, want)
		}
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	f := parse(t, `{on: "*", share: 10%, slow: 1s}`)
	struck := 0
	for n := 1; n <= 10_000; n++ {
		if f.Due(n, dice.New(7).Of(strconv.Itoa(n))) {
			struck++
		}
	}
	if struck < 900 || struck > 1100 {
		t.Errorf("10%% of 10000 are %d", struck)
	}
}

func TestMeets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault, operation string
		subjects         []string
		want             bool
	}{
		{`{on: getCalculation, slow: 1s}`, "getCalculation", nil, true},
		{`{on: getCalculation, slow: 1s}`, "getCalculationStatus", nil, false},
		{`{on: [importBordereau, getCalculation], slow: 1s}`, "getCalculation", nil, true},
		{`{on: "*", slow: 1s}`, "", nil, true},
		{`{on: "*", subject: A-1, slow: 1s}`, "getCalculation", []string{"b", "a-1"}, true},
		{`{on: "*", subject: 0012, slow: 1s}`, "getCalculation", []string{"0012"}, true},
		{`{on: "*", subject: A-1, slow: 1s}`, "getCalculation", []string{"b"}, false},
		{`{on: "*", subject: A-1, slow: 1s}`, "getCalculation", nil, false},
	} {
		if got := parse(t, c.fault).Meets(c.operation, c.subjects); got != c.want {
			t.Errorf("%s meets %s %v: %t", c.fault, c.operation, c.subjects, got)
		}
	}
	own, err := fault.Parse([]byte(`{"status": 503}`), "header", operations, false)
	if err != nil || !own.Meets("anything", nil) || !own.Due(100, 0) {
		t.Errorf("a request's own fault: %v, %v", own, err)
	}
}

func TestWordsAndHolds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault, words, json string
		holds              bool
		own                int
	}{
		{`{on: getCalculationStatus, first: 2, status: 503}`, "status 503, the first 2 of getCalculationStatus",
			`{"on":"getCalculationStatus","first":2,"status":503}`, true, 503},
		{`{on: [getCalculation, importBordereau], every: 3, after: 4, answer: lost}`, "answer lost, one in 3 and all behind the first 4 of getCalculation or importBordereau",
			`{"on":["getCalculation","importBordereau"],"every":3,"after":4,"answer":"lost"}`, false, 0},
		{`{on: "*", share: 10.50%, answer: refused, delay: 2s..5s}`, "answer refused, delay 2s..5s, 10.5% of all requests",
			`{"on":"*","share":"10.5%","delay":"2s..5s","answer":"refused"}`, true, 503},
		{`{on: "*", subject: A, status: 429, accepted: true, body: '{"a":"я😀"}', headers: {retry-after: "2"}, slow: 90m}`, "", ``, false, 0},
		{`{on: "*", status: 429, accepted: true, body: '{"a":"я😀"}', headers: {retry-after: "2"}, slow: 1h}`, "status 429, accepted, slow 1h, each of all requests",
			`{"on":"*","status":429,"headers":{"Retry-After":"2"},"body":"{\"a\":\"\u044f\ud83d\ude00\"}","accepted":true,"slow":"1h"}`, false, 0},
		{`{on: [getCalculation], subject: A, delay: {median: 200ms, p99: 2m}}`, "delay around 200ms (p99 2m), each of getCalculation about A",
			`{"on":"getCalculation","subject":"A","delay":{"median":"200ms","p99":"2m"}}`, false, 0},
		{`{on: "*", answer: reset}`, "answer reset, each of all requests", `{"on":"*","answer":"reset"}`, true, 0},
		{`{on: "*", status: 500, body: ""}`, "status 500, each of all requests", `{"on":"*","status":500,"body":""}`, true, 0},
		{`{on: "*", status: 204, accepted: true}`, "status 204, accepted, each of all requests", `{"on":"*","status":204,"accepted":true}`, false, 0},
	} {
		if c.json == "" {
			if _, err := fault.Parse([]byte(c.fault), "t", operations, true); err == nil {
				t.Errorf("%s was read", c.fault)
			}
			continue
		}
		f := parse(t, c.fault)
		own, _ := f.Own()
		if f.String() != c.words || string(f.JSON()) != c.json || f.Holds() != c.holds || own != c.own {
			t.Errorf("%s:\n%s\n%s\nholds %t, own %d", c.fault, f, f.JSON(), f.Holds(), own)
		}
	}
}

// Whatever can be read is read from its JSON again, and no other way than before.
func TestJSONIsTheFault(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var b []byte
		add := func(key, value string) { b = fmt.Appendf(b, ", %s: %s", key, value) }
		maybe := func() bool { return rapid.Bool().Draw(t, "?") }
		wait := func() string {
			micros := rapid.IntRange(1000, int(time.Hour/time.Microsecond)).Draw(t, "wait")
			return strconv.FormatFloat(float64(micros)/1000, 'f', -1, 64) + "ms"
		}
		for _, key := range []string{"after", "every"} {
			if maybe() {
				add(key, strconv.Itoa(rapid.IntRange(1, 1<<31-1).Draw(t, key)))
			}
		}
		if maybe() {
			add("share", fmt.Sprintf("%d.%02d%%", rapid.IntRange(0, 99).Draw(t, "share"), rapid.IntRange(1, 99).Draw(t, "share")))
		}
		if maybe() {
			add("subject", strconv.QuoteToASCII("x"+rapid.StringMatching(`[a-zя😀 -~]*`).Draw(t, "subject")))
		}
		switch rapid.IntRange(0, 2).Draw(t, "what") {
		case 0:
			add("status", strconv.Itoa(rapid.IntRange(200, 599).Filter(func(n int) bool { return n != 204 && n != 304 }).Draw(t, "status")))
			add("body", strconv.QuoteToASCII(rapid.String().Draw(t, "body")))
			add("headers", "{Retry-After: 2, x-a: '{b}'}")
			add("accepted", "true")
		case 1:
			add("answer", rapid.SampledFrom([]string{"reset", "refused", "lost", "unknown-enum"}).Draw(t, "answer"))
		}
		add("slow", wait())
		switch rapid.IntRange(0, 3).Draw(t, "delay") {
		case 0:
			add("delay", wait())
		case 1:
			add("delay", "0.5ms.."+wait())
		case 2:
			add("delay", "{median: 0.25ms, p99: "+wait()+"}")
		}
		text := []byte("{on: " + rapid.SampledFrom([]string{`"*"`, "getCalculation", "[importBordereau, getCalculation]"}).Draw(t, "on") + string(b) + "}")
		f, err := fault.Parse(text, "t", operations, true)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		again, err := fault.Parse(f.JSON(), "t", operations, true)
		if err != nil || !reflect.DeepEqual(f, again) {
			t.Fatalf("%s\nJSON %s\nread again as %s: %v", text, f.JSON(), again.JSON(), err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range slices.Concat(wrong, wrongOwn, []string{
		`{on: "*", status: 429, accepted: true, body: '{"a":"я😀"}', headers: {retry-after: "2"}, slow: 1h}`,
		"{\"on\":\t\"*\",\r\n\"status\": 500, \"body\": \"\\ud83d\\ude00 \\\\ud83d\\ude00 \\/ \\u0000\"}",
		`{on: [getCalculation], subject: A, delay: {median: 200ms, p99: 2m}}`, `{on: "*", share: 10%, delay: 1s..2s}`,
	}) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, needOn := range []bool{true, false} {
			one, err := fault.Parse(text, "f", operations, needOn)
			if err != nil {
				if !reflect.DeepEqual(one, fault.Fault{}) || err.Error() == "" {
					t.Errorf("a mistake and %v", one)
				}
				continue
			}
			again, err := fault.Parse(one.JSON(), "f", operations, needOn)
			if err != nil || !reflect.DeepEqual(one, again) {
				t.Errorf("%q\nJSON %s\nread again as %s: %v", text, one.JSON(), again.JSON(), err)
			}
			if one.String() == "" {
				t.Errorf("%q has no words", text)
			}
		}
	})
}
