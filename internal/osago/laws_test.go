package osago

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/partner"
)

// at is the calculation as it stands at an offset.
func (c *calculation) at(offset time.Duration) *calculation {
	then := *c
	then.offset, then.life = offset, nil
	then.settle()
	return &then
}

// TestChangesAreAllChanges: between two changes nothing changes, each change says what was and what is, and the first of them is
// what comes next.
func TestChangesAreAllChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := randomCalculation(t)
		randomActs(t, c, true)
		c.offset += time.Duration(rapid.Int64Range(0, 20).Draw(t, "later"))
		now, until := c.offset, c.offset+time.Duration(rapid.Int64Range(0, 60).Draw(t, "until"))
		var coming []turn
		for _, turn := range c.follow(until).turns {
			if turn.at > now {
				coming = append(coming, turn)
			}
		}
		next, ok := c.next()
		if len(coming) > 0 && (!ok || next != coming[0].at) || len(coming) == 0 && ok && next <= until {
			t.Fatalf("next is %d %t, changes %v", next, ok, coming)
		}
		standing := func(offset time.Duration) []string {
			then := c.at(offset)
			list := []string{}
			for _, s := range then.statuses() {
				list = append(list, string(s))
			}
			return append(list, string(then.whole))
		}
		before := standing(now)
		for at := now + 1; at <= until; at++ {
			want, last := append([]string(nil), before...), -1
			for ; len(coming) > 0 && coming[0].at == at; coming = coming[1:] {
				change, place := coming[0], coming[0].offer
				if place == whole {
					place = len(c.story.offers)
				}
				if want[place] != change.from || change.from == change.to || place <= last || change.cause.act != nil {
					t.Fatalf("at %d: %+v after %v", at, change, want)
				}
				want[place], last = change.to, place
			}
			if before = standing(at); !reflect.DeepEqual(before, want) {
				t.Fatalf("at %d: %v, want %v", at, before, want)
			}
		}
		if len(coming) > 0 {
			t.Fatalf("changes that never were: %v", coming)
		}
	})
}

// TestNobodySeesBetween: steps at one instant are one change, or none when all is as before.
func TestNobodySeesBetween(t *testing.T) {
	t.Parallel()
	c := calculationOf(t, "[CREATED, {at: 5s, status: APPROVED}, {after: 0s, status: CREATED}]", "[CREATED, {at: 5s, status: APPROVED}, {after: 0s, status: PAYMENT_READY}]")
	list := c.follow(forever).turns
	if len(list) != 2 || list[0].offer != 1 || list[0].from != "CREATED" || list[0].to != "PAYMENT_READY" || list[0].cause.item != 2 || list[1].to != "PARTNER_CALCULATION_IN_PROGRESS" {
		t.Errorf("%+v", list)
	}
}

// TestWithoutActsFollowIsTheTimelines: a course without acts says what the steps say.
func TestWithoutActsFollowIsTheTimelines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := randomCalculation(t)
		c.settle()
		life := c.follow(c.offset)
		if !reflect.DeepEqual(life.offers, c.offers) || life.whole != c.whole || life.stated != c.stated {
			t.Fatalf("%v %s %d, want %v %s %d", life.offers, life.whole, life.stated, c.offers, c.whole, c.stated)
		}
		for i := range c.offers {
			if life.priced[i] != c.priced(i) {
				t.Fatalf("offer %d has a price: %t, want %t", i, life.priced[i], c.priced(i))
			}
			if got := c.since(i); got != life.since[i] {
				t.Fatalf("offer %d came to its price and its payment at %v, want %v", i, got, life.since[i])
			}
		}
		next, ok := c.next()
		var want time.Duration
		all := c.follow(forever).turns
		for len(all) > 0 && all[0].at <= c.offset {
			all = all[1:]
		}
		if len(all) > 0 {
			want = all[0].at
		}
		if ok != (len(all) > 0) || next != want {
			t.Fatalf("next %d %t, want %d", next, ok, want)
		}
	})
}

// TestFiringKeepsTheLifecycle: after the first act on an offer every status follows from the one before, but for a step that waits for
// the very event of that first act: until then the story is its own.
func TestFiringKeepsTheLifecycle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := randomCalculation(t)
		c.story = randomStory(t, 1)
		randomActs(t, c, false)
		acted := make([]bool, len(c.story.offers))
		for _, turn := range c.follow(forever).turns {
			if turn.offer == whole {
				continue
			}
			if turn.cause.act != nil && turn.cause.item != none && !acted[turn.offer] {
				continue
			}
			acted[turn.offer] = acted[turn.offer] || turn.cause.act != nil
			if acted[turn.offer] && !follows(OfferStatus(turn.from), OfferStatus(turn.to)) {
				t.Fatalf("%+v", turn)
			}
		}
		if c.whole != derive(count(c.statuses())) && c.stated == byAct {
			t.Fatalf("%s of %v", c.whole, c.statuses())
		}
	})
}

// TestLaterActsLeaveThePastAlone: what was at an instant does not depend on what was done after it, and asked twice it is the same.
func TestLaterActsLeaveThePastAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := randomCalculation(t)
		randomActs(t, c, true)
		offset := time.Duration(rapid.Int64Range(0, 60).Draw(t, "past"))
		earlier := *c
		earlier.acts = nil
		for _, a := range c.acts {
			if a.at <= offset {
				earlier.acts = append(earlier.acts, a)
			}
		}
		a, b := c.at(offset), earlier.at(offset)
		if stands(a) != stands(b) || !reflect.DeepEqual(c.at(offset).explain(), a.explain()) {
			t.Fatalf("%s, without later acts %s", stands(a), stands(b))
		}
		if got, want := a.explain().Happened, b.explain().Happened; !reflect.DeepEqual(got, want) {
			t.Fatalf("happened %v, without later acts %v", got, want)
		}
	})
}

// TestExplainAgrees: an explanation says what a poll says, its history leads there, and what it says is allowed is.
func TestExplainAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := randomCalculation(t)
		randomActs(t, c, true)
		c = c.at(c.offset + time.Duration(rapid.Int64Range(0, 20).Draw(t, "later")))
		e := c.explain()
		next, any := c.next()
		states, statuses := append(e.Parts, e.Whole), append(c.statuses(), OfferStatus(c.whole))
		first := time.Time{}
		for i, s := range states {
			if s.Status != string(statuses[i]) || s.Since.After(c.started.Add(c.offset)) || s.Cause == "" {
				t.Fatalf("%+v, want %s", s, statuses[i])
			}
			if then := c.at(s.Since.Sub(c.started)); i < len(e.Parts) && string(then.statuses()[i]) != s.Status || i == len(e.Parts) && string(then.whole) != s.Status {
				t.Fatalf("%+v: it was %s then", s, stands(then))
			}
			for k := len(e.Happened) - 1; k >= 0; k-- {
				if h := e.Happened[k]; h.Part == s.Part {
					if h.To != s.Status || !h.At.Equal(s.Since) {
						t.Fatalf("%+v, but the last change is %+v", s, h)
					}
					break
				}
			}
			if s.Next != nil && (first.IsZero() || s.Next.At.Before(first)) {
				first = s.Next.At
			}
			if s.Next != nil && s.Next.From != s.Status {
				t.Fatalf("%+v goes on from %s", s, s.Next.From)
			}
			for _, name := range eventNames() {
				_, err := c.choose(partner.Act{Fire: name, Part: s.Part})
				if waits := has(s.Waits, name); s.Part != "" && waits != (err == nil) || !waits && err == nil {
					t.Fatalf("%+v: %s gives %v", s, name, err)
				}
			}
		}
		if any != !first.IsZero() || any && !first.Equal(c.started.Add(next)) {
			t.Fatalf("next %d %t, the states say %s", next, any, first)
		}
	})
}

func has(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}
