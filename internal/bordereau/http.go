package bordereau

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"poligon/internal/bordereau/internal/wire"
	"poligon/internal/journal"
	"poligon/internal/partner"
	"poligon/internal/store"
)

// operation is the operationId of the import in the contract.
const operation = "importBordereau"

// handler maps the import to and from the wire.
type handler struct {
	book   *rulebook
	access Access
}

// quickImport answers an import whose query is a code of plain characters and a sign, as nearly every one is.
func quickImport(strict wire.ServerInterface) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		rest, ok := strings.CutPrefix(r.URL.RawQuery, "partnerCode=")
		code, sign, two := strings.Cut(rest, "&sign=")
		if !ok || !two || !isPlain(code) || !isPlain(sign) {
			return false
		}
		strict.ImportBordereau(w, r, wire.ImportBordereauParams{PartnerCode: &code, Sign: &sign})
		return true
	}
}

// isPlain says whether a text stands in a query as it is: letters and digits alone.
func isPlain(s string) bool {
	for i := range len(s) {
		if b := s[i]; b-'0' > 9 && b|0x20-'a' > 'z'-'a' {
			return false
		}
	}
	return s != ""
}

// ImportBordereau implements wire.StrictServerInterface.
func (h *handler) ImportBordereau(ctx context.Context, req wire.ImportBordereauRequestObject) (wire.ImportBordereauResponseObject, error) {
	if reason := wrongContentType(req.ContentType); reason != "" {
		return h.refuse(ctx, wrongType, reason), nil
	}
	body, err := bodyOf(req.Body).read()
	if err != nil {
		return h.unreadable(ctx, err), nil
	}
	code, warning, denied := h.admit(ctx, req.Params, body)
	if denied != nil {
		return *denied, nil
	}
	risks, err := readRisks(body)
	switch {
	case errors.Is(err, errTooMany):
		return h.refuse(ctx, wrongSize, err.Error()), nil
	case errors.Is(err, errNoRisks):
		return h.refuse(ctx, wrongRisks, err.Error()), nil
	case err != nil:
		return h.refuse(ctx, wrongBody, err.Error()), nil
	}
	run := partner.From(ctx)
	j := newJudge(h.book, run, code)
	run.Note.Subjects, run.Note.Scenario = policies(risks), j.playsWhole(risks)
	if no := h.planned(j, request{code, body, risks}); no != nil {
		no.reason = join(warning, no.reason)
		return *no, nil
	}
	results, refusals, err := h.importAll(ctx, j, risks)
	return answer{http.StatusOK, wire.ImportResponse{ResultImport: results}, join(warning, refusals.String())}, err
}

// admit looks at the sign of a request, or takes from a replay what was found then. It gives the partner's code, and a warning
// about a wrong sign or how it is refused.
func (h *handler) admit(ctx context.Context, params wire.ImportBordereauParams, body []byte) (code, warning string, refused *answer) {
	run := partner.From(ctx)
	if params.PartnerCode != nil {
		code = *params.PartnerCode
	}
	access := run.Recorded
	if access == nil && h.access.Signatures == Off {
		return code, "", nil
	}
	if access == nil {
		found := h.access.check(signed{params.PartnerCode, params.Sign, body, run.Session.Earlier(operation)})
		for _, m := range found.mistakes {
			run.Note.Mistakes = append(run.Note.Mistakes, m.ID)
		}
		access = &journal.Access{Code: found.code, Reason: found.reason}
		if found.code != "" && h.access.Signatures != Enforce {
			slog.Warn("import taken although its signature is wrong", "reason", found.reason)
			access.Code = "" // nothing is refused
		}
	}
	run.Note.Access = access
	switch {
	case access.Code != "":
		a := h.refuse(ctx, access.Code, access.Reason)
		return code, "", &a
	case access.Reason != "":
		warning = "taken with a warning: " + access.Reason
	}
	return code, warning, nil
}

// importAll imports the risks, and says why those were refused that were.
func (h *handler) importAll(ctx context.Context, j judge, risks []risk) (results []wire.ImportResult, why refusals, err error) {
	b := newBatch(j, risks)
	if err := b.keep(ctx, j.run); err != nil {
		return nil, why, err
	}
	results = make([]wire.ImportResult, len(risks))
	ids := make([]uuid.UUID, len(risks)) // together, for there are many
	for i := range risks {
		r, v := &risks[i], &b.verdicts[i]
		results[i] = wire.ImportResult{FlightNumber: r.at(flightNumber).text(), PolicyNumber: r.at(policyNumber).text()}
		if len(v.flaws) == 0 {
			ids[i] = newID(j.run.Dice, v.id)
			results[i].UUID = &ids[i]
			continue
		}
		why.add(i+1, v.flaws)
		list := h.errors(v.flaws, v.script.messages)
		results[i].Errors = &list
	}
	return results, why, nil
}

// sized is a body with the length that its client says it has; -1 when it says none.
type sized struct {
	io.Reader
	length int64
}

func bodyOf(from io.Reader) sized {
	if s, ok := from.(sized); ok {
		return s
	}
	return sized{from, -1}
}

// withLength tells the handler how long a body is to be.
func withLength(next wire.StrictHandlerFunc, _ string) wire.StrictHandlerFunc {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error) {
		if q, ok := request.(wire.ImportBordereauRequestObject); ok {
			q.Body = sized{q.Body, r.ContentLength}
			request = q
		}
		return next(ctx, w, r, request)
	}
}

// read reads the body. What a client says of its length may not be true: room is made for a few times of what has come so far, and
// no more.
func (s sized) read() ([]byte, error) {
	const few, many, times = 4 << 10, 64 << 10, 8
	first, most := int64(few), int64(math.MaxInt32)
	if s.length >= 0 {
		first, most = many, min(most, s.length+1) // and the end
	}
	body := make([]byte, 0, min(first, most))
	for {
		n, err := s.Read(body[len(body):cap(body)])
		if body = body[:len(body)+n]; errors.Is(err, io.EOF) {
			return body, nil
		} else if err != nil {
			return body, err
		}
		if len(body) == cap(body) {
			body = append(make([]byte, 0, max(min(times*cap(body), int(most)), 2*cap(body))), body...)
		}
	}
}

// policies are the policy numbers of the risks, each once, in the order of the request.
func policies(risks []risk) (list []string) {
	const few = 8 // are looked through faster than a map is made
	var seen map[string]bool
	if len(risks) > few {
		seen = make(map[string]bool, len(risks))
	}
	for i := range risks {
		number := risks[i].at(policyNumber).text()
		if number == "" || seen[number] || seen == nil && slices.Contains(list, number) {
			continue
		}
		if seen != nil {
			seen[number] = true
		}
		list = append(list, strings.Clone(number)) // the body is not to live on with it
	}
	return list
}

// errors are the wire's errors for flaws, with the scenario's texts before the catalogue's.
func (h *handler) errors(flaws []flaw, texts map[string]string) []wire.ImportError {
	list := make([]wire.ImportError, len(flaws))
	for i, f := range flaws {
		message, ok := texts[f.code]
		if !ok {
			message = h.book.messages[f.code]
		}
		list[i] = wire.ImportError{Code: wire.ErrorCode(f.code), Message: message}
	}
	return list
}

// wrongContentType says why a content type cannot be JSON in UTF-8; empty when it can. The page names no content type: what
// clients send for any body, as curl does, is taken too.
func wrongContentType(header string) string {
	if header == "" {
		return ""
	}
	kind, params, err := mime.ParseMediaType(header)
	if err != nil {
		return "the content type cannot be read; send application/json"
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "utf8") {
		return fmt.Sprintf("the charset is %q; send UTF-8", charset)
	}
	switch {
	case kind == "application/json", strings.HasSuffix(kind, "+json"), kind == "text/plain", kind == "text/json",
		kind == "application/x-www-form-urlencoded", kind == "application/octet-stream":
		return ""
	}
	return fmt.Sprintf("the content type is %q; send application/json", kind)
}

// unreadable answers a body that did not arrive whole.
func (h *handler) unreadable(ctx context.Context, err error) answer {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return h.refuse(ctx, wrongSize, fmt.Sprintf("the body has more than %d bytes", tooLarge.Limit))
	}
	return h.refuse(ctx, wrongBody, "the body did not arrive whole")
}

// refuse answers the request as a whole with one error.
func (h *handler) refuse(ctx context.Context, code, reason string) answer {
	return h.refusal(flaw{code: code, why: reason}, texts(ctx, code))
}

// refusal is the answer to a request that is refused as a whole.
func (h *handler) refusal(f flaw, texts map[string]string) answer {
	return answer{statuses[f.code], wire.RequestRefusal{Errors: h.errors([]flaw{f}, texts)}, f.why}
}

// planned answers a request that its scenario refuses as a whole; nil when it does not.
func (h *handler) planned(j judge, q request) *answer {
	no, ok := j.refuses(q, j.run.Note.Scenario)
	if !ok {
		return nil
	}
	j.run.Session.Touch(Name, no.script, no.part)
	no.script.touchMessage(j.run, no.flaw.code)
	a := h.refusal(no.flaw, no.script.messages)
	return &a
}

func (h *handler) badRequest(w http.ResponseWriter, r *http.Request, err error) {
	code := wrongBody
	if strings.Contains(err.Error(), "partnerCode") {
		code = wrongPartner
	} else if strings.Contains(err.Error(), "sign") {
		code = wrongSign
	}
	a := h.refuse(r.Context(), code, err.Error())
	a.status = http.StatusBadRequest // whatever the code: the query itself cannot be read
	a.write(w)
}

// failed answers for a fault of ours: logged, never shown.
func (h *handler) failed(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, partner.ErrHeld) {
		return // a fault answers
	}
	if !errors.Is(err, store.ErrAway) { // the server says so itself, and answers again
		slog.Error("internal error", "api", Name, "error", err)
	}
	h.refuse(r.Context(), internal, "").write(w)
}

// answer is a response of the API with the reason behind a refusal.
type answer struct {
	status int
	body   any
	reason string
}

// VisitImportBordereauResponse implements wire.ImportBordereauResponseObject.
func (a answer) VisitImportBordereauResponse(w http.ResponseWriter) error {
	a.write(w)
	return nil
}

func (a answer) write(w http.ResponseWriter) {
	if a.reason != "" {
		partner.Reason(w, a.reason)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	if r, ok := a.body.(wire.ImportResponse); ok {
		_, _ = w.Write(appendResponse(make([]byte, 0, 128*(len(r.ResultImport)+1)), &r)) // what fails here is the client's connection
		return
	}
	_ = json.NewEncoder(w).Encode(a.body)
}
