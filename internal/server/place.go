package server

import (
	"fmt"
	"net/http"
	"strings"

	"poligon/internal/partner"
	"poligon/internal/session"
)

// Request headers by which a client chooses.
const (
	sessionHeader  = "X-Poligon-Session"
	scenarioHeader = "X-Poligon-Scenario"
	faultHeader    = "X-Poligon-Fault"
)

// place is where a request goes: a session, and the path in it.
type place struct {
	session string
	path    string
	byHost  bool // the session is in the host's name, and so is it in links
	inPath  bool // the session is in the path
}

// locate reads the session of a request: from the path, /s/{session}/…, from the header, from the host's name,
// {session}.localhost, or from the credentials that belong to a session. Without any of them it is the default session.
func (s *Server) locate(r *http.Request) (place, error) {
	whole := r.URL.Path
	if strings.Contains(strings.ToUpper(r.URL.RawPath), "%2F") {
		whole = r.URL.RawPath // an encoded slash separates nothing, and no path of a contract has one
	}
	at, by := place{path: whole}, ""
	named := func(name, how string) error {
		switch {
		case name == at.session && by != "", name == "":
			return nil
		case by != "":
			return fmt.Errorf("%s names session %q and %s names %q: keep one of them", by, at.session, how, name)
		}
		at.session, by = name, how
		return nil
	}
	if rest, ok := strings.CutPrefix(whole, "/s/"); ok {
		name, path, _ := strings.Cut(rest, "/")
		at, by = place{session: name, path: "/" + path, inPath: true}, "the path"
	}
	for _, name := range r.Header[sessionHeader] {
		if err := named(name, "the header "+sessionHeader); err != nil {
			return at, err
		}
	}
	if host, ok := hostSession(r.Host); ok {
		at.byHost = true
		if err := named(host, "the host"); err != nil {
			return at, err
		}
	}
	var err error
	if by == "" {
		at.session, err = s.boundSession(r)
	}
	return at, err
}

// hostSession is the session in a host's name: checkout of checkout.localhost:8080.
func hostSession(host string) (string, bool) {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:i]
	}
	const suffix = ".localhost"
	host = strings.TrimSuffix(host, ".") // the root of names
	if len(host) <= len(suffix) || !strings.EqualFold(host[len(host)-len(suffix):], suffix) {
		return "", false
	}
	return host[:len(host)-len(suffix)], true
}

// boundSession is the session that a request's credentials belong to, else the default one. The error is the store's.
func (s *Server) boundSession(r *http.Request) (string, error) {
	registry := s.config.Registry
	if !registry.HasBound() {
		return session.Default, nil
	}
	var keys []string
	if user, _, ok := r.BasicAuth(); ok {
		keys = append(keys, session.UserKey(user))
	}
	if code := r.URL.Query().Get("partnerCode"); code != "" {
		keys = append(keys, session.PartnerKey(code))
	}
	for _, key := range keys {
		if name, err := registry.Bound(key); name != "" || err != nil {
			return name, err
		}
	}
	return session.Default, nil
}

// where is where the partner APIs of the request's session are, for links.
func (p place) where(r *http.Request) partner.Where {
	w := partner.Where{Secure: r.TLS != nil, Host: r.Host}
	if !p.byHost {
		w.Prefix = session.Prefix(p.session)
	}
	return w
}

// target is the path and the query inside the session, as they were sent.
func (p place) target(r *http.Request) string {
	sent := r.RequestURI
	if !strings.HasPrefix(sent, "/") { // with a host before it, or none at all
		sent = r.URL.RequestURI()
	}
	if p.inPath {
		parts := strings.SplitN(sent, "/", 4) // nothing, s, the session
		if len(parts) < 4 {
			return p.path
		}
		sent = "/" + parts[3]
	}
	return sent
}
