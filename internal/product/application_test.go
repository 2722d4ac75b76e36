package product_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// change is the example application with the value at a path changed; absent takes it out. The path is written as the
// contract's error body does: owner.addresses[0].type.
func change(path string, value any) string {
	body := clone(example("osago", "/osago/calculate", "calculation"))
	body.(map[string]any)["request_id"] = ours
	return asJSON(set(body, strings.Split(strings.ReplaceAll(path, "[", ".["), "."), value))
}

// set puts a value at a path of parts such as owner and [0].
func set(in any, path []string, value any) any {
	var index int
	if _, err := fmt.Sscanf(path[0], "[%d]", &index); err == nil {
		list := in.([]any)
		if len(path) == 1 {
			list[index] = value
		} else {
			list[index] = set(list[index], path[1:], value)
		}
		return list
	}
	object := in.(map[string]any)
	switch {
	case len(path) > 1:
		object[path[0]] = set(object[path[0]], path[1:], value)
	case value == absent:
		delete(object, path[0])
	default:
		object[path[0]] = value
	}
	return object
}

func clone(value any) any {
	switch v := value.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for key, member := range v {
			c[key] = clone(member)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, item := range v {
			c[i] = clone(item)
		}
		return c
	}
	return value
}

// refusesApplication checks how a body is refused, and that nothing of it stays.
func (p *product) refusesApplication(t *testing.T, body, want string) {
	t.Helper()
	s := p.frozen(t, "")
	s.post(t, body).want(t, 400).says(t, want)
	s.holds(t, 0)
	s.post(t, application(ours)).want(t, 200)
	s.holds(t, 1)
}

// Each required field, taken out, is named by its path.
func TestApplicationLacksAField(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for group, fields := range map[string]string{
		"":                          "drivers_info insurer is_cross_allowed owner partner policy_start_date product_type request_id vehicle",
		"vehicle.":                  "brand car_documents engine_power model year",
		"owner.":                    "birth_date first_name last_name",
		"insurer.":                  "birth_date first_name last_name",
		"drivers_info.drivers[0].":  "birth_date first_name last_name",
		"owner.passport.":           "issue_date number series",
		"insurer.passport.":         "issue_date number series",
		"owner.addresses[0].":       "address addresses_kladr_code city_type region_kladr_code region_name region_type type",
		"drivers_info.drivers[0]..": "license", // a rule of the contract: a driver needs it
		"vehicle..":                 "car_number",
	} {
		for _, field := range strings.Fields(fields) {
			path := strings.Replace(group, "..", ".", 1) + field
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				id := ours
				if path == "request_id" {
					id = nobody
				}
				p.refusesApplication(t, change(path, absent), refusal(id, badWhole, path, required))
			})
		}
	}
}

func TestApplicationHasAWrongValue(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for _, c := range []struct {
		path  string
		value any
	}{
		{"product_type", 1}, {"partner", nil}, {"partner", []any{}}, {"is_cross_allowed", "true"}, {"is_cross_allowed", 1}, {"purpose", "race"}, {"purpose", "Taxi"},
		{"policy_start_date", "2023-12-01"}, {"policy_start_date", "2023-12-01T00:00:00"}, {"policy_start_date", "2023-12-01 00:00:00Z"},
		{"policy_start_date", "2023-02-30T00:00:00Z"}, {"policy_start_date", "2023-12-01T24:00:00Z"}, {"policy_start_date", "2023-12-01T9:00:00Z"},
		{"policy_start_date", "2023-12-01T00:00:00,5Z"}, {"policy_start_date", "2023-12-01T00:00:00+0300"}, {"policy_start_date", "2023-12-01T00:00:00+24:00"},
		{"policy_start_date", 1701388800},
		{"vehicle", nil}, {"vehicle", []any{}}, {"vehicle", "car"}, {"vehicle.category", "F"}, {"vehicle.category", "b"}, {"vehicle.vin", 5},
		{"vehicle.year", "2020"}, {"vehicle.year", 2020.5}, {"vehicle.year", raw("1e30")}, {"vehicle.year", nil},
		{"vehicle.engine_power", "150"}, {"vehicle.engine_power", -1}, {"vehicle.year", 1899}, {"vehicle.year", 2101}, {"vehicle.engine_power", true},
		{"vehicle.brand", "Toyota"}, {"vehicle.brand.brand_id", 1}, {"vehicle.car_documents", map[string]any{}}, {"vehicle.car_documents[0]", 1},
		{"vehicle.car_documents[0].document_type", "pass"}, {"vehicle.car_documents[0].date", "2020-02-30"}, {"vehicle.car_documents[0].date", "15.05.2020"},
		{"drivers_info", []any{}}, {"drivers_info.is_unlimited_drivers", 0}, {"drivers_info.drivers", map[string]any{}}, {"drivers_info.drivers[0]", nil},
		{"drivers_info.drivers[0].birth_date", "1980-13-01"}, {"drivers_info.drivers[0].license", "77AA 123456"},
		{"drivers_info.drivers[0].license.date", "2015-6-10"}, {"drivers_info.drivers[0].license.number", 123456},
		{"owner.birth_date", "12.06.1980"}, {"owner.birth_date", ""}, {"owner.birth_date", "1980-06-12T00:00:00Z"}, {"owner.first_name", 1},
		{"owner.addresses", map[string]any{}}, {"owner.addresses[0]", "Москва"}, {"owner.addresses[0].type", "home"}, {"owner.addresses[0].house", 1},
		{"owner.contact", ""}, {"insurer.passport.issue_date", "2010-10-5"}, {"return_urls", "https://example.com"},
	} {
		t.Run(fmt.Sprintf("%s=%v", c.path, c.value), func(t *testing.T) {
			t.Parallel()
			p.refusesApplication(t, change(c.path, c.value), refusal(ours, badWhole, c.path, badValue))
		})
	}
	for _, id := range []any{"", "abc", "{" + ours + "}", "urn:uuid:" + ours, ours + " ", 5, nil} {
		t.Run(fmt.Sprintf("request_id=%v", id), func(t *testing.T) {
			t.Parallel()
			p.refusesApplication(t, change("request_id", id), refusal(nobody, badWhole, "request_id", badValue))
		})
	}
}

// Several mistakes are named at once, each once, in the order of their paths.
func TestApplicationHasManyMistakes(t *testing.T) {
	t.Parallel()
	body := fmt.Sprintf(`{"request_id": %q, "purpose": "race", "vehicle": {"year": "x", "vin": "1"}, "owner": {"addresses": [{"type": 1}]}}`, ours)
	want := refusal(ours, badWhole, "drivers_info", required, "insurer", required, "is_cross_allowed", required,
		"owner.addresses[0].address", required, "owner.addresses[0].addresses_kladr_code", required, "owner.addresses[0].city_type", required,
		"owner.addresses[0].region_kladr_code", required, "owner.addresses[0].region_name", required, "owner.addresses[0].region_type", required,
		"owner.addresses[0].type", badValue, "owner.birth_date", required, "owner.first_name", required, "owner.last_name", required,
		"partner", required, "policy_start_date", required, "product_type", required, "purpose", badValue,
		"vehicle.brand", required, "vehicle.car_documents", required, "vehicle.engine_power", required, "vehicle.model", required, "vehicle.year", badValue)
	start(t, setup{}).refusesApplication(t, body, want)
}

// What identifies a vehicle is one of three fields; without any of them the vehicle is what is wrong.
func TestVehicleWithoutAnyNumber(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	numbers := []string{"vin", "body_number", "chassis_number"}
	vehicle := func(keep string) string {
		v := clone(example("osago", "/osago/calculate", "calculation").(map[string]any)["vehicle"]).(map[string]any)
		for _, number := range numbers {
			if number != keep {
				delete(v, number)
			}
		}
		return change("vehicle", v)
	}
	for _, number := range numbers {
		p.frozen(t, "").post(t, vehicle(number)).want(t, 200)
	}
	p.refusesApplication(t, vehicle(""), refusal(ours, badWhole, "vehicle", required))
}

func TestApplicationIsTaken(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	nested := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	for name, body := range map[string]string{
		"the contract's calculation":  asJSON(example("osago", "/osago/calculate", "calculation")),
		"the contract's smallest":     asJSON(example("osago", "/osago/calculate", "smallest")),
		"capitals in request_id":      change("request_id", strings.ToUpper(ours)),
		"unknown keys":                change("colour", map[string]any{"red": []any{nil}}),
		"a key in capitals":           change("REQUEST_ID", "abc"),
		"a key in other letters":      change("requeſt_id", "abc"),
		"an object in capitals":       change("Vehicle", 5),
		"a deep unknown key":          change("deep", raw(nested)),
		"drivers empty":               change("drivers_info.drivers", []any{}),
		"drivers missing":             change("drivers_info.drivers", absent),
		"drivers info empty":          change("drivers_info", map[string]any{}),
		"foreign licence":             change("drivers_info.drivers[0]", map[string]any{"first_name": "a", "last_name": "b", "birth_date": "2000-02-29", "foreign_license": map[string]any{}}),
		"no sts, no plate":            strings.Replace(change("vehicle.car_documents[0].document_type", "pts"), `"car_number"`, `"x"`, 1),
		"a date with an offset":       change("policy_start_date", "2023-12-01T00:00:00.123456789+03:00"),
		"year with a point":           change("vehicle.year", raw("2020.0")),
		"year with an exponent":       change("vehicle.year", raw("202e1")),
		"power with a fraction":       change("vehicle.engine_power", raw("149.6")),
		"no power":                    change("vehicle.engine_power", 0),
		"tiny power":                  change("vehicle.engine_power", raw("1e-400")),
		"empty texts":                 change("owner.first_name", ""),
		"long text":                   change("owner.first_name", strings.Repeat("Ы", 100_000)),
		"a zero byte in a text":       change("owner.first_name", "a\x00b"),
		"the first year":              change("owner.birth_date", "0000-01-01"),
		"the last year":               change("owner.birth_date", "9999-12-31"),
		"a key twice, the last holds": strings.Replace(application(ours), `"product_type":"osago"`, `"product_type":5,"product_type":"osago"`, 1),
		"an escaped key":              strings.Replace(application(ours), `"product_type"`, `"product\u005ftype"`, 1),
		"a pair of surrogates":        strings.Replace(application(ours), `"Петров"`, `"\ud83d\ude00"`, 1),
		"spaces around":               " \r\n\t" + application(ours) + "\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := p.frozen(t, "insurer-happy-path")
			var taken struct {
				RequestID string    `json:"request_id"`
				Date      time.Time `json:"calculation_date"`
			}
			s.post(t, body).want(t, 200).decode(t, &taken)
			if !taken.Date.Equal(dawn) || taken.RequestID != strings.ToLower(taken.RequestID) {
				t.Errorf("%+v", taken)
			}
			s.holds(t, 1)
			s.moveTo(t, 5*time.Second)
			if c := s.calculation(t, taken.RequestID); len(c.Offers) != 1 || c.Offers[0]["price"] == nil {
				t.Errorf("%+v", c)
			}
		})
	}
}

// What is no JSON, or no object, is refused as a whole.
func TestApplicationIsNoJSON(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	good := application(ours)
	for name, body := range notJSON(good, "Петров") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.refusesApplication(t, body, refusal(nobody, badWhole))
		})
	}
	for _, body := range []string{"null", "[]", "[" + good + "]", "0", `"text"`, "true"} {
		t.Run(body[:min(len(body), 5)], func(t *testing.T) {
			t.Parallel()
			p.refusesApplication(t, body, refusal(nobody, badWhole))
		})
	}
}

// notJSON are ways to spoil a good body; word is a Cyrillic word in it.
func notJSON(good, word string) map[string]string {
	bodies := map[string]string{
		"empty":             "",
		"spaces":            " \n ",
		"truncated":         good[:len(good)/2],
		"without its end":   good[:len(good)-1],
		"trailing garbage":  good + "x",
		"trailing brace":    good + "}",
		"twice":             good + good,
		"a zero byte":       good + "\x00",
		"byte order mark":   "\xef\xbb\xbf" + good,
		"windows-1251":      strings.ReplaceAll(good, word, windows1251(word)),
		"utf-16":            wide(good, false),
		"utf-16 big endian": wide(good, true),
		"overlong utf-8":    strings.ReplaceAll(good, word, "\xc0\xaf"),
		"a comment":         "/* hello */" + good,
		"a comma too many":  strings.Replace(good, "}", ",}", 1),
		"single quotes":     strings.ReplaceAll(good, `"`, `'`),
		"nan":               `{"x": NaN, ` + good[1:],
		"infinity":          `{"x": -Infinity, ` + good[1:],
		"hex":               `{"x": 0x10, ` + good[1:],
		"leading zero":      `{"x": 012, ` + good[1:],
		"plus":              `{"x": +1, ` + good[1:],
		"bare control":      "{\"x\": \"a\nb\", " + good[1:],
		"form":              "risks=1&request_id=" + ours,
		"xml":               "<risks/>",
	}
	for _, depth := range []int{10_000, 40_000} {
		bodies[fmt.Sprint("nested ", depth)] = `{"x": ` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + ", " + good[1:]
		bodies[fmt.Sprint("open ", depth)] = strings.Repeat(`{"a":`, depth)
	}
	return bodies
}

// windows1251 is a word in that encoding: small and capital letters of Russian, but for Ё.
func windows1251(word string) string {
	var b []byte
	for _, r := range word {
		b = append(b, byte(r-'А'+0xc0))
	}
	return string(b)
}

// wide is a text in UTF-16.
func wide(text string, bigEndian bool) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		pair := []byte{byte(unit), byte(unit >> 8)}
		if bigEndian {
			slices.Reverse(pair)
		}
		b = append(b, pair...)
	}
	return string(b)
}
