package cli

import (
	"regexp"

	"github.com/spf13/cobra"

	"poligon/internal/bordereau"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/simulator"
	"poligon/openapi"
)

// schema is the command that prints what editors hold scenarios to.
func (p Program) schema() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema that editors check scenarios with", Args: cobra.NoArgs,
		Long: "Prints the JSON Schema of scenario files. Put it beside them as scenario.schema.json, and begin each of them with the line\n" +
			"# yaml-language-server: $schema=scenario.schema.json",
		RunE: func(*cobra.Command, []string) error {
			apis, err := simulator.APIs(bordereau.Access{}, false)
			if err != nil {
				return err
			}
			text, err := schemaOf(apis)
			if err != nil {
				return err
			}
			_, err = p.Out.Write(text)
			return err
		},
	}
}

// schemaOf is the schema of scenario files, whose choices are described as the contracts do.
func schemaOf(apis []partner.API) ([]byte, error) {
	texts := described(openapi.OSAGOText, openapi.BordereauText)
	for _, api := range apis {
		code, err := api.Contract().Schema("ErrorCode")
		if err != nil { // an API without codes
			continue
		}
		var messages map[string]string
		if err := code.Extension("x-messages", &messages); err != nil {
			return nil, err
		}
		for name, text := range messages {
			texts[name] = text
		}
	}
	return scenario.Schema(simulator.Parts(apis), func(_, value string) string { return texts[value] }), nil
}

var (
	// A value of an enum in the description of its schema: * `DRAFT`: a draft.
	describedValue = regexp.MustCompile("(?m)^ +\\* `([A-Z_]+)`: (.+)$")
	// An operation with its summary, which stand near each other.
	describedOperation = regexp.MustCompile(`(?m)^      operationId: (\w+)\n(?:      \S.*\n)*?      summary: (.+)$`)
)

// described are the words of the contracts for statuses and operations, which have names of their own.
func described(contracts ...[]byte) map[string]string {
	texts := map[string]string{}
	for _, contract := range contracts {
		for _, form := range []*regexp.Regexp{describedValue, describedOperation} {
			for _, found := range form.FindAllSubmatch(contract, -1) {
				texts[string(found[1])] = string(found[2])
			}
		}
	}
	return texts
}
