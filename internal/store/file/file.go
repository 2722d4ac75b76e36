// Package file keeps records in one file of this machine, by the embedded store bbolt. One process at a time uses it.
//
// What was committed survives the end of the process, however it ends: it is with the operating system before Commit returns. It survives
// a failure of the machine too unless Options.Async is set, for it is on the disk then. Commits that come together are written together.
package file

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"poligon/internal/store"
)

// Format is the version of the file's layout that this program writes and reads.
const Format = 1

// Options are how a file is used.
type Options struct {
	// Async has Commit not wait until the disk has what was committed: a failure of the machine, not of the process, may lose the file.
	Async bool
	// Now is the real time, by which records expire; nil for time.Now.
	Now func() time.Time
}

// Store is a store.Store. Use Open.
type Store struct {
	db    *bbolt.DB
	now   func() time.Time
	queue chan *commit
	ended chan struct{}

	mu     sync.RWMutex // held while Close ends the queue
	closed bool
	wrong  sync.Mutex
	failed error // of the last write; nil when it was made
	missed int   // how many bytes it would have written
}

// commit is a commit that waits to be written.
type commit struct {
	record  string
	have    store.Version
	change  store.Change
	deletes bool // the record, whatever it is at
	gave    store.Version
	err     error
	done    chan struct{}
}

// Names in the file. A record is a bucket: what it is at, and a bucket for each table. Names of values have a byte before them, for bbolt
// takes no empty ones.
const (
	metaBucket    = "poligon"
	recordsBucket = "records"
	formatKey     = "format"
	versionKey    = "version"
	untilKey      = "until" // real, in nanoseconds since 1970
	lead          = 'n'
)

func tableBucket(t store.Table) []byte { return []byte{'t', '0' + byte(t)} }
func countKey(t store.Table) []byte    { return []byte{'c', '0' + byte(t)} }

// lockWait is how long another process may take to let go of the file.
const lockWait = 2 * time.Second

// mapped is how many bytes of addresses are set aside for the file at first, so that it seldom has to be mapped anew.
const mapped = 64 << 20

// Open opens the file at a path, and makes it if there is none.
func Open(path string, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, NoSync: o.Async, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType, InitialMmapSize: mapped})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, fmt.Errorf("%s is in use by another process; stop it, or give this one a file of its own", path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", path, err)
	}
	s := &Store{db: db, now: o.Now, queue: make(chan *commit, most), ended: make(chan struct{})}
	if err := db.Update(func(tx *bbolt.Tx) error { return s.prepare(tx, path) }); err != nil {
		_ = db.Close()
		return nil, err
	}
	go s.write()
	return s, nil
}

// prepare makes a new file ready, checks the format of an old one, and forgets the records that have expired.
func (s *Store) prepare(tx *bbolt.Tx, path string) error {
	meta, err := tx.CreateBucketIfNotExists([]byte(metaBucket))
	if err != nil {
		return err
	}
	if was := meta.Get([]byte(formatKey)); was == nil {
		err = meta.Put([]byte(formatKey), number(Format))
	} else if n := binary.BigEndian.Uint64(was); n != Format {
		return fmt.Errorf("%s has format %d, this Poligon reads and writes format %d; use the version that wrote it, or another file", path, n, Format)
	}
	if err != nil {
		return err
	}
	all, err := tx.CreateBucketIfNotExists([]byte(recordsBucket))
	if err != nil {
		return err
	}
	var over [][]byte
	err = all.ForEachBucket(func(name []byte) error {
		if b := all.Bucket(name).Get([]byte(untilKey)); b != nil && int64(binary.BigEndian.Uint64(b)) < s.now().UnixNano() { //nolint:gosec // written the same way
			over = append(over, append([]byte(nil), name...))
		}
		return nil
	})
	for _, name := range over {
		err = errors.Join(err, all.DeleteBucket(name))
	}
	return err
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// away says that an error keeps the store from its work.
func away(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: the file: %w", store.ErrAway, err)
}

// recordName is the name of a record's bucket.
func recordName(record string) []byte { return append([]byte{lead}, record...) }

func valueName(name string) []byte { return append([]byte{lead}, name...) }

// view looks at a record; nil when there is none.
func (s *Store) view(ctx context.Context, record string, look func(*bbolt.Bucket)) error {
	if err := ctx.Err(); err != nil {
		return away(err)
	}
	return away(s.db.View(func(tx *bbolt.Tx) error {
		look(tx.Bucket([]byte(recordsBucket)).Bucket(recordName(record)))
		return nil
	}))
}

// Read implements store.Store.
func (s *Store) Read(ctx context.Context, record string, keys ...store.Key) (v store.Version, values [][]byte, err error) {
	values = make([][]byte, len(keys))
	err = s.view(ctx, record, func(r *bbolt.Bucket) {
		if r == nil {
			return
		}
		v = store.Version(binary.BigEndian.Uint64(r.Get([]byte(versionKey))))
		for i, k := range keys {
			if t := r.Bucket(tableBucket(k.Table)); t != nil {
				values[i] = copied(t.Get(valueName(k.Name)))
			}
		}
	})
	return v, values, err
}

func copied(b []byte) []byte {
	if b == nil {
		return nil
	}
	return append([]byte{}, b...)
}

// chunk is how many values are read at a time, so that no look at the file lasts long.
const chunk = 256

// Scan implements store.Store.
func (s *Store) Scan(ctx context.Context, record string, t store.Table) iter.Seq2[store.Value, error] {
	return func(yield func(store.Value, error) bool) {
		for from := []byte{lead}; from != nil; {
			var list []store.Value
			err := s.view(ctx, record, func(r *bbolt.Bucket) { list, from = page(r, t, from) })
			if err != nil {
				yield(store.Value{}, err)
				return
			}
			for _, v := range list {
				if !yield(v, nil) {
					return
				}
			}
		}
	}
}

// page reads values from a name on, and says where to go on; nil for nowhere.
func page(r *bbolt.Bucket, t store.Table, from []byte) (list []store.Value, next []byte) {
	if r == nil {
		return nil, nil
	}
	table := r.Bucket(tableBucket(t))
	if table == nil {
		return nil, nil
	}
	c := table.Cursor()
	for name, data := c.Seek(from); name != nil; name, data = c.Next() {
		if len(list) == chunk {
			return list, copied(name)
		}
		list = append(list, store.Value{Key: store.Key{Table: t, Name: string(name[1:])}, Data: copied(data)})
	}
	return list, nil
}

// Count implements store.Store.
func (s *Store) Count(ctx context.Context, record string, t store.Table) (n int, err error) {
	err = s.view(ctx, record, func(r *bbolt.Bucket) {
		if r != nil {
			n = counted(r, t)
		}
	})
	return n, err
}

func counted(r *bbolt.Bucket, t store.Table) int {
	if b := r.Get(countKey(t)); b != nil {
		return int(binary.BigEndian.Uint64(b)) //nolint:gosec // written the same way
	}
	return 0
}

// Records implements store.Store.
func (s *Store) Records(ctx context.Context) (list []string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, away(err)
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(recordsBucket)).ForEachBucket(func(name []byte) error {
			list = append(list, string(name[1:]))
			return nil
		})
	})
	return list, away(err)
}

// Shared implements store.Store.
func (s *Store) Shared() bool { return false }

// trial is at most how many bytes Ready writes.
const trial = 1 << 20

// Ready implements store.Store. After a write that failed it tries to write as much: on a full disk a few bytes find room where many do not.
func (s *Store) Ready(context.Context) error {
	s.wrong.Lock()
	failed, size := s.failed, min(s.missed, trial)
	s.wrong.Unlock()
	if failed == nil {
		return nil
	}
	key := []byte("ready")
	err := s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(metaBucket)).Put(key, make([]byte, size)) })
	if err == nil {
		err = s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(metaBucket)).Delete(key) })
	}
	s.note(err, size)
	return away(err)
}

// note notes how a write of so many bytes ended.
func (s *Store) note(err error, size int) {
	s.wrong.Lock()
	defer s.wrong.Unlock()
	s.failed, s.missed = err, size
}

// Close implements store.Store.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.queue)
	s.mu.Unlock()
	<-s.ended
	err := s.db.Sync()
	return errors.Join(err, s.db.Close())
}
