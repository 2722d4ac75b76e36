package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is `poligon serve` as a process of its own; testscript.Main has put it into the path.
type process struct {
	*exec.Cmd
	address string
	log     lockedBuffer
}

// lockedBuffer is written and read at once.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func launch(t *testing.T, args ...string) *process {
	t.Helper()
	file := filepath.Join(t.TempDir(), "port")
	p := &process{Cmd: exec.Command("poligon", append([]string{"serve", "--listen", "127.0.0.1:0", "--port-file", file}, args...)...)}
	p.Stdout = &p.log
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Process.Kill()
		p.Wait()
	})
	port, err := awaitFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p.address = "127.0.0.1:" + strings.TrimSpace(port)
	return p
}

// begin sends a request but for the end of its body, and waits until the server reads that.
func (p *process) begin(t *testing.T) (finish func() (*http.Response, error)) {
	t.Helper()
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	body := `{"seed": 7}`
	fmt.Fprintf(conn, "PUT /__admin/sessions/late HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body))
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil || !strings.Contains(line, " 100 ") {
		t.Fatal(line, err)
	}
	r.ReadString('\n')
	return func() (*http.Response, error) {
		io.WriteString(conn, body)
		return http.ReadResponse(r, nil)
	}
}

// refuses waits until the server takes no connections.
func (p *process) refuses() {
	for {
		conn, err := net.Dial("tcp", p.address)
		if err != nil {
			return
		}
		conn.Close()
	}
}

// A server that is told to stop, and told so again, takes no new connections, finishes what runs, and ends with code 0.
func TestStopFinishesWhatRuns(t *testing.T) {
	t.Parallel()
	p := launch(t)
	finish := p.begin(t)
	p.Process.Signal(syscall.SIGTERM)
	p.refuses()
	p.Process.Signal(syscall.SIGTERM)
	resp, err := finish()
	if err != nil || resp.StatusCode != http.StatusCreated {
		t.Errorf("what ran is answered %v, %v", resp, err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("it ended with %v:\n%s", err, &p.log)
	}
}

// What has not ended when the time of --drain is over is cut off.
func TestDrainEnds(t *testing.T) {
	t.Parallel()
	p := launch(t, "--drain", "50ms")
	finish := p.begin(t)
	p.Process.Signal(syscall.SIGTERM)
	if err := p.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if !strings.Contains(p.log.String(), "cut off") {
		t.Errorf("nothing is said of it:\n%s", &p.log)
	}
	if resp, err := finish(); err == nil {
		t.Errorf("what ran is answered %v", resp.Status)
	}
}

// Who presses Ctrl-C a second time does not wait.
func TestSecondInterruptEndsAtOnce(t *testing.T) {
	t.Parallel()
	p := launch(t, "--drain", "1h")
	p.begin(t)
	p.Process.Signal(os.Interrupt)
	p.refuses()
	stop := make(chan struct{})
	defer close(stop)
	go func() { // the first is being looked at still, it may be
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			p.Process.Signal(os.Interrupt)
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	var ended *exec.ExitError
	if err := p.Wait(); !errors.As(err, &ended) || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
		t.Errorf("it ended with %v", err)
	}
}
