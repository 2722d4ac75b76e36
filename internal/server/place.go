package server

import (
	"fmt"
	"net/http"
	"strings"

	"poligon/internal/session"
)

// Request headers by which a client chooses.
const (
	sessionHeader  = "X-Poligon-Session"
	scenarioHeader = "X-Poligon-Scenario"
)

// place is where a request goes: a session, and the path in it.
type place struct {
	session string
	path    string
}

// locate reads the session from the path, /s/{session}/…, or from the header; without either it is the default session.
func locate(r *http.Request) (place, error) {
	whole, header := r.URL.Path, r.Header.Get(sessionHeader)
	if strings.Contains(strings.ToUpper(r.URL.RawPath), "%2F") {
		whole = r.URL.RawPath // an encoded slash separates nothing, and no path of a contract has one
	}
	rest, inPath := strings.CutPrefix(whole, "/s/")
	if !inPath {
		if header == "" {
			header = session.Default
		}
		return place{header, whole}, nil
	}
	name, path, _ := strings.Cut(rest, "/")
	if header != "" && header != name {
		return place{}, fmt.Errorf("the path names session %q and the header %s names %q: keep one of them", name, sessionHeader, header)
	}
	return place{name, "/" + path}, nil
}
