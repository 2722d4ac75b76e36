package osago

import (
	"fmt"
	"slices"

	"poligon/internal/contract"
)

// What the documents ask of a calculation request on a condition (contract facts A5), and what an OpenAPI schema cannot say. The
// contract states each as x-rule. Where a field is needed one that is an empty text is as if it were missing (inferred).

// conditions are the conditional rules that a decoded request breaks, each by the path of its field. What is of another type than the
// contract says breaks none of them.
func conditions(request any) (list []contract.Violation) {
	vehicle := object(request, "vehicle")
	if vehicle != nil && !slices.ContainsFunc(vehicleNumbers, func(field string) bool { return !blank(vehicle[field]) }) {
		list = append(list, contract.Violation{Path: "vehicle.vin", Message: "a vehicle has a vin, a body_number or a chassis_number, and each is missing"})
	}
	if hasSTS(vehicle) && blank(vehicle["car_number"]) {
		list = append(list, contract.Violation{Path: "vehicle.car_number", Message: "a vehicle with an sts document has a plate, and car_number is missing"})
	}
	drivers, _ := object(request, "drivers_info")["drivers"].([]any)
	for i, one := range drivers {
		if d, ok := one.(map[string]any); ok && d["license"] == nil && d["foreign_license"] == nil {
			list = append(list, contract.Violation{Path: fmt.Sprintf("drivers_info.drivers[%d].license", i), Message: "a driver has a license or a foreign_license, and each is missing"})
		}
	}
	returns := object(request, "return_urls")
	for _, field := range []string{"success_url", "failure_url"} {
		if link, ok := returns[field].(string); ok && !isReturnURL(link) {
			list = append(list, contract.Violation{Path: "return_urls." + field, Message: "not an absolute http or https URL in ASCII such as https://example.com/osago/success"})
		}
	}
	return list
}

// vehicleNumbers are the fields of which a vehicle has at least one.
var vehicleNumbers = []string{"vin", "body_number", "chassis_number"}

// hasSTS says whether a vehicle has a registration certificate.
func hasSTS(vehicle map[string]any) bool {
	documents, _ := vehicle["car_documents"].([]any)
	return slices.ContainsFunc(documents, func(one any) bool {
		d, _ := one.(map[string]any)
		return d["document_type"] == "sts"
	})
}

// object is a member that is an object; nil where it is none.
func object(value any, member string) map[string]any {
	all, _ := value.(map[string]any)
	m, _ := all[member].(map[string]any)
	return m
}

// blank says whether a field is missing or an empty text.
func blank(value any) bool { return value == nil || value == "" }
