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

// access is who may call the operations of osago.
func (f *osagoFlags) access() (a osago.Access, err error) {
	if a.Auth, err = osago.ParseAuth(f.auth); err != nil {
		return a, usage{fmt.Errorf("--osago-auth: %w", err), ""}
	}
	if err = f.misfit(a.Auth); err != nil {
		return a, err
	}
	a.Token = f.token
	if a.Auth == osago.AuthBasic || a.Auth == osago.AuthOAuth2 {
		if a.Clients, err = osagoClients().read(f.clients, f.clientFile); err != nil {
			return a, err
		}
	}
	if a.Auth == osago.AuthOAuth2 {
		a.TTL, err = f.ttl()
	}
	return a, err
}

// misfit says what a way of access lacks, or what does not belong to it: whoever gives that believes that it counts.
func (f *osagoFlags) misfit(auth osago.Auth) error {
	takes, given := auth == osago.AuthBasic || auth == osago.AuthOAuth2, len(f.clients) > 0 || f.clientFile != ""
	switch {
	case given && !takes:
		return usage{fmt.Errorf("a client of osago is given, and --osago-auth %s asks for none", auth), "add --osago-auth basic or --osago-auth oauth2"}
	case takes && !given:
		return usage{fmt.Errorf("--osago-auth %s has no client", auth), "add --osago-client ID:SECRET, or set " + envName("osago-client")}
	case f.token != "" && auth != osago.AuthBearer:
		return usage{fmt.Errorf("--osago-token is given, and --osago-auth %s asks for none", auth), "add --osago-auth bearer"}
	case f.token == "" && auth == osago.AuthBearer:
		return usage{errors.New("--osago-auth bearer has no token"), "add --osago-token TOKEN, or set " + envName("osago-token")}
	case strings.ContainsFunc(f.token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return usage{errors.New("--osago-token has characters that no Authorization header carries"), "give a token of printable ASCII without spaces"}
	case f.tokenTTL != "" && auth != osago.AuthOAuth2:
		return usage{fmt.Errorf("--osago-token-ttl is given, and with --osago-auth %s no token expires", auth), "add --osago-auth oauth2"}
	}
	return nil
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
