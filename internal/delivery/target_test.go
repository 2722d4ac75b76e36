package delivery

import (
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
