package osago

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"poligon/internal/contract"
	"poligon/internal/osago/internal/wire"
)

// requestBody is a calculation request that keeps the contract.
type requestBody struct {
	request wire.CalculationRequest
	value   any    // the same as decoded JSON
	digest  uint64 // of what it says, whatever the order of keys and the spaces; never 0
}

// maxRequest bounds a calculation request, in bytes: tens of times a family of drivers with all their papers, and little enough
// that one broken from end to end can be told so. The documents name no limit.
const maxRequest = 256 << 10

// maxProperties bounds how many broken fields a refusal names.
const maxProperties = 200

// readText reads the body of a request that is to be JSON.
func readText(contentType string, from io.Reader) (text []byte, refused *refusal) {
	if contentType != "" && !isJSON(contentType) {
		return nil, &refusal{status: http.StatusUnsupportedMediaType, message: "Неверный тип содержимого.", reason: "send application/json in UTF-8"}
	}
	text, err := io.ReadAll(io.LimitReader(from, maxRequest+1))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || len(text) > maxRequest {
		return nil, &refusal{status: http.StatusRequestEntityTooLarge, message: "Слишком большой запрос.", reason: fmt.Sprintf("a request has at most %d bytes here", maxRequest)}
	}
	if err != nil {
		return nil, &refusal{status: http.StatusBadRequest, message: messageBadRequest, reason: "the body did not arrive whole"}
	}
	return text, nil
}

// readRequest reads a calculation request and holds it against the contract.
func (a *API) readRequest(contentType string, from io.Reader) (body requestBody, refused *refusal) {
	var canonical []byte
	if body.value, canonical, refused = readBody(applicationRules{a.request}, contentType, from); refused != nil {
		return body, refused
	}
	sum := sha256.Sum256(canonical)
	body.digest = max(binary.BigEndian.Uint64(sum[:]), 1)
	if refused = body.read(canonical); refused != nil {
		refused.requestID = requestIDOf(body.value)
	}
	return body, refused
}

// readBody reads a JSON body that keeps its rules: decoded, and in its canonical form, whatever the order of keys and the spaces.
func readBody(by rules, contentType string, from io.Reader) (value any, canonical []byte, refused *refusal) {
	text, refused := readText(contentType, from)
	if refused != nil {
		return nil, nil, refused
	}
	value, err := decodeJSON(text)
	if err != nil {
		return nil, nil, &refusal{status: http.StatusBadRequest, message: messageBadRequest, reason: err.Error()}
	}
	if refused := broken(by, value); refused != nil {
		return nil, nil, refused
	}
	canonical, err = json.Marshal(value)
	if err != nil {
		return nil, nil, &refusal{status: http.StatusBadRequest, message: messageBadRequest, reason: err.Error()}
	}
	return value, canonical, nil
}

// requestIDOf is the request_id of a body, if there is one that can be read.
func requestIDOf(body any) string {
	fields, _ := body.(map[string]any)
	id, _ := fields[requestID].(string)
	return id
}

// isJSON says whether a content type is JSON in UTF-8.
func isJSON(contentType string) bool {
	kind, params, err := mime.ParseMediaType(contentType)
	charset, stated := params["charset"]
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json")) && (!stated || strings.EqualFold(charset, "utf-8"))
}

// read takes the request from its canonical form: what the contract has checked, each key once. Unlike encoding/json it does
// not take a key in capitals for the one in small letters.
func (b *requestBody) read(canonical []byte) *refusal {
	err := unmarshal(canonical, &b.request)
	if err == nil {
		return nil
	}
	return &refusal{status: http.StatusBadRequest, message: messageBadRequest, reason: err.Error(),
		properties: []wire.ErrorDetail{{Property: unfit(err), Message: messageBadValue}}}
}

// unmarshal reads JSON into a generated type. Numbers stay as they are written.
func unmarshal(text []byte, into any) error {
	exact := jsonv2.UnmarshalFromFunc(func(from *jsontext.Decoder, to *json.Number) error {
		v, err := from.ReadValue()
		*to = json.Number(v)
		return err
	})
	return jsonv2.Unmarshal(text, into, jsonv2.WithUnmarshalers(exact))
}

// unfit is the field that keeps the contract and fits no Go type, such as the year 1e30.
func unfit(err error) string {
	var e *jsonv2.SemanticError
	if errors.As(err, &e) {
		return contract.Dotted(slices.Collect(e.JSONPointer.Tokens()))
	}
	return ""
}

// decodeJSON reads one JSON value in UTF-8 and nothing behind it.
func decodeJSON(text []byte) (value any, err error) {
	if err := isText(text); err != nil {
		return nil, err
	}
	err = json.Unmarshal(text, &value)
	if huge := new(json.UnmarshalTypeError); errors.As(err, &huge) {
		return nil, fmt.Errorf("the body has a %.40s that is out of range", huge.Value)
	}
	if err != nil {
		return nil, notJSON(text, err)
	}
	return value, nil
}

// notJSON says where a body ceases to be JSON.
func notJSON(text []byte, err error) error {
	var broken *json.SyntaxError
	if !errors.As(err, &broken) || broken.Offset < 1 || broken.Offset > int64(len(text)) {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	before := text[:broken.Offset-1]
	line := bytes.LastIndexByte(before, '\n') + 1
	return fmt.Errorf("the body is not JSON: line %d, column %d: %w", bytes.Count(before, []byte("\n"))+1, utf8.RuneCount(before[line:])+1, err)
}

// decodeExact is decodeJSON with numbers as they are written.
func decodeExact(text []byte) (value any, err error) {
	if err := isText(text); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, notJSON(text, err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("the body is not JSON: there is more behind the value")
	}
	return value, nil
}

// isText says why a body cannot be JSON text.
func isText(text []byte) error {
	switch {
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		return errors.New("the body begins with a byte order mark; send JSON without one")
	case !utf8.Valid(text):
		return errors.New("the body is not UTF-8")
	case bytes.IndexByte(text, 0) >= 0:
		return errors.New("the body has bytes that are zero, as UTF-16 has; send JSON in UTF-8")
	}
	return nil
}

// broken is how a value that breaks its rules is refused: each broken field by its path.
func broken(by rules, value any) *refusal {
	violations := by.Violations(value)
	if len(violations) == 0 {
		return nil
	}
	f := &refusal{status: http.StatusBadRequest, requestID: requestIDOf(value), message: messageBadRequest}
	sort.Slice(violations, func(i, j int) bool {
		if violations[i].Path != violations[j].Path {
			return violations[i].Path < violations[j].Path
		}
		return violations[i].Message < violations[j].Message
	})
	var reasons []string
	for i, v := range violations {
		if i > 0 && v.Path == violations[i-1].Path {
			continue
		}
		if v.Path == "" {
			reasons = append(reasons, "the body as a whole: "+v.Message)
			continue
		}
		reasons = append(reasons, v.Path+": "+v.Message)
		if len(f.properties) == maxProperties {
			continue
		}
		f.properties = append(f.properties, wire.ErrorDetail{Property: v.Path, Message: say(v)})
	}
	f.reason = firstFew(reasons)
	return f
}

// firstFew are the first reasons, and how many more there are.
func firstFew(reasons []string) string {
	const few = 5
	text := strings.Join(reasons[:min(len(reasons), few)], "; ")
	if more := len(reasons) - few; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// application is what the price and the documents depend on.
func (b requestBody) application() application {
	r := &b.request
	power, _ := r.Vehicle.EnginePower.Float64()
	app := application{Category: "B", Power: power, Unlimited: value(r.DriversInfo.IsUnlimitedDrivers), NoCross: !r.IsCrossAllowed,
		Start: r.PolicyStartDate, Insurer: who(r.Insurer), Owner: who(r.Owner), Vehicle: what(r.Vehicle), Returns: readReturns(r.ReturnUrls)}
	if r.Vehicle.Category != nil {
		app.Category = string(*r.Vehicle.Category)
	}
	for _, address := range value(r.Owner.Addresses) {
		if code := address.RegionKladrCode; app.Region == "" && len(code) >= 2 {
			app.Region = code[:2]
		}
	}
	for _, person := range value(r.DriversInfo.Drivers) {
		d := driver{Born: person.BirthDate.Time, Name: who(person).Name}
		licence := person.License
		if licence == nil {
			licence, d.Foreign = person.ForeignLicense, true
		}
		if licence != nil {
			d.Series, d.Number, d.Drives = value(licence.Series), value(licence.Number), date(licence.Date)
		}
		app.Drivers = append(app.Drivers, d)
	}
	return app
}

// named is the application with the names of a vehicle that the request tells by its dictionary ids alone.
func (a *API) named(b requestBody) application {
	app, v := b.application(), &b.request.Vehicle
	if app.Vehicle.Brand != "" && app.Vehicle.Model != "" {
		return app
	}
	d, err := a.vehicles()
	if err != nil {
		return app // whoever asks for the dictionary is told
	}
	if known := d.Model(value(v.Model.ModelID)); known != nil && app.Vehicle.Model == "" {
		app.Vehicle.Model = known.Name
		app.Vehicle.Brand = cmp.Or(app.Vehicle.Brand, known.Brand.Name)
	}
	if known := d.Brand(value(v.Brand.BrandID)); known != nil && app.Vehicle.Brand == "" {
		app.Vehicle.Brand = known.Name
	}
	return app
}

// who is what documents tell of a person.
func who(p wire.PersonInfo) person {
	return person{Name: brief(strings.Join(strings.Fields(p.LastName+" "+p.FirstName+" "+value(p.MiddleName)), " ")), Born: p.BirthDate.Time}
}

// what is what documents tell of a vehicle.
func what(v wire.VehicleInfo) vehicle {
	return vehicle{Brand: brief(cmp.Or(value(v.Brand.Name), value(v.Brand.NameRu))), Model: brief(cmp.Or(value(v.Model.Name), value(v.Model.NameRu))),
		Plate: brief(value(v.CarNumber)), VIN: brief(cmp.Or(value(v.Vin), value(v.BodyNumber), value(v.ChassisNumber))), Year: v.Year}
}

// brief is as much of a text as a document could show.
func brief(text string) string {
	const most = 150
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most])
	}
	return text
}

// value is what p points to, or the zero value.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func date(d *openapi_types.Date) time.Time { return value(d).Time }

// digits is n as decimal with leading zeros.
func digits(n, width int) string { return fmt.Sprintf("%0*d", width, n) }
