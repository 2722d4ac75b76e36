package delivery

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Target is a URL that may be called: its scheme, host, port and path, and nothing else of it is ever another's.
type Target struct{ scheme, host, path string }

// ParseTarget reads a URL that may be called.
func ParseTarget(text string) (Target, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return Target{}, fmt.Errorf("%q is no URL", text)
	case u.Scheme != "http" && u.Scheme != "https":
		return Target{}, fmt.Errorf("%q begins with neither http:// nor https://", text)
	case u.Hostname() == "" || u.Opaque != "":
		return Target{}, fmt.Errorf("%q names no host", text)
	case u.User != nil:
		return Target{}, errors.New("a URL to call with a user or a password in it would show them") // so that it is not repeated here
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return Target{}, errors.New("a URL to call ends with its path; the query is what is reported")
	}
	host := strings.ToLower(u.Host)
	if own := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; u.Port() == own[1:] || strings.HasSuffix(host, ":") {
		host = strings.TrimSuffix(strings.TrimSuffix(host, own), ":")
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	return Target{u.Scheme, host, path}, nil
}

// String is the URL.
func (t Target) String() string { return t.scheme + "://" + t.host + t.path }

// choose is the target that is wanted, the first where none is; the error says that it is none of them.
func choose(targets []Target, wanted string) (Target, error) {
	if wanted == "" {
		return targets[0], nil
	}
	t, err := ParseTarget(wanted)
	if err != nil {
		return Target{}, err
	}
	for _, one := range targets {
		if one == t {
			return t, nil
		}
	}
	return Target{}, fmt.Errorf("%s is none of --confirm-url, and nothing else is ever called", t)
}
