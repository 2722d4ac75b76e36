package sim

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"testing"
	"time"
)

// fickle is a log that has moved on the first few times.
type fickle struct {
	moves  int
	events []Event
}

func (f *fickle) Read(context.Context, Subject) ([]Event, error) { return f.events, nil }

func (f *fickle) Append(_ context.Context, _ Subject, _ int, add []Event) error {
	if f.moves > 0 {
		f.moves--
		f.events = append(f.events, Event{Name: "theirs"})
		return ErrMoved
	}
	f.events = append(f.events, add...)
	return nil
}

func (f *fickle) Count(context.Context) (int, error) { return 1, nil }

func (f *fickle) All(context.Context) iter.Seq2[Subject, []Event] { return nil }

func TestDecideStartsAgainWhenTheLogMoved(t *testing.T) {
	t.Parallel()
	log := &fickle{moves: 3}
	got, err := Decide(context.Background(), log, Subject{}, Moment{}, func(m Moment) (int, []Event) {
		return len(m.Events), []Event{{Name: "ours"}}
	})
	if err != nil || got != 3 || len(log.events) != 4 {
		t.Errorf("answer %d, %v, log %v: the answer must be that of the last attempt", got, err, log.events)
	}
}

func TestDecideGivesUpOnALogThatNeverRests(t *testing.T) {
	t.Parallel()
	_, err := Decide(context.Background(), &fickle{moves: 1 << 30}, Subject{}, Moment{}, func(Moment) (int, []Event) {
		return 0, []Event{{}}
	})
	if !errors.Is(err, ErrMoved) {
		t.Errorf("error %v", err)
	}
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(AppendEvent(nil, Event{At: time.Unix(-5, 7), Name: "started", Data: []byte("x")}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		events, err := Events(b)
		if err != nil {
			return
		}
		var again []byte
		for _, e := range events {
			again = AppendEvent(again, e)
		}
		back, err := Events(again)
		if err != nil || len(back) != len(events) {
			t.Fatalf("%d events became %d, %v", len(events), len(back), err)
		}
		for i := range back {
			if !back[i].At.Equal(events[i].At) || back[i].Name != events[i].Name || !bytes.Equal(back[i].Data, events[i].Data) {
				t.Fatalf("event %d changed", i)
			}
		}
	})
}
