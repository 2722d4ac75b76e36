package bordereau

import (
	"slices"
)

// errors are the codes of all that is wrong with a risk in itself: not what depends on the session. They come in no order and
// may repeat.
func (b *rulebook) errors(r *risk) (codes []string) {
	if !r.object {
		return []string{b.format}
	}
	for f := range b.checks {
		c := &b.checks[f]
		if c.ignoredWhere != fieldCount && r.values[c.ignoredWhere].filled() {
			continue
		}
		if !c.keeps(r.values[f]) {
			codes = append(codes, c.code)
		}
	}
	for name, broken := range fieldRules {
		if broken(b, r) {
			codes = append(codes, b.rules[name].Code)
		}
	}
	return b.accrual(r, codes)
}

// fieldRules are the contract's rules over several fields of one risk, by their keys. Each says whether it is broken; a field
// that is broken by itself breaks no rule beside.
var fieldRules = map[string]func(*rulebook, *risk) bool{
	"flight-number-format": func(b *rulebook, r *risk) bool {
		number := r.values[flightNumber]
		return !r.isTravel() && number.kind == '"' && !b.rules["flight-number-format"].pattern.MatchString(number.text())
	},
	"travel-start":  func(_ *rulebook, r *risk) bool { return r.isTravel() && r.values[startInsurancePeriod].absent() },
	"travel-finish": func(_ *rulebook, r *risk) bool { return r.isTravel() && r.values[finishInsurancePeriod].absent() },
	"period-order": func(b *rulebook, r *risk) bool {
		layout := b.checks[startInsurancePeriod].layout
		start, err1 := parseDate(layout, r.values[startInsurancePeriod].text())
		finish, err2 := parseDate(layout, r.values[finishInsurancePeriod].text())
		return err1 == nil && err2 == nil && finish.Before(start)
	},
	"cancel-sum-limit": func(b *rulebook, r *risk) bool {
		return b.sound(r, cancelSum) && b.sound(r, insuranceSum) && r.values[cancelSum].exact().GreaterThan(r.values[insuranceSum].exact())
	},
}

// sound says whether a field of the risk is good by itself.
func (b *rulebook) sound(r *risk, f field) bool { return b.checks[f].keeps(r.values[f]) }

// isTravel says whether productType is 2; absent and 0 are the default, 1 (contract facts B4).
func (r *risk) isTravel() bool {
	n, ok := r.values[productType].number()
	return ok && n == 2
}

// accrual adds the codes of the amounts that are missing for a complete pair (the contract's rule accrual-pair).
func (b *rulebook) accrual(r *risk, codes []string) []string {
	sums, percents := []field{firstCountSum, repeatedCountSum}, []field{firstCountPercent, repeatedCountPercent}
	filled := func(f field) bool { return r.values[f].filled() }
	present := func(f field) bool { return !r.values[f].absent() }
	pair, there := percents, present
	if filled(firstCountSum) || filled(repeatedCountSum) {
		pair, there = sums, filled
		if present(firstCountPercent) && present(repeatedCountPercent) {
			return codes
		}
	}
	for _, f := range pair {
		if !there(f) {
			codes = append(codes, b.checks[f].code)
		}
	}
	return codes
}

// inOrder puts codes into the catalogue's order, each once.
func (b *rulebook) inOrder(codes []string) []string {
	slices.SortFunc(codes, func(x, y string) int { return slices.Index(b.codes, x) - slices.Index(b.codes, y) })
	return slices.Compact(codes)
}
