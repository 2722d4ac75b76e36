package session

import (
	"maps"
	"slices"
	"sync/atomic"
)

// touches are the parts of one script that a client has met.
type touches struct {
	label string // of the script in a store
	bits  []atomic.Uint64
}

// Touch implements partner.Session.
func (s *Session) Touch(api string, script any, part int) {
	t := s.touchesOf(api, script)
	word, bit := &t.bits[part/64], uint64(1)<<(part%64)
	if word.Load()&bit == 0 {
		word.Or(bit)
	}
}

func (s *Session) touchesOf(api string, script any) *touches {
	known, ok := s.touched.Load(script)
	if !ok {
		size := (len(s.home.apis[api].Touchable(script)) + 63) / 64
		t := &touches{bits: make([]atomic.Uint64, size)}
		if s.kept != nil {
			t.label = s.label(api, script)
		}
		known, _ = s.touched.LoadOrStore(script, t)
	}
	return known.(*touches)
}

func (t *touches) has(part int) bool {
	return t != nil && t.bits[part/64].Load()&(1<<(part%64)) != 0
}

// Unused are the parts of the session's scenario that no client has met, by their places in its file, and the faults that were
// never due.
func (s *Session) Unused() (parts []string, never []Standing) {
	plays := s.plays.Load()
	for _, name := range slices.Sorted(maps.Keys(s.home.apis)) {
		api := s.home.apis[name]
		script := plays.library.Script(plays.scenario, name)
		var met *touches
		if known, ok := s.touched.Load(script); ok {
			met = known.(*touches)
		}
		for i, part := range api.Touchable(script) {
			if !met.has(i) {
				parts = append(parts, part)
			}
		}
	}
	for _, f := range s.Faults() {
		if f.Applied == 0 {
			never = append(never, f)
		}
	}
	return parts, never
}
