package bordereau

import (
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
)

// field is one of a risk's fields (seed 001).
type field int

// The fields in the order of the page's table.
const (
	firstName field = iota
	lastName
	middleName
	birthdate
	phoneNumber
	flightNumber
	departureDate
	policyNumber
	currency
	insuranceSum
	limitSumPerFlight
	delayTimeHours
	firstCountHours
	repeatedCountHours
	firstCountPercent
	repeatedCountPercent
	firstCountSum
	repeatedCountSum
	paymentType
	ignoreDepartureTime
	override
	productType
	startInsurancePeriod
	finishInsurancePeriod
	cancelSum
	fieldCount
)

var fieldNames = [fieldCount]string{
	"firstName", "lastName", "middleName", "birthdate", "phoneNumber", "flightNumber", "departureDate", "policyNumber",
	"currency", "insuranceSum", "limitSumPerFlight", "delayTimeHours", "firstCountHours", "repeatedCountHours",
	"firstCountPercent", "repeatedCountPercent", "firstCountSum", "repeatedCountSum", "paymentType", "ignoreDepartureTime",
	"override", "productType", "startInsurancePeriod", "finishInsurancePeriod", "cancelSum",
}

// fieldsBySize are the fields whose names have so many bytes.
var fieldsBySize = func() (by [32][]field) { //nolint:gochecknoglobals // a table that does not change
	for f, name := range fieldNames {
		by[len(name)] = append(by[len(name)], field(f))
	}
	return by
}()

func fieldOf(name []byte) (field, bool) {
	if len(name) < len(fieldsBySize) {
		for _, f := range fieldsBySize[len(name)] {
			if string(name) == fieldNames[f] {
				return f, true
			}
		}
	}
	return 0, false
}

// risk is one item of the list as it came: what each field holds, unchecked.
type risk struct {
	raw    []byte // the whole item, when it is an object
	object bool   // false when the item is not a JSON object, and so has no fields
	values [fieldCount]spot
}

// spot is where in its risk a value is. There are many of them, so they are small, and the collector does not look at them.
type spot struct {
	kind     jsontext.Kind
	from, to int32
}

// at is what a field of the risk holds.
func (r *risk) at(f field) value {
	s := &r.values[f]
	return value{s.kind, r.raw[s.from:s.to]}
}

// value is what a field holds; the zero value is an absent one. A JSON null counts as absent (contract facts B4).
type value struct {
	kind jsontext.Kind // '"' text, '0' number, 't' or 'f', '[' or '{'
	raw  []byte        // the JSON
}

func (v value) absent() bool { return v.kind == 0 }

// text is the value of a JSON string. It may share memory with the body, which nobody changes: most texts of an import are looked
// at and forgotten.
func (v value) text() string {
	if v.kind != '"' {
		return ""
	}
	b := unquote(v.raw)
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func (v value) isTrue() bool { return v.kind == 't' }

// plain is the value as a scenario writes it: a text without its quotes, anything else as its JSON.
func (v value) plain() string {
	if v.kind == '"' {
		return v.text()
	}
	return string(v.raw)
}
