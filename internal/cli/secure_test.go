package cli

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// served is a running `poligon serve`.
type served struct {
	port string
	dir  string
	log  *safe
	stop func() int // and the exit code
}

// safe is a buffer for many writers.
type safe struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safe) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// run runs a command of poligon to its end.
func run(t *testing.T, args ...string) (code int, out, failure string) {
	t.Helper()
	var o, e safe
	code = Main(t.Context(), Program{Args: args, Out: &o, Err: &e, In: strings.NewReader("")})
	return code, o.String(), e.String()
}

// serving starts `poligon serve` on a free port, and waits until it listens.
func serving(t *testing.T, dir string, args ...string) *served {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &served{dir: dir, log: &safe{}}
	file := filepath.Join(dir, "port")
	ended := make(chan int, 1)
	go func() {
		ended <- Main(ctx, Program{Args: append([]string{"serve", "--listen", "127.0.0.1:0", "--port-file", file}, args...), Out: s.log, Err: s.log})
	}()
	s.stop = sync.OnceValue(func() int {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { s.stop() })
	for tick := time.NewTicker(2 * time.Millisecond); ; {
		if text, err := os.ReadFile(file); err == nil {
			s.port = strings.TrimSpace(string(text))
			return s
		}
		select {
		case code := <-ended:
			ended <- code
			t.Fatalf("serve ended with %d:\n%s", code, s.log)
		case <-tick.C:
		}
	}
}

// issuer is an authority of a test.
type issuer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newIssuer(t *testing.T) issuer {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority of a test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return issuer{cert, key}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// pem is the authority's certificate.
func (i issuer) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.cert.Raw})
}

// issue writes a certificate for localhost that is good until an instant, and its key, to files.
func (i issuer) issue(t *testing.T, dir, name string, serial int64, until time.Time) (cert, key string) {
	t.Helper()
	k := newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: until,
		DNSNames: []string{"localhost"}, IPAddresses: nil, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, i.cert, k.Public(), i.key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, dir, name+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		write(t, dir, name+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

func write(t *testing.T, dir, name string, text []byte) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
	return file
}

// fetch gets a page over TLS with a configuration, over a connection of its own.
func fetch(config *tls.Config, url string) (*http.Response, string, error) {
	transport := &http.Transport{TLSClientConfig: config, DisableKeepAlives: true, ForceAttemptHTTP2: true}
	resp, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp, string(text), err
}

const aCalculation = "/osago/calculate/status?request_id=123e4567-e89b-12d3-a456-426614174000"

// A certificate that the server made for itself is trusted by its authority, for localhost, its address and the hosts of sessions; nobody
// else trusts it, and nobody speaks to it in the clear or over HTTP/2.
func TestSelfSigned(t *testing.T) {
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	s := serving(t, dir, "--tls-self-signed", "--tls-ca-file", ca)
	text, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		resp, body, err := fetch(&tls.Config{RootCAs: pool}, "https://"+host+":"+s.port+aCalculation)
		if err != nil || resp.StatusCode != 200 || resp.ProtoMajor != 1 || resp.TLS.Version < tls.VersionTLS12 {
			t.Fatalf("%s: %v %v %s", host, err, resp, body)
		}
	}
	if _, _, err := fetch(&tls.Config{RootCAs: pool, ServerName: "mine.localhost"}, "https://127.0.0.1:"+s.port+"/readyz"); err != nil {
		t.Error("the host of a session:", err)
	}
	if _, _, err := fetch(&tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS11}, "https://127.0.0.1:"+s.port+"/readyz"); err == nil { //nolint:gosec // it must fail
		t.Error("TLS 1.1 is spoken")
	}
	if _, _, err := fetch(nil, "https://127.0.0.1:"+s.port+"/readyz"); err == nil {
		t.Error("it is trusted without its authority")
	}
	if !strings.Contains(s.log.String(), "url=https://127.0.0.1:"+s.port) {
		t.Errorf("the log names no https URL:\n%s", s.log)
	}
	port := []string{"--port-file", filepath.Join(dir, "port")}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{append([]string{"readyz", "--ca", ca}, port...), 0, "ready"},
		{append([]string{"session", "create", "mine", "--ca", ca}, port...), 0, "https://127.0.0.1:" + s.port + "/s/mine"},
		{append([]string{"session", "list"}, port...), 2, "the server speaks TLS\nhint: write https:// in --url, and name its authority with --ca FILE"},
		{[]string{"session", "list", "--url", "https://127.0.0.1:" + s.port}, 3, "name its authority with --ca FILE"},
		{[]string{"readyz", "--url", "https://127.0.0.1:" + s.port}, 3, "name its authority with --ca FILE"},
		{append([]string{"session", "list", "--ca", filepath.Join(dir, "port")}, port...), 2, "holds no certificate"},
		{append([]string{"session", "list", "--ca", filepath.Join(dir, "none")}, port...), 2, "--ca: open"},
		{append([]string{"readyz", "--cert", ca}, port...), 2, "--cert has no key"},
	} {
		code, out, failure := run(t, c.args...)
		if code != c.code || !strings.Contains(out+failure, c.says) {
			t.Errorf("%v ends with %d and says %s%s", c.args, code, out, failure)
		}
	}
	if code := s.stop(); code != 0 {
		t.Errorf("serve ended with %d", code)
	}
	if _, err := os.Stat(filepath.Join(dir, "port")); err == nil {
		t.Error("the port file is there still")
	}
}

// Links lead to https where the request came over it.
func TestLinksOverTLS(t *testing.T) {
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	s := serving(t, dir, "--tls-self-signed", "--tls-ca-file", ca, "--clock", "frozen", "--scenario", "insurer-happy-path")
	at := []string{"--port-file", filepath.Join(dir, "port"), "--ca", ca}
	pool, err := readAuthorities("", ca)
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) string {
		_, body, err := fetch(&tls.Config{RootCAs: pool}, "https://127.0.0.1:"+s.port+path)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	get(aCalculation)
	if code, out, failure := run(t, append([]string{"clock", "advance", "10s"}, at...)...); code != 0 {
		t.Fatal(out, failure)
	}
	body := get("/osago/offer?request_id=123e4567-e89b-12d3-a456-426614174000&offer_id=85415689")
	if !strings.Contains(body, `"payment_url":"https://127.0.0.1:`+s.port+"/") {
		t.Errorf("the payment page is not https: %s", body)
	}
}

// Faults that break a connection break it over TLS too.
func TestFaultsOverTLS(t *testing.T) {
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	s := serving(t, dir, "--tls-self-signed", "--tls-ca-file", ca)
	pool, err := readAuthorities("", ca)
	if err != nil {
		t.Fatal(err)
	}
	for fault, why := range map[string]string{"{answer: reset}": "reset by peer", "{answer: truncated}": "unexpected EOF"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://127.0.0.1:"+s.port+aCalculation, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Poligon-Fault", fault)
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
		resp, err := transport.RoundTrip(req)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s ends with %v", fault, err)
		}
		transport.CloseIdleConnections()
	}
}

// With mutual TLS a client is let in by a certificate of the right authority, and by nothing else.
func TestMutualTLS(t *testing.T) {
	dir := t.TempDir()
	ours, others := newIssuer(t), newIssuer(t)
	ca := write(t, dir, "ca.pem", ours.pem())
	hour := time.Now().Add(time.Hour)
	cert, key := ours.issue(t, dir, "server", 2, hour)
	s := serving(t, dir, "--tls-cert", cert, "--tls-key", key, "--tls-client-ca", ca)
	good, goodKey := ours.issue(t, dir, "client", 3, hour)
	foreign, foreignKey := others.issue(t, dir, "foreign", 4, hour)
	url := []string{"--url", "https://localhost:" + s.port, "--ca", ca}
	for _, c := range []struct {
		shown []string
		code  int
	}{
		{[]string{"--cert", good, "--key", goodKey}, 0},
		{nil, 3},
		{[]string{"--cert", foreign, "--key", foreignKey}, 3},
	} {
		for _, command := range [][]string{{"readyz"}, {"session", "list"}} {
			code, out, failure := run(t, append(append(command, url...), c.shown...)...)
			if code != c.code || c.code != 0 && !strings.Contains(failure, "--cert FILE and --key FILE") {
				t.Errorf("%v with %v ends with %d: %s%s", command, c.shown, code, out, failure)
			}
		}
	}
}

// A certificate that is renewed is shown to who comes next; one that is broken is not, and the one before stays.
func TestCertificateIsReadAnew(t *testing.T) {
	dir := t.TempDir()
	ours := newIssuer(t)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ours.pem())
	hour := time.Now().Add(time.Hour)
	cert, key := ours.issue(t, dir, "server", 2, hour)
	s := serving(t, dir, "--tls-cert", cert, "--tls-key", key)
	shown := func() int64 {
		t.Helper()
		resp, _, err := fetch(&tls.Config{RootCAs: pool}, "https://localhost:"+s.port+"/readyz")
		if err != nil {
			t.Fatal(err)
		}
		return resp.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	if n := shown(); n != 2 {
		t.Errorf("certificate %d is shown", n)
	}
	ours.issue(t, dir, "server", 77, hour)
	if n := shown(); n != 77 {
		t.Errorf("certificate %d is shown after it was renewed", n)
	}
	write(t, dir, "server.pem", []byte("no certificate any more"))
	if n := shown(); n != 77 {
		t.Errorf("certificate %d is shown after the file broke", n)
	}
	if !strings.Contains(s.log.String(), "the one before stays") {
		t.Errorf("nothing is said of it:\n%s", s.log)
	}
}

// Every mistake in the flags of TLS and of limits is told with the flag and the cure, and no server starts.
func TestSecureFlags(t *testing.T) {
	dir := t.TempDir()
	ours := newIssuer(t)
	cert, key := ours.issue(t, dir, "server", 2, time.Now().Add(time.Hour))
	_, otherKey := ours.issue(t, dir, "other", 3, time.Now().Add(time.Hour))
	old, oldKey := ours.issue(t, dir, "old", 4, time.Now().Add(-time.Minute))
	garbage := write(t, dir, "garbage", []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	for _, c := range []struct{ args, says string }{
		{"--tls-cert " + cert, "--tls-cert has no key"},
		{"--tls-key " + key, "--tls-key has no certificate"},
		{"--tls-cert nowhere --tls-key " + key, "--tls-cert: open nowhere"},
		{"--tls-cert " + cert + " --tls-key nowhere", "--tls-key: open nowhere"},
		{"--tls-cert " + cert + " --tls-key " + otherKey, "do not go together"},
		{"--tls-cert " + garbage + " --tls-key " + key, "do not go together"},
		{"--tls-cert " + old + " --tls-key " + oldKey, "has expired on"},
		{"--tls-self-signed --tls-cert " + cert, "keep one of them"},
		{"--tls-client-ca " + cert, "without TLS none can be shown"},
		{"--tls-self-signed --tls-client-ca " + key, "holds no certificate"},
		{"--tls-self-signed --tls-client-ca nowhere", "--tls-client-ca: open nowhere"},
		{"--tls-ca-file x", "--tls-ca-file is written with --tls-self-signed alone"},
		{"--tls-self-signed --tls-ca-file no/such/folder", "cannot write --tls-ca-file"},
		{"--header-timeout 0s", "--header-timeout 0s is no limit"},
		{"--header-timeout 3m", "is longer than --read-timeout"},
		{"--read-timeout -1s", "--read-timeout -1s is no limit"},
		{"--write-timeout 48h", "--write-timeout 48h0m0s is no limit"},
		{"--idle-timeout soon", "invalid argument"},
		{"--drain 0s", "--drain 0s is no limit"},
		{"--max-header-bytes 10", "--max-header-bytes 10 is no limit"},
		{"--max-connections 0", "would let nobody in"},
		{"--max-connections 99999999", "more than a machine has"},
	} {
		code, _, failure := run(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, strings.Fields(c.args)...)...)
		if code != 2 || !strings.Contains(failure, c.says) {
			t.Errorf("%s ends with %d: %s", c.args, code, failure)
		}
		if !strings.Contains(failure, "hint: ") && !strings.Contains(failure, "invalid argument") {
			t.Errorf("%s: no cure: %s", c.args, failure)
		}
	}
}

// No mistake of a flag that holds a secret repeats it.
func TestFlagsTellNoSecrets(t *testing.T) {
	for _, args := range []string{"--store redis://user:HUNTER2@127.0.0.1:1/0", "--store redis://user:HUNTER2%zz@127.0.0.1:1/0", "--store redsi://user:HUNTER2@127.0.0.1:1/0", "--store rediss://:HUNTER2@127.0.0.1:1?x=y",
		"--partner HUNTER2", "--partner :HUNTER2", "--osago-client HUNTER2", "--osago-token HUNTER2", "--admin-token HUNTER2я", "--confirm-url https://a:HUNTER2@b/", "--confirm-call-token HUNTER2"} {
		code, out, failure := run(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, strings.Fields(args)...)...)
		if code != 2 || strings.Contains(out+failure, "HUNTER2") {
			t.Errorf("%s ends with %d: %s%s", args, code, out, failure)
		}
	}
}

// A server that stops leaves the port file of the one that came after it.
func TestPortFileOfTheSuccessorStays(t *testing.T) {
	dir := t.TempDir()
	first := serving(t, dir)
	file := write(t, dir, "port", []byte("1\n"))
	first.stop()
	if text, err := os.ReadFile(file); err != nil || string(text) != "1\n" {
		t.Errorf("the file has %q, %v", text, err)
	}
}
