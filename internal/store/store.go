// Package store is where sessions are kept beyond the memory of one process: in a file, so that they survive it, or in Redis, so that
// several processes are one simulator.
//
// A store keeps records. A record is a version and three tables of named values; a session is one. A change of a record is made as a
// whole, and only if the record is still at the version that it was decided at: decide, then commit if unchanged, else read and decide
// again. That is all that a store has to know: what the values mean is known to the session alone.
package store

import (
	"context"
	"encoding/binary"
	"errors"
	"iter"
	"time"
)

// Version is what a record is at. It is opaque: two are equal or not, and none is ever given twice. Zero: there is no such record.
type Version uint64

// Table is one of a record's tables.
type Table byte

// The tables of a record.
const (
	Head     Table = iota // a few values by fixed names
	Subjects              // the events of each subject, by its key
	Journal               // exchanges, by Place
	Tables                // how many there are
)

// Key names a value of a record. Name may be any bytes, none too.
type Key struct {
	Table Table
	Name  string
}

// Place is the name of the n-th value of a table whose values stand in an order.
func Place(n uint64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	return string(b[:])
}

// Value is a value with its name. Data is never nil in a store; it may be empty.
type Value struct {
	Key
	Data []byte
}

// Change is what a commit does to a record: it empties tables, takes values out, puts values in, in this order. Values that are not
// named stay.
type Change struct {
	Clear []Table
	Drop  []Key
	Put   []Value
	// Keep is how long the store has to keep the record if nothing is committed to it any more; after that it may forget it. Zero: for ever.
	Keep time.Duration
}

// What can be wrong with a store.
var (
	// ErrMoved says that the record is not at the version that a commit was for. Nothing of it was made.
	ErrMoved = errors.New("the record has moved on")
	// ErrAway says that the store cannot do its work: it is not reached, out of memory, or its disk is full. Whether a commit that ended
	// with it was made is not known; it was made as a whole or not at all.
	ErrAway = errors.New("the store is away")
)

// Store keeps records. All methods may be called at once from many goroutines, of many processes where it is shared. An error other
// than ErrMoved wraps ErrAway; that of an ended context wraps the context's too.
type Store interface {
	// Read gives the version of a record and the values of keys, all at one moment: in the order of the keys, nil where there is none.
	// The caller may keep them and does not change them.
	Read(ctx context.Context, record string, keys ...Key) (Version, [][]byte, error)
	// Commit makes a change of a record that is at the version have, as a whole, and gives the version that it is at then; or ErrMoved.
	// With a have of zero it makes a record that there is not.
	Commit(ctx context.Context, record string, have Version, c Change) (Version, error)
	// Scan yields all values of a table, in no order. What is committed meanwhile may be missed or seen. An error comes last.
	Scan(ctx context.Context, record string, t Table) iter.Seq2[Value, error]
	// Count is how many values a table has.
	Count(ctx context.Context, record string, t Table) (int, error)
	// Delete forgets a record. It is no error when there is none.
	Delete(ctx context.Context, record string) error
	// Records are the names of all records, in no order.
	Records(ctx context.Context) ([]string, error)
	// Shared says whether other processes may change records too.
	Shared() bool
	// Ready says why the store cannot do its work now.
	Ready(ctx context.Context) error
	// Close ends the use of the store. What was committed is kept.
	Close() error
}
