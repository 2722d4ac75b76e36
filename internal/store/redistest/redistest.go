// Package redistest starts real Redis servers for tests: on free ports of the loopback, in a directory of their own, ended with the test.
package redistest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"poligon/internal/certificate"
)

// Options are how a server is started.
type Options struct {
	Password string
	TLS      bool
	Memory   string   // maxmemory, with noeviction; none for no limit
	Appends  bool     // appendonly, synced at each write: nothing is lost when it is killed
	More     []string // further arguments
}

// Server is a Redis server.
type Server struct {
	t         testing.TB
	o         Options
	dir       string
	port      int
	authority string // a PEM file; of TLS
	process   *exec.Cmd
	ended     chan struct{}
	log       *bytes.Buffer
}

// patience is how long a server may take to do what it is told, in real time.
const patience = 20 * time.Second

// pause is between two looks at a server, in real time.
const pause = 10 * time.Millisecond

// Needed says whether a test without Redis fails: it is run by CI.
func Needed() bool { return os.Getenv("CI") == "true" }

// Start starts a server. The test is skipped when there is none on this machine, or fails when it is run by CI.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if Needed() {
			t.Fatal("no redis-server; .ci/run installs it")
		}
		t.Skip("no redis-server on this machine; apt-get install redis-server")
	}
	s := &Server{t: t, o: o, dir: t.TempDir()}
	if o.TLS {
		s.certify()
	}
	var err error
	for range 5 { // another may take the port before the server does
		s.port = freePort(t)
		if err = s.start(); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// certify makes a certificate of the server's own.
func (s *Server) certify() {
	s.t.Helper()
	server, authority, err := certificate.SelfSigned([]string{"127.0.0.1"}, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(server.PrivateKey)
	if err != nil {
		s.t.Fatal(err)
	}
	s.authority = s.file("ca.pem", authority)
	s.file("cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate[0]}))
	s.file("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
}

func (s *Server) file(name string, data []byte) (path string) {
	s.t.Helper()
	path = filepath.Join(s.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

func (s *Server) arguments() []string {
	port := strconv.Itoa(s.port)
	list := []string{"--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--daemonize", "no", "--enable-debug-command", "yes"}
	if s.o.TLS {
		list = append(list, "--port", "0", "--tls-port", port, "--tls-auth-clients", "no", "--tls-cert-file", filepath.Join(s.dir, "cert.pem"),
			"--tls-key-file", filepath.Join(s.dir, "key.pem"), "--tls-ca-cert-file", s.authority)
	} else {
		list = append(list, "--port", port)
	}
	if s.o.Password != "" {
		list = append(list, "--requirepass", s.o.Password)
	}
	if s.o.Memory != "" {
		list = append(list, "--maxmemory", s.o.Memory, "--maxmemory-policy", "noeviction")
	}
	if s.o.Appends {
		list = append(list, "--appendonly", "yes", "--appendfsync", "always")
	}
	return append(list, s.o.More...)
}

// start starts the process and waits until it answers.
func (s *Server) start() error {
	s.log, s.ended = &bytes.Buffer{}, make(chan struct{})
	s.process = exec.Command("redis-server", s.arguments()...)
	s.process.Stdout, s.process.Stderr = s.log, s.log
	s.process.SysProcAttr = orphaned()
	if err := s.process.Start(); err != nil {
		return err
	}
	go func(p *exec.Cmd, ended chan struct{}) {
		_ = p.Wait()
		close(ended)
	}(s.process, s.ended)
	c := s.Client()
	defer func() { _ = c.Close() }()
	for over := time.After(patience); ; {
		if s.answers(c) {
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("redis-server ended: %s", s.log)
		case <-over:
			s.Kill()
			return errors.New("redis-server does not answer")
		case <-time.After(pause):
		}
	}
}

func (s *Server) answers(c *redis.Client) bool {
	conn, err := net.DialTimeout("tcp", s.Address(), time.Second) // first, for the client would log each attempt
	if err != nil {
		return false
	}
	_ = conn.Close()
	info, err := c.Info(context.Background(), "server").Result()
	return err == nil && strings.Contains(info, fmt.Sprintf("process_id:%d\r", s.process.Process.Pid)) // or another server has the port
}

// Address is the server's host and port.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is where the server is, with its password. Whoever uses TLS has to trust Authority, or anybody.
func (s *Server) URL() string {
	u := url.URL{Scheme: "redis", Host: s.Address(), Path: "/0"}
	if s.o.TLS {
		u.Scheme = "rediss"
	}
	if s.o.Password != "" {
		u.User = url.UserPassword("", s.o.Password)
	}
	return u.String()
}

// Authority is the PEM file of the certificate by which the server is known; of TLS.
func (s *Server) Authority() string { return s.authority }

// Client is a client of the server, which the caller closes. It tries nothing twice.
func (s *Server) Client() *redis.Client {
	o := &redis.Options{Addr: s.Address(), Password: s.o.Password, MaxRetries: -1, DialerRetries: 1, DialTimeout: time.Second}
	if s.o.TLS {
		o.TLSConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // a test's own server
	}
	return redis.NewClient(o)
}

// Do has the server do a command, which must succeed.
func (s *Server) Do(args ...any) any {
	s.t.Helper()
	c := s.Client()
	defer func() { _ = c.Close() }()
	answer, err := c.Do(context.Background(), args...).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		s.t.Fatalf("%v: %v", args, err)
	}
	return answer
}

// Pause has the server answer nobody for a time.
func (s *Server) Pause(d time.Duration) {
	s.t.Helper()
	s.Do("CLIENT", "PAUSE", d.Milliseconds(), "ALL")
}

// Stop ends the server in good order.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Kill ends the server at once.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Freeze has the process stand still until Thaw.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw has the process go on.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) { _ = s.process.Process.Signal(sig) }

func (s *Server) end(sig syscall.Signal) {
	s.signal(sig)
	s.Thaw()
	select {
	case <-s.ended:
	case <-time.After(patience):
		_ = s.process.Process.Kill()
		<-s.ended
	}
}

// Restart starts the server again after Stop or Kill, with what it has on its disk.
func (s *Server) Restart() {
	s.t.Helper()
	if err := s.start(); err != nil {
		s.t.Fatal(err)
	}
}
