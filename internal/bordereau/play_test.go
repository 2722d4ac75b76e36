package bordereau

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"poligon/internal/dice"
	"poligon/internal/journal"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/sim"
	"poligon/internal/store/memory"
	"poligon/openapi"
)

// play is the API with a session that is just enough for it.
type play struct {
	api       *API
	lib       *scenario.Library
	log       *counted
	now       time.Time
	number    uint64
	held      bool // Enter refuses
	inside    bool
	touched   map[string]int // how often, by place
	earlier   [][]byte
	recorded  *journal.Access
	chosen    string
	exchanges []journal.Exchange
}

// counted is a log that counts how often it is read.
type counted struct {
	*memory.Log
	reads int
}

func (c *counted) Read(ctx context.Context, s sim.Subject) ([]sim.Event, error) {
	c.reads++
	return c.Log.Read(ctx, s)
}

// newPlay plays scenarios, given as the sections of a file by their names; the scenario bare has no section.
func newPlay(tb testing.TB, mode Signatures, sections map[string]string) *play {
	tb.Helper()
	api, err := New(openapi.Bordereau, Access{Passwords: map[string]string{"312": "secret", "313": "other"}, Signatures: mode})
	if err != nil {
		tb.Fatal(err)
	}
	const other = "osago: {}\n"
	bare, _, _ := strings.Cut(head, "bordereau:")
	files := fstest.MapFS{"default.yaml": {Data: []byte(strings.TrimSpace(head) + " {}\n" + other)}, "bare.yaml": {Data: []byte(bare + other)}}
	for name, section := range sections {
		files[name+".yaml"] = &fstest.MapFile{Data: []byte(head + section + other)}
	}
	lib, err := scenario.Load([]scenario.Part{api.Part(), {API: "osago", Read: func(n scenario.Node) any { n.Map().Done(); return true }}}, scenario.Source{Name: "test", Files: files})
	if err != nil {
		tb.Fatal(err)
	}
	return &play{api: api, lib: lib, log: &counted{Log: memory.New()}, now: time.Date(2026, 4, 9, 12, 0, 0, 0, time.UTC), touched: map[string]int{}}
}

func (p *play) Enter(run *partner.Run) error {
	if p.held {
		return partner.ErrHeld
	}
	p.number++
	p.now = p.now.Add(time.Second)
	p.inside = true
	run.Now, run.Number = p.now, p.number
	return nil
}

func (p *play) Name() string { return "play" }

func (p *play) Leave(*partner.Run) { p.inside = false }

func (p *play) Touch(_ string, s any, part int) { p.touched[p.api.Touchable(s)[part]]++ }

func (p *play) Earlier(string) iter.Seq[[]byte] { return slices.Values(p.earlier) }

func (p *play) run() *partner.Run {
	run := &partner.Run{Dice: dice.New(1), Log: p.log, Library: p.lib, Session: p, Recorded: p.recorded}
	if p.chosen != "" {
		run.Chosen, _ = p.lib.Find(p.chosen)
	}
	return run
}

// send sends a body with a sign and keeps the exchange as a journal does.
func (p *play) send(sign, body string) (*partner.Run, *httptest.ResponseRecorder) {
	target := "/api/v2/importBordereau?" + url.Values{"partnerCode": {"312"}, "sign": {sign}}.Encode()
	run, w := p.run(), httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	p.api.ServeHTTP(w, r.WithContext(partner.With(r.Context(), run)))
	answer, _ := io.ReadAll(w.Result().Body)
	e := journal.Exchange{Number: run.Number, At: run.Now, Operation: operation, Subjects: run.Note.Subjects, Access: run.Note.Access,
		Request: journal.Request{Target: target, Body: []byte(body), Size: int64(len(body))},
		Answer:  journal.Answer{Status: w.Code, Body: answer, Size: int64(len(answer))}}
	e.Reason, _ = url.QueryUnescape(w.Header().Get("X-Poligon-Reason"))
	if run.Note.Scenario != nil {
		e.Scenario = run.Note.Scenario.Name
	}
	p.exchanges = append(p.exchanges, e)
	return run, w
}

// imports sends risks with the right sign.
func (p *play) imports(risks ...string) *httptest.ResponseRecorder {
	body := `{"risks":[` + strings.Join(risks, ",") + `]}`
	_, w := p.send(Sign([]byte(body), "secret"), body)
	return w
}

// person is a good risk with changes, which are JSON; an empty one removes the field.
func person(changes map[string]string) string {
	fields := map[string]string{"firstName": `"Иван"`, "lastName": `"Петров"`, "birthdate": `"11.01.1986"`, "phoneNumber": `"+79161234567"`, "flightNumber": `"S7-155"`,
		"departureDate": `"2026-04-09 20:00 +03:00"`, "policyNumber": `"P-1"`, "currency": `"RUB"`, "insuranceSum": "12000", "delayTimeHours": "2",
		"firstCountHours": "2", "repeatedCountHours": "1", "firstCountPercent": "10", "repeatedCountPercent": "30", "paymentType": "1"}
	maps.Copy(fields, changes)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] != "" {
			b.WriteString(`,"` + name + `":` + fields[name])
		}
	}
	return "{" + b.String()[1:] + "}"
}

// codes are the codes of each result, "ok" for an imported one.
func codes(tb testing.TB, w *httptest.ResponseRecorder) (list []string) {
	tb.Helper()
	var answer given
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		tb.Fatalf("%v: %s", err, w.Body)
	}
	for _, r := range answer.Results {
		text := ""
		for _, e := range r.Errors {
			text += " " + e.Code
		}
		if r.UUID != "" {
			text += " ok"
		}
		list = append(list, text[1:])
	}
	for _, e := range answer.Errors {
		list = append(list, e.Code)
	}
	return list
}
