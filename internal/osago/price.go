package osago

import (
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

// premium is the product of the coefficients, rounded half up to kopecks.
func (c coefficients) premium() decimal.Decimal {
	p := c.tb
	for _, k := range []decimal.Decimal{c.kt, c.kbm, c.kvs, c.ks, c.kp, c.km, c.kn, c.ko, c.kpr} {
		p = p.Mul(k)
	}
	return p.Round(2)
}

// price is an insurer's premium.
func price(d dice.Dice, by maker, a application, now time.Time) decimal.Decimal {
	return rates(d, by, a, now).premium()
}

// rates are the coefficients of an application, with those of its dearest driver where drivers differ.
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

// driverCoefficients are the coefficients of each driver, in order; none when anybody may drive.
func (a application) driverCoefficients(d dice.Dice, by maker, now time.Time) []coefficients {
	if a.Unlimited {
		return nil
	}
	list := make([]coefficients, len(a.Drivers))
	for i, dr := range a.Drivers {
		c := vehicleCoefficients(d, by, a)
		c.kbm = hundredths(dice.Pick(d.Of(Name, "kbm", dr.Series, dr.Number), kbmClasses))
		c.kvs = hundredths(experience(years(dr.Born, now), years(dr.Drives, now)))
		by.state(&c)
		list[i] = c
	}
	return list
}

// vehicleCoefficients are the coefficients that no driver changes; kbm and kvs are as for a policy that lets anybody drive.
func vehicleCoefficients(d dice.Dice, by maker, a application) coefficients {
	one := hundredths(100)
	c := coefficients{tb: tariff(d, by.insurer, a.Category), kt: territory(d, a.Region), kbm: hundredths(117), kvs: one, ks: one, kp: one,
		km: hundredths(power(a.Category, a.Power)), kn: one, ko: one, kpr: one}
	if a.Unlimited {
		c.ko = hundredths(232)
	}
	return c
}

// maker is who makes an offer, as its price depends on it.
type maker struct {
	insurer string
	stated  map[string]decimal.Decimal // coefficients that the scenario states, by name
}

func (o *offer) maker() maker { return maker{o.insurer.name, o.stated} }

// named are the coefficients by their names in the documents.
func (c *coefficients) named() map[string]*decimal.Decimal {
	return map[string]*decimal.Decimal{"tb": &c.tb, "kt": &c.kt, "kbm": &c.kbm, "kvs": &c.kvs, "ks": &c.ks, "kp": &c.kp, "km": &c.km,
		"kn": &c.kn, "ko": &c.ko, "kpr": &c.kpr}
}

// state puts what the scenario states in the place of what was computed.
func (m maker) state(c *coefficients) {
	if len(m.stated) == 0 {
		return
	}
	named := c.named()
	for name, value := range m.stated {
		*named[name] = value
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

// power is km in hundredths by engine power in hp (contract facts A18, documented for category B; 1 for the others).
func power(category string, hp float64) int {
	switch {
	case category != "" && category != "B":
		return 100
	case hp <= 50:
		return 60
	case hp <= 70:
		return 100
	case hp <= 100:
		return 110
	case hp <= 120:
		return 120
	case hp <= 150:
		return 140
	}
	return 160
}

// experience is kvs in hundredths by age and years of driving (inferred, within the 0.83 to 2.27 of contract facts A18).
func experience(age, driving int) int {
	young, skilled := age < 22, driving >= 3
	switch {
	case young && driving < 1:
		return 227
	case young && !skilled:
		return 192
	case young:
		return 165
	case !skilled:
		return 165
	case driving < 7:
		return 104
	case driving < 15:
		return 95
	}
	return 83
}

// territory is kt by the region's code (inferred; 1.8 is the documents' sample).
func territory(d dice.Dice, region string) decimal.Decimal {
	switch region {
	case "", "77":
		return hundredths(180)
	case "78":
		return hundredths(164)
	}
	return hundredths(d.Of(Name, "kt", region).Between(64, 188))
}

// tariff is an insurer's base tariff in roubles (inferred; 6896 is the documents' sample for a car).
func tariff(d dice.Dice, insurer, category string) decimal.Decimal {
	die := d.Of(Name, "tb", insurer, category)
	switch category {
	case "", "B":
		return decimal.New(int64(die.Between(4500, 7400)), 0)
	case "A":
		return decimal.New(int64(die.Between(700, 1500)), 0)
	}
	return decimal.New(int64(die.Between(3500, 9000)), 0)
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
