package generate

import (
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Calculation is the body of POST /osago/calculate: CalculationRequest of the contract openapi/osago (contract facts A5).
type Calculation struct {
	ProductType    string      `json:"product_type"`
	Partner        string      `json:"partner"`
	RequestID      string      `json:"request_id"` // UUID
	IsCrossAllowed bool        `json:"is_cross_allowed"`
	Purpose        string      `json:"purpose"`
	PolicyStart    string      `json:"policy_start_date"` // RFC 3339
	Vehicle        VehicleInfo `json:"vehicle"`
	Drivers        DriversInfo `json:"drivers_info"`
	Owner          PersonInfo  `json:"owner"`
	Insurer        PersonInfo  `json:"insurer"`
	ReturnURLs     ReturnURLs  `json:"return_urls"`
}

// DriversInfo is who will drive.
type DriversInfo struct {
	Unlimited bool         `json:"is_unlimited_drivers"`
	Drivers   []PersonInfo `json:"drivers"`
}

// ReturnURLs are where the customer is sent after payment. The host is reserved for tests (RFC 2606).
type ReturnURLs struct {
	Success string `json:"success_url"`
	Failure string `json:"failure_url"`
}

// Application is what a calculation is wished to be.
type Application struct {
	Seed      uint64
	Date      time.Time // a day: what is said of people and papers holds on it, and the policy begins on it or within a month
	Drivers   int       // how many are named; the first is the owner
	Unlimited bool      // anybody may drive
	Category  string    // of the vehicle: one of Categories
}

// requestID is drawn by all that the calculation is wished to be: the simulator, as the partner, refuses another body under an id
// that is taken.
func (a Application) requestID(d draws) string {
	return uuid.UUID(d.of("request").of(a.Category).of(iso(a.Date)).at(strconv.FormatBool(a.Unlimited), a.Drivers).die("id").UUID()).String()
}

// leastAge is from which age on a vehicle of a category may be driven.
func leastAge(category string) int {
	if category == "D" {
		return 21
	}
	return 18
}

// Calculation makes the i-th calculation. Whoever insures is the owner, or, more seldom, somebody of the household.
func (a Application) Calculation(i int) Calculation {
	d := newDraws(a.Seed, "generate", "calculation").at("record", i)
	home, least := pick(d, "region", regions()), leastAge(a.Category)
	owner := d.of("owner").adult(home, a.Date, least, 72)
	c := Calculation{ProductType: "osago", Partner: "yandex", RequestID: a.requestID(d),
		IsCrossAllowed: d.chance("cross", 60), Purpose: "personal",
		PolicyStart: d.day("start", a.Date, a.Date.AddDate(0, 0, 30)).Format(time.RFC3339),
		Vehicle:     d.of("vehicle").vehicle(a.Category, owner),
		Drivers:     DriversInfo{Unlimited: a.Unlimited, Drivers: []PersonInfo{}},
		ReturnURLs:  ReturnURLs{"https://shop.example.test/osago/success", "https://shop.example.test/osago/failure"}}
	if d.chance("taxi", 4) {
		c.Purpose = "taxi"
	}
	c.Owner = d.of("owner").person(owner)
	d.of("owner").drive(&c.Owner, owner, least)
	c.Insurer = c.Owner
	if d.chance("another insures", 15) {
		spouse := d.of("insurer").relative(owner, 18)
		c.Insurer = d.of("insurer").person(spouse)
	}
	for n := range a.Drivers {
		if n == 0 {
			c.Drivers.Drivers = append(c.Drivers.Drivers, c.Owner)
			continue
		}
		of := d.at("driver", n)
		r := of.relative(owner, least)
		driver := of.person(r)
		of.drive(&driver, r, least)
		c.Drivers.Drivers = append(c.Drivers.Drivers, driver)
	}
	return c
}
