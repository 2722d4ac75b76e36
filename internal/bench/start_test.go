package bench

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// BenchmarkStart runs the program until it answers with 200: that it is ready, and a poll. It tells the median, for a start that another
// process came between says nothing. Run it with -benchtime 30x.
func BenchmarkStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "poligon")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", binary, "poligon/cmd/poligon").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	for _, c := range []struct{ name, path string }{{"readyz", "/readyz"}, {"poll", "/osago/calculate/status?request_id=123e4567-e89b-12d3-a456-426614174000"}} {
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				took = append(took, start(b, binary, c.path))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2])/1e6, "median-ms")
			b.ReportMetric(float64(took[0])/1e6, "least-ms")
		})
	}
}

// start is how long the program takes from its start to its first answer of 200.
func start(b *testing.B, binary, path string) time.Duration {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	cmd := exec.Command(binary, "serve", "--listen", address)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	tick := time.NewTicker(200 * time.Microsecond) // so that the processors are the program's
	defer tick.Stop()
	for !answers(address, path) {
		if time.Since(began) > time.Minute {
			b.Fatal("no answer in a minute")
		}
		<-tick.C
	}
	return time.Since(began)
}

func answers(address, path string) bool {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path); err != nil {
		return false
	}
	answer, _ := io.ReadAll(conn)
	return bytes.HasPrefix(answer, []byte("HTTP/1.1 200 "))
}
