package bordereau

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"poligon/internal/contract"
)

// Codes of refusals that are not about a risk. The codes of risks are known by the contract alone.
const (
	wrongBody    = "WRONG_REQUEST_BODY"
	wrongRisks   = "WRONG_REQUEST_RISKS"
	wrongSign    = "WRONG_REQUEST_SIGN"
	wrongPartner = "WRONG_REQUEST_PARTNER_CODE"
	wrongPath    = "WRONG_REQUEST_PATH"
	wrongMethod  = "WRONG_REQUEST_METHOD"
	wrongSize    = "WRONG_REQUEST_SIZE"
	wrongType    = "WRONG_REQUEST_CONTENT_TYPE"
	internal     = "INTERNAL_ERROR"
)

// rulebook is what the contract says about a risk, made ready at start for the many risks of an import.
type rulebook struct {
	codes    []string          // all error codes, in the order in which a risk's errors come
	messages map[string]string // by code
	format   string            // the code of an item that is no object
	checks   [fieldCount]check
	rules    map[string]*rule
	noObject basis // of an item that is no object

	flightNumber *contract.Pattern // of the rule flight-number-format

	aboutRisks, aboutRequests about // the codes, parted
}

// check is what the contract says about one field.
type check struct {
	contract.Field
	code         string // what a broken field gives
	layout       string // of a date, as package time writes it; empty for other fields
	glance       *glance
	ignoredWhere field  // the amount that, when filled, makes this field ignored; fieldCount for none
	missing      string // why a risk without the field is refused
	wrong        string // why a risk with another value is refused
	basis        *basis
}

// rule is one of the contract's x-rules: a rule over several fields.
type rule struct {
	Code    string `json:"x-import-error"`
	Text    string `json:"text"`
	Pattern string `json:"pattern"`
	basis
	pattern *contract.Pattern
}

// basis is what a flaw rests on: a rule of the contract or the limits of a field, and the document behind them.
type basis struct {
	rule       string  // the rule's key; empty for the limits of a field by itself
	fields     []field // whose values break it
	Source     string  `json:"x-source"`
	Confidence string  `json:"x-confidence"`
}

// Keys of the contract's rules that depend on a scenario's schedule.
const (
	ruleFlightNumber  = "flight-number-format"
	ruleKnownFlight   = "known-flight"
	ruleFlightStatus  = "flight-status"
	ruleDepartureTime = "departure-time"
)

// ruleFields are the fields that the contract's rules are about.
var ruleFields = map[string][]field{
	ruleFlightNumber:   {flightNumber, productType},
	"accrual-pair":     {firstCountPercent, repeatedCountPercent, firstCountSum, repeatedCountSum},
	"travel-start":     {productType, startInsurancePeriod},
	"travel-finish":    {productType, finishInsurancePeriod},
	"period-order":     {startInsurancePeriod, finishInsurancePeriod},
	"cancel-sum-limit": {cancelSum, insuranceSum},
	ruleKnownFlight:    {flightNumber},
	ruleFlightStatus:   {flightNumber, departureDate},
	ruleDepartureTime:  {flightNumber, departureDate, ignoreDepartureTime},
	"repeated-risk":    {override},
}

// calendars are the date formats of the page, in Java's notation and in Go's.
var calendars = map[string]string{
	"dd.MM.yyyy":           "02.01.2006",
	"yyyy-MM-dd":           time.DateOnly,
	"yyyy-MM-dd HH:mm XXX": "2006-01-02 15:04 Z07:00",
}

func newRulebook(doc *contract.Document) (*rulebook, error) {
	book := &rulebook{}
	code, err := doc.Schema("ErrorCode")
	if err != nil {
		return nil, err
	}
	book.codes = code.Enum()
	book.sortCodes()
	if err := code.Extension("x-messages", &book.messages); err != nil {
		return nil, err
	}
	schema, err := doc.Schema("Risk")
	if err != nil {
		return nil, err
	}
	if err := schema.Extension("x-import-error", &book.format); err != nil {
		return nil, err
	}
	if err := schema.Extension("x-rules", &book.rules); err != nil {
		return nil, err
	}
	if err := schema.Extension("x-source", &book.noObject.Source); err != nil {
		return nil, err
	}
	if err := schema.Extension("x-confidence", &book.noObject.Confidence); err != nil {
		return nil, err
	}
	for name, r := range book.rules {
		r.Text = strings.TrimSpace(r.Text)
		r.rule, r.fields = name, ruleFields[name]
		if r.pattern, err = contract.CompilePattern(r.Pattern); err != nil {
			return nil, fmt.Errorf("rule %s: %w", name, err)
		}
	}
	number := book.rules[ruleFlightNumber]
	if number == nil {
		return nil, errors.New("the contract has no rule " + ruleFlightNumber)
	}
	book.flightNumber = number.pattern
	return book, book.readChecks(schema)
}

func (b *rulebook) readChecks(schema *contract.Schema) error {
	fields, err := schema.Fields()
	if err != nil {
		return err
	}
	if len(fields) != int(fieldCount) {
		return fmt.Errorf("the contract's Risk has %d fields, the import knows %d", len(fields), fieldCount)
	}
	for f, name := range fieldNames {
		known, ok := fields[name]
		if !ok {
			return fmt.Errorf("the contract's Risk has no field %s", name)
		}
		c := check{Field: known, code: known.Extensions["x-import-error"], ignoredWhere: fieldCount}
		if calendar, ok := known.Extensions["x-calendar"]; ok {
			if c.layout = calendars[calendar]; c.layout == "" {
				return fmt.Errorf("field %s: unknown calendar %q", name, calendar)
			}
			c.glance = glances[calendar]
		}
		if other, ok := known.Extensions["x-ignored-when-filled"]; ok {
			if c.ignoredWhere, ok = fieldOf([]byte(other)); !ok {
				return fmt.Errorf("field %s: unknown field %q", name, other)
			}
		}
		if !slices.Contains(b.codes, c.code) {
			return fmt.Errorf("field %s: error code %q is not in the catalogue", name, c.code)
		}
		c.missing, c.wrong = name+" is missing", name+" is not "+c.describe()
		c.basis = &basis{fields: []field{field(f)}, Source: cmp.Or(known.Extensions["x-source"], b.noObject.Source),
			Confidence: cmp.Or(known.Extensions["x-confidence"], b.noObject.Confidence)}
		b.checks[f] = c
	}
	return nil
}

// describe says what the contract wants of the field.
func (c *check) describe() string {
	switch {
	case c.layout != "":
		return "a date of the calendar as a text, " + c.Extensions["x-calendar"]
	case c.Pattern != nil:
		return "a text like " + c.Pattern.String()
	case c.Kind == contract.Text && c.MaxLength != nil:
		return fmt.Sprintf("a text of %d to %d characters", c.MinLength, *c.MaxLength)
	case c.Kind == contract.Text:
		return "a text"
	case c.Kind == contract.Flag:
		return "true or false"
	case len(c.Enum) > 0:
		return strings.ReplaceAll(strings.Trim(fmt.Sprint(c.Enum), "[]"), " ", " or ")
	case c.Maximum != nil:
		return fmt.Sprintf("a number from %v to %v", *c.Minimum, *c.Maximum)
	case c.ExclusiveMin:
		return fmt.Sprintf("a number above %v", *c.Minimum)
	}
	return fmt.Sprintf("a number of at least %v", *c.Minimum)
}

// keeps says whether a value keeps what the contract says about its field, by itself.
func (c *check) keeps(v value) bool {
	if v.absent() {
		return !c.Required
	}
	switch c.Kind {
	case contract.Text:
		return v.kind == '"' && c.keepsText(v.text())
	case contract.Number:
		return c.keepsNumber(v)
	}
	return v.kind == 't' || v.kind == 'f'
}

func (c *check) keepsText(s string) bool {
	n := utf8.RuneCountInString(s)
	switch {
	case n < c.MinLength, c.MaxLength != nil && n > *c.MaxLength:
		return false
	case c.Pattern != nil && !c.Pattern.MatchString(s):
		return false
	case c.layout != "":
		if c.glance.good(s) {
			return true
		}
		_, err := parseDate(c.layout, s)
		return err == nil
	}
	return true
}

// parseDate reads a day, or an instant with its offset, of the calendar: there is no 30 February and no offset beyond 18 hours
// (contract facts B4, the strict parser).
func parseDate(layout, s string) (time.Time, error) {
	t, err := time.ParseInLocation(layout, s, time.UTC) // never Local: the server's own zone must not matter
	if err != nil {
		return t, err
	}
	if _, offset := t.Zone(); offset > 18*3600 || offset < -18*3600 {
		return t, fmt.Errorf("offset of %s is beyond 18 hours", s)
	}
	return t, nil
}
