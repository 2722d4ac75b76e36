package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"poligon/internal/journal"
	"poligon/internal/session"
)

// What is taken of an answer, in bytes.
const (
	mostBody   = 64 << 10
	mostHeader = 64 << 10
	mostRead   = 16 << 20 // to see that it ends
)

// newClient is a client that does what it is told: one connection for each request, because one that is used again is dialled and asked
// again behind our back when it breaks; no redirects, no proxy, no cookies.
func newClient() http.Client {
	return http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: mostHeader,
			DialContext: (&net.Dialer{}).DialContext},
	}
}

// deliver sends a request, unless it is not to be sent, and notes what came of it.
func (d *Sender) deliver(s *session.Session, c *session.Claim) error {
	request := journal.Request{Method: http.MethodGet, Target: "/confirm?" + c.Query}
	var answer journal.Answer
	var reason string
	target, err := choose(d.config.Targets, c.To)
	switch {
	case err != nil:
		reason = "not sent: " + err.Error()
		c.Out.Outcome = refused
	case c.Out.Outcome != "":
		request.Target = target.path + "?" + c.Query
	default:
		c.Out.Scheme = target.scheme
		d.slots <- struct{}{}
		request, answer, reason = d.send(s, target, c.Query)
		<-d.slots
	}
	if err := s.Sent(context.Background(), c, request, answer, reason); err != nil {
		return fmt.Errorf("noting what came of it: %w", err)
	}
	slog.Info("a sale was told of", "session", s.Name(), "request_id", c.Subject, "offer_id", c.Out.Offer, "attempt", c.Out.Attempt, "outcome", c.Out.Outcome, "reason", reason)
	return nil
}

// refused is the outcome of a request that may not be sent; it is not repeated.
const refused = "refused"

// send sends a request, and gives it as it was sent with the answer; a reason where there is none.
func (d *Sender) send(s *session.Session, to Target, query string) (request journal.Request, answer journal.Answer, reason string) {
	ctx, cancel := context.WithTimeout(context.Background(), d.config.Timeout)
	defer cancel()
	request = journal.Request{Method: http.MethodGet, Target: to.path + "?" + query, Host: to.host}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String()+"?"+query, nil)
	if err != nil {
		return request, answer, d.why(err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Poligon")
	if d.config.Token != "" {
		req.Header.Set("Authorization", "Bearer "+d.config.Token)
	}
	if !d.config.Silent {
		req.Header.Set("X-Poligon-Session", s.Name())
	}
	request.Header = fields(req.Header, d.config.Token)
	resp, err := d.client.Do(req)
	if err != nil {
		return request, answer, d.why(err)
	}
	defer func() { _ = resp.Body.Close() }()
	defer context.AfterFunc(ctx, func() { _ = resp.Body.Close() })() // behind a 101 the end of the context ends no reading
	answer = journal.Answer{Status: resp.StatusCode, Header: fields(resp.Header, d.config.Token)}
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBody+1))
	var more int64
	if err == nil && len(body) > mostBody {
		more, err = io.Copy(io.Discard, io.LimitReader(resp.Body, mostRead))
	}
	if err = cmp.Or(ctx.Err(), err); err != nil { // without its end it is no answer
		return request, journal.Answer{}, d.why(err)
	}
	if more == mostRead {
		return request, journal.Answer{}, "no answer: it does not end within " + strconv.Itoa(mostRead>>20) + " MB"
	}
	answer.Size = max(int64(len(body))+more, resp.ContentLength)
	text := without(string(body), d.config.Token)
	answer.Body = []byte(text[:min(len(text), mostBody)])
	return request, answer, ""
}

// why says why there is no answer.
func (d *Sender) why(err error) string {
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer within " + d.config.Timeout.Round(time.Millisecond).String()
	}
	return "no answer: " + without(err.Error(), d.config.Token)
}

// shortestToken is how many bytes a token has at least that is a secret.
const shortestToken = 4

// without is a text that does not show the token, whoever repeats it.
func without(text, token string) string {
	if len(token) < shortestToken {
		return text
	}
	return strings.ReplaceAll(text, token, "removed")
}

// fields are the lines of a header, by name.
func fields(h http.Header, token string) (list []journal.Field) {
	for name, values := range h {
		for _, v := range values {
			list = append(list, journal.Field{Name: name, Value: without(v, token)})
		}
	}
	slices.SortStableFunc(list, func(a, b journal.Field) int { return strings.Compare(a.Name, b.Name) })
	return list
}
