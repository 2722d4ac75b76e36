package crash_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"poligon/internal/store/redistest"
)

// How often TestCrash kills, and by which dice: go test ./internal/crash -run TestCrash -kills 200 -v, or make crash.
var (
	kills = flag.Int("kills", 12, "how often each server is killed")
	seed  = flag.Uint64("seed", 1, "of the dice that say when the server is killed and what it is asked")
)

// How much there is at a time. A world is begun anew after some kills, so that journals stay within their pages.
const (
	worlds        = 4
	clients       = 3
	killsPerWorld = 8
	longestLife   = 250 // milliseconds under load
)

// A server is killed under load, again and again, at moments that dice choose. What it had answered is there when it is started again,
// exactly once; what it had not is there as a whole, or not at all.
func TestCrash(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) (store string, below func()){
		"file": func(t *testing.T) (string, func()) {
			return "file:" + filepath.Join(t.TempDir(), "db"), nil
		},
		"file-async": func(t *testing.T) (string, func()) {
			return "file:" + filepath.Join(t.TempDir(), "db") + "?sync=off", nil
		},
		"redis": func(t *testing.T) (string, func()) {
			return redistest.Start(t, redistest.Options{}).URL(), nil
		},
		"redis-killed-too": func(t *testing.T) (string, func()) {
			s := redistest.Start(t, redistest.Options{Appends: true})
			return s.URL(), func() { s.Kill(); s.Restart() }
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, below := open(t)
			loop(t, serve(t, store), below)
		})
	}
}

// tally counts what was asked and checked.
type tally struct{ kills, exchanges, risks, calcs, acts, doubtful, halved int }

// loop kills and checks. Below is what is killed beneath the server, with it and started again; nil for nothing.
func loop(t *testing.T, p *process, below func()) {
	dice := rand.New(rand.NewPCG(*seed, 0)) //nolint:gosec // a test's dice
	var count tally
	var list []*world
	var last *world // of those before, looked at once more at the end
	for range *kills {
		if count.kills%killsPerWorld == 0 {
			if list != nil {
				last = list[0]
			}
			list = begun(t, p, count.kills)
		}
		under(p, list, dice, below)
		count.kills++
		p.start()
		for _, w := range list {
			w.check(t, p, &count)
		}
		if t.Failed() {
			t.Fatalf("after kill %d: %+v", count.kills, count)
		}
	}
	if last != nil {
		last.check(t, p, &count)
	}
	t.Logf("%+v", count)
	if count.exchanges == 0 || count.doubtful == 0 {
		t.Errorf("nothing was under way when the server was killed: %+v", count)
	}
}

// begun are new worlds with their sessions.
func begun(t *testing.T, p *process, n int) (list []*world) {
	for i := range worlds {
		w := newWorld(fmt.Sprintf("w%d-%d", n, i), i%2 == 0, t.Errorf)
		config, _ := json.Marshal(map[string]any{"clock": map[string]any{"mode": "frozen", "start": begin}, "journal": map[string]any{"entries": 100_000, "bytes": 64 << 20}})
		p.must(201, nil, "PUT", "/__admin/sessions/"+w.name, string(config))
		list = append(list, w)
	}
	return list
}

// under has clients ask in all worlds, and kills the server meanwhile.
func under(p *process, list []*world, dice *rand.Rand, below func()) {
	var asking sync.WaitGroup
	for _, w := range list {
		for range clients {
			own := rand.New(rand.NewPCG(dice.Uint64(), 0)) //nolint:gosec // a test's dice
			asking.Go(func() { w.client(p, own) })
		}
	}
	<-time.After(time.Duration(10+dice.IntN(longestLife)) * time.Millisecond)
	p.kill()
	if below != nil {
		below()
	}
	asking.Wait()
}

// entry is an exchange in the journal.
type entry struct {
	Number    uint64
	Act       bool
	Operation string
	Running   bool
	Request   struct{ Target, Body string }
	Answer    struct{ Status int }
	Subjects  []string
}

// journal is all of a session's journal.
func (w *world) journal(p *process) (list []entry) {
	for after := uint64(0); ; {
		var page struct {
			Dropped   int
			Exchanges []entry
		}
		p.must(200, &page, "GET", fmt.Sprintf("/__admin/sessions/%s/journal?limit=1000&after=%d", w.name, after), "")
		if page.Dropped > 0 {
			w.complain("the journal of %s dropped %d", w.name, page.Dropped)
		}
		list = append(list, page.Exchanges...)
		if len(page.Exchanges) < 1000 {
			return list
		}
		after = list[len(list)-1].Number
	}
}

// check holds a session against what its clients know, and settles what they do not.
func (w *world) check(t *testing.T, p *process, count *tally) {
	t.Helper()
	w.checkJournal(p, count)
	w.checkFaults(p)
	w.checkCalculations(p, count)
	w.checkRisks(p, count)
	var now struct{ Subjects int }
	p.must(200, &now, "GET", "/__admin/sessions/"+w.name, "")
	if want := len(w.risks) + len(w.calcs); now.Subjects != want {
		w.complain("session %s has %d subjects, not %d", w.name, now.Subjects, want)
	}
}

// checkJournal: no number twice, every answered exchange once, and the clock where the journal's advances put it.
func (w *world) checkJournal(p *process, count *tally) {
	numbers, targets, moves, sum := map[uint64]bool{}, map[string]string{}, map[string]int{}, time.Duration(0)
	for _, e := range w.journal(p) {
		if numbers[e.Number] {
			w.complain("the journal of %s has number %d twice", w.name, e.Number)
		}
		numbers[e.Number] = true
		if _, answered := w.answered[fmt.Sprint(e.Number)]; e.Running && (answered || strings.HasPrefix(p.store, "file:")) {
			w.complain("session %s: %d still runs", w.name, e.Number)
		}
		if !e.Act {
			targets[fmt.Sprint(e.Number)] = e.Request.Target
		}
		if e.Operation == "advanceClock" {
			moves[e.Request.Body]++
			by, _ := time.ParseDuration(strings.Trim(strings.TrimPrefix(e.Request.Body, `{"by": `), `"}`))
			sum += by
		}
	}
	for n, target := range w.answered {
		if got, ok := targets[n]; !ok || strings.Contains(target, "status?") && got != strings.TrimPrefix(target, "/s/"+w.name) {
			w.complain("session %s answered %s with number %s; the journal has %q there", w.name, target, n, got)
		}
	}
	for body, answered := range w.moved {
		if n := moves[body]; n > 1 || answered && n != 1 {
			w.complain("session %s: advance %s, answered %t, is in the journal %d times", w.name, body, answered, n)
		}
		w.moved[body] = moves[body] == 1
	}
	var now struct{ Clock struct{ Now time.Time } }
	p.must(200, &now, "GET", "/__admin/sessions/"+w.name, "")
	if !now.Clock.Now.Equal(begin.Add(sum)) || sum < w.sum {
		w.complain("the clock of %s is %s; the journal's advances make %s, the answered ones %s", w.name, now.Clock.Now, begin.Add(sum), begin.Add(w.sum))
	}
	w.sum = sum
	count.exchanges += len(w.answered)
	count.acts += len(w.moved) + len(w.faults)
}

// checkFaults: every answered one is in force once, and no more than were asked for.
func (w *world) checkFaults(p *process) {
	var now struct{ Faults []struct{ ID string } }
	p.must(200, &now, "GET", "/__admin/sessions/"+w.name+"/faults", "")
	there := map[string]string{}
	for _, f := range now.Faults {
		if there[f.ID] != "" {
			w.complain("session %s has fault %s twice", w.name, f.ID)
		}
		there[f.ID] = "there"
	}
	for id := range w.faults {
		if there[id] == "" {
			w.complain("session %s lost fault %s", w.name, id)
		}
	}
	if len(there) > len(w.faults)+w.doubtful {
		w.complain("session %s has %d faults; %d were answered and %d were not", w.name, len(there), len(w.faults), w.doubtful)
	}
	w.faults, w.doubtful = there, 0
}

// checkCalculations: each began when its first answer said, and stands where the last one said.
func (w *world) checkCalculations(p *process, count *tally) {
	for id, c := range w.calcs {
		doubt, acted := c.doubt || c.started == "", c.acted
		if doubt {
			count.doubtful++
		}
		known := *c
		if !w.poll(p, id, "") {
			return
		}
		var now struct {
			Forced  bool
			Started time.Time
		}
		p.must(200, &now, "GET", "/__admin/sessions/"+w.name+"/calculations/"+id, "")
		if began, _ := time.Parse(time.RFC3339Nano, c.started); known.started != "" && !now.Started.Equal(began) {
			w.complain("%s began at %s, and then at %s", id, c.started, now.Started)
		}
		c.started = now.Started.Format(time.RFC3339Nano)
		if acted && !now.Forced || !acted && !doubt && now.Forced {
			w.complain("%s: an act was answered %t, was made %t", id, acted, now.Forced)
		}
		c.acted = now.Forced
	}
	count.calcs += len(w.calcs)
}

// checkRisks: a second import of what was answered is refused; what was not answered is there as a whole, or not at all.
func (w *world) checkRisks(p *process, count *tally) {
	var known []string
	for policy := range w.risks {
		known = append(known, policy)
	}
	if len(known) > 0 {
		for i, got := range w.again(p, known) {
			if got != "WRONG_RISK_OVERRIDE" {
				w.complain("session %s lost risk %s: imported again it is %s", w.name, known[i], got)
			}
		}
	}
	for _, batch := range w.batches {
		got := w.again(p, batch)
		for _, one := range got {
			if one != got[0] {
				w.complain("session %s has half an import: %v", w.name, got)
			}
		}
		if count.doubtful++; len(got) > 1 {
			count.halved++ // it could have been
		}
		for _, policy := range batch {
			w.risks[policy] = true
		}
	}
	w.batches = nil
	count.risks += len(w.risks)
}

// again imports risks once more.
func (w *world) again(p *process, policies []string) []string {
	body := bordereau(policies)
	target := "/s/" + w.name + signed(body)
	a := p.must(200, nil, "POST", target, body)
	w.exchanged(a, target, 200)
	return outcomes(a.body)
}
