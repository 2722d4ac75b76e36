package fault

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// form is a fault as JSON, with the keys of YAML.
type form struct {
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
	Answer   Kind              `json:"answer,omitempty"`
	Delay    any               `json:"delay,omitempty"`
	Slow     string            `json:"slow,omitempty"`
}

// JSON is the fault as Parse reads it.
func (f Fault) JSON() []byte {
	j := form{On: f.on, Subject: f.subject, First: f.first, Every: f.every, After: f.after, Status: f.status, Accepted: f.accepted, Answer: f.answer}
	if len(f.on) == 0 {
		j.On = "*"
	}
	if f.share >= 0 {
		j.Share = f.percent()
	}
	if len(f.header) > 0 {
		j.Headers = map[string]string{}
		for name := range f.header {
			j.Headers[name] = f.header.Get(name)
		}
	}
	if f.hasBody {
		j.Body = &f.body
	}
	switch d := f.delay; {
	case d.p99 > 0:
		j.Delay = map[string]string{"median": duration(d.median), "p99": duration(d.p99)}
	case d.high > d.low:
		j.Delay = duration(d.low) + ".." + duration(d.high)
	case d.high > 0:
		j.Delay = duration(d.low)
	}
	if f.slow > 0 {
		j.Slow = duration(f.slow)
	}
	text, _ := json.Marshal(j) // of texts and numbers
	return text
}

func (f Fault) percent() string {
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(float64(f.share)/100, 'f', 2, 64), "0"), ".") + "%"
}

// duration writes a duration as scenarios do.
func duration(d time.Duration) string {
	if d%time.Second == 0 {
		return strconv.FormatInt(int64(d/time.Second), 10) + "s"
	}
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', -1, 64) + "ms"
}

// String says in words what the fault does, and when.
func (f Fault) String() string {
	var what []string
	if f.status > 0 {
		one := "status " + strconv.Itoa(f.status)
		if f.accepted {
			one += " after it is accepted"
		}
		what = append(what, one)
	}
	if f.answer != "" {
		what = append(what, string(f.answer))
	}
	switch d := f.delay; {
	case d.p99 > 0:
		what = append(what, fmt.Sprintf("a delay of %s (median) to %s (p99)", d.median, d.p99))
	case d.high > d.low:
		what = append(what, fmt.Sprintf("a delay of %s to %s", d.low, d.high))
	case d.high > 0:
		what = append(what, fmt.Sprintf("a delay of %s", d.low))
	}
	if f.slow > 0 {
		what = append(what, fmt.Sprintf("a body over %s", f.slow))
	}
	return strings.Join(what, ", ") + ", " + f.when()
}

func (f Fault) when() string {
	words := "each of "
	switch {
	case f.first > 0 && f.after > 0:
		words = fmt.Sprintf("numbers %d to %d of ", f.after+1, f.first)
	case f.first > 0:
		words = fmt.Sprintf("the first %d of ", f.first)
	case f.after > 0:
		words = fmt.Sprintf("those behind the first %d of ", f.after)
	}
	if f.every > 0 {
		words += fmt.Sprintf("every %d. of ", f.every)
	}
	if f.share >= 0 {
		words += f.percent() + " of "
	}
	if len(f.on) == 0 {
		words += "all operations"
	} else {
		words += strings.Join(f.on, " and ")
	}
	if f.subject != "" {
		words += " about " + f.subject
	}
	return words
}
