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
// script and the dice.
type calculation struct {
	id      uuid.UUID
	text    string // id as text
	script  *script
	dice    dice.Dice
	started time.Time
	offset  time.Duration // since it started
	start   start
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
		c   *calculation
		err error
	}
	rule := func(m sim.Moment) (answer, []sim.Event) {
		if last, ok := lastStart(m.Events); ok {
			s, err := decodeStart(last.Data)
			if err != nil {
				return answer{nil, err}, nil
			}
			if anew, err := again(s); err != nil || !anew {
				return answer{newCalculation(run, id, text, last.At, s), err}, nil
			}
		}
		s, err := begin()
		if err != nil {
			return answer{nil, err}, nil
		}
		return answer{newCalculation(run, id, text, m.Now, s), nil}, []sim.Event{{At: m.Now, Name: started, Data: s.encode()}}
	}
	run.Note.Subjects = []string{text}
	if err := run.Session.Enter(run); err != nil {
		return nil, err
	}
	defer run.Session.Leave(run)
	got, err := sim.Decide(ctx, run.Log, subject(id), run.Moment(), rule)
	if err == nil {
		err = got.err
	}
	return got.c, err
}

func lastStart(events []sim.Event) (last sim.Event, ok bool) {
	for _, e := range events {
		if e.Name == started {
			last, ok = e, true
		}
	}
	return last, ok
}

func newCalculation(run *partner.Run, id uuid.UUID, text string, at time.Time, s start) *calculation {
	played, err := run.Library.Find(s.scenario)
	if err != nil {
		played, _ = run.Library.Find(scenario.Default)
	}
	return &calculation{id: id, text: text, script: run.Library.Script(played, Name).(*script), dice: run.Dice,
		started: at, offset: max(run.Now.Sub(at), 0), start: s}
}

// subject is the log of a calculation.
func subject(id uuid.UUID) sim.Subject { return sim.Subject{API: Name, ID: string(id[:])} }

// offerStatuses are the statuses of all offers, in the script's order.
func (c *calculation) offerStatuses() []OfferStatus {
	list := make([]OfferStatus, len(c.script.offers))
	for i := range c.script.offers {
		now, _ := c.script.offers[i].steps.At(c.offset)
		list[i] = now.Value.status
	}
	return list
}

// status is what the script states, or what follows from the offers.
func (c *calculation) status(offers []OfferStatus) CalculationStatus {
	if stated, ok := c.script.stated.At(c.offset); ok {
		return stated.Value
	}
	return derive(offers)
}

// next is the first offset later than now at which something changes; false when nothing will.
func (c *calculation) next() (next time.Duration, ok bool) {
	consider := func(at time.Duration, changes bool) {
		if changes && (!ok || at < next) {
			next, ok = at, true
		}
	}
	consider(c.script.stated.Next(c.offset))
	for i := range c.script.offers {
		consider(c.script.offers[i].steps.Next(c.offset))
	}
	return next, ok
}

// offerID is the id of an offer: eight digits, unique within its calculation (contract facts A6, the sample's form).
func (c *calculation) offerID(i int) string { return string(appendOfferID(nil, c.firstOfferID(), i)) }

func (c *calculation) firstOfferID() int {
	return c.dice.Of(Name, c.text, "offers").Between(10_000_000, 99_999_999-maxOffers)
}

func appendOfferID(b []byte, first, i int) []byte { return strconv.AppendInt(b, int64(first+i), 10) }

// reached says whether an offer has had one of the statuses so far.
func (c *calculation) reached(i int, any ...OfferStatus) bool {
	for _, s := range c.script.offers[i].steps.Steps() {
		for _, want := range any {
			if s.After <= c.offset && s.Value.status == want {
				return true
			}
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
