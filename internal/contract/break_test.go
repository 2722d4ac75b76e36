package contract_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json/jsontext"
	"poligon/internal/contract"
	"poligon/openapi"
)

var ways = []string{"unknown-enum", "missing-field", "extra-field", "wrong-type", "null-field"}

// example is a real body of a contract.
type example struct {
	doc       *contract.Document
	operation string
	status    int
	body      []byte
	schema    *openapi3.Schema
}

// examples are the bodies of the answers that the contracts show.
func examples(t testing.TB) (list []example) {
	t.Helper()
	for _, one := range []struct{ made, text []byte }{{openapi.OSAGO, openapi.OSAGOText}, {openapi.Bordereau, openapi.BordereauText}} {
		doc, err := contract.Load(one.made)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := openapi3.NewLoader().LoadFromData(one.text)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range raw.Paths.Map() {
			for _, op := range item.Operations() {
				for code, response := range op.Responses.Map() {
					media := response.Value.Content.Get("application/json")
					if media == nil {
						continue
					}
					status, _ := strconv.Atoi(code)
					for _, one := range media.Examples {
						body, err := json.MarshalIndent(one.Value.Value, "", " ")
						if err != nil {
							t.Fatal(err)
						}
						list = append(list, example{doc, op.OperationID, status, body, media.Schema.Value})
					}
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b example) int {
		return strings.Compare(a.operation+string(a.body), b.operation+string(b.body))
	})
	return list
}

// find is the bytes of the value at a pointer, nil when there is none.
func find(body []byte, where string) []byte {
	for token := range jsontext.Pointer(where).Tokens() {
		dec := jsontext.NewDecoder(bytes.NewReader(body))
		if _, err := dec.ReadToken(); err != nil {
			return nil
		}
		body = nil
		for i := 0; body == nil && dec.PeekKind() != '}' && dec.PeekKind() != ']'; i++ {
			name := strconv.Itoa(i)
			if kind, _ := dec.StackIndex(1); kind == '{' {
				t, _ := dec.ReadToken()
				name = t.String()
			}
			raw, err := dec.ReadValue()
			if err != nil {
				return nil
			}
			if name == token {
				body = bytes.Clone(raw)
			}
		}
		if body == nil {
			return nil
		}
	}
	return body
}

// Of every real body something can be broken; what stands outside the place stays byte by byte, and only then is it broken.
func TestBreakOneFieldAlone(t *testing.T) {
	t.Parallel()
	list := examples(t)
	if len(list) < 15 {
		t.Fatalf("%d examples", len(list))
	}
	broken := map[string]int{}
	for _, e := range list {
		for _, how := range ways {
			places := map[string]bool{}
			for choice := range 12 {
				given := bytes.Clone(e.body)
				got, where, ok := e.doc.Break(e.operation, e.status, e.body, how, func(n int) int { return choice % n })
				switch {
				case !bytes.Equal(given, e.body):
					t.Fatalf("%s %s: the given body changed", e.operation, how)
				case ok:
					places[where] = true
					checkBroken(t, e, how, where, got)
				case where != "" || !bytes.Equal(got, given):
					t.Fatalf("%s %s: not ok, yet at %q: %s", e.operation, how, where, got)
				}
			}
			broken[how] += len(places)
			if len(places) == 0 && (how == "wrong-type" || how == "extra-field") {
				t.Errorf("%s %s broke nothing:\n%s", e.operation, how, e.body)
			}
		}
	}
	t.Log(broken)
	for _, how := range ways {
		if broken[how] < 5 {
			t.Errorf("%s broke %d places of all", how, broken[how])
		}
	}
}

func checkBroken(t *testing.T, e example, how, where string, got []byte) {
	t.Helper()
	if !json.Valid(got) {
		t.Fatalf("%s at %s: no JSON: %s", how, where, got)
	}
	var value any
	_ = json.Unmarshal(got, &value)
	if err := e.schema.VisitJSON(value); err == nil && how != "extra-field" {
		t.Fatalf("%s %s at %s keeps the contract:\n%s", e.operation, how, where, got)
	}
	// The one place is where the common beginning and the common end of both bodies leave off.
	begin, end := common(e.body, got)
	was, is := string(e.body[begin:len(e.body)-end]), string(got[begin:len(got)-end])
	before, after := find(e.body, where), find(got, where)
	switch how {
	case "missing-field":
		name := where[strings.LastIndexByte(where, '/')+1:]
		if is != "" || after != nil || before == nil || len(was) > len(name)+len(before)+40 || !strings.Contains(was, strings.Trim(string(before), `"[]{} `)) {
			t.Fatalf("took %q for %s (%s), left %q", was, where, before, is)
		}
	case "extra-field":
		if was != "" || before != nil || !strings.Contains(is, "POLIGON_UNKNOWN") {
			t.Fatalf("put %q for %q at %s", is, was, where)
		}
	default:
		if before == nil || after == nil || bytes.Equal(before, after) || !strings.Contains(string(before), was) || !strings.Contains(string(after), is) {
			t.Fatalf("%s put %q (%s) for %q (%s) at %s", how, is, after, was, before, where)
		}
		if how == "null-field" && string(after) != "null" {
			t.Fatalf("null is %s", after)
		}
		if string(slices.Concat(e.body[:begin], []byte(is), e.body[len(e.body)-end:])) != string(got) {
			t.Fatalf("more than one place:\n%s\n%s", e.body, got)
		}
	}
}

// common are the lengths of the common beginning and, behind it, the common end.
func common(a, b []byte) (begin, end int) {
	for begin < min(len(a), len(b)) && a[begin] == b[begin] {
		begin++
	}
	for end < min(len(a), len(b))-begin && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	return begin, end
}

func TestBreak(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load(contract.Made(t, small))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, how   string
		status      int
		body        string
		pick        int
		want, where string
	}{
		{"enum of a text", "unknown-enum", 200, `{ "a~/b" : [ "X" , "Y"],"n":1}`, 1, `{ "a~/b" : [ "X" , "POLIGON_UNKNOWN"],"n":1}`, "/a~0~1b/1"},
		{"enum of a number", "unknown-enum", 200, `{"n":1}`, 0, `{"n":987654321}`, "/n"},
		{"the only field", "missing-field", 200, `{ "n": 1 }`, 0, `{  }`, "/n"},
		{"the first field", "missing-field", 200, `{ "n": 1, "o": 2 }`, 0, `{ "o": 2 }`, "/n"},
		{"the last field", "missing-field", 200, `{ "o": 2, "n": 1 }`, 0, `{ "o": 2 }`, "/n"},
		{"an extra field", "extra-field", 200, `{ "n": 1 }`, 0, `{ "n": 1, "POLIGON_UNKNOWN": "a field that the contract does not declare" }`, "/POLIGON_UNKNOWN"},
		{"an extra field in nothing", "extra-field", 200, `{}`, 0, `{"POLIGON_UNKNOWN": "a field that the contract does not declare"}`, "/POLIGON_UNKNOWN"},
		{"no extra field in a map", "extra-field", 201, `{"a":"b"}`, 0, ``, ""},
		{"a wrong type in a map", "wrong-type", 201, `{"a":"b"}`, 0, `{"a":12345}`, "/a"},
		{"the third type", "wrong-type", 200, `{"n":1,"a~/b":["X"],"o":2}`, 3, `{"n":1,"a~/b":["X"],"o":"POLIGON_UNKNOWN"}`, "/o"},
		{"null where it may not be", "null-field", 200, `{"o":2,"n":1}`, 0, `{"o":2,"n":null}`, "/n"},
		{"nothing but what may be null", "null-field", 200, `{"o":2}`, 0, ``, ""},
		{"wrong already elsewhere", "null-field", 200, `{"o":2,"n":1,"a~/b":["Z"]}`, 0, `{"o":2,"n":null,"a~/b":["Z"]}`, "/n"},
		{"a range of statuses", "missing-field", 404, `{"code":"A"}`, 0, `{}`, "/code"},
		{"the default answer", "wrong-type", 302, `{"code":"A"}`, 0, `{"code":12345}`, "/code"},
		{"an alternative", "unknown-enum", 202, `{"kind":"b","v":1}`, 0, `{"kind":"POLIGON_UNKNOWN","v":1}`, "/kind"},
		{"of the alternative that is meant", "wrong-type", 202, `{"kind":"b","v":1}`, 1, `{"kind":"b","v":"POLIGON_UNKNOWN"}`, "/v"},
		{"no enum", "unknown-enum", 404, `{"code":"A"}`, 0, ``, ""},
		{"no JSON", "wrong-type", 200, `{"n":1`, 0, ``, ""},
		{"two values", "wrong-type", 200, `{"n":1} {}`, 0, ``, ""},
		{"a name twice", "wrong-type", 200, `{"n":1,"n":2}`, 0, ``, ""},
		{"empty", "wrong-type", 200, ``, 0, ``, ""},
		{"an answer of another type", "wrong-type", 203, `{"n":1}`, 0, ``, ""},
		{"unknown way", "turn-blue", 200, `{"n":1}`, 0, ``, ""},
	} {
		got, where, ok := doc.Break("one", c.status, []byte(c.body), c.how, func(n int) int { return c.pick % n })
		want := c.want
		if want == "" {
			want = c.body
		}
		if string(got) != want || where != c.where || ok != (c.want != "") {
			t.Errorf("%s: %t at %q: %s", c.name, ok, where, got)
		}
	}
	if _, _, ok := doc.Break("two", 200, []byte(`{"n":1}`), "wrong-type", func(int) int { return 0 }); ok {
		t.Error("broke an operation that is not there")
	}
}

const small = `
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /one:
    get:
      operationId: one
      responses:
        "200":
          description: d
          content:
            application/json:
              schema:
                type: object
                required: [n]
                properties:
                  n: {type: integer, enum: [1, 2]}
                  o: {type: integer, nullable: true}
                  a~/b: {type: array, items: {type: string, enum: [X, Y]}}
        "201":
          description: d
          content: {application/json: {schema: {type: object, additionalProperties: {type: string}}}}
        "202":
          description: d
          content:
            application/json:
              schema:
                oneOf:
                  - {type: object, required: [kind], properties: {kind: {type: string, enum: [a]}, v: {type: string}}}
                  - {type: object, required: [kind], properties: {kind: {type: string, enum: [b]}, v: {type: integer}}}
        "203":
          description: d
          content: {text/plain: {schema: {type: string}}}
        4XX:
          description: d
          content: {application/json: {schema: {$ref: "#/components/schemas/Problem"}}}
        default:
          description: d
          content: {application/json: {schema: {$ref: "#/components/schemas/Problem"}}}
components:
  schemas:
    Problem: {type: object, required: [code], properties: {code: {type: string}}}
`
