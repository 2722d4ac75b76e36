package scenario

import (
	"crypto/sha256"
	"encoding/binary"
)

// Version tells a scenario from all others and from what it was before it was changed: the beginning of a hash of its name and
// its file. It is never 0.
func (s *Scenario) Version() uint64 { return s.version }

func versionOf(name string, text []byte) uint64 {
	h := sha256.New()
	_, _ = h.Write(append([]byte(name), 0)) // two scenarios of one text are two
	_, _ = h.Write(text)
	return max(binary.BigEndian.Uint64(h.Sum(nil)), 1)
}

// Script is the scenario's own script for an API; nil when it has none.
func (s *Scenario) Script(api string) any { return s.scripts[api] }

// Teller is the scenario whose section for an API a scenario plays: itself, or the default scenario that stands in for it. Of a
// part that is a scenario's Own it is always itself.
func (l *Library) Teller(s *Scenario, api string) *Scenario {
	if s.scripts[api] != nil || l.own[api] {
		return s
	}
	return l.scenarios[Default]
}

// Told is the scenario of a version, the one that is played now or an earlier one; nil when there is none.
func (l *Library) Told(version uint64) *Scenario { return l.versions[version] }
