package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"poligon/internal/bordereau"
	"poligon/internal/journal"
	"poligon/internal/session"
	"poligon/internal/simulator"
)

// newServer is the server of the README's first command, and its sessions.
func newServer(tb testing.TB) (http.Handler, *session.Registry) {
	tb.Helper()
	sim, err := simulator.New(simulator.Config{Access: bordereau.Access{Passwords: map[string]string{"demo": "secret"}, Signatures: bordereau.Enforce},
		Defaults: session.Config{Speed: 1, Journal: journal.Limits{Entries: session.JournalEntries, Bytes: session.JournalBytes}}, Now: time.Now})
	if err != nil {
		tb.Fatal(err)
	}
	return sim.Server, sim.Registry
}

// BenchmarkPoll asks for the status of a calculation of three offers.
func BenchmarkPoll(b *testing.B) {
	request := func(i int) []byte {
		return []byte(fmt.Sprintf("GET /osago/calculate/status?request_id=123e4567-e89b-12d3-a456-42661417%04d HTTP/1.1\r\nHost: localhost\r\n\r\n", i))
	}
	h, _ := newServer(b)
	answer := answerOf(b, h, request(0))
	b.Run("bare", func(b *testing.B) { over(b, bare(answer), request) })
	b.Run("poligon", func(b *testing.B) { over(b, h, request) })
}

// BenchmarkImport sends a signed import of so many risks, each a new one at first and then an update.
func BenchmarkImport(b *testing.B) {
	for _, risks := range []int{2, 1000} {
		request := func(i int) []byte { return importRequest(i, risks) }
		h, _ := newServer(b)
		answer := answerOf(b, h, request(0))
		b.Run(fmt.Sprintf("%d/bare", risks), func(b *testing.B) { over(b, bare(answer), request) })
		b.Run(fmt.Sprintf("%d/decode", risks), func(b *testing.B) { over(b, decoding(answer), request) })
		b.Run(fmt.Sprintf("%d/poligon", risks), func(b *testing.B) { over(b, h, request) })
	}
}

func importRequest(sender, risks int) []byte {
	list := make([]string, risks)
	for i := range list {
		list[i] = fmt.Sprintf(`{"firstName":"Пассажиров","lastName":"Пассажир","middleName":"Пассажирович","birthdate":"11.01.1986","flightNumber":"S7-155",`+
			`"phoneNumber":"+79161234567","departureDate":"2018-04-09 20:00 +03:00","policyNumber":"policy_%d_%d","currency":"RUB","insuranceSum":12000,`+
			`"delayTimeHours":2,"firstCountHours":2,"repeatedCountHours":1,"firstCountPercent":10,"repeatedCountPercent":30,"productType":1,"paymentType":1,"override":true}`, sender, i)
	}
	body := `{"risks":[` + strings.Join(list, ",") + `]}`
	return []byte(fmt.Sprintf("POST /api/v2/importBordereau?partnerCode=demo&sign=%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		bordereau.Sign([]byte(body), "secret"), len(body), body))
}

// decoding is the least an import can do: hash the body, decode it with encoding/json, write these bytes.
func decoding(answer []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sum := sha256.Sum256(append(body, "secret"...))
		_ = hex.EncodeToString(sum[:])
		var request struct {
			Risks []struct {
				FirstName, LastName, MiddleName, Birthdate, PhoneNumber, FlightNumber, DepartureDate, PolicyNumber, Currency string
				InsuranceSum, DelayTimeHours, FirstCountHours, RepeatedCountHours, FirstCountPercent, RepeatedCountPercent   float64
				ProductType, PaymentType                                                                                     float64
				Override                                                                                                     bool
			} `json:"risks"`
		}
		if err := json.Unmarshal(body[:len(body):len(body)], &request); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	})
}

// BenchmarkCalculations starts a million calculations in one session and says what one costs in memory.
func BenchmarkCalculations(b *testing.B) {
	for b.Loop() {
		h, registry := newServer(b)
		b.ReportMetric(bytesPerCalculation(b, h, registry, 1_000_000), "B/calculation")
		took := time.Duration(1 << 62) // the least of a few, for on a busy machine the others say more of that
		for range 10 {
			began := time.Now()
			runtime.GC()
			took = min(took, time.Since(began))
		}
		b.ReportMetric(float64(took)/1e6, "ms-collector-cycle")
		runtime.KeepAlive(registry)
	}
}

// TestMemory holds the product to its promise: a million live calculations in 400 MB, measured on a tenth of them.
func TestMemory(t *testing.T) {
	if got := measured(t, 100_000); got > 400 {
		t.Errorf("a calculation costs %.0f bytes, more than 400", got)
	}
}

func measured(tb testing.TB, n int) float64 {
	h, registry := newServer(tb)
	return bytesPerCalculation(tb, h, registry, n)
}

func bytesPerCalculation(tb testing.TB, h http.Handler, registry *session.Registry, n int) float64 {
	before := heap()
	r, err := http.NewRequest(http.MethodGet, "http://localhost/osago/calculate/status", nil)
	if err != nil {
		tb.Fatal(err)
	}
	var id uuid.UUID
	for i := range n {
		copy(id[:], fmt.Sprintf("%016d", i))
		r.URL.RawQuery = "request_id=" + id.String()
		w := &discard{header: http.Header{}}
		if h.ServeHTTP(w, r); w.status != http.StatusOK {
			tb.Fatalf("answered %d", w.status)
		}
	}
	after := heap()
	s, err := registry.Find(session.Default)
	if err != nil {
		tb.Fatal(err)
	}
	if subjects, _ := s.Subjects(context.Background()); subjects != n {
		tb.Fatalf("%d calculations live, not %d", subjects, n)
	}
	return float64(after-before) / float64(n)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// discard is a response that nobody reads.
type discard struct {
	header http.Header
	status int
	bytes.Buffer
}

func (d *discard) Header() http.Header    { return d.header }
func (d *discard) WriteHeader(status int) { d.status = status }
