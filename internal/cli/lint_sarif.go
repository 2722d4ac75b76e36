package cli

import (
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"poligon/internal/scenario"
)

// The parts of SARIF 2.1.0 that findings need.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
		CodeFlows []sarifFlow     `json:"codeFlows,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPlace `json:"physicalLocation"`
		Message  *sarifText `json:"message,omitempty"`
	}
	sarifPlace struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int       `json:"startLine"`
		StartColumn int       `json:"startColumn"`
		Snippet     sarifText `json:"snippet"`
	}
	sarifFlow struct {
		Threads []sarifThread `json:"threadFlows"`
	}
	sarifThread struct {
		Locations []sarifStep `json:"locations"`
	}
	sarifStep struct {
		Location sarifLocation `json:"location"`
	}
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// sarif writes what was found as SARIF 2.1.0. A column is counted in characters, and a way to see a finding is a code flow whose
// every step is at the finding's own place.
func (l *linted) sarif(to io.Writer) error {
	rules := lintRules()
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "poligon", Version: version()}}, ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	for _, m := range l.findings {
		if name := m.RuleName(); !slices.ContainsFunc(rules, func(r lintRule) bool { return r.name == name }) {
			rules = append(rules, lintRule{name, name})
		}
	}
	for _, r := range rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{r.name, sarifText{r.means}})
	}
	for _, m := range l.findings {
		run.Results = append(run.Results, sarifOf(m, slices.IndexFunc(rules, func(r lintRule) bool { return r.name == m.RuleName() })))
	}
	return writeJSON(to, sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

// sarifOf is a finding as a result.
func sarifOf(m scenario.Mistake, rule int) sarifResult {
	place := sarifPlace{Artifact: sarifArtifact{uriOf(m.File)}}
	if m.Line > 0 {
		place.Region = &sarifRegion{m.Line, max(m.Column, 1), sarifText{m.Text}}
	}
	r := sarifResult{RuleID: m.RuleName(), RuleIndex: rule, Level: "error", Message: sarifText{m.Message}, Locations: []sarifLocation{{Physical: place}}}
	if m.Warning {
		r.Level = "warning"
	}
	if m.Hint != "" {
		r.Message.Text += "\nhint: " + m.Hint
	}
	if len(m.Steps) > 0 {
		var steps []sarifStep
		for _, text := range m.Steps {
			steps = append(steps, sarifStep{sarifLocation{place, &sarifText{text}}})
		}
		r.CodeFlows = []sarifFlow{{[]sarifThread{{steps}}}}
	}
	return r
}

// uriOf is a file's name as a reference: relative to the working folder where the file is within it.
func uriOf(file string) string {
	name := filepath.FromSlash(file)
	if filepath.IsAbs(name) || strings.HasPrefix(filepath.Clean(name), "..") {
		here, err := os.Getwd()
		if err == nil && !filepath.IsAbs(name) {
			name = filepath.Join(here, name)
		}
		if inside, failed := filepath.Rel(here, name); err == nil && failed == nil && filepath.IsLocal(inside) {
			name = inside
		}
	}
	slashed := filepath.ToSlash(filepath.Clean(name))
	if !filepath.IsAbs(name) {
		return (&url.URL{Path: slashed}).String()
	}
	if !strings.HasPrefix(slashed, "/") { // a drive
		slashed = "/" + slashed
	}
	return (&url.URL{Scheme: "file", Path: slashed}).String()
}
