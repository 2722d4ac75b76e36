package product_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tree is the body of the method that gives all dictionaries.
type tree struct {
	Brands []struct {
		ID     string `json:"brand_id"`
		Name   string
		NameRu string `json:"name_ru"`
		Models []treeModel
	}
}

type treeModel struct {
	ID     string `json:"model_id"`
	Name   string
	NameRu string `json:"name_ru"`
	Years  []struct {
		Year   int
		Powers []float64 `json:"engine_powers"`
	}
}

func (s *play) tree(t *testing.T, query string) (all tree) {
	t.Helper()
	s.get(t, "/dictionaries/sync-all"+query).want(t, 200).decode(t, &all)
	return all
}

// TestDictionariesAgree: what all dictionaries at once name is what each of them names, in the same order.
func TestDictionariesAgree(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "")
	models := map[string]bool{}
	for i, category := range []string{"", "A", "B", "C", "D", "E"} {
		query, more := "", ""
		if category != "" {
			query, more = "?category="+category, "&category="+category
		}
		all := s.tree(t, query)
		var brands, listed []string
		for _, b := range all.Brands {
			brands = append(brands, b.ID+b.Name+b.NameRu)
			var list, names []string
			for _, m := range b.Models {
				models[m.ID] = true
				names = append(names, m.ID+m.Name+m.NameRu)
			}
			var of struct {
				Brand  string `json:"brand_id"`
				Models []struct {
					ID     string `json:"model_id"`
					Name   string
					NameRu string   `json:"name_ru"`
					Types  []string `json:"vehicle_type"`
				}
			}
			s.get(t, "/dictionaries/models?brand_id="+b.ID+more).want(t, 200).decode(t, &of)
			for _, m := range of.Models {
				list = append(list, m.ID+m.Name+m.NameRu)
				if category != "" && !slices.Contains(m.Types, category) {
					t.Errorf("%s of %v is among those of %s", m.Name, m.Types, category)
				}
			}
			if of.Brand != b.ID || !slices.Equal(list, names) {
				t.Errorf("the models of %s are %v, at once %v", b.Name, list, names)
			}
			if i > 0 {
				s.checkModel(t, b.ID, b.Models[0], more)
			}
		}
		var of struct {
			Brands []struct {
				ID     string `json:"brand_id"`
				Name   string
				NameRu string `json:"name_ru"`
			}
		}
		s.get(t, "/dictionaries/brands"+query).want(t, 200).decode(t, &of)
		for _, b := range of.Brands {
			listed = append(listed, b.ID+b.Name+b.NameRu)
		}
		if !slices.Equal(brands, listed) {
			t.Errorf("the brands of %q are %v, at once %v", category, listed, brands)
		}
		if category == "" && (len(brands) < 100 || len(models) < 300) {
			t.Errorf("%d brands and %d models", len(brands), len(models))
		}
	}
	if two, a, c := len(s.tree(t, "?category=A&category=C").Brands), len(s.tree(t, "?category=A").Brands), len(s.tree(t, "?category=C").Brands); two < max(a, c) || two > a+c {
		t.Errorf("%d brands of A, %d of C, %d of either", a, c, two)
	}
}

// checkModel asks for a model's years, its powers and its modifications one by one.
func (s *play) checkModel(t *testing.T, brand string, m treeModel, category string) {
	t.Helper()
	var of struct {
		Brand string `json:"brand_id"`
		Model string `json:"model_id"`
		Years []int
	}
	s.get(t, "/dictionaries/years?model_id="+m.ID+category).want(t, 200).decode(t, &of)
	var years []int
	for _, y := range m.Years {
		years = append(years, y.Year)
	}
	if of.Brand != brand || of.Model != m.ID || !slices.Equal(of.Years, years) {
		t.Errorf("the years of %s are %+v, at once %v", m.Name, of, years)
	}
	last := m.Years[len(m.Years)-1]
	query := fmt.Sprintf("?model_id=%s&year=%d", m.ID, last.Year)
	var in struct {
		Model  string `json:"model_id"`
		Year   int
		Powers []float64
	}
	s.get(t, "/dictionaries/powers"+query).want(t, 200).decode(t, &in)
	if in.Model != m.ID || in.Year != last.Year || !slices.Equal(in.Powers, last.Powers) {
		t.Errorf("the powers of %s in %d are %+v, at once %v", m.Name, last.Year, in, last.Powers)
	}
	s.get(t, fmt.Sprintf("/dictionaries/powers?model_id=%s&year=%d", m.ID, last.Year+1)).want(t, 404)
	for _, power := range in.Powers {
		var list struct {
			Modifications []struct {
				ID   int
				Name string
			}
		}
		s.get(t, fmt.Sprintf("/dictionaries/modifications%s&power=%v", query, power)).want(t, 200).decode(t, &list)
		if len(list.Modifications) == 0 || power > 0 && !strings.Contains(list.Modifications[0].Name, fmt.Sprintf("(%v л.с.)", power)) {
			t.Errorf("%s of %d with %v hp: %+v", m.Name, last.Year, power, list)
		}
	}
}

// What the dictionaries and the register do not have, or cannot be asked for, with the reason for the person behind the client.
func TestDictionaryRefusals(t *testing.T) {
	t.Parallel()
	const missing, nothing = "Обязательное поле не заполнено.", ""
	p := start(t, setup{})
	for _, c := range []struct{ path, property, message, reason string }{
		{"/dictionaries/brands?category=Z", "category", badValue, `"Z" is none of A, B, C, D, E`},
		{"/dictionaries/brands?category=b", "category", badValue, "A, B, C, D, E"},
		{"/dictionaries/brands?category=", "category", badValue, "A, B, C, D, E"},
		{"/dictionaries/brands?category=A&category=B", "category", badValue, "multiple"},
		{"/dictionaries/sync-all?category=A&category=Z", "category", badValue, `"Z"`},
		{"/dictionaries/sync-all?category=A,B", "category", badValue, "repeat the parameter"},
		{"/dictionaries/models", "brand_id", missing, "brand_id"},
		{"/dictionaries/models?brand_id=", "brand_id", missing, "brand_id is empty"},
		{"/dictionaries/models?brand_id=1&category=Z", "category", badValue, `"Z"`},
		{"/dictionaries/models?brand_id=9999", nothing, "Марка не найдена.", "there are 1 to "},
		{"/dictionaries/models?brand_id=01", nothing, "Марка не найдена.", `no brand_id "01"`},
		{"/dictionaries/models?brand_id=toyota", nothing, "Марка не найдена.", "that of Toyota is 4"},
		{"/dictionaries/models?brand_id=1&category=A", nothing, "Модель не найдена.", "no model of category A, only of B"},
		{"/dictionaries/years", "model_id", missing, "model_id"},
		{"/dictionaries/years?model_id=", "model_id", missing, "model_id is empty"},
		{"/dictionaries/years?model_id=9999", nothing, "Модель не найдена.", `no model_id "9999"`},
		{"/dictionaries/years?model_id=camry", nothing, "Модель не найдена.", "that of Toyota Camry is 110"},
		{"/dictionaries/years?model_id=110&category=A", nothing, "Модель не найдена.", "Toyota Camry (model_id 110) is of category B, not A"},
		{"/dictionaries/powers?model_id=110", "year", missing, "year"},
		{"/dictionaries/powers?year=2012", "model_id", missing, "model_id"},
		{"/dictionaries/powers?model_id=110&year=abc", "year", badValue, "year"},
		{"/dictionaries/powers?model_id=110&year=2012.5", "year", badValue, "year"},
		{"/dictionaries/powers?model_id=110&year=99999999999999999999", "year", badValue, "year"},
		{"/dictionaries/powers?model_id=110&year=1950", nothing, "Год выпуска не найден.", "made in 1950, but in 2001-2026; the nearest year is 2001"},
		{"/dictionaries/modifications?model_id=110&year=2012", "power", missing, "power"},
		{"/dictionaries/modifications?model_id=110&year=2012&power=x", "power", badValue, "such as 150"},
		{"/dictionaries/modifications?model_id=110&year=2012&power=", "power", badValue, "such as 150"},
		{"/dictionaries/modifications?model_id=110&year=2012&power=1e99999999", "power", badValue, "such as 150"},
		{"/dictionaries/modifications?model_id=110&year=2012&power=180", nothing, "Мощность двигателя не найдена.", "150, 181, 249; the nearest is 181"},
		{"/dictionaries/modifications?model_id=110&year=1950&power=181", nothing, "Год выпуска не найден.", "2001-2026"},
		{"/dictionaries/modifications?model_id=9999&year=2012&power=181", nothing, "Модель не найдена.", "9999"},
		{"/auto/info?car_number=A123BC", "car_number", badValue, "is no plate such as A123BC77"},
		{"/auto/info?car_number=", "car_number", badValue, "is no plate"},
		{"/auto/info?car_number=A123BC77&car_number=A123BC77", "car_number", badValue, "multiple"},
		{"/auto/info?vin=WVWZZZ1JZDW12345", "vin", badValue, "17 Latin letters"},
		{"/auto/info?vin=WVWZZZ1JZDW12345O", "vin", badValue, "without I, O and Q"},
		{"/auto/info?car_number=A123BC00", nothing, "Транспортное средство не найдено.", "region 00"},
		{"/auto/info?vin=WVWZZZ1JZDW000000", nothing, "Транспортное средство не найдено.", "000000"},
	} {
		t.Run(c.path, func(t *testing.T) {
			t.Parallel()
			s := p.frozen(t, "")
			a := s.get(t, c.path)
			if c.property == "" {
				a.want(t, 404).says(t, refusal(nobody, c.message))
			} else {
				a.want(t, 400).says(t, refusal(nobody, badWhole, c.property, c.message))
			}
			if got := a.header.Get("X-Poligon-Reason"); !strings.Contains(got, c.reason) {
				t.Errorf("the reason is %q", got)
			}
			s.holds(t, 0)
		})
	}
	s := p.frozen(t, "")
	for path, message := range map[string]string{"/auto/info": missing, "/auto/info?vin=WVWZZZ1JZDW123456&car_number=A123AA123": badValue} {
		s.get(t, path).want(t, 400).says(t, refusal(nobody, badWhole, "car_number", message, "vin", message))
	}
}

// vehicle finds a vehicle by a parameter.
func (s *play) vehicle(t *testing.T, by, text string) (v map[string]any) {
	t.Helper()
	s.get(t, "/auto/info?"+url.Values{by: {text}}.Encode()).want(t, 200).decode(t, &v)
	return v
}

// TestVehicle: a vehicle is the same by its plate, however it is written, and by its VIN, in every session; the dictionary has it; and a
// calculation takes it as it stands.
func TestVehicle(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s, other := p.frozen(t, ""), p.play(t, `{"seed": 99, "clock": {"mode": "frozen", "start": "2030-01-01T00:00:00Z"}}`)
	plates := []string{"А123АА123", "А123БВ777", "А000АА01", "Х999ХХ199", "К123ЕН77", "М456ОР50", "1234АВ77", "АВ123477", "АВ12377", "В001ВВ98"}
	for i, text := range plates {
		v := s.vehicle(t, "car_number", text)
		if v["car_number"] != text {
			t.Errorf("%s is %v", text, v)
		}
		latin := strings.NewReplacer("А", "A", "В", "b", "Е", "E", "К", "k", "М", "M", "Н", "H", "О", "o", "Р", "P", "Т", "T", "Х", "x").Replace(text)
		vin := v["vin"].(string)
		for n, same := range []map[string]any{s.vehicle(t, "car_number", latin), s.vehicle(t, "car_number", " "+strings.ToLower(text)+" "), s.vehicle(t, "vin", vin),
			other.vehicle(t, "car_number", text), other.vehicle(t, "vin", strings.ToLower(vin))} {
			if asJSON(same) != asJSON(v) {
				t.Errorf("%s is\n%s\nand in way %d\n%s", text, asJSON(v), n, asJSON(same))
			}
		}
		s.checkKnown(t, v)
		s.checkInsured(t, v, i)
	}
	alien := s.vehicle(t, "vin", "XTA219010K0123456")
	if alien["car_number"] != nil || alien["brand"].(map[string]any)["name"] != "LADA" || alien["year"] != 2019.0 {
		t.Errorf("a VIN of LADA: %v", alien)
	}
	s.checkKnown(t, alien)
	s.checkInsured(t, alien, len(plates))
}

// checkKnown finds a vehicle's modification in the dictionary.
func (s *play) checkKnown(t *testing.T, v map[string]any) {
	t.Helper()
	brand, model := v["brand"].(map[string]any), v["model"].(map[string]any)
	var models struct{ Models []map[string]any }
	s.get(t, fmt.Sprintf("/dictionaries/models?brand_id=%s&category=%s", brand["brand_id"], v["category"])).want(t, 200).decode(t, &models)
	if !slices.ContainsFunc(models.Models, func(m map[string]any) bool {
		delete(m, "vehicle_type")
		return maps.Equal(m, model)
	}) {
		t.Errorf("%v is not among the models of %v", model, brand)
	}
	var list struct{ Modifications []map[string]any }
	s.get(t, fmt.Sprintf("/dictionaries/modifications?model_id=%s&year=%v&power=%v", model["model_id"], v["year"], v["engine_power"])).want(t, 200).decode(t, &list)
	own := v["modification"].(map[string]any)
	if !slices.ContainsFunc(list.Modifications, func(m map[string]any) bool {
		return strconv.Itoa(int(m["id"].(float64))) == own["modification_id"] && m["name"] == own["name"]
	}) {
		t.Errorf("%v is not among %v", own, list)
	}
}

// checkInsured starts a calculation of a vehicle as it was found.
func (s *play) checkInsured(t *testing.T, v map[string]any, nth int) {
	t.Helper()
	id := fmt.Sprintf("7d1f2a34-5b6c-4d7e-8f90-%012d", nth)
	s.post(t, strings.Replace(change("vehicle", v), ours, id, 1)).want(t, 200)
	s.moveTo(t, time.Duration(nth+1)*time.Minute)
	for _, offer := range s.calculation(t, id).Offers {
		if price, _ := offer["price"].(float64); price <= 0 && v["car_number"] != "А000АА01" { // which tells a story
			t.Errorf("%v: %v", v, offer)
		}
	}
}

// checkDictionaries asks for a vehicle and its model's powers, which are the same in every story and at all times.
func (s *play) checkDictionaries(t *testing.T) {
	t.Helper()
	if vin := s.vehicle(t, "car_number", "A123AA123")["vin"]; vin != "WVWZZZ1JZDW123456" {
		t.Errorf("the sample's VIN is %v", vin)
	}
	s.get(t, "/dictionaries/powers?model_id=110&year=2012").want(t, 200).says(t, `{"model_id": "110", "year": 2012, "powers": [150, 181, 249]}`)
}

// Faults strike these operations too, in their turn; the journal has them; they play again.
func TestDictionariesInASession(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).play(t, `{"clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}, `+wholeJournal+`}`)
	paths := map[string]string{"listBrands": "/dictionaries/brands", "listModels": "/dictionaries/models?brand_id=1", "listYears": "/dictionaries/years?model_id=101",
		"listPowers": "/dictionaries/powers?model_id=101&year=2020", "listModifications": "/dictionaries/modifications?model_id=101&year=2020&power=87",
		"syncAllDictionaries": "/dictionaries/sync-all", "findVehicle": "/auto/info?car_number=A123AA123"}
	number := 0
	for _, operation := range slices.Sorted(maps.Keys(paths)) {
		s.fault(t, fmt.Sprintf(`{"on": %q, "every": 2, "status": 503}`, operation))
		number++
		if got := s.struck(t, 4, call{method: "GET", path: paths[operation]}); got != ".X.X" {
			t.Errorf("%s is struck %s", operation, got)
		}
		list := s.journal(t)
		for i, e := range list[len(list)-4:] {
			number++
			if want := 200 + 303*(i%2); e.Number != number || e.Answer.Status != want || len(e.Faults) != i%2 || len(e.Subjects) != 0 {
				t.Errorf("%s: exchange %d is %d with the faults %v of %v", operation, e.Number, e.Answer.Status, e.Faults, e.Subjects)
			}
		}
	}
	_, b := s.recording(t)
	replay(t, b)
}

// Many that ask for everything at once get the same.
func TestDictionariesTogether(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.frozen(t, "")
	want := s.get(t, "/dictionaries/sync-all?category=D").want(t, 200)
	together(8, func(int) {
		if got := s.do(t, call{method: "GET", path: "/dictionaries/sync-all?category=D"}); got.String() != want.String() {
			t.Error("two answers differ")
		}
	})
	if !json.Valid(want.body) {
		t.Error("it is no JSON")
	}
}
