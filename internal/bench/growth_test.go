package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"poligon/internal/bordereau"
	"poligon/internal/journal"
	"poligon/internal/scenario"
	"poligon/internal/session"
	"poligon/internal/simulator"
)

// BenchmarkGrowth says how the cost of a request grows with what there is beside it. Each figure is the least of many short rounds, for on
// a busy machine that is the one which says most; run it with -benchtime 200x.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{1, 40, 1000, 10_000} {
		b.Run(fmt.Sprintf("sessions=%d", n), func(b *testing.B) { pollsBeside(b, growing(b, nil, 0), n, n) })
	}
	for _, n := range []int{1, 1000, 100_000, 1_000_000} {
		if n > 100_000 && testing.Short() {
			continue
		}
		b.Run(fmt.Sprintf("calculations=%d", n), func(b *testing.B) { pollsBeside(b, growing(b, nil, 0), 1, n) })
	}
	for _, n := range []int{64 << 10, 1 << 20, 16 << 20} {
		b.Run(fmt.Sprintf("journal-bytes=%d", n), func(b *testing.B) { pollsBeside(b, growing(b, nil, n), 1, 30_000) })
	}
	for _, n := range []int{1, 3, 10, 100} {
		b.Run(fmt.Sprintf("offers=%d", n), func(b *testing.B) { pollsBeside(b, growing(b, withOffers(n), 0), 1, 1) })
	}
	for _, n := range []int{0, 10, 100, 1000} {
		b.Run(fmt.Sprintf("calculation-events=%d", n), func(b *testing.B) { pollsAfterActs(b, growing(b, withOffers(1), 0), n) })
	}
	for _, n := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("risk-events=%d", n), func(b *testing.B) { importsAfterUpdates(b, growing(b, nil, 0), n) })
	}
	for _, n := range []int{1, 10, 100, 1000, 10_000} {
		b.Run(fmt.Sprintf("risks=%d", n), func(b *testing.B) {
			h := growing(b, nil, 0)
			least(b, n, handled(b, h, importRequest(0, n)))
		})
	}
}

// growing is a server that may have a scenario more, and so many bytes of journal; 0 for what it has by default.
func growing(b *testing.B, scenarios fstest.MapFS, journalBytes int) http.Handler {
	b.Helper()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // ten thousand sessions begin
	config := simulator.Config{Access: bordereau.Access{Passwords: map[string]string{"demo": "secret"}, Signatures: bordereau.Enforce}, MaxSessions: 20_000,
		Defaults: session.Config{Speed: 1, Journal: journal.Limits{Entries: session.JournalEntries, Bytes: session.JournalBytes}}, Now: time.Now}
	if journalBytes > 0 {
		config.Defaults.Journal = journal.Limits{Entries: 1 << 20, Bytes: journalBytes}
	}
	if scenarios != nil {
		config.Scenarios = []scenario.Source{{Name: "growth", Files: scenarios}}
		config.Defaults.Scenario = "growth"
	}
	sim, err := simulator.New(config)
	if err != nil {
		b.Fatal(err)
	}
	return sim.Server
}

// withOffers is a story of so many offers that wait for the customer.
func withOffers(n int) fstest.MapFS {
	var text strings.Builder
	text.WriteString("title: Many offers\nstory: Offers that wait for the customer.\nosago:\n  partner: {code: 100, name: Полигон}\n  offers:\n")
	for i := range n {
		fmt.Fprintf(&text, "    offer-%d:\n      insurer: {code: %d, name: Страховщик %d}\n      steps: [CREATED, {at: 1s, status: PRE_CALC_SENT}, {after: 1h, status: CLOSED_TIMEOUT}]\n", i, i+1, i)
	}
	return fstest.MapFS{"growth.yaml": &fstest.MapFile{Data: []byte(text.String())}}
}

func pollOf(i, session int) []byte {
	return fmt.Appendf(nil, "GET /osago/calculate/status?request_id=923e4567-e89b-12d3-a456-%012d HTTP/1.1\r\nHost: localhost\r\nX-Poligon-Session: s-%d\r\n\r\n", i, session)
}

// handled has a handler answer a request; anything but 200 is fatal.
func handled(b *testing.B, h http.Handler, raw []byte) func() {
	b.Helper()
	first, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		b.Fatal(err)
	}
	body, err := io.ReadAll(first.Body)
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		r := first.Clone(first.Context())
		r.Body = http.NoBody
		if len(body) > 0 {
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		w := &discard{header: http.Header{}}
		if h.ServeHTTP(w, r); w.status != http.StatusOK && w.status != 0 {
			b.Fatalf("answered %d %s", w.status, w.Bytes())
		}
	}
}

// pollsBeside polls, in turn, some of so many calculations in so many sessions.
func pollsBeside(b *testing.B, h http.Handler, sessions, calculations int) {
	b.Helper()
	const polled = 500
	var some []func()
	for i := range calculations {
		one := handled(b, h, pollOf(i, i%sessions))
		one()
		if i%max(calculations/polled, 1) == 0 {
			some = append(some, one)
		}
	}
	least(b, polled, func() {
		for i := range polled {
			some[i%len(some)]()
		}
	})
}

// pollsAfterActs polls a calculation on which somebody acted so many times.
func pollsAfterActs(b *testing.B, h http.Handler, acts int) {
	b.Helper()
	poll := handled(b, h, pollOf(0, 0))
	poll()
	for i := range acts {
		body := fmt.Sprintf(`{"force":"%s"}`, []string{"CALCULATION_READY", "DRAFT"}[i%2])
		handled(b, h, fmt.Appendf(nil, "POST /__admin/sessions/s-0/calculations/923e4567-e89b-12d3-a456-%012d/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", 0, len(body), body))()
	}
	const polled = 50
	least(b, polled, func() {
		for range polled {
			poll()
		}
	})
}

// importsAfterUpdates imports a risk again that was updated so many times.
func importsAfterUpdates(b *testing.B, h http.Handler, updates int) {
	b.Helper()
	text := func(name int) []byte {
		body := fmt.Sprintf(`{"risks":[{"firstName":"Пассажиров%d","lastName":"Пассажир","birthdate":"11.01.1986","flightNumber":"S7-155","phoneNumber":"+79161234567",`+
			`"departureDate":"2018-04-09 20:00 +03:00","policyNumber":"policy","currency":"RUB","insuranceSum":12000,"delayTimeHours":2,"firstCountHours":2,"repeatedCountHours":1,`+
			`"firstCountPercent":10,"repeatedCountPercent":30,"productType":1,"paymentType":1,"override":true}]}`, name)
		return fmt.Appendf(nil, "POST /api/v2/importBordereau?partnerCode=demo&sign=%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			bordereau.Sign([]byte(body), "secret"), len(body), body)
	}
	for i := range updates {
		handled(b, h, text(i))()
	}
	const imported = 50
	again := handled(b, h, text(updates-1)) // which adds nothing
	least(b, imported, func() {
		for range imported {
			again()
		}
	})
}

// least reports how long one of n takes in the quickest round.
func least(b *testing.B, n int, round func()) {
	b.Helper()
	took := time.Duration(1 << 62)
	for b.Loop() {
		began := time.Now()
		round()
		took = min(took, time.Since(began))
	}
	b.ReportMetric(float64(took)/float64(n)/1000, "least-µs")
}
