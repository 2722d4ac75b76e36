package generate

// models are the vehicles there are. Their order gives their ids, so new ones go to the end.
func models() []model {
	lada, kia, hyundai := BrandInfo{"1", "LADA", "Лада"}, BrandInfo{"2", "Kia", "Киа"}, BrandInfo{"3", "Hyundai", "Хендэ"}
	toyota, vw, skoda := BrandInfo{"4", "Toyota", "Тойота"}, BrandInfo{"5", "Volkswagen", "Фольксваген"}, BrandInfo{"6", "Skoda", "Шкода"}
	renault, ford, haval := BrandInfo{"7", "Renault", "Рено"}, BrandInfo{"8", "Ford", "Форд"}, BrandInfo{"9", "Haval", "Хавейл"}
	bmw, chevrolet, tesla := BrandInfo{"10", "BMW", "БМВ"}, BrandInfo{"11", "Chevrolet", "Шевроле"}, BrandInfo{"12", "Tesla", "Тесла"}
	honda, yamaha, harley := BrandInfo{"13", "Honda", "Хонда"}, BrandInfo{"14", "Yamaha", "Ямаха"}, BrandInfo{"15", "Harley-Davidson", "Харлей-Дэвидсон"}
	gaz, kamaz, paz, volvo := BrandInfo{"16", "GAZ", "ГАЗ"}, BrandInfo{"17", "KAMAZ", "КАМАЗ"}, BrandInfo{"18", "PAZ", "ПАЗ"}, BrandInfo{"19", "Volvo", "Вольво"}
	return []model{
		{lada, "Granta", "Гранта", "B", "XTA", 2011, 0, []trim{{87, "1.6 MT"}, {90, "1.6 MT"}, {98, "1.6 AT"}, {106, "1.6 MT"}}},
		{lada, "Vesta", "Веста", "B", "XTA", 2015, 0, []trim{{106, "1.6 MT"}, {113, "1.6 CVT"}, {122, "1.8 MT"}}},
		{lada, "Largus", "Ларгус", "B", "XTA", 2012, 0, []trim{{87, "1.6 MT"}, {106, "1.6 MT"}}},
		{lada, "Niva Legend", "Нива Легенд", "B", "XTA", 2021, 0, []trim{{83, "1.7 MT 4WD"}}},
		{lada, "2114", "2114", "B", "XTA", 2003, 2013, []trim{{80, "1.6 MT"}}},
		{kia, "Rio", "Рио", "B", "Z94", 2011, 2022, []trim{{100, "1.4 MT"}, {107, "1.4 AT"}, {123, "1.6 AT"}}},
		{kia, "Sportage", "Спортейдж", "B", "XWE", 2010, 0, []trim{{150, "2.0 AT"}, {184, "2.4 AT 4WD"}}},
		{hyundai, "Solaris", "Солярис", "B", "Z94", 2011, 2022, []trim{{100, "1.4 MT"}, {107, "1.4 MT"}, {123, "1.6 AT"}}},
		{hyundai, "Creta", "Крета", "B", "Z94", 2016, 2022, []trim{{123, "1.6 AT"}, {149, "2.0 AT"}}},
		{toyota, "Camry", "Камри", "B", "XW7", 2008, 2022, []trim{{150, "2.0 AT"}, {181, "2.5 AT"}, {249, "3.5 AT"}}},
		{toyota, "Corolla", "Королла", "B", "JTN", 2007, 2022, []trim{{99, "1.3 MT"}, {122, "1.6 CVT"}}},
		{toyota, "Prius", "Приус", "B", "JTD", 2004, 0, []trim{{99, "1.8 Hybrid"}, {136, "1.8 Hybrid"}}},
		{toyota, "Highlander", "Хайлендер", "B", "5TD", 2010, 0, []trim{{188, "2.7 AT"}, {249, "3.5 AT 4WD"}}},
		{vw, "Polo", "Поло", "B", "XW8", 2010, 2022, []trim{{85, "1.6 MT"}, {90, "1.6 MT"}, {110, "1.6 AT"}, {125, "1.4 DSG"}}},
		{vw, "Passat", "Пассат", "B", "WVW", 2005, 2021, []trim{{122, "1.4 DSG"}, {150, "1.4 DSG"}, {190, "2.0 DSG"}}},
		{skoda, "Octavia", "Октавия", "B", "XW8", 2008, 2022, []trim{{110, "1.6 MT"}, {150, "1.4 DSG"}}},
		{renault, "Logan", "Логан", "B", "X7L", 2005, 2022, []trim{{75, "1.4 MT"}, {82, "1.6 MT"}, {102, "1.6 MT"}, {113, "1.6 CVT"}}},
		{renault, "Duster", "Дастер", "B", "X7L", 2011, 2022, []trim{{102, "1.6 MT"}, {135, "2.0 MT 4WD"}, {143, "2.0 AT 4WD"}}},
		{ford, "Focus", "Фокус", "B", "X9F", 2004, 2019, []trim{{85, "1.6 MT"}, {105, "1.6 MT"}, {125, "1.6 AT"}, {150, "1.5 AT"}}},
		{ford, "Mustang", "Мустанг", "B", "1FA", 2010, 0, []trim{{310, "2.3 AT"}, {421, "5.0 AT"}}},
		{haval, "Jolion", "Джолион", "B", "XZG", 2021, 0, []trim{{143, "1.5 DCT"}, {150, "1.5 DCT 4WD"}}},
		{bmw, "X5", "Икс 5", "B", "5UX", 2009, 0, []trim{{218, "3.0d AT 4WD"}, {249, "3.0d AT 4WD"}, {306, "3.0 AT 4WD"}}},
		{chevrolet, "Tahoe", "Тахо", "B", "1GN", 2008, 0, []trim{{324, "5.3 AT 4WD"}, {343, "5.3 AT 4WD"}}},
		{tesla, "Model 3", "Модель 3", "B", "5YJ", 2018, 0, []trim{{283, "Electro"}, {351, "Electro AWD"}}},
		{honda, "CB500X", "СиБи 500 Икс", "A", "MLH", 2013, 0, []trim{{48, "0.5 MT"}}},
		{yamaha, "YZF-R6", "УайЗедЭф Р6", "A", "JYA", 2006, 2020, []trim{{118, "0.6 MT"}, {129, "0.6 MT"}}},
		{harley, "Sportster", "Спортстер", "A", "1HD", 2008, 0, []trim{{53, "0.9 MT"}, {67, "1.2 MT"}}},
		{gaz, "GAZon Next", "ГАЗон Некст", "C", "X96", 2014, 0, []trim{{137, "4.4d MT"}, {149, "4.4d MT"}}},
		{kamaz, "65115", "65115", "C", "XTC", 2005, 0, []trim{{245, "6.7d MT"}, {300, "6.7d MT"}}},
		{paz, "Vector Next", "Вектор Некст", "D", "X1M", 2016, 0, []trim{{149, "4.4d MT"}, {170, "4.4d AT"}}},
		{paz, "3205", "3205", "D", "X1M", 2004, 0, []trim{{122, "4.7 MT"}, {130, "4.7 MT"}}},
		{kamaz, "5490", "5490", "E", "XTC", 2013, 0, []trim{{401, "12.0d AT"}, {428, "12.0d AT"}}},
		{volvo, "FH", "ЭфЭйч", "E", "YV2", 2008, 0, []trim{{400, "12.8d AT"}, {460, "12.8d AT"}}},
	}
}
