package osago

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"poligon/internal/dice"
	"poligon/internal/document"
	"poligon/internal/scenario"
)

// papers say when an offer's documents are ready.
type papers struct {
	draft  time.Duration // after the offer first had a price; never when it never is
	policy time.Duration // after the offer was paid; never when it never is
}

// readPapers reads the key of an offer that says when its documents are ready. The times otherwise are inferred: a client asks every
// five seconds (contract facts A3), so that it waits once for a draft and twice for a policy.
func readPapers(m *scenario.Map) papers {
	p := papers{draft: 5 * time.Second, policy: 10 * time.Second}
	n, ok := m.Take("documents", "when the draft and the policy can be fetched as PDF")
	if !ok {
		return p
	}
	inner := n.Map()
	for _, f := range []struct {
		key, doc string
		to       *time.Duration
	}{
		{"draft_after", "how long after the offer first has a price the draft is ready, or never; 5s otherwise", &p.draft},
		{"policy_after", "how long after the offer is paid the policy is ready, or never; 10s otherwise", &p.policy},
	} {
		if v, ok := inner.Take(f.key, f.doc); ok {
			*f.to = readDelay(v)
		}
	}
	inner.Done()
	return p
}

func readDelay(n scenario.Node) time.Duration {
	if n.Is("never") {
		return never
	}
	d, _ := n.Duration()
	return d
}

// milestones are when an offer came to what its documents wait for. Each holds only once it happened.
type milestones struct {
	priced time.Duration // since the start of the calculation: the first status that shows a price
	paid   time.Duration // the same of a paid status, the last time that it became one
}

// paidStatuses are those of an offer with a policy.
var paidStatuses = map[OfferStatus]bool{PaymentCompleted: true, ClosedPaid: true}

// reach notes that an offer goes from one status to another.
func (m *milestones) reach(from, to OfferStatus, at time.Duration, priced bool) {
	if pricedStatuses[to] && !priced {
		m.priced = at
	}
	if paidStatuses[to] && !paidStatuses[from] {
		m.paid = at
	}
}

func (c *course) reach(i int, from, to OfferStatus, at time.Duration) {
	c.since[i].reach(from, to, at, c.priced[i])
	c.priced[i] = c.priced[i] || pricedStatuses[to]
}

// since are the milestones of an offer so far.
func (c *calculation) since(i int) (m milestones) {
	if c.life != nil {
		return c.life.since[i]
	}
	t := c.story.offers[i].track
	var was OfferStatus
	priced := false
	for _, s := range t.fixed.Steps() {
		if s.After > c.offset {
			break
		}
		status := OfferStatus(t.items[s.Value].status)
		m.reach(was, status, s.After, priced)
		was, priced = status, priced || pricedStatuses[status]
	}
	return m
}

// ready is when a document that waits so long after a milestone is ready; false when that is not yet.
func (c *calculation) ready(milestone, wait time.Duration) (time.Time, bool) {
	return c.started.Add(milestone + wait), wait != never && c.offset-milestone >= wait
}

// begins is when the insurance begins: as it was asked for, or at the next midnight where nobody asked.
func (c *calculation) begins(app application) time.Time {
	if !app.Start.IsZero() {
		return app.Start
	}
	day := c.started.UTC().AddDate(0, 0, 1)
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
}

// paper is an offer's draft, or its policy, as it was made at an instant.
func (c *calculation) paper(i int, draft bool, made time.Time) (document.Paper, error) {
	app, err := c.application()
	if err != nil {
		return document.Paper{}, err
	}
	if c.start.digest == 0 {
		app.makeUp(c.dice, c.id)
	}
	o, id := &c.story.offers[i], c.offerID(i)
	k := rates(c.dice, o.maker(), app, c.started)
	p := document.Paper{
		Draft: draft, Insurer: o.insurer.name, From: c.begins(app), Made: made, Reference: c.text + " / " + id,
		Holder: document.Person(app.Insurer), Owner: document.Person(app.Owner), Unlimited: app.Unlimited, Premium: o.premium(c, app).String(),
		Vehicle: document.Vehicle{Brand: app.Vehicle.Brand, Model: app.Vehicle.Model, Plate: app.Vehicle.Plate, VIN: app.Vehicle.VIN,
			Category: app.Category, Year: app.Vehicle.Year, Power: strconv.FormatFloat(app.Power, 'f', -1, 64)},
		Factors: []document.Factor{{Name: "ТБ", Value: k.tb.String()}, {Name: "КТ", Value: k.kt.String()}, {Name: "КБМ", Value: k.kbm.String()},
			{Name: "КВС", Value: k.kvs.String()}, {Name: "КС", Value: k.ks.String()}, {Name: "КП", Value: k.kp.String()}, {Name: "КМ", Value: k.km.String()},
			{Name: "КН", Value: k.kn.String()}, {Name: "КО", Value: k.ko.String()}, {Name: "КПР", Value: k.kpr.String()}},
	}
	if !draft {
		p.Series, p.Number = policyNumber(c, id)
	}
	if app.Unlimited {
		return p, nil // whoever is named, no driver is listed
	}
	for j, own := range app.driverCoefficients(c.dice, o.maker(), c.started) {
		d := app.Drivers[j]
		p.Drivers = append(p.Drivers, document.Driver{Person: document.Person{Name: d.Name, Born: d.Born},
			Licence: strings.TrimSpace(d.Series + " " + d.Number), Since: d.Drives, Class: own.kbm.String()})
	}
	return p, nil
}

// makeUp adds to an application that was drawn the person and the car that only documents show.
func (a *application) makeUp(d dice.Dice, id uuid.UUID) {
	key := id.String()
	of := func(what string) dice.Die { return d.Of(Name, key, "paper", what) }
	who := person{Born: a.Drivers[0].Born}
	first, father := of("first name"), dice.Pick(of("patronymic"), []string{"Иван", "Степан", "Роман", "Антон", "Борис", "Виктор", "Денис", "Леонид"})
	last := dice.Pick(of("surname"), []string{"Ежов", "Орлов", "Синицын", "Королёв", "Жуков", "Щербаков", "Фомин", "Цветков", "Юдин", "Яковлев"})
	if of("sex").IntN(2) == 0 {
		who.Name = fmt.Sprintf("%s %s %sович", last, dice.Pick(first, []string{"Пётр", "Андрей", "Семён", "Михаил", "Фёдор", "Юрий", "Егор"}), father)
	} else {
		who.Name = fmt.Sprintf("%sа %s %sовна", last, dice.Pick(first, []string{"Анна", "Ольга", "Мария", "Юлия", "Елена", "Зоя", "Ксения"}), father)
	}
	a.Insurer, a.Owner, a.Drivers[0].Name = who, who, who.Name
	a.Vehicle = drawnCar(int(a.Power))
	letter := func(what string) rune { return dice.Pick(of(what), []rune("АВЕКМНОРСТУХ")) } // ГОСТ Р 50577, contract facts A18
	a.Vehicle.Plate = fmt.Sprintf("%c%03d%c%c%s", letter("letter 1"), of("plate").Between(1, 999), letter("letter 2"), letter("letter 3"), a.Region)
	a.Vehicle.VIN += digits(of("vin").IntN(1_000_000), 6)
	a.Vehicle.Year = of("year").Between(2014, 2022)
}

// drawnCar is a car of one of the powers that drawApplication picks from, in hp, with the beginning of its VIN.
func drawnCar(power int) vehicle {
	switch power {
	case 75:
		return vehicle{Brand: "Renault", Model: "Logan", VIN: "X7LLSRB1HAH"}
	case 87, 98, 106:
		return vehicle{Brand: "LADA", Model: "Granta", VIN: "XTA219010K0"}
	case 123:
		return vehicle{Brand: "Kia", Model: "Rio", VIN: "Z94C251BBLR"}
	case 136:
		return vehicle{Brand: "Toyota", Model: "Prius", VIN: "JTDKB20U703"}
	case 150:
		return vehicle{Brand: "Skoda", Model: "Octavia", VIN: "XW8AC4NE3KH"}
	case 184:
		return vehicle{Brand: "Kia", Model: "Sportage", VIN: "XWEPH81BDK0"}
	}
	return vehicle{Brand: "Toyota", Model: "Camry", VIN: "XW7BK3FK50S"}
}
