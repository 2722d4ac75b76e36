package bordereau

import (
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/shopspring/decimal"
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

func fieldOf(name []byte) (field, bool) {
	for f, known := range fieldNames {
		if string(name) == known {
			return field(f), true
		}
	}
	return 0, false
}

// risk is one item of the list as it came: what each field holds, unchecked.
type risk struct {
	raw    []byte // the whole item, when it is an object
	object bool   // false when the item is not a JSON object, and so has no fields
	values [fieldCount]value
}

// value is what a field holds; the zero value is an absent one. A JSON null counts as absent (contract facts B4).
type value struct {
	kind jsontext.Kind // '"' text, '0' number, 't' or 'f', '[' or '{'
	raw  []byte        // the JSON
}

func (v value) absent() bool { return v.kind == 0 }

// text is the value of a JSON string.
func (v value) text() string {
	if v.kind != '"' {
		return ""
	}
	return string(unquote(v.raw))
}

// maxDigits bounds the length of a number, for exact arithmetic on millions of digits takes minutes.
const maxDigits = 100

// number is the value of a JSON number; false for anything else, and for a number too large for a double, such as 1e400.
func (v value) number() (float64, bool) {
	if v.kind != '0' || len(v.raw) > maxDigits {
		return 0, false
	}
	n, err := strconv.ParseFloat(string(v.raw), 64)
	return n, err == nil && !math.IsInf(n, 0)
}

// exact is a number without rounding. What is too small for a double is 0.
func (v value) exact() decimal.Decimal {
	n, ok := v.number()
	if !ok || n == 0 {
		return decimal.Zero
	}
	d, err := decimal.NewFromString(string(v.raw))
	if err != nil {
		return decimal.NewFromFloat(n)
	}
	return d
}

// filled says whether an amount counts as given: a real client sends 0 for what it never set (contract facts B4).
func (v value) filled() bool {
	n, ok := v.number()
	return !v.absent() && (!ok || n != 0)
}

func (v value) isTrue() bool { return v.kind == 't' }

// plain is the value as a scenario writes it: a text without its quotes, anything else as its JSON.
func (v value) plain() string {
	if v.kind == '"' {
		return v.text()
	}
	return string(v.raw)
}
