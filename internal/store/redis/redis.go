// Package redis keeps records in Redis 7 or Valkey, one server or a cluster, so that several processes share them.
//
// A record is a hash for each of its tables and one for what it is at, all in one hash slot, for their names share a tag: poligon:{name}:….
// A commit is one script, which the server runs as a whole. How long what was committed lasts is the server's own affair: see its
// appendonly, appendfsync and min-replicas-to-write.
package redis

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"poligon/internal/store"
)

// Format is the version of the layout that this program writes and reads.
const Format = 1

// Store is a store.Store. Use Open.
type Store struct {
	client       redis.UniversalClient
	read, commit *redis.Script
	prefix       string
	origin       uint64 // of the versions that this process gives, in their upper bits
	count        atomic.Uint64
}

// Open connects to the servers that a URL names: see Parse.
func Open(ctx context.Context, url string) (*Store, error) {
	o, err := Parse(url)
	if err != nil {
		return nil, err
	}
	var origin [8]byte
	_, _ = rand.Read(origin[:]) // never fails
	s := &Store{client: o.client(), prefix: o.prefix, read: redis.NewScript(readScript), commit: redis.NewScript(commitScript),
		origin: binary.BigEndian.Uint64(origin[:])>>countBits<<countBits | 1<<countBits}
	if err := s.prepare(ctx); err != nil {
		_ = s.client.Close()
		return nil, err
	}
	return s, nil
}

// countBits are the bits of a version that count; those above tell processes apart.
const countBits = 32

// next is a version that was never given.
func (s *Store) next() store.Version { return store.Version(s.origin + s.count.Add(1)) }

// prepare checks the format of what is there.
func (s *Store) prepare(ctx context.Context) error {
	key := s.prefix + ":format"
	if err := s.client.SetNX(ctx, key, Format, 0).Err(); err != nil {
		return away(err)
	}
	was, err := s.client.Get(ctx, key).Int()
	if err != nil {
		return away(err)
	}
	if was != Format {
		return fmt.Errorf("the sessions below %q have format %d, this Poligon reads and writes format %d; use the version that wrote them, or another prefix", s.prefix, was, Format)
	}
	return nil
}

// away says that an error keeps the store from its work.
func away(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: redis: %w", store.ErrAway, err)
}

// keys are the names of a record's hashes: what it is at, and its tables.
func (s *Store) keys(record string) []string {
	tag := s.prefix + ":{" + record + "}:"
	keys := make([]string, 1, 1+int(store.Tables))
	keys[0] = tag + "m"
	for t := range store.Tables {
		keys = append(keys, tag+string('0'+byte(t)))
	}
	return keys
}

// index is the set of all records' names. It may have too many: whoever lists them looks whether they are there.
func (s *Store) index() string { return s.prefix + ":records" }

// readScript gives what a record is at and values of its tables, all of one moment. KEYS: its hashes. ARGV: a table and a name for each value.
const readScript = `
local out = {redis.call('HGET', KEYS[1], 'v')}
for i = 1, #ARGV, 2 do
  out[#out + 1] = redis.call('HGET', KEYS[2 + tonumber(ARGV[i])], ARGV[i + 1])
end
return out`

// commitScript makes a commit. KEYS: the record's hashes. ARGV: the version that it has to be at, the one it is at then, for how many
// milliseconds it is kept (0: for ever), how many tables are emptied, values taken out and put in, and then these: a table; a table and a name; a
// table, a name and data. It gives 1 when the commit was made, now or when the same was sent before, else 0.
//
// 'v' is what the record is at; 'r' are the last versions that it was at, so that a commit is known that is sent again because its answer was
// lost.
const commitScript = `
local at = redis.call('HMGET', KEYS[1], 'v', 'r', 'e')
local recent = at[2] or ','
if (at[1] or '0') ~= ARGV[1] then
  if string.find(recent, ',' .. ARGV[2] .. ',', 1, true) then return 1 end
  return 0
end
local keep, clears, drops, puts = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local i = 7
recent = recent .. ARGV[2] .. ','
if #recent > 700 then recent = string.sub(recent, string.find(recent, ',', #recent - 700, true), -1) end
redis.call('HSET', KEYS[1], 'v', ARGV[2], 'r', recent, 'e', keep)
for _ = 1, clears do
  redis.call('DEL', KEYS[2 + tonumber(ARGV[i])])
  i = i + 1
end
for _ = 1, drops do
  redis.call('HDEL', KEYS[2 + tonumber(ARGV[i])], ARGV[i + 1])
  i = i + 2
end
for _ = 1, puts do
  redis.call('HSET', KEYS[2 + tonumber(ARGV[i])], ARGV[i + 1], ARGV[i + 2])
  i = i + 3
end
if keep ~= '0' then
  for _, k in ipairs(KEYS) do redis.call('PEXPIRE', k, keep) end
elseif at[3] and at[3] ~= '0' then
  for _, k in ipairs(KEYS) do redis.call('PERSIST', k) end
end
return 1`

// Read implements store.Store.
func (s *Store) Read(ctx context.Context, record string, keys ...store.Key) (store.Version, [][]byte, error) {
	if len(keys) == 0 { // without a script, which costs as much again as the way there and back
		at, err := s.client.HGet(ctx, s.keys(record)[0], "v").Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return 0, nil, away(err)
		}
		v, err := version(record, at)
		return v, nil, err
	}
	args := make([]any, 0, 2*len(keys))
	for _, k := range keys {
		args = append(args, int(k.Table), k.Name)
	}
	list, err := s.read.Run(ctx, s.client, s.keys(record), args...).Slice()
	if err != nil {
		return 0, nil, away(err)
	}
	values := make([][]byte, len(keys))
	for i := range values {
		if text, ok := list[1+i].(string); ok {
			values[i] = []byte(text)
		}
	}
	at, _ := list[0].(string)
	v, err := version(record, at)
	return v, values, err
}

// version is what a record is at, as it is written; empty for none.
func version(record, at string) (store.Version, error) {
	if at == "" {
		return 0, nil
	}
	v, err := strconv.ParseUint(at, 10, 64)
	if err != nil {
		return 0, away(fmt.Errorf("the record %q is at %q, which is no version", record, at))
	}
	return store.Version(v), nil
}

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, record string, have store.Version, c store.Change) (store.Version, error) {
	next := s.next()
	args := make([]any, 0, 6+len(c.Clear)+2*len(c.Drop)+3*len(c.Put))
	args = append(args, strconv.FormatUint(uint64(have), 10), strconv.FormatUint(uint64(next), 10), keptFor(c.Keep), len(c.Clear), len(c.Drop), len(c.Put))
	for _, t := range c.Clear {
		args = append(args, int(t))
	}
	for _, k := range c.Drop {
		args = append(args, int(k.Table), k.Name)
	}
	for _, v := range c.Put {
		args = append(args, int(v.Table), v.Name, v.Data)
	}
	if have == 0 {
		if err := s.client.SAdd(ctx, s.index(), record).Err(); err != nil {
			return 0, away(err)
		}
	}
	made, err := s.commit.Run(ctx, s.client, s.keys(record), args...).Int()
	switch {
	case err != nil:
		return 0, away(err)
	case made == 0:
		return 0, store.ErrMoved
	case have == 0: // once more: who lists records may have taken the name out before the record was there
		if err := s.client.SAdd(ctx, s.index(), record).Err(); err != nil {
			return 0, away(err)
		}
	}
	return next, nil
}

// keptFor is a time in milliseconds, of a positive one at least 1.
func keptFor(d time.Duration) int64 {
	if d <= 0 {
		return 0
	}
	return max(d.Milliseconds(), 1)
}

// page is how many values a scan asks for at a time.
const page = 512

// Scan implements store.Store.
func (s *Store) Scan(ctx context.Context, record string, t store.Table) iter.Seq2[store.Value, error] {
	return func(yield func(store.Value, error) bool) {
		key, seen := s.keys(record)[1+t], map[string]bool{}
		for cursor := uint64(0); ; {
			list, next, err := s.client.HScan(ctx, key, cursor, "", page).Result()
			if err != nil {
				yield(store.Value{}, away(err))
				return
			}
			for i := 0; i+1 < len(list); i += 2 {
				if seen[list[i]] { // a hash that grows meanwhile may give one twice
					continue
				}
				seen[list[i]] = true
				if !yield(store.Value{Key: store.Key{Table: t, Name: list[i]}, Data: []byte(list[i+1])}, nil) {
					return
				}
			}
			if cursor = next; cursor == 0 {
				return
			}
		}
	}
}

// Count implements store.Store.
func (s *Store) Count(ctx context.Context, record string, t store.Table) (int, error) {
	n, err := s.client.HLen(ctx, s.keys(record)[1+t]).Result()
	return int(n), away(err)
}

// Delete implements store.Store.
func (s *Store) Delete(ctx context.Context, record string) error {
	if err := s.client.SRem(ctx, s.index(), record).Err(); err != nil {
		return away(err)
	}
	return away(s.client.Del(ctx, s.keys(record)...).Err())
}

// Records implements store.Store.
func (s *Store) Records(ctx context.Context) (list []string, err error) {
	names, err := s.client.SMembers(ctx, s.index()).Result()
	if err != nil {
		return nil, away(err)
	}
	there, err := s.exist(ctx, names)
	if err != nil {
		return nil, err
	}
	var lost []string
	for i, name := range names {
		if there[i] {
			list = append(list, name)
		} else {
			lost = append(lost, name)
		}
	}
	return list, s.mend(ctx, lost)
}

// exist says which records there are.
func (s *Store) exist(ctx context.Context, names []string) ([]bool, error) {
	if len(names) == 0 {
		return nil, nil
	}
	asked := make([]*redis.IntCmd, len(names))
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, name := range names {
			asked[i] = p.Exists(ctx, s.keys(name)[0])
		}
		return nil
	})
	if err != nil {
		return nil, away(err)
	}
	there := make([]bool, len(names))
	for i := range asked {
		there[i] = asked[i].Val() > 0
	}
	return there, nil
}

// mend takes names of records out of the index that have expired, and puts those back that were made meanwhile.
func (s *Store) mend(ctx context.Context, lost []string) error {
	if len(lost) == 0 {
		return nil
	}
	names := make([]any, len(lost))
	for i, name := range lost {
		names[i] = name
	}
	if err := s.client.SRem(ctx, s.index(), names...).Err(); err != nil {
		return away(err)
	}
	there, err := s.exist(ctx, lost)
	if err != nil {
		return err
	}
	for i, name := range lost {
		if there[i] {
			err = errors.Join(err, s.client.SAdd(ctx, s.index(), name).Err())
		}
	}
	return away(err)
}

// Shared implements store.Store.
func (s *Store) Shared() bool { return true }

// readiness is how long a write lasts that is made to see whether one can be.
const readiness = 10 * time.Second

// Ready implements store.Store: whether every master answers, and takes what is written.
func (s *Store) Ready(ctx context.Context) error {
	if cluster, ok := s.client.(*redis.ClusterClient); ok {
		if err := cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return node.Ping(ctx).Err() }); err != nil {
			return away(err)
		}
	}
	return away(s.client.Set(ctx, s.prefix+":ready", 1, readiness).Err())
}

// Close implements store.Store.
func (s *Store) Close() error { return s.client.Close() }
