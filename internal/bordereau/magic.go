package bordereau

import (
	"poligon/internal/partner"
	"poligon/internal/scenario"
)

// magicFields are the fields of a risk whose values may choose a scenario. Of several that would, the first counts.
var magicFields = [...]field{policyNumber, flightNumber, lastName}

// magicNames are their names.
func magicNames() (names []string) {
	for _, f := range magicFields {
		names = append(names, fieldNames[f])
	}
	return names
}

// usedMagic are the magic fields that some scenario of the library has a value of: of a large import, none of the others is looked
// at for every risk.
func usedMagic(run *partner.Run) (list []field) {
	if run.Chosen != nil {
		return nil
	}
	for _, f := range magicFields {
		if run.Library.HasMagic(Name, fieldNames[f]) {
			list = append(list, f)
		}
	}
	return list
}

// plays is what a risk plays: what was chosen; where nobody chose, what a magic value of the risk asks for; else the default.
func (j judge) plays(r *risk) *scenario.Scenario {
	for _, f := range j.magic {
		if s := j.run.Library.ByMagic(Name, fieldNames[f], r.at(f).text()); s != nil {
			return s
		}
	}
	return j.fallback
}

// playsWhole is what a request as a whole plays: what its first risk does.
func (j judge) playsWhole(risks []risk) *scenario.Scenario {
	if len(risks) == 0 {
		return j.fallback
	}
	return j.plays(&risks[0])
}

// checkMagic notes a magic value that no good risk can carry.
func (b *rulebook) checkMagic(field string, n scenario.Node) {
	f, _ := fieldOf([]byte(field))
	if text := n.PlainText(); text != "" && !b.checks[f].keepsText(text) {
		n.Mistake("write "+b.checks[f].describe(), "%.60q is refused as %s whatever the story says", text, field)
	}
}
