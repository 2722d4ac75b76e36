package cli

import (
	"errors"
	"testing"
)

func TestGuardOfServe(t *testing.T) {
	t.Parallel()
	for address, local := range map[string]bool{"127.0.0.1:8080": true, "127.9.9.9:0": true, "[::1]:8080": true, "localhost:8080": true, "LOCALHOST:1": true, ":8080": false, "0.0.0.0:8080": false,
		"[::]:80": false, "10.0.0.1:80": false, "poligon:80": false, "nonsense": true} {
		f := serveFlags{listen: address}
		g, err := f.guard()
		if err != nil || !g.On || (g.Token == "") != local {
			t.Errorf("%s: %+v, %v", address, g, err)
		}
		again, _ := f.guard()
		if !local && (again.Token == g.Token || len(g.Token) < 20) {
			t.Errorf("%s: the tokens are %s and %s", address, g.Token, again.Token)
		}
		f.adminToken = "given"
		if g, err = f.guard(); err != nil || g.Token != "given" {
			t.Errorf("%s: %+v, %v", address, g, err)
		}
	}
	f := serveFlags{listen: ":1", adminToken: "two words"}
	if _, err := f.guard(); !errors.As(err, new(usage)) {
		t.Error(err)
	}
}
