package osago

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"poligon/internal/dice"
)

// The steps of km are the documented ones (contract facts A18), each with its border.
func TestPowerCoefficient(t *testing.T) {
	t.Parallel()
	tests := []struct {
		category string
		hp       float64
		want     int
	}{
		{"B", 1, 60}, {"B", 50, 60}, {"B", 50.1, 100}, {"B", 70, 100}, {"B", 70.5, 110}, {"B", 100, 110}, {"B", 101, 120}, {"B", 120, 120},
		{"B", 121, 140}, {"B", 150, 140}, {"B", 150.01, 160}, {"B", 900, 160}, {"", 150, 140}, {"A", 200, 100}, {"C", 400, 100},
	}
	for _, tt := range tests {
		if got := power(tt.category, tt.hp); got != tt.want {
			t.Errorf("category %q, %v hp: %d, want %d", tt.category, tt.hp, got, tt.want)
		}
	}
}

// The product of the documents' sample coefficients is exact (contract facts A16.13).
func TestPremiumIsTheExactProduct(t *testing.T) {
	t.Parallel()
	one := decimal.NewFromInt(1)
	c := coefficients{tb: decimal.NewFromInt(6896), kt: decimal.RequireFromString("1.8"), kbm: decimal.RequireFromString("1.17"), kvs: one, ks: one,
		kp: one, km: decimal.RequireFromString("1.1"), kn: one, ko: decimal.RequireFromString("2.32"), kpr: one}
	if got := c.premium().String(); got != "37062.63" {
		t.Errorf("premium %s, want 37062.63", got)
	}
}

func TestYears(t *testing.T) {
	t.Parallel()
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	tests := []struct {
		from, to string
		want     int
	}{{"2000-05-10", "2020-05-09", 19}, {"2000-05-10", "2020-05-10", 20}, {"2020-01-01", "2019-01-01", 0}, {"2000-02-29", "2001-02-28", 0}}
	for _, tt := range tests {
		if got := years(day(tt.from), day(tt.to)); got != tt.want {
			t.Errorf("from %s to %s: %d, want %d", tt.from, tt.to, got, tt.want)
		}
	}
	if years(time.Time{}, day("2020-01-01")) != 0 {
		t.Error("an unknown day has years")
	}
}

// The price is the same for the same seed and application, positive, has at most two decimals, and follows the dearest driver.
func TestPrice(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		id := dice.New(seed).Of("id").UUID()
		app := drawApplication(dice.New(seed), id, now)
		app.Category = rapid.SampledFrom([]string{"A", "B", "C", "D", "E"}).Draw(t, "category")
		app.Unlimited = rapid.Bool().Draw(t, "unlimited")
		p := price(dice.New(seed), maker{insurer: "АльфаСтрахование"}, app, now)
		if !p.Equal(price(dice.New(seed), maker{insurer: "АльфаСтрахование"}, app, now)) {
			t.Fatal("the price is not the same twice")
		}
		if !p.IsPositive() || !p.Equal(p.Round(2)) {
			t.Fatalf("price %s", p)
		}
		more := app
		more.Drivers = append(append([]driver(nil), app.Drivers...), driver{Series: "9999", Number: "000001", Born: now.AddDate(-19, 0, 0), Drives: now})
		if dearer := price(dice.New(seed), maker{insurer: "АльфаСтрахование"}, more, now); dearer.LessThan(p) {
			t.Fatalf("a young driver makes it cheaper: %s, then %s", p, dearer)
		}
	})
	app := drawApplication(dice.New(1), [16]byte{}, now)
	if price(dice.New(1), maker{insurer: "ВСК"}, app, now).Equal(price(dice.New(2), maker{insurer: "ВСК"}, app, now)) {
		t.Error("the seed has no effect on the price")
	}
	if price(dice.New(1), maker{insurer: "ВСК"}, app, now).Equal(price(dice.New(1), maker{insurer: "Согласие"}, app, now)) {
		t.Error("two insurers have the same tariff")
	}
}

func FuzzDecodeStart(f *testing.F) {
	f.Add(start{scenario: "default"}.encode())
	f.Add(start{scenario: "x", digest: 7, applied: []byte(`{}`)}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decodeStart(b)
		if err != nil {
			return
		}
		again, err := decodeStart(s.encode())
		if err != nil || again.scenario != s.scenario || again.digest != s.digest {
			t.Fatalf("%+v became %+v, %v", s, again, err)
		}
	})
}

// A policy that lets anybody drive has ko 2.32 and the beginners' kbm 1.17, whoever is named (contract facts A6, A18).
func TestAnybodyMayDrive(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	app := drawApplication(dice.New(1), [16]byte{}, now)
	app.Unlimited = true
	c := vehicleCoefficients(dice.New(1), maker{insurer: "ВСК"}, app)
	if c.ko.String() != "2.32" || c.kbm.String() != "1.17" || c.kvs.String() != "1" {
		t.Errorf("ko %s, kbm %s, kvs %s", c.ko, c.kbm, c.kvs)
	}
	if got := price(dice.New(1), maker{insurer: "ВСК"}, app, now); !got.Equal(c.premium()) {
		t.Errorf("the named drivers change the price: %s, not %s", got, c.premium())
	}
}

// The dearest driver counts, for kvs as for kbm.
func TestDearestDriver(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	old := driver{Series: "1", Number: "1", Born: now.AddDate(-50, 0, 0), Drives: now.AddDate(-30, 0, 0)}
	young := driver{Series: "1", Number: "1", Born: now.AddDate(-19, 0, 0), Drives: now}
	app := application{Category: "B", Power: 100, Drivers: []driver{young, old}}
	alone := app
	alone.Drivers = []driver{young}
	if both, one := price(dice.New(1), maker{insurer: "ВСК"}, app, now), price(dice.New(1), maker{insurer: "ВСК"}, alone, now); !both.Equal(one) {
		t.Errorf("with the experienced driver beside it costs %s, alone %s", both, one)
	}
	if experience(19, 0) != 227 || experience(50, 30) != 83 {
		t.Error("the ends of kvs have moved")
	}
}
