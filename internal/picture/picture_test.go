package picture_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"poligon/internal/picture"
)

var update = flag.Bool("update", false, "write the golden files anew")

// at is a status from a second on.
type at struct {
	second float64
	text   string
	more   string // the cause
	said   string // the message
}

func kind(status string) picture.Kind {
	switch status {
	case "CREATED", "DRAFT":
		return picture.Waiting
	case "APPROVED", "PAYMENT_READY", "PAYMENT_CANCELLED", "CALCULATION_READY":
		return picture.Ready
	case "PAYMENT_COMPLETED", "CLOSED_PAID", "PAID", "CLOSED":
		return picture.Good
	case "REJECTED", "OFFER_ERROR", "NO_CALCULATION_AVAILABLE", "PAYMENT_LINK_FAILED":
		return picture.Bad
	case "CLOSED_TIMEOUT", "CLOSED_OTHER_OFFER":
		return picture.Ended
	}
	return picture.Working
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// lane is a lane of statuses, the last of which nothing ends.
func lane(label string, until float64, list ...at) (l picture.Lane) {
	l.Label = label
	for i, a := range list {
		s := picture.Span{From: seconds(a.second), To: seconds(until), Text: a.text, Kind: kind(a.text), Cause: a.more, Message: a.said}
		if s.Open = i == len(list)-1; !s.Open {
			s.To = seconds(list[i+1].second)
		}
		l.Spans = append(l.Spans, s)
	}
	return l
}

func whole(until float64, list ...at) picture.Lane {
	l := lane("calculation", until, list...)
	l.Whole = true
	return l
}

// stories are pictures by the names of their golden files.
func stories() map[string]picture.Picture {
	list := map[string]picture.Picture{
		"happy-path":   happyPath(),
		"three-offers": threeOffers(),
		"rejected":     rejected(),
		"events":       events(),
		"import":       importOnly(),
		"twelve":       twelve(),
		"both":         both(),
		"nothing":      {Name: "nothing", Title: "Nothing at all"},
	}
	list["no-offers"] = picture.Picture{
		Name: "no-offers", Title: "A calculation without offers",
		Story: "Nobody offers anything. A client learns that an empty list is an answer.",
		Lanes: []picture.Lane{whole(0, at{0, "NO_CALCULATION_AVAILABLE", "", ""})},
	}
	return list
}

func happyPath() picture.Picture {
	return picture.Picture{
		Name: "insurer-happy-path", Title: "An insurer's happy path", Until: 150 * time.Second,
		Story: "One insurer calculates, gives a link, is paid a minute and a half later and issues the policy. A client sees every status of the good road once, and learns that polling ends at CALCULATION_READY, long before PAID and CLOSED.",
		Lanes: []picture.Lane{
			whole(150, at{0, "DRAFT", "", ""}, at{1, "PARTNER_CALCULATION_IN_PROGRESS", "", ""}, at{5, "CALCULATION_READY", "", ""},
				at{90, "PAID", "", ""}, at{120, "CLOSED", "", ""}),
			lane("only: АльфаСтрахование", 150, at{0, "CREATED", "", ""}, at{1, "PRE_CALC_SENT", "after 1s", ""}, at{2, "PRE_CALC_IN_PROGRESS", "after 1s", ""},
				at{5, "PRE_CALC_READY", "after 3s", ""}, at{7, "APPROVED", "after 2s", ""}, at{10, "PAYMENT_READY", "after 3s", ""},
				at{90, "PAYMENT_COMPLETED", "after 80s", ""}, at{120, "CLOSED_PAID", "after 30s", ""}),
		},
	}
}

func threeOffers() picture.Picture {
	return picture.Picture{
		Name: "default", Title: "Nobody chose a story", Until: 30 * time.Minute,
		Story: "What plays when no scenario was chosen. Three insurers calculate within six seconds, all three give a link to pay, and nobody pays: after half an hour the offers close.",
		Lanes: []picture.Lane{
			whole(1800, at{0, "DRAFT", "", ""}, at{1, "PARTNER_CALCULATION_IN_PROGRESS", "", ""}, at{6, "CALCULATION_READY", "", ""}, at{1800, "NO_CALCULATION_AVAILABLE", "", ""}),
			lane("alfa: АльфаСтрахование", 1800, at{0, "CREATED", "", ""}, at{1, "PRE_CALC_SENT", "", ""}, at{2, "PRE_CALC_IN_PROGRESS", "", ""},
				at{4, "PRE_CALC_READY", "", ""}, at{7, "APPROVED", "", ""}, at{9, "PAYMENT_READY", "", ""}, at{1800, "CLOSED_TIMEOUT", "", ""}),
			lane("soglasie: Согласие", 1800, at{0, "CREATED", "", ""}, at{1, "PRE_CALC_SENT", "", ""}, at{3, "PRE_CALC_IN_PROGRESS", "", ""},
				at{5, "PRE_CALC_READY", "", ""}, at{7, "APPROVED", "", ""}, at{10, "PAYMENT_READY", "", ""}, at{1800, "CLOSED_TIMEOUT", "", ""}),
			lane("vsk: ВСК", 1800, at{0, "CREATED", "", ""}, at{2, "PRE_CALC_SENT", "", ""}, at{3, "PRE_CALC_IN_PROGRESS", "", ""},
				at{6, "PRE_CALC_READY", "", ""}, at{8, "APPROVED", "", ""}, at{11, "PAYMENT_READY", "", ""}, at{1800, "CLOSED_TIMEOUT", "", ""}),
		},
	}
}

func rejected() picture.Picture {
	return picture.Picture{
		Name: "all-rejected", Title: "Every insurer refuses", Until: 12 * time.Second,
		Story: "Three insurers refuse one after the other.",
		Lanes: []picture.Lane{
			whole(12, at{0, "DRAFT", "", ""}, at{1, "PARTNER_CALCULATION_IN_PROGRESS", "", ""}, at{12, "NO_CALCULATION_AVAILABLE", "", ""}),
			lane("alfa", 12, at{0, "CREATED", "", ""}, at{1, "PRE_CALC_SENT", "", ""}, at{2, "PRE_CALC_IN_PROGRESS", "", ""}, at{4, "REJECTED", "", "Регион регистрации собственника не обслуживается."}),
			lane("soglasie", 12, at{0, "CREATED", "", ""}, at{1, "PRE_CALC_SENT", "", ""}, at{3, "PRE_CALC_IN_PROGRESS", "", ""}, at{7, "REJECTED", "", "Данные водителя не прошли проверку в РСА."}),
			lane("vsk", 12, at{0, "CREATED", "", ""}, at{2, "PRE_CALC_SENT", "", ""}, at{4, "PRE_CALC_IN_PROGRESS", "", ""}, at{12, "REJECTED", "chance 30%", ""}),
		},
	}
}

func events() picture.Picture {
	odd := lane("Щука & Жук <ООО>", 95, at{0, "CREATED", "", ""}, at{0.5, "PRE_CALC_IN_PROGRESS", "poll 3", ""},
		at{4, "PAYMENT_READY", "", ""}, at{34, "PAYMENT_CANCELLED", "event cancelled", `Отмена: "карта" <Мир> & др.; #1`},
		at{64, "PAYMENT_READY", "event resumed", ""}, at{94, "PAYMENT_COMPLETED", "event paid", "Оплачено; спасибо: 100%"})
	short := lane("stops", 4, at{0, "CREATED", "", ""}, at{2, "ОЧЕНЬ_ДЛИННЫЙ_СТАТУС_КОТОРЫЙ_НЕ_ПОМЕЩАЕТСЯ_НИ_В_ОДНУ_СТРОКУ_КАРТИНКИ", "chance 30%", ""})
	short.Spans[1].Open = false
	return picture.Picture{
		Name: "events", Title: `Paid & "cancelled" <twice>: style #1; end`, Until: 95 * time.Second,
		Story: "The customer cancels & pays.",
		Lanes: []picture.Lane{
			whole(95, at{0, "DRAFT", "", ""}, at{0.5, "PARTNER_CALCULATION_IN_PROGRESS", "poll 3", ""}, at{4, "CALCULATION_READY", "", ""}, at{94, "PAID", "event paid", ""}),
			odd, short,
		},
		Notes: []string{"seed 7; an awaited event comes 30s after the wait began", "polls every 2s"},
	}
}

func strip() *picture.Strip {
	s := picture.Strip{Label: "the first 21 records of a request", Rules: []string{
		"every 3rd record: WRONG_FLIGHT_DEPARTURE_TIME", "every 7th record: WRONG_POLICY_NUMBER", `where lastName is "Отказов" & co: WRONG_INSURED_LAST_NAME`}}
	for i := 1; i <= 21; i++ {
		c := picture.Cell{Text: fmt.Sprint(i), Kind: picture.Good}
		switch {
		case i == 21:
			c.Kind, c.Detail = picture.Bad, "WRONG_FLIGHT_DEPARTURE_TIME, WRONG_POLICY_NUMBER"
		case i%3 == 0:
			c.Kind, c.Detail = picture.Bad, "WRONG_FLIGHT_DEPARTURE_TIME"
		case i%7 == 0:
			c.Kind, c.Detail = picture.Bad, "WRONG_POLICY_NUMBER"
		}
		s.Cells = append(s.Cells, c)
	}
	return &s
}

func importOnly() picture.Picture {
	return picture.Picture{Name: "mixed-import", Title: "Some risks imported, some refused", Strip: strip(),
		Story: "Every third risk of a request is refused for its departure time and every seventh for its policy number, in one 200 beside those that were imported."}
}

func both() picture.Picture {
	p := threeOffers()
	p.Strip = strip()
	p.Strip.Cells = p.Strip.Cells[:8]
	p.Notes = []string{"seed 7"}
	return p
}

func twelve() picture.Picture {
	p := picture.Picture{Name: "twelve", Title: "Twelve offers", Until: time.Hour, Story: "Many insurers, each at its own pace.",
		Lanes: []picture.Lane{whole(3600, at{0, "DRAFT", "", ""}, at{1, "PARTNER_CALCULATION_IN_PROGRESS", "", ""}, at{19.5, "CALCULATION_READY", "", ""}, at{3600, "NO_CALCULATION_AVAILABLE", "", ""})}}
	for i := range 12 {
		s := float64(i) / 2
		p.Lanes = append(p.Lanes, lane(fmt.Sprintf("offer-%d", i+1), 3600, at{0, "CREATED", "", ""}, at{1 + s, "PRE_CALC_SENT", "", ""}, at{3 + s, "PRE_CALC_IN_PROGRESS", "", ""},
			at{8 + s, "PRE_CALC_READY", "", ""}, at{10 + s, "APPROVED", "", ""}, at{14 + s, "PAYMENT_READY", "", ""}, at{3600, "CLOSED_TIMEOUT", "", ""}))
	}
	return p
}

func golden(t *testing.T, ext string, draw func(picture.Picture) []byte) {
	for name, p := range stories() {
		t.Run(name, func(t *testing.T) {
			got, file := draw(p), filepath.Join("testdata", name+"."+ext)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) {
				t.Errorf("got:\n%s\nwant, or run the test with -update:\n%s", got, want)
			}
		})
	}
}

func TestText(t *testing.T) {
	golden(t, "txt", func(p picture.Picture) []byte { return []byte(p.Text()) })
}

func TestMermaid(t *testing.T) {
	golden(t, "mmd", func(p picture.Picture) []byte { return []byte(p.Mermaid()) })
}

func TestJSON(t *testing.T) { golden(t, "json", picture.Picture.JSON) }

func TestSVG(t *testing.T) { golden(t, "svg", picture.Picture.SVG) }
