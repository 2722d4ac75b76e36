package fault_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"poligon/internal/contract"
	"poligon/internal/fault"
	"poligon/openapi"
)

const statusBody = `{"calculation_status": "CALCULATION_READY", "offers": [{"offer_id": "a", "offer_status": "APPROVED"}]}`

// waits notes what a server waited for.
type waits struct {
	sync.Mutex
	list []time.Duration
}

func (w *waits) wait(d time.Duration) error {
	w.Lock()
	defer w.Unlock()
	w.list = append(w.list, d)
	return nil
}

func (w *waits) total() (sum time.Duration, n int) {
	w.Lock()
	defer w.Unlock()
	for _, d := range w.list {
		sum += d
	}
	return sum, len(w.list)
}

// serve answers every request with a fault; the second result are its waits.
func serve(t *testing.T, text string, http2 bool) (*httptest.Server, *waits) {
	t.Helper()
	doc, err := contract.Load(openapi.OSAGO)
	if err != nil {
		t.Fatal(err)
	}
	f, w := parse(t, `{on: "*", `+text+`}`), &waits{}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		rw.Header().Set("Content-Type", "application/json")
		a, plan, label := f.Spoil(fault.Answer{Status: 200, Header: rw.Header(), Body: []byte(statusBody)}, doc, "getCalculationStatus", 5)
		a.Header.Set("X-Poligon-Fault", label)
		_ = fault.Send(rw, a, plan, fault.Pace{Wait: w.wait, Last: func() {}})
	}))
	s.EnableHTTP2 = http2
	if http2 {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s, w
}

func TestWhatAClientSees(t *testing.T) {
	t.Parallel()
	type seen struct {
		status    int
		err       error // of the request
		bodyErr   error // of reading the body
		length    int64
		kind      string
		body      string // what it is; with ~ what it is not
		validJSON bool
	}
	whole := int64(len(statusBody))
	for text, want := range map[string]seen{
		`status: 503, body: '{"x":1}'`: {status: 503, length: 7, kind: "application/json", body: `{"x":1}`, validJSON: true},
		`status: 429, accepted: true`:  {status: 429},
		`status: 204`:                  {status: 204},
		`status: 304`:                  {status: 304, length: -1},
		`delay: 2s`:                    {status: 200, length: whole, kind: "application/json", body: statusBody, validJSON: true},
		`slow: 2s`:                     {status: 200, length: whole, kind: "application/json", body: statusBody, validJSON: true},
		`answer: reset`:                {err: syscall.ECONNRESET},
		`answer: lost, delay: 1s`:      {err: syscall.ECONNRESET},
		`answer: refused`:              {status: 503},
		`answer: empty`:                {status: 200, kind: "application/json"},
		`answer: truncated`:            {status: 200, length: whole, kind: "application/json", bodyErr: io.ErrUnexpectedEOF, body: statusBody[:whole/2]},
		`answer: truncated, slow: 1s`:  {status: 200, length: whole, kind: "application/json", bodyErr: io.ErrUnexpectedEOF, body: statusBody[:whole/2]},
		`answer: malformed`:            {status: 200, length: whole - 1, kind: "application/json", body: statusBody[:whole-1]},
		`answer: content-type`:         {status: 200, length: whole, kind: "text/html; charset=utf-8", body: statusBody, validJSON: true},
		`answer: unknown-enum`:         {status: 200, kind: "application/json", body: "~", validJSON: true},
		`answer: missing-field`:        {status: 200, kind: "application/json", body: "~", validJSON: true},
		`answer: extra-field`:          {status: 200, kind: "application/json", body: "~", validJSON: true},
		`answer: wrong-type`:           {status: 200, kind: "application/json", body: "~", validJSON: true},
		`answer: null-field`:           {status: 200, kind: "application/json", body: "~", validJSON: true},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			s, _ := serve(t, text, false)
			// A POST is not sent again by the client when a connection breaks.
			res, err := s.Client().Post(s.URL, "application/json", strings.NewReader("{}"))
			if want.err != nil {
				if !errors.Is(err, want.err) {
					t.Fatalf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			body, err := io.ReadAll(res.Body)
			if !errors.Is(err, want.bodyErr) || (err == nil) != (want.bodyErr == nil) {
				t.Errorf("reading the body: %v", err)
			}
			if res.StatusCode != want.status || res.Header.Get("Content-Type") != want.kind {
				t.Errorf("status %d, headers %v", res.StatusCode, res.Header)
			}
			if res.Header.Get("X-Poligon-Fault") == "" {
				t.Error("no label")
			}
			if json.Valid(body) != want.validJSON {
				t.Errorf("JSON: %t: %s", json.Valid(body), body)
			}
			if want.body == "~" {
				if string(body) == statusBody || res.ContentLength != int64(len(body)) {
					t.Errorf("not broken: %s", body)
				}
			} else if string(body) != want.body || res.ContentLength != max(want.length, 0) && res.ContentLength != want.length {
				t.Errorf("length %d, body %q", res.ContentLength, body)
			}
		})
	}
}

func TestWaits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		total time.Duration
		n     int
	}{
		`delay: 2s`:                          {2 * time.Second, 1},
		`slow: 2s`:                           {2 * time.Second, 20},
		`slow: 3s, status: 200, body: "abc"`: {3 * time.Second, 3},
		`slow: 3s, answer: empty, delay: 1s`: {4 * time.Second, 2},
		`delay: 1s, answer: reset`:           {time.Second, 1},
		`answer: truncated`:                  {0, 0},
	} {
		s, w := serve(t, text, false)
		if res, err := s.Client().Post(s.URL, "", nil); err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		if total, n := w.total(); total != want.total || n != want.n {
			t.Errorf("%s: waited %s in %d", text, total, n)
		}
	}
}

// What cannot be hijacked is aborted.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"answer: reset", "answer: truncated"} {
		s, _ := serve(t, text, true)
		res, err := s.Client().Post(s.URL, "", nil)
		if err == nil {
			_, err = io.ReadAll(res.Body)
			_ = res.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: no error", text)
		}
	}
	defer func() {
		if got := recover(); got != http.ErrAbortHandler { //nolint:errorlint // the value itself
			t.Errorf("a recorder: %v", got)
		}
	}()
	_ = fault.Send(httptest.NewRecorder(), fault.Answer{Status: 200}, fault.Plan{Reset: true, Keep: -1}, fault.Pace{Last: func() {}})
}

// A client that is gone is not waited for.
func TestGone(t *testing.T) {
	t.Parallel()
	for _, plan := range []fault.Plan{{Delay: time.Second, Keep: -1}, {Slow: time.Second, Keep: -1}, {Delay: time.Second, Reset: true}} {
		rec, calls := httptest.NewRecorder(), 0
		err := fault.Send(rec, fault.Answer{Status: 200, Body: []byte("body")}, plan, fault.Pace{Wait: func(time.Duration) error { calls++; return context.Canceled }, Last: func() { t.Error("the end came") }})
		if !errors.Is(err, context.Canceled) || calls != 1 || rec.Body.Len() > 0 {
			t.Errorf("%+v: %v after %d waits, body %q", plan, err, calls, rec.Body)
		}
	}
}
