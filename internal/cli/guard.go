package cli

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"strings"

	"poligon/internal/server"
)

// guard says who may use the admin API: whoever has the token, if there is one. A server that others than this machine can reach always
// has one; where nobody gave it, it is made and told once.
func (f *serveFlags) guard() (server.Guard, error) {
	g := server.Guard{On: true, Token: f.adminToken, Hosts: f.allowHosts}
	if strings.ContainsFunc(g.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return g, usage{errors.New("--admin-token has characters that no Authorization header carries"), "give a token of printable ASCII without spaces"}
	}
	if g.Token == "" && !onThisMachine(f.listen) {
		g.Token = rand.Text()
		slog.Warn("others than this machine can reach the server, so the admin API wants a token; it is told only now", "admin-token", g.Token,
			"hint", "give one of your own with "+envName("admin-token"))
	}
	return g, nil
}

// onThisMachine says whether only this machine can reach what listens on an address.
func onThisMachine(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return true // nothing listens there; net.Listen says so
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
