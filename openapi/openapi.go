// Package openapi holds the contracts: what the partners promise, and what the admin API does. Everything else is generated
// from them or checked against them.
package openapi

import _ "embed"

// The contracts, as YAML.
var (
	//go:embed osago/openapi.yaml
	OSAGO []byte
	//go:embed bordereau/openapi.yaml
	Bordereau []byte
	//go:embed admin/openapi.yaml
	Admin []byte
)
