package product_test

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// paper is the body of both documents' methods.
type paper struct {
	RequestID string `json:"request_id"`
	OfferID   string `json:"offer_id"`
	Status    string
	URL       string
	Starts    string `json:"policy_start_date"`
	File      *struct{ Type, Data string }
}

// pdf is the file of a document.
func (p paper) pdf(t *testing.T) []byte {
	t.Helper()
	if p.File == nil {
		t.Fatal("there is no file")
	}
	data, ok := strings.CutPrefix(p.File.Data, "data:application/pdf;base64,")
	b, err := base64.StdEncoding.DecodeString(data)
	if err != nil || !ok || p.File.Type != "base64" || !bytes.HasPrefix(b, []byte("%PDF-")) || !bytes.HasSuffix(b, []byte("%%EOF\n")) {
		t.Fatalf("%v: %s %.60s", err, p.File.Type, p.File.Data)
	}
	return b
}

// documentOf is the path of an offer's document, "draft" or "policy".
func documentOf(kind, offer, more string) string {
	return "/osago/offer/" + kind + "?request_id=" + ours + "&offer_id=" + offer + more
}

func (s *play) paper(t *testing.T, kind, offer, more string) (p paper) {
	t.Helper()
	s.get(t, documentOf(kind, offer, more)).want(t, 200).decode(t, &p)
	if p.RequestID != ours || p.OfferID != offer {
		t.Errorf("the %s is of %s %s", kind, p.RequestID, p.OfferID)
	}
	return p
}

// words is what pdftotext reads in a PDF of one page.
func words(t *testing.T, pdf []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext (poppler-utils) is not installed: nobody reads the documents' text")
	}
	cmd := exec.CommandContext(t.Context(), tool, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil || strings.Count(string(out), "\f") != 1 {
		t.Fatalf("%v, %d pages", err, strings.Count(string(out), "\f"))
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func reads(t *testing.T, pdf []byte, wanted ...string) {
	t.Helper()
	text := words(t, pdf)
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in the document: %s", w, text)
		}
	}
}

// firstOffer is the id of the first offer.
func (s *play) firstOffer(t *testing.T) string {
	t.Helper()
	return s.calculation(t, ours).Offers[0]["offer_id"].(string)
}

// TestDocuments waits for the draft of an offer, pays it, and waits for the policy.
func TestDocuments(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "customer-decides")
	s.post(t, change("insurer.last_name", "Щукина-Ёлкина")).want(t, 200)
	offer := s.firstOffer(t)
	s.get(t, documentOf("draft", offer, "")).want(t, 404).says(t, refusal(ours, "Проект полиса не составляется: предложение не рассчитано."))
	for _, at := range []time.Duration{4 * time.Second, 9*time.Second - 1} {
		s.moveTo(t, at)
		for _, format := range []string{"", "&format=base64", "&format=binary"} {
			if p := s.paper(t, "draft", offer, format); p.Status != "inProcess" || p.File != nil || p.URL != "" {
				t.Errorf("at %s: %+v", at, p)
			}
		}
	}
	s.moveTo(t, 9*time.Second)
	draft := s.paper(t, "draft", offer, "")
	if want := s.url + "/s/" + s.name + "/osago/offer/draft?" + (url.Values{"format": {"binary"}, "offer_id": {offer}, "request_id": {ours}}).Encode(); draft.Status != "success" || draft.URL != want {
		t.Errorf("%s %s, want %s", draft.Status, draft.URL, want)
	}
	if p := s.paper(t, "policy", offer, ""); p.Status != "PAYMENT_READY" || p.File != nil || p.URL != "" || p.Starts != "" {
		t.Errorf("before it is paid: %+v", p)
	}
	s.act(t, `"fire": "paid"`).want(t, 200)
	s.moveTo(t, 19*time.Second-1)
	if p := s.paper(t, "policy", offer, "&format=binary"); p.Status != "PAYMENT_COMPLETED" || p.File != nil {
		t.Errorf("a nanosecond too early: %+v", p)
	}
	s.moveTo(t, 19*time.Second)
	policy := s.paper(t, "policy", offer, "")
	if policy.Status != "PAYMENT_COMPLETED" || policy.Starts != "2023-12-01T00:00:00Z" || !strings.Contains(policy.URL, "/osago/offer/policy?format=binary&") {
		t.Errorf("%s of %s, %s", policy.Status, policy.Starts, policy.URL)
	}
	if p := s.paper(t, "policy", offer, "&format=base64"); p.URL != "" || !bytes.Equal(p.pdf(t), policy.pdf(t)) {
		t.Errorf("in base64 there is the link %q", p.URL)
	}
	for kind, json := range map[string]paper{"draft": draft, "policy": policy} {
		a := s.get(t, strings.TrimPrefix(json.URL, s.url+"/s/"+s.name)).want(t, 200)
		if !bytes.Equal(a.body, json.pdf(t)) || a.header.Get("Content-Type") != "application/pdf" {
			t.Errorf("%s: the link leads to %d bytes of %s, the file has %d", kind, len(a.body), a.header.Get("Content-Type"), len(json.pdf(t)))
		}
	}
	shown := s.calculation(t, ours).Offers[0]
	_, bundle := s.recording(t)
	replay(t, bundle)
	reads(t, draft.pdf(t), "ПРОЕКТ СТРАХОВОГО ПОЛИСА", "ЧЕРНОВИК", "Щукина-Ёлкина", "АльфаСтрахование")
	reads(t, policy.pdf(t), "СТРАХОВОЙ ПОЛИС ОСАГО", "Щукина-Ёлкина Иван", "А123БВ777", "XTA210990Y2765439", "Toyota", "Camry", "00:00 01.12.2023", "24:00 30.11.2024",
		"серия "+shown["policy_series"].(string)+" № "+shown["policy_number"].(string), "ОБРАЗЕЦ — не является страховым полисом", "77AA 123456")
}

// TestDocumentsOfALook: who never asked with an application has made-up papers, the same for the same seed.
func TestDocumentsOfALook(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	var seen [][]byte
	for _, seed := range []string{"7", "7", "8"} {
		s := p.play(t, `{"scenario": "customer-decides", "seed": `+seed+`, "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}}`)
		s.get(t, documentOf("draft", "1", "")).want(t, 404) // a look at a document starts the calculation too
		s.holds(t, 1)
		s.moveTo(t, 20*time.Second)
		pdf := s.paper(t, "draft", s.firstOffer(t), "").pdf(t)
		reads(t, pdf, "00:00 16.01.2026", "24:00 15.01.2027")
		text := words(t, pdf)
		if names := regexp.MustCompile(`[А-ЯЁ][а-яё]+ [А-ЯЁ][а-яё]+ [А-ЯЁ][а-яё]+(ович|овна) \d`).FindAllString(text, -1); len(names) != 3 || names[0] != names[1] ||
			!regexp.MustCompile(` [АВЕКМНОРСТУХ]\d{3}[АВЕКМНОРСТУХ]{2}\d{2} .* [A-HJ-NPR-Z0-9]{17} B 20\d\d `).MatchString(text) {
			t.Errorf("%q: %s", names, text)
		}
		seen = append(seen, pdf)
	}
	if !bytes.Equal(seen[0], seen[1]) || bytes.Equal(seen[0], seen[2]) {
		t.Error("the seed does not decide what the draft says")
	}
}

// TestDocumentsRefused: what there is no document of, and how it is said.
func TestDocumentsRefused(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	for _, c := range []struct {
		scenario, kind string
		at             time.Duration
		status         int
		message        string
	}{
		{"all-rejected", "draft", time.Minute, 404, "Проект полиса не составляется: страховая компания отказала в оформлении полиса."},
		{"all-rejected", "policy", time.Minute, 404, "Полис не оформляется: страховая компания отказала в оформлении полиса."},
		{"closed-by-timeout", "draft", time.Hour, 200, ""},
		{"closed-by-timeout", "policy", time.Hour, 404, "Полис не оформляется: предложение закрыто по таймауту."},
		{"insurer-happy-path", "policy", 0, 200, ""},
	} {
		s := p.frozen(t, c.scenario)
		offer := s.firstOffer(t)
		s.moveTo(t, c.at)
		a := s.get(t, documentOf(c.kind, offer, "")).want(t, c.status)
		if c.status != 200 {
			a.says(t, refusal(ours, c.message))
		}
		s.get(t, documentOf(c.kind, offer+"0", "")).want(t, 404).says(t, refusal(ours, "Предложение не найдено."))
		s.get(t, documentOf(c.kind, offer, "&format=pdf")).want(t, 400).says(t, refusal(ours, badWhole, "format", badValue))
		s.get(t, "/osago/offer/"+c.kind+"?request_id="+ours).want(t, 400).says(t, refusal(ours, badWhole, "offer_id", required))
		s.get(t, "/osago/offer/"+c.kind+"?request_id=1&offer_id="+offer).want(t, 400).says(t, refusal(nobody, badWhole, "request_id", badValue))
	}
	s := p.frozen(t, "customer-decides")
	offer := s.firstOffer(t)
	s.moveTo(t, time.Minute)
	s.get(t, documentOf("draft", offer, "")).want(t, 200)
	s.act(t, `"fire": "failed"`).want(t, 200)
	s.get(t, documentOf("draft", offer, "")).want(t, 404).says(t, refusal(ours, "Проект полиса не составляется: ошибка обработки предложения."))
	s.get(t, documentOf("policy", offer, "")).want(t, 404).says(t, refusal(ours, "Полис не оформляется: ошибка обработки предложения."))
	s = start(t, setup{notFound: true}).frozen(t, "")
	s.get(t, documentOf("draft", "1", "")).want(t, 404).says(t, refusal(ours, "Расчет не найден."))
	s.holds(t, 0)
}

// TestDocumentsAreNoPolls: a story that waits for polls does not go on for a look at a document.
func TestDocumentsAreNoPolls(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	p.putScenario(t, "papers", "title: x\nstory: y\nosago:\n  offers:\n    a:\n      insurer: А\n      documents: {draft_after: never, policy_after: 0}\n"+
		"      steps: [PAYMENT_READY, {poll: 2, status: PAYMENT_COMPLETED}]\n").want(t, 200)
	s := p.frozen(t, "papers")
	offer := s.firstOffer(t)
	for range 5 {
		if got := s.paper(t, "policy", offer, "").Status; got != "PAYMENT_READY" {
			t.Fatalf("looks at the policy have brought %s", got)
		}
	}
	s.moveTo(t, 100*24*time.Hour)
	if got := s.paper(t, "draft", offer, "").Status; got != "inProcess" {
		t.Errorf("a draft that is never ready is %s", got)
	}
	s.firstOffer(t) // the second poll
	s.paper(t, "policy", offer, "").pdf(t)
}

// TestDocumentsAreMasked: the journal hides documents, which name people.
func TestDocumentsAreMasked(t *testing.T) {
	t.Parallel()
	s := start(t, setup{}).frozen(t, "customer-decides")
	s.moveTo(t, 0)
	offer := s.firstOffer(t)
	s.moveTo(t, time.Minute)
	for _, format := range []string{"", "&format=binary"} {
		s.get(t, documentOf("draft", offer, format)).want(t, 200)
	}
	if text := string(s.admin(t, "GET", "/journal", "").want(t, 200).body); strings.Contains(text, "JVBERi0") || strings.Contains(text, "%PDF") || !strings.Contains(text, `"withheld":true`) {
		t.Errorf("the journal shows a document: %.3000s", text)
	}
}
