package osago

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
	version  uint64 // of the scenario that tells the story: that one, or the default that stands in for it
	story    string // which of its stories; empty for the first
	digest   uint64 // of the application as it was sent; 0 for a look
	applied  []byte // the application as JSON; none for a look
}

func (s start) encode() []byte {
	b := make([]byte, 0, len(s.scenario)+len(s.story)+len(s.applied)+20)
	for _, text := range []string{s.scenario, s.story} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	b = binary.BigEndian.AppendUint64(b, s.version)
	if s.digest != 0 {
		b = binary.BigEndian.AppendUint64(b, s.digest)
		b = append(b, s.applied...)
	}
	return b
}

func decodeStart(b []byte) (s start, err error) {
	for _, text := range []*string{&s.scenario, &s.story} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return s, sim.ErrCorrupt
		}
		*text, b = string(b[size:size+int(n)]), b[size+int(n):]
	}
	if len(b) < 8 {
		return s, sim.ErrCorrupt
	}
	s.version, b = binary.BigEndian.Uint64(b), b[8:]
	if len(b) >= 8 {
		s.digest, s.applied = binary.BigEndian.Uint64(b), b[8:]
	}
	return s, nil
}

// calculation is one calculation at a moment. Everything about it follows from when it started, what was applied for, the
// script, the dice, and what a person had happen to it.
type calculation struct {
	id       uuid.UUID
	text     string // id as text
	played   *scenario.Scenario
	story    *story
	dice     dice.Dice
	started  time.Time
	by       uint64        // the number of the exchange that started it
	offset   time.Duration // since it started
	start    start
	acts     []act          // since it started, in order
	sales    []sale         // that were noted since then
	attempts []attempt      // to tell of sales, since then
	choices  map[int]choice // what was confirmed, by the offer's place

	// What settle finds out.
	offers []present
	whole  CalculationStatus
	stated int     // the item of the stated step that counts; byAct when none does
	life   *course // so far; nil where the steps alone tell it
}

var (
	errUnknownID = errors.New("unknown request_id")
	errOtherBody = errors.New("the request_id is taken by another application")
)

// glance is what a look at a calculation does to it.
type glance int

const (
	polls  glance = iota // it counts as a poll, and starts a calculation that is unknown
	looks                // it starts one that is unknown
	passes               // nothing
)

// look finds a calculation. One that is unknown is not found where the look starts none, its script says so, or the server.
func (a *API) look(ctx context.Context, id uuid.UUID, how glance) (*calculation, error) {
	run := partner.From(ctx)
	text := id.String()
	played := a.plays(run, text, nil)
	told := run.Library.Teller(played, Name)
	script := told.Script(Name).(*script)
	begin := func() (start, error) {
		if a.unknownNotFound || !script.unknownIDs || how == passes {
			return start{}, errUnknownID
		}
		return start{scenario: played.Name, version: told.Version(), story: script.choose(text, nil).name}, nil
	}
	run.Note.Scenario = played
	return decide(ctx, run, id, approach{text, begin, func(*calculation) (bool, error) { return false, nil }, how == polls})
}

// applied is a request for a calculation.
type applied struct {
	digest      uint64 // of what it says; never 0
	application application
	request     any // as it was decoded
}

// apply starts a calculation with an application. Sent again it changes nothing. Another one under the same id is refused, unless the
// script of the calculation that has the id says that it is kept or replaced.
func (a *API) apply(ctx context.Context, id uuid.UUID, by applied) (*calculation, error) {
	run := partner.From(ctx)
	text := id.String()
	kept, err := json.Marshal(by.application)
	if err != nil {
		return nil, fmt.Errorf("keeping an application: %w", err)
	}
	played := a.plays(run, text, by.request)
	told := run.Library.Teller(played, Name)
	run.Note.Scenario = played
	begin := func() (start, error) {
		return start{scenario: played.Name, version: told.Version(), story: told.Script(Name).(*script).choose(text, by.request).name,
			digest: by.digest, applied: kept}, nil
	}
	return decide(ctx, run, id, approach{text, begin, func(c *calculation) (again bool, err error) {
		looked, same := c.start.digest == 0, c.start.digest == by.digest
		switch c.story.script.repeated {
		case repeatReplace:
			return !same, nil
		case repeatKeep:
			return looked, nil
		}
		if !looked && !same {
			return false, errOtherBody
		}
		return looked, nil
	}, false})
}

// The magic values of a calculation, in the order in which they are looked at.
const (
	magicPlate   = "car_number"
	magicSurname = "last_name"
)

// magicFields are the paths of the fields whose values may choose a scenario, by the names that scenarios have for them.
var magicFields = [...]struct{ name, path string }{{requestID, requestID}, {magicPlate, "vehicle.car_number"}, {magicSurname, "insurer.last_name"}}

func magicNames() (names []string) {
	for _, f := range magicFields {
		names = append(names, f.name)
	}
	return names
}

// plays is the scenario of a calculation: the chosen one; where nobody chose, the one that a magic value of its id or its request asks
// for; else the default.
func (a *API) plays(run *partner.Run, id string, request any) *scenario.Scenario {
	if run.Chosen != nil {
		return run.Chosen
	}
	if s := run.Library.ByMagic(Name, requestID, id); s != nil {
		return s
	}
	if request == nil {
		return run.Default()
	}
	for _, f := range magicFields[1:] {
		for _, value := range valuesAt(request, f.path) {
			if s := run.Library.ByMagic(Name, f.name, value); s != nil {
				return s
			}
		}
	}
	return run.Default()
}

// approach is how a request comes to a calculation.
type approach struct {
	text  string                                  // its id
	begin func() (start, error)                   // begins it
	again func(*calculation) (anew bool, e error) // whether one that was begun begins anew
	poll  bool                                    // whether it is a poll
}

// decide finds the calculation's last start, or begins it when there is none or again says so. A poll is counted where a story waits
// for polls.
func decide(ctx context.Context, run *partner.Run, id uuid.UUID, by approach) (*calculation, error) {
	text := by.text
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
			if anew, err := by.again(c); err != nil || !anew {
				return answer{c, before, err}, c.counted(m, by.poll && err == nil)
			}
		}
		s, err := by.begin()
		if err != nil {
			return answer{nil, before, err}, nil
		}
		c := newCalculation(run, id, text, m.Now, s)
		c.settle()
		return answer{c, before, nil}, append([]sim.Event{{At: m.Now, Name: started, Data: s.encode()}}, c.counted(m, by.poll)...)
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

// counted is the poll as an event, if it is one and the story waits for it. The calculation is then settled with it.
func (c *calculation) counted(m sim.Moment, poll bool) []sim.Event {
	if !poll || c.life == nil || !c.life.polls() {
		return nil
	}
	c.acts = append(slices.Clip(c.acts), act{at: c.offset, by: m.Number, poll: true, offer: whole})
	c.settle()
	return []sim.Event{{At: m.Now, Name: looked}}
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
	if err != nil { // it was taken away since
		played, _ = run.Library.Find(scenario.Default)
	}
	told := run.Library.Told(s.version)
	if told == nil || told.Script(Name) == nil {
		told = run.Library.Teller(played, Name)
	}
	return &calculation{id: id, text: text, played: played, story: told.Script(Name).(*script).named(s.story), dice: run.Dice,
		started: at, by: run.Number, offset: max(run.Now.Sub(at), 0), start: s}
}

// subject is the log of a calculation.
func subject(id uuid.UUID) sim.Subject { return sim.Subject{API: Name, ID: string(id[:])} }

// settle finds out where the calculation and its offers stand.
func (c *calculation) settle() {
	if !c.story.fixed || len(c.acts) > 0 {
		c.life = c.follow(c.offset)
		c.offers, c.whole, c.stated = c.life.offers, c.life.whole, c.life.stated
		return
	}
	var count tally
	c.offers = make([]present, len(c.story.offers))
	for i := range c.story.offers {
		t := c.story.offers[i].track
		now, _ := t.fixed.At(c.offset)
		status := OfferStatus(t.items[now.Value].status)
		c.offers[i] = present{status, now.Value}
		count[status.phase()]++
	}
	if t := c.story.stated; t != nil {
		now, _ := t.fixed.At(c.offset)
		c.stated, c.whole = now.Value, CalculationStatus(t.items[now.Value].status)
		return
	}
	c.stated, c.whole = byAct, derive(count)
}

// touch tells the session which steps a client sees.
func (c *calculation) touch(s partner.Session) {
	for i, now := range c.offers {
		if t := c.story.offers[i].track; now.step != byAct {
			s.Touch(Name, c.story.script, t.base+t.items[now.step].number)
		}
	}
	if t := c.story.stated; c.stated != byAct {
		s.Touch(Name, c.story.script, t.base+t.items[c.stated].number)
	}
}

// next is the first offset later than now at which a status changes by itself; false when none will.
func (c *calculation) next() (next time.Duration, ok bool) {
	if !c.story.fixed || len(c.acts) > 0 {
		for _, t := range c.follow(forever).turns {
			if t.at > c.offset && t.cause.act == nil {
				return t.at, true
			}
		}
		return 0, false
	}
	if c.story.stated != nil {
		next, ok = c.story.stated.nextOther(c.offset)
	}
	for i := range c.story.offers {
		if at, changes := c.story.offers[i].track.nextOther(c.offset); changes && (!ok || at < next) {
			next, ok = at, true
		}
	}
	return next, ok
}

// nextOther is the first offset later than now at which a fixed track has another status than now.
func (t *track) nextOther(now time.Duration) (time.Duration, bool) {
	here := t.at(now).status
	for at, ok := t.fixed.Next(now); ok; at, ok = t.fixed.Next(at) {
		if t.at(at).status != here {
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
	t := c.story.offers[i].track
	for _, s := range t.fixed.Steps() {
		if s.After <= c.offset && pricedStatuses[OfferStatus(t.items[s.Value].status)] {
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
	app.Returns = app.Returns.known() // a snapshot may say anything
	return app, nil
}
