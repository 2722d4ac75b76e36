package redis

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"

	"poligon/internal/store/redistest"
)

// gate is a connection's way to a server, which can lose answers.
type gate struct {
	address string
	lose    atomic.Int32 // how many answers are still to be lost, each with its connection
	lost    atomic.Int32
}

func openGate(t *testing.T, server string) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	g := &gate{address: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go g.pass(c, server)
		}
	}()
	return g
}

func (g *gate) pass(client net.Conn, server string) {
	defer func() { _ = client.Close() }()
	s, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer func() { _ = s.Close() }()
	go func() {
		b := make([]byte, 1<<16)
		for {
			n, err := client.Read(b)
			if err != nil {
				_ = s.Close()
				return
			}
			if _, err := s.Write(b[:n]); err != nil {
				return
			}
		}
	}()
	b := make([]byte, 1<<16)
	for {
		n, err := s.Read(b)
		if err != nil {
			return
		}
		if g.lose.Add(-1) >= 0 {
			g.lost.Add(1)
			return
		}
		g.lose.Store(0)
		if _, err := client.Write(b[:n]); err != nil {
			return
		}
	}
}

// The answer to a commit is lost with its connection: the commit is made once, and said to be made.
func TestAnswerLost(t *testing.T) {
	t.Parallel()
	g := openGate(t, redistest.Start(t, redistest.Options{}).Address())
	s := opened(t, "redis://"+g.address)
	at := made(t, s, 0, "0")
	for n := range 20 {
		g.lose.Store(1)
		at = made(t, s, at, fmt.Sprint(n))
	}
	if n := g.lost.Load(); n != 20 {
		t.Errorf("%d answers were lost", n)
	}
}

const trustVar = "POLIGON_TEST_TRUST"

// A server's certificate is good by the authority that SSL_CERT_FILE names.
func TestTrustedCertificate(t *testing.T) {
	t.Parallel()
	if u := os.Getenv(trustVar); u != "" {
		made(t, opened(t, u), 0, "trusted")
		return
	}
	server := redistest.Start(t, redistest.Options{TLS: true, Password: "right-one"})
	cmd := exec.CommandContext(context.Background(), os.Args[0], "-test.run=^TestTrustedCertificate$") //nolint:gosec // this program
	cmd.Env = append(os.Environ(), trustVar+"="+server.URL(), "SSL_CERT_FILE="+server.Authority())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
