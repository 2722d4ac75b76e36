package bordereau

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"poligon/internal/dice"
	"poligon/internal/partner"
	"poligon/internal/picture"
	"poligon/internal/scenario"
)

// pictured are sections with what becomes of good records; testdata/picture.golden has the pictures.
var pictured = []struct{ name, text string }{
	{"nothing", "  {}\n"},
	{"flights", "  flights:\n    S7-155: [20:00 +03:00, 2026-04-09 21:00 +03:00, 2026-04-10 cancelled, 2026-04-11 cancelled]\n    SU-1: cancelled\n    SU-*: unknown\n"},
	{"every flight is unknown", "  flights: {\"*\": unknown}\n"},
	{"records", "  records:\n    - {when: {position: 2}, error: WRONG_POLICY_NUMBER}\n    - {when: {position: [4, 6..8, 20]}, errors: [WRONG_POLICY_NUMBER, WRONG_POLICY_CURRENCY]}\n" +
		"    - {when: {every: 11}, error: WRONG_FLIGHT_STATUS}\n    - {when: {position: 1..10, every: 2}, error: WRONG_RISK_FORMAT}\n"},
	{"every record", "  records: [{error: WRONG_FLIGHT_STATUS}]\n"},
	{"shares", "  records:\n    - {when: {share: 30%}, error: WRONG_POLICY_NUMBER}\n    - {when: {every: 2, share: 0.25%}, error: WRONG_FLIGHT_STATUS}\n"},
	{"values", "  records:\n    - {when: {where: {lastName: [Отказов, \"П*\"], override: true}, every: 21}, error: WRONG_POLICY_NUMBER}\n"},
	{"requests", "  requests:\n    - {when: {more_than: 100, partner: [\"312\", \"4*\"]}, error: WRONG_REQUEST_SIZE}\n    - {when: {where: {lastName: Отказов}}, error: INTERNAL_ERROR}\n    - {when: {share: 0.01%}, error: INTERNAL_ERROR}\n"},
	{"a request of 21 is too long", "  requests:\n    - {when: {more_than: 20}, error: WRONG_REQUEST_SIZE}\n"},
	{"what is the same risk", "  same_risk: [policyNumber, birthdate]\n  records: [{when: {position: 1}, error: WRONG_POLICY_NUMBER}]\n"},
}

func TestPictures(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	var all strings.Builder
	for _, c := range pictured {
		p, err := (&API{book: book}).Picture(readOne(t, book, head+c.text), partner.View{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Strip.Cells) != exampleSize {
			t.Errorf("%s: %d records", c.name, len(p.Strip.Cells))
		}
		fmt.Fprintf(&all, "=== %s\n%s", c.name, p.Text())
	}
	sameAsGolden(t, "testdata/picture.golden", all.String())
}

// TestExamplesAreGood: what is wrong with a record of a picture is what the scenario does.
func TestExamplesAreGood(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	_, risks := exampleRequest()
	if len(risks) != exampleSize {
		t.Fatalf("%d records", len(risks))
	}
	seen := map[string]bool{}
	for i := range risks {
		if flaws := book.flaws(&risks[i]); len(flaws) > 0 {
			t.Errorf("record %d: %v", i+1, flaws)
		}
		seen[risks[i].at(policyNumber).text()] = true
	}
	if len(seen) != exampleSize {
		t.Errorf("%d policies", len(seen))
	}
}

// TestPictureIsWhatIsJudged: a cell says what an import of the same records is answered.
func TestPictureIsWhatIsJudged(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	for _, c := range pictured {
		text := head + c.text
		p, err := (&API{book: book}).Picture(readOne(t, book, text), partner.View{Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		s := readOne(t, book, text)
		j := judge{book: book, run: &partner.Run{Dice: dice.New(3)}}
		body, risks := exampleRequest()
		_, refused := j.refusedBy(s, request{body: body, risks: risks})
		for i, cell := range p.Strip.Cells {
			bad := refused || len(j.judged(s, i+1, &risks[i], &scenario.Scenario{}).flaws) > 0
			if bad != (cell.Kind == picture.Bad) || bad != (cell.Detail != "") {
				t.Errorf("%s: record %d is %+v", c.name, i+1, cell)
			}
		}
	}
}

func TestPictureHasOneStory(t *testing.T) {
	t.Parallel()
	book, _ := newTestBook(t)
	if _, err := (&API{book: book}).Picture(readOne(t, book, head+"  {}\n"), partner.View{Story: "x"}); !errors.Is(err, partner.ErrUnknownStory) {
		t.Error(err)
	}
}

func TestOrdinals(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 111: "111th", 122: "122nd"} {
		if got := ordinal(n); got != want {
			t.Errorf("%d is %s", n, got)
		}
	}
}
