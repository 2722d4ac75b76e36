package delivery

import (
	"net"
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
