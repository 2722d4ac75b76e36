package fault

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"poligon/internal/scenario"
)

// String is the fault in a few words: status 503, the first 2 of getCalculationStatus.
func (f Fault) String() string {
	var what []string
	if f.status > 0 {
		what = append(what, "status "+strconv.Itoa(f.status))
	}
	if f.accepted {
		what = append(what, "accepted")
	}
	if f.answer != "" {
		what = append(what, "answer "+string(f.answer))
	}
	if !f.delay.isZero() {
		what = append(what, "delay "+f.delay.String())
	}
	if f.slow > 0 {
		what = append(what, "slow "+scenario.Words(f.slow))
	}
	if len(f.on) > 0 {
		what = append(what, f.when())
	}
	return strings.Join(what, ", ")
}

// when is which requests the fault strikes.
func (f Fault) when() string {
	var of []string
	if f.first > 0 {
		of = append(of, fmt.Sprintf("the first %d", f.first))
	}
	if f.every > 0 {
		of = append(of, fmt.Sprintf("one in %d", f.every))
	}
	if f.after > 0 {
		of = append(of, fmt.Sprintf("all behind the first %d", f.after))
	}
	if f.share > 0 {
		of = append(of, f.percent())
	}
	if len(of) == 0 {
		of = append(of, "each")
	}
	text := strings.Join(of, " and ") + " of " + strings.Join(f.on, " or ")
	if f.on[0] == everyOperation {
		text = strings.Join(of, " and ") + " of all requests"
	}
	if f.subject != "" {
		text += " about " + f.subject
	}
	return text
}

func (f Fault) percent() string { return strconv.FormatFloat(float64(f.share)/100, 'f', -1, 64) + "%" }

// text is a fault as JSON has it: the keys and values of a scenario, in this order.
type text struct {
	On       any               `json:"on,omitempty"`
	Subject  string            `json:"subject,omitempty"`
	First    int               `json:"first,omitempty"`
	Every    int               `json:"every,omitempty"`
	After    int               `json:"after,omitempty"`
	Share    string            `json:"share,omitempty"`
	Status   int               `json:"status,omitempty"`
	Headers  map[string]string `json:"headers,omitempty"`
	Body     *string           `json:"body,omitempty"`
	Accepted bool              `json:"accepted,omitempty"`
	Delay    any               `json:"delay,omitempty"`
	Slow     string            `json:"slow,omitempty"`
	Answer   kind              `json:"answer,omitempty"`
}

type distribution struct {
	Median string `json:"median"`
	P99    string `json:"p99"`
}

// JSON is the fault in its one canonical form: one line of ASCII from which Parse reads an equal fault.
func (f Fault) JSON() json.RawMessage {
	t := text{Subject: f.subject, First: f.first, Every: f.every, After: f.after, Status: f.status, Headers: f.headers, Body: f.body,
		Accepted: f.accepted, Answer: f.answer}
	switch {
	case len(f.on) == 1:
		t.On = f.on[0]
	case len(f.on) > 1:
		t.On = f.on
	}
	if f.share > 0 {
		t.Share = f.percent()
	}
	switch {
	case f.delay.median > 0:
		t.Delay = distribution{scenario.Words(f.delay.median), scenario.Words(f.delay.p99)}
	case !f.delay.isZero():
		t.Delay = f.delay.String()
	}
	if f.slow > 0 {
		t.Slow = scenario.Words(f.slow)
	}
	out, err := json.Marshal(t)
	if err != nil { // a fault holds texts and numbers alone
		return json.RawMessage("{}")
	}
	return ascii(out)
}

// ascii escapes whatever is not ASCII: in JSON that is within a text.
func ascii(in []byte) []byte {
	out := make([]byte, 0, len(in))
	for _, r := range string(in) {
		switch {
		case r < 0x7f:
			out = append(out, byte(r))
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}
