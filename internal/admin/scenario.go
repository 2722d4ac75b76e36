package admin

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"poligon/internal/admin/internal/wire"
	"poligon/internal/partner"
	"poligon/internal/scenario"
)

// maxStory is the most bytes of a scenario file.
const maxStory = 1 << 20

// storyPatterns are the routes whose body is a scenario file.
func storyPatterns() []string {
	return []string{"PUT /__admin/sessions/{session}/scenario", "PUT /__admin/scenarios/{name}"}
}

// bounded refuses the body of a scenario file that is too long before it is read whole.
func bounded(next http.Handler) http.Handler {
	patterns := storyPatterns()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(patterns, r.Pattern) {
			r.Body = http.MaxBytesReader(w, r.Body, maxStory)
		}
		next.ServeHTTP(w, r)
	})
}

// ListScenarios implements wire.StrictServerInterface.
func (h *handler) ListScenarios(context.Context, wire.ListScenariosRequestObject) (wire.ListScenariosResponseObject, error) {
	list := wire.ListScenarios200JSONResponse{Scenarios: []wire.Scenario{}}
	for _, s := range h.Registry.Library().All() {
		item := wire.Scenario{Name: s.Name, Title: s.Title, Story: s.Story, Magic: []wire.MagicValue{}}
		for _, m := range s.Magic {
			item.Magic = append(item.Magic, wire.MagicValue{API: m.API, Field: m.Field, Value: m.Value, Why: m.Why})
		}
		list.Scenarios = append(list.Scenarios, item)
	}
	return list, nil
}

// ListMagic implements wire.StrictServerInterface.
func (h *handler) ListMagic(context.Context, wire.ListMagicRequestObject) (wire.ListMagicResponseObject, error) {
	list := wire.ListMagic200JSONResponse{Magic: []wire.ListedMagic{}}
	for _, s := range h.Registry.Library().All() {
		for _, m := range s.Magic {
			list.Magic = append(list.Magic, wire.ListedMagic{API: m.API, Field: m.Field, Value: m.Value, Scenario: s.Name, Why: m.Why})
		}
	}
	slices.SortStableFunc(list.Magic, func(a, b wire.ListedMagic) int {
		return slices.Compare([]string{a.API, a.Field, a.Value}, []string{b.API, b.Field, b.Value})
	})
	return list, nil
}

// ShowScenario implements wire.StrictServerInterface.
func (h *handler) ShowScenario(_ context.Context, req wire.ShowScenarioRequestObject) (wire.ShowScenarioResponseObject, error) {
	s, err := h.Registry.Library().Find(req.Name)
	if err != nil {
		return nil, &problem{status: http.StatusNotFound, detail: err.Error(), hint: "GET /__admin/scenarios lists them"}
	}
	return wire.ShowScenario200ApplicationYamlResponse{Body: bytes.NewReader(s.Source), ContentLength: int64(len(s.Source))}, nil
}

// ShowSessionScenario implements wire.StrictServerInterface.
func (h *handler) ShowSessionScenario(_ context.Context, req wire.ShowSessionScenarioRequestObject) (wire.ShowSessionScenarioResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	source := s.Playing().Source
	return wire.ShowSessionScenario200ApplicationYamlResponse{Body: bytes.NewReader(source), ContentLength: int64(len(source))}, nil
}

// PutSessionScenario implements wire.StrictServerInterface.
func (h *handler) PutSessionScenario(ctx context.Context, req wire.PutSessionScenarioRequestObject) (wire.PutSessionScenarioResponseObject, error) {
	s, err := h.Registry.Find(req.Session)
	if err != nil {
		return nil, asProblem(err, req.Session, "session")
	}
	text, err := readStory(req.Body)
	if err != nil {
		return nil, err
	}
	told, err := s.PutScenario(ctx, partner.From(ctx), value(req.Params.Name), text)
	if err != nil {
		return nil, broken(err, req.Session)
	}
	return wire.PutSessionScenario200JSONResponse(loaded(told)), nil
}

// PutScenario implements wire.StrictServerInterface.
func (h *handler) PutScenario(ctx context.Context, req wire.PutScenarioRequestObject) (wire.PutScenarioResponseObject, error) {
	if strings.ContainsAny(req.Name, `/\`) { // of a file's name only the last part would count
		return nil, &problem{status: http.StatusBadRequest, detail: "the name of a scenario has no slash", hint: "name it like all-rejected"}
	}
	text, err := readStory(req.Body)
	if err != nil {
		return nil, err
	}
	told, err := h.Registry.Library().Read(req.Name+".yaml", text)
	if err == nil {
		_, err = h.Registry.Change(ctx, []*scenario.Scenario{told}, nil)
	}
	if err != nil {
		return nil, broken(err, "")
	}
	return wire.PutScenario200JSONResponse(loaded(told)), nil
}

// ChangeScenarios implements wire.StrictServerInterface.
func (h *handler) ChangeScenarios(ctx context.Context, req wire.ChangeScenariosRequestObject) (wire.ChangeScenariosResponseObject, error) {
	var list []*scenario.Scenario
	var mistakes scenario.Mistakes
	for _, file := range value(req.Body.Scenarios) {
		told, err := h.Registry.Library().Read(file.Name+".yaml", []byte(file.Source))
		var wrong scenario.Mistakes
		if errors.As(err, &wrong) {
			mistakes = append(mistakes, wrong...)
		}
		list = append(list, told)
	}
	if len(mistakes) > 0 {
		return nil, broken(mistakes, "")
	}
	done, err := h.Registry.Change(ctx, list, value(req.Body.Remove))
	if err != nil {
		return nil, broken(err, "")
	}
	return wire.ChangeScenarios200JSONResponse(done), nil
}

// readStory reads a scenario file.
func readStory(body io.Reader) ([]byte, error) {
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, unreadable(err)
	}
	return text, nil
}

// loaded is a scenario that can be played.
func loaded(s *scenario.Scenario) wire.LoadedScenario {
	return wire.LoadedScenario{Name: s.Name, Title: s.Title, Warnings: details(s.Warnings)}
}

// broken is why scenarios cannot be played: all that is wrong in them, as poligon lint says it.
func broken(err error, session string) error {
	var mistakes scenario.Mistakes
	if !errors.As(err, &mistakes) {
		return asProblem(err, session, "")
	}
	p := &problem{status: http.StatusUnprocessableEntity, detail: err.Error(), hint: "nothing has changed; mend the file and put it again", errors: details(mistakes)}
	if session != "" && slices.ContainsFunc(mistakes, func(m scenario.Mistake) bool { return strings.Contains(m.Message, "is already taken by scenario") }) {
		p.hint += "; to play it in the place of that scenario, name it: ?name=all-rejected"
	}
	return p
}

func details(mistakes scenario.Mistakes) []wire.ProblemDetail {
	list := make([]wire.ProblemDetail, len(mistakes))
	for i := range mistakes {
		m := &mistakes[i]
		list[i] = wire.ProblemDetail{Code: m.RuleName(), File: &m.File, Message: &m.Message}
		if m.Line > 0 {
			list[i].Line, list[i].Column, list[i].Text = &m.Line, &m.Column, &m.Text
		}
		if m.Hint != "" {
			list[i].Hint = &m.Hint
		}
	}
	return list
}
