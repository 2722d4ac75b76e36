package bordereau

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"poligon/internal/dice"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/sim"
)

// Events of a risk. Their data is the risk as it came, a JSON object.
const (
	imported = "imported"
	updated  = "updated"
)

// judge judges the risks of one request of a partner. It is pure: it needs no turn and sees no events.
type judge struct {
	book    *rulebook
	run     *partner.Run
	partner string // its code

	magic    []field            // those whose values are to be looked at
	fallback *scenario.Scenario // what plays that no magic value chooses
}

func newJudge(book *rulebook, run *partner.Run, code string) judge {
	return judge{book, run, code, usedMagic(run), run.Default()}
}

// verdict is what is to be said of a risk without a look at what was imported before.
type verdict struct {
	id     string // tells the risk apart from the others of the session
	script *script
	flaws  []flaw // in no order; codes may repeat. None of a good risk
	met    []int  // the parts of the script that the risk touches
}

// look judges the risk at a position, counted from 1, of its request.
func (j judge) look(position int, r *risk, played *scenario.Scenario) verdict {
	return j.judged(j.run.Library.Script(played, Name).(*script), position, r, played)
}

// judged is look by the script of the scenario.
func (j judge) judged(s *script, position int, r *risk, played *scenario.Scenario) verdict {
	v := verdict{id: s.identity(j.partner, r), script: s, flaws: j.book.flaws(r)}
	if f := j.book.flightOf(&s.flights, r, v.flaws); f != nil {
		v.met = append(v.met, f.part)
		if rule, does := j.book.against(f, r); rule != nil {
			v.flaws = append(v.flaws, flaw{code: rule.Code, basis: &rule.basis, why: "scenario " + played.Name + " " + does, place: s.parts.places[f.part]})
		}
	}
	for i := range s.records {
		p := &s.records[i]
		if !p.meets(r, position, func() dice.Die { return j.run.Dice.Of(Name, v.id, strconv.Itoa(i), "plan") }) {
			continue
		}
		v.met = append(v.met, s.parts.records+i)
		for _, code := range p.codes {
			v.flaws = append(v.flaws, flaw{code: code, why: planned(played), place: s.parts.places[s.parts.records+i]})
		}
	}
	return v
}

// all judges each of the risks by the scenario that it plays.
func (j judge) all(risks []risk) []verdict {
	verdicts := make([]verdict, len(risks))
	for i := range risks {
		r := &risks[i]
		verdicts[i] = j.look(i+1, r, j.plays(r))
		verdicts[i].flaws = j.book.inOrder(verdicts[i].flaws)
	}
	return verdicts
}

// batch is a request whose risks are judged and have yet to be kept.
type batch struct {
	book     *rulebook
	risks    []risk
	verdicts []verdict
	groups   [][]int // the good risks, those that are the same one together, each group in the order of the request
}

func newBatch(j judge, risks []risk) *batch {
	b := &batch{book: j.book, risks: risks, verdicts: j.all(risks)}
	good := make([]int, 0, len(risks))
	for i := range b.verdicts {
		if len(b.verdicts[i].flaws) == 0 {
			good = append(good, i)
		}
	}
	slices.SortStableFunc(good, func(x, y int) int { return strings.Compare(b.verdicts[x].id, b.verdicts[y].id) })
	for len(good) > 0 {
		n := 1
		for n < len(good) && b.verdicts[good[n]].id == b.verdicts[good[0]].id {
			n++
		}
		b.groups, good = append(b.groups, good[:n]), good[n:]
	}
	return b
}

// keep takes the request's turn and keeps the good risks. Those that may not be kept again get a flaw. Nothing is decided when
// the error is partner.ErrHeld.
func (b *batch) keep(ctx context.Context, run *partner.Run) error {
	if err := run.Session.Enter(run); err != nil {
		return err
	}
	defer run.Session.Leave(run)
	for _, group := range b.groups {
		kept, err := sim.Decide(ctx, run.Log, sim.Subject{API: Name, ID: b.verdicts[group[0]].id}, run.Moment(), b.rule(group))
		if err != nil {
			return fmt.Errorf("keeping a risk: %w", err)
		}
		for i, ok := range kept {
			if !ok {
				again := flaw{code: b.book.rules["repeated-risk"].Code, why: `it was imported before; send "override": true to update it`}
				b.verdicts[group[i]].flaws = []flaw{again}
			}
		}
	}
	b.touch(run)
	return nil
}

// rule is the rule by which good risks that are the same one are kept, one after the other: once, and again only when one asks
// to update (seed 001, override). The answer says which were.
func (b *batch) rule(group []int) sim.Rule[[]bool] {
	return func(m sim.Moment) (kept []bool, add []sim.Event) {
		kept = make([]bool, len(group))
		var last []byte
		exists := len(m.Events) > 0
		if exists {
			last = m.Events[len(m.Events)-1].Data
		}
		for i, at := range group {
			r := &b.risks[at]
			switch {
			case !exists:
				add = append(add, sim.Event{At: m.Now, Name: imported, Data: r.raw})
			case !r.at(override).isTrue():
				continue
			case !bytes.Equal(last, r.raw): // an equal update changes nothing
				add = append(add, sim.Event{At: m.Now, Name: updated, Data: r.raw})
			}
			kept[i], exists, last = true, true, r.raw
		}
		return kept, add
	}
}

// touch notes what the request has met of its scripts, once each.
func (b *batch) touch(run *partner.Run) {
	type part struct {
		script *script
		part   int
	}
	seen := map[part]bool{}
	meet := func(s *script, n int) {
		if p := (part{s, n}); !seen[p] {
			seen[p] = true
			run.Session.Touch(Name, s, n)
		}
	}
	for i := range b.verdicts {
		v := &b.verdicts[i]
		for _, n := range v.met {
			meet(v.script, n)
		}
		for j := range v.flaws {
			if n, ok := v.script.parts.messages[v.flaws[j].code]; ok {
				meet(v.script, n)
			}
		}
	}
}

// newID is the id of an imported risk: the same for the same risk in a session of the same seed, updated or not.
func newID(d dice.Dice, identity string) uuid.UUID { return d.Of(Name, identity, "uuid").UUID() }

// identity tells risks of a session apart: the partner and the fields of the scenario's key, each behind its length.
func (s *script) identity(partnerCode string, r *risk) string {
	var buf [128]byte
	id := binary.AppendUvarint(buf[:0], uint64(len(partnerCode)))
	id = append(id, partnerCode...)
	for _, f := range s.key {
		text := r.at(f).plain()
		id = binary.AppendUvarint(id, uint64(len(text)))
		id = append(id, text...)
	}
	return string(id)
}
