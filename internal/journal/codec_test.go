package journal

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func exchanges() *rapid.Generator[Exchange] {
	text := rapid.StringN(0, 12, 40)
	list := rapid.Custom(func(t *rapid.T) []string {
		l := rapid.SliceOfN(text, 0, 3).Draw(t, "list")
		if len(l) == 0 {
			return nil
		}
		return l
	})
	instant := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC()
	})
	body := rapid.Custom(func(t *rapid.T) []byte {
		b := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "body")
		if len(b) == 0 {
			return nil
		}
		return b
	})
	header := rapid.Custom(func(t *rapid.T) (h []Field) {
		for range rapid.IntRange(0, 3).Draw(t, "fields") {
			h = append(h, Field{text.Draw(t, "name"), text.Draw(t, "value")})
		}
		return h
	})
	return rapid.Custom(func(t *rapid.T) Exchange {
		e := Exchange{Number: rapid.Uint64().Draw(t, "number"), Act: rapid.Bool().Draw(t, "act"), API: text.Draw(t, "api"),
			Operation: rapid.SampledFrom(operations).Draw(t, "operation"), Real: instant.Draw(t, "real"), At: instant.Draw(t, "at"),
			Took: time.Duration(rapid.Int64().Draw(t, "took")), Subjects: list.Draw(t, "subjects"), Scenario: text.Draw(t, "scenario"),
			Before: text.Draw(t, "before"), After: text.Draw(t, "after"), Reason: text.Draw(t, "reason"),
			Mistakes: list.Draw(t, "mistakes"), Faults: list.Draw(t, "faults")}
		e.Request = Request{text.Draw(t, "method"), text.Draw(t, "target"), text.Draw(t, "host"), header.Draw(t, "header"), body.Draw(t, "body"), 0}
		e.Answer = Answer{rapid.IntRange(0, 999).Draw(t, "status"), header.Draw(t, "header"), body.Draw(t, "body"), 0}
		e.Request.Size, e.Answer.Size = int64(len(e.Request.Body)), int64(len(e.Answer.Body))
		if rapid.Bool().Draw(t, "access") {
			e.Access = &Access{text.Draw(t, "code"), text.Draw(t, "why")}
		}
		if rapid.Bool().Draw(t, "out") {
			e.Out = &Out{text.Draw(t, "scheme"), text.Draw(t, "offer"), rapid.Uint64().Draw(t, "start"), rapid.Int().Draw(t, "attempt"), rapid.Bool().Draw(t, "copy"), text.Draw(t, "outcome")}
		}
		return e
	})
}

func TestExchangeSurvivesItsCodec(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := exchanges().Draw(t, "exchange")
		e.Running = rapid.Bool().Draw(t, "running")
		got, err := decode(appendExchange(nil, &e, uncut))
		if err != nil || !reflect.DeepEqual(got, e) {
			t.Fatalf("%v\nhave %+v\nwant %+v", err, got, e)
		}
	})
}

// poll is an exchange as most are: a client asks how its calculation stands. It takes some 550 bytes.
func poll(number uint64) Exchange {
	header := []Field{{"Accept", "application/json"}, {"User-Agent", "Go-http-client/1.1"}, {"Accept-Encoding", "gzip"},
		{"Authorization", "Bearer 0123456789abcdef0123456789abcdef"}, {"X-Request-Id", "123e4567-e89b-12d3-a456-426614174000"}}
	body := []byte(`{"request_id":"123e4567-e89b-12d3-a456-426614174000","status":"PARTNER_CALCULATION_IN_PROGRESS"}`)
	return Exchange{Number: number, API: "osago", Operation: "getCalculationStatus", Real: time.Unix(1_700_000_000, 123456789), At: time.Unix(1_700_000_000, 0),
		Took: 150 * time.Microsecond, Subjects: []string{"123e4567-e89b-12d3-a456-426614174000"}, Scenario: "one-of-three",
		Request: Request{Method: "GET", Target: "/osago/calculation/status?request_id=123e4567-e89b-12d3-a456-426614174000", Host: "127.0.0.1:8080", Header: header},
		Answer: Answer{Status: 200, Header: []Field{{"Content-Type", "application/json"}, {"X-Poligon-Session", "default"}, {"X-Poligon-Number", "12345"}},
			Body: body, Size: int64(len(body))}}
}

func BenchmarkPoll(b *testing.B) {
	j, e := New(Limits{10_000, 4 << 20}), poll(0)
	b.SetBytes(int64(len(appendExchange(nil, &e, uncut))))
	b.ReportAllocs()
	for b.Loop() {
		e.Number++
		j.Arrive()
		j.Decide(&e)
		j.End(&e)
	}
}

func BenchmarkView(b *testing.B) {
	j := New(Limits{1000, 4 << 20})
	for i := range uint64(1000) {
		e := poll(i)
		j.End(&e)
	}
	b.ReportAllocs()
	for b.Loop() {
		j.View()
	}
}

func FuzzExchange(f *testing.F) {
	e := poll(7)
	f.Add(appendExchange(nil, &e, uncut))
	e.Act, e.Access, e.Faults = true, &Access{"WRONG", "why"}, []string{"503"}
	f.Add(appendExchange(nil, &e, uncut))
	f.Add(appendExchange(nil, &Exchange{}, uncut))
	f.Add([]byte{0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decode(b)
		if err != nil {
			return
		}
		once := appendExchange(nil, &e, uncut)
		again, err := decode(once)
		if err != nil || !reflect.DeepEqual(e, again) || !bytes.Equal(once, appendExchange(nil, &again, uncut)) {
			t.Fatal(err, e, again)
		}
	})
}
