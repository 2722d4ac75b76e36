package cli

import (
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
	if a.Passwords, err = importPartners().read(f.partners, f.partnerFile); err != nil {
		return a, err
	}
	if len(f.partners) == 0 && f.partnerFile == "" {
		a.Passwords[demoCode] = demoPassword
	}
	return a, nil
}

// pairs are names with a secret for each, from flags and a file. What is wrong with one is told without repeating it: that would print
// the secret.
type pairs struct{ one, name, secret, form string }

func importPartners() pairs { return pairs{"partner", "a code", "password", "CODE:PASSWORD"} }

func osagoClients() pairs { return pairs{"client", "an id", "secret", "ID:SECRET"} }

// parse reads one pair.
func (p pairs) parse(pair string) (name, secret string, err error) {
	name, secret, ok := strings.Cut(pair, ":")
	switch {
	case !ok:
		return "", "", fmt.Errorf("not %s and a %s with a colon between them", p.name, p.secret)
	case name == "":
		return "", "", fmt.Errorf("nothing stands before the colon, where %s should", p.name)
	case secret == "":
		return "", "", fmt.Errorf("nothing stands behind the colon, where a %s should", p.secret)
	}
	return name, secret, nil
}

// read reads the pairs of a flag and those of a file, which has one on each line; an empty name stands for no file.
func (p pairs) read(given []string, file string) (map[string]string, error) {
	places := make([]string, len(given))
	for i := range given {
		places[i] = fmt.Sprintf("%s %d", p.one, i+1)
	}
	all := slices.Clone(given)
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, usage{fmt.Errorf("cannot read the %s file: %w", p.one, err), ""}
		}
		number := 0
		for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
			number++
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				all, places = append(all, line), append(places, fmt.Sprintf("%s:%d", file, number))
			}
		}
		if len(all) == 0 {
			return nil, usage{fmt.Errorf("the %s file %s names no %s", p.one, file, p.one), "write a " + p.form + " on each line"}
		}
	}
	list := map[string]string{}
	for i, pair := range all {
		name, secret, err := p.parse(pair)
		if err != nil {
			return nil, usage{fmt.Errorf("%s: %w", places[i], err), "write it as " + p.form}
		}
		if known, twice := list[name]; twice && known != secret {
			return nil, usage{fmt.Errorf("%s: %s %s has another %s already", places[i], p.one, name, p.secret), "keep one of them"}
		}
		list[name] = secret
	}
	return list, nil
}
