package document

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/sfnt"
)

func date(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

func sample() Paper {
	return Paper{Insurer: "АльфаСтрахование", Series: "ХХХ", Number: "0166171796", From: date(2026, 2, 1),
		Holder: Person{"Ёлкин Иван Петрович", date(1980, 6, 12)}, Owner: Person{"Щукина-Подъяблонская Анна Юрьевна", date(1984, 12, 31)},
		Vehicle: Vehicle{"Toyota", "Camry", "А123ВВ777", "XTA210990Y2765439", "B", 2020, "150.5"},
		Drivers: []Driver{
			{Person{"Ёлкин Иван Петрович", date(1980, 6, 12)}, "77АА 123456", date(2015, 6, 10), "1.17"},
			{Person{"Щукина-Подъяблонская Анна Юрьевна", date(1984, 12, 31)}, "9901 654321", time.Time{}, "0.46"},
		},
		Factors: []Factor{{"ТБ", "6896"}, {"КТ", "1.8"}, {"КБМ", "1.17"}, {"КВС", "1"}, {"КС", "1"}, {"КП", "1"}, {"КМ", "1.1"}, {"КН", "1"}, {"КО", "1"}, {"КПР", "1"}},
		Premium: "15975.2", Made: date(2026, 1, 15).Add(9 * time.Hour), Reference: "7d1f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6 / 44234899"}
}

func (p Paper) made(t testing.TB) []byte {
	t.Helper()
	b, err := p.PDF()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b, []byte("%PDF-")) || bytes.Count(b, []byte("/Type /Page\n")) != 1 || len(b) > 64<<10 {
		t.Fatalf("%d bytes, %d pages: %.20q", len(b), bytes.Count(b, []byte("/Type /Page\n")), b)
	}
	return b
}

// read is the text of a PDF with single spaces.
func read(t *testing.T, pdf []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext (poppler-utils) is not installed: nobody reads the text")
	}
	cmd := exec.CommandContext(t.Context(), tool, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

// TestPolicyAndDraft reads what the papers say.
func TestPolicyAndDraft(t *testing.T) {
	t.Parallel()
	p := sample()
	both := []string{"АльфаСтрахование", "00:00 01.02.2026 24:00 31.01.2027", "Ёлкин Иван Петрович 12.06.1980", "Щукина-Подъяблонская Анна Юрьевна 31.12.1984",
		"Toyota Camry А123ВВ777", "XTA210990Y2765439 B 2020 150,5", "1 Ёлкин Иван Петрович 12.06.1980 77АА 123456 10.06.2015 1,17", "9901 654321 — 0,46",
		"6896 1,8 1,17 1 1 1 1,1 1 1 1", "15 975,20 руб.", "15.01.2026 7d1f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6 / 44234899", "не является страховым полисом"}
	drafts, policies := []string{"ЧЕРНОВИК", "ПРОЕКТ СТРАХОВОГО ПОЛИСА ОСАГО"}, []string{"серия ХХХ № 0166171796", "Дата заключения"}
	for _, draft := range []bool{false, true} {
		p.Draft = draft
		text, with, without := read(t, p.made(t)), policies, drafts
		if draft {
			with, without = drafts, policies
		}
		for _, want := range append(with, both...) {
			if !strings.Contains(text, want) {
				t.Errorf("draft %t: no %q in %s", draft, want, text)
			}
		}
		for _, other := range without {
			if strings.Contains(text, other) {
				t.Errorf("draft %t: %q in %s", draft, other, text)
			}
		}
	}
}

// TestSameBytes: the same paper is the same file, another is another.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	p := sample()
	first := p.made(t)
	for range 5 {
		if !bytes.Equal(first, p.made(t)) {
			t.Fatal("the same paper differs")
		}
	}
	p.Made = p.Made.Add(time.Second)
	if bytes.Equal(first, p.made(t)) {
		t.Error("the instant does not show")
	}
}

// TestAnyText: whatever a request holds, there is one page, on which the rest can be read.
func TestAnyText(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing": "", "spaces": " \t\n", "long": strings.Repeat("Ж", 100_000), "words": strings.Repeat("слово ", 1000), "no letter": "😀\U0010ffff漢字",
		"not UTF-8": "\xff\xfe\xd0", "controls": "\x00\x1b\u202eabc\u00ad\ufeff", "PDF": `) Tj ET \ ( %%EOF endstream`, "apart": "и\u0306е\u0308",
	} {
		p := sample()
		p.Insurer, p.Holder.Name, p.Vehicle.Brand, p.Vehicle.VIN, p.Drivers[0].Licence, p.Series = text, text, text, text, text, text
		p.Factors[0].Value, p.Reference = text, text
		if got := read(t, p.made(t)); !strings.Contains(got, "Щукина-Подъяблонская") || name == "apart" && !strings.Contains(got, "йё") || name == "PDF" && !strings.Contains(got, text) {
			t.Errorf("%s: %s", name, got)
		}
	}
	Paper{}.made(t)
	p := sample()
	p.From, p.Premium = time.Date(9999, 12, 31, 23, 0, 0, 0, time.UTC), strings.Repeat("9", 400)
	p.made(t)
}

// TestDrivers: as many as the page has room for, and how many more.
func TestDrivers(t *testing.T) {
	t.Parallel()
	p := sample()
	all := func(n int) string {
		p.Drivers = nil
		for i := range n {
			p.Drivers = append(p.Drivers, Driver{Person: Person{Name: fmt.Sprintf("Водитель%d", i+1)}})
		}
		return read(t, p.made(t))
	}
	for n, want := range map[int]string{mostDrivers: "7 Водитель7", mostDrivers + 1: "… и ещё 2 (всего водителей: 8)", 5000: "… и ещё 4994 (всего водителей: 5000)", 0: "любое лицо"} {
		if got := all(n); !strings.Contains(got, want) || !strings.Contains(got, "подпись") {
			t.Errorf("%d drivers: no %q in %s", n, want, got)
		}
	}
	all(2)
	if p.Unlimited = true; !strings.Contains(read(t, p.made(t)), "любое лицо") {
		t.Error("anybody may drive, and the paper does not say so")
	}
}

// TestFontHasTheLetters that shown promises.
func TestFontHasTheLetters(t *testing.T) {
	t.Parallel()
	font, err := sfnt.Parse(liberationsansregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	for r := ' '; r <= 0xffff; r++ {
		if place, err := font.GlyphIndex(nil, r); shown(r) && (err != nil || place == 0) && (r < 0x7f || r > 0xa0) {
			t.Errorf("no letter %c (%U)", r, r)
		}
	}
}

func TestRoubles(t *testing.T) {
	t.Parallel()
	for amount, want := range map[string]string{"0": "0,00", "7": "7,00", "999.5": "999,50", "7072": "7 072,00", "1234567.89": "1 234 567,89"} {
		if got := roubles(amount); got != want {
			t.Errorf("%s is %s, want %s", amount, got, want)
		}
	}
}

func FuzzPaper(f *testing.F) {
	f.Add("Ёлкин", "2", 2020)
	f.Add("\xff😀)", "-1.", -5)
	f.Fuzz(func(t *testing.T, text, number string, year int) {
		p := sample()
		p.Holder.Name, p.Premium, p.Vehicle.Power, p.Vehicle.Year, p.Drivers[0].Name = text, number, number, year, text
		p.made(t)
	})
}

func BenchmarkPDF(b *testing.B) {
	p := sample()
	for b.Loop() {
		p.made(b)
	}
}
