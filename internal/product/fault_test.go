package product_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"poligon/internal/bordereau"
)

// seen is what a client sees of an answer with a fault: all of it, or how far it came.
type seen struct {
	answer
	err error // from the request, or from reading the body
}

// end is how the answer came to its end, in a word.
func (s seen) end() string {
	switch {
	case s.err == nil:
		return "whole"
	case errors.Is(s.err, syscall.ECONNRESET):
		return "reset"
	case errors.Is(s.err, io.ErrUnexpectedEOF):
		return "cut"
	}
	return s.err.Error()
}

// strike sends a call whose answer may be broken, over a connection of its own: on one that was used before, Go's client sends a
// GET again by itself when it is reset.
func (s *play) strike(t *testing.T, c call) (got seen) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), c.method, s.url+"/s/"+s.name+c.path, strings.NewReader(string(c.body)))
	if err != nil {
		t.Error(err)
		return got
	}
	for name, value := range c.header {
		req.Header.Set(name, value)
	}
	if c.second != "" {
		req.Header.Add("X-Poligon-Fault", c.second)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		got.err = err
		return got
	}
	defer resp.Body.Close()
	got.status, got.header = resp.StatusCode, resp.Header
	got.body, got.err = io.ReadAll(resp.Body)
	return got
}

// poll is a look at a calculation.
func poll(id string) call {
	return call{method: "GET", path: "/osago/calculate/status?request_id=" + id}
}

// under is a call that asks for a fault itself.
func (c call) under(fault string) call {
	header := map[string]string{"X-Poligon-Fault": fault}
	for name, value := range c.header {
		header[name] = value
	}
	c.header = header
	return c
}

// fault puts a fault in force and gives its id.
func (s *play) fault(t *testing.T, fault string) string {
	t.Helper()
	var added struct{ ID string }
	s.admin(t, "POST", "/faults", fault).want(t, 201).decode(t, &added)
	return added.ID
}

// standing is a fault in force as the admin API shows it.
type standing struct {
	ID           string
	Fault        json.RawMessage
	Words        string
	Met, Applied int
}

func (s *play) faults(t *testing.T) []standing {
	t.Helper()
	var list struct{ Faults []standing }
	s.admin(t, "GET", "/faults", "").want(t, 200).decode(t, &list)
	return list.Faults
}

// exchange is what the journal has of a request.
type exchange struct {
	Number int
	Answer struct {
		Status int
		Body   string
		Size   int
	}
	Subjects     []string
	Status_After string
	Reason       string
	Faults       []string
}

// journal is all that the journal has of the partner APIs.
func (s *play) journal(t *testing.T) []exchange {
	t.Helper()
	var page struct{ Exchanges []exchange }
	s.admin(t, "GET", "/journal?acts=false&limit=1000", "").want(t, 200).decode(t, &page)
	return page.Exchanges
}

// waits are the times that a server would have waited; it waits for none of them.
type waits struct {
	mu   sync.Mutex
	list []time.Duration
}

func (w *waits) wait(_ context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, d)
	return nil
}

// take gives the waits so far and forgets them.
func (w *waits) take() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.list
	w.list = nil
	return list
}

// The documented body of an error, as the partners write it.
const (
	osagoBusy    = `{"request_id":"` + ours + `","message":"Слишком много запросов."}` + "\n"
	osagoDown    = `{"request_id":"` + ours + `","message":"Сервис временно недоступен."}` + "\n"
	osagoDraft   = `{"request_id":"` + ours + `","status":"DRAFT","offers":[{"offer_id":"36611576","offer_status":"CREATED"}]}` + "\n"
	internalBody = `{"errors":[{"code":"INTERNAL_ERROR","message":"Внутренняя ошибка сервера."}]}` + "\n"
)

// kindCase is a kind of fault, and what a client sees of it: with a look that would start a calculation, or with an import.
type kindCase struct {
	fault    string // the keys of what it does
	label    string
	end      string
	status   int
	kind     string // the content type
	body     string // of the look; "*" for any, that of the import is then not looked at either
	imported string // the body of the import
	taken    bool   // whether the request took effect
	waits    []time.Duration
	header   map[string]string
}

const jsonKind = "application/json"

func kindCases() []kindCase {
	const result = `{"resultImport":[{"flightNumber":"SU-1402","policyNumber":"FD-0001","uuid":"*"}]}` + "\n"
	twenty := slices.Repeat([]time.Duration{50 * time.Millisecond}, 20)
	return []kindCase{
		{`"status": 429, "headers": {"Retry-After": "2", "X-Rate": "a, b"}`, "status 429", "whole", 429, jsonKind, osagoBusy, internalBody, false, nil,
			map[string]string{"Retry-After": "2", "X-Rate": "a, b"}},
		{`"status": 503`, "status 503", "whole", 503, jsonKind, osagoDown, internalBody, false, nil, nil},
		{`"status": 503, "body": "<h1>down</h1>"`, "status 503", "whole", 503, "text/plain; charset=utf-8", "<h1>down</h1>", "<h1>down</h1>", false, nil, nil},
		{`"status": 502, "body": "[\"я\"]", "headers": {"Content-Type": "application/problem+json"}`, "status 502", "whole", 502, "application/problem+json",
			`["я"]`, `["я"]`, false, nil, nil},
		{`"status": 500, "body": ""`, "status 500", "whole", 500, "", "", "", false, nil, nil},
		{`"status": 204`, "status 204", "whole", 204, "", "", "", false, nil, nil},
		{`"status": 503, "accepted": true`, "status 503", "whole", 503, jsonKind, osagoDown, internalBody, true, nil, nil},
		{`"status": 503, "headers": {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}`, "status 503", "whole", 503, jsonKind, osagoDown, internalBody, false, nil,
			map[string]string{"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}},
		{`"delay": "2s"`, "delay 2s", "whole", 200, jsonKind, osagoDraft, result, true, []time.Duration{2 * time.Second}, nil},
		{`"slow": "1s"`, "slow 1s", "whole", 200, jsonKind, osagoDraft, result, true, twenty, nil},
		{`"answer": "reset"`, "reset", "reset", 0, "", "", "", false, nil, nil},
		{`"answer": "refused"`, "refused", "whole", 503, jsonKind, osagoDown, internalBody, false, nil, nil},
		{`"answer": "lost"`, "lost", "reset", 0, "", "", "", true, nil, nil},
		{`"answer": "lost", "delay": "1h"`, "delay 1h, lost", "reset", 0, "", "", "", true, []time.Duration{time.Hour}, nil},
		{`"answer": "empty"`, "empty", "whole", 200, jsonKind, "", "", true, nil, nil},
		{`"answer": "truncated"`, "truncated after *", "cut", 200, jsonKind, osagoDraft[:len(osagoDraft)/2], "*", true, nil, nil},
		{`"answer": "malformed"`, "malformed", "whole", 200, jsonKind, osagoDraft[:len(osagoDraft)-2], result[:len(result)-2], true, nil, nil},
		{`"answer": "content-type"`, "content-type", "whole", 200, "text/html; charset=utf-8", osagoDraft, result, true, nil, nil},
		{`"answer": "unknown-enum"`, "unknown-enum at *", "whole", 200, jsonKind, "*", "", true, nil, nil},
		{`"answer": "missing-field"`, "missing-field at *", "whole", 200, jsonKind, "*", "", true, nil, nil},
		{`"answer": "extra-field"`, "extra-field at *", "whole", 200, jsonKind, "*", "", true, nil, nil},
		{`"answer": "wrong-type"`, "wrong-type at *", "whole", 200, jsonKind, "*", "", true, nil, nil},
		{`"answer": "null-field"`, "null-field at *", "whole", 200, jsonKind, "*", "", true, nil, nil},
	}
}

// like says whether a text is as wanted, where a star stands for anything.
func like(text, want string) bool {
	before, after, star := strings.Cut(want, "*")
	return text == want || star && strings.HasPrefix(text, before) && strings.HasSuffix(text, after) && len(text) > len(before)+len(after)
}

// TestFaultKinds puts every kind of fault in force in each of the three ways: a client sees the same.
func TestFaultKinds(t *testing.T) {
	t.Parallel()
	cases, stories := kindCases(), fstest.MapFS{}
	for i, c := range cases {
		text := "title: x\nstory: x\nosago: {offers: {a: {insurer: x, steps: [CREATED]}}}\nfaults:\n  - {\"on\": \"*\", " + c.fault + "}\n"
		stories["kind-"+strconv.Itoa(i)+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	stories["kind-none.yaml"] = &fstest.MapFile{Data: []byte("title: x\nstory: x\nosago: {offers: {a: {insurer: x, steps: [CREATED]}}}\n")}
	loaded, err := load(setup{signatures: bordereau.Enforce, scenarios: stories})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		for way, id := range map[string]string{"scenario": fmt.Sprintf("kind-%d/1", i), "header": "header", "admin": "1"} {
			t.Run(fmt.Sprintf("%s by %s", strings.ReplaceAll(c.fault, `"`, ""), way), func(t *testing.T) {
				t.Parallel()
				var w waits
				p := start(t, setup{kit: &loaded, wait: w.wait})
				for _, ask := range []call{poll(ours), signed([]byte(asJSON(map[string]any{"risks": list(risk(nil))})))} {
					story := "kind-none"
					if way == "scenario" {
						story = "kind-" + strconv.Itoa(i)
					}
					s := p.frozen(t, story)
					switch way {
					case "admin":
						s.fault(t, `{"on": "*", `+c.fault+`}`)
					case "header":
						ask = ask.under("{" + c.fault + "}")
					}
					s.checkKind(t, c, ask, id, &w)
				}
			})
		}
	}
}

// checkKind sends a call under a fault of a kind and checks what there is to see of it.
func (s *play) checkKind(t *testing.T, c kindCase, ask call, id string, w *waits) {
	t.Helper()
	got, body := s.strike(t, ask), c.body
	if ask.method == "POST" {
		if body = c.imported; c.body == "*" {
			body = "*"
		}
	}
	if ask.method == "POST" && strings.Contains(c.fault, "unknown-enum") { // an import that succeeds has no enum
		c.label = "unknown-enum: nothing to break"
	}
	if got.end() != c.end || got.status != c.status || !like(string(got.body), body) {
		t.Errorf("%s: %s (%v), %s, want %d %s, %s", ask.method, got.answer, got.err, got.end(), c.status, body, c.end)
	}
	if c.status > 0 {
		if got.header.Get("Content-Type") != c.kind || !like(got.header.Get("X-Poligon-Fault"), c.label) || got.header.Get("X-Poligon-Own") != "fault" {
			t.Errorf("%s: header %v", ask.method, got.header)
		}
	}
	for name, value := range c.header {
		if got.header.Get(name) != value {
			t.Errorf("%s: %s is %q", ask.method, name, got.header.Get(name))
		}
	}
	if got := w.take(); !slices.Equal(got, c.waits) {
		t.Errorf("%s waited %v, not %v", ask.method, got, c.waits)
	}
	s.holds(t, map[bool]int{true: 1}[c.taken])
	kept := s.journal(t)
	if len(kept) != 1 || len(kept[0].Faults) != 1 || !like(kept[0].Faults[0], id+": "+c.label) || kept[0].Number == 0 ||
		kept[0].Answer.Status != c.status || kept[0].Answer.Body != string(got.body) || kept[0].Answer.Size != len(got.body) {
		t.Errorf("%s: the journal has %+v", ask.method, kept)
	}
}
