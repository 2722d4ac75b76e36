package cli

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"poligon/internal/certificate"
)

// tlsFlags say how the server speaks TLS.
type tlsFlags struct {
	cert, key  string
	clientCA   string
	selfSigned bool
	caFile     string
}

func (f *tlsFlags) flags(flags *pflag.FlagSet) {
	flags.StringVar(&f.cert, "tls-cert", "", "file with the server's certificate and those up to its authority, as PEM; https is served then")
	flags.StringVar(&f.key, "tls-key", "", "file with the key of --tls-cert, as PEM")
	flags.StringVar(&f.clientCA, "tls-client-ca", "", "file with authorities, as PEM; every client must show a certificate that one of them signed")
	flags.BoolVar(&f.selfSigned, "tls-self-signed", false, "make a certificate at the start, for localhost, the address to listen on and --allow-host; https is served then")
	flags.StringVar(&f.caFile, "tls-ca-file", "", "file to write the authority of --tls-self-signed to, for clients to trust")
}

// on says whether the server speaks TLS.
func (f *tlsFlags) on() bool { return f.cert != "" || f.key != "" || f.selfSigned }

// scheme is that of the server's URLs.
func (f *tlsFlags) scheme() string {
	if f.on() {
		return "https"
	}
	return "http"
}

// misfit says what is missing, or does not belong together: whoever gives that believes that it counts.
func (f *tlsFlags) misfit() error {
	switch {
	case f.selfSigned && (f.cert != "" || f.key != ""):
		return usage{errors.New("--tls-self-signed makes a certificate, and --tls-cert or --tls-key names one"), "keep one of them"}
	case f.cert != "" && f.key == "":
		return usage{errors.New("--tls-cert has no key"), "add --tls-key FILE; it is the same file when that holds both"}
	case f.key != "" && f.cert == "":
		return usage{errors.New("--tls-key has no certificate"), "add --tls-cert FILE; it is the same file when that holds both"}
	case f.clientCA != "" && !f.on():
		return usage{errors.New("--tls-client-ca asks clients for certificates, and without TLS none can be shown"), "add --tls-cert FILE --tls-key FILE, or --tls-self-signed"}
	case f.caFile != "" && !f.selfSigned:
		return usage{errors.New("--tls-ca-file is written with --tls-self-signed alone"), "add --tls-self-signed, or remove it"}
	}
	return nil
}

// config is how the server speaks TLS: nil for not at all. Hosts are names and addresses that a certificate is made for.
func (f *tlsFlags) config(hosts []string) (*tls.Config, error) {
	if err := f.misfit(); err != nil || !f.on() {
		return nil, err
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if f.clientCA != "" {
		pool, err := readAuthorities("--tls-client-ca", f.clientCA)
		if err != nil {
			return nil, err
		}
		c.ClientCAs, c.ClientAuth = pool, tls.RequireAndVerifyClientCert
	}
	if !f.selfSigned {
		pair := &pair{certFile: f.cert, keyFile: f.key}
		if err := pair.load("--tls-cert", "--tls-key"); err != nil {
			return nil, err
		}
		c.GetCertificate = pair.get
		return c, nil
	}
	made, authority, err := certificate.SelfSigned(hosts, time.Now())
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	c.Certificates = []tls.Certificate{made}
	if f.caFile != "" {
		if err := os.WriteFile(f.caFile, authority, 0o644); err != nil { // everybody may read whom to trust
			return nil, usage{fmt.Errorf("cannot write --tls-ca-file: %w", err), "name a file in a folder that exists"}
		}
	}
	slog.Info("a certificate was made for this start", "hosts", hosts, "authority", orDefault(f.caFile, "not written: --tls-ca-file FILE writes it, for clients to trust"))
	return c, nil
}

// hostsOf are the names and addresses by which a server is called that listens on an address.
func hostsOf(listen string, more []string) []string {
	hosts := append([]string{"localhost", "*.localhost", "127.0.0.1", "::1"}, more...)
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return hosts // nothing listens there; net.Listen says so
	}
	if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
		if !contains(hosts, host) {
			hosts = append(hosts, host)
		}
		return hosts
	}
	if name, err := os.Hostname(); err == nil && !contains(hosts, name) {
		hosts = append(hosts, name)
	}
	addresses, _ := net.InterfaceAddrs() // none where the system does not tell
	for _, a := range addresses {
		if at, ok := a.(*net.IPNet); ok && !contains(hosts, at.IP.String()) {
			hosts = append(hosts, at.IP.String())
		}
	}
	return hosts
}

// readAuthorities reads the certificates of authorities from a file that a flag names.
func readAuthorities(flag, name string) (*x509.CertPool, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, usage{fmt.Errorf("%s: %w", flag, err), "name a file with certificates as PEM"}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, usage{fmt.Errorf("%s: %s holds no certificate", flag, name), "name a file with certificates as PEM: blocks that begin with -----BEGIN CERTIFICATE-----"}
	}
	return pool, nil
}

// pair is a certificate and its key in files. They are read anew when they change, so that a certificate is renewed without a restart.
type pair struct {
	certFile, keyFile string
	mu                sync.Mutex
	stamp             string
	loaded            *tls.Certificate
}

// load reads the files, which flags name.
func (p *pair) load(certFlag, keyFlag string) error {
	stamp := p.changed()
	for _, file := range [][2]string{{certFlag, p.certFile}, {keyFlag, p.keyFile}} {
		if _, err := os.ReadFile(file[1]); err != nil {
			return usage{fmt.Errorf("%s: %w", file[0], err), "name a file as PEM that this user may read"}
		}
	}
	c, err := tls.LoadX509KeyPair(p.certFile, p.keyFile)
	if err != nil {
		return usage{fmt.Errorf("%s %s and %s %s do not go together: %w", certFlag, p.certFile, keyFlag, p.keyFile, err), "give a certificate and the key that it was made with, both as PEM; a key must have no password"}
	}
	switch now := time.Now(); {
	case now.After(c.Leaf.NotAfter):
		return usage{fmt.Errorf("%s: the certificate in %s has expired on %s", certFlag, p.certFile, c.Leaf.NotAfter.UTC().Format(time.RFC3339)), "renew it"}
	case now.Before(c.Leaf.NotBefore):
		return usage{fmt.Errorf("%s: the certificate in %s is good only from %s", certFlag, p.certFile, c.Leaf.NotBefore.UTC().Format(time.RFC3339)), "wait, or look at the clock of this machine"}
	}
	p.loaded, p.stamp = &c, stamp
	return nil
}

// changed tells states of the files apart.
func (p *pair) changed() (stamp string) {
	for _, name := range []string{p.certFile, p.keyFile} {
		if info, err := os.Stat(name); err == nil {
			stamp += fmt.Sprintln(info.ModTime().UnixNano(), info.Size())
		}
	}
	return stamp
}

// get is the certificate as the files have it; the last one that was good while they hold none.
func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if stamp := p.changed(); stamp != p.stamp {
		if err := p.load("--tls-cert", "--tls-key"); err != nil {
			slog.Warn("the certificate has changed and cannot be used; the one before stays", "error", err)
		} else {
			slog.Info("the certificate was read anew", "tls-cert", p.certFile, "good until", p.loaded.Leaf.NotAfter)
		}
		p.stamp = stamp // so that it is said once
	}
	return p.loaded, nil
}
