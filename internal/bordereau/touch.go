package bordereau

import (
	"maps"
	"slices"
	"strconv"

	"poligon/internal/partner"
	"poligon/internal/sim"
)

// parts are the parts of a script that a client can touch, counted from 0: the flights in the order of their numbers, the plans of
// requests, those of records, the messages in the order of their codes.
type parts struct {
	places   []string       // in a scenario file, by part
	requests int            // the part that is the first plan of requests
	records  int            // the part that is the first plan of records
	messages map[string]int // by code
}

func (s *script) count() parts {
	p := parts{messages: make(map[string]int, len(s.messages))}
	for _, f := range s.flights.all() {
		f.part = len(p.places)
		p.places = append(p.places, Name+".flights."+f.key)
	}
	p.requests = len(p.places)
	for i := range s.requests {
		p.places = append(p.places, Name+".requests["+strconv.Itoa(i)+"]")
	}
	p.records = len(p.places)
	for i := range s.records {
		p.places = append(p.places, Name+".records["+strconv.Itoa(i)+"]")
	}
	for _, code := range slices.Sorted(maps.Keys(s.messages)) {
		p.messages[code] = len(p.places)
		p.places = append(p.places, Name+".messages."+code)
	}
	return p
}

// Version implements partner.API: an imported risk is what it was when it came.
func (a *API) Version([]sim.Event) uint64 { return 0 }

// Touchable implements partner.API.
func (a *API) Touchable(given any) []string { return given.(*script).parts.places }

// touchMessage notes that the client has met a message of the script, where the script has one of this code.
func (s *script) touchMessage(run *partner.Run, code string) {
	if part, ok := s.parts.messages[code]; ok {
		run.Session.Touch(Name, s, part)
	}
}
