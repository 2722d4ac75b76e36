package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"poligon/internal/osago"
	"poligon/internal/scenario"
)

// osagoFlags say who may call the operations of osago.
type osagoFlags struct {
	auth       string
	clients    []string
	clientFile string
	token      string
	tokenTTL   string
}

// tokenTTL is how long tokens are good unless somebody says otherwise.
const tokenTTL = time.Hour

// access is who may call the operations of osago. What belongs to another way than the chosen one is a mistake: whoever gives it
// believes that it counts.
func (f *osagoFlags) access() (a osago.Access, err error) {
	if a.Auth, err = osago.ParseAuth(f.auth); err != nil {
		return a, usage{fmt.Errorf("--osago-auth: %w", err), "write none, basic, bearer or oauth2"}
	}
	pairs := a.Auth == osago.AuthBasic || a.Auth == osago.AuthOAuth2
	switch {
	case !pairs && (len(f.clients) > 0 || f.clientFile != ""):
		return a, usage{fmt.Errorf("a client of osago is given, and --osago-auth %s asks for none", a.Auth), "add --osago-auth basic or --osago-auth oauth2"}
	case a.Auth != osago.AuthBearer && f.token != "":
		return a, usage{fmt.Errorf("--osago-token is given, and --osago-auth %s asks for none", a.Auth), "add --osago-auth bearer"}
	case a.Auth != osago.AuthOAuth2 && f.tokenTTL != "":
		return a, usage{fmt.Errorf("--osago-token-ttl is given, and with --osago-auth %s no token expires", a.Auth), "add --osago-auth oauth2"}
	case a.Auth == osago.AuthBearer && f.token == "":
		return a, usage{errors.New("--osago-auth bearer has no token"), "add --osago-token TOKEN, or set " + envName("osago-token")}
	case pairs && len(f.clients) == 0 && f.clientFile == "":
		return a, usage{fmt.Errorf("--osago-auth %s has no client", a.Auth), "add --osago-client ID:SECRET, or set " + envName("osago-client")}
	}
	if a.Token = f.token; strings.ContainsFunc(a.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return a, usage{errors.New("--osago-token has characters that no Authorization header carries"), "give a token of printable ASCII without spaces"}
	}
	if pairs {
		if a.Clients, err = osagoClients.read(f.clients, f.clientFile); err != nil {
			return a, err
		}
	}
	if a.Auth == osago.AuthOAuth2 {
		a.TTL, err = f.ttl()
	}
	return a, err
}

// ttl is how long a token is good. A client is told it in whole seconds.
func (f *osagoFlags) ttl() (time.Duration, error) {
	if f.tokenTTL == "" {
		return tokenTTL, nil
	}
	ttl, err := scenario.ParseDuration(f.tokenTTL)
	if err != nil || ttl < time.Second || ttl%time.Second != 0 {
		return 0, usage{fmt.Errorf("--osago-token-ttl %q is no time in whole seconds", f.tokenTTL), "write it as 90s or 1h"}
	}
	return ttl, nil
}
