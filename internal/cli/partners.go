package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"poligon/internal/bordereau"
)

// The partner that may import when none was given.
const (
	demoCode     = "demo"
	demoPassword = "secret"
)

// access is who may import, from the flags and the file.
func (f *serveFlags) access() (a bordereau.Access, err error) {
	if a.Signatures, err = bordereau.ParseSignatures(f.signature); err != nil {
		return a, usage{err, ""}
	}
	a.Passwords = map[string]string{}
	pairs := f.partners
	if f.partnerFile != "" {
		text, err := os.ReadFile(f.partnerFile)
		if err != nil {
			return a, usage{fmt.Errorf("cannot read the partner file: %w", err), ""}
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				pairs = append(pairs, line)
			}
		}
	}
	for i, pair := range pairs {
		code, password, err := parsePartner(pair)
		if err != nil {
			return a, usage{fmt.Errorf("partner %d: %w", i+1, err), "write it as CODE:PASSWORD"}
		}
		a.Passwords[code] = password
	}
	if len(pairs) == 0 {
		a.Passwords[demoCode] = demoPassword
	}
	return a, nil
}

// parsePartner reads CODE:PASSWORD. It does not repeat the pair in its error: that would print a password.
func parsePartner(pair string) (code, password string, err error) {
	code, password, ok := strings.Cut(pair, ":")
	if !ok || code == "" || password == "" {
		return "", "", errors.New("not a code and a password with a colon between them")
	}
	return code, password, nil
}
