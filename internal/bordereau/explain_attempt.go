package bordereau

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"poligon/internal/journal"
	"poligon/internal/scenario"
)

// given is an answer as the client got it.
type given struct {
	Results []givenResult `json:"resultImport"`
	Errors  []givenError  `json:"errors"`
}

type givenResult struct {
	UUID   string       `json:"uuid"`
	Errors []givenError `json:"errors"`
}

type givenError struct{ Code, Message string }

// exchange adds what a request did to the risks of the policy. The request is judged again; what the client was answered is the
// truth, and the judgement says why.
func (x *riskExplainer) exchange(e *journal.Exchange) {
	code := ""
	if target, err := url.Parse(e.Request.Target); err == nil {
		code = target.Query().Get("partnerCode")
	}
	body := e.Request.Body
	risks, err := readRisks(body)
	switch cut := e.Request.Size > int64(len(body)); {
	case !cut && err == nil:
		j := newJudge(x.book, x.run, code)
		no := x.planned(e, j, risks)
		for i := range risks {
			if x.wants(&risks[i]) {
				x.attempt(e, j, attempted{i + 1, risks, no})
			}
		}
	case !slices.Contains(e.Subjects, x.policy) && !bytes.Contains(body, []byte(x.policy)):
	case cut:
		x.unread(e, code, fmt.Sprintf("the journal kept only the first %d bytes of the body, which had %d", len(body), e.Request.Size))
	default:
		x.unread(e, code, "the body cannot be read: "+err.Error())
	}
}

// unread adds an exchange whose body cannot be read, so that nobody knows which risk of the policy it is about.
func (x *riskExplainer) unread(e *journal.Exchange, code, note string) {
	a := RiskAttempt{Exchange: e.Number, At: e.At, Scenario: e.Scenario, Outcome: Unknown, Errors: []RiskError{}, Note: note}
	if e.Answer.Status != http.StatusOK && !e.Running {
		var answer given
		_ = json.Unmarshal(e.Answer.Body, &answer) // what is no JSON has no errors
		a.refused(e, answer.Errors, nil)
	}
	unread := x.of("unread "+code, code, "")
	unread.Attempts = append(unread.Attempts, a)
}

// planned is the plan of a scenario by which a request was refused as a whole; nil when it was not, or for another reason.
func (x *riskExplainer) planned(e *journal.Exchange, j judge, risks []risk) *plannedRefusal {
	played, err := x.run.Library.Find(e.Scenario)
	if err != nil || e.Running || e.Answer.Status == http.StatusOK {
		return nil
	}
	no, ok := j.refuses(request{j.partner, e.Request.Body, risks}, played)
	if !ok || !strings.HasSuffix(e.Reason, no.flaw.why) {
		return nil
	}
	return &plannedRefusal{no.flaw, x.teller(played)}
}

// plannedRefusal is the plan behind a refused request.
type plannedRefusal struct {
	flaw   flaw
	teller string // the scenario that has the plan
}

// refused is an attempt whose request was refused as a whole, by the plan of a scenario unless that is nil.
func (a *RiskAttempt) refused(e *journal.Exchange, errors []givenError, plan *plannedRefusal) {
	a.Outcome = RequestRefused
	why := e.Reason
	if len(e.Faults) > 0 {
		why = join(why, "done on purpose: "+strings.Join(e.Faults, ", "))
	}
	for _, one := range errors {
		reason := RiskReason{Why: cmp.Or(why, "the journal has no reason")}
		if plan != nil && plan.flaw.code == one.Code {
			reason.Scenario, reason.Place = plan.teller, plan.flaw.place
		}
		a.Errors = append(a.Errors, RiskError{one.Code, one.Message, []RiskReason{reason}})
	}
	if len(errors) == 0 {
		a.Note = join(a.Note, join(fmt.Sprintf("the request was answered with status %d", e.Answer.Status), why))
	}
}

// attempted is one risk of a request.
type attempted struct {
	position int
	risks    []risk          // of the request
	no       *plannedRefusal // of the request
}

// attempt adds what a request did to one of its risks.
func (x *riskExplainer) attempt(e *journal.Exchange, j judge, of attempted) {
	position, r := of.position, &of.risks[of.position-1]
	played, known := x.played(e, j, r, of.risks)
	v := j.look(position, r, played)
	a := RiskAttempt{Exchange: e.Number, At: e.At, Scenario: played.Name, Position: position, Outcome: Unknown, Errors: []RiskError{}}
	if !known {
		a.Scenario, v.flaws = e.Scenario, j.book.flaws(r)
	}
	explained := x.of(v.id, j.partner, r.at(flightNumber).plain())
	defer func() {
		a.keptAllTheSame(e, explained)
		explained.Attempts = append(explained.Attempts, a)
	}()

	var answer given
	switch err := json.Unmarshal(e.Answer.Body, &answer); {
	case e.Running:
		a.Note = "the exchange is not over"
	case e.Answer.Status != http.StatusOK:
		a.refused(e, answer.Errors, of.no)
	case e.Answer.Size > int64(len(e.Answer.Body)):
		a.Note = fmt.Sprintf("the journal kept only the first %d bytes of the answer, which had %d", len(e.Answer.Body), e.Answer.Size)
	case err != nil:
		a.Note = join("the answer, as it was sent, is not JSON", strings.Join(e.Faults, ", "))
	case len(answer.Results) < position:
		a.Note = "the answer has no result for the risk"
	default:
		result := answer.Results[position-1]
		if a.UUID, a.Outcome = result.UUID, Accepted; len(result.Errors) > 0 {
			a.Outcome = Refused
		}
		for _, one := range result.Errors {
			a.Errors = append(a.Errors, RiskError{one.Code, one.Message, x.reasons(e, one.Code, r, v, played)})
		}
	}
}

// keptAllTheSame mends the outcome of an attempt that the session kept, although the client was answered something else on
// purpose, or nothing.
func (a *RiskAttempt) keptAllTheSame(e *journal.Exchange, of *RiskExplanation) {
	before := slices.ContainsFunc(of.Attempts, func(other RiskAttempt) bool { return other.Exchange == e.Number && other.Outcome == Accepted })
	if of.Kept == nil || before || a.Outcome != RequestRefused && a.Outcome != Unknown ||
		!slices.ContainsFunc(of.Kept.Events, func(event RiskEvent) bool { return event.By == e.Number }) {
		return
	}
	a.Outcome, a.UUID, a.Errors = Accepted, of.Kept.UUID, []RiskError{}
	a.Note = join("it was accepted, but the client was not told so", strings.Join(e.Faults, ", "))
}

// played is the scenario that a risk of an exchange played. Where the exchange played another one than its first risk would
// have chosen, the client had chosen it, for all risks. False when it is not in the library.
func (x *riskExplainer) played(e *journal.Exchange, j judge, r *risk, risks []risk) (*scenario.Scenario, bool) {
	own := j.plays(r)
	if e.Scenario == "" || e.Scenario == j.playsWhole(risks).Name {
		return own, true
	}
	chosen, err := x.run.Library.Find(e.Scenario)
	if err != nil {
		return own, false
	}
	return chosen, true
}

// reasons are all that gives a risk a code.
func (x *riskExplainer) reasons(e *journal.Exchange, code string, r *risk, v verdict, played *scenario.Scenario) (list []RiskReason) {
	for _, f := range v.flaws {
		if f.code != code {
			continue
		}
		reason := RiskReason{Why: f.why, Place: f.place}
		if f.place != "" {
			reason.Scenario = x.teller(played)
		}
		if f.basis != nil {
			x.rest(&reason, f.basis, r)
			if words := x.book.rules[f.basis.rule]; words != nil && words.Text != f.why {
				reason.Why += "; " + words.Text
			}
		}
		list = append(list, reason)
	}
	again := x.book.rules["repeated-risk"]
	switch {
	case len(list) > 0:
		return list
	case code == again.Code:
		reason := RiskReason{Why: x.before(e, v.id) + `; send "override": true to update it`}
		x.rest(&reason, &again.basis, r)
		return []RiskReason{reason}
	}
	return []RiskReason{{Why: "the rules do not give the risk this code now; the exchange played scenario " + cmp.Or(e.Scenario, played.Name)}}
}

// teller is the name of the scenario that tells the section which a scenario plays: its own, or the default's.
func (x *riskExplainer) teller(played *scenario.Scenario) string {
	fallback, err := x.run.Library.Find(scenario.Default)
	if err == nil && x.run.Library.Script(fallback, Name) == x.run.Library.Script(played, Name) {
		return fallback.Name
	}
	return played.Name
}

// rest fills in what a reason rests on.
func (x *riskExplainer) rest(reason *RiskReason, b *basis, r *risk) {
	reason.Rule, reason.Source, reason.Confidence = b.rule, b.Source, b.Confidence
	for _, f := range b.fields {
		value := RiskValue{fieldNames[f], shortened(r.at(f).raw)}
		if x.personal != nil && value.Value != "" && x.personal(value.Field) {
			value.Value = "***"
		}
		reason.Values = append(reason.Values, value)
	}
}

// before says when the risk was imported that an exchange brought again.
func (x *riskExplainer) before(e *journal.Exchange, id string) string {
	if known := x.found[id]; known != nil && known.Kept != nil {
		switch by := known.Kept.Events[0].By; {
		case by == e.Number:
			return "the risk is in the same request before"
		case by < e.Number:
			return fmt.Sprintf("the risk was imported before, by exchange %d", by)
		}
	}
	return "the risk was imported before"
}

// shortened is JSON text of a bearable length.
func shortened(text []byte) string {
	const most = 500
	if len(text) <= most {
		return string(text)
	}
	end := most
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d bytes)", text[:end], len(text))
}
