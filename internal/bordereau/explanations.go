package bordereau

import (
	"encoding/json"
	"errors"
	"fmt"

	"poligon/internal/partner"
	"poligon/internal/sim"
)

// Check implements partner.API.
func (a *API) Check(_ *partner.Run, s sim.Subject, events []sim.Event) error {
	if isFlight(s) {
		return checkFlight(s, events)
	}
	if len(events) == 0 || events[0].Name != imported {
		return errors.New("a risk's events begin with its import")
	}
	for _, e := range events {
		if e.Name != imported && e.Name != updated || !json.Valid(e.Data) {
			return fmt.Errorf("event %q of a risk is none that this Poligon knows, or its data is no JSON", e.Name)
		}
	}
	return nil
}

// ImportOperation is the operationId of the import.
const ImportOperation = operation

// RiskExplanations are what became of the risks of a policy number: one for each of them that can be told apart.
type RiskExplanations struct {
	PolicyNumber string            `json:"policy_number"`
	Risks        []RiskExplanation `json:"risks"`
}
