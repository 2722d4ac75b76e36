// Package openapi holds the contracts: what the partners promise, and what the admin API does. Everything else is generated
// from them or checked against them.
package openapi

import _ "embed"

//go:generate sh -c "cd osago && go tool oapi-codegen -config oapi-codegen.yaml openapi.yaml"
//go:generate sh -c "cd bordereau && go tool oapi-codegen -config oapi-codegen.yaml openapi.yaml"
//go:generate sh -c "cd admin && go tool oapi-codegen -config oapi-codegen.yaml openapi.yaml"

// The contracts, as YAML.
var (
	//go:embed osago/openapi.yaml
	OSAGO []byte
	//go:embed bordereau/openapi.yaml
	Bordereau []byte
	//go:embed admin/openapi.yaml
	Admin []byte
)
