package document

import (
	"os"
	"testing"
	"time"
)

func sample() Paper {
	date := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }
	return Paper{Insurer: "АльфаСтрахование", Series: "ХХХ", Number: "0166171796", From: date(2026, 2, 1),
		Holder: Person{"Ёлкин Иван Петрович", date(1980, 6, 12)}, Owner: Person{"Щукина-Подъяблонская Анна Юрьевна", date(1984, 12, 31)},
		Vehicle: Vehicle{"Toyota", "Camry", "А123ВВ777", "XTA210990Y2765439", "B", 2020, "150"},
		Drivers: []Driver{
			{Person{"Ёлкин Иван Петрович", date(1980, 6, 12)}, "77АА 123456", date(2015, 6, 10), "1.17"},
			{Person{"Щукина-Подъяблонская Анна Юрьевна", date(1984, 12, 31)}, "9901 654321", time.Time{}, "0.46"},
		},
		Factors: []Factor{{"ТБ", "6896"}, {"КТ", "1.8"}, {"КБМ", "1.17"}, {"КВС", "1"}, {"КС", "1"}, {"КП", "1"}, {"КМ", "1.1"}, {"КН", "1"}, {"КО", "1"}, {"КПР", "1"}},
		Premium: "15975.27", Made: date(2026, 1, 15).Add(9 * time.Hour), Reference: "7d1f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6 / 44234899"}
}

func BenchmarkPDF(b *testing.B) {
	p := sample()
	for b.Loop() {
		if _, err := p.PDF(); err != nil {
			b.Fatal(err)
		}
	}
}

func TestLook(t *testing.T) {
	p := sample()
	b, err := p.PDF()
	t.Log(len(b), err)
	os.WriteFile("/tmp/h/policy.pdf", b, 0o644)
	p.Draft = true
	p.Unlimited = true
	b, _ = p.PDF()
	os.WriteFile("/tmp/h/draft.pdf", b, 0o644)
}
