package osago

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"poligon/internal/dice"
	"poligon/internal/scenario"
	"poligon/internal/sim"
)

// The simulated partner tells the marketplace of its sales, by GET /confirm (contract facts A11). When it does, how often it tries, and
// what it takes for a yes is inferred.

// sendSale is the operation of a report in the journal.
const sendSale = "sendSale"

// sentSale is the event of a report that was made. It changes no status.
const sentSale = "sent_sale"

// sending is how the partner of a story tells of a sale.
type sending struct {
	after      time.Duration // the payment; never for never
	attempts   int
	backoff    time.Duration  // behind the first attempt; doubled behind each further one
	delay      scenario.Range // by which each attempt is late
	duplicates int            // of the accepted attempts, in ten thousandths
	loss       int            // of the attempts, likewise
	to         string         // a URL; empty where the story does not choose
}

const mostAttempts = 20

// readSending reads the key of a story that says how the partner tells of its sales.
func readSending(m *scenario.Map) sending {
	s := sending{attempts: 5, backoff: 30 * time.Second}
	n, ok := m.Take("confirm", "how the partner tells of a paid offer by itself, on a server with --confirm-url: docs/sales.md")
	if !ok {
		return s
	}
	inner := n.Map()
	if v, ok := inner.Take("after", "how long after the offer is paid it is told first, or never; at once otherwise"); ok {
		s.after = readDelay(v)
	}
	if v, ok := inner.Take("attempts", "how often at most it is told until it is accepted; 5 otherwise"); ok {
		s.attempts = int(v.Whole(1, mostAttempts))
	}
	if v, ok := inner.Take("backoff", "how long the second attempt waits behind the first; each further one waits twice as long; 30s otherwise"); ok {
		s.backoff, _ = v.Duration()
	}
	if v, ok := inner.Take("delay", "by how much each attempt is late: a duration, or a range that is drawn"); ok {
		s.delay, _ = v.Range()
	}
	if v, ok := inner.Take("duplicates", "so many of the accepted attempts are made once more, drawn by the seed"); ok {
		s.duplicates = v.Share()
	}
	if v, ok := inner.Take("loss", "so many of the attempts get lost on the way: they are not sent, and the partner sees no answer"); ok {
		s.loss = v.Share()
	}
	if v, ok := inner.Take("to", "which of the URLs of --confirm-url; the first otherwise"); ok {
		s.to = readTarget(v)
	}
	inner.Done()
	return s
}

func readTarget(n scenario.Node) string {
	n.Looks(`^https?://[^/].*$`, "https://marketplace.test/confirm")
	text := n.Text()
	if u, err := url.Parse(text); text != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		n.Mistake("write it as in --confirm-url: https://host/confirm", "%.60q is no URL", text)
		return ""
	}
	return text
}

// What came of an attempt.
const (
	taken    = "accepted" // a status of 2xx
	missed   = "failed"   // no answer, or one behind which it is worth while to try again
	declined = "refused"  // another one: the same report would be refused again
	lost     = "lost"     // planned and not sent
)

var outcomes = []string{taken, missed, declined, lost}

// outcomeOf is what a status means for the partner, and why that is no yes; 0 stands for no answer.
func outcomeOf(status int) (outcome, reason string) {
	text := fmt.Sprintf("answered %d %s", status, http.StatusText(status))
	switch {
	case status/100 == 2:
		return taken, ""
	case status == 0:
		return missed, "no answer"
	case status/100 == 5, status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return missed, text
	case status/100 == 3:
		return declined, text + "; redirects are not followed"
	}
	return declined, text + "; a report that is refused is not made again"
}

// attempt is a report of a sale.
type attempt struct {
	at      time.Duration // since the start of the calculation, when its outcome was known
	by      uint64        // the number of the exchange
	offer   int           // by its place in the script
	number  int           // from 1
	again   bool          // whether it was accepted already and is made once more
	outcome string
	status  int // of the answer; 0 for none
}

// encode is the attempt as its event's data: the offer's place, its number, 1 or 0 for once more, the place of its outcome, and the
// status, all as uvarints.
func (a attempt) encode() []byte {
	again := uint64(0)
	if a.again {
		again = 1
	}
	var b []byte
	for _, n := range []uint64{uint64(a.offer), uint64(a.number), again, uint64(slices.Index(outcomes, a.outcome)), uint64(a.status)} {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

// decodeAttempt reads an attempt; its instant and its number are left to the caller.
func decodeAttempt(data []byte) (attempt, error) {
	var fields [5]int
	for i, below := range [...]uint64{maxOffers, mostAttempts + 1, 2, uint64(len(outcomes)), 1000} {
		n, size := binary.Uvarint(data)
		if size <= 0 || n >= below {
			return attempt{}, sim.ErrCorrupt
		}
		fields[i], data = int(n), data[size:]
	}
	if len(data) > 0 || fields[1] == 0 {
		return attempt{}, sim.ErrCorrupt
	}
	return attempt{offer: fields[0], number: fields[1], again: fields[2] == 1, outcome: outcomes[fields[3]], status: fields[4]}, nil
}

// readAttempts reads the attempts among the events after a start, as readSales does the sales.
func readAttempts(events []sim.Event, started time.Time, offers int) (list []attempt, err error) {
	for _, e := range events {
		if e.Name != sentSale {
			continue
		}
		a, err := decodeAttempt(e.Data)
		if err != nil {
			return nil, err
		}
		if a.at, a.by = max(e.At.Sub(started), 0), e.By; a.offer < offers {
			list = append(list, a)
		}
	}
	return list, nil
}

// next is the attempt behind those that were made for an offer, and when it is due; false when there is none. An attempt that was drawn
// to be lost has that outcome already. Draw is the die of an attempt for a question.
func (s sending) next(paid time.Duration, made []attempt, draw func(attempt, string) dice.Die) (n attempt, ok bool) {
	drawn := func(share int, what string) bool { return share > 0 && draw(n, what).IntN(10_000) < share }
	if len(made) == 0 {
		n.number, n.at = 1, later(paid, s.after)
		ok = s.after != never
	} else {
		last := made[len(made)-1]
		n.number, n.at = last.number, last.at
		switch {
		case last.again || last.outcome == declined:
		case last.outcome == taken:
			n.again = true
			ok = drawn(s.duplicates, "duplicate")
		case last.number < s.attempts:
			wait := s.backoff
			for range last.number - 1 {
				wait = later(wait, wait)
			}
			n.number, n.at = last.number+1, later(last.at, wait)
			ok = true
		}
	}
	if !ok {
		return attempt{}, false
	}
	n.at = later(max(n.at, later(paid, s.after)), s.delay.Low+time.Duration(draw(n, "delay").Float()*float64(s.delay.High-s.delay.Low)))
	if !n.again && drawn(s.loss, "loss") {
		n.outcome = lost
	}
	return n, true
}

// later is a sum of times that are not negative; one that is too long is forever.
func later(a, b time.Duration) time.Duration {
	if a > forever-b {
		return forever
	}
	return a + b
}
