package memory

import (
	"bytes"
	"context"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"poligon/internal/sim"
	"poligon/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.RunLog(t, func() sim.Log { return New() })
}

// TestPacking has subjects grow from packed records to large ones, with long keys and without, and compares with plain slices.
func TestPacking(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		log, ctx := New(), t.Context()
		kept, keys := map[sim.Subject][]sim.Event{}, rapid.IntRange(1, 300).Draw(t, "keys")
		for range rapid.IntRange(0, 400).Draw(t, "appends") {
			n := rapid.IntRange(1, keys).Draw(t, "key")
			s := sim.Subject{API: "a", ID: strings.Repeat("k", n%7*n%300) + strconv.Itoa(n)}
			e := sim.Event{At: time.Unix(int64(n), 0).UTC(), Name: "e", Data: bytes.Repeat([]byte{byte(n)}, rapid.SampledFrom([]int{0, 1, 50, 900, 3000}).Draw(t, "size"))}
			if err := log.Append(ctx, s, len(kept[s]), []sim.Event{e}); err != nil {
				t.Fatal(err)
			}
			kept[s] = append(kept[s], e)
		}
		same(t, log, kept)
	})
}

// TestTidying has small subjects grow so often that their records are packed anew, and some become large on the way.
func TestTidying(t *testing.T) {
	t.Parallel()
	log, kept := New(), map[sim.Subject][]sim.Event{}
	for round := range 300 {
		for n := range 600 {
			s := sim.Subject{API: "a", ID: strconv.Itoa(n)}
			if round > n*2 {
				continue
			}
			e := sim.Event{At: time.Unix(int64(round), 0).UTC(), Name: "e", Data: []byte{}}
			if err := log.Append(t.Context(), s, len(kept[s]), []sim.Event{e}); err != nil {
				t.Fatal(err)
			}
			kept[s] = append(kept[s], e)
		}
	}
	same(t, log, kept)
	packed, large, taken := 0, 0, 0
	for i := range log.shards {
		s := &log.shards[i]
		packed, large, taken = packed+s.packed, large+len(s.large), taken+int(s.next)*grain
	}
	if packed < 20 || large < 20 || taken > shards*3*lastBlock {
		t.Errorf("%d subjects are packed into %d bytes, %d are large", packed, taken, large)
	}
}

// same says whether a log holds what was kept, each way that it can be read.
func same(t interface {
	Helper()
	Errorf(string, ...any)
	Context() context.Context
}, log *Log, kept map[sim.Subject][]sim.Event) {
	t.Helper()
	for s, want := range kept {
		if got, err := log.Read(t.Context(), s); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%.20s: %d events, want %d: %v", s.ID, len(got), len(want), err)
		}
	}
	if n, _ := log.Count(t.Context()); n != len(kept) {
		t.Errorf("%d subjects, want %d", n, len(kept))
	}
	all := map[sim.Subject][]sim.Event{}
	for s, events := range log.All(t.Context()) {
		all[s] = events
	}
	if !reflect.DeepEqual(all, kept) {
		t.Errorf("all yields %d subjects, or others, want %d", len(all), len(kept))
	}
}
