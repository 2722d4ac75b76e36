package product_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/session"
)

// However a snapshot is broken inside, it is refused, or the session that comes of it answers every question without a fault of ours.
func TestBrokenSnapshotPlaysOnOrIsRefused(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	s := p.frozen(t, "aggregator-three-offers")
	s.post(t, application(ours)).want(t, 200)
	s.importRisks(t, risk(nil), policy("B-1", nil))
	s.importRisks(t, risk(with("override", true)))
	s.fault(t, `{"on": "getCalculation", "every": 3, "status": 500}`)
	s.moveTo(t, 20*time.Second)
	s.act(t, fmt.Sprintf(`"fire": "paid", "offer_id": %q`, s.explain(t, ours).Offers[1].Offer)).want(t, 200)
	s.act(t, `"force": "CALCULATION_ERROR"`).want(t, 200)
	file := s.admin(t, "GET", "/snapshot", "").want(t, 200).body
	names, restored := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		var snapshot session.Snapshot
		if err := json.Unmarshal(file, &snapshot); err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(1, 3).Draw(rt, "times") {
			breakInside(rt, &snapshot)
		}
		names++
		broken := &play{p, fmt.Sprintf("broken-%d", names)}
		switch a := broken.admin(t, "PUT", "/snapshot", asJSON(snapshot)); {
		case a.status == 201:
			restored++
			broken.playOn(t, rt)
			broken.admin(t, "DELETE", "", "").want(t, 204)
		case a.status != 400:
			rt.Fatalf("%s", a)
		}
	})
	if restored == 0 || restored == names {
		t.Errorf("of %d snapshots %d were restored", names, restored)
	}
}

// playOn asks all that can be asked of a session.
func (s *play) playOn(t *testing.T, rt *rapid.T) {
	t.Helper()
	for _, path := range []string{"/osago/calculate?request_id=" + ours, "/osago/calculate/status?request_id=" + ours} {
		if a := s.strike(t, call{method: "GET", path: path}); a.status >= 500 && a.header.Get("X-Poligon-Fault") == "" || a.err != nil {
			rt.Fatalf("%s: %s %v", path, a.answer, a.err)
		}
	}
	if a := s.importBody(t, asJSON(map[string]any{"risks": list(risk(nil), policy("B-1", with("override", true)))})); a.status != 200 {
		rt.Fatalf("the import is answered %s", a)
	}
	for _, c := range []struct{ method, path, body string }{
		{"GET", "", ""}, {"GET", "/snapshot", ""}, {"GET", "/calculations/" + ours, ""}, {"GET", "/risks?policy_number=B-1", ""}, {"GET", "/unused", ""}, {"GET", "/faults", ""},
		{"POST", "/clock/advance", `{"next": true}`}, {"POST", "/clock/advance", `{"until": {"request_id": "` + ours + `", "status": "CLOSED"}}`},
		{"POST", "/calculations/" + ours + "/events", `{"fire": "failed"}`}, {"POST", "/clock/advance", `{"by": "30d"}`}, {"POST", "/clock/resume", ""},
		{"GET", "/recording", ""}, {"POST", "/reset", ""}, {"GET", "/calculations/" + ours, ""},
	} {
		if a := s.admin(t, c.method, c.path, c.body); a.status >= 500 {
			rt.Fatalf("%s %s is answered %s", c.method, c.path, a)
		}
	}
}

// breakInside changes one thing in a snapshot that keeps its form.
func breakInside(t *rapid.T, snap *session.Snapshot) {
	if len(snap.Subjects) == 0 {
		return
	}
	l := &snap.Subjects[rapid.IntRange(0, len(snap.Subjects)-1).Draw(t, "subject")]
	other := &snap.Subjects[rapid.IntRange(0, len(snap.Subjects)-1).Draw(t, "other")]
	instant := rapid.SampledFrom([]time.Time{{}, dawn, dawn.AddDate(-500, 0, 0), dawn.AddDate(500, 0, 0), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}).Draw(t, "instant")
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 0:
		l.ID = noise(t, l.ID)
	case 1:
		l.API = other.API
	case 2:
		l.Events = append(l.Events, other.Events...)
	case 3:
		l.Events = nil
	case 4:
		snap.Now = instant
	case 5:
		snap.Start = instant
	case 6:
		snap.Speed, snap.Thaw = rapid.SampledFrom([]float64{-1, 1e6, 2e6, 1e-9}).Draw(t, "speed"), rapid.SampledFrom([]float64{-1, 0, 1e6}).Draw(t, "thaw")
	case 7:
		snap.Added = rapid.SampledFrom([]int{-1, 0, 1 << 40}).Draw(t, "added")
		snap.Faults = append(snap.Faults, session.SnapshotFault{ID: rapid.SampledFrom([]string{"", "1", "x/1", "all-rejected/9"}).Draw(t, "id"), Fault: json.RawMessage(`{}`), Met: -1, Applied: -1})
	default:
		breakEvents(t, l.Events, instant)
	}
}

func breakEvents(t *rapid.T, events []session.SnapshotEvent, instant time.Time) {
	if len(events) == 0 {
		return
	}
	e := &events[rapid.IntRange(0, len(events)-1).Draw(t, "event")]
	switch rapid.IntRange(0, 4).Draw(t, "part") {
	case 0:
		e.At = instant
	case 1:
		e.Name = rapid.SampledFrom([]string{"", "started", "looked", "fired", "forced", "imported", "updated"}).Draw(t, "name")
	case 2:
		e.Data = nil
	default:
		e.Data = noise(t, e.Data)
	}
}

// noise changes a byte, or cuts the rest off.
func noise(t *rapid.T, data []byte) []byte {
	if len(data) == 0 {
		return []byte{0}
	}
	i := rapid.IntRange(0, len(data)-1).Draw(t, "place")
	if rapid.Bool().Draw(t, "cut") {
		return data[:i]
	}
	data[i] = rapid.Byte().Draw(t, "byte")
	return data
}
