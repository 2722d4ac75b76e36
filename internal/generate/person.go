package generate

import (
	"fmt"
	"strings"
	"time"
)

// PersonInfo is a driver, the owner, or the one who insures: PersonInfo of the contract openapi/osago (contract facts A5).
type PersonInfo struct {
	LastName        string               `json:"last_name"`
	FirstName       string               `json:"first_name"`
	MiddleName      string               `json:"middle_name"`
	BirthDate       string               `json:"birth_date"` // yyyy-MM-dd
	License         *LicenseInfo         `json:"license,omitempty"`
	PreviousLicense *PreviousLicenseInfo `json:"previous_license,omitempty"`
	Passport        PassportInfo         `json:"passport"`
	Addresses       []AddressInfo        `json:"addresses"`
	Contact         ContactInfo          `json:"contact"`
}

// LicenseInfo is a driving licence. Date is the day on which the person began to drive, so it stays when a new licence is issued.
type LicenseInfo struct {
	Series string `json:"series"` // 4 digits: the region and the year of issue
	Number string `json:"number"` // 6 digits
	Date   string `json:"date"`   // yyyy-MM-dd
}

// PreviousLicenseInfo is the licence before, and the name on it.
type PreviousLicenseInfo struct {
	LastName   string      `json:"last_name"`
	FirstName  string      `json:"first_name"`
	MiddleName string      `json:"middle_name"`
	License    LicenseInfo `json:"license"`
}

// PassportInfo is a Russian passport.
type PassportInfo struct {
	Series      string `json:"series"` // 4 digits: the region's ОКАТО and the year of printing
	Number      string `json:"number"` // 6 digits
	IssueDate   string `json:"issue_date"`
	Issuer      string `json:"issuer"`
	Subdivision string `json:"subdivision"` // ddd-ddd, begins with the region's code
}

// ContactInfo is how to reach a person. The mail domain is reserved for examples (RFC 2606).
type ContactInfo struct {
	Phone string `json:"phone"` // digits without a plus
	Email string `json:"email"`
}

// resident is somebody who lives in a region, on a day.
type resident struct {
	name  Name
	born  time.Time
	home  region
	place AddressInfo
	on    time.Time
}

// adult draws somebody of an age between two, in full years on the day.
func (d draws) adult(home region, on time.Time, youngest, oldest int) resident {
	born := on.AddDate(-d.between("age", youngest, oldest), 0, -d.between("birthday", 0, 364))
	return resident{name: d.name(d.chance("female", 48)), born: born, home: home, place: d.of("address").address(home), on: on}
}

// person is what a request says of the resident, without a licence.
func (d draws) person(r resident) PersonInfo {
	return PersonInfo{LastName: r.name.Last, FirstName: r.name.First, MiddleName: r.name.Middle, BirthDate: iso(r.born),
		Passport: d.of("passport").passport(r), Addresses: r.addresses(), Contact: d.of("contact").contact()}
}

// addresses are where the resident is registered and lives, the same place.
func (r resident) addresses() []AddressInfo {
	registration, residence := r.place, r.place
	registration.Type, residence.Type = "registration", "residence"
	return []AddressInfo{registration, residence}
}

// passport is issued at 14, 20 or 45 years of age, within the ninety days that a person has for it; one that would be older than
// today's passports was exchanged in the years in which all were.
func (d draws) passport(r resident) PassportInfo {
	birthday := r.born.AddDate(14, 0, 0)
	for _, at := range [...]int{20, 45} {
		if next := r.born.AddDate(at, 0, 0); !next.AddDate(0, 0, 90).After(r.on) {
			birthday = next
		}
	}
	issued := d.day("issued", birthday, birthday.AddDate(0, 0, 90))
	if first := day(1998, time.January, 1); issued.Before(first) {
		issued = d.day("exchanged", latest(first, birthday), day(2003, time.December, 31))
	}
	printed := issued.Year()
	if issued.Month() <= time.June && printed > 1998 && d.chance("older blank", 50) {
		printed-- // the blanks of a year are used up in the next
	}
	return PassportInfo{Series: fmt.Sprintf("%s%02d", r.home.passport, printed%100), Number: d.digits("number", 6), IssueDate: iso(issued),
		Issuer: r.home.police, Subdivision: fmt.Sprintf("%s%d-%03d", r.home.code, d.between("level", 0, 3), d.between("office", 1, 120))}
}

func (d draws) contact() ContactInfo {
	user := strings.Map(func(c rune) rune { // the library's have spaces here and there
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '.' {
			return c
		}
		return -1
	}, strings.ToLower(d.faker("mail").Username()))
	return ContactInfo{Phone: d.phone(), Email: strings.Trim(user, "._") + "@example.test"}
}

// phone is a mobile number in digits, without a plus.
func (d draws) phone() string {
	return "7" + pick(d, "prefix", mobilePrefixes()) + d.digits("phone", 7)
}

// drive gives a person a licence, from an age of least years on; one that was renewed, after ten years, has a previous one. Some
// women drove under another surname before.
func (d draws) drive(p *PersonInfo, r resident, least int) {
	began := d.day("began", r.born.AddDate(least, 0, 0), sooner(r.born.AddDate(least+14, 0, 0), r.on))
	renewed := age(began, r.on) / 10
	licence := func(nth int) LicenseInfo {
		return LicenseInfo{Series: fmt.Sprintf("%s%02d", r.home.code, began.AddDate(10*nth, 0, 0).Year()%100),
			Number: d.at("number", nth).digits("licence", 6), Date: iso(began)}
	}
	current := licence(renewed)
	p.License = &current
	if renewed == 0 {
		return
	}
	p.PreviousLicense = &PreviousLicenseInfo{LastName: p.LastName, FirstName: p.FirstName, MiddleName: p.MiddleName, License: licence(renewed - 1)}
	if r.name.Female && d.chance("married since", 35) {
		p.PreviousLicense.LastName = Surname(pick(d, "maiden name", surnames()), true)
	}
}

// relative draws somebody of the same household: the surname and the address are those of the first, the age differs.
func (d draws) relative(of resident, youngest int) resident {
	r := d.adult(of.home, of.on, youngest, 70)
	r.place, r.name.Last = of.place, Surname(of.name.family, r.name.Female)
	return r
}

// sooner is the earlier of two instants.
func sooner(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func day(year int, month time.Month, of int) time.Time {
	return time.Date(year, month, of, 0, 0, 0, 0, time.UTC)
}
