package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
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
	places := make([]string, len(f.partners))
	for i := range f.partners {
		places[i] = fmt.Sprintf("partner %d", i+1)
	}
	pairs := slices.Clone(f.partners)
	if f.partnerFile != "" {
		text, err := os.ReadFile(f.partnerFile)
		if err != nil {
			return a, usage{fmt.Errorf("cannot read the partner file: %w", err), ""}
		}
		number := 0
		for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
			number++
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				pairs, places = append(pairs, line), append(places, fmt.Sprintf("%s:%d", f.partnerFile, number))
			}
		}
	}
	for i, pair := range pairs {
		code, password, err := parsePartner(pair)
		if err != nil {
			return a, usage{fmt.Errorf("%s: %w", places[i], err), "write it as CODE:PASSWORD"}
		}
		if known, twice := a.Passwords[code]; twice && known != password {
			return a, usage{fmt.Errorf("%s: partner %s has another password already", places[i], code), "keep one of them"}
		}
		a.Passwords[code] = password
	}
	if len(pairs) == 0 && f.partnerFile != "" {
		return a, usage{fmt.Errorf("the partner file %s names no partner", f.partnerFile), "write a CODE:PASSWORD on each line"}
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
