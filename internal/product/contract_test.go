package product_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"poligon/openapi"
)

// call is a request to the server.
type call struct {
	method, path string // the path with its query, as it goes over the wire
	header       map[string]string
	body         []byte
	chunked      bool   // send the body without saying how long it is
	second       string // a second line of the header X-Poligon-Fault
	problem      bool   // the answer is Poligon's own word, not the partner's
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, bytes.TrimSpace(a.body)) }

func (a answer) want(t *testing.T, status int) answer {
	t.Helper()
	if a.status != status {
		t.Errorf("got %s (%s), want %d", a, a.header.Get("X-Poligon-Reason"), status)
	}
	return a
}

func (a answer) decode(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		t.Errorf("%s: %v", a, err)
	}
}

// says checks the body: the same JSON, whatever the order of its keys.
func (a answer) says(t *testing.T, want string) {
	t.Helper()
	var is, should any
	a.decode(t, &is)
	if err := json.Unmarshal([]byte(want), &should); err != nil {
		t.Errorf("%s: %v", want, err)
	}
	shorten(is)
	if !reflect.DeepEqual(is, should) {
		t.Errorf("got\n%s\nwant\n%s", a, want)
	}
}

// shorten takes from what the osago partner says of fields what is expected of each: that is held in internal/osago, by
// testdata/bad_requests.yaml.
func shorten(body any) {
	fields, _ := body.(map[string]any)
	list, _ := fields["properties"].([]any)
	for _, one := range list {
		property, _ := one.(map[string]any)
		said, _ := property["message"].(string)
		if kind, _, more := strings.Cut(said, ": "); more && (kind+"." == badValue || kind+"." == required) {
			property["message"] = kind + "."
		}
	}
}

// do sends a call and holds the answer against its contract. It may run in any goroutine.
func (p *product) do(t *testing.T, c call) (a answer) {
	t.Helper()
	var body io.Reader
	if c.body != nil {
		body = bytes.NewReader(c.body)
	}
	if c.chunked {
		body = struct{ io.Reader }{body}
	}
	req, err := http.NewRequestWithContext(t.Context(), c.method, p.url+c.path, body)
	if err != nil {
		t.Error(err)
		return a
	}
	for name, value := range c.header {
		req.Header.Set(name, value)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		t.Error(err)
		return a
	}
	defer resp.Body.Close()
	a = answer{status: resp.StatusCode, header: resp.Header}
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		t.Error(err)
	}
	if a.status == http.StatusOK {
		p.met.Store(c.method+" "+stripped(c.path), true)
	}
	if err := conforms(c, a); err != nil {
		t.Errorf("%s %.200s: %s\nbreaks its contract: %v", c.method, c.path, a, err)
	}
	return a
}

// stripped is a path without its session and its query.
func stripped(path string) string {
	path, _, _ = strings.Cut(path, "?")
	if rest, ok := strings.CutPrefix(path, "/s/"); ok {
		_, rest, _ = strings.Cut(rest, "/")
		return "/" + rest
	}
	return path
}

// contracts are the documents, read by the library and not by the product's own code.
var contracts = sync.OnceValue(func() map[string]*openapi3.T {
	docs := map[string]*openapi3.T{}
	for name, text := range map[string][]byte{"osago": openapi.OSAGOText, "bordereau": openapi.BordereauText, "admin": openapi.AdminText} {
		doc, err := openapi3.NewLoader().LoadFromData(text)
		if err != nil {
			panic(err)
		}
		docs[name] = doc
	}
	return docs
})

// prefixes are the beginnings of the paths of each API.
var prefixes = map[string][]string{
	"admin":     {"/__admin", "/livez", "/readyz"},
	"osago":     {"/osago/", "/dictionaries/", "/auto/", "/confirm", "/pay"},
	"bordereau": {"/api/"},
}

// generic are the responses that paths and methods have which no contract knows.
var generic = map[int]string{404: "NotFound", 405: "MethodNotAllowed"}

// conforms says how an answer breaks the contract of the API that the call went to.
func conforms(c call, a answer) error {
	promised, err := promise(c, a.status)
	if err != nil {
		return err
	}
	if c.method == http.MethodHead || len(promised.Content) == 0 {
		if len(a.body) > 0 {
			return errors.New("there is a body")
		}
		return nil
	}
	kind := a.header.Get("Content-Type")
	media := promised.Content[kind]
	if media == nil {
		return fmt.Errorf("content type %q", kind)
	}
	if kind == "application/yaml" || kind == "application/pdf" {
		return nil // a file
	}
	var value any
	if err := json.Unmarshal(a.body, &value); err != nil {
		return err
	}
	if status, ok := value.(map[string]any)["status"].(float64); ok && kind == "application/problem+json" && int(status) != a.status {
		return fmt.Errorf("the body says %v", status)
	}
	schema := media.Schema.Value
	return errors.Join(schema.VisitJSON(value, strictly()...), undeclared(schema, value, ""))
}

// promise is the response that a contract has for a call and a status.
func promise(c call, status int) (*openapi3.Response, error) {
	path, _, _ := strings.Cut(c.path, "?")
	if rest, ok := strings.CutPrefix(path, "/s/"); ok {
		_, path, _ = strings.Cut(rest, "/")
		path = "/" + path
	}
	api := ""
	for name, list := range prefixes {
		if slices.ContainsFunc(list, func(prefix string) bool { return strings.HasPrefix(path, prefix) }) {
			api = name
		}
	}
	doc := contracts()[api]
	if api == "" || c.problem {
		return contracts()["admin"].Components.Responses["Problem"].Value, nil
	}
	if op := operation(doc, c.method, path); op != nil {
		if r := op.Responses.Status(status); r != nil {
			return r.Value, nil
		}
		if r := op.Responses.Default(); r != nil && status >= 400 {
			return r.Value, nil
		}
		return nil, fmt.Errorf("%s has no answer %d", op.OperationID, status)
	}
	name := generic[status]
	if api == "admin" {
		name = "Problem"
	}
	if r := doc.Components.Responses[name]; r != nil {
		return r.Value, nil
	}
	return nil, fmt.Errorf("no contract has %s %s, and %s no response for %d", c.method, path, api, status)
}

func operation(doc *openapi3.T, method, path string) *openapi3.Operation {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for template, item := range doc.Paths.Map() {
		want, got := strings.Split(template, "/"), strings.Split(path, "/")
		if slices.EqualFunc(want, got, func(w, g string) bool { return w == g || strings.HasPrefix(w, "{") && g != "" }) {
			return item.Operations()[method]
		}
	}
	return nil
}

// strictly checks formats that the library leaves open.
func strictly() []openapi3.SchemaValidationOption {
	format := func(check func(string) error) openapi3.StringFormatValidator {
		return openapi3.NewCallbackValidator(check)
	}
	return []openapi3.SchemaValidationOption{
		openapi3.VisitAsResponse(), openapi3.MultiErrors(),
		openapi3.WithStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")),
		openapi3.WithStringFormatValidator("date-time", format(func(s string) error { _, err := time.Parse(time.RFC3339Nano, s); return err })),
		openapi3.WithStringFormatValidator("date", format(func(s string) error { _, err := time.Parse(time.DateOnly, s); return err })),
		openapi3.WithStringFormatValidator("uri", format(func(s string) error {
			if u, err := url.Parse(s); err != nil || !u.IsAbs() {
				return fmt.Errorf("%q is no URI", s)
			}
			return nil
		})),
	}
}

// undeclared names the keys of a value that its schema does not have: the contract tolerates them, the product sends none.
func undeclared(schema *openapi3.Schema, value any, at string) (err error) {
	switch v := value.(type) {
	case map[string]any:
		if len(schema.Properties) == 0 { // the contract says nothing about its keys
			return nil
		}
		for key, member := range v {
			property := schema.Properties[key]
			if property == nil {
				err = errors.Join(err, fmt.Errorf("the contract does not have %s.%s", at, key))
				continue
			}
			err = errors.Join(err, undeclared(property.Value, member, at+"."+key))
		}
	case []any:
		for i, item := range v {
			err = errors.Join(err, undeclared(schema.Items.Value, item, fmt.Sprintf("%s[%d]", at, i)))
		}
	}
	return err
}
