package crash_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// begin is when the sessions' clocks begin.
var begin = time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)

// world is a session of the server as its clients know it: what they were answered, and what they were not. Its clock is moved only if
// moves is set; else every calculation stands where it stood in the last answer.
type world struct {
	name  string
	moves bool

	mu       sync.Mutex
	risks    map[string]bool   // answered; by policy number
	batches  [][]string        // imports that were not answered
	calcs    map[string]*calc  // by request_id
	answered map[string]string // exchanges to partner APIs: their targets by X-Poligon-Number
	moved    map[string]bool   // advances by their bodies: whether they were answered
	sum      time.Duration     // of the answered ones
	faults   map[string]string // operation and status that were put in force, by the answered id
	doubtful int               // faults that were not answered
	complain func(string, ...any)
}

// calc is a calculation. One client alone asks for it.
type calc struct {
	started string // X-Poligon-Time of its first answer; empty when that never came
	status  string // last answered
	acted   bool   // a forced status was answered
	doubt   bool   // an act was not answered
}

func newWorld(name string, moves bool, complain func(string, ...any)) *world {
	return &world{name: name, moves: moves, risks: map[string]bool{}, calcs: map[string]*calc{}, answered: map[string]string{}, moved: map[string]bool{},
		faults: map[string]string{}, complain: complain}
}

// serial makes names and numbers that nothing else has.
var serial atomic.Int64 //nolint:gochecknoglobals // a counter

// client asks in a world until no answer comes.
func (w *world) client(p *process, dice *rand.Rand) {
	var mine []string
	for {
		var alive bool
		switch n := dice.IntN(20); {
		case n < 6:
			alive = w.importRisks(p, 1+dice.IntN(4))
		case n < 9 || len(mine) == 0:
			id := newID(dice)
			mine = append(mine, id)
			alive = w.poll(p, id, "")
		case n < 11:
			alive = w.poll(p, mine[dice.IntN(len(mine))], `{delay: 20ms}`) // so that exchanges run when the server is killed
		case n < 15:
			alive = w.poll(p, mine[dice.IntN(len(mine))], "")
		case n < 17:
			alive = w.force(p, mine[dice.IntN(len(mine))])
		case n < 18:
			alive = w.fault(p)
		case w.moves:
			alive = w.advance(p)
		default:
			continue
		}
		if !alive {
			return
		}
	}
}

func newID(dice *rand.Rand) string {
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", dice.Uint32(), dice.IntN(1<<16), dice.IntN(1<<12), dice.IntN(1<<12), serial.Add(1))
}

// exchanged notes an answered exchange; false when the answer is none of a healthy server.
func (w *world) exchanged(a answer, target string, want int) bool {
	number := a.header.Get("X-Poligon-Number")
	if a.status != want || number == "" {
		w.complain("%s: %d number %q %.300s", target, a.status, number, a.body)
		return false
	}
	if was, ok := w.answered[number]; ok {
		w.complain("session %s: number %s is that of %s and of %s", w.name, number, was, target)
	}
	w.answered[number] = target
	return true
}

// signed is the target of an import of a body.
func signed(body string) string {
	sum := sha256.Sum256([]byte(body + "secret"))
	return "/api/v2/importBordereau?partnerCode=demo&sign=" + hex.EncodeToString(sum[:])
}

func bordereau(policies []string) string {
	risks := make([]string, len(policies))
	for i, policy := range policies {
		risks[i] = `{"firstName":"Иван","lastName":"Петров","birthdate":"01.02.1990","phoneNumber":"+79161234567","flightNumber":"SU-1402",` +
			`"departureDate":"2036-12-01 07:15 +03:00","policyNumber":"` + policy + `","currency":"RUB","insuranceSum":12000,"delayTimeHours":3,` +
			`"firstCountHours":3,"repeatedCountHours":1,"firstCountPercent":10,"repeatedCountPercent":30,"paymentType":1}`
	}
	return `{"risks":[` + strings.Join(risks, ",") + `]}`
}

// outcomes are what became of the risks of an import: "ok", or the codes of the refusal.
func outcomes(body []byte) (list []string) {
	var got struct {
		ResultImport []struct {
			UUID   *string
			Errors []struct{ Code string }
		}
	}
	_ = json.Unmarshal(body, &got)
	for _, r := range got.ResultImport {
		text := "ok"
		if r.UUID == nil {
			text = ""
			for _, e := range r.Errors {
				text += e.Code
			}
		}
		list = append(list, text)
	}
	return list
}

func (w *world) importRisks(p *process, n int) bool {
	policies := make([]string, n)
	for i := range policies {
		policies[i] = fmt.Sprint("P-", serial.Add(1))
	}
	body := bordereau(policies)
	target := "/s/" + w.name + signed(body)
	a, err := p.ask("POST", target, body)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.batches = append(w.batches, policies)
		return false
	}
	if !w.exchanged(a, target, 200) {
		return false
	}
	for i, got := range outcomes(a.body) {
		if got != "ok" {
			w.complain("a new risk %s: %s", policies[i], got)
		}
		w.risks[policies[i]] = true
	}
	return true
}

// statusOf is the status of a calculation in an answer to a poll.
func statusOf(body []byte) string {
	var got struct{ Status string }
	_ = json.Unmarshal(body, &got)
	return got.Status
}

func (w *world) poll(p *process, id, fault string) bool {
	target := "/s/" + w.name + "/osago/calculate/status?request_id=" + id
	var header []string
	if fault != "" {
		header = []string{"X-Poligon-Fault", fault}
	}
	a, err := p.ask("GET", target, "", header...)
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.calcs[id]
	if c == nil {
		c = &calc{}
		w.calcs[id] = c
	}
	if err != nil || !w.exchanged(a, target, 200) {
		return false
	}
	status := statusOf(a.body)
	if c.started == "" {
		c.started = a.header.Get("X-Poligon-Time")
	} else if !w.moves && !c.doubt && c.status != status {
		w.complain("%s stood at %s and stands at %s", id, c.status, status)
	}
	c.status, c.doubt = status, false
	return true
}

// force sets the status of a calculation.
func (w *world) force(p *process, id string) bool {
	a, err := p.ask("POST", "/__admin/sessions/"+w.name+"/calculations/"+id+"/events", `{"force": "CALCULATION_ERROR"}`)
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.calcs[id]
	if err != nil {
		c.doubt = true
		return false
	}
	if a.status != 200 {
		w.complain("force %s: %d %.300s", id, a.status, a.body)
		return false
	}
	c.status, c.acted = "CALCULATION_ERROR", true
	return true
}

// fault puts a fault in force that strikes nothing.
func (w *world) fault(p *process) bool {
	a, err := p.ask("POST", "/__admin/sessions/"+w.name+"/faults", `{"on": "findVehicle", "status": 503}`)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.doubtful++
		return false
	}
	var got struct{ ID string }
	if err := json.Unmarshal(a.body, &got); err != nil || a.status/100 != 2 || w.faults[got.ID] != "" {
		w.complain("fault: %d %.300s, there are %v", a.status, a.body, w.faults)
		return false
	}
	w.faults[got.ID] = "there"
	return true
}

// advance moves the clock by a step that no other advance has.
func (w *world) advance(p *process) bool {
	by := time.Duration(serial.Add(1)) * time.Millisecond
	body := fmt.Sprintf(`{"by": "%dms"}`, by.Milliseconds())
	w.mu.Lock()
	atLeast := begin.Add(w.sum)
	w.moved[body] = false
	w.mu.Unlock()
	a, err := p.ask("POST", "/__admin/sessions/"+w.name+"/clock/advance", body)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		return false
	}
	var got struct{ Clock struct{ Now time.Time } }
	if err := json.Unmarshal(a.body, &got); err != nil || a.status != 200 || got.Clock.Now.Before(atLeast.Add(by)) {
		w.complain("advance %s: %d %.300s, not at least %s", body, a.status, a.body, atLeast.Add(by))
		return false
	}
	w.moved[body] = true
	w.sum += by
	return true
}
