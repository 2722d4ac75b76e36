package osago

import (
	"fmt"
	"strings"

	"poligon/internal/contract"
	"poligon/internal/osago/internal/wire"
)

// rules are what a body is held against.
type rules interface {
	Violations(value any) []contract.Violation
}

// applicationRules are those of a calculation request: its schema, and the conditions that a schema cannot say, which are the
// contract's x-rules (contract facts A5).
type applicationRules struct{ *contract.Schema }

// conditional is the name of the rules that hold only under a condition, beside those of a schema.
const conditional = "condition"

// Violations implements rules.
func (r applicationRules) Violations(value any) []contract.Violation {
	list, vehicle := r.Schema.Violations(value), objectAt(value, "vehicle")
	numbers := []string{"vin", "body_number", "chassis_number"}
	if lacks(vehicle, numbers...) && !absent(vehicle, numbers...) { // without any of the fields the schema is broken
		names := strings.Join(numbers, ", ")
		list = append(list, contract.Violation{Path: "vehicle", Rule: "anyOf", Want: names, Message: "at least one of these is needed: " + names})
	}
	if hasSTS(vehicle) && lacks(vehicle, "car_number") {
		list = append(list, contract.Violation{Path: "vehicle.car_number", Rule: conditional, Want: "среди документов автомобиля есть СТС",
			Message: "needed where car_documents has a document of the type sts"})
	}
	drivers, _ := objectAt(value, "drivers_info")["drivers"].([]any)
	for i, d := range drivers {
		if driver, ok := d.(map[string]any); ok && absent(driver, "license", "foreign_license") {
			list = append(list, contract.Violation{Path: fmt.Sprintf("drivers_info.drivers[%d].license", i), Rule: conditional, Want: "нет foreign_license",
				Message: "needed for a driver without a foreign_license"})
		}
	}
	returns := objectAt(value, "return_urls")
	for _, name := range []string{"success_url", "failure_url"} {
		if link, ok := returns[name].(string); ok && !isReturnURL(link) {
			list = append(list, contract.Violation{Path: "return_urls." + name, Rule: "format", Want: returnURL,
				Message: "no absolute http or https URL in ASCII such as https://example.com/osago/success"})
		}
	}
	return list
}

// returnURL is the form of an address to which a customer can be sent; see isReturnURL.
const returnURL = "return URL"

// objectAt is a member of an object that is an object too; nil when there is none.
func objectAt(value any, name string) map[string]any {
	fields, _ := value.(map[string]any)
	member, _ := fields[name].(map[string]any)
	return member
}

func hasSTS(vehicle map[string]any) bool {
	papers, _ := vehicle["car_documents"].([]any)
	for _, p := range papers {
		if paper, _ := p.(map[string]any); paper["document_type"] == string(wire.CarDocumentDocumentTypeSts) {
			return true
		}
	}
	return false
}

// lacks says whether an object has none of the fields filled: a blank text is as good as none (inferred). There is no such object
// when the request has another value in its place, which is told already.
func lacks(object map[string]any, names ...string) bool {
	for _, name := range names {
		if v, there := object[name]; there {
			if text, ok := v.(string); !ok || strings.TrimSpace(text) != "" {
				return false
			}
		}
	}
	return object != nil
}

// absent says whether an object has none of the fields.
func absent(object map[string]any, names ...string) bool {
	for _, name := range names {
		if _, there := object[name]; there {
			return false
		}
	}
	return true
}

// say is what the partner says of a broken rule. It never repeats the value, which may be somebody's name or passport.
func say(v contract.Violation) string {
	const bad, needed = "Неверное значение: ", "Обязательное поле не заполнено: "
	switch v.Rule {
	case "required":
		return messageRequired
	case conditional:
		return needed + "оно нужно, если " + v.Want + "."
	case "anyOf":
		return needed + "нужно хотя бы одно из " + v.Want + "."
	case "enum":
		return bad + "допустимы " + v.Want + "."
	case "minimum":
		return bad + "нужно число не меньше " + v.Want + "."
	case "maximum":
		return bad + "нужно число не больше " + v.Want + "."
	}
	switch want := wanted[v.Want]; {
	case want == "" || v.Rule != "type" && v.Rule != "format":
		return messageBadValue
	case v.Rule == "format" || v.Want == "integer" && v.Given == "number":
		return bad + want + "."
	default:
		return bad + want + ", а передано: " + given[v.Given] + "."
	}
}

// wanted are the types and formats of the contract in the partner's words.
var wanted = map[string]string{
	"string": "нужна строка", "number": "нужно число", "integer": "нужно целое число", "boolean": "нужно true или false",
	"object": "нужен объект", "array": "нужен список",
	"date":      "нужна дата календаря вида 1980-06-12",
	"date-time": "нужны дата и время с часовым поясом вида 2026-01-15T09:00:00Z",
	returnURL:   "нужен адрес http или https латиницей вида https://example.com/osago/success",
	"uuid":      "нужен UUID вида 123e4567-e89b-12d3-a456-426614174000",
}

// given are the types of JSON in the partner's words.
var given = map[string]string{"null": "null", "boolean": "логическое значение", "string": "строка", "number": "число", "array": "список", "object": "объект"}
