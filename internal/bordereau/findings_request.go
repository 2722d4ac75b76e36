package bordereau

import (
	"fmt"

	"poligon/internal/scenario"
)

// coverWork bounds how many pairs of texts are compared to find plans of requests that hide others.
const coverWork = 100_000

// checkRequests looks for plans that no request gets to.
func (s *script) checkRequests() {
	known := map[string]int{} // plans by what they say
	all, work := -1, coverWork
	for i := range s.requests {
		p := &s.requests[i]
		if p.moreThan >= maxRisks {
			p.limit.Find(scenario.Finding{Rule: neverMatches}, fmt.Sprintf("write a number below %d", maxRisks),
				"no request has more than %d risks: at most %d are taken, and %s says so of more", p.moreThan, maxRisks, wrongSize)
			continue
		}
		said := p.words()
		by, again := known[said]
		switch {
		case all >= 0:
			p.isHidden(s, i, all)
			continue
		case again:
			p.isHidden(s, i, by)
			continue
		}
		if by, covered := s.coveredBy(i, &work); covered {
			p.isHidden(s, i, by)
			continue
		}
		if p.always() {
			known[said] = i
		}
		if p.always() && p.moreThan < 0 && p.where == nil && p.partner == nil {
			all = i
		}
	}
	if all < 0 {
		return
	}
	for _, dead := range []struct {
		node scenario.Node
		any  bool
		what string
	}{{s.nodes.flights, len(s.flights.all()) > 0, "flight"}, {s.nodes.records, len(s.records) > 0, "record"}} {
		if dead.any {
			warn(dead.node, hidden, "say under requests: when a request is refused, or remove this", "requests[%d] on line %d refuses every request, so no %s is looked at",
				all, s.requests[all].node.Line(), dead.what)
		}
	}
}

// always says whether the plan refuses whatever it fits: nothing is drawn.
func (p *requestPlan) always() bool { return p.share == 0 || p.share == everything }

// isHidden notes that an earlier plan takes all requests that this one fits.
func (p *requestPlan) isHidden(s *script, number, by int) {
	line := s.requests[by].node.Line()
	p.node.Find(scenario.Finding{Rule: hidden, Steps: []string{
		fmt.Sprintf("a request comes that requests[%d] fits", number),
		fmt.Sprintf("requests[%d] on line %d fits it too and stands above, so it is refused with %s", by, line, s.requests[by].code),
	}}, "put it above that one, or remove it", "no request gets to this plan: the one on line %d takes them all", line)
}

// coveredBy is the first plan above that fits every request which this one fits. It looks no further when the work is spent.
func (s *script) coveredBy(number int, work *int) (by int, covered bool) {
	for i := range s.requests[:number] {
		if *work <= 0 {
			return 0, false
		}
		if s.requests[i].covers(&s.requests[number], work) {
			return i, true
		}
	}
	return 0, false
}

// covers says whether the plan fits every request that another fits; it may say no where the answer is yes.
func (p *requestPlan) covers(q *requestPlan, work *int) bool {
	*work--
	least := q.moreThan + 1 // risks in a request that q fits
	if q.where != nil {
		least = max(least, 1)
	}
	if !p.always() || p.moreThan+1 > least || p.partner != nil && (q.partner == nil || !p.partner.covers(q.partner, work)) {
		return false
	}
	for i := range p.where {
		found := false
		for j := range q.where {
			found = found || p.where[i].field == q.where[j].field && p.where[i].covers(&q.where[j], work)
		}
		if !found {
			return false
		}
	}
	return true
}

func (c *condition) covers(d *condition, work *int) bool {
	*work -= c.size * d.size
	return *work > 0 && c.want.Covers(d.want)
}

// words tells plans apart by the requests that they fit, but for a share.
func (p *requestPlan) words() string {
	partner := "any"
	if p.partner != nil {
		partner = fmt.Sprintf("%#v", p.partner.want)
	}
	return fmt.Sprintf("%d %s %s", p.moreThan, partner, conditionWords(p.where))
}
