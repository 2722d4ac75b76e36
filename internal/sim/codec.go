package sim

import (
	"encoding/binary"
	"errors"
	"time"
)

// ErrCorrupt says that bytes are not a log that AppendEvent wrote.
var ErrCorrupt = errors.New("corrupt event log")

// AppendEvent writes an event behind b in the form that stores keep: the instant as seconds (zigzag varint) and
// nanoseconds (uvarint), the number of what made it (uvarint), then name and data, each behind its length (uvarint).
func AppendEvent(b []byte, e Event) []byte {
	b = binary.AppendVarint(b, e.At.Unix())
	b = binary.AppendUvarint(b, uint64(e.At.Nanosecond()))
	b = binary.AppendUvarint(b, e.By)
	b = binary.AppendUvarint(b, uint64(len(e.Name)))
	b = append(b, e.Name...)
	b = binary.AppendUvarint(b, uint64(len(e.Data)))
	return append(b, e.Data...)
}

// Events reads all events that AppendEvent wrote. Their data shares memory with b.
func Events(b []byte) (events []Event, err error) {
	events = make([]Event, 0, 2)
	for len(b) > 0 {
		var e Event
		if e, b, err = nextEvent(b); err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

func nextEvent(b []byte) (e Event, rest []byte, err error) {
	seconds, n := binary.Varint(b)
	if n <= 0 {
		return e, nil, ErrCorrupt
	}
	nanos, m := binary.Uvarint(b[n:])
	if m <= 0 || nanos > 999_999_999 {
		return e, nil, ErrCorrupt
	}
	by, k := binary.Uvarint(b[n+m:])
	if k <= 0 {
		return e, nil, ErrCorrupt
	}
	name, b, err := nextBytes(b[n+m+k:])
	if err != nil {
		return e, nil, err
	}
	data, b, err := nextBytes(b)
	if err != nil {
		return e, nil, err
	}
	return Event{At: time.Unix(seconds, int64(nanos)).UTC(), By: by, Name: string(name), Data: data}, b, nil
}

func nextBytes(b []byte) (field, rest []byte, err error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, ErrCorrupt
	}
	end := n + int(size)
	return b[n:end:end], b[end:], nil
}
