package scenario

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// text is what a text must be like.
type text struct {
	rank    int
	name    string // of the same form the same
	schema  *schema
	what    string   // the choices are named by it
	choices []string // the text is one of them; schema is nil then
}

// Ranks of texts: of several that all must hold, those of a lower rank say nothing more.
const (
	rankPlain = iota
	rankText
	rankForm
)

// anyText is a text, a number, or true or false: to a reader all of them are texts.
func anyText(least int) *schema {
	return &schema{Type: []string{"string", "number", "boolean"}, MinLength: least}
}

func textForm() text { return text{rank: rankText, name: "text", schema: anyText(1)} }

func wholeForm(low, high int64) text {
	return text{rank: rankForm, name: fmt.Sprint("whole ", low, " ", high), schema: &schema{Type: "integer", Minimum: number(low), Maximum: number(high)}}
}

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

func flagForm() text { return text{rank: rankForm, name: "flag", schema: &schema{Type: "boolean"}} }

func moneyForm() text {
	return text{rank: rankForm, name: "money", schema: &schema{Type: []string{"number", "string"}, Pattern: amount.String(), Minimum: number(0),
		Maximum: "999999999999.99", Examples: []any{7072, json.Number("7072.50")}}}
}

func decimalForm() text {
	return text{rank: rankForm, name: "decimal", schema: &schema{Type: []string{"number", "string"}, Pattern: decimals.String(),
		Minimum: number(0), Maximum: "999999999.9999", Examples: []any{json.Number("1.17")}}}
}

// Of numbers without a unit 0 alone is a duration.
const (
	durationPattern = `^(0|(\d+(\.\d+)?d)?(\d+(\.\d+)?h)?(\d+(\.\d+)?m)?(\d+(\.\d+)?s)?(\d+(\.\d+)?ms)?)$`
	someDuration    = `(0|(\d+(\.\d+)?(d|h|ms|m|s))+)`
	twoDurations    = `\s*` + someDuration + `\s*\.\.\s*` + someDuration + `\s*`
	rangePattern    = `^(` + someDuration + `|` + twoDurations + `)$`
)

func durationForm() text {
	return text{rank: rankForm, name: "duration", schema: &schema{Type: []string{"string", "integer"}, MinLength: 1, Pattern: durationPattern, Minimum: number(0),
		Maximum: number(0), Examples: []any{"500ms", "4s", "2m30s", "1d"}}}
}

func rangeForm() text {
	return text{rank: rankForm, name: "range or duration", schema: &schema{Type: []string{"string", "integer"}, Pattern: rangePattern, Minimum: number(0),
		Maximum: number(0), Examples: []any{"4s", "2s..5s"}}}
}

func trueRangeForm() text {
	return text{rank: rankForm, name: "range", schema: &schema{Type: "string", Pattern: "^" + twoDurations + "$", Examples: []any{"2s..5s"}}}
}

func shareForm() text {
	return text{rank: rankForm, name: "share", schema: &schema{Type: "string", Pattern: `^\s*(100|0?[1-9](\.\d{1,2})?|[1-9]\d(\.\d{1,2})?|00?\.(0[1-9]|[1-9]\d?))%\s*$`, Examples: []any{"5%", "0.25%"}}}
}

func looksForm(pattern string, examples []string) text {
	s := anyText(0)
	s.Pattern = pattern
	for _, e := range examples {
		s.Examples = append(s.Examples, e)
	}
	return text{rank: rankForm, name: "looks " + pattern, schema: s}
}

var (
	jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
	coreNumber = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	coreOther  = regexp.MustCompile(`^0(o[0-7]+|x[0-9a-fA-F]+)$`)
)

// plainValue is what an editor takes a text without quotes for: true or false, a number, or the text.
func plainValue(s string) any {
	switch s {
	case "true", "True", "TRUE":
		return true
	case "false", "False", "FALSE":
		return false
	}
	switch {
	case jsonNumber.MatchString(s):
		return json.Number(s)
	case coreOther.MatchString(s):
		if n, err := strconv.ParseInt(s, 0, 64); err == nil {
			return n
		}
	case coreNumber.MatchString(s):
		if f, err := strconv.ParseFloat(s, 64); err == nil && !math.IsInf(f, 0) {
			return f
		}
	}
	return s
}

// choiceValues are the values that a text among choices can be: itself, and what it is without quotes.
func choiceValues(choices []string) (list []any) {
	for _, c := range choices {
		if v := plainValue(c); v != any(c) {
			list = append(list, v)
		}
		list = append(list, c)
	}
	return list
}
