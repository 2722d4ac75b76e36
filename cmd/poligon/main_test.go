package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"poligon": main})
}

// TestScript runs the scripts of testdata/script: how the product behaves, from the command line.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("GOCOVERDIR", os.TempDir())
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"url":   setURL,
			"http":  request,
			"until": until,
		},
	})
}

// setURL waits for a port file and sets $URL: url PORTFILE.
func setURL(ts *testscript.TestScript, _ bool, args []string) {
	port, err := awaitFile(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Setenv("URL", "http://127.0.0.1:"+strings.TrimSpace(port))
}

// awaitFile reads a file once it is there.
func awaitFile(name string) (string, error) {
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if text, err := os.ReadFile(name); err == nil {
			return string(text), nil
		}
		select {
		case <-tick.C:
		case <-deadline:
			return "", fmt.Errorf("%s does not appear", name)
		}
	}
}

// until waits until a file holds a text: until FILE TEXT.
func until(ts *testscript.TestScript, _ bool, args []string) {
	for range 20 * 200 {
		if text, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.Contains(string(text), args[1]) {
			return
		}
		<-time.After(5 * time.Millisecond)
	}
	ts.Fatalf("%s does not come to hold %q:\n%s", args[0], args[1], ts.ReadFile(args[0]))
}

// request sends a request and prints status, X-Poligon headers and body: http METHOD URL [BODYFILE [HEADER…]].
func request(ts *testscript.TestScript, _ bool, args []string) {
	var body io.Reader
	if len(args) > 2 && args[2] != "-" {
		body = strings.NewReader(ts.ReadFile(args[2]))
	}
	req, err := http.NewRequest(args[0], args[1], body)
	ts.Check(err)
	for _, h := range args[min(3, len(args)):] {
		name, value, _ := strings.Cut(h, ":")
		req.Header.Set(name, strings.TrimSpace(value))
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), resp.StatusCode)
	if reason := resp.Header.Get("X-Poligon-Reason"); reason != "" {
		fmt.Fprintln(ts.Stdout(), "reason:", reason)
	}
	fmt.Fprintln(ts.Stdout(), strings.TrimSpace(string(text)))
}
