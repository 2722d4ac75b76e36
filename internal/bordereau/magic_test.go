package bordereau

import (
	"slices"
	"testing"
	"testing/fstest"

	"poligon/internal/dice"
	"poligon/internal/partner"
	"poligon/internal/scenario"
)

// magicPlay has a scenario for a value of each magic field, each of which refuses with a code of its own.
func magicPlay(tb testing.TB) *play {
	tb.Helper()
	p := newPlay(tb, Off, nil)
	files := fstest.MapFS{"default.yaml": {Data: []byte(head + "  {}\n")}}
	for name, c := range map[string][2]string{
		"by-policy": {"policyNumber: MAGIC", "WRONG_POLICY_NUMBER"},
		"by-flight": {"flightNumber: SU-777", "WRONG_FLIGHT_STATUS"},
		"by-name":   {"lastName: Отказов", "WRONG_INSURED_LAST_NAME"},
	} {
		files[name+".yaml"] = &fstest.MapFile{Data: []byte("title: x\nstory: y\nmagic: [{bordereau." + c[0] + ", why: a test}]\nbordereau:\n" +
			"  records: [{error: " + c[1] + "}]\n  requests: [{when: {more_than: 1}, error: INTERNAL_ERROR}]\n")}
	}
	lib, err := scenario.Load([]scenario.Part{p.api.Part()}, scenario.Source{Name: "test", Files: files})
	if err != nil {
		tb.Fatal(err)
	}
	p.lib = lib
	return p
}

// A risk plays what the first of its magic fields asks for, whatever its case; a request as a whole plays what its first risk does.
func TestMagicFields(t *testing.T) {
	t.Parallel()
	fields := func(policy, flight, last string) string {
		return person(map[string]string{"policyNumber": policy, "flightNumber": flight, "lastName": last})
	}
	plain := fields(`"P-1"`, `"S7-155"`, `"Петров"`)
	flight := fields(`"P-2"`, `"SU-777"`, `"Отказов"`)
	for name, tt := range map[string]struct {
		risks        []string
		chosen       string
		want         []string
		played, plan string
	}{
		"policy":            {[]string{fields(`"magic"`, `"SU-777"`, `"Отказов"`)}, "", []string{"WRONG_POLICY_NUMBER"}, "by-policy", "by-policy"},
		"flight":            {[]string{flight}, "", []string{"WRONG_FLIGHT_STATUS"}, "by-flight", "by-flight"},
		"name":              {[]string{fields(`"P-2"`, `"S7-155"`, `"ОТКАЗОВ"`)}, "", []string{"WRONG_INSURED_LAST_NAME"}, "by-name", "by-name"},
		"none":              {[]string{plain}, "", []string{"ok"}, "default", "default"},
		"a number is none":  {[]string{fields("5", `"S7-155"`, `"Петров"`)}, "", []string{"WRONG_POLICY_NUMBER"}, "default", "default"},
		"chosen":            {[]string{flight}, "default", []string{"ok"}, "default", "default"},
		"another is chosen": {[]string{flight}, "by-name", []string{"WRONG_INSURED_LAST_NAME"}, "by-name", "by-name"},
		"each for itself":   {[]string{plain, flight}, "", []string{"ok", "WRONG_FLIGHT_STATUS"}, "default", "by-flight"},
		"the first for all": {[]string{flight, plain}, "", []string{internal}, "by-flight", "by-flight"},
		"nothing":           {[]string{}, "", nil, "default", ""},
	} {
		p := magicPlay(t)
		p.chosen = tt.chosen
		if got := codes(t, p.imports(tt.risks...)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
		if got := p.exchanges[0].Scenario; got != tt.played {
			t.Errorf("%s: the request played %s, want %s", name, got, tt.played)
		}
		p.chosen = ""
		if tt.plan != "" && len(p.exchanges[0].Subjects) > 0 {
			policy := p.exchanges[0].Subjects[len(p.exchanges[0].Subjects)-1]
			if list, _ := p.api.ExplainRisks(t.Context(), p.run(), policy, "", p.exchanges, nil); name != "the first for all" && list[0].Attempts[0].Scenario != tt.plan {
				t.Errorf("%s: explained by %s, want %s", name, list[0].Attempts[0].Scenario, tt.plan)
			}
		}
	}
}

// fewestAllocs is how many allocations f takes when nothing else happens: what the library pools is dropped now and then, with the
// race detector on purpose, and then made anew.
func fewestAllocs(f func()) float64 {
	fewest := testing.AllocsPerRun(1, f)
	for range 200 {
		fewest = min(fewest, testing.AllocsPerRun(1, f))
	}
	return fewest
}

// A field of which no scenario has a magic value is not looked at, and what no scenario speaks about costs nothing.
func TestLookingAtARiskAllocatesNothingMore(t *testing.T) {
	p := newPlay(t, Off, nil)
	j := newJudge(p.api.book, &partner.Run{Dice: dice.New(1), Library: p.lib}, "312")
	if len(j.magic) != 0 {
		t.Errorf("looked at are %v", j.magic)
	}
	r := parse(t, person(nil))
	if n := testing.AllocsPerRun(100, func() { j.plays(r) }); n > 0 {
		t.Errorf("what a risk plays takes %v allocations", n)
	}
	bare := fewestAllocs(func() { j.look(1, r, j.fallback) })
	told := newPlay(t, Off, map[string]string{"default": "  flights: {SU-1: unknown, SU-2: cancelled, S7-1*: unknown}\n  records: [{when: {position: [2, 7..9], where: {lastName: [А*, Б]}, share: 5%}, error: WRONG_RISK_FORMAT}]\n"})
	k := newJudge(told.api.book, &partner.Run{Dice: dice.New(1), Library: told.lib}, "312")
	other := parse(t, person(map[string]string{"flightNumber": `"RU-1"`}))
	if n := fewestAllocs(func() { k.look(1, other, k.fallback) }); n > bare {
		t.Errorf("a risk that nothing fits takes %v allocations, one of no scenario %v", n, bare)
	}
	if got := magicPlay(t); !slices.Equal(newJudge(got.api.book, got.run(), "").magic, magicFields[:]) {
		t.Error("not all magic fields are looked at")
	}
}
