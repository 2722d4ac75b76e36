package cli

import "poligon/internal/scenario"

// lintRule is something that lint looks for.
type lintRule struct{ name, means string }

// lintRules are all that lint looks for, in the order of SARIF's rules.
func lintRules() []lintRule {
	return []lintRule{
		{scenario.Format, "The file is not written as a scenario is."},
		{"lifecycle", "A status follows another that the lifecycle of an offer or a calculation does not let it follow."},
		{"never-happens", "A step can never begin."},
		{"hangs", "An offer can stay for ever in a status in which no offer ends."},
		{"never-final", "A client that polls as documented never sees how the calculation ended."},
		{"never-polled", "A step waits for a poll that a client does not make any more."},
		{"same-instant", "A step begins at the instant of another, so that nobody sees one of them."},
		{"paid-without-offer", "The calculation is paid although no offer is."},
		{"two-paid", "More than one offer is paid."},
		{"zero-loop", "Steps repeat without any time between them."},
		{"breaks-contract", "An answer would break the contract."},
		{"never-matches", "No request and no record can fit the condition."},
		{"pool-without-upsale", "An offer is in the reinsurance pool, where a cross-sale is compulsory, and has none."},
		{"not-all-seen", "The story can go in more ways than were looked at."},
		{"hidden", "Something above it always counts in its place."},
		{"repeated", "It says again what is said already."},
		{"refused-anyway", "The records that fit are refused for the same field whatever the scenario says."},
		{"message-unused", "The text belongs to an error that nothing gives."},
	}
}
