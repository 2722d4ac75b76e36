package crash_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary is the server's program, built once.
var binary string //nolint:gochecknoglobals // see TestMain

func TestMain(m *testing.M) { os.Exit(tested(m)) }

func tested(m *testing.M) int {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	dir, err := os.MkdirTemp("", "crash")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "poligon")
	if out, err := exec.Command("go", "build", "-o", binary, "poligon/cmd/poligon").CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v: %s", err, out))
	}
	return m.Run()
}

// wait is how long a server may take to do what it is told, in real time.
const wait = 30 * time.Second

// pause is between two looks, in real time.
const pause = 5 * time.Millisecond

// process is a server that is started, killed and started again with the same store.
type process struct {
	t      testing.TB
	store  string
	shell  string // before the program: limits of the process
	flags  []string
	cmd    *exec.Cmd
	log    bytes.Buffer // of all its lives
	url    string
	client *http.Client
	ended  chan struct{}
}

// serve starts a server over a store.
func serve(t testing.TB, store string, flags ...string) *process {
	t.Helper()
	p := &process{t: t, store: store, flags: flags}
	p.start()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the server's log ends: %s", tail(p.log.String()))
		}
		if strings.Contains(p.log.String(), "panic") || strings.Contains(p.log.String(), "level=ERROR") {
			t.Errorf("the server's log tells of a panic or an error: %s", tail(p.log.String()))
		}
	})
	return p
}

func tail(text string) string { return text[max(0, len(text)-4000):] }

// start starts the process and waits until it listens.
func (p *process) start() {
	p.t.Helper()
	port := filepath.Join(p.t.TempDir(), "port")
	args := append([]string{"-c", p.shell + `exec "$0" "$@"`, binary, "serve", "--listen", "127.0.0.1:0", "--port-file", port, "--store", p.store}, p.flags...)
	p.cmd, p.ended = exec.Command("bash", args...), make(chan struct{})
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait()
		close(ended)
	}(p.cmd, p.ended)
	for over := time.After(wait); ; {
		if text, err := os.ReadFile(port); err == nil {
			p.url = "http://127.0.0.1:" + strings.TrimSpace(string(text))
			p.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: wait}
			return
		}
		select {
		case <-p.ended:
			p.t.Fatalf("the server ended: %s", tail(p.log.String()))
		case <-over:
			p.t.Fatal("the server does not start")
		case <-time.After(pause):
		}
	}
}

// kill ends the process at once.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
	p.client.CloseIdleConnections()
}

// answer is what a client got.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask sends a request; an error says that no answer came whole.
func (p *process) ask(method, path, body string, header ...string) (a answer, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		return a, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return a, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, text}, err
}

// must is ask of what has to be answered with a status; into takes the answer unless it is nil.
func (p *process) must(want int, into any, method, path, body string) answer {
	p.t.Helper()
	a, err := p.ask(method, path, body)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	if a.status != want {
		p.t.Fatalf("%s %s: %d %.600s", method, path, a.status, a.body)
	}
	if into != nil {
		if err := json.Unmarshal(a.body, into); err != nil {
			p.t.Fatalf("%s %s: %v: %.300s", method, path, err, a.body)
		}
	}
	return a
}
