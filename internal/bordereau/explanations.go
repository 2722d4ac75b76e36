package bordereau

// ImportOperation is the operationId of the import.
const ImportOperation = operation

// RiskExplanations are what became of the risks of a policy number: one for each of them that can be told apart.
type RiskExplanations struct {
	PolicyNumber string            `json:"policy_number"`
	Risks        []RiskExplanation `json:"risks"`
}
