package delivery

import (
	"net/http"
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://host/confirm":          "https://host/confirm",
		"HTTPS://Host.Example/Confirm":  "https://host.example/Confirm",
		"http://127.0.0.1:8080/confirm": "http://127.0.0.1:8080/confirm",
		"http://[::1]:80/confirm":       "http://[::1]/confirm",
		"https://host:443":              "https://host/",
		"https://host:80/":              "https://host:80/",
		"http://host:/a%2Fb":            "http://host/a%2Fb",
		"http://host/a/../b":            "http://host/a/../b",
		"":                              "", "host/confirm": "", "ftp://host/": "", "file:///etc/passwd": "", "http://": "", "http:///x": "", "http:host": "", "http://:80/": "", "http://u:secret@host/": "", "http://u@host/": "",
		"http://host/?a=b": "", "http://host/?": "", "http://host/#a": "", "http://ho st/": "", "javascript:x": "", "http://host:99999x/": "",
	} {
		got, err := ParseTarget(text)
		if (err != nil) != (want == "") || err == nil && got.String() != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows the password: %v", text, err)
		}
	}
}

// TestChoose: nothing but the targets is ever chosen, whatever else is like them.
func TestChoose(t *testing.T) {
	t.Parallel()
	var targets []Target
	for _, text := range []string{"https://a.test/confirm", "http://b.test:8080/x"} {
		target, err := ParseTarget(text)
		if err != nil {
			t.Fatal(err)
		}
		targets = append(targets, target)
	}
	for wanted, want := range map[string]string{
		"": "https://a.test/confirm", "https://A.test:443/confirm": "https://a.test/confirm", "http://b.test:8080/x": "http://b.test:8080/x",
		"http://a.test/confirm": "", "https://a.test:444/confirm": "", "https://a.test/confirm/": "", "https://a.test/confirm/../x": "", "https://a.test/Confirm": "", "https://a.test/confirm?x": "",
		"https://a.test.evil.test/confirm": "", "https://a.test@evil.test/confirm": "", "https://evil.test/confirm": "", "http://b.test/x": "", "http://b.test:8080/x%2F": "", "x": "",
	} {
		got, err := choose(targets, wanted)
		if (err != nil) != (want == "") || err == nil && got.String() != want {
			t.Errorf("%s: %s, %v; want %s", wanted, got, err, want)
		}
	}
}

// FuzzTarget reads URLs that may be called: what is taken is called as it is written, and is its own equal.
func FuzzTarget(f *testing.F) {
	for _, text := range []string{"http://127.0.0.1:8080/confirm", "HTTPS://Example.COM:443", "http://[::1]:80/a%2Fb", "https://a:b@c/", "http://x?y", "http://x#y", "http:///x", "http://x:/", "//x", "http://x:99999/", "http://\x00/"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		to, err := ParseTarget(text)
		if err != nil {
			return
		}
		again, err := ParseTarget(to.String())
		if err != nil || again != to {
			t.Fatalf("%q is %s, and that is %s, %v", text, to, again, err)
		}
		if req, err := http.NewRequest(http.MethodGet, to.String()+"?a=b", nil); err != nil || req.URL.RawQuery != "a=b" || req.URL.User != nil || !strings.EqualFold(req.URL.Host, to.host) {
			t.Fatalf("%q calls %v, %v", text, req, err)
		}
		if _, err := choose([]Target{to}, text); err != nil {
			t.Fatalf("%q is not itself: %v", text, err)
		}
	})
}
