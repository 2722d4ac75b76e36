package bench

import (
	"fmt"
	"net/http"
	"syscall"
	"testing"
)

// processor is how long the processors have worked for this process, in microseconds.
func processor(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1000
}

// BenchmarkHandler is the cost of the handlers alone, without the network, in time of the processors: on a busy machine that says most.
func BenchmarkHandler(b *testing.B) {
	h, _ := newServer(b)
	run := func(name string, h http.Handler, raw []byte) {
		b.Run(name, func(b *testing.B) {
			one := handled(b, h, raw)
			b.ReportAllocs()
			began := processor(b)
			for b.Loop() {
				one()
			}
			b.ReportMetric((processor(b)-began)/float64(b.N), "cpu-µs/op")
		})
	}
	poll := []byte("GET /osago/calculate/status?request_id=123e4567-e89b-12d3-a456-426614170000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
	run("poll/bare", bare(answerOf(b, h, poll)), poll)
	run("poll/poligon", h, poll)
	for _, n := range []int{2, 1000} {
		raw := importRequest(0, n)
		a := answerOf(b, h, raw)
		run(fmt.Sprint(n, "/decode"), decoding(a), raw)
		run(fmt.Sprint(n, "/poligon"), h, raw)
	}
}
