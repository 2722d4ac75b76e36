package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sort"
	"strings"

	"poligon/internal/admin/internal/wire"
	"poligon/internal/contract"
)

// bodies checks the bodies of requests against the admin contract before the generated code decodes them, for that takes
// unknown keys and says nothing of the place of a mistake.
type bodies map[string]contract.Body // by the pattern of the route

func (b bodies) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want, ok := b[r.Pattern]
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		text, err := io.ReadAll(r.Body)
		if err != nil {
			unread(w, err)
			return
		}
		if want.Required || len(bytes.TrimSpace(text)) > 0 {
			if p := check(want.Schema, text); p != nil {
				write(w, p)
				return
			}
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		next.ServeHTTP(w, r)
	})
}

// unread answers a request whose body could not be read.
func unread(w http.ResponseWriter, err error) { write(w, unreadable(err)) }

func unreadable(err error) *problem {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &problem{status: http.StatusRequestEntityTooLarge, detail: fmt.Sprintf("the body has more than %d bytes", tooLarge.Limit)}
	}
	return &problem{status: http.StatusBadRequest, detail: "the body did not arrive whole"}
}

func check(schema *contract.Schema, text []byte) *problem {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return &problem{status: http.StatusBadRequest, detail: "the body is not JSON: " + err.Error()}
	}
	violations := schema.Violations(value)
	if len(violations) == 0 {
		return nil
	}
	sort.Slice(violations, func(i, j int) bool { return violations[i].Path < violations[j].Path })
	p := &problem{status: http.StatusBadRequest}
	details := make([]string, len(violations))
	for i, v := range violations {
		pointer := "" // the body as a whole
		if v.Path != "" {
			pointer = "/" + strings.NewReplacer("[", "/", "]", "", ".", "/").Replace(v.Path)
		}
		p.errors = append(p.errors, wire.ProblemDetail{Pointer: pointer, Code: "contract", Expected: &violations[i].Message})
		details[i] = strings.TrimSpace(v.Path + " " + v.Message)
	}
	p.detail = "the body breaks the admin contract: " + strings.Join(details, "; ")
	return p
}
