package product_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The text format of Prometheus: a comment, or a name with labels and a value.
var (
	metricComment = regexp.MustCompile(`^# (HELP [a-z_:][a-z0-9_:]* .+|TYPE [a-z_:][a-z0-9_:]* (counter|gauge|histogram|summary|untyped))$`)
	metricSample  = regexp.MustCompile(`^([a-z_:][a-z0-9_:]*(?:\{[a-z_]+="[^"]*"(?:,[a-z_]+="[^"]*")*\})?) (\S+)$`)
)

// metrics are the samples of /metrics by their names with labels.
func (p *product) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	a := fetch(t, p.url+"/metrics", "").want(t, 200)
	if kind := a.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain; version=0.0.4") {
		t.Errorf("the metrics are %q", kind)
	}
	samples := map[string]float64{}
	for line := range strings.Lines(string(a.body)) {
		line = strings.TrimSuffix(line, "\n")
		if metricComment.MatchString(line) {
			continue
		}
		parts := metricSample.FindStringSubmatch(line)
		if parts == nil {
			t.Errorf("no sample: %q", line)
			continue
		}
		value, err := strconv.ParseFloat(parts[2], 64)
		if _, twice := samples[parts[1]]; err != nil || twice {
			t.Errorf("%q: %v, twice: %t", line, err, twice)
		}
		samples[parts[1]] = value
	}
	return samples
}

// ours are the samples that are about requests, sessions and journals, and not about the process.
func ownMetrics(samples map[string]float64) (names []string) {
	for name := range maps.Keys(samples) {
		if strings.HasPrefix(name, "poligon_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Requests are counted by API, operation and status; sessions and journals are measured.
func TestMetricsCount(t *testing.T) {
	t.Parallel()
	ofOneServer(t)
	p := start(t, setup{})
	s, other := p.frozen(t, ""), p.frozen(t, "")
	s.post(t, application(ours)).want(t, 200)
	s.look(t, ours)
	other.look(t, ours)
	s.get(t, "/osago/calculate/status?request_id=x").want(t, 400)
	s.get(t, "/osago/nothing").want(t, 404)
	s.do(t, call{method: "BREW", path: "/osago/calculate"}).want(t, 405)
	s.importRisks(t, risk(nil))
	s.do(t, call{method: "POST", path: imports}).want(t, 403)
	s.strike(t, poll(ours).under(`{"status": 503}`)).want(t, 503)
	s.admin(t, "GET", "", "").want(t, 200)
	got := p.metrics(t)
	for name, want := range map[string]float64{
		`poligon_requests_total{api="osago",operation="startCalculation",status="200"}`:     1,
		`poligon_requests_total{api="osago",operation="getCalculation",status="200"}`:       2,
		`poligon_requests_total{api="osago",operation="getCalculationStatus",status="200"}`: 2,
		`poligon_requests_total{api="osago",operation="getCalculationStatus",status="400"}`: 1,
		`poligon_requests_total{api="osago",operation="getCalculationStatus",status="503"}`: 1,
		`poligon_requests_total{api="osago",operation="none",status="404"}`:                 1,
		`poligon_requests_total{api="osago",operation="none",status="405"}`:                 1,
		`poligon_requests_total{api="bordereau",operation="importBordereau",status="200"}`:  1,
		`poligon_requests_total{api="bordereau",operation="importBordereau",status="403"}`:  1,
		`poligon_faults_total{api="osago",operation="getCalculationStatus"}`:                1,
		`poligon_sessions`:        2,
		`poligon_journal_entries`: 11,
		`poligon_journal_dropped`: 0,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %v, not %v", name, value, want)
		}
	}
	if got["poligon_journal_bytes"] <= 0 || got["go_goroutines"] <= 0 {
		t.Errorf("journals have %v bytes, and %v goroutines run", got["poligon_journal_bytes"], got["go_goroutines"])
	}
}

// However many ids, sessions, policies, paths and methods clients come with, there are no more series, and none names one.
func TestMetricsStayFew(t *testing.T) {
	t.Parallel()
	ofOneServer(t)
	p := start(t, setup{})
	busy := func(session, round int) {
		s := &play{p, fmt.Sprintf("secret-%d", session)}
		id := fmt.Sprintf("%s%06d", ours[:30], round)
		s.get(t, "/osago/calculate/status?request_id="+id).want(t, 200)
		s.get(t, fmt.Sprintf("/osago/%d?request_id=%s", round, id)).want(t, 404)
		s.do(t, call{method: fmt.Sprintf("M%d", round), path: "/osago/calculate"}).want(t, 405)
		if round%20 == 0 {
			s.importRisks(t, policy(fmt.Sprintf("P-%d", round), nil))
		}
	}
	busy(0, 0)
	few := ownMetrics(p.metrics(t))
	each(4, func(i int) {
		for n := range 250 {
			busy(n%10, 1+i*250+n)
		}
	})
	many := p.metrics(t)
	if got := ownMetrics(many); !slices.Equal(got, few) {
		t.Errorf("the series are\n%s\nand were\n%s", strings.Join(got, "\n"), strings.Join(few, "\n"))
	}
	if got := many[`poligon_requests_total{api="osago",operation="getCalculationStatus",status="200"}`]; got != 1001 {
		t.Errorf("%v polls were counted, not 1001", got)
	}
	for name := range many {
		if strings.Contains(name, "secret-") || strings.Contains(name, ours[:8]) || strings.Contains(name, "P-") {
			t.Errorf("%s tells a name", name)
		}
	}
}
