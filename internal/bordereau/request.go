package bordereau

import (
	"crypto/sha256"
	"net/http"
	"strconv"

	"poligon/internal/scenario"
)

// statuses are how a request is answered that is refused as a whole, by the code.
var statuses = map[string]int{
	wrongBody:    http.StatusBadRequest,
	wrongRisks:   http.StatusBadRequest,
	wrongSign:    http.StatusForbidden,
	wrongPartner: http.StatusForbidden,
	wrongPath:    http.StatusNotFound,
	wrongMethod:  http.StatusMethodNotAllowed,
	wrongSize:    http.StatusRequestEntityTooLarge,
	wrongType:    http.StatusUnsupportedMediaType,
	internal:     http.StatusInternalServerError,
}

// requestPlan refuses the requests that it meets as a whole.
type requestPlan struct {
	node     scenario.Node
	share    int // in ten thousandths, drawn by the session's dice; 0 for any
	moreThan int // so many risks; -1 for any
	where    []condition
	partner  *condition // nil for any; it has no field
	code     string

	limit scenario.Node // what stands under more_than:
}

func (b *rulebook) readRequestPlan(n scenario.Node) requestPlan {
	p, m := requestPlan{node: n, moreThan: -1}, n.Map()
	if when, ok := m.Take("when", "which requests are refused: those that all of these fit; every request without it"); ok {
		w := when.Map()
		if v, ok := w.Take("share", "so many of all requests, such as 5%, drawn by the seed from the bytes of the body: the same body is always drawn the same way"); ok {
			p.share = v.Share()
		}
		if v, ok := w.Take("more_than", "requests with more risks than this"); ok {
			p.limit = v
			p.moreThan = int(v.Whole(0, 1_000_000_000))
		}
		if v, ok := w.Take("where", "requests with a risk whose fields hold these values: a text, one in which * stands for any characters, or a list of them"); ok {
			p.where = readWhere(v)
		}
		if v, ok := w.Take("partner", "requests of this partnerCode: a text, one in which * stands for any characters, or a list of them"); ok {
			p.partner = &condition{want: v.Pattern(false), size: sizeOf(v), node: v}
		}
		w.Done()
	}
	for _, key := range []string{"share", "more_than", "where", "partner"} {
		m.Cure(key, "put it under when:")
	}
	if code, ok := m.Need("error", "the error code of the answer; it decides the answer's status too"); ok {
		p.code = b.readCode(code, b.aboutRequests)
	}
	m.Done()
	return p
}

// request is what the plans of requests look at.
type request struct {
	partner string // its code
	body    []byte
	risks   []risk
}

// meets says whether the plan, whose number in its script is given, is for a request.
func (p *requestPlan) meets(j judge, q request, number int) bool {
	switch {
	case len(q.risks) <= p.moreThan,
		p.partner != nil && (q.partner == "" || !p.partner.want.Matches(q.partner)):
		return false
	}
	if p.where != nil && !anyHolds(p.where, q.risks) {
		return false
	}
	if p.share == 0 {
		return true
	}
	sum := sha256.Sum256(q.body)
	return j.run.Dice.Of(Name, string(sum[:]), strconv.Itoa(number), "request").IntN(everything) < p.share
}

func anyHolds(where []condition, risks []risk) bool {
	for i := range risks {
		if hold(where, &risks[i]) {
			return true
		}
	}
	return false
}

// refused is a request that a scenario has refused as a whole.
type refused struct {
	script *script
	part   int // of the script
	flaw   flaw
}

// refuses is the first plan of a scenario that is for a request; false when there is none.
func (j judge) refuses(q request, played *scenario.Scenario) (refused, bool) {
	s := j.run.Library.Script(played, Name).(*script)
	i, ok := j.refusedBy(s, q)
	if !ok {
		return refused{}, false
	}
	part := s.parts.requests + i
	return refused{s, part, flaw{code: s.requests[i].code, why: planned(played), place: s.parts.places[part]}}, true
}

// refusedBy is the first plan of a script that is for a request, by its number.
func (j judge) refusedBy(s *script, q request) (number int, ok bool) {
	for i := range s.requests {
		if s.requests[i].meets(j, q, i) {
			return i, true
		}
	}
	return 0, false
}

// planned is why something happens that a scenario plans.
func planned(played *scenario.Scenario) string { return "scenario " + played.Name + " plans it" }
