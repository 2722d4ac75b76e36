package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var fences = regexp.MustCompile("(?ms)^```(sh|json|text)\n(.*?)^```$")

// TestDocsCommands runs every command block of the README and of the docs, each document against a server of its own, and holds
// the block of output behind it, if there is one, to what is printed.
func TestDocsCommands(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%v: the documents' commands need it", err)
		}
	}
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "poligon"), ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("no documents:", err)
	}
	for _, page := range append(pages, "../../README.md") {
		name := strings.TrimPrefix(page, "../../")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), "```sh\n") {
				return
			}
			runBlocks(t, string(text), bin)
		})
	}
}

func runBlocks(t *testing.T, text, bin string) {
	dir := t.TempDir()
	server := exec.Command(filepath.Join(bin, "poligon"), "serve", "--listen", "127.0.0.1:0", "--port-file", filepath.Join(dir, ".port"))
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	port, err := awaitFile(filepath.Join(dir, ".port"))
	if err != nil {
		t.Fatal(err)
	}
	here := strings.NewReplacer("127.0.0.1:8080", "127.0.0.1:"+strings.TrimSpace(port))
	blocks := fences.FindAllStringSubmatch(text, -1)
	for i, block := range blocks {
		if block[1] != "sh" {
			continue
		}
		if _, err := exec.LookPath("redis-server"); err != nil && os.Getenv("CI") == "" && strings.Contains(block[2], "redis-server") {
			t.Log("a command is not run: ", err)
			continue
		}
		cmd := exec.Command("bash", "-euo", "pipefail", "-c", here.Replace(strings.ReplaceAll(block[2], "--curl ", "--curl --url http://127.0.0.1:8080 ")))
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "POLIGON_URL=http://127.0.0.1:"+strings.TrimSpace(port))
		var failure strings.Builder
		cmd.Stderr = &failure
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("%v: %s\n%s", err, failure.String(), block[2])
		}
		if i+1 < len(blocks) && blocks[i+1][1] != "sh" {
			if got, want := lines(string(out)), lines(here.Replace(blocks[i+1][2])); got != want {
				t.Errorf("after\n%s\nit prints\n%s\nnot\n%s", block[2], got, want)
			}
		}
	}
}

// lines is text without carriage returns and empty lines.
func lines(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
