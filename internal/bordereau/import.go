package bordereau

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"poligon/internal/dice"
	"poligon/internal/partner"
	"poligon/internal/sim"
)

// Events of a risk. Their data is the risk as it came, a JSON object.
const (
	imported = "imported"
	updated  = "updated"
)

// result is what became of one risk: an id, or what is wrong with it.
type result struct {
	id    uuid.UUID
	flaws []flaw
	texts map[string]string // the scenario's own messages by code
}

// importRisk checks one risk of a partner and, when nothing is wrong with it, keeps it. Position counts from 1 in its request.
func (b *rulebook) importRisk(ctx context.Context, run *partner.Run, code string, position int, r *risk) (result, error) {
	played := run.Scenario(Name, fieldNames[policyNumber], r.values[policyNumber].text())
	s := run.Library.Script(played, Name).(*script)
	id := s.identity(code, r)

	flaws := b.flaws(r)
	if !b.departureAgrees(s, r) {
		flaws = append(flaws, flaw{b.rules["departure-time"].Code, "scenario " + played.Name + " has the flight at another time"})
	}
	for i := range s.records {
		if p := &s.records[i]; p.meets(r, position, run.Dice.Of(Name, id, strconv.Itoa(i), "plan")) {
			for _, code := range p.codes {
				flaws = append(flaws, flaw{code, "scenario " + played.Name + " plans it"})
			}
		}
	}
	if len(flaws) > 0 {
		return result{flaws: b.inOrder(flaws), texts: s.messages}, nil
	}
	fresh, err := sim.Decide(ctx, run.Log, sim.Subject{API: Name, ID: id}, run.Moment(), keep(r))
	if err != nil {
		return result{}, fmt.Errorf("keeping a risk: %w", err)
	}
	if !fresh {
		again := flaw{b.rules["repeated-risk"].Code, `it was imported before; send "override": true to update it`}
		return result{flaws: []flaw{again}, texts: s.messages}, nil
	}
	return result{id: newID(run.Dice, id)}, nil
}

// keep is the rule by which a good risk is kept: once, and again only when it asks to update (seed 001, override). The answer
// says whether it was.
func keep(r *risk) sim.Rule[bool] {
	return func(m sim.Moment) (bool, []sim.Event) {
		switch {
		case len(m.Events) == 0:
			return true, []sim.Event{{At: m.Now, Name: imported, Data: r.raw}}
		case !r.values[override].isTrue():
			return false, nil
		case bytes.Equal(m.Events[len(m.Events)-1].Data, r.raw):
			return true, nil // the update changes nothing
		}
		return true, []sim.Event{{At: m.Now, Name: updated, Data: r.raw}}
	}
}

// newID is the id of an imported risk: the same for the same risk in a session of the same seed, updated or not.
func newID(d dice.Dice, identity string) uuid.UUID { return d.Of(Name, identity, "uuid").UUID() }

// departureAgrees says whether the stated departure is in the scenario's schedule. What cannot be read is wrong otherwise, and
// a flight that is not listed is not checked.
func (b *rulebook) departureAgrees(s *script, r *risk) bool {
	departures, listed := s.flights[r.values[flightNumber].text()]
	if !listed || !b.sound(r, departureDate) {
		return true
	}
	stated, _ := parseDate(b.checks[departureDate].layout, r.values[departureDate].text())
	for _, d := range departures {
		if d.agrees(stated, r.values[ignoreDepartureTime].isTrue()) {
			return true
		}
	}
	return false
}

// identity tells risks of a session apart: the partner and the fields of the scenario's key, each behind its length.
func (s *script) identity(partnerCode string, r *risk) string {
	id := binary.AppendUvarint(nil, uint64(len(partnerCode)))
	id = append(id, partnerCode...)
	for _, f := range s.key {
		text := r.values[f].plain()
		id = binary.AppendUvarint(id, uint64(len(text)))
		id = append(id, text...)
	}
	return string(id)
}
