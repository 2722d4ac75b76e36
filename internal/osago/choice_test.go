package osago

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"poligon/internal/osago/internal/wire"
	"poligon/internal/sim"
	"poligon/openapi"
)

// offered are four cross-sales: one that is required, two whose options exclude each other, one without options.
func offered() shown {
	option := func(id, compatible int) wire.UpsaleOption {
		return wire.UpsaleOption{ID: &id, CompatibilityID: &compatible, Price: number(decimal.New(int64(id), 0))}
	}
	second := option(12, 1)
	second.IsDefault = ptr(true)
	return shown{upsales: []wire.UpsaleInfo{
		{ID: "cover", IsRequired: ptr(true), Options: &[]wire.UpsaleOption{option(11, 1), second}},
		{ID: "road", Options: &[]wire.UpsaleOption{option(21, 1), option(22, 2)}},
		{ID: "car", Options: &[]wire.UpsaleOption{option(31, 1), option(32, 2)}},
		{ID: "empty"},
	}}
}

func TestTake(t *testing.T) {
	t.Parallel()
	pick := func(pairs ...string) *[]wire.ChosenUpsale {
		list := []wire.ChosenUpsale{}
		for i := 0; i < len(pairs); i += 2 {
			var c wire.ChosenUpsale
			if pairs[i] != "-" {
				c.UpsaleID = &pairs[i]
			}
			if pairs[i+1] != "-" {
				c.OptionID = &pairs[i+1]
			}
			list = append(list, c)
		}
		return &list
	}
	cover, pool := takenSale{"cover", 12}, func(s *shown) { s.pool = ptr(true) }
	for name, c := range map[string]struct {
		sent  *[]wire.ChosenUpsale
		alter func(*shown)
		taken []takenSale
		wrong string // the property
	}{
		"nothing said":                   {nil, nil, []takenSale{cover}, ""},
		"nothing said, in the pool":      {nil, pool, []takenSale{cover, {"road", 21}, {"car", 31}}, ""},
		"nothing said, no default":       {nil, func(s *shown) { (*s.upsales[0].Options)[1].IsDefault = nil }, []takenSale{{"cover", 11}}, ""},
		"nothing offered":                {nil, func(s *shown) { s.upsales = nil }, nil, ""},
		"the required one":               {pick("cover", "11"), nil, []takenSale{{"cover", 11}}, ""},
		"called off":                     {pick(), nil, nil, "upsales"},
		"called off for another":         {pick("road", "21"), nil, nil, "upsales"},
		"in the pool all are compulsory": {pick("cover", "11"), pool, nil, "upsales"},
		"in the pool, all taken":         {pick("cover", "11", "road", "21", "car", "31"), pool, []takenSale{{"cover", 11}, {"road", 21}, {"car", 31}}, ""},
		"compatible":                     {pick("road", "21", "cover", "12"), nil, []takenSale{{"road", 21}, {"cover", 12}}, ""},
		"incompatible":                   {pick("cover", "12", "road", "22"), nil, nil, "upsales[1].option_id"},
		"incompatible, the other way":    {pick("road", "22", "cover", "12"), nil, nil, "upsales[1].option_id"},
		"two of one":                     {pick("cover", "11", "cover", "12"), nil, nil, "upsales[1].upsale_id"},
		"the same twice":                 {pick("cover", "11", "cover", "11"), nil, nil, "upsales[1].upsale_id"},
		"unknown":                        {pick("cover", "11", "cave", "1"), nil, nil, "upsales[1].upsale_id"},
		"unknown option":                 {pick("cover", "21"), nil, nil, "upsales[0].option_id"},
		"an option written otherwise":    {pick("cover", "+11"), nil, nil, "upsales[0].option_id"},
		"an option that is no number":    {pick("cover", "eleven"), nil, nil, "upsales[0].option_id"},
		"without options":                {pick("cover", "11", "empty", "1"), nil, nil, "upsales[1].option_id"},
		"no upsale_id":                   {pick("-", "11"), nil, nil, "upsales[0].upsale_id"},
		"no option_id":                   {pick("cover", "-"), nil, nil, "upsales[0].option_id"},
		"an endless name":                {pick(strings.Repeat("я", 9999), "1"), nil, nil, "upsales[0].upsale_id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := offered()
			if c.alter != nil {
				c.alter(&s)
			}
			got, wrong := s.take(c.sent, true)
			switch {
			case wrong == nil && (c.wrong != "" || !reflect.DeepEqual(got, c.taken)):
				t.Errorf("%v is taken", got)
			case wrong != nil && (wrong.property != c.wrong || wrong.message == "" || wrong.reason == "" || len(wrong.reason) > 1000):
				t.Errorf("%+v", wrong)
			}
			if got, wrong := s.take(c.sent, false); len(got) > 0 || (wrong != nil) != (c.sent != nil && len(*c.sent) > 0) {
				t.Errorf("not allowed: %v, %v", got, wrong)
			}
		})
	}
}

func TestIsReturnURL(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"https://example.com", "http://127.0.0.1:9/a?b=c&d=%D1%8F#e", "HTTPS://Example.COM/x", "http://shop.local:65535", "http://[::1]:8080/ok", "https://[2001:db8::1]/", "http://[::ffff:127.0.0.1]/", "https://xn--e1afmkfd.xn--p1ai/",
		"https://example.com/" + strings.Repeat("a", 1900)} {
		if !isReturnURL(good) {
			t.Errorf("%.80s is refused", good)
		}
	}
	for _, bad := range []string{"", "/ok", "//example.com/", "example.com", "javascript:alert(1)", "data:text/html,x", "ftp://example.com/", "mailto:a@b.c", "https://", "https:///ok",
		"https://user@example.com/", "https://user:word@example.com/", "https://example.com\\@evil.com/", "https://пример.рф/", "https://example.com/я", "https://example.com/a b",
		"https://example.com/\r\nSet-Cookie: a=b", "https://example.com/\x00", " https://example.com/", "https://example.com:/x y", "https://[fe80::1%25eth0]/", "https://[::1/", "https://[127.0.0.1]/", "https://[example.com]/", "https://[::1]:99999/",
		"https://example.com:99999/", "https://example.com:65536/", "https://example.com:0/", "https://example.com:/", "https://::1/", "https://-/", "https://../x", "https://exa;mple.com/", "https://a'b.com/",
		"https://example.com:123456/", "https://example.com/%zz", "https://example.com/" + strings.Repeat("a", 2000)} {
		if isReturnURL(bad) {
			t.Errorf("%.80q is taken", bad)
		}
	}
}

func TestRoubles(t *testing.T) {
	t.Parallel()
	for amount, want := range map[string]string{"0": "0,00", "7.5": "7,50", "999.999": "1 000,00", "7072": "7 072,00", "123456.7": "123 456,70", "1234567": "1 234 567,00"} {
		if got := strings.ReplaceAll(roubles(decimal.RequireFromString(amount)), "\u00a0", " "); got != want {
			t.Errorf("%s is %s, not %s", amount, got, want)
		}
	}
}

// The last choice of each offer counts; other events are none.
func TestReadChoices(t *testing.T) {
	t.Parallel()
	var log []sim.Event
	list := []choice{{Offer: 1, Upsales: []takenSale{{"a", 1}}}, {Offer: 0, Returns: returns{Success: "https://a.test/"}}, {Offer: 1, Upsales: []takenSale{{"a", 2}}}}
	for _, ch := range list {
		e, err := ch.event()
		if err != nil {
			t.Fatal(err)
		}
		name, data := act{offer: 0, word: "paid"}.encode()
		log = append(log, e, sim.Event{Name: name, Data: data})
	}
	got, err := readChoices(log)
	if want := map[int]choice{0: list[1], 1: list[2]}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

// FuzzChoices reads choices of a log that comes from a file.
func FuzzChoices(f *testing.F) {
	for _, seed := range []string{`{"o":1,"u":[{"u":"a","o":1}],"k":{"s":"https://a.test/?b=c"}}`, `{}`, `{"o":-1}`, `{"k":{"f":"javascript:alert(1)"}}`, `{"o":1e99}`, `null`, `[`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ch, err := decodeChoice(data)
		if err != nil {
			if !errors.Is(err, sim.ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		for _, link := range []string{ch.Returns.Success, ch.Returns.Failure} {
			if link != "" && !isReturnURL(link) {
				t.Fatalf("leads to %q", link)
			}
		}
		e, err := ch.event()
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeChoice(e.Data)
		if err != nil || !reflect.DeepEqual(again, ch) && (len(again.Upsales) > 0 || len(ch.Upsales) > 0) {
			t.Fatalf("%v is %v, %v", ch, again, err)
		}
	})
}

// A field that the contract does not have is told with the one that was probably meant, wherever it stands.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	api, err := New(openapi.OSAGO, false)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{}`: "", `{"owner": {"first_name": "x", "addresses": [{"house": "1"}]}}`: "",
		`{"retrun_urls": {"a": 1}}`:                             `the field "retrun_urls" is unknown, did you mean return_urls?`,
		`{"owner": {"addresses": [{}, {"hause": "1"}]}}`:        `the field "owner.addresses[1].hause" is unknown, did you mean house?`,
		`{"vehicle": {"car_nmber": ""}, "zzzzzzzz": [[{}, 1]]}`: `the field "vehicle.car_nmber" is unknown, did you mean car_number?; the field "zzzzzzzz" is unknown`,
		`{"owner": 1, "vehicle": [{"vin": 1}]}`:                 "",
	} {
		var body any
		if err := json.Unmarshal([]byte(text), &body); err != nil {
			t.Fatal(err)
		}
		if got := api.fields.request.unknown(body); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// FuzzReturnURL reads addresses that customers are sent to: whatever is taken breaks no header, and means the same to a browser.
func FuzzReturnURL(f *testing.F) {
	for _, link := range []string{"https://example.com/a?b=c#d", "http://[::1]:8080/", "https://example.com:99999/", "https://a@b/", "javascript:alert(1)", "https://exa;mple.com/", "http://../"} {
		f.Add(link)
	}
	f.Fuzz(func(t *testing.T, link string) {
		if !isReturnURL(link) {
			return
		}
		u, err := url.Parse(link)
		if err != nil || u.User != nil || u.Hostname() == "" || strings.ContainsAny(u.Host, " ;,'\"@/\\") {
			t.Fatalf("%q leads to %v, %v", link, u, err)
		}
		h := http.Header{}
		securePage(h, []string{link})
		if policy := h.Get("Content-Security-Policy"); strings.Count(policy, ";") != 4 || strings.ContainsAny(policy, "\r\n,") {
			t.Fatalf("%q breaks the policy: %s", link, policy)
		}
	})
}
