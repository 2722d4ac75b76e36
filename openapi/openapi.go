// Package openapi holds the contracts: what the partners promise, and what the admin API does. Everything else is generated
// from them or checked against them.
package openapi

import _ "embed"

//go:generate sh -c "cd osago && go tool oapi-codegen -config oapi-codegen.yaml openapi.yaml"
//go:generate sh -c "cd bordereau && go tool oapi-codegen -config oapi-codegen.yaml openapi.yaml"
//go:generate sh -c "cd admin && go tool oapi-codegen -config oapi-codegen.yaml openapi.yaml"
//go:generate go test ../internal/contract -run TestContractsAreGenerated -update

// What the simulator reads of the contracts, generated from the YAML: reading that took most of the time of the start.
var (
	//go:embed osago/contract.gen.json
	OSAGO []byte
	//go:embed bordereau/contract.gen.json
	Bordereau []byte
	//go:embed admin/contract.gen.json
	Admin []byte
)

// The contracts themselves, as YAML.
var (
	//go:embed osago/openapi.yaml
	OSAGOText []byte
	//go:embed bordereau/openapi.yaml
	BordereauText []byte
	//go:embed admin/openapi.yaml
	AdminText []byte
)
