package cli

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// connection is how a command reaches a server.
type connection struct {
	base, portFile string
	ca             string
	cert, key      string
}

func (c *connection) flags(flags *pflag.FlagSet) {
	flags.StringVar(&c.base, "url", "http://127.0.0.1:8080", "base URL of the server")
	flags.StringVar(&c.portFile, "port-file", "", "port file of a server on this machine, instead of --url")
	instead(flags, "url", "port-file")
	flags.StringVar(&c.ca, "ca", "", "file with the authorities that an https server is trusted by, as PEM; a --port-file is of an https server then")
	flags.StringVar(&c.cert, "cert", "", "file with the certificate that the server is shown, as PEM")
	flags.StringVar(&c.key, "key", "", "file with the key of --cert, as PEM")
}

// server is the server's base URL, without a slash at its end.
func (c *connection) server() (string, error) {
	base := strings.TrimSuffix(c.base, "/")
	if c.portFile != "" {
		port, err := os.ReadFile(c.portFile)
		if err != nil {
			return "", usage{fmt.Errorf("cannot read the port file: %w", err), "a server writes it with --port-file once it listens"}
		}
		scheme := "http"
		if c.ca != "" {
			scheme = "https"
		}
		base = scheme + "://127.0.0.1:" + strings.TrimSpace(string(port))
	}
	return base, c.misfit()
}

// misfit says what is no URL, or is half of what belongs together.
func (c *connection) misfit() error {
	switch {
	case !strings.HasPrefix(c.base, "http://") && !strings.HasPrefix(c.base, "https://"):
		return usage{fmt.Errorf("%q is not a base URL", c.base), "write it as http://127.0.0.1:8080"}
	case c.cert != "" && c.key == "":
		return usage{errors.New("--cert has no key"), "add --key FILE; it is the same file when that holds both"}
	case c.key != "" && c.cert == "":
		return usage{errors.New("--key has no certificate"), "add --cert FILE; it is the same file when that holds both"}
	}
	return nil
}

// client is what sends the command's requests.
func (c *connection) client() (*http.Client, error) {
	if c.ca == "" && c.cert == "" {
		return http.DefaultClient, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.ca != "" {
		pool, err := readAuthorities("--ca", c.ca)
		if err != nil {
			return nil, err
		}
		config.RootCAs = pool
	}
	if c.cert != "" {
		shown := &pair{certFile: c.cert, keyFile: c.key}
		if err := shown.load("--cert", "--key"); err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{*shown.loaded}
	}
	return &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: config, DisableKeepAlives: true}}, nil
}

// cure is what to do about a server that cannot be reached over TLS; empty when that is not why.
func cure(err error) string {
	var unknown *tls.CertificateVerificationError
	switch text := err.Error(); {
	case errors.As(err, &unknown):
		return "name its authority with --ca FILE, which the server writes with --tls-ca-file, and call it by a name that its certificate has"
	case strings.Contains(text, "remote error: tls"):
		return "the server did not like the certificate, or misses one: --cert FILE and --key FILE show one"
	case strings.Contains(text, "gave HTTP response to HTTPS client"):
		return "the server speaks no TLS: write http://, or remove --ca"
	}
	return ""
}

// hinted is why a server cannot be reached, with the cure if there is one.
func hinted(err error) error {
	if hint := cure(err); hint != "" {
		return fmt.Errorf("%w; %s", err, hint)
	}
	return err
}

// plainly is how a server that speaks TLS begins its answer to a client that does not.
const plainly = "Client sent an HTTP request to an HTTPS server"
