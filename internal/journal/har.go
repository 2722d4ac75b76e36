package journal

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// HAR is the requests to partner APIs, answered already, and those that were sent from there, as an HTTP archive (HAR 1.2, indented).
// URLs of the former begin with base, which is where the session's partner APIs are; version is that of the program.
func HAR(exchanges []Exchange, m Mask, base, version string) ([]byte, error) {
	log := harLog{Version: "1.2", Creator: harCreator{"Poligon", version}, Entries: []harEntry{}}
	for _, e := range exchanges {
		if !e.Act && !e.Running && !e.unsent() {
			log.Entries = append(log.Entries, newHAREntry(Show(e, m), base))
		}
	}
	return json.MarshalIndent(map[string]harLog{"log": log}, "", "  ")
}

// unsent says whether the exchange is a request that was not sent.
func (e *Exchange) unsent() bool { return e.Out != nil && e.Out.Scheme == "" }

type harLog struct {
	Version string     `json:"version"`
	Creator harCreator `json:"creator"`
	Entries []harEntry `json:"entries"`
}

type harCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type harEntry struct {
	Started  time.Time   `json:"startedDateTime"`
	Time     float64     `json:"time"` // ms
	Request  harRequest  `json:"request"`
	Response harResponse `json:"response"`
	Cache    struct{}    `json:"cache"`
	Timings  harTimings  `json:"timings"`
	Poligon  harPoligon  `json:"_poligon"`
}

type harRequest struct {
	Method      string       `json:"method"`
	URL         string       `json:"url"`
	HTTPVersion string       `json:"httpVersion"`
	Cookies     []struct{}   `json:"cookies"` // they are credentials
	Headers     []ShownField `json:"headers"`
	Query       []ShownField `json:"queryString"`
	PostData    *harPostData `json:"postData,omitempty"`
	HeadersSize int          `json:"headersSize"`
	BodySize    int64        `json:"bodySize"`
}

type harPostData struct {
	MIMEType string     `json:"mimeType"`
	Params   []struct{} `json:"params"`
	Text     string     `json:"text"`
	Encoding string     `json:"_encoding,omitempty"` // HAR has none for a request
	Comment  string     `json:"comment,omitempty"`
}

type harResponse struct {
	Status      int          `json:"status"`
	StatusText  string       `json:"statusText"`
	HTTPVersion string       `json:"httpVersion"`
	Cookies     []struct{}   `json:"cookies"`
	Headers     []ShownField `json:"headers"`
	Content     harContent   `json:"content"`
	RedirectURL string       `json:"redirectURL"`
	HeadersSize int          `json:"headersSize"`
	BodySize    int64        `json:"bodySize"`
}

type harContent struct {
	Size     int64  `json:"size"`
	MIMEType string `json:"mimeType"`
	Text     string `json:"text,omitempty"`
	Encoding string `json:"encoding,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

// harTimings are in ms. All that is known is how long the answer was waited for.
type harTimings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

type harPoligon struct {
	Number      uint64    `json:"number"`
	Operation   string    `json:"operation,omitempty"`
	SessionTime time.Time `json:"session_time"`
	Subjects    []string  `json:"subjects,omitempty"`
	Scenario    string    `json:"scenario,omitempty"`
	Before      string    `json:"status_before,omitempty"`
	After       string    `json:"status_after,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	Mistakes    []string  `json:"mistakes,omitempty"`
	Faults      []string  `json:"faults,omitempty"`
	Out         *ShownOut `json:"out,omitempty"`
}

const harHTTP = "HTTP/1.1" // the version is not kept

func newHAREntry(s Shown, base string) harEntry {
	e := harEntry{Started: s.RealTime, Time: s.TookMS, Timings: harTimings{Wait: s.TookMS},
		Poligon: harPoligon{s.Number, s.Operation, s.SessionTime, s.Subjects, s.Scenario, s.Before, s.After, s.Reason, s.Mistakes, s.Faults, s.Out}}
	if s.Out != nil {
		base, e.Started = s.Out.To, s.RealTime.Add(-time.Duration(s.TookMS*float64(time.Millisecond)))
	}
	e.Request = harRequest{Method: s.Request.Method, URL: strings.TrimSuffix(base, "/") + s.Request.Target, HTTPVersion: harHTTP,
		Cookies: []struct{}{}, Headers: listed(s.Request.Headers), Query: query(s.Request.Target), HeadersSize: -1, BodySize: s.Request.Size}
	if s.Request.Size > 0 {
		text, encoding := text(s.Request.ShownBody)
		e.Request.PostData = &harPostData{mimeType(s.Request.Headers), []struct{}{}, text, encoding, comment(s.Request.Cut, s.Request.Withheld)}
	}
	text, encoding := text(s.Answer.ShownBody)
	e.Response = harResponse{Status: s.Answer.Status, StatusText: http.StatusText(s.Answer.Status), HTTPVersion: harHTTP, Cookies: []struct{}{}, Headers: listed(s.Answer.Headers),
		RedirectURL: header(s.Answer.Headers, "Location"), HeadersSize: -1, BodySize: s.Answer.Size,
		Content: harContent{s.Answer.Size, mimeType(s.Answer.Headers), text, encoding, comment(s.Answer.Cut, s.Answer.Withheld)}}
	return e
}

// listed is a list that JSON writes as [] when it is empty.
func listed(l []ShownField) []ShownField { return append([]ShownField{}, l...) }

func query(target string) []ShownField {
	list := []ShownField{}
	_, q, _ := strings.Cut(target, "?")
	for part := range strings.SplitSeq(q, "&") {
		if name, value, _ := strings.Cut(part, "="); part != "" {
			list = append(list, ShownField{unescape(name), unescape(value)})
		}
	}
	return list
}

func unescape(s string) string {
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return s
}

func header(list []ShownField, name string) string {
	for _, f := range list {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

func mimeType(list []ShownField) string {
	if t := header(list, "Content-Type"); t != "" {
		return t
	}
	return "application/octet-stream"
}

func text(b ShownBody) (text, encoding string) {
	if b.Base64 == nil {
		return b.Body, ""
	}
	return base64.StdEncoding.EncodeToString(b.Base64), "base64"
}

func comment(cut, withheld bool) string {
	switch {
	case withheld:
		return "not shown: it is not JSON, and might hold personal data or credentials"
	case cut:
		return "the journal did not keep all of it"
	}
	return ""
}
