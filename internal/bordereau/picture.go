package bordereau

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"poligon/internal/dice"
	"poligon/internal/partner"
	"poligon/internal/picture"
	"poligon/internal/scenario"
)

// exampleSize is how many records a picture shows: enough for every third and every seventh to meet.
const exampleSize = 21

// exampleRisk is a good record but for its number. Its flight is one that a timetable hardly lists.
const exampleRisk = `{"firstName":"Иван","lastName":"Примеров","birthdate":"01.02.1990","phoneNumber":"+79000000000","flightNumber":"ZZ-9%03d","departureDate":"2026-04-09 20:00 +03:00",` +
	`"policyNumber":"EXAMPLE-%d","currency":"RUB","insuranceSum":12000,"delayTimeHours":3,"firstCountHours":3,"repeatedCountHours":1,` +
	`"firstCountPercent":50,"repeatedCountPercent":10,"paymentType":2}`

// Picture implements partner.API: what becomes of a request of records that are good by themselves, judged as an import judges them.
func (a *API) Picture(given any, v partner.View) (picture.Picture, error) {
	if v.Story != "" {
		return picture.Picture{}, fmt.Errorf("%w %q of %s: it has one story alone, without a name", partner.ErrUnknownStory, v.Story, Name)
	}
	s := given.(*script)
	body, risks := exampleRequest()
	j := judge{book: a.book, run: &partner.Run{Dice: dice.New(v.Seed)}}
	strip := &picture.Strip{Label: fmt.Sprintf("an import of %d good records", len(risks)), Rules: a.book.ruleWords(s)}
	whole := ""
	if no, ok := j.refusedBy(s, request{body: body, risks: risks}); ok {
		whole = s.requests[no].code + ", the request as a whole"
	}
	for i := range risks {
		cell := picture.Cell{Text: strconv.Itoa(i + 1), Kind: picture.Good, Detail: whole}
		if whole == "" {
			var codes []string
			for _, f := range a.book.inOrder(j.judged(s, i+1, &risks[i], &scenario.Scenario{}).flaws) {
				codes = append(codes, f.code)
			}
			cell.Detail = strings.Join(codes, ", ")
		}
		if cell.Detail != "" {
			cell.Kind = picture.Bad
		}
		strip.Cells = append(strip.Cells, cell)
	}
	return picture.Picture{Strip: strip, Notes: s.pictureNotes(v)}, nil
}

// exampleRequest is a request of good records, each of a policy and a flight of its own.
func exampleRequest() (body []byte, risks []risk) {
	items := make([]string, exampleSize)
	for i := range items {
		items[i] = fmt.Sprintf(exampleRisk, i+1, i+1)
	}
	body = []byte(`{"risks":[` + strings.Join(items, ",") + `]}`)
	risks, _ = readRisks(body)
	return body, risks
}

// pictureNotes say what was drawn, and what good records of no partner in particular cannot show.
func (s *script) pictureNotes(v partner.View) (notes []string) {
	drawn := slices.ContainsFunc(s.records, func(p plan) bool { return p.share > 0 }) ||
		slices.ContainsFunc(s.requests, func(p requestPlan) bool { return p.share > 0 })
	if drawn {
		notes = append(notes, fmt.Sprintf("drawn by seed %d for policies EXAMPLE-1 to EXAMPLE-%d", v.Seed, exampleSize))
	}
	if slices.ContainsFunc(s.records, func(p plan) bool { return p.where != nil }) || len(s.flights.all()) > 0 ||
		slices.ContainsFunc(s.requests, func(p requestPlan) bool { return p.where != nil || p.partner != nil }) {
		notes = append(notes, fmt.Sprintf("the records shown: policies EXAMPLE-1 to EXAMPLE-%d on flights ZZ-9001 to ZZ-9%03d, lastName Примеров, of no partner in particular", exampleSize, exampleSize))
	}
	return notes
}

// ruleWords are all that the section says, a line each: flights, requests, records.
func (b *rulebook) ruleWords(s *script) (list []string) {
	for _, f := range s.flights.all() {
		list = append(list, b.flightWords(f)...)
	}
	for i := range s.requests {
		list = append(list, s.requests[i].sentence())
	}
	for i := range s.records {
		list = append(list, s.records[i].sentence())
	}
	if !slices.Equal(s.key, []field{policyNumber, flightNumber}) {
		var names []string
		for _, f := range s.key {
			names = append(names, fieldNames[f])
		}
		list = append(list, "risks are the same one by "+strings.Join(names, ", "))
	}
	if len(s.records) == 0 && len(s.requests) == 0 {
		list = append(list, "any other good record is imported")
		if len(list) == 1 {
			list[0] = "every good record is imported"
		}
	}
	return list
}

// flightWords are what is said of a flight.
func (b *rulebook) flightWords(f *flight) (list []string) {
	name := "flight " + f.key
	if strings.HasSuffix(f.key, "*") {
		name = "flights " + f.key
	}
	switch {
	case f.unknown:
		return []string{name + ", unknown: " + b.rules[ruleKnownFlight].Code}
	case f.cancelled:
		return []string{name + ", cancelled: " + b.rules[ruleFlightStatus].Code}
	}
	var at, off []string
	for _, d := range f.departures {
		if d.daily {
			at = append(at, d.at.Format(dailyLayout)+" daily")
		} else {
			at = append(at, d.at.Format(datedLayout))
		}
	}
	for _, d := range f.daysOff {
		off = append(off, d.day)
	}
	if len(at) > 0 {
		list = append(list, fmt.Sprintf("%s, another departure than %s: %s", name, strings.Join(at, " or "), b.rules[ruleDepartureTime].Code))
	}
	if len(off) > 0 {
		list = append(list, fmt.Sprintf("%s, cancelled on %s: %s", name, strings.Join(off, " and "), b.rules[ruleFlightStatus].Code))
	}
	return list
}

// sentence is a request's plan as a person says it.
func (p *requestPlan) sentence() string {
	text := "requests"
	switch {
	case p.share > 0:
		text = percent(p.share) + " of requests"
	case p.moreThan < 0 && p.partner == nil && p.where == nil:
		text = "every request"
	}
	if p.moreThan >= 0 {
		text += fmt.Sprintf(" of more than %d records", p.moreThan)
	}
	if p.partner != nil {
		text += " of partner " + valueWords(p.partner.node)
	}
	if p.where != nil {
		text += " with a record where " + whereWords(p.where)
	}
	return fmt.Sprintf("%s: %d %s", text, statuses[p.code], p.code)
}

// sentence is a record's plan as a person says it.
func (p *plan) sentence() string {
	text := "records"
	switch at := p.positions; {
	case len(at) == 1 && at[0].low == at[0].high:
		text = "record " + at[0].String()
	case at != nil:
		var places []string
		for _, s := range at {
			places = append(places, s.String())
		}
		text = "records " + strings.Join(places, ", ")
	case p.every > 0:
		text = "every " + ordinal(p.every) + " record"
	case p.share == 0 && p.where == nil:
		text = "every record"
	}
	if p.every > 0 && p.positions != nil {
		text += ", every " + ordinal(p.every) + " of the request"
	}
	if p.share > 0 {
		text = percent(p.share) + " of " + text
	}
	if p.where != nil {
		text += " where " + whereWords(p.where)
	}
	return text + ": " + strings.Join(p.codes, ", ")
}

func whereWords(list []condition) string {
	var texts []string
	for i := range list {
		texts = append(texts, fieldNames[list[i].field]+" is "+valueWords(list[i].node))
	}
	return strings.Join(texts, " and ")
}

// valueWords is a value, or one of several, as the file has them.
func valueWords(n scenario.Node) string {
	if !n.IsList() {
		return n.PlainText()
	}
	var list []string
	for _, item := range n.List() {
		list = append(list, item.PlainText())
	}
	return strings.Join(list, " or ")
}

func percent(share int) string { return strconv.FormatFloat(float64(share)/100, 'f', -1, 64) + "%" }

// ordinal is a number as in 3rd.
func ordinal(n int) string {
	end := "th"
	if teens := n % 100; teens < 11 || teens > 13 {
		switch n % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return strconv.Itoa(n) + end
}
