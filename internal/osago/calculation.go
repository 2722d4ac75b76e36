package osago

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"poligon/internal/dice"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/sim"
	"poligon/internal/timeline"
)

// started is the event that begins a calculation: a look at an unknown id, or a request with an application. An application
// that comes after a look begins the calculation anew.
const started = "started"

// start is the data of a started event.
type start struct {
	scenario string // what the calculation plays
	digest   uint64 // of the application as it was sent; 0 for a look
	applied  []byte // the application as JSON; none for a look
}

func (s start) encode() []byte {
	b := binary.AppendUvarint(make([]byte, 0, len(s.scenario)+len(s.applied)+10), uint64(len(s.scenario)))
	b = append(b, s.scenario...)
	if s.digest != 0 {
		b = binary.BigEndian.AppendUint64(b, s.digest)
		b = append(b, s.applied...)
	}
	return b
}

func decodeStart(b []byte) (s start, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return s, sim.ErrCorrupt
	}
	s.scenario, b = string(b[size:size+int(n)]), b[size+int(n):]
	if len(b) >= 8 {
		s.digest, s.applied = binary.BigEndian.Uint64(b), b[8:]
	}
	return s, nil
}

// calculation is one calculation at a moment. Everything about it follows from when it started, what was applied for, the
// script, the dice, and what a person had happen to it.
type calculation struct {
	id      uuid.UUID
	text    string // id as text
	played  *scenario.Scenario
	script  *script
	dice    dice.Dice
	started time.Time
	by      uint64        // the number of the exchange that started it
	offset  time.Duration // since it started
	start   start
	acts    []act // since it started, in order

	// What settle finds out.
	offers []present
	whole  CalculationStatus
	stated int     // the stated step that counts; byAct when none does
	life   *course // so far; nil without acts
}

var (
	errUnknownID = errors.New("unknown request_id")
	errOtherBody = errors.New("the request_id is taken by another application")
)

// look finds a calculation. One that is unknown is started, unless its script or the server says that it is not found.
func (a *API) look(ctx context.Context, id uuid.UUID) (*calculation, error) {
	run := partner.From(ctx)
	text := id.String()
	played := run.Scenario(Name, requestID, text)
	begin := func() (start, error) {
		if a.unknownNotFound || !run.Library.Script(played, Name).(*script).unknownIDs {
			return start{}, errUnknownID
		}
		return start{scenario: played.Name}, nil
	}
	run.Note.Scenario = played
	return decide(ctx, run, id, text, begin, func(start) (bool, error) { return false, nil })
}

// apply starts a calculation with an application. Sent again it changes nothing; another one under the same id is refused.
func (a *API) apply(ctx context.Context, id uuid.UUID, digest uint64, app application) (*calculation, error) {
	run := partner.From(ctx)
	text := id.String()
	applied, err := json.Marshal(app)
	if err != nil {
		return nil, fmt.Errorf("keeping an application: %w", err)
	}
	run.Note.Scenario = run.Scenario(Name, requestID, text)
	begin := func() (start, error) {
		return start{scenario: run.Note.Scenario.Name, digest: digest, applied: applied}, nil
	}
	return decide(ctx, run, id, text, begin, func(s start) (again bool, err error) {
		if s.digest != 0 && s.digest != digest {
			return false, errOtherBody
		}
		return s.digest == 0, nil
	})
}

// decide finds the calculation's last start, or begins it when there is none or again says so.
func decide(ctx context.Context, run *partner.Run, id uuid.UUID, text string, begin func() (start, error), again func(start) (bool, error)) (*calculation, error) {
	type answer struct {
		c      *calculation
		before string
		err    error
	}
	rule := func(m sim.Moment) (answer, []sim.Event) {
		before := ""
		if lastStart(m.Events) >= 0 {
			c, err := recall(run, id, text, m.Events)
			if err != nil {
				return answer{nil, "", err}, nil
			}
			c.settle()
			before = string(c.whole)
			if anew, err := again(c.start); err != nil || !anew {
				return answer{c, before, err}, nil
			}
		}
		s, err := begin()
		if err != nil {
			return answer{nil, before, err}, nil
		}
		c := newCalculation(run, id, text, m.Now, s)
		c.settle()
		return answer{c, before, nil}, []sim.Event{{At: m.Now, Name: started, Data: s.encode()}}
	}
	run.Note.Subjects = []string{text}
	if err := run.Session.Enter(run); err != nil {
		return nil, err
	}
	defer run.Session.Leave(run)
	got, err := sim.Decide(ctx, run.Log, subject(id), run.Moment(), rule)
	if err != nil {
		return nil, err
	}
	if got.c != nil {
		run.Note.Scenario, run.Note.Before, run.Note.After = got.c.played, got.before, string(got.c.whole)
	}
	return got.c, got.err
}

// lastStart is the place of the last start; negative when there is none.
func lastStart(events []sim.Event) int {
	for i := len(events) - 1; i >= 0; i-- {
		if events[i].Name == started {
			return i
		}
	}
	return -1
}

func newCalculation(run *partner.Run, id uuid.UUID, text string, at time.Time, s start) *calculation {
	played, err := run.Library.Find(s.scenario)
	if err != nil {
		played, _ = run.Library.Find(scenario.Default)
	}
	return &calculation{id: id, text: text, played: played, script: run.Library.Script(played, Name).(*script), dice: run.Dice,
		started: at, by: run.Number, offset: max(run.Now.Sub(at), 0), start: s}
}

// subject is the log of a calculation.
func subject(id uuid.UUID) sim.Subject { return sim.Subject{API: Name, ID: string(id[:])} }

// settle finds out where the calculation and its offers stand.
func (c *calculation) settle() {
	if len(c.acts) > 0 {
		c.life = c.follow(c.offset)
		c.offers, c.whole, c.stated = c.life.offers, c.life.whole, c.life.stated
		return
	}
	var count tally
	c.offers = make([]present, len(c.script.offers))
	for i := range c.script.offers {
		now, _ := c.script.offers[i].steps.At(c.offset)
		c.offers[i] = present{now.Value.status, now.Value.number}
		count[now.Value.status.phase()]++
	}
	if now, ok := c.script.stated.At(c.offset); ok {
		c.stated, c.whole = now.Value.number, now.Value.status
		return
	}
	c.stated, c.whole = byAct, derive(count)
}

// touch tells the session which steps a client sees.
func (c *calculation) touch(s partner.Session) {
	for i, now := range c.offers {
		if now.step != byAct {
			s.Touch(Name, c.script, c.script.offers[i].base+now.step)
		}
	}
	if c.stated != byAct {
		s.Touch(Name, c.script, c.script.statedBase+c.stated)
	}
}

// next is the first offset later than now at which a status changes by itself; false when none will.
func (c *calculation) next() (next time.Duration, ok bool) {
	if len(c.acts) > 0 {
		for _, t := range c.follow(forever).turns {
			if t.at > c.offset && t.cause.act == nil {
				return t.at, true
			}
		}
		return 0, false
	}
	next, ok = nextOther(c.script.stated, c.offset)
	for i := range c.script.offers {
		if at, changes := nextOther(c.script.offers[i].steps, c.offset); changes && (!ok || at < next) {
			next, ok = at, true
		}
	}
	return next, ok
}

// nextOther is the first offset later than now at which a timeline has another status than now.
func nextOther[S comparable](steps timeline.Timeline[step[S]], now time.Duration) (time.Duration, bool) {
	here, _ := steps.At(now)
	for at, ok := steps.Next(now); ok; at, ok = steps.Next(at) {
		if there, _ := steps.At(at); there.Value.status != here.Value.status {
			return at, true
		}
	}
	return 0, false
}

// offerID is the id of an offer: eight digits, unique within its calculation (contract facts A6, the sample's form).
func (c *calculation) offerID(i int) string { return string(appendOfferID(nil, c.firstOfferID(), i)) }

func (c *calculation) firstOfferID() int {
	return c.dice.Of(Name, c.text, "offers").Between(10_000_000, 99_999_999-maxOffers)
}

func appendOfferID(b []byte, first, i int) []byte { return strconv.AppendInt(b, int64(first+i), 10) }

// pricedStatuses are those of which an offer shows a price, from then on.
var pricedStatuses = map[OfferStatus]bool{PreCalcReady: true, Approved: true, PaymentReady: true, PaymentLinkFailed: true,
	PaymentCompleted: true, PaymentCancelled: true, ClosedPaid: true}

// priced says whether an offer has had a price so far.
func (c *calculation) priced(i int) bool {
	if c.life != nil {
		return c.life.priced[i]
	}
	for _, s := range c.script.offers[i].steps.Steps() {
		if s.After <= c.offset && pricedStatuses[s.Value.status] {
			return true
		}
	}
	return false
}

// application is what was applied for, or made up for a calculation that was started by a look.
func (c *calculation) application() (app application, err error) {
	if c.start.digest == 0 {
		return drawApplication(c.dice, c.id, c.started), nil
	}
	if err := json.Unmarshal(c.start.applied, &app); err != nil {
		return app, fmt.Errorf("reading an application: %w", err)
	}
	return app, nil
}
