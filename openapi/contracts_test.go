package openapi_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"poligon/openapi"
)

// contracts are all of them; those of partners also say where each statement comes from.
var contracts = []struct {
	name    string
	yaml    []byte
	partner bool
}{
	{"osago", openapi.OSAGOText, true},
	{"bordereau", openapi.BordereauText, true},
	{"admin", openapi.AdminText, false},
}

func TestContractIsValid(t *testing.T) {
	t.Parallel()
	for _, c := range contracts {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := load(t, c.yaml).Validate(context.Background(), openapi3.ProhibitExtensionsWithRef()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestExamplesFitTheirSchemas(t *testing.T) {
	t.Parallel()
	for _, c := range contracts {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			found := examplesOf(load(t, c.yaml))
			if len(found) == 0 {
				t.Fatal("no example found")
			}
			t.Logf("%d examples", len(found))
			for _, e := range found {
				if err := e.schema.VisitJSON(e.value, strictly()...); err != nil {
					t.Errorf("%s: %v", e.where, err)
				}
			}
		})
	}
}

// Every operation has an example of what it takes and of what it answers, so a stranger can start by copying.
func TestOperationsHaveExamples(t *testing.T) {
	t.Parallel()
	for _, c := range contracts {
		if !c.partner {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for where, op := range operationsOf(load(t, c.yaml)) {
				if body := op.RequestBody; body != nil && !hasExample(body.Value.Content) {
					t.Errorf("%s: no example of the request", where)
				}
				for code, answer := range op.Responses.Map() {
					if !hasExample(answer.Value.Content) {
						t.Errorf("%s: no example of answer %s", where, code)
					}
				}
			}
		})
	}
}

func hasExample(content openapi3.Content) bool {
	for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} {
		if media := content[kind]; media != nil && (media.Example != nil || len(media.Examples) > 0) {
			return true
		}
	}
	return false
}

func TestStatementsNameTheirSource(t *testing.T) {
	t.Parallel()
	for _, c := range contracts {
		if !c.partner {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doc := load(t, c.yaml)
			for where, op := range operationsOf(doc) {
				checkMarks(t, where, op.Extensions)
			}
			for name, schema := range doc.Components.Schemas {
				checkMarks(t, "schema "+name, schema.Value.Extensions)
			}
			for name, parameter := range doc.Components.Parameters {
				checkMarks(t, "parameter "+name, parameter.Value.Extensions)
			}
			for name, response := range doc.Components.Responses {
				checkMarks(t, "response "+name, response.Value.Extensions)
			}
			for _, s := range schemasOf(doc) {
				if confidence, ok := s.schema.Extensions["x-confidence"]; ok && !confidences[confidence] {
					t.Errorf("%s: x-confidence %v", s.where, confidence)
				}
			}
		})
	}
}

var (
	confidences = map[any]bool{"documented": true, "sample": true, "inferred": true}
	sources     = regexp.MustCompile(`^(seed 00[01]\b|page: \S|contract facts [AB]\d|none$)`)
)

func checkMarks(t *testing.T, where string, extensions map[string]any) {
	t.Helper()
	if source, _ := extensions["x-source"].(string); !sources.MatchString(source) {
		t.Errorf("%s: x-source %q", where, source)
	}
	if confidence := extensions["x-confidence"]; !confidences[confidence] {
		t.Errorf("%s: x-confidence %v", where, confidence)
	}
}

func TestOSAGOEnumsAreThePages(t *testing.T) {
	t.Parallel()
	all := schemasOf(load(t, openapi.OSAGOText))
	for path, want := range map[string][]any{
		"CalculationStatus": {"DRAFT", "PARTNER_CALCULATION_IN_PROGRESS", "CALCULATION_READY", "PAID", "CLOSED",
			"NO_CALCULATION_AVAILABLE", "CALCULATION_ERROR"},
		"OfferStatus": {"CREATED", "PRE_CALC_SENT", "PRE_CALC_IN_PROGRESS", "PRE_CALC_READY", "APPROVED", "REJECTED",
			"PAYMENT_READY", "PAYMENT_LINK_FAILED", "PAYMENT_COMPLETED", "PAYMENT_CANCELLED",
			"CLOSED_PAID", "CLOSED_OTHER_OFFER", "CLOSED_TIMEOUT", "OFFER_ERROR"},
		"VehicleCategory":            {"A", "B", "C", "D", "E"},
		"CalculationRequest.purpose": {"taxi", "personal"},
		"AddressInfo.type":           {"registration", "residence"},
		"CarDocument.document_type":  {"sts", "pts", "epts"},
		"OfferDraftSuccess.status":   {"success"},
		"OfferDraftInProcess.status": {"inProcess"},
		"DocumentFormat":             {"base64", "binary"},
	} {
		i := slices.IndexFunc(all, func(s located) bool { return s.where == "schema "+path })
		if i < 0 {
			t.Errorf("no schema %s", path)
		} else if got := all[i].schema.Enum; !slices.Equal(got, want) {
			t.Errorf("%s is %v, not %v", path, got, want)
		}
	}
}

func TestOSAGOOperations(t *testing.T) {
	t.Parallel()
	want := []string{
		"GET /auto/info findVehicle",
		"GET /confirm confirmSale",
		"GET /dictionaries/brands listBrands",
		"GET /dictionaries/models listModels",
		"GET /dictionaries/modifications listModifications",
		"GET /dictionaries/powers listPowers",
		"GET /dictionaries/sync-all syncAllDictionaries",
		"GET /dictionaries/years listYears",
		"GET /osago/calculate getCalculation",
		"GET /osago/calculate/status getCalculationStatus",
		"GET /osago/offer getOffer",
		"GET /osago/offer/draft getOfferDraft",
		"GET /osago/offer/policy getOfferPolicy",
		"POST /confirm confirmSales",
		"POST /osago/calculate startCalculation",
		"POST /osago/offer confirmOffer",
		"POST /osago/token issueToken",
	}
	got := slices.Sorted(maps.Keys(operationsOf(load(t, openapi.OSAGOText))))
	if !slices.Equal(got, want) {
		t.Errorf("operations are\n%q, not\n%q", got, want)
	}
}

func load(t *testing.T, yaml []byte) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(yaml)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// operationsOf gives the operations by method, path and id.
func operationsOf(doc *openapi3.T) map[string]*openapi3.Operation {
	all := map[string]*openapi3.Operation{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			all[method+" "+path+" "+op.OperationID] = op
		}
	}
	return all
}

// strictly checks formats which the library leaves open.
func strictly() []openapi3.SchemaValidationOption {
	return []openapi3.SchemaValidationOption{
		openapi3.MultiErrors(),
		openapi3.WithStringFormatValidator("uuid",
			openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC4122)),
		openapi3.WithStringFormatValidator("uri", openapi3.NewCallbackValidator(func(s string) error {
			if u, err := url.Parse(s); err != nil || !u.IsAbs() {
				return fmt.Errorf("%q is no URI", s)
			}
			return nil
		})),
	}
}

type located struct {
	where  string
	schema *openapi3.Schema
}

type example struct {
	located
	value any
}

// walk collects every schema and example of a document once, shared ones where they are first met.
type walk struct {
	schemas  []located
	examples []example
	seen     map[any]bool
}

func schemasOf(doc *openapi3.T) []located  { return walked(doc).schemas }
func examplesOf(doc *openapi3.T) []example { return walked(doc).examples }

func walked(doc *openapi3.T) *walk {
	w := &walk{seen: map[any]bool{}}
	for name, schema := range sorted(doc.Components.Schemas) {
		w.schema("schema "+name, schema)
	}
	for name, p := range sorted(doc.Components.Parameters) {
		w.parameter("parameter "+name, p.Value)
	}
	for name, r := range sorted(doc.Components.Responses) {
		w.content("response "+name, r.Value.Content)
	}
	for name, b := range sorted(doc.Components.RequestBodies) {
		w.content("request body "+name, b.Value.Content)
	}
	for where, op := range sorted(operationsOf(doc)) {
		for _, p := range op.Parameters {
			w.parameter(where+" "+p.Value.Name, p.Value)
		}
		if op.RequestBody != nil {
			w.content(where+" request", op.RequestBody.Value.Content)
		}
		for code, r := range sorted(op.Responses.Map()) {
			w.content(where+" "+code, r.Value.Content)
		}
	}
	return w
}

func (w *walk) parameter(where string, p *openapi3.Parameter) {
	if w.seen[p] {
		return
	}
	w.seen[p] = true
	w.valued(where, p.Schema, p.Example, p.Examples)
}

func (w *walk) content(where string, content openapi3.Content) {
	for kind, media := range sorted(content) {
		if !w.seen[media] {
			w.seen[media] = true
			w.valued(where+" "+kind, media.Schema, media.Example, media.Examples)
		}
	}
}

// valued takes a schema with the example or the named examples that stand beside it.
func (w *walk) valued(where string, schema *openapi3.SchemaRef, one any, named openapi3.Examples) {
	if schema == nil {
		return
	}
	w.schema(where, schema)
	if one != nil {
		w.examples = append(w.examples, example{located{where + " example", schema.Value}, one})
	}
	for name, e := range sorted(named) {
		w.examples = append(w.examples, example{located{where + " example " + name, schema.Value}, e.Value.Value})
	}
}

func (w *walk) schema(where string, ref *openapi3.SchemaRef) {
	if ref == nil || w.seen[ref.Value] {
		return
	}
	s := ref.Value
	w.seen[s] = true
	at := located{where, s}
	w.schemas = append(w.schemas, at)
	for _, value := range []any{s.Example, s.Default} {
		if value != nil {
			w.examples = append(w.examples, example{at, value})
		}
	}
	for name, property := range sorted(s.Properties) {
		w.inner(where+"."+name, property)
	}
	w.inner(where+"[]", s.Items)
	w.inner(where+".*", s.AdditionalProperties.Schema)
	for _, parts := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf, s.OneOf} {
		for i, part := range parts {
			w.inner(fmt.Sprintf("%s(%d)", where, i), part)
		}
	}
}

// inner leaves named schemas to be met under their own name.
func (w *walk) inner(where string, ref *openapi3.SchemaRef) {
	if ref != nil && ref.Ref == "" {
		w.schema(where, ref)
	}
}

func sorted[K cmp.Ordered, V any](m map[K]V) func(func(K, V) bool) {
	return func(yield func(K, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
