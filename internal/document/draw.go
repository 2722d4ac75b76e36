package document

import (
	"fmt"
	"strconv"
)

// mostDrivers is how many drivers the page has room for.
const mostDrivers = 7

// draw puts the whole paper on the page.
func (s *sheet) draw(p Paper) {
	y := s.head(p)
	y = s.heading(y, "1. Срок страхования")
	y = s.fields(y,
		field{60, "Начало", "00:00 " + day(p.From), strong()},
		field{60, "Окончание", "24:00 " + day(p.until()), strong()},
		field{60, "Территория", "Российская Федерация", plain()})
	y = s.heading(y+3, "2. Страхователь и собственник транспортного средства")
	y = s.fields(y, field{130, "Страхователь (фамилия, имя, отчество)", p.Holder.Name, strong()}, field{50, "Дата рождения", day(p.Holder.Born), plain()})
	y = s.fields(y, field{130, "Собственник (фамилия, имя, отчество)", p.Owner.Name, strong()}, field{50, "Дата рождения", day(p.Owner.Born), plain()})
	y = s.vehicle(y+3, p.Vehicle)
	y = s.drivers(y+3, p)
	y = s.premium(y+3, p)
	s.foot(y+3, p)
}

// head is the company, the kind of paper and its number.
func (s *sheet) head(p Paper) float64 {
	s.write(left, top+4, 110, p.Insurer, look{size: 13, bold: true, align: 'L'})
	s.write(left, top+8.6, 110, "страховщик", caption())
	number, under := "серия "+clean(p.Series)+"  № "+clean(p.Number), "электронный страховой полис"
	if p.Draft {
		number, under = "ЧЕРНОВИК", "номер присваивается после оплаты"
	}
	s.write(125, top+4, right-125, number, look{size: 13, bold: true, align: 'R'})
	s.write(125, top+8.6, right-125, under, look{size: 6.8, align: 'R', pale: true})
	s.rule(top+12, 0.7)
	s.write(left, top+20.5, right-left, p.title(), look{size: 16, bold: true, align: 'C'})
	s.write(left, top+25.5, right-left, "обязательное страхование гражданской ответственности владельцев транспортных средств", look{size: 8, align: 'C', pale: true})
	return top + 29
}

func (s *sheet) vehicle(y float64, v Vehicle) float64 {
	y = s.heading(y, "3. Транспортное средство")
	year := ""
	if v.Year > 0 {
		year = strconv.Itoa(v.Year)
	}
	y = s.fields(y,
		field{60, "Марка", v.Brand, strong()},
		field{60, "Модель", v.Model, strong()},
		field{60, "Государственный регистрационный знак", v.Plate, strong()})
	return s.fields(y,
		field{90, "VIN (номер кузова, шасси)", v.VIN, plain()},
		field{30, "Категория", v.Category, plain()},
		field{30, "Год изготовления", year, plain()},
		field{30, "Мощность, л. с.", comma(v.Power), plain()})
}

func (s *sheet) drivers(y float64, p Paper) float64 {
	y = s.heading(y, "4. Лица, допущенные к управлению")
	if p.Unlimited || len(p.Drivers) == 0 {
		return s.row(y, line, false, cell{180, "Допускается любое лицо, управляющее транспортным средством на законном основании", plain()})
	}
	y = s.row(y, line, true, cell{10, "№", columns()}, cell{70, "Фамилия, имя, отчество", columns()}, cell{25, "Дата рождения", columns()},
		cell{35, "Водительское удостоверение", columns()}, cell{25, "Стаж с", columns()}, cell{15, "КБМ", columns()})
	for i, d := range p.Drivers {
		if left := len(p.Drivers) - i; i == mostDrivers-1 && left > 1 {
			return s.row(y, line, false, cell{180, fmt.Sprintf("… и ещё %d (всего водителей: %d)", left, len(p.Drivers)), plain()})
		}
		y = s.row(y, line, false, cell{10, strconv.Itoa(i + 1), middle()}, cell{70, d.Name, plain()}, cell{25, day(d.Born), middle()},
			cell{35, d.Licence, middle()}, cell{25, day(d.Since), middle()}, cell{15, comma(d.Class), middle()})
	}
	return y
}

func (s *sheet) premium(y float64, p Paper) float64 {
	y = s.heading(y, "5. Страховая премия")
	if n := len(p.Factors); n > 0 {
		width := (right - left) / float64(n)
		names, values := make([]cell, n), make([]cell, n)
		for i, f := range p.Factors {
			names[i], values[i] = cell{width, f.Name, columns()}, cell{width, comma(f.Value), middle()}
		}
		y = s.row(y, 5, true, names...)
		y = s.row(y, line, false, values...)
	}
	s.box(left, y, right-left, 9, true)
	s.write(left+1.6, y+5.9, 80, "Итого к оплате", plain())
	s.write(left+90, y+6.2, right-left-91.6, roubles(p.Premium)+" руб.", look{size: 13, bold: true, align: 'R'})
	return y + 9
}

// foot is what else is to be said, who signs, and small at the end of the page that the paper is none.
func (s *sheet) foot(y float64, p Paper) {
	const signatures = bottom - 27
	made := "Дата заключения договора"
	if p.Draft {
		made = "Дата составления проекта"
	}
	y = s.heading(y, "6. Особые отметки")
	y = s.fields(y, field{60, made, day(p.Made), plain()}, field{120, "Номер расчёта и предложения", p.Reference, plain()})
	s.box(left, y, right-left, signatures-9-y, false)
	for i, text := range []string{
		"Страховая премия равна произведению коэффициентов, если страховщик не назвал её сам.",
		"Для нескольких водителей берутся наибольшие КБМ и КВС.",
		"Документ составлен для испытаний программ. Обязательств по нему ни у кого не возникает.",
	} {
		s.write(left+1.6, y+5+float64(i)*4.6, right-left-3.2, text, look{size: 8, align: 'L', pale: true})
	}
	for _, side := range []struct {
		x    float64
		role string
	}{{left, "Страхователь"}, {left + 92, "Страховщик"}} {
		s.write(side.x, signatures, 28, side.role, plain())
		s.SetDrawColor(150, 160, 180)
		s.SetLineWidth(0.18)
		s.Line(side.x+26, signatures+0.6, side.x+68, signatures+0.6)
		s.write(side.x+26, signatures+3.8, 42, "подпись", columns())
	}
	s.write(right-16, signatures, 16, "М. П.", look{size: 8, align: 'R', pale: true})
	s.rule(bottom-9, 0.3)
	s.write(left, bottom-4.6, right-left, "ОБРАЗЕЦ — не является страховым полисом и никого не страхует", look{size: 8, bold: true, align: 'C'})
	s.write(left, bottom-0.8, right-left, "Составлен симулятором Poligon; данные взяты из запроса или вымышлены", look{size: 6.8, align: 'C', pale: true})
}
