package server

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"poligon/internal/journal"
	"poligon/internal/partner"
)

// Headers of answers. Those of a simulated API tell a person what the simulator did; a client needs none of them.
const (
	statusBeforeHeader = "X-Poligon-Status-Before"
	statusAfterHeader  = "X-Poligon-Status-After"
	timeHeader         = "X-Poligon-Time"
	numberHeader       = "X-Poligon-Number"
	ownHeader          = "X-Poligon-Own"
)

// head sets the headers of an answer of a simulated API.
func (x *exchange) head(h http.Header, r *http.Request, status int) {
	e := &x.run.Exchange
	// One string and one slice for all of them: this is the hot path.
	buf := make([]byte, 0, 128)
	buf = appendDate(buf, e.At)
	date := len(buf)
	buf = e.At.AppendFormat(buf, time.RFC3339Nano)
	at := len(buf)
	buf = strconv.AppendUint(buf, e.Number, 10)
	text := string(buf)
	values := [...]string{text[:date], x.session.Name(), text[date:at], text[at:], "", x.run.Note.Before, x.run.Note.After}
	if h["Date"] == nil { // a fault may bring one
		h["Date"] = values[0:1:1]
	}
	if x.server.config.Headers == HeadersOff {
		return
	}
	h[sessionHeader] = values[1:2:2]
	h[timeHeader] = values[2:3:3]
	h[numberHeader] = values[3:4:4]
	if played := x.run.Note.Scenario; played != nil {
		values[4] = played.Name
		h[scenarioHeader] = values[4:5:5]
	}
	if values[5] != "" {
		h[statusBeforeHeader] = values[5:6:6]
	}
	if values[6] != "" {
		h[statusAfterHeader] = values[6:7:7]
	}
	if e.Reason != "" {
		partner.SetReason(h, e.Reason)
	}
	if len(e.Faults) > 0 {
		h.Set(ownHeader, "fault")
	}
	if status >= 400 && status < 500 {
		h.Set("Link", "<"+partner.Origin(r)+"/__admin/sessions/"+url.PathEscape(x.session.Name())+"/journal/"+values[3]+`>; rel="describedby"`)
	}
}

// appendDate appends an instant as http.TimeFormat has it: Thu, 15 Jan 2026 09:00:00 GMT. A year has four digits at least.
func appendDate(b []byte, t time.Time) []byte {
	year, month, day := t.Date()
	if year < 1000 || year > 9999 {
		return t.AppendFormat(b, http.TimeFormat)
	}
	hour, minute, second := t.Clock()
	two := func(n int, end byte) { b = append(b, byte('0'+n/10), byte('0'+n%10), end) }
	b = append(append(b, t.Weekday().String()[:3]...), ", "...)
	two(day, ' ')
	b = append(append(b, month.String()[:3]...), ' ')
	b = append(strconv.AppendInt(b, int64(year), 10), ' ')
	two(hour, ':')
	two(minute, ':')
	two(second, ' ')
	return append(b, "GMT"...)
}

// own marks an answer on a partner's path as the tool's own.
func own(w http.ResponseWriter) { w.Header().Set(ownHeader, "problem") }

// fields are the lines of a header, by name.
func fields(h http.Header) []journal.Field {
	list := make([]journal.Field, 0, len(h))
	for name, values := range h {
		for _, v := range values {
			list = append(list, journal.Field{Name: name, Value: v})
		}
	}
	sortFields(list)
	return list
}

// few is how many lines a header has at most for which insertion is fastest; of more, which only floods have, it would take for ever.
const few = 64

// sortFields sorts by name; of one name the lines stay in their order.
func sortFields(list []journal.Field) {
	if len(list) > few {
		slices.SortStableFunc(list, func(a, b journal.Field) int { return strings.Compare(a.Name, b.Name) })
		return
	}
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && list[j].Name < list[j-1].Name; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}
