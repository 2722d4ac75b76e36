package vehicles

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"poligon/internal/plate"
)

// holds checks that a vehicle is one that the dictionary has, with papers of its time.
func (v Vehicle) holds(t rapid.TB, d *Dictionary) {
	t.Helper()
	if d.Model(v.Model.ID) != v.Model || !slices.Contains(v.Model.With(v.Year, v.Modification.Power), v.Modification) {
		t.Errorf("the dictionary has no %s of %d, %s", v.Model, v.Year, v.Modification.Name())
	}
	if vin, err := ParseVIN(v.VIN); vin != v.VIN || err != nil {
		t.Errorf("the VIN is %s", v.VIN)
	}
	var kinds []string
	for _, paper := range v.Documents {
		kinds = append(kinds, paper.Kind)
		if (paper.Series == "") != (paper.Kind == "epts") || paper.Number == "" || paper.Date.Year() < v.Year || paper.Date.Year() > v.Year+1 || paper.Date.Year() > 2025 {
			t.Errorf("a vehicle of %d has the paper %+v", v.Year, paper)
		}
	}
	want := []string{"pts"}
	if v.Year > 2020 {
		want[0] = "epts"
	}
	if v.Plate != "" {
		want = append([]string{"sts"}, want...)
	}
	if !slices.Equal(kinds, want) {
		t.Errorf("a vehicle of %d with the plate %q has %v", v.Year, v.Plate, kinds)
	}
}

// TestPlateAndVIN: a vehicle that is found by its plate is found by its VIN too, and so is one that is found by its VIN by its plate.
func TestPlateAndVIN(t *testing.T) {
	t.Parallel()
	d := dictionary(t)
	rapid.Check(t, func(t *rapid.T) {
		p, ok := plate.At(rapid.Uint64Max(plate.Count()-1).Draw(t, "index"))
		if !ok {
			return
		}
		v, found, err := d.ByPlate(p.String())
		if err != nil || found != (p.Region != 0) {
			t.Fatalf("%s: %t, %v", p, found, err)
		}
		if !found {
			return
		}
		v.holds(t, d)
		for _, text := range []string{strings.ToLower(p.String()), plate.Fold(p.String()), strings.ToUpper(plate.Fold(p.String()))} {
			if same, _, _ := d.ByPlate(text); !reflect.DeepEqual(same, v) {
				t.Fatalf("%s is %+v, %s is %+v", p, v, text, same)
			}
		}
		if same, found, err := d.ByVIN(strings.ToLower(v.VIN)); !reflect.DeepEqual(same, v) || !found || err != nil {
			t.Fatalf("by the plate %+v, by the VIN %+v", v, same)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		vin := rapid.StringMatching(`(XTA|Z94|WVW|1FA|ZZZ)[A-HJ-NPR-Z0-9]{14}`).Draw(t, "vin")
		v, found, err := d.ByVIN(vin)
		if err != nil || !found || v.VIN != vin || v.Plate != "" {
			t.Fatalf("%s: %+v, %t, %v", vin, v, found, err)
		}
		v.holds(t, d)
	})
}

// The kind of a plate is that of its vehicle.
func TestCategoryOfPlate(t *testing.T) {
	t.Parallel()
	d := dictionary(t)
	for text, want := range map[string]string{"1234АВ77": "A", "АВ123477": "E", "АВ12377": "D"} {
		if v, _, _ := d.ByPlate(text); v.Model.Categories[0] != want {
			t.Errorf("%s is on a %s", text, v.Model)
		}
	}
	count, models := map[string]int{}, map[*Model]bool{}
	for region := 1; region < 100; region++ {
		for _, begin := range []string{"А001АА", "В777ОР", "Х999ХХ", "К123ЕН"} {
			v, _, _ := d.ByPlate(begin + string([]byte{byte('0' + region/10), byte('0' + region%10)}))
			count[v.Model.Categories[0]]++
			models[v.Model] = true
		}
	}
	if count["B"] < 300 || count["C"] < 10 || len(count) != 2 || len(models) < 150 {
		t.Errorf("%v of %d models", count, len(models))
	}
}

// What the makers' codes of VINs tell.
func TestMakers(t *testing.T) {
	t.Parallel()
	d := dictionary(t)
	for vin, want := range map[string]string{
		"WVWZZZ1JZDW123456": "Volkswagen", "XTA210990Y2765439": "LADA", "XTA219010K0123456": "LADA Granta", "X7LLSRB1HAH123456": "Renault Logan", "JTDKB20U703123456": "Toyota Prius",
		"XTC549005K2501234": "KAMAZ", "1HD1CT3139K412345": "Harley-Davidson Sportster", "5YJ3E1EA7KF317000": "Tesla Model 3", "WSM00000005012345": "Schmitz Cargobull", "X1M3205CXE0001234": "PAZ",
		"KNABX512BFT812345": "Kia", "WBAPF71060A123457": "BMW", "SALGA2EF8DA123456": "Land Rover Range Rover",
	} {
		if v, found, err := d.ByVIN(vin); err != nil || !found || !strings.HasPrefix(v.Model.String(), want) {
			t.Errorf("%s is a %s: %v", vin, v.Model, err)
		}
	}
	for vin, wants := range map[string][]string{"Z94CB41AADR123456": {"Kia", "Hyundai"}, "XW8AC4NE3KH123456": {"Skoda"}, "XW8ZZZ61ZGG123456": {"Volkswagen"}} {
		if v, _, _ := d.ByVIN(vin); !slices.Contains(wants, v.Model.Brand.Name) {
			t.Errorf("%s is a %s", vin, v.Model)
		}
	}
	for vin, want := range map[string]int{"WVWZZZ1JZDW123456": 2013, "XTA210990Y2765439": 2000, "XTA219010K0123456": 2019} {
		if v, _, _ := d.ByVIN(vin); v.Year != want {
			t.Errorf("%s is of %d", vin, v.Year)
		}
	}
}

// The documents' samples are one vehicle each.
func TestSamples(t *testing.T) {
	t.Parallel()
	d := dictionary(t)
	for _, s := range [][3]string{{"A123AA123", "А123АА123", "WVWZZZ1JZDW123456"}, {"А123БВ777", "А123БВ777", "XTA210990Y2765439"}} {
		v, found, err := d.ByPlate(s[0])
		same, _, _ := d.ByVIN(s[2])
		if err != nil || !found || v.Plate != s[1] || v.VIN != s[2] || !reflect.DeepEqual(v, same) {
			t.Errorf("%s is %+v, %v; by its VIN %+v", s[0], v, err, same)
		}
		v.holds(t, d)
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	d := dictionary(t)
	for _, text := range []string{"А123ВС00", "1234АВ00", "АВ123400", "АВ12300"} {
		if v, found, err := d.ByPlate(text); found || err != nil {
			t.Errorf("%s: %+v, %v", text, v, err)
		}
	}
	if v, found, err := d.ByVIN("XTA219010KX000000"); found || err != nil {
		t.Errorf("%+v, %v", v, err)
	}
	if _, _, err := d.ByPlate("Б123ВС77"); !errors.Is(err, plate.ErrMalformed) {
		t.Error(err)
	}
	if _, _, err := d.ByVIN("XTA"); !errors.Is(err, ErrVIN) {
		t.Error(err)
	}
}

// A few vehicles as they are. When the dictionary grows, one may become something new and is to be written down again.
func TestRegisterStays(t *testing.T) {
	t.Parallel()
	d := dictionary(t)
	for text, want := range map[string]string{
		"А123ВС77": "X96231AAXRX123098 GAZ Sobol 2.8d MT (120 л.с.)", "1234АВ77": "ZDMZZZBWXR0235817 Ducati Multistrada 1.2 MT (170 л.с.)", "АВ123477": "SUDZZZC70PM237257 Wielton NS 3 полуприцеп тентованный", "АВ12377": "WKKZZZ4H28Z127687 Setra S 415 12.0d MT (354 л.с.)",
	} {
		v, _, _ := d.ByPlate(text)
		if got := v.VIN + " " + v.Model.String() + " " + v.Modification.Name(); got != want {
			t.Errorf("%s is %s", text, got)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, text := range []string{"А123ВС77", "A123AA123", "WVWZZZ1JZDW123456", "XTA219010K0000000", "", "\xff"} {
		f.Add(text)
	}
	d, err := Read()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if v, found, err := d.ByPlate(text); found && (err != nil || !utf8.ValidString(v.Plate) || v.Model == nil) {
			t.Errorf("%+v, %v", v, err)
		}
		if v, found, err := d.ByVIN(text); found && (err != nil || len(v.VIN) != 17 || v.Model == nil) {
			t.Errorf("%+v, %v", v, err)
		}
	})
}
