// Package storetest has the conformance suites: Run is what every store.Store must pass, RunLog what every sim.Log must.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"poligon/internal/store"
)

// Run checks the stores that open returns, an empty one each time. Whoever opens one has it closed.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for name, check := range map[string]func(*testing.T, store.Store){
		"an unknown record is empty":                    unknown,
		"a record is made once":                         create,
		"a stale version commits nothing":               stale,
		"no version comes again":                        again,
		"a change clears, drops and puts in this order": order,
		"what a change does not name stays":             stays,
		"empty data is not none":                        empty,
		"names and values are any bytes":                binary,
		"a value of 5 MB":                               big,
		"a commit of 100,000 subjects":                  many,
		"data is the store's own":                       own,
		"records are apart":                             apart,
		"a record is deleted as a whole":                deleted,
		"a scan may end early":                          early,
		"exactly one of many equal commits wins":        race,
		"exactly one of many makes a record":            raceToCreate,
		"many deciders lose nothing":                    deciders,
		"what is read is of one moment":                 moment,
		"an ended context changes nothing":              ended,
		"behaves as the plain one":                      model,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); check(t, open(t)) })
	}
}

const record = "session"

func head(name string) store.Key    { return store.Key{Table: store.Head, Name: name} }
func subject(name string) store.Key { return store.Key{Table: store.Subjects, Name: name} }

func put(k store.Key, data string) store.Change {
	return store.Change{Put: []store.Value{{Key: k, Data: []byte(data)}}}
}

// commit makes a commit that must succeed.
func commit(t *testing.T, s store.Store, record string, have store.Version, c store.Change) store.Version {
	t.Helper()
	v, err := s.Commit(t.Context(), record, have, c)
	if err != nil || v == 0 || v == have {
		t.Fatalf("commit at %d: version %d, %v", have, v, err)
	}
	return v
}

// read reads values that must be as wanted, "-" for none, at a version.
func read(t *testing.T, s store.Store, record string, at store.Version, want map[store.Key]string) {
	t.Helper()
	keys := slices.Collect(maps.Keys(want))
	v, values, err := s.Read(t.Context(), record, keys...)
	if err != nil || v != at || len(values) != len(keys) {
		t.Fatalf("read: version %d, %d values, %v; want version %d", v, len(values), err, at)
	}
	for i, k := range keys {
		if got := shown(values[i]); got != want[k] {
			t.Errorf("%v is %.100q, want %.100q", k, got, want[k])
		}
	}
}

func shown(data []byte) string {
	if data == nil {
		return "-"
	}
	return string(data)
}

// tester is a *testing.T or a *rapid.T.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

// table are the values of a table: what Scan yields, of which Count gives the number.
func table(t tester, s store.Store, record string, of store.Table) map[string]string {
	t.Helper()
	all := map[string]string{}
	for v, err := range s.Scan(context.Background(), record, of) {
		if err != nil {
			t.Fatalf("scan: %v", err)
		}
		if _, twice := all[v.Name]; twice || v.Table != of || v.Data == nil {
			t.Fatalf("scan of table %d: %v (again: %v, without data: %v)", of, v.Key, twice, v.Data == nil)
		}
		all[v.Name] = string(v.Data)
	}
	if n, err := s.Count(context.Background(), record, of); err != nil || n != len(all) {
		t.Fatalf("count: %d, %v; a scan yields %d", n, err, len(all))
	}
	return all
}

func unknown(t *testing.T, s store.Store) {
	read(t, s, record, 0, map[store.Key]string{head("a"): "-", subject("b"): "-"})
	if v, values, err := s.Read(t.Context(), record); v != 0 || len(values) != 0 || err != nil {
		t.Errorf("read of nothing: %d, %v, %v", v, values, err)
	}
	for of := range store.Tables {
		if all := table(t, s, record, of); len(all) != 0 {
			t.Errorf("table %d has %v", of, all)
		}
	}
	if err := s.Delete(t.Context(), record); err != nil {
		t.Errorf("delete: %v", err)
	}
	if list, err := s.Records(t.Context()); len(list) != 0 || err != nil {
		t.Errorf("records: %v, %v", list, err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("ready: %v", err)
	}
}

func create(t *testing.T, s store.Store) {
	v := commit(t, s, record, 0, put(head("a"), "1"))
	read(t, s, record, v, map[store.Key]string{head("a"): "1", head("b"): "-", subject("a"): "-"})
	if _, err := s.Commit(t.Context(), record, 0, put(head("a"), "2")); !errors.Is(err, store.ErrMoved) {
		t.Errorf("made twice: %v", err)
	}
	read(t, s, record, v, map[store.Key]string{head("a"): "1"})
	empty := commit(t, s, "nothing", 0, store.Change{})
	read(t, s, "nothing", empty, map[store.Key]string{head("a"): "-"})
	if list, err := s.Records(t.Context()); err != nil || !slices.Equal(sorted(list), []string{"nothing", record}) {
		t.Errorf("records: %q, %v", list, err)
	}
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// refused checks that commits for versions are refused and that nothing of them was made.
func refused(t *testing.T, s store.Store, at store.Version, versions ...store.Version) {
	t.Helper()
	for _, v := range versions {
		c := store.Change{Clear: []store.Table{store.Subjects}, Drop: []store.Key{head("a")}, Put: []store.Value{{Key: head("new"), Data: []byte("new")}}}
		if got, err := s.Commit(t.Context(), record, v, c); !errors.Is(err, store.ErrMoved) || got != 0 {
			t.Errorf("commit for %d of a record at %d: %d, %v", v, at, got, err)
		}
	}
	read(t, s, record, at, map[store.Key]string{head("new"): "-"})
}

func stale(t *testing.T, s store.Store) {
	versions := []store.Version{0}
	refused(t, s, 0, 1, ^store.Version(0)) // of a record that there is not
	for range 50 {
		versions = append(versions, commit(t, s, record, versions[len(versions)-1], store.Change{Put: []store.Value{{Key: head("a")}, {Key: subject("s")}}}))
	}
	at := versions[len(versions)-1]
	refused(t, s, at, versions[:len(versions)-1]...)
	refused(t, s, at, at+1, at-1, ^store.Version(0))
	read(t, s, record, at, map[store.Key]string{head("a"): "", subject("s"): ""})
}

func again(t *testing.T, s store.Store) {
	var versions []store.Version
	for range 3 {
		at := store.Version(0)
		for range 5 {
			at = commit(t, s, record, at, put(head("a"), "1"))
			if slices.Contains(versions, at) {
				t.Fatalf("version %d is given twice", at)
			}
			refused(t, s, at, versions...)
			versions = append(versions, at)
		}
		if err := s.Delete(t.Context(), record); err != nil {
			t.Fatal(err)
		}
		refused(t, s, 0, versions...)
	}
}

func order(t *testing.T, s store.Store) {
	at := commit(t, s, record, 0, store.Change{Put: []store.Value{{Key: head("a"), Data: []byte("1")}, {Key: head("b"), Data: []byte("1")}, {Key: subject("a"), Data: []byte("1")}, {Key: subject("b"), Data: []byte("1")}}})
	at = commit(t, s, record, at, store.Change{
		Put:  []store.Value{{Key: subject("a"), Data: []byte("2")}, {Key: head("a"), Data: []byte("2")}, {Key: head("c"), Data: []byte("2")}, {Key: head("c"), Data: []byte("3")}},
		Drop: []store.Key{head("a"), head("c"), subject("b"), {Table: store.Journal, Name: "none"}}, Clear: []store.Table{store.Subjects, store.Journal, store.Subjects},
	})
	read(t, s, record, at, map[store.Key]string{head("a"): "2", head("b"): "1", head("c"): "3", subject("a"): "2", subject("b"): "-"})
	if all := table(t, s, record, store.Subjects); len(all) != 1 {
		t.Errorf("subjects: %v", all)
	}
	if all := table(t, s, record, store.Head); len(all) != 3 {
		t.Errorf("head: %v", all)
	}
}

func stays(t *testing.T, s store.Store) {
	at := commit(t, s, record, 0, store.Change{Put: []store.Value{{Key: head("a"), Data: []byte("1")}, {Key: subject("a"), Data: []byte("1")}, {Key: store.Key{Table: store.Journal, Name: store.Place(1)}, Data: []byte("1")}}})
	at = commit(t, s, record, at, store.Change{Clear: []store.Table{store.Journal}})
	at = commit(t, s, record, at, store.Change{Drop: []store.Key{head("a"), head("a")}})
	at = commit(t, s, record, at, store.Change{})
	read(t, s, record, at, map[store.Key]string{head("a"): "-", subject("a"): "1", {Table: store.Journal, Name: store.Place(1)}: "-"})
	for of, want := range []int{0, 1, 0} {
		if all := table(t, s, record, store.Table(of)); len(all) != want {
			t.Errorf("table %d: %v", of, all)
		}
	}
}

func empty(t *testing.T, s store.Store) {
	at := commit(t, s, record, 0, store.Change{Put: []store.Value{{Key: head("nil")}, {Key: head("empty"), Data: []byte{}}, {Key: subject("")}}})
	read(t, s, record, at, map[store.Key]string{head("nil"): "", head("empty"): "", subject(""): "", head(""): "-"})
	if all := table(t, s, record, store.Subjects); len(all) != 1 {
		t.Errorf("subjects: %v", all)
	}
}

func binary(t *testing.T, s store.Store) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	names := []string{"", "\x00", "\x00\x00", "\xff", "a", "a\x00", "a\x00b", "\r\n", "n", "v", string(every), store.Place(0), store.Place(1 << 63), strings.Repeat("long", 1000)}
	var c store.Change
	want := map[store.Key]string{}
	for of := range store.Tables {
		for _, name := range names {
			k := store.Key{Table: of, Name: name}
			want[k] = string(rune('0'+of)) + string(every) + name
			c.Put = append(c.Put, store.Value{Key: k, Data: []byte(want[k])})
		}
	}
	at := commit(t, s, record, 0, c)
	read(t, s, record, at, want)
	for of := range store.Tables {
		all := table(t, s, record, of)
		if len(all) != len(names) {
			t.Errorf("table %d has %d values, want %d", of, len(all), len(names))
		}
		for name, data := range all {
			if want[store.Key{Table: of, Name: name}] != data {
				t.Errorf("table %d: %.50q is %.50q", of, name, data)
			}
		}
	}
	for i, name := range names {
		at = commit(t, s, record, at, store.Change{Drop: []store.Key{subject(name)}})
		if all := table(t, s, record, store.Subjects); len(all) != len(names)-1-i {
			t.Errorf("without %q there are %d subjects", name, len(all))
		}
	}
}

func big(t *testing.T, s store.Store) {
	data := bytes.Repeat([]byte("0123456789abcde\n"), 5<<20/16)
	at := commit(t, s, record, 0, store.Change{Put: []store.Value{{Key: subject("big"), Data: data}, {Key: head("a"), Data: []byte("1")}}})
	read(t, s, record, at, map[store.Key]string{subject("big"): string(data), head("a"): "1"})
	if all := table(t, s, record, store.Subjects); all["big"] != string(data) {
		t.Errorf("a scan gives %d bytes", len(all["big"]))
	}
	at = commit(t, s, record, at, put(subject("big"), "small"))
	read(t, s, record, at, map[store.Key]string{subject("big"): "small", head("a"): "1"})
}

func many(t *testing.T, s store.Store) {
	const n = 100_000
	c := store.Change{Put: make([]store.Value, n)}
	for i := range c.Put {
		name := "osago\x00" + store.Place(uint64(i*7919%n)) // in no order
		c.Put[i] = store.Value{Key: subject(name), Data: []byte("events of " + name)}
	}
	at := commit(t, s, record, 0, c)
	all := table(t, s, record, store.Subjects)
	if len(all) != n {
		t.Fatalf("%d subjects", len(all))
	}
	for _, v := range c.Put {
		if all[v.Name] != string(v.Data) {
			t.Fatalf("%q is %q", v.Name, all[v.Name])
		}
	}
	drop := store.Change{Drop: make([]store.Key, 0, n/2)}
	for _, v := range c.Put[:n/2] {
		drop.Drop = append(drop.Drop, v.Key)
	}
	at = commit(t, s, record, at, drop)
	if all := table(t, s, record, store.Subjects); len(all) != n/2 {
		t.Errorf("%d subjects after half are dropped", len(all))
	}
	commit(t, s, record, at, store.Change{Clear: []store.Table{store.Subjects}})
	if all := table(t, s, record, store.Subjects); len(all) != 0 {
		t.Errorf("%d subjects after all are cleared", len(all))
	}
}

func own(t *testing.T, s store.Store) {
	data := []byte("before")
	at := commit(t, s, record, 0, store.Change{Put: []store.Value{{Key: head("a"), Data: data}}})
	copy(data, "after!")
	_, values, err := s.Read(t.Context(), record, head("a"))
	if err != nil || string(values[0]) != "before" {
		t.Fatalf("%q, %v", values[0], err)
	}
	commit(t, s, record, at, put(head("a"), "later"))
	if string(values[0]) != "before" {
		t.Errorf("what was read became %q", values[0])
	}
}

func apart(t *testing.T, s store.Store) {
	names := []string{"", "}", "{", "{}", "a", "ab", "a:b", "a}b", "{a}", "a{b}c", "\x00\xff", "имя"}
	versions := map[string]store.Version{}
	for _, name := range names {
		versions[name] = commit(t, s, name, 0, put(head("name"), name))
	}
	if list, err := s.Records(t.Context()); err != nil || !slices.Equal(sorted(list), sorted(names)) {
		t.Errorf("records: %q, %v", list, err)
	}
	versions["a"] = commit(t, s, "a", versions["a"], store.Change{Clear: []store.Table{store.Head}, Put: []store.Value{{Key: head("name"), Data: []byte("a")}}})
	for _, name := range names {
		read(t, s, name, versions[name], map[store.Key]string{head("name"): name})
		for _, other := range names {
			if _, err := s.Commit(t.Context(), name, versions[other], store.Change{}); other != name && !errors.Is(err, store.ErrMoved) {
				t.Errorf("%q is at %d and takes %q's %d: %v", name, versions[name], other, versions[other], err)
			}
		}
	}
}

func deleted(t *testing.T, s store.Store) {
	commit(t, s, "other", 0, put(head("a"), "1"))
	at := commit(t, s, record, 0, store.Change{Put: []store.Value{{Key: head("a")}, {Key: subject("a")}, {Key: store.Key{Table: store.Journal, Name: "a"}}}})
	for range 2 {
		if err := s.Delete(t.Context(), record); err != nil {
			t.Fatal(err)
		}
		read(t, s, record, 0, map[store.Key]string{head("a"): "-", subject("a"): "-"})
		for of := range store.Tables {
			if all := table(t, s, record, of); len(all) != 0 {
				t.Errorf("table %d: %v", of, all)
			}
		}
		if list, err := s.Records(t.Context()); err != nil || !slices.Equal(list, []string{"other"}) {
			t.Errorf("records: %q, %v", list, err)
		}
	}
	if _, err := s.Commit(t.Context(), record, at, store.Change{}); !errors.Is(err, store.ErrMoved) {
		t.Errorf("committed to a deleted record: %v", err)
	}
	at = commit(t, s, record, 0, put(head("b"), "2"))
	read(t, s, record, at, map[store.Key]string{head("a"): "-", head("b"): "2", subject("a"): "-"})
}

func early(t *testing.T, s store.Store) {
	var c store.Change
	for i := range uint64(3000) {
		c.Put = append(c.Put, store.Value{Key: store.Key{Table: store.Journal, Name: store.Place(i)}, Data: []byte("exchange")})
	}
	at := commit(t, s, record, 0, c)
	for _, want := range []int{1, 2, 700, 3000} {
		seen := 0
		for _, err := range s.Scan(t.Context(), record, store.Journal) {
			if err != nil {
				t.Fatal(err)
			}
			if seen++; seen == want {
				break
			}
		}
		if seen != want {
			t.Errorf("%d seen, want %d", seen, want)
		}
	}
	for v, err := range s.Scan(t.Context(), record, store.Journal) { // a store that is scanned goes on
		if err != nil {
			t.Fatal(err)
		}
		at = commit(t, s, record, at, store.Change{Drop: []store.Key{v.Key}})
		if v.Name > store.Place(2950) {
			break
		}
		if n, err := s.Count(t.Context(), record, store.Journal); err != nil || n < 2900 {
			break
		}
	}
}
