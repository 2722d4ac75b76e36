package osago

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/dice"
	"poligon/internal/scenario"
	"poligon/internal/sim"
)

// draws is how the attempts of an offer are drawn under a seed.
func draws(seed uint64) func(attempt, string) dice.Die {
	return func(n attempt, what string) dice.Die {
		return dice.New(seed).Of("x", strconv.Itoa(n.number), strconv.FormatBool(n.again), what)
	}
}

func TestNextAttempt(t *testing.T) {
	t.Parallel()
	const paid = time.Hour
	usual := sending{attempts: 3, backoff: 30 * time.Second}
	with := func(change func(*sending)) sending {
		s := usual
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		sending sending
		made    string // outcomes, a minute apart, the first a minute after the payment; "again" is a duplicate that was accepted
		want    string
	}{
		"at once":                      {usual, "", "1 at 1h"},
		"later":                        {with(func(s *sending) { s.after = 2 * time.Hour }), "", "1 at 3h"},
		"never":                        {with(func(s *sending) { s.after = never }), "", ""},
		"late":                         {with(func(s *sending) { s.delay = scenario.Range{Low: time.Second, High: time.Second} }), "", "1 at 1h0m1s"},
		"lost":                         {with(func(s *sending) { s.loss = 10_000 }), "", "1 at 1h lost"},
		"accepted":                     {usual, "accepted", ""},
		"refused":                      {usual, "refused", ""},
		"failed":                       {usual, "failed", "2 at 1h1m30s"},
		"lost once":                    {usual, "lost", "2 at 1h1m30s"},
		"failed twice":                 {usual, "failed failed", "3 at 1h3m"},
		"failed thrice":                {usual, "failed failed failed", ""},
		"failed, late":                 {with(func(s *sending) { s.delay = scenario.Range{Low: time.Minute, High: time.Minute} }), "failed", "2 at 1h2m30s"},
		"accepted at last":             {usual, "failed lost accepted", ""},
		"twice":                        {with(func(s *sending) { s.duplicates = 10_000 }), "failed accepted", "2 again at 1h2m"},
		"not thrice":                   {with(func(s *sending) { s.duplicates = 10_000 }), "accepted again", ""},
		"a duplicate is not lost":      {with(func(s *sending) { s.duplicates, s.loss = 10_000, 10_000 }), "accepted", "1 again at 1h1m"},
		"at once again":                {with(func(s *sending) { s.backoff = 0 }), "failed failed", "3 at 1h2m"},
		"not before the other payment": {with(func(s *sending) { s.after = 2 * time.Hour }), "failed", "2 at 3h"},
		"far":                          {sending{attempts: 20, backoff: scenario.Longest}, strings.TrimSpace(strings.Repeat("failed ", 19)), fmt.Sprint("20 at ", forever)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var made []attempt
			for i, outcome := range strings.Fields(c.made) {
				n := attempt{at: paid + time.Duration(i+1)*time.Minute, number: i + 1, outcome: outcome}
				if outcome == "again" {
					n.number, n.again, n.outcome = i, true, taken
				}
				made = append(made, n)
			}
			n, ok := c.sending.next(paid, made, draws(1))
			got := ""
			if ok {
				got = strconv.Itoa(n.number)
				if n.again {
					got += " again"
				}
				at := n.at.String()
				if n.at != forever {
					at = scenario.Words(n.at)
				}
				got = strings.TrimSpace(got + " at " + at + " " + n.outcome)
			}
			if got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		})
	}
}

// TestAttemptsOfAnySending plays attempts to the end: none comes before it may, each waits twice as long as the one before, there are no more
// than were said, behind an accepted one comes at most a duplicate, and the same seed gives the same.
func TestAttemptsOfAnySending(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "d"))
		})
		s := sending{after: d.Draw(t, "after"), attempts: rapid.IntRange(1, mostAttempts).Draw(t, "attempts"), backoff: d.Draw(t, "backoff"),
			duplicates: rapid.IntRange(0, 10_000).Draw(t, "duplicates"), loss: rapid.IntRange(0, 10_000).Draw(t, "loss")}
		s.delay.Low = d.Draw(t, "low")
		s.delay.High = s.delay.Low + d.Draw(t, "more")
		paid, seed := d.Draw(t, "paid"), rapid.Uint64().Draw(t, "seed")
		var made []attempt
		for {
			n, ok := s.next(paid, made, draws(seed))
			if same, also := s.next(paid, made, draws(seed)); same != n || also != ok {
				t.Fatalf("%+v, then %+v", n, same)
			}
			if !ok {
				break
			}
			from := later(paid, s.after)
			if len(made) > 0 {
				last := made[len(made)-1]
				from = last.at
				if !n.again {
					from += s.backoff << (last.number - 1)
				}
				if last.outcome == declined || last.again || (last.outcome == taken) != n.again || n.again && n.number != last.number || !n.again && n.number != last.number+1 {
					t.Fatalf("%+v follows %+v", n, last)
				}
			} else if n.number != 1 || n.again {
				t.Fatalf("%+v is the first", n)
			}
			if n.at < from+s.delay.Low || n.at > from+s.delay.High || n.number > s.attempts {
				t.Fatalf("%+v is not due from %s on: %+v", n, from, s)
			}
			if n.outcome == "" {
				n.outcome = rapid.SampledFrom([]string{taken, missed, missed, missed, declined}).Draw(t, "outcome")
			}
			n.at += d.Draw(t, "late")
			made = append(made, n)
		}
		if last := made[len(made)-1]; (last.outcome == missed || last.outcome == lost) && !last.again && last.number < s.attempts {
			t.Fatalf("it gives up after %+v of %d", last, s.attempts)
		}
	})
}

// TestSeedsOfSending: a share of the attempts is that share of many, and another seed draws others.
func TestSeedsOfSending(t *testing.T) {
	t.Parallel()
	s := sending{attempts: 5, duplicates: 1000, loss: 500, delay: scenario.Range{High: time.Hour}}
	accepted := []attempt{{number: 1, outcome: taken}}
	const seeds = 4000
	gone, twice, delays := 0, 0, map[time.Duration]bool{}
	for seed := range uint64(seeds) {
		n, _ := s.next(0, nil, draws(seed))
		if delays[n.at] = true; n.outcome == lost {
			gone++
		}
		if _, again := s.next(0, accepted, draws(seed)); again {
			twice++
		}
	}
	if gone < seeds*4/100 || gone > seeds*6/100 || twice < seeds*8/100 || twice > seeds*12/100 || len(delays) < seeds*99/100 {
		t.Errorf("%d lost, %d twice, %d delays of %d", gone, twice, len(delays), seeds)
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{200: taken, 204: taken, 299: taken, 0: missed, 500: missed, 503: missed, 599: missed, 408: missed, 429: missed,
		100: declined, 301: declined, 304: declined, 400: declined, 401: declined, 404: declined, 600: declined} {
		got, reason := outcomeOf(status)
		if got != want || (reason == "") != (want == taken) {
			t.Errorf("%d: %s, %s", status, got, reason)
		}
	}
}

// TestOwes: a calculation owes the report of what is paid, or will be by itself.
func TestOwes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		offers []string
		at     time.Duration
		acts   []act
		made   []attempt
		want   string
	}{
		"will be paid":          {offers: []string{"[PAYMENT_READY, {at: 1h, status: PAYMENT_COMPLETED}]"}, want: "0: 1 at 1h"},
		"is paid":               {offers: []string{"[PAYMENT_READY, {at: 1h, status: PAYMENT_COMPLETED}]"}, at: 2 * time.Hour, want: "0: 1 at 1h"},
		"is closed":             {offers: []string{"[PAYMENT_READY, {at: 1h, status: PAYMENT_COMPLETED}, {after: 1h, status: CLOSED_PAID}]"}, at: 3 * time.Hour, want: "0: 1 at 1h"},
		"paid from the start":   {offers: []string{"[PAYMENT_COMPLETED]"}, want: "0: 1 at 0s"},
		"never paid":            {offers: []string{"[PAYMENT_READY, {at: 1h, status: CLOSED_TIMEOUT}]"}},
		"waits for an act":      {offers: []string{"[PAYMENT_READY]"}},
		"paid by an act":        {offers: []string{"[PAYMENT_READY]", "[PRE_CALC_READY]"}, at: time.Hour, acts: []act{{at: time.Minute, offer: 0, word: "paid"}}, want: "0: 1 at 1m"},
		"paid, and then wrong":  {offers: []string{"[PAYMENT_COMPLETED]"}, at: time.Hour, acts: []act{{at: time.Minute, offer: 0, word: "failed"}}},
		"paid, and wrong since": {offers: []string{"[PAYMENT_READY, {at: 1h, status: PAYMENT_COMPLETED}]"}, at: 3 * time.Hour, acts: []act{{at: 2 * time.Hour, offer: 0, word: "failed"}}},
		"told":                  {offers: []string{"[PAYMENT_COMPLETED]"}, at: time.Hour, made: []attempt{{number: 1, outcome: taken}}},
		"the first of two":      {offers: []string{"[PAYMENT_READY, {at: 1h, status: PAYMENT_COMPLETED}]", "[PAYMENT_READY, {at: 30m, status: PAYMENT_COMPLETED}]"}, want: "1: 1 at 30m"},
		"the second of two": {offers: []string{"[PAYMENT_READY, {at: 1h, status: PAYMENT_COMPLETED}]", "[PAYMENT_READY, {at: 30m, status: PAYMENT_COMPLETED}]"},
			made: []attempt{{offer: 1, number: 1, outcome: taken}}, want: "0: 1 at 1h"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := calculationOf(t, c.offers...)
			one.dice, one.started, one.offset, one.acts, one.attempts = dice.New(1), start0, c.at, c.acts, c.made
			one.settle()
			got := ""
			if n, ok := one.owes(); ok {
				got = fmt.Sprintf("%d: %d at %s", n.offer, n.number, scenario.Words(n.at))
			}
			if got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		})
	}
}

// TestAttemptsAreDrawnApart: those of one sale, of two offers, and of two calculations.
func TestAttemptsAreDrawnApart(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for seed := range uint64(200) {
		var drawn []string
		for _, id := range []string{one, other} {
			for offer := range 2 {
				for number := range 2 {
					c := calculationOf(t, "[PAYMENT_COMPLETED]", "[PAYMENT_COMPLETED]")
					c.dice, c.text, c.story.sending.loss = dice.New(seed), id, 5000
					c.attempts = []attempt{{offer: 1 - offer, number: 1, outcome: taken}}
					if number == 1 {
						c.attempts = append(c.attempts, attempt{offer: offer, number: 1, outcome: missed})
					}
					c.settle()
					n, ok := c.owes()
					if !ok || n.offer != offer || n.number != number+1 {
						t.Fatalf("%+v", n)
					}
					drawn = append(drawn, n.outcome)
				}
			}
		}
		for i := range drawn {
			for j := range i {
				if drawn[i] == drawn[j] {
					seen[fmt.Sprint(i, j)]++
				}
			}
		}
	}
	for pair, same := range seen {
		if same < 60 || same > 140 {
			t.Errorf("attempts %s are drawn alike %d times of 200", pair, same)
		}
	}
}

// TestAttemptsOfALog: acts, sales and attempts stand in one log; those before the last start are of a calculation that is no more.
func TestAttemptsOfALog(t *testing.T) {
	t.Parallel()
	events := []sim.Event{
		{At: start0.Add(time.Minute), By: 3, Name: sentSale, Data: attempt{offer: 0, number: 1, outcome: missed, status: 500}.encode()},
		{At: start0.Add(2 * time.Minute), By: 4, Name: confirmedSale, Data: sale{amount: "1"}.encode()},
		{At: start0.Add(3 * time.Minute), By: 5, Name: sentSale, Data: attempt{offer: 7, number: 1, outcome: taken}.encode()},
		{At: start0.Add(4 * time.Minute), By: 6, Name: sentSale, Data: attempt{offer: 0, number: 2, again: true, outcome: taken, status: 204}.encode()},
	}
	list, err := readAttempts(events, start0, 2)
	if err != nil || len(list) != 2 || list[0] != (attempt{time.Minute, 3, 0, 1, false, missed, 500}) || list[1] != (attempt{4 * time.Minute, 6, 0, 2, true, taken, 204}) {
		t.Errorf("%+v, %v", list, err)
	}
	if acts, err := readActs(events, start0, 2); err != nil || len(acts) != 0 {
		t.Errorf("%+v, %v", acts, err)
	}
	if _, err := readAttempts([]sim.Event{{Name: sentSale, Data: []byte{0}}}, start0, 2); !errors.Is(err, sim.ErrCorrupt) {
		t.Errorf("%v", err)
	}
}

func TestFollows(t *testing.T) {
	t.Parallel()
	c := &calculation{attempts: []attempt{{offer: 1, number: 1, outcome: missed}, {offer: 1, number: 2, outcome: taken}, {offer: 2, number: 1, outcome: taken}, {offer: 2, number: 1, again: true, outcome: taken}}}
	for _, n := range []struct {
		attempt
		want bool
	}{
		{attempt{offer: 0, number: 1}, true}, {attempt{offer: 0, number: 2}, false}, {attempt{offer: 0, number: 1, again: true}, false},
		{attempt{offer: 1, number: 3}, true}, {attempt{offer: 1, number: 2}, false}, {attempt{offer: 1, number: 2, again: true}, true}, {attempt{offer: 1, number: 1, again: true}, false},
		{attempt{offer: 2, number: 1, again: true}, false}, {attempt{offer: whole, number: 1}, false},
	} {
		if got := c.follows(n.attempt); got != n.want {
			t.Errorf("%+v: %t", n.attempt, got)
		}
	}
}

func FuzzAttempts(f *testing.F) {
	f.Add(attempt{offer: 99, number: mostAttempts, again: true, outcome: lost, status: 599}.encode())
	f.Add([]byte{0, 1, 0, 0, 0})
	f.Add([]byte{0, 1, 2, 4, 0})
	f.Add([]byte{0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := decodeAttempt(data)
		if err != nil {
			if !errors.Is(err, sim.ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		if again, err := decodeAttempt(a.encode()); err != nil || again != a || a.offer >= maxOffers || a.number < 1 || a.number > mostAttempts {
			t.Fatalf("%+v became %+v, %v", a, again, err)
		}
	})
}
