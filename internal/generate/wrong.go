package generate

import (
	"strings"

	"poligon/internal/contract"
)

// set is the way that gives a field a value, which may depend on the one that it has.
func set(name string, to func(old any) any) way {
	return func(_ draws, r *Risk) { r.values[name] = to(r.values[name]) }
}

// value is the way that gives a field this value.
func value(name string, v any) way { return set(name, func(any) any { return v }) }

// absence is the way that leaves a field out.
func absence(name string) way { return func(_ draws, r *Risk) { delete(r.values, name) } }

// fieldWays are the ways to break the limits of one field, as the contract states them. Those of texts are mistakes that people
// and programs make; the types of numbers stay, so a CSV can carry them.
func fieldWays(f contract.Field) (list []way) {
	switch {
	case f.Extensions["x-calendar"] != "":
		list = append(list, calendarWays(f)...)
	case f.Pattern != nil:
		list = append(list, patternWays(f)...)
	case f.Kind == contract.Text:
		list = append(list, lengthWays(f)...)
	case f.Kind == contract.Flag:
		list = append(list, value(f.Name, "да"), value(f.Name, "yes"))
	case len(f.Enum) > 0:
		list = append(list, value(f.Name, int(f.Enum[len(f.Enum)-1])+1), value(f.Name, 99))
	default:
		list = append(list, numberWays(f)...)
	}
	if f.Required {
		list = append(list, absence(f.Name))
	}
	return list
}

// calendarWays write a day that no calendar has, and the day in another notation.
func calendarWays(f contract.Field) []way {
	switch f.Extensions["x-calendar"] {
	case "dd.MM.yyyy":
		return []way{set(f.Name, func(old any) any { return "31.02" + text(old, "01.01.1990")[5:] }),
			set(f.Name, func(old any) any { s := text(old, "01.01.1990"); return s[6:] + "-" + s[3:5] + "-" + s[:2] })}
	case "yyyy-MM-dd":
		return []way{set(f.Name, func(old any) any { return text(old, "2026-01-01")[:4] + "-02-30" }),
			set(f.Name, func(old any) any { s := text(old, "2026-01-01"); return s[8:10] + "." + s[5:7] + "." + s[:4] })}
	}
	return []way{set(f.Name, func(old any) any { s := text(old, "2026-01-01 10:00 +03:00"); return s[:4] + "-02-30" + s[10:] }),
		set(f.Name, func(old any) any { return strings.Replace(text(old, ""), " ", "T", 1) }),
		set(f.Name, func(old any) any { s := text(old, ""); return s[:strings.LastIndex(s, " ")] })}
}

// patternWays write a telephone number as people do.
func patternWays(f contract.Field) []way {
	return []way{set(f.Name, func(old any) any { return "8" + text(old, "+79161234567")[2:] }),
		set(f.Name, func(old any) any { s := text(old, "+79161234567"); return s[:2] + " (" + s[2:5] + ") " + s[5:] }),
		set(f.Name, func(old any) any { return text(old, "+79161234567")[:8] })}
}

// lengthWays make a text one letter longer than it may be, or shorter.
func lengthWays(f contract.Field) (list []way) {
	if f.MaxLength != nil {
		list = append(list, set(f.Name, func(old any) any {
			letters := []rune(strings.Repeat(text(old, "Иванович"), *f.MaxLength+1))
			return string(letters[:*f.MaxLength+1])
		}))
	}
	if f.MinLength > 0 {
		list = append(list, set(f.Name, func(old any) any { return string([]rune(text(old, "Иван"))[:f.MinLength-1]) }))
	}
	return list
}

// numberWays go beyond the least and the greatest that a number may be. A percent counts only where no sum stands beside it.
func numberWays(f contract.Field) (list []way) {
	paid := func(next way) way { return next }
	if strings.HasSuffix(f.Name, "CountPercent") || strings.HasSuffix(f.Name, "CountSum") {
		sums := strings.HasSuffix(f.Name, "CountSum")
		paid = func(next way) way {
			return func(d draws, r *Risk) {
				r.paysIn(sums)
				next(d, r)
			}
		}
	}
	if f.ExclusiveMin {
		list = append(list, value(f.Name, 0))
	}
	if f.Minimum != nil {
		list = append(list, paid(value(f.Name, int(*f.Minimum)-1)), paid(value(f.Name, int(*f.Minimum)-500)))
	}
	if f.Maximum != nil {
		list = append(list, paid(value(f.Name, int(*f.Maximum)+1)), paid(value(f.Name, int(*f.Maximum)+50)))
	}
	return list
}

// ruleWays are the ways to break the contract's rules over several fields, by their keys. A repeated risk is made where the
// earlier ones are known.
func ruleWays() map[string][]way {
	return map[string][]way{
		"flight-number-format": {flightWay(func(carrier, number string) string { return carrier + number }),
			flightWay(func(carrier, number string) string { return carrier + "-" + number + "00000"[:max(5-len(number), 1)] }),
			flightWay(func(carrier, number string) string { return strings.ToLower(carrier) + "-" + number })},
		"period-order": {func(_ draws, r *Risk) {
			r.values["startInsurancePeriod"], r.values["finishInsurancePeriod"] = iso(r.date), iso(r.date.AddDate(0, 0, -1))
		}},
		"cancel-sum-limit": {func(d draws, r *Risk) {
			sum, _ := r.values["insuranceSum"].(int)
			r.values["cancelSum"] = sum + 500*d.between("above", 1, 20)
		}},
		"departure-time": {func(d draws, r *Risk) {
			delete(r.values, "ignoreDepartureTime") // with it the day alone would count
			r.values["departureDate"] = r.flight.moved(d, r.date)
		}},
		"flight-status": {func(_ draws, r *Risk) { r.values["flightNumber"] = cancelled }},
	}
}

// flightWay writes the flight number in another way. With travel any number is right, so there it is left empty.
func flightWay(as func(carrier, number string) string) way {
	return func(_ draws, r *Risk) {
		carrier, number, _ := strings.Cut(r.flight.number, "-")
		r.values["flightNumber"] = as(carrier, number)
		if r.values["productType"] == Travel {
			r.values["flightNumber"] = ""
		}
	}
}

// text is a value that is a text, or another where there is none.
func text(v any, otherwise string) string {
	if s, ok := v.(string); ok && s != "" {
		return s
	}
	return otherwise
}
