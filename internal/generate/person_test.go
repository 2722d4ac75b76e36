package generate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var mails = regexp.MustCompile(`^[a-z0-9][a-z0-9._]*@example\.test$`)

// Everything about a person holds at once: ages, papers and regions.
func TestPerson(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDraws(rapid.Uint64().Draw(t, "seed"))
		home := rapid.SampledFrom(regions()).Draw(t, "region")
		on := day(rapid.IntRange(2020, 2099).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"))
		least := rapid.SampledFrom([]int{18, 21}).Draw(t, "least age")
		r := d.adult(home, on, least, 72)
		p := d.person(r)
		d.drive(&p, r, least)
		if n := age(r.born, on); n < least || n > 72 {
			t.Errorf("born %s is %d on %s", p.BirthDate, n, iso(on))
		}
		checkPassport(t, p.Passport, r)
		checkLicence(t, p, r, least)
		if !mails.MatchString(p.Contact.Email) || !regexp.MustCompile(`^79\d{9}$`).MatchString(p.Contact.Phone) {
			t.Errorf("contact %+v", p.Contact)
		}
		for _, a := range p.Addresses {
			checkAddress(t, a, home)
		}
	})
}

func checkPassport(t *rapid.T, p PassportInfo, r resident) {
	issued, err := time.Parse(time.DateOnly, p.IssueDate)
	if err != nil || issued.After(r.on) || issued.Year() < 1998 {
		t.Errorf("passport of %s on %s: %v", p.IssueDate, iso(r.on), err)
	}
	at, now := age(r.born, issued), age(r.born, r.on)
	if at < 14 || issued.Year() > 2003 && at != 14 && at != 20 && at != 45 || now > 45 && at < 45 || now > 20 && at < 20 {
		t.Errorf("passport issued at %d to somebody of %d now", at, now)
	}
	printed, err := strconv.Atoi(p.Series[2:])
	if err != nil || p.Series[:2] != r.home.passport || printed != issued.Year()%100 && printed != (issued.Year()-1)%100 || len(p.Number) != 6 {
		t.Errorf("passport %s %s of %s in %s", p.Series, p.Number, p.IssueDate, r.home.name)
	}
	if !regexp.MustCompile(`^\d{3}-\d{3}$`).MatchString(p.Subdivision) || !strings.HasPrefix(p.Subdivision, r.home.code) {
		t.Errorf("subdivision %s in region %s", p.Subdivision, r.home.code)
	}
}

func checkLicence(t *rapid.T, p PersonInfo, r resident, least int) {
	began, err := time.Parse(time.DateOnly, p.License.Date)
	if err != nil || began.After(r.on) || age(r.born, began) < least {
		t.Errorf("born %s, drives since %s on %s: %v", p.BirthDate, p.License.Date, iso(r.on), err)
	}
	for _, l := range []LicenseInfo{*p.License} {
		if !regexp.MustCompile(`^`+r.home.code+`\d\d$`).MatchString(l.Series) || !regexp.MustCompile(`^\d{6}$`).MatchString(l.Number) {
			t.Errorf("licence %+v in region %s", l, r.home.code)
		}
	}
	if (p.PreviousLicense != nil) != (age(began, r.on) >= 10) {
		t.Errorf("drives since %s, with the previous licence %+v", p.License.Date, p.PreviousLicense)
	}
}

func checkAddress(t *rapid.T, a AddressInfo, r region) {
	for what, code := range map[string]string{"region": a.RegionK, "city": a.CityK, "street": a.StreetK, "address": a.Kladr} {
		want := map[string]int{"region": 13, "city": 13, "street": 19, "address": 19}[what]
		if len(code) != want || !strings.HasPrefix(code, r.code) {
			t.Errorf("КЛАДР of %s: %s in region %s", what, code, r.code)
		}
	}
	if !strings.HasPrefix(a.Kladr, a.StreetK[:15]) || !strings.HasPrefix(a.StreetK, a.CityK[:11]) {
		t.Errorf("КЛАДР of one address: %s %s %s", a.CityK, a.StreetK, a.Kladr)
	}
	if !slices.Contains(r.streets, a.StreetT+" "+a.Street) || a.City != r.city || !strings.Contains(a.Address, r.city) || !strings.Contains(a.Address, a.Street) {
		t.Errorf("address %s in %s", a.Address, r.city)
	}
}

// A passport is exchanged at 45: whoever is over it by more than the ninety days has the new one.
func TestPassportAge(t *testing.T) {
	t.Parallel()
	r := resident{born: day(1980, time.May, 1), home: regions()[0], on: day(2026, time.January, 1)}
	for old, want := range map[int]string{46: "2025", 44: "2000"} {
		r.on = r.born.AddDate(old, 0, 1)
		if p := newDraws(1).passport(r); p.IssueDate[:4] != want {
			t.Errorf("at %d the passport is of %s, not of %s", old, p.IssueDate, want)
		}
	}
}

// The tables of regions agree with themselves.
func TestRegions(t *testing.T) {
	t.Parallel()
	if n := len(regions()); n < 15 {
		t.Errorf("%d regions", n)
	}
	seen := map[string]bool{}
	for _, r := range regions() {
		if seen[r.code] || r.plates[0] != r.code || len(r.passport) != 2 || len(r.streets) < 4 || (r.short == "") != r.isCity() {
			t.Errorf("region %+v", r)
		}
		seen[r.code] = true
	}
}
