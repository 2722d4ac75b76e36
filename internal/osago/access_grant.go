package osago

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"poligon/internal/journal"
	"poligon/internal/osago/internal/wire"
	"poligon/internal/partner"
)

// Tokens for an id and a secret: the grant client_credentials (RFC 6749, 4.4).

const tokenPath = "/osago/token"

// grantRequest is a request for a token.
type grantRequest struct {
	header http.Header
	query  url.Values
	body   []byte
}

// The errors of a grant (RFC 6749, 5.2).
const (
	invalidRequest   = "invalid_request"
	invalidClient    = "invalid_client"
	unsupportedGrant = "unsupported_grant_type"
)

// refuses says why a request gets no token, as an error of RFC 6749 and a reason; both are empty when it gets one.
func (a Access) refuses(q grantRequest) (code, reason string) {
	if kind, _, err := mime.ParseMediaType(q.header.Get("Content-Type")); err != nil && q.header.Get("Content-Type") != "" || kind != "" && kind != formType {
		return invalidRequest, "the Content-Type is not " + formType + ", in which the parameters of a grant are sent"
	}
	form, err := url.ParseQuery(strings.TrimSpace(string(q.body)))
	if err != nil {
		return invalidRequest, "the body cannot be read as " + formType
	}
	for _, name := range []string{"grant_type", "client_id", "client_secret"} {
		switch {
		case len(form[name]) > 1:
			return invalidRequest, name + " is sent more than once"
		case q.query.Has(name):
			return invalidRequest, name + " is in the query; it belongs into the body"
		}
	}
	switch grant := form.Get("grant_type"); {
	case grant == "":
		return invalidRequest, "grant_type is missing; send grant_type=client_credentials in the body"
	case grant != "client_credentials":
		return unsupportedGrant, "grant_type is not client_credentials, the only one there is"
	}
	if reason := a.grantee(q, form); reason != "" {
		if reason == twoWays {
			return invalidRequest, reason
		}
		return invalidClient, reason + "; send the id and the secret of --osago-client as client_id and client_secret in the body, or as Authorization: Basic"
	}
	return "", ""
}

const (
	formType = "application/x-www-form-urlencoded"
	twoWays  = "the client secret is sent twice, in the body and in the Authorization header; one way is enough"
)

// grantee says why a request is of no client; empty when it is of one.
func (a Access) grantee(q grantRequest, form url.Values) string {
	if len(q.header["Authorization"]) == 0 {
		switch {
		case !form.Has("client_id") && !form.Has("client_secret"):
			return "the request has no client_id and client_secret" + elsewhere(sent{header: q.header, query: q.query})
		case !form.Has("client_id"):
			return "client_id is missing"
		case !form.Has("client_secret"):
			return "client_secret is missing"
		}
		return a.client(form.Get("client_id"), form.Get("client_secret"))
	}
	if form.Has("client_secret") {
		return twoWays
	}
	value, reason := authorization(sent{header: q.header, query: q.query}, "Basic")
	if reason != "" {
		return reason
	}
	id, secret, reason := basicPair(value)
	if reason != "" {
		return reason
	}
	if a.client(unescape(id), unescape(secret)) == "" { // RFC 6749, 2.3.1
		return ""
	}
	return a.client(id, secret)
}

// grantErrors are what the errors of a grant say. RFC 6749 lets them have printable ASCII alone.
var grantErrors = map[string]string{
	invalidRequest:   "The request is malformed.",
	invalidClient:    "Client authentication failed.",
	unsupportedGrant: "The grant type is not supported.",
}

// longestGrant is the most bytes of a request for a token.
const longestGrant = 64 << 10

// headerKey is where a request for a token keeps its headers and its query.
type headerKey struct{}

// withHeader lets a request for a token be read as a whole; its answer is not to be kept by anything between (RFC 6749, 5.1).
func withHeader(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Pragma", "no-cache")
		h(w, r.WithContext(context.WithValue(r.Context(), headerKey{}, grantRequest{header: r.Header, query: r.URL.Query()})))
	}
}

// IssueToken implements wire.StrictServerInterface.
func (h *handler) IssueToken(ctx context.Context, req wire.IssueTokenRequestObject) (wire.IssueTokenResponseObject, error) {
	a := h.api.access
	if a.Auth != AuthOAuth2 {
		return refusal{status: http.StatusNotFound, message: "Метод не найден.",
			reason: "a server issues tokens that was started with --osago-auth oauth2 and --osago-client ID:SECRET"}, nil
	}
	run := partner.From(ctx)
	q, _ := ctx.Value(headerKey{}).(grantRequest)
	access := run.Recorded
	if access == nil {
		access = a.grants(q, req.Body)
	}
	if run.Note.Access = access; access.Code != "" {
		return noGrant{*access, len(q.header["Authorization"]) > 0}, nil
	}
	if err := run.Session.Enter(run); err != nil {
		return nil, err
	}
	t := token{Session: run.Session.Name(), Number: run.Number, Issued: run.Now, Ends: endOf(run.Now, a.TTL)}
	run.Session.Leave(run)
	text, err := t.text(tokenKey(run.Dice))
	if err != nil {
		return nil, err
	}
	return granted{AccessToken: text, TokenType: wire.TokenResponseTokenTypeBearer, ExpiresIn: int(a.TTL / time.Second)}, nil
}

// grants says whether a request gets a token.
func (a Access) grants(q grantRequest, from io.Reader) *journal.Access {
	body, err := io.ReadAll(io.LimitReader(from, longestGrant+1))
	switch {
	case err != nil:
		return &journal.Access{Code: invalidRequest, Reason: "the body did not arrive whole"}
	case len(body) > longestGrant:
		return &journal.Access{Code: invalidRequest, Reason: "the body is longer than a request for a token can be"}
	}
	q.body = body
	code, reason := a.refuses(q)
	return &journal.Access{Code: code, Reason: reason}
}

// granted is a token that was issued.
type granted wire.TokenResponse

// VisitIssueTokenResponse implements the generated interface.
func (g granted) VisitIssueTokenResponse(w http.ResponseWriter) error {
	respond(w, http.StatusOK, wire.TokenResponse(g))
	return nil
}

// noGrant is the refusal of a token (RFC 6749, 5.2).
type noGrant struct {
	access journal.Access
	header bool // whether the client showed who it is in a header
}

// VisitIssueTokenResponse implements the generated interface.
func (n noGrant) VisitIssueTokenResponse(w http.ResponseWriter) error {
	partner.Reason(w, n.access.Reason)
	status := http.StatusBadRequest
	if n.access.Code == invalidClient {
		status = http.StatusUnauthorized
	}
	if status == http.StatusUnauthorized && n.header {
		w.Header().Set("WWW-Authenticate", `Basic realm="osago"`)
	}
	respond(w, status, wire.TokenError{Error: wire.TokenErrorError(n.access.Code), ErrorDescription: ptr(grantErrors[n.access.Code])})
	return nil
}

// VisitIssueTokenResponse implements the generated interface.
func (f refusal) VisitIssueTokenResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}
