package osago

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"

	"poligon/internal/generate"
	"poligon/openapi"
)

// TestAcceptedRequests: what the documents print or do not forbid is taken.
func TestAcceptedRequests(t *testing.T) {
	t.Parallel()
	s, sample := newTable(t), documentedRequest(t)
	for _, c := range readCases(t, fileText(t, "testdata/accepted_requests.yaml")) {
		if w, _ := s.play(t, c, sample); w.Code != http.StatusOK || len(s.log.logs) != 1 {
			t.Errorf("%s: %d %s", c.Name, w.Code, w.Body)
		}
		if _, body := s.get("", "/osago/calculate?request_id=123e4567-e89b-12d3-a456-426614174000"); !strings.Contains(body, `"status":"DRAFT"`) {
			t.Errorf("%s: %s", c.Name, body)
		}
	}
}

// smallest is the least that a request can say.
const smallest = `{"product_type": "x", "partner": "x", "request_id": "7d1f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6", "is_cross_allowed": false,
	"policy_start_date": "2026-02-01T00:00:00Z", "vehicle": {"vin": "x", "brand": {}, "model": {}, "year": 2000, "engine_power": 1, "car_documents": []},
	"drivers_info": {}, "owner": {"last_name": "x", "first_name": "x", "birth_date": "2000-01-01"}, "insurer": {"last_name": "x", "first_name": "x", "birth_date": "2000-01-01"}}`

// TestDocumentedValues: each value that the documents print is taken alone, in the smallest request.
func TestDocumentedValues(t *testing.T) {
	t.Parallel()
	var values map[string][]any
	if err := yaml.Unmarshal([]byte(fileText(t, "testdata/documented_values.yaml")), &values); err != nil {
		t.Fatal(err)
	}
	if paths := newTable(t).api.request.Paths(); len(values) < 25 || len(paths) < 90 {
		t.Fatalf("%d fields of %d have values", len(values), len(paths))
	}
	s := newTable(t)
	for path, list := range values {
		for _, value := range list {
			s.log.logs = nil
			body := decode(t, smallest)
			change(t, body, path, func(object map[string]any, key string) { object[key] = value })
			if w := s.post("", "application/json", encode(t, body)); w.Code != http.StatusOK {
				t.Errorf("%s %v: %d %s", path, value, w.Code, w.Body)
			}
		}
	}
}

// schemas are those of the contract, read without what the product reads it with.
func schemas(t fataler) map[string]any {
	var doc struct {
		Components struct{ Schemas map[string]any }
	}
	if err := yaml.Unmarshal(openapi.OSAGOText, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Components.Schemas
}

// requiredIn are the paths of the fields that a value has because the contract requires them.
func requiredIn(all map[string]any, schema, value any, at string) (paths []string) {
	s, _ := schema.(map[string]any)
	if ref, ok := s["$ref"].(string); ok {
		return requiredIn(all, all[ref[strings.LastIndex(ref, "/")+1:]], value, at)
	}
	switch v := value.(type) {
	case map[string]any:
		required, _ := s["required"].([]any)
		properties, _ := s["properties"].(map[string]any)
		for name, member := range v {
			path := strings.TrimPrefix(at+"."+name, ".")
			if slices.Contains(required, any(name)) {
				paths = append(paths, path)
			}
			paths = append(paths, requiredIn(all, properties[name], member, path)...)
		}
	case []any:
		for i, item := range v {
			paths = append(paths, requiredIn(all, s["items"], item, fmt.Sprintf("%s[%d]", at, i))...)
		}
	}
	return paths
}

// conditionsOf are the fields that a generated request cannot do without because of a condition, by what is told without them.
func conditionsOf(body any) map[string]string {
	told, vehicle := map[string]string{}, objectAt(body, "vehicle")
	var numbers []string
	for _, name := range []string{"vin", "body_number", "chassis_number"} {
		if text, _ := vehicle[name].(string); text != "" {
			numbers = append(numbers, name)
		}
	}
	if len(numbers) == 1 {
		told["vehicle."+numbers[0]] = "vehicle"
	}
	if strings.Contains(fmt.Sprint(vehicle["car_documents"]), "document_type:sts") {
		told["vehicle.car_number"] = "vehicle.car_number"
	}
	drivers, _ := objectAt(body, "drivers_info")["drivers"].([]any)
	for i, d := range drivers {
		for own, other := range map[string]string{"license": "foreign_license", "foreign_license": "license"} {
			driver := d.(map[string]any)
			if driver[own] != nil && driver[other] == nil {
				told[fmt.Sprintf("drivers_info.drivers[%d].%s", i, own)] = fmt.Sprintf("drivers_info.drivers[%d].license", i)
			}
		}
	}
	return told
}

// TestAnyRequestWithoutAField: a generated request is taken; without any one field that it needs, that field alone is told.
func TestAnyRequestWithoutAField(t *testing.T) {
	t.Parallel()
	all, s, seen := schemas(t), newTable(t), map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		a := generate.Application{Seed: rapid.Uint64().Draw(t, "seed"), Date: start0.AddDate(0, 0, rapid.IntRange(-2000, 2000).Draw(t, "days")),
			Drivers: rapid.IntRange(0, 3).Draw(t, "drivers"), Unlimited: rapid.Bool().Draw(t, "unlimited"), Category: rapid.SampledFrom(generate.Categories()).Draw(t, "category")}
		text := encode(t, a.Calculation(rapid.IntRange(0, 100).Draw(t, "index")))
		s.log.logs = nil
		if w := s.post("", "application/json", text); w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		body := decode(t, text)
		needs := conditionsOf(body)
		paths := requiredIn(all, all["CalculationRequest"], body, "")
		slices.Sort(paths)
		const some = 10 // of so many fields one, for the test's time
		for i := rapid.IntRange(0, some-1).Draw(t, "first"); i < len(paths); i += some {
			needs[paths[i]] = paths[i]
		}
		for path, told := range needs {
			without := decode(t, text)
			change(t, without, path, func(object map[string]any, key string) { delete(object, key) })
			w := s.post("", "application/json", encode(t, without))
			var refused struct {
				Properties []struct{ Property, Message string }
			}
			if err := json.Unmarshal(w.Body.Bytes(), &refused); err != nil || w.Code != http.StatusBadRequest || len(refused.Properties) != 1 ||
				refused.Properties[0].Property != told || !strings.HasPrefix(refused.Properties[0].Message, strings.TrimSuffix(messageRequired, ".")) {
				t.Fatalf("without %s: %d %s", path, w.Code, w.Body)
			}
			seen[told] = true
		}
	})
	if len(seen) < 40 {
		t.Errorf("only %d fields were left out", len(seen))
	}
}

// TestRepeatedRequestID: the same body again is the same calculation, and another is refused, kept or replaces it, as the scenario says.
func TestRepeatedRequestID(t *testing.T) {
	t.Parallel()
	const story = "title: x\nstory: x\nosago:\n%s  offers: {a: {insurer: А, steps: [CREATED, {after: 10s, status: PRE_CALC_SENT}]}}\n"
	sample := documentedRequest(t)
	var other map[string]any
	if err := json.Unmarshal([]byte(sample), &other); err != nil {
		t.Fatal(err)
	}
	reordered := encode(t, other)
	other["purpose"] = "taxi"
	for key, want := range map[string]struct {
		status int
		anew   bool
	}{
		"":                      {status: 400},
		"  repeated: refuse\n":  {status: 400},
		"  repeated: keep\n":    {status: 200},
		"  repeated: replace\n": {status: 200, anew: true},
	} {
		s := newTableOf(t, fstest.MapFS{"again.yaml": {Data: fmt.Appendf(nil, story, key)}})
		first := s.post("again", "application/json", sample)
		s.now = start0.Add(20 * time.Second)
		for _, same := range []string{sample, reordered, " " + sample + "\n"} {
			if w := s.post("again", "application/json", same); w.Code != 200 || w.Body.String() != first.Body.String() {
				t.Errorf("%q: the same again is %d %s", key, w.Code, w.Body)
			}
		}
		w := s.post("again", "application/json", encode(t, other))
		_, now := s.status("again", "123e4567-e89b-12d3-a456-426614174000")
		if w.Code != want.status || strings.Contains(now, "CREATED") != want.anew || w.Code == 200 && (w.Body.String() != first.Body.String()) != want.anew {
			t.Errorf("%q: %d %s, then %s", key, w.Code, w.Body, now)
		}
		if want.anew { // the newest body is the one that holds
			if again := s.post("again", "application/json", encode(t, other)); again.Body.String() != w.Body.String() {
				t.Errorf("%q: the new body again is %s", key, again.Body)
			}
		}
	}
}
