package server

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"poligon/internal/journal"
	"poligon/internal/session"
)

// metrics are what /metrics shows. Labels are bounded: operations of the contracts, statuses; never ids or sessions.
type metrics struct {
	http.Handler
	requests *prometheus.CounterVec
	faults   *prometheus.CounterVec
	mu       sync.RWMutex
	known    map[outcome]prometheus.Counter // for looking them up by labels is slow
}

// outcome is what requests are counted by.
type outcome struct {
	api, operation string
	status         int
}

func newMetrics(registry *session.Registry) *metrics {
	m := &metrics{known: map[outcome]prometheus.Counter{},
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "poligon_requests_total",
			Help: "Requests to simulated APIs that were answered."}, []string{"api", "operation", "status"}),
		faults: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "poligon_faults_total",
			Help: "Requests to simulated APIs that were answered with a fault."}, []string{"api", "operation"}),
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	all := prometheus.NewRegistry()
	all.MustRegister(m.requests, m.faults, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		gauge("poligon_sessions", "Sessions that exist.", func() float64 { return float64(registry.Count()) }),
		gauge("poligon_journal_entries", "Exchanges that journals hold.", func() float64 { return float64(registry.Journals().Entries) }),
		gauge("poligon_journal_bytes", "Bytes that journals hold.", func() float64 { return float64(registry.Journals().Bytes) }),
		gauge("poligon_journal_dropped", "Exchanges that journals of existing sessions have dropped.", func() float64 { return float64(registry.Journals().Dropped) }),
	)
	m.Handler = promhttp.HandlerFor(all, promhttp.HandlerOpts{})
	return m
}

// count counts an answer.
func (s *Server) count(e *journal.Exchange, faults int) {
	operation := e.Operation
	if operation == "" {
		operation = "none"
	}
	s.metrics.counter(outcome{e.API, operation, e.Answer.Status}).Inc()
	if faults > 0 {
		s.metrics.faults.WithLabelValues(e.API, operation).Inc()
	}
}

func (m *metrics) counter(of outcome) prometheus.Counter {
	m.mu.RLock()
	c := m.known[of]
	m.mu.RUnlock()
	if c == nil {
		c = m.requests.WithLabelValues(of.api, of.operation, strconv.Itoa(of.status))
		m.mu.Lock()
		m.known[of] = c
		m.mu.Unlock()
	}
	return c
}
