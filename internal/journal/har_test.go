package journal

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestHAR(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 5_000_000, time.UTC)
	get := poll(1)
	get.Real, get.At = at, at.Add(24*time.Hour)
	get.Before, get.After = "DRAFT", "PARTNER_CALCULATION_IN_PROGRESS"
	post := Exchange{Number: 2, API: "bordereau", Operation: "importRisks", Real: at, At: at, Took: 2500 * time.Microsecond,
		Request: Request{Method: "POST", Target: "/bordereau/import?partnerCode=312&sign=ab%2Bc", Host: "127.0.0.1:8080",
			Header: []Field{{"Content-Type", "application/json"}, {"Authorization", "Basic x"}}, Body: []byte(`{"risks":[{"firstName":"Иван","flightNumber":"S7-155"}]}`), Size: 60},
		Answer: Answer{Status: 403, Header: []Field{{"Content-Type", "application/json"}}, Body: []byte(`{"errors":[]}`), Size: 13},
		Reason: "the sign is wrong", Mistakes: []string{"upper-case"}, Faults: []string{"403"}}
	pdf := Exchange{Number: 3, API: "osago", Real: at, At: at, Request: Request{Method: "POST", Target: "/osago/x", Body: []byte("phone=1"), Size: 7},
		Answer: Answer{Status: 200, Header: []Field{{"Content-Type", "application/pdf"}}, Body: []byte("%PDF\xff"), Size: 5}}
	list := []Exchange{get, post, pdf, {Number: 4, Act: true}, {Number: 5, Running: true}}
	got, err := HAR(list, Masked, "http://127.0.0.1:8080/s/default/", "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "har.golden")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(got) != string(want) {
		t.Errorf("%v: the archive is not %s (-update writes it anew):\n%s", err, golden, got)
	}
}
