package fault_test

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"poligon/internal/contract"
	"poligon/internal/dice"
	"poligon/internal/fault"
	"poligon/openapi"
)

// delays are those of many requests, sorted.
func delays(f fault.Fault, n int) []time.Duration {
	list := make([]time.Duration, n)
	for i := range list {
		_, plan, _ := f.Spoil(fault.Answer{}, nil, "", dice.New(3).Of(strconv.Itoa(i)))
		list[i] = plan.Delay
	}
	slices.Sort(list)
	return list
}

func TestDelays(t *testing.T) {
	t.Parallel()
	const n = 20_000
	near := func(name string, got time.Duration, want time.Duration, part float64) {
		if math.Abs(float64(got-want)) > part*float64(want) {
			t.Errorf("%s is %s, not about %s", name, got, want)
		}
	}
	fixed := delays(parse(t, `{on: "*", delay: 2s}`), 10)
	if fixed[0] != 2*time.Second || fixed[9] != 2*time.Second {
		t.Errorf("2s is %s to %s", fixed[0], fixed[9])
	}
	uniform := delays(parse(t, `{on: "*", delay: 2s..5s}`), n)
	if uniform[0] < 2*time.Second || uniform[n-1] > 5*time.Second {
		t.Errorf("2s..5s is %s to %s", uniform[0], uniform[n-1])
	}
	near("the middle", uniform[n/2], 3500*time.Millisecond, 0.02)
	around := delays(parse(t, `{on: "*", delay: {median: 200ms, p99: 2s}}`), n)
	near("the median", around[n/2], 200*time.Millisecond, 0.05)
	near("p99", around[n*99/100], 2*time.Second, 0.1)
	if again := delays(parse(t, `{on: "*", delay: {median: 200ms, p99: 2s}}`), n); !slices.Equal(around, again) {
		t.Error("the same dice draw other delays")
	}
}

func TestSpoil(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load(openapi.OSAGO)
	if err != nil {
		t.Fatal(err)
	}
	const body = `{"brands": [{"brand_id": "1", "name": "Toyota", "name_ru": "Тойота"}]}`
	for _, c := range []struct {
		fault, label string
		status       int
		kind, body   string
		plan         fault.Plan
	}{
		{`status: 503, headers: {Retry-After: "2"}`, "status 503", 503, "", "", fault.Plan{Keep: -1}},
		{`status: 200`, "status 200", 200, "application/json", body, fault.Plan{Keep: -1}},
		{`status: 503, body: '[1]'`, "status 503", 503, "application/json", "[1]", fault.Plan{Keep: -1}},
		{`status: 503, body: "<p>"`, "status 503", 503, "text/plain; charset=utf-8", "<p>", fault.Plan{Keep: -1}},
		{`status: 503, body: "", headers: {content-type: a/b}`, "status 503", 503, "a/b", "", fault.Plan{Keep: -1}},
		{`answer: refused`, "refused", 503, "", "", fault.Plan{Keep: -1}},
		{`answer: lost, delay: 1s`, "delay 1s, lost", 200, "application/json", body, fault.Plan{Delay: time.Second, Reset: true, Keep: -1}},
		{`answer: reset`, "reset", 200, "application/json", body, fault.Plan{Reset: true, Keep: -1}},
		{`answer: empty, slow: 2s`, "slow 2s, empty", 200, "application/json", "", fault.Plan{Slow: 2 * time.Second, Keep: -1}},
		{`answer: truncated`, "truncated after 38 of 76 bytes", 200, "application/json", body, fault.Plan{Keep: 38}},
		{`answer: malformed`, "malformed", 200, "application/json", body[:len(body)-1], fault.Plan{Keep: -1}},
		{`answer: content-type`, "content-type", 200, "text/html; charset=utf-8", body, fault.Plan{Keep: -1}},
		{`answer: missing-field`, "missing-field at /brands", 200, "application/json", "{}", fault.Plan{Keep: -1}},
		{`answer: unknown-enum`, "unknown-enum: nothing to break", 200, "application/json", body, fault.Plan{Keep: -1}},
	} {
		f := parse(t, `{on: "*", `+c.fault+`}`)
		given := []byte(body)
		h := http.Header{"Content-Type": {"application/json"}, "X-Kept": {"1"}}
		a, plan, label := f.Spoil(fault.Answer{Status: 200, Header: h, Body: given}, doc, "listBrands", 12)
		if a.Status != c.status || a.Header.Get("Content-Type") != c.kind || string(a.Body) != c.body || plan != c.plan || label != c.label {
			t.Errorf("%s: %q, %+v, %d %v %s", c.fault, label, plan, a.Status, a.Header, a.Body)
		}
		if string(given) != body || h.Get("X-Kept") != "1" || a.Header.Get("X-Kept") != "1" {
			t.Errorf("%s changed the given body or another header", c.fault)
		}
	}
}

func TestMalformedNeverParses(t *testing.T) {
	t.Parallel()
	f := parse(t, `{on: "*", answer: malformed}`)
	for _, body := range []string{"", " ", "12", `"a"`, "{}", "[1, 2]\n", "null", "no JSON", "true"} {
		a, _, _ := f.Spoil(fault.Answer{Body: []byte(body)}, nil, "", 0)
		if json.Valid(a.Body) || len(bytes.TrimSpace(a.Body)) == 0 {
			t.Errorf("%q became %q", body, a.Body)
		}
	}
	for _, answer := range []string{"truncated", "unknown-enum"} {
		f := parse(t, `{on: "*", answer: `+answer+`}`)
		if a, plan, label := f.Spoil(fault.Answer{Status: 200}, nil, "", 0); len(a.Body) > 0 || plan.Keep != -1 || label == answer {
			t.Errorf("%s of nothing: %q, %+v, %q", answer, a.Body, plan, label)
		}
	}
}
