package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"poligon/internal/admin"
)

// Guard says who may use the admin API. The zero value lets everybody.
type Guard struct {
	On    bool
	Token string   // that requests carry as Authorization: Bearer; empty for none
	Hosts []string // names by which the server is called, besides localhost and addresses
}

// guarded are the beginnings of the paths that the guard stands before. Whether the server lives and is ready anybody may ask.
var guarded = []string{"/__admin", "/metrics"}

// refusal is why a request of the admin API is refused; the status is 0 when it is not.
type refusal struct {
	status       int
	detail, hint string
}

// admits answers a request that the guard does not let through, and says whether it does.
func (g Guard) admits(w http.ResponseWriter, r *http.Request) bool {
	if !g.On || !slices.ContainsFunc(guarded, func(prefix string) bool { return strings.HasPrefix(r.URL.Path, prefix) }) {
		return true
	}
	no := g.look(r)
	if no.status == 0 {
		return true
	}
	if no.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="poligon"`)
	}
	own(w)
	admin.WriteProblem(w, no.status, no.detail, no.hint)
	return false
}

// look holds a request against the guard. Whoever has the token is let through whatever the headers say. Without one the server trusts who
// can reach it, and that is also every page that a browser of this machine shows: such a page names itself in Origin or Sec-Fetch-Site,
// and one that has its own name lead here (DNS rebinding) is told by that name in Host.
func (g Guard) look(r *http.Request) refusal {
	value, given := bearer(r)
	switch {
	case g.Token != "" && same(value, g.Token):
		return refusal{}
	case g.Token != "" && !given:
		return refusal{http.StatusUnauthorized, "the admin API of this server wants its token",
			"send Authorization: Bearer TOKEN, for commands of poligon --admin-token or POLIGON_ADMIN_TOKEN; the server printed it at its start, if nobody gave it one"}
	case g.Token != "":
		return refusal{http.StatusUnauthorized, "the token of the admin API is a wrong one", "send the one that the server was started with, or printed at its start"}
	case foreign(r):
		return refusal{http.StatusForbidden, "the request comes from a web page of another site", "use the admin API from programs, or start the server with --admin-token"}
	case !g.knows(r.Host):
		return refusal{http.StatusForbidden, "the admin API is not known as " + clip(r.Host), "call it by localhost or an address, or start the server with --allow-host NAME"}
	}
	return refusal{}
}

// bearer is the token of a request's Authorization header, and whether there is any such header.
func bearer(r *http.Request) (token string, given bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		token = ""
	}
	return strings.TrimSpace(token), scheme != ""
}

// same compares secrets in a time that tells nothing of them.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// foreign says whether a browser sent the request for a page of another site.
func foreign(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return true
	}
	for _, origin := range r.Header["Origin"] {
		if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.Host) {
			return true
		}
	}
	return false
}

// knows says whether the server is called by a name that no other site can have lead here: a web page cannot have an address as its name.
func (g Guard) knows(host string) bool {
	name := host
	if only, _, err := net.SplitHostPort(host); err == nil {
		name = only
	}
	name = strings.TrimSuffix(strings.ToLower(strings.Trim(name, "[]")), ".")
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || net.ParseIP(name) != nil ||
		slices.ContainsFunc(g.Hosts, func(known string) bool { return strings.EqualFold(known, name) })
}

// clip is as much of a header as a message repeats.
func clip(text string) string {
	const most = 100
	if len(text) > most {
		text = text[:most]
	}
	return text
}
