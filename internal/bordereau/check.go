package bordereau

import "slices"

// flaw is one thing that is wrong with a risk: the code that the partner answers, and why, for the person behind the client.
type flaw struct {
	code, why string
	basis     *basis // in the contract; nil when a scenario's plan alone is behind it
	place     string // in the scenario: "bordereau.records[2]"; empty when it has no part in it
}

// flaw is the flaw of a broken rule.
func (r *rule) flaw() flaw { return flaw{code: r.Code, why: r.Text, basis: &r.basis} }

// flaws are all that is wrong with a risk in itself: not what depends on the session. They come in no order, and codes may
// repeat.
func (b *rulebook) flaws(r *risk) (list []flaw) {
	if !r.object {
		return []flaw{{code: b.format, why: "it is not a JSON object", basis: &b.noObject}}
	}
	for f := range b.checks {
		c := &b.checks[f]
		switch {
		case c.ignoredWhere != fieldCount && r.at(c.ignoredWhere).filled(), c.keeps(r.at(field(f))):
		case r.at(field(f)).absent():
			list = append(list, flaw{code: c.code, why: c.missing, basis: c.basis})
		default:
			list = append(list, flaw{code: c.code, why: c.wrong, basis: c.basis})
		}
	}
	for _, rule := range fieldRules {
		if rule.broken(b, r) {
			list = append(list, b.rules[rule.key].flaw())
		}
	}
	return b.accrual(r, list)
}

// fieldRule is one of the contract's rules over several fields of one risk, by its key.
type fieldRule struct {
	key    string
	broken func(*rulebook, *risk) bool
}

// fieldRules are the contract's rules over several fields of one risk. Each says whether it is broken; a field
// that is broken by itself breaks no rule beside.
var fieldRules = []fieldRule{
	{"flight-number-format", func(b *rulebook, r *risk) bool {
		number := r.at(flightNumber)
		return number.kind == '"' && !b.flightNumber.MatchString(number.text()) && !r.isTravel()
	}},
	{"travel-start", func(_ *rulebook, r *risk) bool { return r.isTravel() && r.at(startInsurancePeriod).absent() }},
	{"travel-finish", func(_ *rulebook, r *risk) bool { return r.isTravel() && r.at(finishInsurancePeriod).absent() }},
	{"period-order", func(b *rulebook, r *risk) bool {
		if r.at(startInsurancePeriod).absent() || r.at(finishInsurancePeriod).absent() {
			return false
		}
		layout := b.checks[startInsurancePeriod].layout
		start, err1 := parseDate(layout, r.at(startInsurancePeriod).text())
		finish, err2 := parseDate(layout, r.at(finishInsurancePeriod).text())
		return err1 == nil && err2 == nil && finish.Before(start)
	}},
	{"cancel-sum-limit", func(b *rulebook, r *risk) bool {
		return b.sound(r, cancelSum) && b.sound(r, insuranceSum) && r.at(cancelSum).exceeds(r.at(insuranceSum))
	}},
}

// sound says whether a field of the risk is good by itself.
func (b *rulebook) sound(r *risk, f field) bool { return b.checks[f].keeps(r.at(f)) }

// isTravel says whether productType is 2; absent and 0 are the default, 1 (contract facts B4).
func (r *risk) isTravel() bool {
	return r.at(productType).is(2)
}

// accrual adds the amounts that are missing for a complete pair (the contract's rule accrual-pair).
func (b *rulebook) accrual(r *risk, list []flaw) []flaw {
	sums, percents := []field{firstCountSum, repeatedCountSum}, []field{firstCountPercent, repeatedCountPercent}
	filled := func(f field) bool { return r.at(f).filled() }
	present := func(f field) bool { return !r.at(f).absent() }
	pair, there := percents, present
	if filled(firstCountSum) || filled(repeatedCountSum) {
		pair, there = sums, filled
		if present(firstCountPercent) && present(repeatedCountPercent) {
			return list
		}
	}
	for _, f := range pair {
		if !there(f) {
			list = append(list, flaw{code: b.checks[f].code, why: b.checks[f].missing, basis: &b.rules["accrual-pair"].basis})
		}
	}
	return list
}

// inOrder puts flaws into the catalogue's order, each code once.
func (b *rulebook) inOrder(list []flaw) []flaw {
	slices.SortStableFunc(list, func(x, y flaw) int { return slices.Index(b.codes, x.code) - slices.Index(b.codes, y.code) })
	return slices.CompactFunc(list, func(x, y flaw) bool { return x.code == y.code })
}
