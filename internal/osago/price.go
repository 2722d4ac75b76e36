package osago

import (
	"math"
	"time"

	"github.com/shopspring/decimal"

	"poligon/internal/dice"
	"poligon/internal/scenario"
)

// coefficients are what a premium is multiplied from, under the names of the documents (contract facts A6). Only the steps of
// km are documented; the others are chosen to be plausible and the same for the same seed and application.
type coefficients struct {
	tb, kt, kbm, kvs, ks, kp, km, kn, ko, kpr decimal.Decimal
}

// coefficient is one of them.
type coefficient struct {
	name  string
	value *decimal.Decimal
}

// list are the coefficients in the order of the documents.
func (c *coefficients) list() [10]coefficient {
	return [...]coefficient{{"tb", &c.tb}, {"kt", &c.kt}, {"kbm", &c.kbm}, {"kvs", &c.kvs}, {"ks", &c.ks}, {"kp", &c.kp}, {"km", &c.km},
		{"kn", &c.kn}, {"ko", &c.ko}, {"kpr", &c.kpr}}
}

// premium is the product of the coefficients, computed exactly and then rounded half up to kopecks.
func (c *coefficients) premium() decimal.Decimal {
	p := decimal.New(1, 0)
	for _, k := range c.list() {
		p = p.Mul(*k.value)
	}
	return p.Round(2)
}

// price is an insurer's premium.
func price(d dice.Dice, by maker, a application, now time.Time) decimal.Decimal {
	c := rates(d, by, a, now)
	return c.premium()
}

// rates are the coefficients of an insurer's policy. Where drivers differ it has the highest kbm and the highest kvs of them, each by
// itself, even when they are of two drivers (general: the rule of the tariffs; the documents of the API do not say).
func rates(d dice.Dice, by maker, a application, now time.Time) coefficients {
	c := vehicleCoefficients(d, by, a)
	for i, each := range a.driverCoefficients(d, by, now) {
		if i == 0 || each.kbm.GreaterThan(c.kbm) {
			c.kbm = each.kbm
		}
		if i == 0 || each.kvs.GreaterThan(c.kvs) {
			c.kvs = each.kvs
		}
	}
	by.state(&c)
	return c
}

// driverCoefficients are the coefficients of each driver who is named, in order: with the driver's own kbm and kvs, or those of
// anybody where anybody may drive (the documents' sample names a driver beside ko 2.32).
func (a application) driverCoefficients(d dice.Dice, by maker, now time.Time) []coefficients {
	list := make([]coefficients, len(a.Drivers))
	for i, dr := range a.Drivers {
		c := vehicleCoefficients(d, by, a)
		if !a.Unlimited {
			c.kbm = hundredths(dice.Pick(d.Of(Name, "kbm", dr.Series, dr.Number), kbmClasses))
			c.kvs = hundredths(experience(years(dr.Born, now), years(dr.Drives, now)))
		}
		by.state(&c)
		list[i] = c
	}
	return list
}

// unlimited is ko in hundredths where anybody may drive (contract facts A6: the sample's).
const unlimited = 232

// vehicleCoefficients are the coefficients that no driver changes; kbm and kvs are as for a policy that lets anybody drive.
func vehicleCoefficients(d dice.Dice, by maker, a application) coefficients {
	one := hundredths(100)
	c := coefficients{tb: tariff(d, by.insurer, a.Category), kt: territory(d, a.Region), kbm: hundredths(kbmClasses[0]), kvs: one, ks: one, kp: one,
		km: hundredths(power(a.Category, a.Power)), kn: one, ko: one, kpr: one}
	if a.Unlimited {
		c.ko = hundredths(unlimited)
	}
	return c
}

// maker is who makes an offer, as its price depends on it.
type maker struct {
	insurer string
	stated  map[string]decimal.Decimal // coefficients that the scenario states, by name
}

// shownBy is whose coefficients the drivers show, as there is one list of them for all offers (inferred): the first offer's that shows
// a price which they multiply to; before there is one, the first's that will.
func (c *calculation) shownBy() maker {
	var first *offer
	for i := range c.story.offers {
		o := &c.story.offers[i]
		if o.price == "" && c.showsPrice(i) {
			return o.maker()
		}
		if first == nil || first.price != "" && o.price == "" {
			first = o
		}
	}
	if first == nil {
		return maker{insurer: c.story.partner.name}
	}
	return first.maker()
}

// priceWords say how the price that an offer shows comes about; empty while it shows none.
func (c *calculation) priceWords(i int) string {
	app, err := c.application()
	if err != nil || !c.showsPrice(i) {
		return ""
	}
	o := &c.story.offers[i]
	premium, price := o.premium(c, app), c.priceOf(i, app)
	text, options := "", price.Sub(premium)
	if o.price == "" || !options.IsZero() {
		text = price.String() + " = "
	}
	if o.price != "" {
		text += premium.String() + " as the scenario states"
	} else {
		k := rates(c.dice, o.maker(), app, c.started)
		for n, each := range k.list() {
			if n > 0 {
				text += " × "
			}
			text += each.name + " " + each.value.String()
		}
	}
	if !options.IsZero() {
		text += " + chosen options " + options.String()
	}
	return text
}

func (o *offer) maker() maker { return maker{o.insurer.name, o.stated} }

// state puts what the scenario states in the place of what was computed.
func (m maker) state(c *coefficients) {
	if len(m.stated) == 0 {
		return
	}
	for _, each := range c.list() {
		if stated, ok := m.stated[each.name]; ok {
			*each.value = stated
		}
	}
}

// readCoefficients reads the coefficients that a scenario states.
func readCoefficients(n scenario.Node) map[string]decimal.Decimal {
	stated, m := map[string]decimal.Decimal{}, n.Map()
	for _, c := range []struct{ name, doc string }{
		{"tb", "base tariff in roubles"}, {"kt", "territory"}, {"kbm", "bonus-malus"}, {"kvs", "age and experience"}, {"ks", "season"},
		{"kp", "term of the contract"}, {"km", "engine power"}, {"kn", "violations"}, {"ko", "limit on the number of drivers"},
		{"kpr", "vehicle category"},
	} {
		if v, ok := m.Take(c.name, c.doc); ok {
			stated[c.name] = decimal.RequireFromString(v.Decimal())
		}
	}
	if m.Done() && n.IsMap() && len(stated) == 0 {
		n.Mistake("state one, as in {kbm: 1.17}, or remove the key", "no coefficient is stated")
	}
	return stated
}

// kbmClasses are the values of the bonus-malus coefficient without the heaviest penalties, in hundredths (contract facts A18,
// general: 0.46 to 3.92, beginners have 1.17).
var kbmClasses = []int{117, 100, 91, 83, 78, 74, 68, 63, 57, 52, 46}

// step is a coefficient in hundredths for what is at most so much.
type step struct {
	most  float64
	value int
}

// upTo is the value of the first step that is high enough.
func upTo(steps []step, n float64) int {
	for _, s := range steps {
		if n <= s.most {
			return s.value
		}
	}
	return steps[len(steps)-1].value
}

// powerSteps are km by engine power in hp for category B (contract facts A18, documented).
var powerSteps = []step{{50, 60}, {70, 100}, {100, 110}, {120, 120}, {150, 140}, {math.Inf(1), 160}}

// power is km in hundredths by engine power in hp; 1 for other categories than B (contract facts A18, general).
func power(category string, hp float64) int {
	if category != "" && category != "B" {
		return 100
	}
	return upTo(powerSteps, hp)
}

// youngest and others are kvs by full years of driving, of drivers to 21 years of age and of those from 22 on (inferred, within the
// 0.83 to 2.27 of contract facts A18).
var (
	youngest = []step{{0, 227}, {2, 192}, {math.Inf(1), 165}}
	others   = []step{{2, 165}, {6, 104}, {14, 95}, {math.Inf(1), 83}}
)

// grown is the age from which a driver is one of the others.
const grown = 22

// experience is kvs in hundredths by age and years of driving.
func experience(age, driving int) int {
	if age < grown {
		return upTo(youngest, float64(driving))
	}
	return upTo(others, float64(driving))
}

// corridor are the bounds between which a seed decides.
type corridor struct{ least, most int }

func (c corridor) pick(die dice.Die) int64 { return int64(die.Between(c.least, c.most)) }

// regions are kt in hundredths of all regions but two.
func regions() corridor { return corridor{64, 188} }

// territory is kt by the region's code (inferred; 1.8 is the documents' sample).
func territory(d dice.Dice, region string) decimal.Decimal {
	switch region {
	case "", "77":
		return hundredths(180)
	case "78":
		return hundredths(164)
	}
	return decimal.New(regions().pick(d.Of(Name, "kt", region)), -2)
}

// tariffs are the corridors of the base tariff in roubles, by the vehicle's category (inferred; 6896 is the documents' sample for a car).
func tariffs(category string) corridor {
	switch category {
	case "", "B":
		return corridor{4500, 7400}
	case "A":
		return corridor{700, 1500}
	}
	return corridor{3500, 9000}
}

// tariff is an insurer's base tariff in roubles.
func tariff(d dice.Dice, insurer, category string) decimal.Decimal {
	return decimal.New(tariffs(category).pick(d.Of(Name, "tb", insurer, category)), 0)
}

func hundredths(n int) decimal.Decimal { return decimal.New(int64(n), -2) }

// years are the full years from one instant to another, 0 when the first is not known or later.
func years(from, to time.Time) int {
	if from.IsZero() || from.After(to) {
		return 0
	}
	n := to.Year() - from.Year()
	if from.AddDate(n, 0, 0).After(to) {
		n--
	}
	return n
}
