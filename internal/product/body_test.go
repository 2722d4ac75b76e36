package product_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// whole is the bordereau's refusal of a whole request.
func whole(code, message string) string {
	return asJSON(map[string]any{"errors": []any{map[string]any{"code": code, "message": message}}})
}

var (
	wrongBody    = whole("WRONG_REQUEST_BODY", "Неверное тело запроса.")
	wrongRisks   = whole("WRONG_REQUEST_RISKS", "Неверный список рисков.")
	wrongSign    = whole("WRONG_REQUEST_SIGN", "Неверная подпись запроса.")
	wrongPartner = whole("WRONG_REQUEST_PARTNER_CODE", "Неверный код партнера.")
	wrongPath    = whole("WRONG_REQUEST_PATH", "Неверный путь запроса.")
	wrongMethod  = whole("WRONG_REQUEST_METHOD", "Неверный метод запроса.")
	wrongSize    = whole("WRONG_REQUEST_SIZE", "Слишком большой запрос.")
	wrongType    = whole("WRONG_REQUEST_CONTENT_TYPE", "Неверный тип содержимого запроса.")
	tooLarge     = refusal(nobody, "Слишком большой запрос.")
	notJSONType  = refusal(nobody, "Неверный тип содержимого.")
)

func TestContentTypes(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for _, c := range []struct {
		kind             string
		osago, bordereau int
	}{
		{"", 200, 200},
		{"application/json", 200, 200},
		{"Application/JSON; charset=UTF-8", 200, 200},
		{`application/json; charset="utf-8"`, 200, 200},
		{"application/vnd.partner+json", 200, 200},
		{"application/x-www-form-urlencoded", 415, 200}, // what curl sends unasked; the import's client does too
		{"text/plain", 415, 200},
		{"application/octet-stream", 415, 200},
		{"application/json; charset=windows-1251", 415, 415},
		{"text/plain; charset=koi8-r", 415, 415},
		{"application/xml", 415, 415},
		{"multipart/form-data; boundary=x", 415, 415},
		{"text/html", 415, 415},
		{"json", 415, 415},
		{"application/json; charset", 415, 415},
		{"application/json;;", 415, 415},
		{"*/*", 415, 415},
	} {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			s := p.frozen(t, "")
			header := map[string]string{"Content-Type": c.kind}
			subjects := 0
			a := s.do(t, call{method: "POST", path: "/osago/calculate", header: header, body: []byte(application(ours))}).want(t, c.osago)
			if c.osago == 200 {
				subjects++
			} else {
				a.says(t, notJSONType)
			}
			s.holds(t, subjects)
			imported := signed([]byte(asJSON(map[string]any{"risks": []any{risk(nil)}})))
			imported.header = header
			a = s.do(t, imported).want(t, c.bordereau)
			if c.bordereau == 200 {
				subjects++
			} else {
				a.says(t, wrongType)
			}
			s.holds(t, subjects)
		})
	}
}

// A body over the limit is refused by its size, whether its length is told or not, and nothing of it stays; one at the limit
// is read.
func TestLargeBodies(t *testing.T) {
	t.Parallel()
	const limit = 200 << 10 // less than a calculation request may have
	p := start(t, setup{maxBody: limit})
	risks := asJSON(map[string]any{"risks": []any{risk(nil)}})
	fill := func(body string, size int) []byte {
		return append([]byte(body), bytes.Repeat([]byte(" "), size-len(body))...)
	}
	for _, chunked := range []bool{false, true} {
		for _, size := range []int{limit, limit + 1, 3 * limit} {
			t.Run(fmt.Sprint(size, chunked), func(t *testing.T) {
				t.Parallel()
				s, subjects, status := p.frozen(t, ""), 2, 200
				if size > limit {
					subjects, status = 0, 413
				}
				imported := signed(fill(risks, size))
				imported.chunked = chunked
				first := s.do(t, imported).want(t, status)
				second := s.do(t, call{method: "POST", path: "/osago/calculate", header: jsonType, body: fill(application(ours), size), chunked: chunked}).want(t, status)
				if status == 413 {
					first.says(t, wrongSize)
					second.says(t, tooLarge)
				}
				s.holds(t, subjects)
			})
		}
	}
}

// A client that writes all of its 50 MB before it reads anything still gets the answer, whatever it is, and not a connection
// that breaks under its hands.
func TestHugeBodyIsAnswered(t *testing.T) {
	t.Parallel()
	p := start(t, setup{defaults: realTime, maxBody: 4 << 20}) // less than the default, for the race detector watches each byte kept
	const size = 50 << 20
	for _, c := range []struct {
		name, target, header string
		chunked              bool
		status               int
		body                 string
	}{
		{"import", imports + "?partnerCode=" + code + "&sign=0", "", false, 413, wrongSize},
		{"import, chunked", imports + "?partnerCode=" + code + "&sign=0", "", true, 413, wrongSize},
		{"calculate", "/osago/calculate", "", false, 413, tooLarge},
		{"calculate, chunked", "/osago/calculate", "", true, 413, tooLarge},
		{"wrong type", imports + "?partnerCode=" + code + "&sign=0", "Content-Type: text/html\r\n", true, 415, wrongType},
		{"wrong path", "/osago/nothing", "", false, 404, refusal(nobody, notFound)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p.writeThenRead(t, c.target, c.header, size, c.chunked).want(t, c.status).says(t, c.body)
		})
	}
}

// A client that asks first whether its body is wanted gets the refusal without sending it.
func TestExpectedContinue(t *testing.T) {
	t.Parallel()
	p := start(t, setup{defaults: realTime})
	header := "Expect: 100-continue\r\nContent-Length: 50000000"
	p.converse(t, "POST /osago/nothing HTTP/1.1\r\nHost: x\r\n"+header+"\r\n\r\n", nil).want(t, 404).says(t, refusal(nobody, notFound))
}

// writeThenRead posts that many bytes over a connection of its own, and only then looks for the answer.
func (p *product) writeThenRead(t *testing.T, target, header string, size int, chunked bool) (a answer) {
	t.Helper()
	head, open, shut, end := fmt.Sprintf("Content-Length: %d", size), "", "", ""
	if chunked {
		head, open, shut, end = "Transfer-Encoding: chunked", "10000\r\n", "\r\n", "0\r\n\r\n"
	}
	part := open + strings.Repeat(" ", 1<<16) + shut
	return p.converse(t, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\n%s%s\r\n\r\n", target, header, head), func(w io.StringWriter) {
		for range size >> 16 {
			w.WriteString(part)
		}
		w.WriteString(end)
	})
}

// converse writes the head of a request and its body over a connection of its own, and then reads the answer.
func (p *product) converse(t *testing.T, head string, body func(io.StringWriter)) (a answer) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	w := bufio.NewWriter(conn)
	w.WriteString(head)
	if body != nil {
		body(w)
	}
	if err := w.Flush(); err != nil {
		t.Fatalf("the client could not write its request: %v", err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("the client could not read the answer: %v", err)
	}
	defer resp.Body.Close()
	a = answer{status: resp.StatusCode, header: resp.Header}
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		t.Error(err)
	}
	return a
}
