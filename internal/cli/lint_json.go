package cli

import (
	"encoding/json"
	"io"
)

// lintJSON is what was found, as data. All keys are always there.
type lintJSON struct {
	Files    int           `json:"files"`
	Mistakes int           `json:"mistakes"`
	Warnings int           `json:"warnings"`
	Findings []findingJSON `json:"findings"`
}

// findingJSON is one finding.
type findingJSON struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`     // from 1; 0 for the file as a whole
	Column   int      `json:"column"`   // from 1, in characters; 0 for the file as a whole
	Severity string   `json:"severity"` // mistake or warning
	Rule     string   `json:"rule"`
	Message  string   `json:"message"`
	Hint     string   `json:"hint"`
	Text     string   `json:"text"`  // the line itself
	Steps    []string `json:"steps"` // a way to see it, one thing after the other
}

func (l *linted) json(to io.Writer) error {
	data := lintJSON{Files: l.files, Findings: []findingJSON{}}
	data.Mistakes, data.Warnings = l.counts()
	for _, m := range l.findings {
		f := findingJSON{File: m.File, Line: m.Line, Column: m.Column, Severity: "mistake", Rule: m.RuleName(), Message: m.Message, Hint: m.Hint,
			Text: m.Text, Steps: append([]string{}, m.Steps...)}
		if m.Warning {
			f.Severity = "warning"
		}
		data.Findings = append(data.Findings, f)
	}
	return writeJSON(to, data)
}

// writeJSON writes data with one key on each line.
func writeJSON(to io.Writer, data any) error {
	e := json.NewEncoder(to)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(data)
}
