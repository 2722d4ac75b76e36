// Package redis keeps records in Redis 7 or Valkey, one server or a cluster, so that several processes share them.
//
// A record is a hash for each of its tables and one for what it is at, all in one hash slot, for their names share a tag: poligon:{nNAME}:….
// A commit is one script, which the server runs as a whole. How long what was committed lasts is the server's own affair: see its
// appendonly, appendfsync and min-replicas-to-write.
package redis

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"iter"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"poligon/internal/store"
)

// Format is the version of the layout that this program writes and reads.
const Format = 1

// Store is a store.Store. Use Open.
type Store struct {
	client                         redis.UniversalClient
	read, commit, announce, forget *redis.Script
	prefix                         string
	origin                         uint64     // of the versions that this process gives, in their upper bits
	who                            string     // this process, in records
	queue                          chan *sent // commits that are sent together; nil where each is sent by itself
	ended                          sync.WaitGroup
	life                           context.Context
	end                            context.CancelFunc
	count                          atomic.Uint64
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
		announce: redis.NewScript(announceScript), forget: redis.NewScript(mendScript),
		origin: binary.BigEndian.Uint64(origin[:])>>countBits<<countBits | 1<<countBits}
	s.who = "p" + strconv.FormatUint(s.origin>>countBits, 36)
	s.life, s.end = context.WithCancel(context.Background())
	if o.cluster == nil {
		s.sendTogether()
	}
	if err := s.prepare(ctx); err != nil {
		_ = s.Close()
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

// lead stands before a record's name in the tag of its keys: a cluster takes an empty tag, {}, for none.
const lead = 'n'

// keys are the names of a record's hashes: what it is at, and its tables.
func (s *Store) keys(record string) []string {
	tag := s.prefix + ":{" + string(lead) + record + "}:"
	keys := make([]string, 1, 1+int(store.Tables))
	keys[0] = tag + "m"
	for t := range store.Tables {
		keys = append(keys, tag+string('0'+byte(t)))
	}
	return keys
}

// index is the sorted set of all records' names, by the server's time in milliseconds when they were announced, which is before they are made.
// It may have too many: whoever lists them looks whether they are there. A name goes out of it when the record is not there and grace has
// passed since it was announced, so that none is missed, whoever ends in the middle of whatever.
func (s *Store) index() string { return s.prefix + ":records" }

// grace is how long a record may take to be made after it was announced; much longer than any wait for an answer.
const grace = 5 * time.Minute

// now is the server's time, in milliseconds since 1970.
const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

// announceScript puts a name into the index. KEYS: the index. ARGV: the name.
const announceScript = now + `return redis.call('ZADD', KEYS[1], now, ARGV[1])`

// mendScript takes names out of the index that were announced long ago. KEYS: the index. ARGV: grace in milliseconds, names.
const mendScript = now + `
for i = 2, #ARGV do
  local at = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if at and tonumber(at) < now - tonumber(ARGV[1]) then redis.call('ZREM', KEYS[1], ARGV[i]) end
end
return 0`

// readScript gives what a record is at and values of its tables, all of one moment. KEYS: its hashes. ARGV: a table and a name for each value.
const readScript = `
local out = {redis.call('HGET', KEYS[1], 'v')}
for i = 1, #ARGV, 2 do
  out[#out + 1] = redis.call('HGET', KEYS[2 + tonumber(ARGV[i])], ARGV[i + 1])
end
return out`

// commitScript makes a commit. KEYS: the record's hashes. ARGV: the version that it has to be at, the one it is at then, who commits, for how
// many milliseconds it is kept (0: for ever), how many tables are emptied, values taken out and put in, and then these: a table; a table and a
// name; a table, a name and data. It gives 1 when the commit was made, now or when the same was sent before, else 0.
//
// 'v' is what the record is at; 'e' for how long it is kept; and by the name of each process its last commit, so that one is known that is sent
// again because its answer was lost: a process sends the next only when it knows what became of the last.
const commitScript = `
local call, m, next, who = redis.call, KEYS[1], ARGV[2], ARGV[3]
local at = call('HMGET', m, 'v', who, 'e')
if (at[1] or '0') ~= ARGV[1] then
  if at[2] == next then return 1 end
  return 0
end
local keep, clears, drops, puts = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
if not at[2] and call('HLEN', m) > 64 then call('DEL', m) end
call('HSET', m, 'v', next, who, next, 'e', keep)
local i = 8
for _ = 1, clears do
  call('UNLINK', KEYS[2 + ARGV[i]])
  i = i + 1
end
for _ = 1, drops do
  call('HDEL', KEYS[2 + ARGV[i]], ARGV[i + 1])
  i = i + 2
end
for _ = 1, puts do
  call('HSET', KEYS[2 + ARGV[i]], ARGV[i + 1], ARGV[i + 2])
  i = i + 3
end
if keep ~= '0' then
  for _, k in ipairs(KEYS) do call('PEXPIRE', k, keep) end
elseif at[3] and at[3] ~= '0' then
  for _, k in ipairs(KEYS) do call('PERSIST', k) end
end
return 1`

// Read implements store.Store.
func (s *Store) Read(ctx context.Context, record string, keys ...store.Key) (store.Version, [][]byte, error) {
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
	if at == "" {
		return 0, values, nil
	}
	v, err := strconv.ParseUint(at, 10, 64)
	if err != nil {
		return 0, nil, away(fmt.Errorf("the record %q is at %q, which is no version", record, at))
	}
	return store.Version(v), values, nil
}

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, record string, have store.Version, c store.Change) (store.Version, error) {
	next := s.next()
	args := make([]any, 0, 7+len(c.Clear)+2*len(c.Drop)+3*len(c.Put))
	args = append(args, strconv.FormatUint(uint64(have), 10), strconv.FormatUint(uint64(next), 10), s.who, keptFor(c.Keep), len(c.Clear), len(c.Drop), len(c.Put))
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
		if err := s.announce.Run(ctx, s.client, []string{s.index()}, record).Err(); err != nil {
			return 0, away(err)
		}
	}
	made, err := s.run(ctx, s.keys(record), args)
	switch {
	case err != nil:
		return 0, away(err)
	case made == 0:
		return 0, store.ErrMoved
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

// Delete implements store.Store. The name stays in the index until who lists records takes it out.
func (s *Store) Delete(ctx context.Context, record string) error {
	return away(s.client.Unlink(ctx, s.keys(record)...).Err())
}

// Records implements store.Store.
func (s *Store) Records(ctx context.Context) (list []string, err error) {
	names, err := s.client.ZRange(ctx, s.index(), 0, -1).Result()
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

// mend takes names of records out of the index that have expired or were deleted.
func (s *Store) mend(ctx context.Context, lost []string) error {
	if len(lost) == 0 {
		return nil
	}
	args := make([]any, 1, 1+len(lost))
	args[0] = grace.Milliseconds()
	for _, name := range lost {
		args = append(args, name)
	}
	return away(s.forget.Run(ctx, s.client, []string{s.index()}, args...).Err())
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
func (s *Store) Close() error {
	s.end()
	s.ended.Wait()
	return s.client.Close()
}
