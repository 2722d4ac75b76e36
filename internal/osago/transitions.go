package osago

import "slices"

// Transitions are the changes of a status that the lifecycle allows, of an offer and of a calculation: each from one status to another.
func Transitions() (offers, calculations [][2]string) {
	for _, from := range offerStatuses {
		for _, to := range offerStatuses {
			if follows(OfferStatus(from), OfferStatus(to)) {
				offers = append(offers, [2]string{from, to})
			}
		}
	}
	for _, from := range calculationStatuses {
		for _, to := range calculationStatuses {
			if slices.Contains(calculationFollows[CalculationStatus(from)], CalculationStatus(to)) {
				calculations = append(calculations, [2]string{from, to})
			}
		}
	}
	return offers, calculations
}
