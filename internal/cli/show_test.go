package cli

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"poligon/internal/bordereau"
	"poligon/internal/partner"
	"poligon/internal/simulator"
)

// TestShowEmbedded shows every embedded scenario in every format: the tables are those of testdata/show.golden, and images and data
// can be read.
func TestShowEmbedded(t *testing.T) {
	t.Parallel()
	apis, err := simulator.APIs(bordereau.Access{}, false)
	if err != nil {
		t.Fatal(err)
	}
	lib, err := load(apis, "")
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for _, s := range lib.All() {
		show := func(format string) []byte {
			text, err := (&showFlags{format: format}).draw(apis, s, partner.View{Events: 30 * time.Second, Polls: time.Second})
			if err != nil {
				t.Fatalf("%s: %v", s.Name, err)
			}
			return text
		}
		all.Write(show("text"))
		all.WriteString("===\n")
		if d := show("json"); !json.Valid(d) {
			t.Errorf("%s: %s", s.Name, d)
		}
		if d := show("mermaid"); bytes.Count(d, []byte("\n")) < 5 {
			t.Errorf("%s: %s", s.Name, d)
		}
		image := show("svg")
		if !bytes.Equal(image, show("svg")) {
			t.Errorf("%s is drawn another way the next time", s.Name)
		}
		for d := xml.NewDecoder(bytes.NewReader(image)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", s.Name, err)
			}
		}
	}
	const golden = "testdata/show.golden"
	if *update {
		if err := os.WriteFile(golden, all.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(all.Bytes(), want) {
		t.Errorf("%s differs (make generate writes it anew):\n%s", golden, &all)
	}
}
