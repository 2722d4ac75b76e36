package osago

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"poligon/internal/dice"
)

// application is what the price and the documents depend on: taken from the request that started the calculation, or drawn for one that was
// started by a look. It is kept as JSON in the calculation's log.
type application struct {
	Category  string   `json:"c"`           // of the vehicle, A to E
	Power     float64  `json:"p"`           // hp
	Region    string   `json:"r,omitempty"` // first two digits of the owner's КЛАДР code; empty when not given
	Unlimited bool     `json:"u,omitempty"`
	Drivers   []driver `json:"d,omitempty"`
	NoCross   bool     `json:"x,omitempty"` // whether cross-sales are not allowed

	Returns returns `json:"k,omitzero"` // where the customer goes after payment

	// What only documents show; makeUp draws it.
	Start   time.Time `json:"t,omitzero"` // of the insurance
	Insurer person    `json:"i,omitzero"`
	Owner   person    `json:"o,omitzero"`
	Vehicle vehicle   `json:"v,omitzero"`
}

// person is one of whom documents tell.
type person struct {
	Name string    `json:"n,omitempty"` // last, first and middle
	Born time.Time `json:"b,omitzero"`
}

// vehicle is what documents tell of it beside its category and its power.
type vehicle struct {
	Brand string `json:"b,omitempty"`
	Model string `json:"m,omitempty"`
	Plate string `json:"p,omitempty"`
	VIN   string `json:"v,omitempty"` // or the number of its body or chassis
	Year  int    `json:"y,omitempty"`
}

// driver is one of those who may drive. Of a foreign licence only what the price needs is kept.
type driver struct {
	Series  string    `json:"s,omitempty"`
	Number  string    `json:"n,omitempty"`
	Born    time.Time `json:"b"`
	Drives  time.Time `json:"l"` // since; zero when not given
	Foreign bool      `json:"f,omitempty"`
	Name    string    `json:"w,omitempty"`
}

// drawApplication makes up what a calculation that was started by a look would have asked: a car with one driver.
func drawApplication(d dice.Dice, id uuid.UUID, now time.Time) application {
	key := id.String()
	of := func(what string) dice.Die { return d.Of(Name, key, "application", what) }
	age := of("age").Between(20, 65)
	return application{
		Category: "B",
		Power:    float64(dice.Pick(of("power"), []int{75, 87, 98, 106, 123, 136, 150, 184, 249})),
		Region:   dice.Pick(of("region"), []string{"77", "78", "50", "16", "23", "54", "66"}),
		Drivers: []driver{{
			Series: fmt.Sprintf("%02d%02d", of("licence region").Between(1, 99), of("licence year").Between(10, 35)),
			Number: fmt.Sprintf("%06d", of("licence number").IntN(1_000_000)),
			Born:   now.AddDate(-age, -of("month").IntN(12), 0),
			Drives: now.AddDate(-of("experience").IntN(age-17), 0, 0),
		}},
	}
}
