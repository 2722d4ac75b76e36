package osago

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"go.yaml.in/yaml/v4"

	"poligon/internal/contract"
	"poligon/internal/partner"
	"poligon/openapi"
)

// badCase is a case of testdata/bad_requests.yaml, which says what its keys are.
type badCase struct {
	Name   string
	Set    map[string]any
	Remove []string
	Raw    *string
	Type   string
	UTF16  bool `yaml:"utf16"`
	After  bool
	Status int
	Body   any
	Reason string
}

// documentedRequest is the documents' sample (contract facts A5), as text.
func documentedRequest(t fataler) string { return fileText(t, "testdata/documented_request.json") }

type fataler interface{ Fatal(args ...any) }

func fileText(t fataler, name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var times = regexp.MustCompile(`<(\d+) x ([^>]+)>`)

// fill writes out what stands for something longer.
func fill(text, sample string) string {
	text = times.ReplaceAllStringFunc(text, func(of string) string {
		parts := times.FindStringSubmatch(of)
		n, _ := strconv.Atoi(parts[1])
		return strings.Repeat(parts[2], n)
	})
	members := strings.TrimSpace(sample)[1:]
	return strings.NewReplacer("<sample>", sample, "<members>", members).Replace(text)
}

// request is the body of a case.
func (c *badCase) request(t fataler, sample string) string {
	text := sample
	switch {
	case c.Raw != nil:
		return fill(*c.Raw, sample)
	case len(c.Set)+len(c.Remove) > 0:
		body := decode(t, sample)
		for path, value := range c.Set {
			if s, ok := value.(string); ok {
				value = fill(s, sample)
			}
			change(t, body, path, func(object map[string]any, key string) { object[key] = value })
		}
		for _, path := range c.Remove {
			change(t, body, path, func(object map[string]any, key string) {
				if _, there := object[key]; !there {
					t.Fatal("there is no " + path)
				}
				delete(object, key)
			})
		}
		text = encode(t, body)
	}
	if c.UTF16 {
		var b strings.Builder
		for _, unit := range utf16.Encode([]rune(text)) {
			b.WriteByte(byte(unit))
			b.WriteByte(byte(unit >> 8))
		}
		return b.String()
	}
	return text
}

func decode(t fataler, text string) (value any) {
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func encode(t fataler, value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// change does something to what is at the end of a path such as owner.addresses[0].type.
func change(t fataler, in any, path string, do func(object map[string]any, key string)) {
	key, rest, more := strings.Cut(path, ".")
	name, place, isItem := strings.Cut(strings.TrimSuffix(key, "]"), "[")
	object, ok := in.(map[string]any)
	if !ok {
		t.Fatal("nothing at " + path)
	}
	if !isItem {
		if more {
			change(t, object[name], rest, do)
		} else {
			do(object, name)
		}
		return
	}
	list, _ := object[name].([]any)
	at, err := strconv.Atoi(place)
	if err != nil || at >= len(list) {
		t.Fatal("no item at " + path)
	}
	if more {
		change(t, list[at], rest, do)
		return
	}
	item := map[string]any{"": list[at]}
	do(item, "")
	list[at] = item[""]
}

// post asks for a calculation in a session that plays a scenario; empty for none chosen.
func (s *table) post(played, kind, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, "http://localhost/osago/calculate", strings.NewReader(body))
	req.Header.Set("Content-Type", kind)
	run, w := s.run(played), httptest.NewRecorder()
	s.api.ServeHTTP(w, req.WithContext(partner.With(req.Context(), run)))
	return w
}

// golden are the three lines of a case that a run writes.
func golden(status int, body, reason string) string {
	return fmt.Sprintf("  status: %d\n  body: %s\n  reason: %s\n", status, strings.TrimSpace(body), strconv.Quote(reason))
}

// withGolden is the text of a table with the answers of its cases written anew; all else stays.
func withGolden(text string, answers []string) string {
	var b strings.Builder
	next, pending := 0, ""
	for line := range strings.Lines(text) {
		if pending != "" && !strings.HasPrefix(line, "  ") {
			b.WriteString(pending)
			pending = ""
		}
		switch {
		case strings.HasPrefix(line, "- name:"):
			pending, next = answers[next], next+1
			b.WriteString(line)
		case strings.HasPrefix(line, "  status: "), strings.HasPrefix(line, "  body: "), strings.HasPrefix(line, "  reason: "):
		default:
			b.WriteString(line)
		}
	}
	return b.String() + pending
}

// TestBadRequests: each request of the table is refused as the table says, in the documented body, and leaves nothing behind.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	const file, fewest = "testdata/bad_requests.yaml", 80
	text, sample := fileText(t, file), documentedRequest(t)
	cases := readCases(t, text)
	if len(cases) < fewest {
		t.Errorf("%d cases are fewer than %d", len(cases), fewest)
	}
	refusals := refusalSchema(t)
	answers, names, s := make([]string, len(cases)), map[string]bool{}, newTable(t)
	for i, c := range cases {
		if names[c.Name] {
			t.Errorf("%s: there are two of the name", c.Name)
		}
		names[c.Name] = true
		w, before := s.play(t, c, sample)
		answers[i] = golden(w.Code, w.Body.String(), w.Header().Get(partner.ReasonHeader))
		holdRefusal(t, c.Name, refusals, w)
		if len(s.log.logs) != before {
			t.Errorf("%s: %d calculations were begun", c.Name, len(s.log.logs)-before)
		}
		if want := golden(c.Status, encode(t, c.Body), c.Reason); !*updateGolden && !sameAnswer(t, c, w) {
			t.Errorf("%s:\ngot\n%swant\n%s", c.Name, answers[i], want)
		}
	}
	if *updateGolden {
		if err := os.WriteFile(file, []byte(withGolden(text, answers)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func readCases(t fataler, text string) (cases []badCase) {
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// play sends a case to a session that has nothing, or the sample; it answers how many calculations were there before.
func (s *table) play(t *testing.T, c badCase, sample string) (w *httptest.ResponseRecorder, before int) {
	t.Helper()
	s.log.logs = nil
	if c.After {
		if w := s.post("", "application/json", sample); w.Code != http.StatusOK {
			t.Fatalf("the sample: %d %s", w.Code, w.Body)
		}
		before = 1
	}
	return s.post("", cmp.Or(c.Type, "application/json"), c.request(t, sample)), before
}

func sameAnswer(t *testing.T, c badCase, w *httptest.ResponseRecorder) bool {
	return w.Code == c.Status && w.Header().Get(partner.ReasonHeader) == c.Reason && encode(t, decode(t, w.Body.String())) == encode(t, c.Body)
}

func refusalSchema(t *testing.T) *contract.Schema {
	doc, err := contract.Load(openapi.OSAGO)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := doc.Schema("ErrorResponse")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// holdRefusal: a refusal has the documented body, tells each field once and says why.
func holdRefusal(t *testing.T, name string, schema *contract.Schema, w *httptest.ResponseRecorder) {
	t.Helper()
	body := decode(t, w.Body.String())
	if broken := schema.Violations(body); w.Code < 400 || w.Code >= 500 || len(broken) > 0 || w.Header().Get(partner.ReasonHeader) == "" {
		t.Errorf("%s: %d breaks the contract or has no reason: %v", name, w.Code, broken)
	}
	fields, _ := body.(map[string]any)["properties"].([]any)
	told := map[any]bool{}
	for _, f := range fields {
		property := f.(map[string]any)["property"]
		if told[property] {
			t.Errorf("%s: %v is told twice", name, property)
		}
		told[property] = true
	}
}
