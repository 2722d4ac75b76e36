package generate

import (
	"fmt"
	"time"
)

// Fields are the fields of a risk in the order of the partner's page (contract facts B2), which is that of a CSV's columns.
func Fields() []string {
	return []string{"firstName", "lastName", "middleName", "birthdate", "phoneNumber", "flightNumber", "departureDate", "policyNumber",
		"currency", "insuranceSum", "limitSumPerFlight", "delayTimeHours", "firstCountHours", "repeatedCountHours", "firstCountPercent",
		"repeatedCountPercent", "firstCountSum", "repeatedCountSum", "paymentType", "ignoreDepartureTime", "override", "productType",
		"startInsurancePeriod", "finishInsurancePeriod", "cancelSum"}
}

// Risk is a record of a bordereau.
type Risk struct {
	// Fault is the error code that the record was made wrong for; empty for a good one.
	Fault string

	values map[string]any // by field: texts, whole numbers and flags. A field that is not there is absent
	text   string         // what stands there instead of an object, unless it is empty

	flight flight
	date   time.Time // of departure, at the airport
}

// Products.
const (
	Delay  = 1 // flight delay
	Travel = 2 // travel, with a period of insurance
)

// days is over how many days from the first the departures are spread.
const days = 30

// terms are what an insurance pays, as several that are on the market do (contract facts B4).
type terms struct {
	sum, delay, first, repeated int // roubles; hours behind schedule
	percents                    [2]int
	sums                        [2]int // roubles; instead of percents when not 0
	limit, cancel               int    // roubles; absent when 0
}

func allTerms() []terms {
	return []terms{
		{12000, 2, 2, 1, [2]int{10, 30}, [2]int{}, 0, 0},
		{15000, 3, 3, 1, [2]int{20, 10}, [2]int{}, 15000, 5000},
		{30000, 2, 2, 1, [2]int{10, 5}, [2]int{}, 20000, 0},
		{20000, 4, 4, 2, [2]int{25, 25}, [2]int{}, 0, 10000},
		{15000, 2, 2, 1, [2]int{}, [2]int{5000, 1000}, 0, 5000},
		{9000, 3, 3, 3, [2]int{}, [2]int{3000, 1500}, 9000, 0},
		{50000, 3, 3, 1, [2]int{}, [2]int{4000, 2000}, 25000, 7500},
	}
}

// good makes the i-th record as it is when nothing is wrong with it.
func (b Bordereau) good(i int) Risk {
	d := newDraws(b.Seed, "generate", "bordereau").at("record", i)
	name := d.of("person").name(d.chance("female", 48))
	r := Risk{flight: pick(d, "flight", timetable()), date: b.Date.AddDate(0, 0, d.between("day", 0, days-1))}
	born := b.Date.AddDate(-d.between("age", 2, 78), 0, -d.between("birthday", 0, 364))
	t := pick(d, "terms", allTerms())
	r.values = map[string]any{"firstName": name.First, "lastName": name.Last, "middleName": name.Middle, "birthdate": born.Format("02.01.2006"),
		"phoneNumber": "+" + d.phone(), "flightNumber": r.flight.number, "departureDate": r.flight.on(r.date), "policyNumber": b.policy(i),
		"currency": "RUB", "insuranceSum": t.sum, "delayTimeHours": t.delay, "firstCountHours": t.first, "repeatedCountHours": t.repeated,
		"paymentType": d.between("payment", 1, 2), "productType": b.Product}
	if d.chance("no patronymic", 3) {
		delete(r.values, "middleName")
	}
	r.pays(t)
	for name, sum := range map[string]int{"limitSumPerFlight": t.limit, "cancelSum": t.cancel} {
		if sum > 0 {
			r.values[name] = sum
		}
	}
	if d.chance("time unknown", 5) {
		r.values["ignoreDepartureTime"] = true
	}
	if b.Product == Travel {
		r.values["startInsurancePeriod"] = iso(r.date.AddDate(0, 0, -d.between("before", 0, 2)))
		r.values["finishInsurancePeriod"] = iso(r.date.AddDate(0, 0, d.between("after", 3, 21)))
	}
	return r
}

// pays gives the record the pair of percents, or the pair of sums.
func (r *Risk) pays(t terms) {
	pair, values := [2]string{"firstCountPercent", "repeatedCountPercent"}, t.percents
	if t.sums[0] > 0 {
		pair, values = [2]string{"firstCountSum", "repeatedCountSum"}, t.sums
	}
	for i, name := range pair {
		r.values[name] = values[i]
	}
}

// paysIn changes the record to percents, or to sums, if it has the others.
func (r *Risk) paysIn(sums bool) {
	for _, name := range [...]string{"firstCountPercent", "repeatedCountPercent", "firstCountSum", "repeatedCountSum"} {
		delete(r.values, name)
	}
	t := terms{percents: [2]int{10, 30}}
	if sums {
		t.sums = [2]int{3000, 1000}
	}
	r.pays(t)
}

// policy is the number of the i-th record's policy. The seed and the date are in it, so another bordereau repeats none of this one.
func (b Bordereau) policy(i int) string {
	prefix := "FD"
	if b.Product == Travel {
		prefix = "TR"
	}
	return fmt.Sprintf("%s-%s-%06d", prefix, newDraws(b.Seed, "generate", "bordereau", "policies", iso(b.Date)).digits("series", 6), i+1)
}

// clone is a copy that shares nothing.
func (r Risk) clone() Risk {
	values := make(map[string]any, len(r.values))
	for name, value := range r.values {
		values[name] = value
	}
	r.values = values
	return r
}
