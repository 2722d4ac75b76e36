package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"poligon/internal/store"
	"poligon/internal/store/redistest"
)

var key = store.Key{Table: store.Subjects, Name: "a"}

func value(data string) store.Change {
	return store.Change{Put: []store.Value{{Key: key, Data: []byte(data)}}}
}

// made commits, and reads what was committed.
func made(t *testing.T, s store.Store, have store.Version, data string) store.Version {
	t.Helper()
	at, err := s.Commit(context.Background(), "r", have, value(data))
	if err != nil {
		t.Fatal(err)
	}
	holds(t, s, at, data)
	return at
}

func holds(t *testing.T, s store.Store, at store.Version, data string) {
	t.Helper()
	v, values, err := s.Read(context.Background(), "r", key)
	if err != nil || v != at || string(values[0]) != data {
		t.Errorf("at %d is %q, %v; want %q at %d", v, values[0], err, data, at)
	}
}

// isAway has every operation fail with ErrAway.
func isAway(t *testing.T, s store.Store, at store.Version) {
	t.Helper()
	ctx := context.Background()
	_, _, readErr := s.Read(ctx, "r", key)
	_, commitErr := s.Commit(ctx, "r", at, value("lost"))
	_, countErr := s.Count(ctx, "r", store.Head)
	var scanErr error
	for _, scanErr = range s.Scan(ctx, "r", store.Head) {
	}
	_, recordsErr := s.Records(ctx)
	for what, err := range map[string]error{"read": readErr, "commit": commitErr, "count": countErr, "scan": scanErr, "records": recordsErr, "delete": s.Delete(ctx, "r"), "ready": s.Ready(ctx)} {
		if !errors.Is(err, store.ErrAway) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestServerKilledAndBack(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{Appends: true})
	s := opened(t, server.URL()+"?prefix=p")
	at := made(t, s, 0, "kept")
	server.Kill()
	isAway(t, s, at)
	server.Restart()
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("ready: %v", err)
	}
	holds(t, s, at, "kept")
	made(t, s, at, "on") // its scripts are gone with the process that had them
}

func TestServerHangs(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	s := opened(t, server.URL()+"?read_timeout=200ms&prefix=p")
	at := made(t, s, 0, "before")
	server.Freeze()
	_, err := s.Commit(t.Context(), "r", at, value("unknown"))
	if !errors.Is(err, store.ErrAway) {
		t.Errorf("commit: %v", err)
	}
	if err := s.Ready(t.Context()); !errors.Is(err, store.ErrAway) {
		t.Errorf("ready: %v", err)
	}
	server.Thaw()
	v, values, err := s.Read(t.Context(), "r", key)
	if err != nil || (v == at) != (string(values[0]) == "before") { // whole or not at all
		t.Errorf("at %d is %q, %v", v, values, err)
	}
	made(t, s, v, "after")
}

func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{Memory: "8mb"})
	s := opened(t, server.URL()+"?prefix=p")
	at := made(t, s, 0, "first")
	big := store.Value{Key: store.Key{Table: store.Journal}, Data: make([]byte, 500_000)}
	for n := uint64(0); ; n++ {
		big.Name = store.Place(n)
		next, err := s.Commit(t.Context(), "r", at, store.Change{Drop: []store.Key{key}, Put: []store.Value{big, value(fmt.Sprint(n)).Put[0]}})
		if err != nil {
			if !errors.Is(err, store.ErrAway) || !strings.Contains(err.Error(), "OOM") {
				t.Fatalf("commit: %v", err)
			}
			holds(t, s, at, fmt.Sprint(n-1))
			break
		}
		if at = next; n > 100 {
			t.Fatal("memory does not fill")
		}
	}
	server.Do("CONFIG", "SET", "maxmemory", "1mb")
	if err := s.Ready(t.Context()); !errors.Is(err, store.ErrAway) {
		t.Errorf("ready: %v", err)
	}
	server.Do("CONFIG", "SET", "maxmemory", "100mb")
	made(t, s, at, "room")
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	first, second := redistest.Start(t, redistest.Options{}), redistest.Start(t, redistest.Options{})
	s := opened(t, first.URL()+"?prefix=p")
	at := made(t, s, 0, "before")
	host, port, _ := strings.Cut(second.Address(), ":")
	first.Do("CONFIG", "SET", "replica-serve-stale-data", "yes")
	first.Do("REPLICAOF", host, port)
	if _, err := s.Commit(t.Context(), "r", at, value("lost")); !errors.Is(err, store.ErrAway) {
		t.Errorf("commit: %v", err)
	}
	if err := s.Ready(t.Context()); !errors.Is(err, store.ErrAway) {
		t.Errorf("ready: %v", err)
	}
	first.Do("REPLICAOF", "NO", "ONE")
	v, _, err := s.Read(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	made(t, s, v, "after")
}

// One node of a cluster is killed: its replica takes over, and no record is lost.
func TestFailover(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t)
	cluster.AddReplicas()
	s := opened(t, cluster.URL()+"&prefix=p")
	versions := map[string]store.Version{}
	for i := range 30 {
		name := fmt.Sprint(i)
		v, err := s.Commit(t.Context(), name, 0, value(name))
		if err != nil {
			t.Fatal(err)
		}
		versions[name] = v
	}
	// Replication is not awaited by a commit: what is not with the replica yet would be lost.
	cluster.Nodes[1].Do("WAIT", 1, 5000)
	cluster.Nodes[1].Kill()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for name := range versions {
		for {
			v, err := s.Commit(ctx, name, versions[name], value("new"))
			if err == nil {
				versions[name] = v
				break
			}
			if !errors.Is(err, store.ErrAway) {
				t.Fatalf("record %s: %v", name, err)
			}
			if ctx.Err() != nil {
				t.Fatalf("nobody takes over: %v", err)
			}
			<-time.After(100 * time.Millisecond)
		}
	}
	list, err := s.Records(t.Context())
	if err != nil || len(list) != len(versions) {
		t.Errorf("%d records, %v", len(list), err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	secret, safe := redistest.Start(t, redistest.Options{Password: "s3cret"}), redistest.Start(t, redistest.Options{TLS: true})
	newer := redistest.Start(t, redistest.Options{})
	newer.Do("SET", "p:format", 99)
	down := redistest.Start(t, redistest.Options{})
	down.Stop()
	for _, c := range []struct {
		name, url, want string
		away            bool
	}{
		{"no password", "redis://" + secret.Address(), "NOAUTH", true},
		{"wrong password", "redis://:wrong@" + secret.Address(), "WRONGPASS", true},
		{"nobody there", down.URL(), "refused", true},
		{"nobody there of a cluster", down.URL() + "?cluster=true", "refused", true},
		{"no cluster", newer.URL() + "?cluster=true", "cluster", true},
		{"an unknown certificate", "rediss://" + safe.Address() + "?dial_timeout=20s", "certificate", true},
		{"a newer format", newer.URL() + "?prefix=p", "format 99", false},
		{"no URL", "redis://:secret@host:a b", "no URL", false},
		{"another scheme", "http://host", "scheme", false},
		{"an unknown option", newer.URL() + "?no_such=1", "no_such", false},
		{"braces in the prefix", newer.URL() + "?prefix={a", "braces", false},
	} {
		s, err := Open(t.Context(), c.url)
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, store.ErrAway) != c.away || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	s := opened(t, server.URL()+"?prefix=p")
	c := server.Client()
	defer func() { _ = c.Close() }()
	change := value("x")
	change.Keep = time.Hour
	at, err := s.Commit(t.Context(), "r", 0, change)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := c.Keys(t.Context(), "p:{*").Result()
	if err != nil || len(keys) != 2 {
		t.Fatalf("keys %q, %v", keys, err)
	}
	for _, k := range keys {
		if left := c.PTTL(t.Context(), k).Val(); left <= 59*time.Minute || left > time.Hour {
			t.Errorf("%s is kept for %v", k, left)
		}
	}
	at = made(t, s, at, "for ever")
	for _, k := range keys {
		if left := c.PTTL(t.Context(), k).Val(); left != -1 {
			t.Errorf("%s is kept for %v", k, left)
		}
	}
	change.Keep = time.Millisecond
	if _, err = s.Commit(t.Context(), "r", at, change); err != nil {
		t.Fatal(err)
	}
	for c.Exists(t.Context(), keys...).Val() > 0 {
	}
	if list, err := s.Records(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("records %q, %v", list, err)
	}
	made(t, s, 0, "again")
}

// Names of records that are not there leave the index, but not before they had time to be made.
func TestIndexHeals(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	s := opened(t, server.URL()+"?prefix=p")
	c := server.Client()
	defer func() { _ = c.Close() }()
	made(t, s, 0, "x")
	old := float64(time.Now().Add(-time.Hour).UnixMilli())
	for _, z := range []goredis.Z{{Score: old, Member: "long gone"}, {Score: float64(time.Now().UnixMilli()), Member: "about to be"}, {Score: old, Member: "r"}} {
		if err := c.ZAdd(t.Context(), "p:records", z).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := s.Records(t.Context()); err != nil || !slices.Equal(list, []string{"r"}) {
		t.Errorf("records %q, %v", list, err)
	}
	names, err := c.ZRange(t.Context(), "p:records", 0, -1).Result()
	if err != nil || len(names) != 2 || !slices.Contains(names, "r") || !slices.Contains(names, "about to be") {
		t.Errorf("the index has %q, %v", names, err)
	}
}

// sendTwice has a client send a commit again, as it does when the answer to the first was lost.
type sendTwice struct{}

func (sendTwice) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (sendTwice) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		if err := next(ctx, cmds); err != nil {
			return err
		}
		return next(ctx, cmds)
	}
}

func (sendTwice) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		if err := next(ctx, cmd); err != nil {
			return err
		}
		return next(ctx, cmd)
	}
}

func TestCommitSentTwiceIsMadeOnce(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	s := opened(t, server.URL()+"?prefix=p")
	s.client.AddHook(sendTwice{})
	at := store.Version(0)
	for i := range 100 {
		at = made(t, s, at, fmt.Sprint(i))
	}
	if _, err := s.Commit(t.Context(), "r", 0, value("lost")); !errors.Is(err, store.ErrMoved) {
		t.Errorf("a stale commit sent twice: %v", err)
	}
}
