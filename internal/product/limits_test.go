package product_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"poligon/internal/server"
	"poligon/internal/simulator"
)

// within serves a free port within limits, as `poligon serve` does with the flags of these limits.
func within(t *testing.T, limits server.Limits, largest int64) (address string) {
	t.Helper()
	k, err := usual()
	if err != nil {
		t.Fatal(err)
	}
	clock := &realClock{}
	sim, err := simulator.Over(simulator.Config{Access: k.access, Defaults: realTime, Now: clock.now, Limits: limits, MaxBody: largest}, k.apis, k.library)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- sim.Server.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return l.Addr().String()
}

// dial opens a connection that ends with the test.
func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute)) // a test that hangs says where
	return conn
}

const aPoll = "GET /osago/calculate/status?request_id=" + ours + " HTTP/1.1\r\nHost: x\r\n\r\n"

// polled has a poll answered, over a connection of its own.
func polled(t *testing.T, address string) {
	t.Helper()
	fetch(t, "http://"+address+"/osago/calculate/status?request_id="+ours, "").want(t, 200)
}

// Clients that send their headers a byte at a time are cut off when their time is over; everybody else is served meanwhile.
func TestSlowHeadersAreCut(t *testing.T) {
	t.Parallel()
	address := within(t, server.Limits{Header: 300 * time.Millisecond}, 0)
	var slow sync.WaitGroup
	for range 50 {
		conn := dial(t, address)
		slow.Go(func() {
			cut := make(chan struct{})
			go func() {
				defer close(cut)
				answer, _ := io.ReadAll(conn) // until it is cut
				if bytes.Contains(answer, []byte(" 200 ")) {
					t.Errorf("it was answered: %s", answer)
				}
			}()
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			io.WriteString(conn, "GET /osago/calculate/status HTTP/1.1\r\nX-Slow: ")
			for {
				select {
				case <-cut:
					return
				case <-tick.C:
					io.WriteString(conn, "x")
				}
			}
		})
	}
	polled(t, address)
	slow.Wait()
	polled(t, address)
}

// A body that does not come to its end in time is no reason to wait for ever: the connection ends, and nothing of the request stays.
func TestSlowBodyIsCut(t *testing.T) {
	t.Parallel()
	address := within(t, server.Limits{Header: 200 * time.Millisecond, Read: 300 * time.Millisecond}, 0)
	for _, target := range []string{"/osago/calculate", imports + "?partnerCode=" + code + "&sign=0", "/__admin/sessions", "/osago/nothing"} {
		conn := dial(t, address)
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", target)
		answer, err := io.ReadAll(conn) // it ends
		if err != nil {
			t.Errorf("%s: %v", target, err)
		}
		if len(answer) > 0 && !bytes.HasPrefix(answer, []byte("HTTP/1.1 4")) {
			t.Errorf("%s is answered %s", target, answer)
		}
	}
	polled(t, address)
}

// A client that does not read its answer holds nothing for ever either.
func TestUnreadAnswersAreCut(t *testing.T) {
	t.Parallel()
	address := within(t, server.Limits{Write: 300 * time.Millisecond}, 0)
	conn := dial(t, address)
	conn.(*net.TCPConn).SetReadBuffer(1 << 10)
	if _, err := io.WriteString(conn, strings.Repeat("GET /__admin/scenarios HTTP/1.1\r\nHost: x\r\n\r\n", 200_000)); err == nil { // far more than buffers hold
		t.Error("all was taken, and nothing was read of the answers")
	}
	polled(t, address)
}

// Thousands of connections that do nothing cost a little memory and nobody's time. IDLE_CONNECTIONS sets how many.
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	n := 2000
	if text := os.Getenv("IDLE_CONNECTIONS"); text != "" {
		n, _ = strconv.Atoi(text)
	}
	address := within(t, server.Limits{}, 0)
	polled(t, address)
	before := inUse()
	idle := make([]net.Conn, n)
	for i := range idle {
		idle[i] = dial(t, address)
		io.WriteString(idle[i], aPoll)
	}
	for _, conn := range idle {
		if resp, err := http.ReadResponse(bufio.NewReaderSize(conn, 1<<10), nil); err != nil || resp.StatusCode != 200 {
			t.Fatal(resp, err)
		}
	}
	t.Logf("%d connections, both ends of them in this process: %d bytes each", n, (inUse()-before)/int64(n))
	for range 100 {
		polled(t, address)
	}
	io.WriteString(idle[0], aPoll) // and they live
	if resp, err := http.ReadResponse(bufio.NewReader(idle[0]), nil); err != nil || resp.StatusCode != 200 {
		t.Error("an idle connection is not served:", resp, err)
	}
}

// inUse is how much memory the process uses: of its heap and of stacks.
func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// An idle connection is closed when its time is over.
func TestIdleConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	conn := dial(t, within(t, server.Limits{Idle: 50 * time.Millisecond}, 0))
	io.WriteString(conn, aPoll)
	if answer, err := io.ReadAll(conn); err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 ")) {
		t.Errorf("%v: %s", err, answer)
	}
}

// More connections than there may be wait their turn, and break none of those that are there.
func TestConnectionsBeyondTheLimitWait(t *testing.T) {
	t.Parallel()
	address := within(t, server.Limits{Connections: 2}, 0)
	ask := func(conn net.Conn) {
		t.Helper()
		io.WriteString(conn, aPoll)
		if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || resp.StatusCode != 200 {
			t.Fatal(resp, err)
		}
	}
	one, two, three := dial(t, address), dial(t, address), dial(t, address)
	ask(one)
	ask(two)
	io.WriteString(three, aPoll)
	served := make(chan error, 1)
	go func() {
		_, err := http.ReadResponse(bufio.NewReader(three), nil)
		served <- err
	}()
	ask(one)
	ask(two)
	select {
	case err := <-served:
		t.Fatalf("the third is served at once: %v", err)
	default:
	}
	two.Close()
	if err := <-served; err != nil {
		t.Error("the third is not served when there is room:", err)
	}
	ask(one)
	// A fault that takes its connection gives the slot back too.
	one.Close()
	for range 5 {
		conn := dial(t, address)
		io.WriteString(conn, strings.Replace(aPoll, "Host: x", "Host: x\r\nX-Poligon-Fault: {answer: reset}", 1))
		if _, err := io.ReadAll(conn); err == nil {
			t.Error("it is not reset")
		}
	}
}

// A body of 100 MB is refused by its size, and is never in memory.
func TestEnormousBodies(t *testing.T) {
	address := within(t, server.Limits{}, 1<<20)
	p := &product{url: "http://" + address}
	const size = 100 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, chunked := range []bool{false, true} {
		p.writeThenRead(t, imports+"?partnerCode="+code+"&sign=0", "", size, chunked).want(t, 413).says(t, wrongSize)
		p.writeThenRead(t, "/osago/calculate", "", size, chunked).want(t, 413).says(t, tooLarge)
		p.writeThenRead(t, "/__admin/scenarios", "", size, chunked).want(t, 413)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > size { // of 600 MB
		t.Errorf("%d bytes were allocated on the way", used)
	}
}

// A body that is told to be larger than anybody would read is answered at once.
func TestEndlessBody(t *testing.T) {
	t.Parallel()
	p := &product{url: "http://" + within(t, server.Limits{}, 0)}
	head := "POST /osago/calculate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000000000\r\n\r\n"
	p.converse(t, head, nil).want(t, 413).says(t, tooLarge)
}

// Headers that are too large are refused; a great number of small ones is not, and is no harm.
func TestHeaderFloods(t *testing.T) {
	t.Parallel()
	address := within(t, server.Limits{HeaderBytes: 1 << 20}, 0)
	p := &product{url: "http://" + address}
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "X%d: %d\r\n", i*7919%n, i)
		}
		return b.String()
	}
	head := "GET /osago/calculate/status?request_id=" + ours + " HTTP/1.1\r\nHost: x\r\n"
	p.converse(t, head+many(10_000)+"\r\n", nil).want(t, 200)
	p.converse(t, head+"X-Long: "+strings.Repeat("x", 2<<20)+"\r\n\r\n", nil).want(t, 431)
	p.converse(t, head+many(200_000)+"\r\n", nil).want(t, 431)
	p.converse(t, "GET /"+strings.Repeat("x", 2<<20)+" HTTP/1.1\r\nHost: x\r\n\r\n", nil).want(t, 431)

	usual := &product{url: "http://" + within(t, server.Limits{}, 0)}
	usual.converse(t, head+"X-Long: "+strings.Repeat("x", 60<<10)+"\r\n\r\n", nil).want(t, 200)
	usual.converse(t, head+"X-Long: "+strings.Repeat("x", 80<<10)+"\r\n\r\n", nil).want(t, 431)
}

// Behind a good request garbage is a mistake, and never a second request.
func TestPipelinedGarbage(t *testing.T) {
	t.Parallel()
	address := within(t, server.Limits{}, 0)
	for _, garbage := range []string{"\x00\xff\x16\x03\x01\r\n\r\n", "NONSENSE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"POST /osago/calculate HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "GET / HTTP/1.1\r\nHo st: x\r\n\r\n"} {
		conn := dial(t, address)
		io.WriteString(conn, aPoll+garbage)
		r := bufio.NewReader(conn)
		first, err := http.ReadResponse(r, nil)
		if err != nil || first.StatusCode != 200 {
			t.Fatal(first, err)
		}
		io.Copy(io.Discard, first.Body)
		if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 && !bytes.HasPrefix(rest, []byte("HTTP/1.1 4")) && !bytes.HasPrefix(rest, []byte("HTTP/1.1 5")) {
			t.Errorf("%q is answered %q, %v", garbage, rest, err)
		}
	}
	polled(t, address)
}
