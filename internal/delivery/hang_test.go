package delivery

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"poligon/internal/session"
)

// A marketplace that switches protocols keeps nobody waiting longer than any other that does not answer.
func TestSwitchingProtocolsEnds(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 4096))
			_, _ = c.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"))
		}
	}()
	to, _ := ParseTarget("http://" + l.Addr().String() + "/confirm")
	d := New(Config{Targets: []Target{to}, Timeout: 200 * time.Millisecond, Silent: true})
	over := make(chan string)
	go func() {
		_, a, why := d.send(&session.Session{}, to, "a=b")
		over <- why + " " + string(rune('0'+a.Status/100))
	}()
	select {
	case why := <-over:
		t.Log(why)
	case <-time.After(time.Minute):
		t.Fatal("it never ends")
	}
}

// An answer that never ends is none, whatever its status says: not one that trickles, and not one that pours. A large one is.
func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		piece, pieces int
		answered      bool
	}{"pours": {64 << 10, 1 << 20, false}, "large": {64 << 10, 100, true}, "trickles": {1, 1 << 20, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				piece := make([]byte, c.piece)
				for range c.pieces {
					if _, err := w.Write(piece); err != nil || r.Context().Err() != nil {
						return
					}
					if c.piece == 1 {
						_ = http.NewResponseController(w).Flush()
					}
				}
			}))
			defer server.Close()
			to, err := ParseTarget(server.URL + "/confirm")
			if err != nil {
				t.Fatal(err)
			}
			limit := time.Minute // it ends before
			if c.piece == 1 {
				limit = 200 * time.Millisecond
			}
			d := New(Config{Targets: []Target{to}, Timeout: limit, Silent: true})
			_, a, why := d.send(&session.Session{}, to, "a=b")
			if (a.Status == 200) != c.answered || (why == "") != c.answered {
				t.Errorf("it is answered %d, %s", a.Status, why)
			}
			if c.answered && (a.Size != int64(c.piece*c.pieces) || len(a.Body) != mostBody) {
				t.Errorf("it has %d bytes, and %d are kept", a.Size, len(a.Body))
			}
		})
	}
}
